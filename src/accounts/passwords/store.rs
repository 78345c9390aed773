//! The SQL of renewing the hash of a password.

use diesel::prelude::*;

use crate::db::schema::users;
use crate::db::{AnyConn, Id};

/// Replaces the hash of a password by another one of the same password, unless the password was changed meanwhile. The version
/// stays: nothing that a person sees has changed.
pub(super) fn renew(conn: &mut AnyConn, user: Id, stored: &str, renewed: &str) -> QueryResult<()> {
    let same = users::id.eq(user).and(users::password_hash.eq(stored));
    diesel::update(users::table.filter(same)).set(users::password_hash.eq(renewed)).execute(conn).map(drop)
}
