//! Deleting expired rows, a bounded number at a time.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::sql_types::Timestamp;

use super::conn::AnyConn;
use super::each;
use passerelle_base::values::UtcTs;

/// The rows of a table that expire.
#[derive(Clone, Copy, Debug)]
pub struct Expiring {
    /// The table.
    pub table: &'static str,
    /// The indexed column that says when.
    pub column: &'static str,
    /// Whether a row has expired at the instant itself, or only after it.
    pub at_once: bool,
}

impl Expiring {
    /// Deletes the rows that expired first by an instant, at most `limit`, and returns their number.
    pub fn delete(self, conn: &mut AnyConn, by: UtcTs, limit: usize) -> QueryResult<usize> {
        let Self { table, column, at_once } = self;
        // The address of a row, so that the rows are found once. Neither engine has DELETE … LIMIT.
        let (address, close) = match conn {
            AnyConn::Pg(_) => ("ctid = ANY (ARRAY(SELECT ctid", "))"),
            AnyConn::Sqlite(_) => ("rowid IN (SELECT rowid", ")"),
        };
        let compare = if at_once { "<=" } else { "<" };
        let sql = format!(
            "DELETE FROM {table} WHERE {address} FROM {table} WHERE {column} {compare} $1 ORDER BY {column} LIMIT {limit}{close}"
        );
        each!(conn, c => diesel::sql_query(sql).bind::<Timestamp, _>(by).execute(c))
    }
}
