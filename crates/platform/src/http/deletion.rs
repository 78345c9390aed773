//! Why something is deleted: every deletion says it, and the change feed repeats it.

use serde::Deserialize;
use utoipa::IntoParams;

use super::description::Description;
use super::page::QueryParams;
use crate::trail::DeletionReason;

/// The parameter of every deletion.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Deletion {
    /// Why the object goes.
    pub reason: DeletionReason,
}

impl QueryParams for Deletion {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<DeletionReason>();
    }
}
