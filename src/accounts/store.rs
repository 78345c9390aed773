//! The SQL of accounts.

use diesel::prelude::*;

use super::dto::{ClientFilter, ClientSort, InvitationAnswer, NewClient, NewInvitation};
use crate::auth::{Permissions, Role, ServiceScope};
use crate::db::schema::{client_services, clients, invitations, memberships, users};
use crate::db::{AnyConn, Id, UtcTs, keyset};
use crate::http::page::{PageInfo, PageRequest};

/// A row of `clients`, without its secret.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = clients)]
pub struct ClientRow {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) permissions: String,
    pub(super) disabled_at: Option<UtcTs>,
    pub(super) created_at: UtcTs,
}

/// An invitation that still works.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub(super) struct OpenInvitation {
    pub(super) id: Id,
    pub(super) administrator: bool,
    pub(super) service_id: Option<Id>,
    pub(super) role: Option<Role>,
}

/// A user as the command line lists it.
#[derive(Debug, Queryable)]
pub struct UserRow {
    /// Identifier.
    pub id: Id,
    /// Address to sign in with.
    pub email: String,
    /// Name that colleagues see.
    pub display_name: String,
    /// Whether it administers the deployment.
    pub administrator: bool,
    /// Since when it is disabled.
    pub disabled_at: Option<UtcTs>,
}

/// The secret's hash of an active client.
pub(super) fn client_secret(conn: &mut AnyConn, id: Id) -> QueryResult<Option<Vec<u8>>> {
    clients::table
        .filter(clients::id.eq(id).and(clients::disabled_at.is_null()))
        .select(clients::secret_hash)
        .first(conn)
        .optional()
}

/// The identifier and the password's hash of an active user.
pub(super) fn user_password(conn: &mut AnyConn, email: &str) -> QueryResult<Option<(Id, String)>> {
    users::table
        .filter(users::email.eq(email).and(users::disabled_at.is_null()))
        .select((users::id, users::password_hash))
        .first(conn)
        .optional()
}

pub(super) fn insert_client(
    conn: &mut AnyConn,
    id: Id,
    new: &NewClient,
    secret_hash: &[u8],
    now: UtcTs,
) -> QueryResult<()> {
    let permissions: Permissions = new.permissions.iter().copied().collect();
    diesel::insert_into(clients::table)
        .values((
            clients::id.eq(id),
            clients::name.eq(&new.name),
            clients::secret_hash.eq(secret_hash),
            clients::permissions.eq(permissions.to_string()),
            clients::created_at.eq(now),
        ))
        .execute(conn)?;
    for service in &new.service_ids {
        diesel::insert_into(client_services::table)
            .values((client_services::client_id.eq(id), client_services::service_id.eq(service)))
            .execute(conn)?;
    }
    Ok(())
}

/// The clients that hold something in a service of the scope.
fn clients_of(scope: &ServiceScope) -> clients::BoxedQuery<'_, <AnyConn as Connection>::Backend> {
    let query = clients::table.into_boxed();
    let ServiceScope::Only(services) = scope else { return query };
    let theirs =
        client_services::table.filter(client_services::service_id.eq_any(services)).select(client_services::client_id);
    query.filter(clients::id.eq_any(theirs))
}

/// A page of the clients of the scope, in the order of their creation unless said.
pub(super) fn list_clients(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ClientFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ClientRow>, PageInfo)> {
    use ClientSort::{CreatedAt, CreatedAtDesc};
    let query = match filter.sort.unwrap_or(CreatedAt) {
        CreatedAt => keyset!(clients_of(scope), page, asc clients::created_at as UtcTs, clients::id),
        CreatedAtDesc => keyset!(clients_of(scope), page, desc clients::created_at as UtcTs, clients::id),
    };
    let rows = query.limit(page.fetch()).select(ClientRow::as_select()).load(conn)?;
    let (rows, info) = page.cut(rows, |row: &ClientRow| (row.created_at, row.id));
    let info = page.counted(info, || clients_of(scope).count().get_result(conn))?;
    Ok((rows, info))
}

/// Every client, in the order of their creation.
pub(super) fn all_clients(conn: &mut AnyConn) -> QueryResult<Vec<ClientRow>> {
    clients::table.order(clients::id).select(ClientRow::as_select()).load(conn)
}

/// Disables a client; false when there is none.
pub(super) fn disable_client(conn: &mut AnyConn, id: Id, now: UtcTs) -> QueryResult<bool> {
    let changed =
        diesel::update(clients::table.filter(clients::id.eq(id))).set(clients::disabled_at.eq(now)).execute(conn)?;
    Ok(changed == 1)
}

pub(super) fn insert_invitation(
    conn: &mut AnyConn,
    id: Id,
    new: &NewInvitation,
    token_hash: &[u8],
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
            invitations::created_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

/// Uses an invitation up: the UPDATE's own condition makes it work once, whoever races.
pub(super) fn take_invitation(
    conn: &mut AnyConn,
    token_hash: &[u8],
    now: UtcTs,
) -> QueryResult<Option<OpenInvitation>> {
    let open =
        invitations::token_hash.eq(token_hash).and(invitations::used_at.is_null()).and(invitations::expires_at.gt(now));
    let taken = diesel::update(invitations::table.filter(open)).set(invitations::used_at.eq(now)).execute(conn)?;
    if taken == 0 {
        return Ok(None);
    }
    invitations::table
        .filter(invitations::token_hash.eq(token_hash))
        .select(OpenInvitation::as_select())
        .first(conn)
        .optional()
}

/// Whether the deployment has an administrator, or an invitation for one that still works.
pub(super) fn has_administrator(conn: &mut AnyConn, now: UtcTs) -> QueryResult<bool> {
    let users: i64 = users::table.filter(users::administrator).count().get_result(conn)?;
    let invited: i64 = invitations::table
        .filter(invitations::administrator.and(invitations::used_at.is_null()).and(invitations::expires_at.gt(now)))
        .count()
        .get_result(conn)?;
    Ok(users + invited > 0)
}

pub(super) fn email_taken(conn: &mut AnyConn, email: &str) -> QueryResult<bool> {
    let known: i64 = users::table.filter(users::email.eq(email)).count().get_result(conn)?;
    Ok(known > 0)
}

pub(super) fn insert_user(
    conn: &mut AnyConn,
    id: Id,
    answer: &InvitationAnswer,
    email: &str,
    password_hash: &str,
    administrator: bool,
    now: UtcTs,
) -> QueryResult<()> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::email.eq(email),
            users::display_name.eq(&answer.display_name),
            users::password_hash.eq(password_hash),
            users::administrator.eq(administrator),
            users::created_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

pub(super) fn insert_membership(conn: &mut AnyConn, user: Id, service: Id, role: Role) -> QueryResult<()> {
    diesel::insert_into(memberships::table)
        .values((memberships::user_id.eq(user), memberships::service_id.eq(service), memberships::role.eq(role)))
        .execute(conn)
        .map(drop)
}

/// Every user, by address.
pub(super) fn list_users(conn: &mut AnyConn) -> QueryResult<Vec<UserRow>> {
    users::table
        .order(users::email)
        .select((users::id, users::email, users::display_name, users::administrator, users::disabled_at))
        .load(conn)
}

/// Disables a user; false when there is none.
pub(super) fn disable_user(conn: &mut AnyConn, email: &str, now: UtcTs) -> QueryResult<bool> {
    let changed =
        diesel::update(users::table.filter(users::email.eq(email))).set(users::disabled_at.eq(now)).execute(conn)?;
    Ok(changed == 1)
}
