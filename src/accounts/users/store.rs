//! The SQL of users.

use std::collections::HashMap;

use diesel::prelude::*;

use super::dto::{Membership, OpenReset, User, UserFilter, UserSort};
use crate::accounts::authority::Standing;
use crate::auth::{Role, ServiceScope};
use crate::db::schema::{memberships, password_resets, users};
use crate::db::{AnyConn, Id, UtcTs, each, sorted_page, together};
use crate::http::page::{PageInfo, PageRequest};

/// A row of `users`, without its password hash and its second factor.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
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
    pub(super) totp_confirmed_at: Option<UtcTs>,
    pub(super) last_signed_in_at: Option<UtcTs>,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    pub(super) version: i32,
}

crate::versioned!(UserRow);

impl UserRow {
    pub(super) fn into_user(self, held: Held) -> User {
        User {
            id: self.id,
            email: self.email,
            display_name: self.display_name,
            administrator: self.administrator,
            disabled: self.disabled_at.is_some(),
            second_factor: self.totp_confirmed_at.is_some(),
            memberships: held.memberships,
            open_reset: held.open_reset,
            last_signed_in_at: self.last_signed_in_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }
}

/// A password reset: for whom, and who issued it.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = password_resets)]
pub(super) struct ResetRow {
    pub(super) user_id: Id,
    pub(super) issued_by: Option<String>,
}

/// What belongs to a user: the roles in the services of a scope, and the reset that can still be used.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) memberships: Vec<Membership>,
    pub(super) open_reset: Option<OpenReset>,
}

type Boxed<'a> = users::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The users visible in a scope: those with a role in one of its services.
fn visible(scope: &ServiceScope) -> Boxed<'_> {
    let query = users::table.into_boxed();
    let ServiceScope::Only(services) = scope else { return query };
    let members = memberships::table.filter(memberships::service_id.eq_any(services)).select(memberships::user_id);
    query.filter(users::id.eq_any(members))
}

/// The users in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &UserFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(service) = filter.service_id {
        // To this caller, a service outside the scope has no users.
        let service = Some(service).filter(|service| scope.contains(*service));
        let members = memberships::table.filter(memberships::service_id.eq_any(service)).select(memberships::user_id);
        query = query.filter(users::id.eq_any(members));
    }
    match filter.disabled {
        Some(true) => query = query.filter(users::disabled_at.is_not_null()),
        Some(false) => query = query.filter(users::disabled_at.is_null()),
        None => {}
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(users::updated_at.ge(since));
    }
    query
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<UserRow> {
    visible(scope).filter(users::id.eq(id)).select(UserRow::as_select()).first(conn)
}

/// A user in scope; none if there is none.
pub(super) fn find(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<UserRow>> {
    get(conn, scope, id).optional()
}

pub(super) fn by_email(conn: &mut AnyConn, email: &str) -> QueryResult<UserRow> {
    users::table.filter(users::email.eq(email)).select(UserRow::as_select()).first(conn)
}

/// A page of users, oldest first by default.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &UserFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<UserRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(UserSort::CreatedAt);
    Ok(sorted_page!(conn, page, filtered(scope, filter), users as UserRow, sort: UserSort {
        CreatedAt | CreatedAtDesc => created_at as UtcTs,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// Every user, by e-mail address.
pub(super) fn all(conn: &mut AnyConn) -> QueryResult<Vec<UserRow>> {
    users::table.order(users::email).select(UserRow::as_select()).load(conn)
}

/// What belongs to several users, with the roles in the services of a scope.
pub(super) fn held(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    users: &[Id],
    now: UtcTs,
) -> QueryResult<HashMap<Id, Held>> {
    let mut query = memberships::table.filter(memberships::user_id.eq_any(users)).into_boxed();
    if let ServiceScope::Only(services) = scope {
        query = query.filter(memberships::service_id.eq_any(services));
    }
    let open = password_resets::user_id.eq_any(users).and(password_resets::expires_at.gt(now));
    let (roles, resets) = together!(
        conn,
        query
            .order((memberships::user_id, memberships::service_id))
            .select((
                memberships::user_id,
                memberships::service_id,
                memberships::role,
                memberships::requested_by.is_not_null(),
            ))
            => (Id, Id, Role, bool),
        password_resets::table
            .filter(open)
            .select((password_resets::user_id, password_resets::issued_by, password_resets::expires_at))
            => (Id, Option<String>, UtcTs),
    )?;
    let mut by_user: HashMap<Id, Held> = HashMap::new();
    for (user, service_id, role, pending) in roles {
        by_user.entry(user).or_default().memberships.push(Membership { service_id, role, pending });
    }
    for (user, issued_by, expires_at) in resets {
        by_user.entry(user).or_default().open_reset = Some(OpenReset { issued_by, expires_at });
    }
    Ok(by_user)
}

pub(super) fn has_role_outside(conn: &mut AnyConn, user: Id, services: &[Id]) -> QueryResult<bool> {
    let outside = memberships::user_id.eq(user).and(memberships::service_id.ne_all(services));
    let found: i64 = memberships::table.filter(outside).count().get_result(conn)?;
    Ok(found > 0)
}

pub(super) fn has_other_administrator(conn: &mut AnyConn, user: Id) -> QueryResult<bool> {
    let other = users::id.ne(user).and(users::administrator).and(users::disabled_at.is_null());
    let found: i64 = users::table.filter(other).count().get_result(conn)?;
    Ok(found > 0)
}

pub(super) fn is_email_taken(conn: &mut AnyConn, email: &str) -> QueryResult<bool> {
    let known: i64 = users::table.filter(users::email.eq(email)).count().get_result(conn)?;
    Ok(known > 0)
}

pub(super) fn insert(
    conn: &mut AnyConn,
    id: Id,
    email: &str,
    display_name: &str,
    password_hash: &str,
    administrator: bool,
    now: UtcTs,
) -> QueryResult<()> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::email.eq(email),
            users::display_name.eq(display_name),
            users::password_hash.eq(password_hash),
            users::administrator.eq(administrator),
            users::created_at.eq(now),
            users::updated_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

/// Replaces the version that was read. Returns false if another writer was first.
pub(super) fn update(conn: &mut AnyConn, row: &UserRow, new: &UserRow) -> QueryResult<bool> {
    let version_read = users::id.eq(row.id).and(users::version.eq(row.version));
    let values = (
        users::display_name.eq(&new.display_name),
        users::administrator.eq(new.administrator),
        users::disabled_at.eq(new.disabled_at),
        users::version.eq(new.version),
        users::updated_at.eq(new.updated_at),
    );
    Ok(diesel::update(users::table.filter(version_read)).set(values).execute(conn)? == 1)
}

/// Gives the row its next version.
pub(super) fn touch(conn: &mut AnyConn, user: Id, now: UtcTs) -> QueryResult<()> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::version.eq(users::version + 1), users::updated_at.eq(now)))
        .execute(conn)
        .map(drop)
}

pub(super) fn make_administrator(conn: &mut AnyConn, user: Id) -> QueryResult<()> {
    diesel::update(users::table.filter(users::id.eq(user))).set(users::administrator.eq(true)).execute(conn).map(drop)
}

/// The role of a user in a service, and whether it waits for a second person.
pub(super) fn standing(conn: &mut AnyConn, user: Id, service: Id) -> QueryResult<Option<Standing>> {
    let held: Option<(Role, bool)> = memberships::table
        .filter(memberships::user_id.eq(user).and(memberships::service_id.eq(service)))
        .select((memberships::role, memberships::requested_by.is_not_null()))
        .first(conn)
        .optional()?;
    Ok(held.map(|(role, pending)| Standing { role, pending }))
}

/// Sets the role in a service. Replaces the one that the user had there. With `requested_by`, it waits for a second person.
pub(super) fn set_role(
    conn: &mut AnyConn,
    (user, service): (Id, Id),
    role: Role,
    requested_by: Option<&str>,
) -> QueryResult<()> {
    let held = (memberships::role.eq(role), memberships::requested_by.eq(requested_by));
    let row = (memberships::user_id.eq(user), memberships::service_id.eq(service), held);
    each!(conn, c => diesel::insert_into(memberships::table)
        .values(row)
        .on_conflict((memberships::user_id, memberships::service_id))
        .do_update()
        .set(held)
        .execute(c))
    .map(drop)
}

pub(super) fn delete_role(conn: &mut AnyConn, user: Id, service: Id) -> QueryResult<()> {
    let held = memberships::user_id.eq(user).and(memberships::service_id.eq(service));
    diesel::delete(memberships::table.filter(held)).execute(conn).map(drop)
}

/// Stores a reset. Replaces an earlier one.
pub(super) fn replace_reset(
    conn: &mut AnyConn,
    user: Id,
    token_hash: &[u8],
    issued_by: &str,
    expires_at: UtcTs,
) -> QueryResult<()> {
    let reset = (
        password_resets::token_hash.eq(token_hash),
        password_resets::issued_by.eq(issued_by),
        password_resets::expires_at.eq(expires_at),
    );
    each!(conn, c => diesel::insert_into(password_resets::table)
        .values((password_resets::user_id.eq(user), reset))
        .on_conflict(password_resets::user_id)
        .do_update()
        .set(reset)
        .execute(c))
    .map(drop)
}

/// A reset that has not expired.
pub(super) fn reset_of(conn: &mut AnyConn, token_hash: &[u8], now: UtcTs) -> QueryResult<Option<ResetRow>> {
    password_resets::table
        .filter(password_resets::token_hash.eq(token_hash).and(password_resets::expires_at.gt(now)))
        .select(ResetRow::as_select())
        .first(conn)
        .optional()
}

/// Uses up a reset that has not expired. None if a concurrent transaction was first.
pub(super) fn take_reset(conn: &mut AnyConn, token_hash: &[u8], now: UtcTs) -> QueryResult<Option<ResetRow>> {
    let one = password_resets::token_hash.eq(token_hash).and(password_resets::expires_at.gt(now));
    each!(conn, c => diesel::delete(password_resets::table.filter(one))
        .returning((password_resets::user_id, password_resets::issued_by))
        .get_result(c)
        .optional())
}
