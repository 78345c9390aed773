//! The SQL of the caller's own account.

use diesel::prelude::*;

use crate::auth::{PrincipalId, Role, Vouched, VouchedUser};
use crate::db::schema::{clients, memberships, password_resets, recovery_codes, services, users};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, Writes, insert_together, together, write_together};
use crate::privacy::MacKey;

/// The factors that authenticate a user.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct Factors {
    #[diesel(embed)]
    pub(super) vouched: VouchedUser,
    pub(super) display_name: String,
}

/// The factors of a user. They are not found if the program did not write them.
pub(super) fn factors(conn: &mut AnyConn, key: &MacKey, user: Id) -> QueryResult<Factors> {
    let factors: Factors = users::table.filter(users::id.eq(user)).select(Factors::as_select()).first(conn)?;
    if factors.vouched.is_genuine(key) { Ok(factors) } else { Err(diesel::NotFound) }
}

/// An account: its name, and since when it has a second factor.
type Account = (String, Option<UtcTs>);

/// The account of a principal, the names of some services, and its roles in them.
type Around = (Vec<Account>, Vec<(Id, String)>, Vec<(Id, Role)>);

/// Reads what is around a principal.
pub(super) fn around(conn: &mut AnyConn, principal: PrincipalId, granted: &[Id]) -> QueryResult<Around> {
    let (user, client) = match principal {
        PrincipalId::User(user) => (vec![user], Vec::new()),
        PrincipalId::Client(client) => (Vec::new(), vec![client]),
        PrincipalId::Local => (Vec::new(), Vec::new()),
    };
    let theirs = memberships::user_id.among(&user).and(memberships::service_id.among(granted));
    let (mut accounts, names_of_clients, named, roles) = together!(
        conn,
        users::table.filter(users::id.among(&user)).select((users::display_name, users::totp_confirmed_at)) => Account,
        clients::table.filter(clients::id.among(&client)).select(clients::name) => String,
        services::table.filter(services::id.among(granted)).select((services::id, services::name)) => (Id, String),
        memberships::table.filter(theirs).select((memberships::service_id, memberships::role)) => (Id, Role),
    )?;
    accounts.extend(names_of_clients.into_iter().map(|name| (name, None)));
    Ok((accounts, named, roles))
}

/// The reset that was issued for a user. It is withdrawn by each change of their credentials.
#[diesel::dsl::auto_type]
fn reset_of(user: Id) -> _ {
    password_resets::table.filter(password_resets::user_id.eq(user))
}

/// The row of a user, as it was read.
#[diesel::dsl::auto_type]
fn as_read<'a>(read: &'a VouchedUser) -> _ {
    let id: Id = read.id;
    let mac: Option<&'a [u8]> = read.mac.as_deref();
    users::table.filter(users::id.eq(id).and(users::mac.eq(mac)))
}

/// Sets the password, and withdraws what was issued for its owner. Returns false if the row was changed since it was read.
pub(super) fn set_password(conn: &mut AnyConn, read: &VouchedUser, new: &VouchedUser, now: UtcTs) -> QueryResult<bool> {
    let changed = diesel::update(as_read(read)).set((new, users::updated_at.eq(now)));
    Ok(write_together!(conn, diesel::delete(reset_of(read.id)), changed)? == 1)
}

/// Stores a secret that is not confirmed yet. Returns false if the row was changed since it was read.
pub(super) fn set_secret(conn: &mut AnyConn, read: &VouchedUser, new: &VouchedUser) -> QueryResult<bool> {
    Ok(diesel::update(as_read(read)).set((new, users::totp_last_step.eq(0))).execute(conn)? == 1)
}

/// Confirms the secret, stores the time step of the code that proved it, replaces the recovery codes and withdraws what was
/// issued for its owner. Returns false if the row was changed since it was read: a concurrent transaction may have confirmed
/// it.
pub(super) fn confirm(
    conn: &mut AnyConn,
    read: &VouchedUser,
    (new, now): (&VouchedUser, UtcTs),
    step: i64,
    macs: &[Vec<u8>],
) -> QueryResult<bool> {
    let confirmed = diesel::update(as_read(read)).set((new, users::totp_last_step.eq(step), users::updated_at.eq(now)));
    let former = diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(read.id)));
    let row = |mac: &Vec<u8>| (recovery_codes::user_id.eq(read.id), recovery_codes::code_mac.eq(mac.clone()));
    let rows: Vec<_> = macs.iter().map(row).collect();
    let changed = match conn {
        AnyConn::Pg(pg) => {
            let mut writes = Writes::default();
            writes.add(diesel::delete(reset_of(read.id)));
            writes.add(former);
            writes.add(diesel::insert_into(recovery_codes::table).values(&rows));
            writes.add(confirmed);
            writes.execute(pg)?
        }
        AnyConn::Sqlite(_) => {
            let changed = write_together!(conn, diesel::delete(reset_of(read.id)), former, confirmed)?;
            insert_together!(conn, recovery_codes => &rows)?;
            changed
        }
    };
    Ok(changed == 1)
}

/// Uses up the code of a time step. Returns false if that step or a later one was already used.
pub(super) fn use_step(conn: &mut AnyConn, user: Id, step: i64) -> QueryResult<bool> {
    let unused = users::id.eq(user).and(users::totp_last_step.lt(step));
    let updated = diesel::update(users::table.filter(unused)).set(users::totp_last_step.eq(step)).execute(conn)?;
    Ok(updated == 1)
}

/// Uses up a recovery code. Returns false if there is no such code.
pub(super) fn use_recovery_code(conn: &mut AnyConn, user: Id, code_mac: &[u8]) -> QueryResult<bool> {
    let one = recovery_codes::user_id.eq(user).and(recovery_codes::code_mac.eq(code_mac));
    Ok(diesel::delete(recovery_codes::table.filter(one)).execute(conn)? == 1)
}

/// Deletes the second factor and its recovery codes, and withdraws what was issued for its owner. Returns false if the row was
/// changed since it was read.
pub(super) fn clear_second_factor(
    conn: &mut AnyConn,
    read: &VouchedUser,
    new: &VouchedUser,
    now: UtcTs,
) -> QueryResult<bool> {
    let cleared = diesel::update(as_read(read)).set((new, users::totp_last_step.eq(0), users::updated_at.eq(now)));
    let codes = recovery_codes::table.filter(recovery_codes::user_id.eq(read.id));
    Ok(write_together!(conn, diesel::delete(codes), diesel::delete(reset_of(read.id)), cleared)? == 1)
}
