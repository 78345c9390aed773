//! The SQL of the caller's own account.

use diesel::prelude::*;

use crate::auth::{Vouched, VouchedUser};
use crate::db::schema::{password_resets, recovery_codes, users};
use crate::db::{AnyConn, Id, UtcTs, insert_together, write_together};
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

/// Confirms the secret, stores the time step of the code that proved it, and withdraws what was issued for its owner.
/// Returns false if the row was changed since it was read: a concurrent transaction may have confirmed it.
pub(super) fn confirm(
    conn: &mut AnyConn,
    read: &VouchedUser,
    new: &VouchedUser,
    step: i64,
    now: UtcTs,
) -> QueryResult<bool> {
    let confirmed = diesel::update(as_read(read)).set((new, users::totp_last_step.eq(step), users::updated_at.eq(now)));
    Ok(write_together!(conn, diesel::delete(reset_of(read.id)), confirmed)? == 1)
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
