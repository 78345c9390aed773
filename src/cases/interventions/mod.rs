//! Interventions: the dated pieces of work of a service, about one case, several or none.
//!
//! ARS: indirect work, travel, coordination and resource work vanish from every count. Here each intervention has a mode, a
//! duration and a travel time, and participants are counted by kind, never named. Work on school time or with school staff is
//! out of scope, except bridges to school: see `services::public`.
//!
//! Invariants:
//! - an act is one piece of work. Each of its cases has a row with its share of the minutes and of the participants
//!   (`cases::model::shares`); work about no case is one row without a case;
//! - figures count acts, and sum shares: an act about three cases counts once, and its minutes once;
//! - what is true of the act (type, day, place, who took part) is the same in all its rows, and is corrected in all of them; the
//!   note and the next action are those of a case;
//! - the rows of an act have one version, and are removed together.

pub mod correct;
pub mod dto;
mod handlers;
mod merge;
pub mod ops;
mod show;
pub mod store;

use crate::http::Operations;

/// Adds the operations on interventions.
pub(super) fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
        create_intervention, list_interventions, record_work, record_week, list_work, get_intervention,
        update_intervention, delete_intervention, list_intervention_history
    });
}
