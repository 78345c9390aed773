//! The SQL of the caller's own account.

use diesel::prelude::*;

use crate::db::schema::{password_resets, recovery_codes, users};
use crate::db::{AnyConn, Id, UtcTs, insert_together, write_together};

/// The factors that authenticate a user.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct Factors {
    pub(super) email: String,
    pub(super) display_name: String,
    pub(super) password_hash: String,
    pub(super) sealed_totp_secret: Option<Vec<u8>>,
    pub(super) totp_confirmed_at: Option<UtcTs>,
}

pub(super) fn factors(conn: &mut AnyConn, user: Id) -> QueryResult<Factors> {
    users::table.filter(users::id.eq(user)).select(Factors::as_select()).first(conn)
}

/// The reset that was issued for a user. It is withdrawn by each change of their credentials.
#[diesel::dsl::auto_type]
fn reset_of(user: Id) -> _ {
    password_resets::table.filter(password_resets::user_id.eq(user))
}

/// Sets the password, and withdraws what was issued for its owner.
pub(super) fn set_password(conn: &mut AnyConn, user: Id, hash: &str, now: UtcTs) -> QueryResult<()> {
    let changed = diesel::update(users::table.filter(users::id.eq(user))).set((
        users::password_hash.eq(hash),
        users::version.eq(users::version + 1),
        users::updated_at.eq(now),
    ));
    write_together!(conn, diesel::delete(reset_of(user)), changed).map(drop)
}

/// Stores a secret that is not confirmed yet.
pub(super) fn set_secret(conn: &mut AnyConn, user: Id, sealed: &[u8]) -> QueryResult<()> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::sealed_totp_secret.eq(sealed), users::totp_last_step.eq(0)))
        .execute(conn)
        .map(drop)
}

/// Confirms the secret, stores the time step of the code that proved it, and withdraws what was issued for its owner. Returns false if a concurrent transaction
/// has already confirmed it.
pub(super) fn confirm(conn: &mut AnyConn, user: Id, step: i64, now: UtcTs) -> QueryResult<bool> {
    let waiting = users::id.eq(user).and(users::totp_confirmed_at.is_null());
    let confirmed = diesel::update(users::table.filter(waiting)).set((
        users::totp_confirmed_at.eq(now),
        users::totp_last_step.eq(step),
        users::version.eq(users::version + 1),
        users::updated_at.eq(now),
    ));
    Ok(write_together!(conn, diesel::delete(reset_of(user)), confirmed)? == 1)
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

/// Replaces the recovery codes of a user.
pub(super) fn replace_recovery_codes(conn: &mut AnyConn, user: Id, macs: &[Vec<u8>]) -> QueryResult<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(conn)?;
    let row = |mac: &Vec<u8>| (recovery_codes::user_id.eq(user), recovery_codes::code_mac.eq(mac.clone()));
    let rows: Vec<_> = macs.iter().map(row).collect();
    insert_together!(conn, recovery_codes => &rows)
}

/// Deletes the second factor and its recovery codes, and withdraws what was issued for its owner.
pub(super) fn clear_second_factor(conn: &mut AnyConn, user: Id, now: UtcTs) -> QueryResult<()> {
    let cleared = diesel::update(users::table.filter(users::id.eq(user))).set((
        users::sealed_totp_secret.eq(None::<Vec<u8>>),
        users::totp_confirmed_at.eq(None::<UtcTs>),
        users::totp_last_step.eq(0),
        users::version.eq(users::version + 1),
        users::updated_at.eq(now),
    ));
    let codes = recovery_codes::table.filter(recovery_codes::user_id.eq(user));
    write_together!(conn, diesel::delete(codes), diesel::delete(reset_of(user)), cleared).map(drop)
}
