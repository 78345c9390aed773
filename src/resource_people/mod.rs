//! Resource people (*personnes ressources*): the directory of outside professionals, occupational therapists, speech therapists,
//! psychologists…, who are called upon for a piece of work.
//!
//! Invariants:
//! - a resource person belongs to one service, as an organisation of its directory does, and may work in one of these;
//! - who was called upon is said by the work (`src/cases/interventions`), by identifier: a name is written once, and corrected
//!   once;
//! - somebody who was called upon is not deleted: they leave on a day, and are named by no later work.
//!
//! A resource person has no account, and reads nothing. They are in no statistics.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("resource-people", "The directory of outside professionals who are called upon for a piece of work.");
    crate::operations!(ops, handlers::{
            create_resource_person,
            list_resource_people,
            get_resource_person,
            update_resource_person,
            delete_resource_person,
        }
    );
}
