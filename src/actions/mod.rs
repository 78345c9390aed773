//! Collective actions.

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(_ops: &mut Operations) {}
