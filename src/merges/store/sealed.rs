//! The SQL of sealed values of any table, which are sealed again when a merge is undone.

use diesel::QueryResult;

use crate::db::AnyConn;
use crate::db::whole::{bytes_of, set_bytes};

/// A sealed value; none if there is none, or the row is gone.
pub(in crate::merges) fn get(conn: &mut AnyConn, table: &str, column: &str, row: &str) -> QueryResult<Option<Vec<u8>>> {
    bytes_of(conn, table, column, row)
}

/// Replaces a sealed value.
pub(in crate::merges) fn set(
    conn: &mut AnyConn,
    table: &str,
    column: &str,
    row: &str,
    sealed: &[u8],
) -> QueryResult<()> {
    set_bytes(conn, table, column, row, Some(sealed))
}
