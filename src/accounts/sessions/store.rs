//! The SQL of sessions: a session is the refresh tokens that share its identifier.

use diesel::prelude::*;

use crate::db::schema::refresh_tokens;
use crate::db::{AnyConn, Id};

/// The open sessions of a user.
pub(super) fn of_user(conn: &mut AnyConn, user: Id) -> QueryResult<Vec<Id>> {
    refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user))
        .select(refresh_tokens::session_id)
        .distinct()
        .load(conn)
}

/// Deletes the refresh tokens of a session.
pub(super) fn delete(conn: &mut AnyConn, session: Id) -> QueryResult<()> {
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq(session))).execute(conn).map(drop)
}
