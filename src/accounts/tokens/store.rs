//! The SQL of tokens.

use diesel::prelude::*;

use crate::auth::{Vouched, VouchedClient, VouchedToken, VouchedUser};
use crate::db::schema::{clients, refresh_tokens, users};
use crate::db::{AnyConn, Expiring, Id, UtcTs, write_together};
use crate::privacy::MacKey;

/// An active client.
pub(super) fn client(conn: &mut AnyConn, key: &MacKey, id: Id, now: UtcTs) -> QueryResult<Option<VouchedClient>> {
    let unexpired = clients::expires_at.is_null().or(clients::expires_at.gt(now).assume_not_null());
    let active = clients::disabled_at.is_null().and(clients::requested_by.is_null()).and(unexpired);
    let client: Option<VouchedClient> = clients::table
        .filter(clients::id.eq(id).and(active))
        .select(VouchedClient::as_select())
        .first(conn)
        .optional()?;
    Ok(client.and_then(|client| client.genuine(key)))
}

/// An active user.
pub(super) fn user(conn: &mut AnyConn, key: &MacKey, email: &str) -> QueryResult<Option<VouchedUser>> {
    let user: Option<VouchedUser> = users::table
        .filter(users::email.eq(email).and(users::disabled_at.is_null()))
        .select(VouchedUser::as_select())
        .first(conn)
        .optional()?;
    Ok(user.and_then(|user| user.genuine(key)))
}

/// Records the last use of a client. The version does not change: no user edits this field.
pub(super) fn client_used(conn: &mut AnyConn, id: Id, now: UtcTs) -> QueryResult<()> {
    diesel::update(clients::table.filter(clients::id.eq(id))).set(clients::last_used_at.eq(now)).execute(conn).map(drop)
}

/// Records a refresh token, when and from where it was issued and, if it begins a session, the last sign-in of its user.
pub(super) fn insert_refresh_token(
    conn: &mut AnyConn,
    row: &VouchedToken,
    (now, address): (UtcTs, Option<String>),
    signed_in: bool,
) -> QueryResult<()> {
    let issued = (refresh_tokens::issued_at.eq(now), refresh_tokens::address.eq(address));
    let token = diesel::insert_into(refresh_tokens::table).values((row, issued));
    if !signed_in {
        return token.execute(conn).map(drop);
    }
    let user = users::table.filter(users::id.eq(row.user_id));
    write_together!(conn, diesel::update(user).set(users::last_signed_in_at.eq(now)), token).map(drop)
}

/// Uses up a refresh token that was read. The condition of the UPDATE lets only one of several concurrent transactions use it.
pub(super) fn use_refresh_token(
    conn: &mut AnyConn,
    key: &MacKey,
    read: &VouchedToken,
    now: UtcTs,
) -> QueryResult<bool> {
    let unused = refresh_tokens::used_at.is_null().and(refresh_tokens::mac.eq(read.mac.as_deref()));
    let as_read = refresh_tokens::table.filter(refresh_tokens::token_hash.eq(&read.token_hash).and(unused));
    let used = VouchedToken { used_at: Some(now), ..read.clone() }.vouched(key);
    Ok(diesel::update(as_read).set(&used).execute(conn)? == 1)
}

/// A refresh token.
pub(super) fn refresh_token(conn: &mut AnyConn, key: &MacKey, token_hash: &[u8]) -> QueryResult<Option<VouchedToken>> {
    let token: Option<VouchedToken> = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select(VouchedToken::as_select())
        .first(conn)
        .optional()?;
    Ok(token.and_then(|token| token.genuine(key)))
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
