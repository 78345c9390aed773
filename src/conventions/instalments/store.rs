//! The SQL of instalments and payments, and how the rows of payments appear in the contract.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{InstalmentFilter, InstalmentSort, Payment};
use super::model::Account;
use crate::auth::ServiceScope;
use crate::db::schema::{contributions, conventions, instalments, payments};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, ordered_page, row_writes, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::ConventionReason;
use crate::territories::{TerritoryKey, TerritoryKind};

/// A row of `instalments`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = instalments, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct InstalmentRow {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The convention.
    pub convention_id: Id,
    /// The contribution that it belongs to.
    pub contribution_id: Id,
    /// Its number in the contribution.
    pub number: i32,
    /// Due date.
    pub due_on: NaiveDate,
    /// Amount due, in cents.
    pub amount_cents: i64,
    /// Amount received so far, in cents.
    pub received_cents: i64,
    /// Amount waived, in cents.
    pub waived_cents: i64,
    /// Date of the call.
    pub called_on: Option<NaiveDate>,
    /// Reference of the call.
    pub call_reference: Option<String>,
    /// Date on which the remaining amount was waived.
    pub waived_on: Option<NaiveDate>,
    /// Reason of the waiver.
    pub waiver_reason: Option<ConventionReason>,
    /// Version of the row.
    pub version: i32,
    /// When it was computed.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(InstalmentRow);

impl InstalmentRow {
    /// Its dates and amounts.
    pub fn account(&self) -> Account {
        Account {
            due_on: self.due_on,
            amount_cents: self.amount_cents,
            received_cents: self.received_cents,
            waived_cents: self.waived_cents,
            called: self.called_on.is_some(),
        }
    }
}

/// A row of `payments`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payments, treat_none_as_default_value = false)]
pub struct PaymentRow {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The convention.
    pub convention_id: Id,
    /// The instalment.
    pub instalment_id: Id,
    /// Date of receipt.
    pub received_on: NaiveDate,
    /// Amount, in cents.
    pub amount_cents: i64,
    /// Reference on the bank statement.
    pub reference: Option<String>,
    /// Who recorded it.
    pub author: String,
    /// When it was recorded.
    pub created_at: UtcTs,
}

from_row!(row: PaymentRow => Payment {
    id, convention_id, instalment_id, received_on, amount_cents, reference, author, created_at;
    convention_name: None,
    author_name: None,
});

type Boxed<'a> = instalments::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    instalments::table.filter(instalments::service_id.among(scope.ids())).into_boxed()
}

row_writes!(instalments: InstalmentRow => pub(super) update);

/// An instalment of the scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<InstalmentRow> {
    visible(scope).filter(instalments::id.eq(id)).select(InstalmentRow::as_select()).get_result(conn)
}

/// The instalments of several contributions, earliest due date first.
pub(super) fn of_contributions(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<Vec<InstalmentRow>> {
    instalments::table
        .filter(instalments::contribution_id.among(ids))
        .order((instalments::contribution_id, instalments::number))
        .select(InstalmentRow::as_select())
        .load(conn)
}

/// What instalments show of their contribution.
#[derive(Queryable)]
pub(super) struct Around {
    /// The contribution.
    pub(super) id: Id,
    pub(super) frozen_on: Option<NaiveDate>,
    pub(super) service_id: Id,
    pub(super) convention_id: Id,
    party_kind: TerritoryKind,
    party_code: String,
}

impl Around {
    /// The local authority of the convention.
    pub(super) fn party(&self) -> TerritoryKey {
        TerritoryKey { kind: self.party_kind, code: self.party_code.clone() }
    }
}

/// Whether each of several contributions is frozen, and the local authority of its convention.
pub(super) fn around(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<Vec<Around>> {
    contributions::table
        .inner_join(conventions::table)
        .filter(contributions::id.among(ids))
        .select((
            contributions::id,
            contributions::frozen_on,
            contributions::service_id,
            contributions::convention_id,
            conventions::collectivity_kind,
            conventions::collectivity_code,
        ))
        .load(conn)
}

/// Deletes the instalments of a contribution.
pub(super) fn delete_of(conn: &mut AnyConn, contribution: Id) -> QueryResult<()> {
    diesel::delete(instalments::table.filter(instalments::contribution_id.eq(contribution))).execute(conn).map(drop)
}

/// The instalments of the scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a InstalmentFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(convention) = filter.convention_id {
        query = query.filter(instalments::convention_id.eq(convention));
    }
    if let Some(contribution) = filter.contribution_id {
        query = query.filter(instalments::contribution_id.eq(contribution));
    }
    let settled = instalments::received_cents + instalments::waived_cents;
    query = match filter.unpaid {
        Some(true) => query.filter(settled.lt(instalments::amount_cents)),
        Some(false) => query.filter(settled.eq(instalments::amount_cents)),
        None => query,
    };
    if let Some(from) = filter.due_from {
        query = query.filter(instalments::due_on.ge(from));
    }
    if let Some(to) = filter.due_to {
        query = query.filter(instalments::due_on.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(instalments::updated_at.ge(since));
    }
    query
}

/// A page of the instalments of the scope, by default earliest due date first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &InstalmentFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<InstalmentRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(InstalmentSort::DueOn);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter), instalments as InstalmentRow, sort: InstalmentSort {
        DueOn | DueOnDesc => due_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

row_writes!(payments: PaymentRow => pub(super) insert as insert_payment);

/// A payment of the scope.
pub(super) fn payment(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<PaymentRow> {
    payments::table
        .filter(payments::id.eq(id).and(payments::service_id.among(scope.ids())))
        .select(PaymentRow::as_select())
        .get_result(conn)
}

/// Deletes a payment; false if it was already deleted.
pub(super) fn delete_payment(conn: &mut AnyConn, id: Id) -> QueryResult<bool> {
    Ok(diesel::delete(payments::table.filter(payments::id.eq(id))).execute(conn)? == 1)
}

/// A page of the payments of an instalment, earliest received first.
pub(super) fn payments(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    instalment: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<PaymentRow>, PageInfo)> {
    let own = || {
        let of = payments::instalment_id.eq(instalment).and(payments::service_id.among(scope.ids()));
        payments::table.filter(of).into_boxed()
    };
    Ok(ordered_page!(conn, page, own(), payments as PaymentRow, asc received_on as NaiveDate))
}
