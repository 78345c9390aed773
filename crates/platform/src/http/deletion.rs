//! The reason that every deletion gives. The change feed repeats it.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::trail::DeletionReason;

/// The query parameter of every deletion.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct Deletion {
    /// Reason for the deletion.
    pub reason: DeletionReason,
}
