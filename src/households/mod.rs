//! Households: the families, their children and the people to call.
//!
//! Invariants: a household has its own data key, and everything that names someone is sealed under
//! it; children and contacts are found again by blind tokens only, so there is no sorting and no
//! searching by the beginning of a name; siblings share a household, twins are two children; one
//! e-mail address or telephone number may belong to several people.

pub mod births;
pub mod correct;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("households", "Families, their children and the people to call: personal data, sealed at rest.");
    crate::operations!(
        ops,
        handlers::{create_household, get_household, create_child, create_contact, get_child, get_contact, look_up_children, update_household,
            update_child, update_contact, delete_contact}
    );
}
