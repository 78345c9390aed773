//! The last full year of a service, at an address that stays the same when the next year is published.

mod handlers;

use crate::http::Operations;

/// Adds the operations of the last full year.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        list_latest_open_year_tables, get_latest_open_year_table, get_latest_open_year_file,
        list_latest_year_tables, get_latest_year_table, get_latest_year_file
    });
}
