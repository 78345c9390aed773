//! Defects: parts of a copy that are missing or damaged, until they are replaced or given up.
//!
//! ```text
//! a check finds it ──► to_buy ──► replaced       somebody bought the part
//!                        ├──────► written_off    it will not be replaced: later checks expect no more
//!                        └──────► resolved       a later check no longer sees it
//! ```

pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on defects.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{list_kit_defects, get_kit_defect, settle_kit_defect});
}
