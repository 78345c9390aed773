//! The SQL of invitations.

use diesel::prelude::*;

use super::dto::{InvitationFilter, InvitationInput, InvitationSort, OpenInvitation};
use crate::auth::{Role, ServiceScope};
use crate::db::schema::{invitations, users};
use crate::db::{AnyConn, Id, UtcTs, each, from_row, sorted_page};
use crate::http::Versioned;
use crate::http::page::{PageInfo, PageRequest};

/// An invitation, without its token.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct InvitationRow {
    pub(super) id: Id,
    pub(super) administrator: bool,
    pub(super) service_id: Option<Id>,
    pub(super) role: Option<Role>,
    pub(super) created_at: UtcTs,
    pub(super) expires_at: UtcTs,
    pub(super) issued_by: Option<String>,
}

impl Versioned for InvitationRow {
    /// An invitation never changes.
    fn version(&self) -> i32 {
        1
    }
}

from_row!(row: InvitationRow => OpenInvitation {
    id, service_id, role, administrator, issued_by, created_at, expires_at;
    version: 1,
});

type Boxed<'a> = invitations::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The open invitations (not used, not expired) into the services of a scope.
fn open(scope: &ServiceScope, now: UtcTs) -> Boxed<'_> {
    let query =
        invitations::table.filter(invitations::used_at.is_null().and(invitations::expires_at.gt(now))).into_boxed();
    match scope {
        ServiceScope::All => query,
        // A manager never sees the invitation of an administrator, even if it also names their service.
        ServiceScope::Only(services) => query.filter(
            invitations::administrator.eq(false).and(invitations::service_id.eq_any(services).assume_not_null()),
        ),
    }
}

pub(super) fn insert(
    conn: &mut AnyConn,
    id: Id,
    new: &InvitationInput,
    token_hash: &[u8],
    issued_by: &str,
    expires_at: UtcTs,
    now: UtcTs,
) -> QueryResult<()> {
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(id),
            invitations::token_hash.eq(token_hash),
            invitations::administrator.eq(new.administrator),
            invitations::service_id.eq(new.service_id),
            invitations::role.eq(new.role),
            invitations::expires_at.eq(expires_at),
            invitations::issued_by.eq(issued_by),
            invitations::created_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

pub(super) fn find(conn: &mut AnyConn, scope: &ServiceScope, now: UtcTs, id: Id) -> QueryResult<InvitationRow> {
    open(scope, now).filter(invitations::id.eq(id)).select(InvitationRow::as_select()).first(conn)
}

/// A page of the open invitations, oldest first by default.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    now: UtcTs,
    filter: &InvitationFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<InvitationRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(InvitationSort::CreatedAt);
    Ok(sorted_page!(conn, page, open(scope, now), invitations as InvitationRow, sort: InvitationSort {
        CreatedAt | CreatedAtDesc => created_at as UtcTs,
    }))
}

/// Deletes an unused invitation. Returns false if there is none.
pub(super) fn delete(conn: &mut AnyConn, id: Id) -> QueryResult<bool> {
    let unused = invitations::id.eq(id).and(invitations::used_at.is_null());
    Ok(diesel::delete(invitations::table.filter(unused)).execute(conn)? == 1)
}

/// The open invitation of a token.
pub(super) fn of_token(conn: &mut AnyConn, token_hash: &[u8], now: UtcTs) -> QueryResult<Option<InvitationRow>> {
    let query = open(&ServiceScope::All, now).filter(invitations::token_hash.eq(token_hash));
    query.select(InvitationRow::as_select()).first(conn).optional()
}

/// Marks an invitation as used. The condition of the UPDATE lets only one of several concurrent transactions use it.
pub(super) fn take(conn: &mut AnyConn, token_hash: &[u8], now: UtcTs) -> QueryResult<Option<InvitationRow>> {
    let open =
        invitations::token_hash.eq(token_hash).and(invitations::used_at.is_null()).and(invitations::expires_at.gt(now));
    each!(conn, c => diesel::update(invitations::table.filter(open))
        .set(invitations::used_at.eq(now))
        .returning(InvitationRow::as_returning())
        .get_result(c)
        .optional())
}

/// Whether the deployment has an administrator, or an open invitation for one.
pub(super) fn has_administrator(conn: &mut AnyConn, now: UtcTs) -> QueryResult<bool> {
    let users: i64 = users::table.filter(users::administrator).count().get_result(conn)?;
    let invited: i64 = invitations::table
        .filter(invitations::administrator.and(invitations::used_at.is_null()).and(invitations::expires_at.gt(now)))
        .count()
        .get_result(conn)?;
    Ok(users + invited > 0)
}
