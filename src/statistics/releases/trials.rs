//! How many specifications a service may try. Each trial says how many cells a table would hide, which depends on hidden
//! counts: a handful is enough to choose, and many would be a search.

use super::store;
use crate::db::{Id, UtcTs};
use crate::error::{ApiError, Code};
use crate::work::Work;

/// The trials of a service in 24 hours.
const PER_DAY: usize = 10;

/// The trials of a service in 365 days.
const PER_YEAR: usize = 60;

/// Fails with a 409 if a service has had its trials of the day or of the year.
pub(super) fn require_one_more(work: &mut Work<'_>, service: Id) -> Result<(), ApiError> {
    let since = work.now.plus(chrono::Duration::days(-365));
    let asked = store::trials_since(work.conn, service, since, PER_YEAR)?;
    let Some(next) = next_at(&asked, work.now) else { return Ok(()) };
    Err(ApiError::new(Code::Conflict)
        .detail(
            format!("Le service a déjà essayé {PER_DAY} spécifications en un jour ou {PER_YEAR} en un an."),
            format!("The service has already tried {PER_DAY} specifications in a day or {PER_YEAR} in a year."),
        )
        .with("next_trial_at", serde_json::json!(next)))
}

/// From when on another trial is possible, after these, the latest first; `None` if it is now.
fn next_at(asked: &[UtcTs], now: UtcTs) -> Option<UtcTs> {
    let limits = [(PER_DAY, 1), (PER_YEAR, 365)];
    let ends =
        limits.iter().filter_map(|(number, days)| Some(asked.get(number - 1)?.plus(chrono::Duration::days(*days))));
    ends.filter(|end| *end > now).max()
}

#[cfg(test)]
mod tests {
    use crate::statistics::releases::trials::*;

    #[test]
    fn trials_are_limited_by_day_and_by_year() {
        let start = UtcTs::from(chrono::DateTime::UNIX_EPOCH);
        let at = |hours: i64| start.plus(chrono::Duration::hours(hours));
        let spaced = |number: i64, hours: i64| (0..number).rev().map(|one| at(one * hours)).collect::<Vec<_>>();
        assert_eq!(next_at(&spaced(9, 1), at(9)), None);
        assert_eq!(next_at(&spaced(10, 1), at(10)), Some(at(24)));
        assert_eq!(next_at(&spaced(10, 1), at(24)), None);
        assert_eq!(next_at(&spaced(59, 24), at(59 * 24)), None);
        assert_eq!(next_at(&spaced(60, 24), at(60 * 24)), Some(at(365 * 24)));
    }
}
