//! Interventions: the dated pieces of work of a case.
//!
//! ARS: indirect work, travel, coordination and resource work vanish from every count. Here each intervention has a mode, a
//! duration and a travel time, and participants are counted by kind, never named. Work on school time or with school staff is
//! out of scope, except bridges to school: see `services::public`.

pub mod correct;
pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the operations on interventions.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_intervention, list_interventions, get_intervention, update_intervention, delete_intervention,
        list_intervention_history
    });
}
