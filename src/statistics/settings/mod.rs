//! To come.

use crate::http::Operations;

/// Adds nothing yet.
pub(super) fn routes(_: &mut Operations) {}
