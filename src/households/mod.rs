//! Households: families, their children and their contacts.
//!
//! Invariants:
//! - a household has its own data key, and everything that identifies a person is sealed under it;
//! - children and contacts can be found only by blind tokens: there is no sort by name and no search by prefix;
//! - siblings share a household, and twins are two children;
//! - one e-mail address or telephone number may belong to several people.

pub mod absorbed;
pub mod births;
pub mod correct;
pub mod dto;
mod handlers;
pub mod model;
pub mod naming;
pub mod ops;
pub mod resemblance;
mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("households", "Families, their children and their contacts: personal data, encrypted at rest.");
    crate::operations!(
        ops,
        handlers::{create_household, get_household, create_child, create_contact, get_child, get_contact, look_up_children, update_household,
            update_child, update_contact, delete_contact}
    );
}
