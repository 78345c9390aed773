//! The SQL of invitations.

use std::ops::Deref;

use diesel::prelude::*;

use super::dto::{InvitationFilter, InvitationSort, OpenInvitation};
use crate::auth::{ServiceScope, Vouched, VouchedInvitation, VouchedUser};
use crate::db::schema::{invitations, users};
use crate::db::{AnyConn, Id, UtcTs, columns, sorted_page, together};
use crate::http::Versioned;
use crate::http::page::{PageInfo, PageRequest};
use crate::privacy::MacKey;

/// An invitation.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct InvitationRow {
    #[diesel(embed)]
    pub(super) vouched: VouchedInvitation,
    pub(super) created_at: UtcTs,
}

impl Deref for InvitationRow {
    type Target = VouchedInvitation;

    fn deref(&self) -> &VouchedInvitation {
        &self.vouched
    }
}

impl Versioned for InvitationRow {
    /// An invitation never changes.
    fn version(&self) -> i32 {
        1
    }
}

impl From<InvitationRow> for OpenInvitation {
    fn from(row: InvitationRow) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            role: row.role,
            administrator: row.administrator,
            created_at: row.created_at,
            expires_at: row.expires_at,
            issued_by: row.vouched.issued_by,
            issued_by_name: None,
            version: 1,
        }
    }
}

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

pub(super) fn insert(conn: &mut AnyConn, invitation: &VouchedInvitation, now: UtcTs) -> QueryResult<()> {
    let values = (invitation, invitations::created_at.eq(now));
    diesel::insert_into(invitations::table).values(values).execute(conn).map(drop)
}

pub(super) fn find(
    conn: &mut AnyConn,
    key: &MacKey,
    scope: &ServiceScope,
    now: UtcTs,
    id: Id,
) -> QueryResult<InvitationRow> {
    let row: InvitationRow =
        open(scope, now).filter(invitations::id.eq(id)).select(InvitationRow::as_select()).first(conn)?;
    if row.is_genuine(key) { Ok(row) } else { Err(diesel::NotFound) }
}

/// A page of the open invitations, oldest first by default.
pub(super) fn list(
    conn: &mut AnyConn,
    key: &MacKey,
    scope: &ServiceScope,
    now: UtcTs,
    filter: &InvitationFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<InvitationRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(InvitationSort::CreatedAt);
    let (mut rows, info) = sorted_page!(conn, page, open(scope, now), invitations as InvitationRow, sort: InvitationSort {
        CreatedAt | CreatedAtDesc => created_at as UtcTs,
    });
    rows.retain(|row| row.is_genuine(key));
    Ok((rows, info))
}

/// Deletes an unused invitation. Returns false if there is none.
pub(super) fn delete(conn: &mut AnyConn, id: Id) -> QueryResult<bool> {
    let unused = invitations::id.eq(id).and(invitations::used_at.is_null());
    Ok(diesel::delete(invitations::table.filter(unused)).execute(conn)? == 1)
}

/// The open invitation of a token, and the active account with an e-mail address.
pub(super) fn of_token(
    conn: &mut AnyConn,
    key: &MacKey,
    token_hash: &[u8],
    email: &str,
    now: UtcTs,
) -> QueryResult<(Option<VouchedInvitation>, Option<VouchedUser>)> {
    let open = open(&ServiceScope::All, now).filter(invitations::token_hash.eq(token_hash));
    let active = users::table.filter(users::email.eq(email).and(users::disabled_at.is_null()));
    let (invitations, accounts) = together!(
        conn,
        open.select(columns::<VouchedInvitation>()) => VouchedInvitation,
        active.select(columns::<VouchedUser>()) => VouchedUser,
    )?;
    let invitation = invitations.into_iter().next().and_then(|found| found.genuine(key));
    Ok((invitation, accounts.into_iter().next().and_then(|found| found.genuine(key))))
}

/// Marks an invitation that was read as used. The condition of the UPDATE lets only one of several concurrent transactions
/// use it.
pub(super) fn take(conn: &mut AnyConn, key: &MacKey, read: &VouchedInvitation, now: UtcTs) -> QueryResult<bool> {
    let unused = invitations::used_at.is_null().and(invitations::mac.eq(read.mac.as_deref()));
    let as_read = invitations::table.filter(invitations::id.eq(read.id).and(unused));
    let used = VouchedInvitation { used_at: Some(now), ..read.clone() }.vouched(key);
    Ok(diesel::update(as_read).set(&used).execute(conn)? == 1)
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
