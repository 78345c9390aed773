//! What the closing of a case does to its suspension.

use chrono::NaiveDate;

use super::store::{self, SuspensionRow};
use crate::error::ApiError;
use crate::trail::Resource;
use crate::work::Work;

/// Ends the suspension of a case that is closed.
pub(in crate::cases) fn end_with_closing(
    work: &mut Work<'_>,
    current: &SuspensionRow,
    closed_on: NaiveDate,
) -> Result<(), ApiError> {
    let ended = current.ended(work, closed_on);
    ApiError::require_first(store::update(work.conn, current, &ended)?)?;
    work.changed_in(ended.case_id, Resource::CaseSuspension, ended.service_id, ended.id);
    Ok(())
}
