//! The size of a step of a background job.
//!
//! A job does its work in steps: short transactions, each of a bounded number of rows, with a pause after each. On SQLite
//! all other writes wait for a step. On PostgreSQL none does, and each step costs some round trips.

use passerelle_database::AnyConn;

/// The maximum number of rows that one step writes.
pub fn rows(conn: &AnyConn) -> usize {
    match conn {
        AnyConn::Pg(_) => 1000,
        AnyConn::Sqlite(_) => 200,
    }
}
