//! The SQL of users.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::dto::{Membership, OpenReset, User, UserFilter, UserSort};
use crate::accounts::authority::Standing;
use crate::auth::{ServiceScope, Vouched, VouchedMembership, VouchedReset, VouchedUser};
use crate::db::schema::{memberships, password_resets, users};
use crate::db::{AnyConn, Id, UtcTs, columns, each, insert_together, sorted_page, together};
use crate::http::page::{PageInfo, PageRequest};
use crate::privacy::MacKey;

/// A row of `users`.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct UserRow {
    /// The columns that give rights.
    #[diesel(embed)]
    pub vouched: VouchedUser,
    /// Name that colleagues see.
    pub display_name: String,
    pub(super) last_signed_in_at: Option<UtcTs>,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

impl Deref for UserRow {
    type Target = VouchedUser;

    fn deref(&self) -> &VouchedUser {
        &self.vouched
    }
}

impl DerefMut for UserRow {
    fn deref_mut(&mut self) -> &mut VouchedUser {
        &mut self.vouched
    }
}

crate::versioned!(UserRow);

impl UserRow {
    pub(super) fn into_user(self, held: Held) -> User {
        User {
            id: self.id,
            administrator: self.administrator,
            disabled: self.disabled_at.is_some(),
            second_factor: self.totp_confirmed_at.is_some(),
            memberships: held.memberships,
            open_reset: held.open_reset,
            last_signed_in_at: self.last_signed_in_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
            email: self.vouched.email,
            display_name: self.display_name,
        }
    }
}

/// What belongs to a user: the roles in the services of a scope, and the reset that can still be used.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) memberships: Vec<Membership>,
    pub(super) open_reset: Option<OpenReset>,
    /// The services of all rows that give a role, even of those that the program did not write.
    pub(super) services: Vec<Id>,
}

impl Held {
    /// The role in a service.
    pub(super) fn standing(&self, service: Id) -> Option<Standing> {
        let held = self.memberships.iter().find(|held| held.service_id == service)?;
        Some(Standing { role: held.role, pending: held.pending })
    }

    /// What is left of it in the services of a scope.
    pub(super) fn within(mut self, scope: &ServiceScope) -> Self {
        self.memberships.retain(|held| scope.contains(held.service_id));
        self
    }
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

pub(super) fn get(conn: &mut AnyConn, key: &MacKey, scope: &ServiceScope, id: Id) -> QueryResult<UserRow> {
    genuine(key, visible(scope).filter(users::id.eq(id)).select(UserRow::as_select()).first(conn)?)
}

pub(super) fn by_email(conn: &mut AnyConn, key: &MacKey, email: &str) -> QueryResult<UserRow> {
    genuine(key, users::table.filter(users::email.eq(email)).select(UserRow::as_select()).first(conn)?)
}

/// A row that the program did not write is not found.
fn genuine(key: &MacKey, row: UserRow) -> QueryResult<UserRow> {
    if row.is_genuine(key) { Ok(row) } else { Err(diesel::NotFound) }
}

/// A page of users, oldest first by default.
pub(super) fn list(
    conn: &mut AnyConn,
    key: &MacKey,
    scope: &ServiceScope,
    filter: &UserFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<UserRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(UserSort::CreatedAt);
    let (mut rows, info) = sorted_page!(conn, page, filtered(scope, filter), users as UserRow, sort: UserSort {
        CreatedAt | CreatedAtDesc => created_at as UtcTs,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    });
    rows.retain(|row| row.is_genuine(key));
    Ok((rows, info))
}

/// Every user, by e-mail address.
pub(super) fn all(conn: &mut AnyConn) -> QueryResult<Vec<UserRow>> {
    users::table.order(users::email).select(UserRow::as_select()).load(conn)
}

/// What belongs to several users, with the roles in the services of a scope.
pub(super) fn held(
    conn: &mut AnyConn,
    key: &MacKey,
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
            .select(columns::<VouchedMembership>())
            => VouchedMembership,
        password_resets::table.filter(open).select(columns::<VouchedReset>()) => VouchedReset,
    )?;
    let mut by_user: HashMap<Id, Held> = HashMap::new();
    for row in roles {
        let held = by_user.entry(row.user_id).or_default();
        held.services.push(row.service_id);
        if row.is_genuine(key) {
            let (service_id, pending) = (row.service_id, row.requested_by.is_some());
            held.memberships.push(Membership { service_id, role: row.role, pending });
        }
    }
    for VouchedReset { user_id, issued_by, expires_at, .. } in resets.into_iter().filter(|row| row.is_genuine(key)) {
        by_user.entry(user_id).or_default().open_reset =
            Some(OpenReset { issued_by, issued_by_name: None, expires_at });
    }
    Ok(by_user)
}

pub(super) fn has_other_administrator(conn: &mut AnyConn, key: &MacKey, user: Id) -> QueryResult<bool> {
    let other = users::id.ne(user).and(users::administrator).and(users::disabled_at.is_null());
    let found: Vec<VouchedUser> = users::table.filter(other).select(VouchedUser::as_select()).load(conn)?;
    Ok(found.iter().any(|other| other.is_genuine(key)))
}

/// Creates a user, with the first role if there is one. Returns false if an account has the e-mail address: the transaction
/// must end then.
pub(super) fn insert(conn: &mut AnyConn, row: &UserRow, role: Option<VouchedMembership>) -> QueryResult<bool> {
    let account = [(
        row.vouched.clone(),
        users::display_name.eq(row.display_name.clone()),
        users::created_at.eq(row.created_at),
        users::updated_at.eq(row.updated_at),
    )];
    let role: Vec<VouchedMembership> = role.into_iter().collect();
    match insert_together!(conn, users => &account, memberships => &role) {
        Ok(()) => Ok(true),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Replaces the version that was read. Returns false if another writer was first.
pub(super) fn update(conn: &mut AnyConn, row: &UserRow, new: &UserRow) -> QueryResult<bool> {
    let version_read = users::id.eq(row.id).and(users::version.eq(row.version));
    let values = (&new.vouched, users::display_name.eq(&new.display_name), users::updated_at.eq(new.updated_at));
    Ok(diesel::update(users::table.filter(version_read)).set(values).execute(conn)? == 1)
}

/// Gives the row its next version, with a change. What it was is checked after it is locked: other changes follow this one.
pub(super) fn next_version(
    conn: &mut AnyConn,
    key: &MacKey,
    user: Id,
    now: UtcTs,
    change: impl FnOnce(&mut VouchedUser),
) -> QueryResult<UserRow> {
    let one = users::table.filter(users::id.eq(user));
    let next = (users::version.eq(users::version + 1), users::updated_at.eq(now));
    let row: UserRow =
        each!(conn, c => diesel::update(one).set(next).returning(UserRow::as_returning()).get_result(c))?;
    let before = VouchedUser { version: row.version - 1, ..row.vouched.clone() };
    if !before.is_genuine(key) {
        return Err(diesel::NotFound);
    }
    let mut vouched = row.vouched;
    change(&mut vouched);
    let vouched = vouched.vouched(key);
    diesel::update(one).set(&vouched).execute(conn)?;
    Ok(UserRow { vouched, ..row })
}

/// The role of a user in a service, and whether it waits for a second person.
pub(super) fn standing(conn: &mut AnyConn, key: &MacKey, user: Id, service: Id) -> QueryResult<Option<Standing>> {
    let held: Option<VouchedMembership> = memberships::table
        .filter(memberships::user_id.eq(user).and(memberships::service_id.eq(service)))
        .select(VouchedMembership::as_select())
        .first(conn)
        .optional()?;
    let held = held.and_then(|held| held.genuine(key));
    Ok(held.map(|held| Standing { role: held.role, pending: held.requested_by.is_some() }))
}

/// Sets the role in a service. Replaces the one that the user had there.
pub(super) fn set_role(conn: &mut AnyConn, row: &VouchedMembership) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(memberships::table)
        .values(row)
        .on_conflict((memberships::user_id, memberships::service_id))
        .do_update()
        .set(row)
        .execute(c))
    .map(drop)
}

pub(super) fn delete_role(conn: &mut AnyConn, user: Id, service: Id) -> QueryResult<()> {
    let held = memberships::user_id.eq(user).and(memberships::service_id.eq(service));
    diesel::delete(memberships::table.filter(held)).execute(conn).map(drop)
}

/// Stores a reset. Replaces an earlier one.
pub(super) fn replace_reset(conn: &mut AnyConn, reset: &VouchedReset) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(password_resets::table)
        .values(reset)
        .on_conflict(password_resets::user_id)
        .do_update()
        .set(reset)
        .execute(c))
    .map(drop)
}

/// The user of a reset that has not expired.
pub(super) fn of_reset(
    conn: &mut AnyConn,
    key: &MacKey,
    token_hash: &[u8],
    now: UtcTs,
) -> QueryResult<Option<UserRow>> {
    let open = || {
        password_resets::table
            .filter(password_resets::token_hash.eq(token_hash).and(password_resets::expires_at.gt(now)))
    };
    let (resets, users) = together!(
        conn,
        open().select(columns::<VouchedReset>()) => VouchedReset,
        users::table.filter(users::id.eq_any(open().select(password_resets::user_id))).select(columns::<UserRow>())
            => UserRow,
    )?;
    let is_genuine = resets.first().is_some_and(|reset| reset.is_genuine(key));
    Ok(users.into_iter().next().filter(|user| is_genuine && user.is_genuine(key)))
}

/// Uses up a reset that has not expired. None if a concurrent transaction was first.
pub(super) fn take_reset(
    conn: &mut AnyConn,
    key: &MacKey,
    token_hash: &[u8],
    now: UtcTs,
) -> QueryResult<Option<VouchedReset>> {
    let one = password_resets::token_hash.eq(token_hash).and(password_resets::expires_at.gt(now));
    let taken: Option<VouchedReset> = each!(conn, c => diesel::delete(password_resets::table.filter(one))
        .returning(VouchedReset::as_returning())
        .get_result(c)
        .optional())?;
    Ok(taken.and_then(|reset| reset.genuine(key)))
}
