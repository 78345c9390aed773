//! The reason that every deletion gives. The change feed repeats it.

use serde::Deserialize;
use utoipa::IntoParams;

use super::description::Description;
use super::query::QueryParams;
use crate::trail::DeletionReason;

/// The query parameter of every deletion.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Deletion {
    /// Reason for the deletion.
    pub reason: DeletionReason,
}

impl QueryParams for Deletion {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<DeletionReason>();
    }
}
