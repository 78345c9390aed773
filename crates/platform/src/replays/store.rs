//! The SQL of stored replies.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text, Timestamp};

use passerelle_base::values::{Id, UtcTs};
use passerelle_database::schema::stored_replies;
use passerelle_database::{AnyConn, Expiring, Lock, prepared};

/// A row of `stored_replies`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = stored_replies)]
pub(super) struct ReplyRow {
    pub(super) fingerprint: Vec<u8>,
    pub(super) reply: Vec<u8>,
    pub(super) owners: String,
    pub(super) created_at: UtcTs,
}

/// What is known of a key.
pub(super) enum Found {
    /// A concurrent call holds the lock.
    Locked,
    /// No reply is stored. This transaction holds the lock of the key, and the lock to take `then`.
    Nothing,
    /// A reply is stored.
    Reply(ReplyRow),
}

/// The row of the function `passerelle_stored_reply`.
#[derive(QueryableByName)]
struct LockedReply {
    #[diesel(sql_type = Bool)]
    taken: bool,
    #[diesel(sql_type = Nullable<Binary>)]
    fingerprint: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    reply: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    owners: Option<String>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    created_at: Option<UtcTs>,
}

/// Locks the key for this transaction, then looks the reply up. If there is none, waits for the lock `then`, which the use
/// case needs.
///
/// On PostgreSQL it is an advisory lock, without waiting. A function takes it and looks the reply up in two statements,
/// in one round trip: one statement would look it up in a snapshot from before the lock, and miss the reply of a call
/// that ends in between. SQLite has one writer at a time: a concurrent call has committed or has not begun.
pub(super) fn lock_and_find(
    conn: &mut AnyConn,
    principal: &str,
    key_mac: &[u8; 32],
    then: Option<(Lock, Id)>,
) -> QueryResult<Found> {
    let AnyConn::Pg(pg) = conn else {
        let row = stored_replies::table
            .filter(stored_replies::principal.eq(principal).and(stored_replies::key_mac.eq(&key_mac[..])))
            .select(ReplyRow::as_select())
            .get_result(conn)
            .optional()?;
        return Ok(row.map_or(Found::Nothing, Found::Reply));
    };
    let mut first = [0; 8];
    first.copy_from_slice(&key_mac[..8]);
    let look_up = diesel::sql_query("SELECT * FROM passerelle_stored_reply($1, $2, $3, $4, $5)")
        .bind::<Text, _>(principal)
        .bind::<Binary, _>(&key_mac[..])
        .bind::<BigInt, _>(i64::from_be_bytes(first))
        .bind::<Nullable<Integer>, _>(then.map(|(lock, _)| lock as i32))
        .bind::<Nullable<Text>, _>(then.map(|(_, object)| object.as_str().to_owned()));
    let row: LockedReply = prepared(look_up).get_result(pg)?;
    Ok(match row {
        LockedReply { taken: false, .. } => Found::Locked,
        LockedReply {
            fingerprint: Some(fingerprint),
            reply: Some(reply),
            owners: Some(owners),
            created_at: Some(created_at),
            ..
        } => Found::Reply(ReplyRow { fingerprint, reply, owners, created_at }),
        _ => Found::Nothing,
    })
}

pub(super) fn delete(conn: &mut AnyConn, principal: &str, key_mac: &[u8]) -> QueryResult<()> {
    let one = stored_replies::principal.eq(principal).and(stored_replies::key_mac.eq(key_mac));
    diesel::delete(stored_replies::table.filter(one)).execute(conn).map(drop)
}

/// Deletes the oldest replies stored before an instant, at most `limit`.
pub(super) fn delete_before(conn: &mut AnyConn, instant: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "stored_replies", column: "created_at", at_once: false }.delete(conn, instant, limit)
}
