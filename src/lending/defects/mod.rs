//! Defects: parts of a copy that are missing or damaged, until they are replaced or written off.
//!
//! ```text
//! a check finds it ──► to_buy ──► replaced       the part was replaced
//!                        ├──────► written_off    the part will not be replaced: later checks do not expect it
//!                        └──────► resolved       a later check no longer found the defect
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
