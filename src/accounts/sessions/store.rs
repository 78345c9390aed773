//! The SQL of sessions: a session is the refresh tokens that share its identifier.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::dto::UserSession;
use crate::db::schema::refresh_tokens;
use crate::db::{AnyConn, Id, UtcTs, each};
use crate::http::page::{PageInfo, PageRequest};

/// The refresh token with which a session can be renewed.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub(super) struct SessionRow {
    pub(super) session_id: Id,
    pub(super) issued_at: Option<UtcTs>,
    pub(super) address: Option<String>,
    pub(super) session_ends_at: UtcTs,
}

impl From<SessionRow> for UserSession {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.session_id,
            current: false,
            refreshed_at: row.issued_at,
            address: row.address,
            ends_at: row.session_ends_at,
        }
    }
}

type Boxed<'a> = refresh_tokens::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The tokens with which the sessions of a user can be renewed: one for each open session.
fn open<'a>(user: Id, now: UtcTs) -> Boxed<'a> {
    let usable = refresh_tokens::used_at.is_null().and(refresh_tokens::expires_at.gt(now));
    refresh_tokens::table.filter(refresh_tokens::user_id.eq(user).and(usable)).into_boxed()
}

/// A page of the open sessions of a user, latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    user: Id,
    now: UtcTs,
    page: &PageRequest,
) -> QueryResult<(Vec<SessionRow>, PageInfo)> {
    let mut query = open(user, now);
    if let Some(id) = page.after::<Id>() {
        query = query.filter(refresh_tokens::session_id.lt(id));
    }
    let query = query.order(refresh_tokens::session_id.desc()).limit(page.fetch());
    let (rows, info) = page.cut(query.select(SessionRow::as_select()).load(conn)?, |row: &SessionRow| row.session_id);
    let info = page.counted(info, || open(user, now).count().get_result(conn))?;
    Ok((rows, info))
}

/// The sessions of a user, even those that can no longer be renewed: their access tokens may still be valid.
pub(super) fn of_user(conn: &mut AnyConn, user: Id) -> QueryResult<Vec<Id>> {
    refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user))
        .select(refresh_tokens::session_id)
        .distinct()
        .load(conn)
}

/// Deletes the refresh tokens of every session of a user but one. Returns these sessions.
pub(super) fn delete_of_user(conn: &mut AnyConn, user: Id, kept: Option<Id>) -> QueryResult<BTreeSet<Id>> {
    // No session has an empty identifier.
    let kept = kept.as_ref().map_or("", Id::as_str).to_owned();
    let others = refresh_tokens::user_id.eq(user).and(refresh_tokens::session_id.ne(kept));
    let ended: Vec<Id> = each!(conn, c => diesel::delete(refresh_tokens::table.filter(others))
        .returning(refresh_tokens::session_id)
        .get_results(c))?;
    Ok(ended.into_iter().collect())
}

/// Deletes the refresh tokens of a session.
pub(super) fn delete(conn: &mut AnyConn, session: Id) -> QueryResult<()> {
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq(session))).execute(conn).map(drop)
}
