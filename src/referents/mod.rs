//! The network of referents.

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(_ops: &mut Operations) {}
