//! The SQL of renewing the hash of a password.

use diesel::prelude::*;

use crate::auth::{Vouched, VouchedUser};
use crate::db::schema::users;
use crate::db::{AnyConn, Id};
use crate::privacy::MacKey;

/// Replaces the hash of a password by another one of the same password, unless the password was changed meanwhile. The version
/// stays: nothing that a person sees has changed.
pub(super) fn renew(conn: &mut AnyConn, key: &MacKey, user: Id, stored: &str, renewed: String) -> QueryResult<()> {
    let same = users::id.eq(user).and(users::password_hash.eq(stored));
    let read: Option<VouchedUser> =
        users::table.filter(same).select(VouchedUser::as_select()).first(conn).optional()?;
    let Some(read) = read.and_then(|read| read.genuine(key)) else { return Ok(()) };
    let as_read = users::table.filter(users::id.eq(user).and(users::mac.eq(read.mac.clone())));
    let new = VouchedUser { password_hash: renewed, ..read }.vouched(key);
    diesel::update(as_read).set(&new).execute(conn).map(drop)
}
