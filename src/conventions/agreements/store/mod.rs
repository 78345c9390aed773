//! The SQL of conventions: the rows themselves.

pub mod history;
pub mod pages;
pub mod parts;
pub mod years;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::model::ConventionStatus;
use crate::auth::ServiceScope;
use crate::db::schema::{convention_events, convention_suspensions, convention_terms, convention_years, conventions};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes, write_together};
use crate::nomenclatures::codes::ConventionReason;
use crate::territories::{TerritoryKey, TerritoryKind, territories};

/// A row of `conventions`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = conventions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ConventionRow {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// Whether the local authority is an EPCI or a commune.
    pub collectivity_kind: TerritoryKind,
    /// Its official code: SIREN for an EPCI, INSEE code for a commune.
    pub collectivity_code: String,
    /// Reference number that the parties use.
    pub reference: Option<String>,
    /// Status, as last decided.
    pub status: ConventionStatus,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day under the latest terms.
    pub ends_on: NaiveDate,
    /// Date on which it was sent to the local authority.
    pub proposed_on: Option<NaiveDate>,
    /// Date on which the last party signed.
    pub signed_on: Option<NaiveDate>,
    /// Date on which it was refused or abandoned.
    pub declined_on: Option<NaiveDate>,
    /// Last day in effect, if it was ended early.
    pub terminated_on: Option<NaiveDate>,
    /// Reason why it was declined, suspended or terminated.
    pub reason: Option<ConventionReason>,
    /// The convention that it renews.
    pub renews_id: Option<Id>,
    /// The number of its latest terms: 0 for the initial ones, then incremented by each amendment.
    pub terms_number: i32,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(ConventionRow);

impl ConventionRow {
    /// The local authority.
    pub fn collectivity(&self) -> TerritoryKey {
        TerritoryKey { kind: self.collectivity_kind, code: self.collectivity_code.clone() }
    }

    /// The official name of the local authority; its code if the embedded map no longer has it.
    pub fn collectivity_name(&self) -> String {
        let known = territories().get(self.collectivity_kind, &self.collectivity_code);
        known.map_or_else(|| self.collectivity_code.clone(), |territory| territory.name.to_owned())
    }

    /// Last day in effect.
    pub fn last_day(&self) -> NaiveDate {
        self.terminated_on.unwrap_or(self.ends_on)
    }

    /// Whether it has been signed.
    pub fn is_signed(&self) -> bool {
        ConventionStatus::SIGNED.contains(&self.status)
    }
}

pub(super) type Boxed<'a> = conventions::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

pub(super) fn visible(scope: &ServiceScope) -> Boxed<'_> {
    conventions::table.filter(conventions::service_id.among(scope.ids())).into_boxed()
}

row_writes!(conventions: ConventionRow => pub(super) update, pub(super) delete);

/// What a decision changes besides the row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Nothing,
    /// The initial terms are signed: from then on, a trigger refuses to change them.
    SignTerms(NaiveDate),
    /// A suspension begins.
    BeginSuspension(NaiveDate),
    /// The suspension in progress ends; without a last day, it is deleted.
    EndSuspension(Option<NaiveDate>),
    /// The years after this one are released; all of them without it.
    ReleaseYears(Option<i32>),
}

/// Writes a decision: the change, the event, and the next version of the row. Returns false if another writer was first.
pub(super) fn decide(
    conn: &mut AnyConn,
    row: &ConventionRow,
    new: &ConventionRow,
    event: &history::EventRow,
    change: Change,
) -> QueryResult<bool> {
    let update = || {
        let read = conventions::id.eq(row.id).and(conventions::version.eq(row.version));
        diesel::update(conventions::table.filter(read)).set(new)
    };
    let record = || diesel::insert_into(convention_events::table).values(event);
    let of = row.id;
    let open_suspension = || {
        let open = convention_suspensions::convention_id.eq(of).and(convention_suspensions::ends_on.is_null());
        convention_suspensions::table.filter(open)
    };
    let written = match change {
        Change::Nothing => write_together!(conn, record(), update()),
        Change::SignTerms(on) => write_together!(
            conn,
            diesel::update(convention_terms::table.filter(convention_terms::convention_id.eq(of)))
                .set(convention_terms::signed_on.eq(on)),
            record(),
            update(),
        ),
        Change::BeginSuspension(on) => write_together!(
            conn,
            diesel::insert_into(convention_suspensions::table)
                .values((convention_suspensions::convention_id.eq(of), convention_suspensions::starts_on.eq(on))),
            record(),
            update(),
        ),
        Change::EndSuspension(Some(last)) => write_together!(
            conn,
            diesel::update(open_suspension()).set(convention_suspensions::ends_on.eq(last)),
            record(),
            update(),
        ),
        Change::EndSuspension(None) => write_together!(conn, diesel::delete(open_suspension()), record(), update(),),
        Change::ReleaseYears(last) => write_together!(
            conn,
            diesel::delete(convention_years::table.filter(
                convention_years::convention_id.eq(of).and(convention_years::year.gt(last.unwrap_or(i32::MIN))),
            )),
            record(),
            update(),
        ),
    };
    match written {
        // Another decision has the same number in the history.
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        written => Ok(written? == 1),
    }
}

/// A convention of the scope.
pub fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ConventionRow> {
    visible(scope).filter(conventions::id.eq(id)).select(ConventionRow::as_select()).get_result(conn)
}
