//! The SQL of registrations.

use std::collections::HashMap;

use diesel::dsl::sum;
use diesel::prelude::*;

use super::dto::{ActionRegistrationFilter, ActionRegistrationSort};
use super::model::ActionRegistrationStatus;
use crate::auth::ServiceScope;
use crate::db::schema::action_registrations;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::ParticipantType;

/// A row of `action_registrations`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = action_registrations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RegistrationRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) action_id: Id,
    pub(super) organisation_id: Option<Id>,
    pub(super) participant_type: ParticipantType,
    pub(super) seats: i32,
    pub(super) status: ActionRegistrationStatus,
    pub(super) attended: Option<i32>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(RegistrationRow);

/// The seats of an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seats {
    /// Registered, whether attendance is recorded or not.
    pub registered: i64,
    /// On the waiting list.
    pub waiting: i64,
    /// Of the registrations whose attendance is recorded; `None` if there are none.
    pub noted: Option<i64>,
    /// Actually used, from the attendance recorded; `None` if there is none.
    pub attended: Option<i64>,
}

type Boxed<'a> = action_registrations::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    action_registrations::table.filter(action_registrations::service_id.among(scope.ids())).into_boxed()
}

row_writes!(action_registrations: RegistrationRow => pub(super) insert, pub(super) update);

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<RegistrationRow> {
    visible(scope).filter(action_registrations::id.eq(id)).select(RegistrationRow::as_select()).get_result(conn)
}

/// The registrations of an action that are not cancelled, oldest first.
pub(super) fn live(conn: &mut AnyConn, scope: &ServiceScope, action: Id) -> QueryResult<Vec<RegistrationRow>> {
    visible(scope)
        .filter(action_registrations::action_id.eq(action))
        .filter(action_registrations::status.ne(ActionRegistrationStatus::Cancelled))
        .order((action_registrations::created_at, action_registrations::id))
        .select(RegistrationRow::as_select())
        .load(conn)
}

/// Cancels the registrations of an action that are not cancelled. Returns their number.
pub(super) fn cancel(conn: &mut AnyConn, action: Id, now: UtcTs) -> QueryResult<usize> {
    let cancelled = ActionRegistrationStatus::Cancelled;
    diesel::update(action_registrations::table)
        .filter(action_registrations::action_id.eq(action).and(action_registrations::status.ne(cancelled)))
        .set((
            action_registrations::status.eq(cancelled),
            action_registrations::attended.eq(None::<i32>),
            action_registrations::version.eq(action_registrations::version + 1),
            action_registrations::updated_at.eq(now),
        ))
        .execute(conn)
}

/// The waiting registrations of an action, oldest first.
pub(super) fn queue(conn: &mut AnyConn, scope: &ServiceScope, action: Id) -> QueryResult<Vec<Id>> {
    visible(scope)
        .filter(action_registrations::action_id.eq(action))
        .filter(action_registrations::status.eq(ActionRegistrationStatus::Waiting))
        .order((action_registrations::created_at, action_registrations::id))
        .select(action_registrations::id)
        .load(conn)
}

/// The seats of several actions of the scope. An action without registrations is absent.
pub fn seats(conn: &mut AnyConn, scope: &ServiceScope, actions: &[Id]) -> QueryResult<HashMap<Id, Seats>> {
    let rows: Vec<SeatsRow> = action_registrations::table
        .filter(action_registrations::service_id.among(scope.ids()))
        .filter(action_registrations::action_id.among(actions))
        .group_by((action_registrations::action_id, action_registrations::status))
        .select((
            action_registrations::action_id,
            action_registrations::status,
            sum(action_registrations::seats),
            sum(action_registrations::attended),
        ))
        .load(conn)?;
    Ok(summed(rows))
}

/// The seats of the registrations of an action in one state: those registered, and those used.
pub type SeatsRow = (Id, ActionRegistrationStatus, Option<i64>, Option<i64>);

/// The seats of several actions.
pub fn summed(rows: Vec<SeatsRow>) -> HashMap<Id, Seats> {
    let mut found: HashMap<Id, Seats> = HashMap::new();
    for (action, status, seats, attended) in rows {
        let of = found.entry(action).or_default();
        let seats = seats.unwrap_or_default();
        if status.has_seats() {
            of.registered += seats;
        }
        if status == ActionRegistrationStatus::Waiting {
            of.waiting += seats;
        }
        if let Some(attended) = attended {
            of.noted = Some(of.noted.unwrap_or_default() + seats);
            of.attended = Some(of.attended.unwrap_or_default() + attended);
        }
    }
    found
}

/// The registrations of an action that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, action: Id, filter: &'a ActionRegistrationFilter) -> Boxed<'a> {
    let mut query = visible(scope).filter(action_registrations::action_id.eq(action));
    if let Some(statuses) = &filter.status {
        query = query.filter(action_registrations::status.among(statuses));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(action_registrations::updated_at.ge(since));
    }
    query
}

/// A page of the registrations of an action, by default oldest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    action: Id,
    filter: &ActionRegistrationFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<RegistrationRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ActionRegistrationSort::CreatedAt);
    Ok(
        sorted_page!(conn, page, filtered(scope, action, filter), action_registrations as RegistrationRow, sort: ActionRegistrationSort {
            CreatedAt | CreatedAtDesc => created_at as UtcTs,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}
