//! Interventions: the dated pieces of work of a case.
//!
//! ARS: indirect work, travel, coordination and resource work vanish from every count. Here each piece
//! of work has a mode, its minutes and its travel minutes, and participants are counted by kind, never
//! named. Work on school time or with school staff is out of scope, but for a bridge to school.

pub mod dto;
mod handlers;
mod model;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on interventions.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{create_intervention, list_interventions});
}
