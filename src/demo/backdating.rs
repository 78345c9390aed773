//! Runs use cases at a past instant.

use chrono::{Duration, NaiveDate, NaiveTime};

use crate::db::UtcTs;
use crate::error::ApiError;
use crate::trail::Call;
use crate::transactions::recorded;
use crate::work::Work;

/// Runs a use case in the current transaction, but at another instant and as another author, with its own changes and
/// its own event in the journal. `minute` counts from the morning of the day. An instant after the present becomes the
/// present.
pub(super) fn at<T>(
    work: &mut Work<'_>,
    on: NaiveDate,
    minute: i64,
    call: impl Into<Call>,
    use_case: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    // Seven o'clock in UTC is the morning in metropolitan France, in summer and in winter.
    let morning = on.and_time(NaiveTime::MIN).and_utc() + Duration::minutes(7 * 60 + minute);
    let now = UtcTs::from(morning).min(work.now);
    recorded(Work::new(&mut *work.conn, work.vault, now, call), use_case)
}
