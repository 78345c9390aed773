//! The SQL of the entries of what ends: the loans of kits, and the conventions.

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::scopes::{Boxed, Days, Scopes, columns_of};
use crate::conventions::agreements::model::ConventionStatus;
use crate::db::schema::{conventions, reservations};
use crate::db::{Id, IsAmong};
use crate::lending::reservations::model::ReservationStatus;
use crate::territories::{CommuneCode, TerritoryKind};

/// A loan: itself, service, day, kit, borrowing organisation, commune.
pub(in crate::agenda) type LoanColumns = (Id, Id, NaiveDate, Id, Option<Id>, CommuneCode);
/// A convention: itself, service, last day, kind and code of the local authority.
pub(in crate::agenda) type ConventionColumns = (Id, Id, NaiveDate, TerritoryKind, String);

columns_of! {
    /// What an entry shows of a loan.
    LOAN = reservations::id, reservations::service_id, reservations::due_on, reservations::kit_id,
        reservations::organisation_id, reservations::commune_code
}

columns_of! {
    /// What an entry shows of a convention.
    CONVENTION = conventions::id, conventions::service_id, conventions::ends_on, conventions::collectivity_kind,
        conventions::collectivity_code
}

/// The kits that are due in the period, or before it.
pub(super) fn loans_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, reservations::table> {
    reservations::table
        .filter(reservations::service_id.among(scopes.loans.ids()))
        .filter(reservations::status.eq(ReservationStatus::OnLoan))
        .filter(reservations::due_on.between(days.first(), days.to))
        .into_boxed()
}

/// The convention that follows another one.
mod renewal {
    #![allow(missing_docs, reason = "diesel's macro writes the items")]

    use crate::db::schema::conventions;

    diesel::alias!(conventions as following: Following);
}

use renewal::following;

/// The signed conventions that end in the period and that no convention renews: see `listExpiringConventions`.
pub(super) fn conventions_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, conventions::table> {
    let renewal = following
        .filter(following.field(conventions::renews_id).eq(conventions::id.nullable()))
        .filter(following.field(conventions::status).ne(ConventionStatus::Declined));
    conventions::table
        .filter(conventions::service_id.among(scopes.conventions.ids()))
        .filter(conventions::status.among(&[ConventionStatus::Signed, ConventionStatus::Suspended]))
        .filter(conventions::ends_on.between(days.from, days.to))
        .filter(not(exists(renewal)))
        .into_boxed()
}
