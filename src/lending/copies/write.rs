//! Writing another version of a copy: for the use cases of copies and of checks.

use super::store::{self, CopyRow};
use crate::error::ApiError;
use crate::trail::Resource;
use crate::work::Work;

/// Replaces a copy by its next version, and increments the version of its kit.
pub(in crate::lending) fn replace(work: &mut Work<'_>, row: &CopyRow, mut new: CopyRow) -> Result<CopyRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::replace(work.conn, row, &new)?)?;
    work.changed(Resource::KitCopy, row.service_id, row.id);
    work.changed(Resource::Kit, row.service_id, row.kit_id);
    Ok(new)
}
