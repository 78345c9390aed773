//! The load of a team today: who accompanies how many cases, what is late, who waits, and what the Cnaf recommends.
//!
//! Live figures, for the staff of the service. The recommendation is a yearly minimum and not a capacity: it does not say
//! how many more cases the team can open.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operation on the load of a team.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{get_workload});
}
