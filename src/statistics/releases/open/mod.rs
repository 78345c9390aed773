//! Open data: the releases that everybody may read without a token.

mod catalogue;
mod handlers;

use crate::http::Operations;

/// Adds the operations of open data.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        list_open_statistics_releases, get_open_statistics_release, get_open_statistics_dictionary,
        list_open_statistics_tables, get_open_statistics_table, get_open_statistics_file, get_open_data_catalogue, get_signed_open_statistics_release
    });
}
