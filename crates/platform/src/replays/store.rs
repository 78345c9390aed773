//! The SQL of stored replies.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use passerelle_base::values::UtcTs;
use passerelle_database::schema::stored_replies;
use passerelle_database::{AnyConn, Expiring};

/// A row of `stored_replies`.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = stored_replies, treat_none_as_default_value = false)]
pub(super) struct ReplyRow {
    pub(super) principal: String,
    pub(super) key_mac: Vec<u8>,
    pub(super) fingerprint: Vec<u8>,
    pub(super) reply: Vec<u8>,
    pub(super) owners: String,
    pub(super) created_at: UtcTs,
}

#[derive(QueryableByName)]
struct LockTaken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// Locks the key for this transaction; false if a concurrent call holds the lock.
///
/// On PostgreSQL it is an advisory lock, without waiting. SQLite has one writer at a time: a concurrent call has
/// committed or has not begun.
pub(super) fn try_lock_key(conn: &mut AnyConn, key_mac: &[u8; 32]) -> QueryResult<bool> {
    let AnyConn::Pg(pg) = conn else { return Ok(true) };
    let mut first = [0; 8];
    first.copy_from_slice(&key_mac[..8]);
    let lock: LockTaken = diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS taken")
        .bind::<BigInt, _>(i64::from_be_bytes(first))
        .get_result(pg)?;
    Ok(lock.taken)
}

pub(super) fn find(conn: &mut AnyConn, principal: &str, key_mac: &[u8]) -> QueryResult<Option<ReplyRow>> {
    stored_replies::table
        .filter(stored_replies::principal.eq(principal).and(stored_replies::key_mac.eq(key_mac)))
        .select(ReplyRow::as_select())
        .get_result(conn)
        .optional()
}

pub(super) fn insert(conn: &mut AnyConn, row: &ReplyRow) -> QueryResult<()> {
    diesel::insert_into(stored_replies::table).values(row).execute(conn).map(drop)
}

pub(super) fn delete(conn: &mut AnyConn, principal: &str, key_mac: &[u8]) -> QueryResult<()> {
    let one = stored_replies::principal.eq(principal).and(stored_replies::key_mac.eq(key_mac));
    diesel::delete(stored_replies::table.filter(one)).execute(conn).map(drop)
}

/// Deletes the oldest replies stored before an instant, at most `limit`.
pub(super) fn delete_before(conn: &mut AnyConn, instant: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "stored_replies", column: "created_at", at_once: false }.delete(conn, instant, limit)
}
