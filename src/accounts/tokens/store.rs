//! The SQL of tokens.

use diesel::prelude::*;

use crate::db::schema::{clients, refresh_tokens, users};
use crate::db::{AnyConn, Expiring, Id, UtcTs, write_together};

/// The session of a refresh token.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub(super) struct RefreshRow {
    pub(super) session_id: Id,
    pub(super) user_id: Id,
    pub(super) session_ends_at: UtcTs,
}

/// The hash of a client's secret, that of the previous secret with its expiry, and the allowed networks.
pub(super) type ClientSecrets = (Vec<u8>, Option<(Vec<u8>, UtcTs)>, Option<String>);

/// The secrets of an active client.
pub(super) fn client_credentials(conn: &mut AnyConn, id: Id, now: UtcTs) -> QueryResult<Option<ClientSecrets>> {
    let unexpired = clients::expires_at.is_null().or(clients::expires_at.gt(now).assume_not_null());
    clients::table
        .filter(
            clients::id.eq(id).and(clients::disabled_at.is_null()).and(clients::requested_by.is_null()).and(unexpired),
        )
        .select((
            clients::secret_hash,
            (clients::former_secret_hash.assume_not_null(), clients::former_secret_until.assume_not_null()).nullable(),
            clients::networks,
        ))
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

/// Records the last use of a client. The version does not change: no user edits this field.
pub(super) fn client_used(conn: &mut AnyConn, id: Id, now: UtcTs) -> QueryResult<()> {
    diesel::update(clients::table.filter(clients::id.eq(id))).set(clients::last_used_at.eq(now)).execute(conn).map(drop)
}

/// Records a refresh token, when and from where it was issued and, if it begins a session, the last sign-in of its user.
pub(super) fn insert_refresh_token(
    conn: &mut AnyConn,
    session: &RefreshRow,
    token_hash: &[u8],
    expires_at: UtcTs,
    (now, address): (UtcTs, Option<String>),
    signed_in: bool,
) -> QueryResult<()> {
    let token = diesel::insert_into(refresh_tokens::table).values((
        refresh_tokens::token_hash.eq(token_hash),
        refresh_tokens::session_id.eq(session.session_id),
        refresh_tokens::user_id.eq(session.user_id),
        refresh_tokens::expires_at.eq(expires_at),
        refresh_tokens::session_ends_at.eq(session.session_ends_at),
        refresh_tokens::issued_at.eq(now),
        refresh_tokens::address.eq(address),
    ));
    if !signed_in {
        return token.execute(conn).map(drop);
    }
    let user = users::table.filter(users::id.eq(session.user_id));
    write_together!(conn, diesel::update(user).set(users::last_signed_in_at.eq(now)), token).map(drop)
}

/// Uses up a refresh token. The condition of the UPDATE lets only one of several concurrent transactions use it.
pub(super) fn use_refresh_token(conn: &mut AnyConn, token_hash: &[u8], now: UtcTs) -> QueryResult<bool> {
    let usable = refresh_tokens::token_hash
        .eq(token_hash)
        .and(refresh_tokens::used_at.is_null())
        .and(refresh_tokens::expires_at.gt(now));
    let taken =
        diesel::update(refresh_tokens::table.filter(usable)).set(refresh_tokens::used_at.eq(now)).execute(conn)?;
    Ok(taken == 1)
}

/// The session of a refresh token, and whether the token was used.
pub(super) fn refresh_token(conn: &mut AnyConn, token_hash: &[u8]) -> QueryResult<Option<(RefreshRow, bool)>> {
    refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select((RefreshRow::as_select(), refresh_tokens::used_at.is_not_null()))
        .first(conn)
        .optional()
}

/// The refresh tokens that are deleted. A used token stays as long as its session can last, so that a second use is
/// detected.
const ENDED_TOKENS: Expiring = Expiring { table: "refresh_tokens", column: "session_ends_at", at_once: true };

const EXPIRED_RESETS: Expiring = Expiring { table: "password_resets", column: "expires_at", at_once: true };

/// Deletes refresh tokens and password resets that have expired, at most `limit` of each. Returns the larger number.
pub(super) fn delete_expired(conn: &mut AnyConn, now: UtcTs, limit: usize) -> QueryResult<usize> {
    let tokens = ENDED_TOKENS.delete(conn, now, limit)?;
    Ok(tokens.max(EXPIRED_RESETS.delete(conn, now, limit)?))
}
