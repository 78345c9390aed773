//! Which published releases counted a child. A release never changes, so a correction says where the former value stays.

use chrono::{Datelike, NaiveDate};

use super::dto::CountedIn;
use super::store::{self, CHILDREN, Days, Published, ReleaseRow};
use crate::cases::store::CaseRow;
use crate::db::{Id, UtcTs};
use crate::error::ApiError;
use crate::work::Work;

/// The years that are looked at, at most: more is a mistake in a date.
const MOST_YEARS: usize = 30;

/// The releases that counted the child of a case in the years of some days, once the days had begun and what is about them was
/// recorded. A case about a structure is in no release.
///
/// Records that were replaced by corrected ones keep no link to their source, nor do those of a closed year: of the first
/// nothing can be said any more, of the second only that the year counts the child.
pub fn counted_in(
    work: &mut Work<'_>,
    case: &CaseRow,
    days: Days,
    recorded_at: UtcTs,
) -> Result<Vec<CountedIn>, ApiError> {
    match case.child_id {
        Some(child) => counted_child(work, case.service_id, child, days, Some(recorded_at)),
        None => Ok(Vec::new()),
    }
}

/// The releases that counted a child in the years of some days: see [`counted_in`].
pub(in crate::cases) fn counted_child(
    work: &mut Work<'_>,
    service: Id,
    child: Id,
    (from, to): Days,
    recorded_at: Option<UtcTs>,
) -> Result<Vec<CountedIn>, ApiError> {
    let years = (from.year()..=to.year()).rev().take(MOST_YEARS);
    let link = |year| (year, work.vault.statistics_link(service, CHILDREN, year, child.as_str()));
    let links: Vec<(i32, Vec<u8>)> = years.map(link).collect();
    let published = store::published(work.conn, service, &links)?;
    let known = |release: &&ReleaseRow| recorded_at.is_none_or(|recorded| recorded <= release.published_at);
    let counting = published.releases.iter().filter(known).filter(|release| counts(&published, release, from));
    Ok(counting.map(|release| entry(&published, release)).collect())
}

fn counts(published: &Published, release: &ReleaseRow, from: NaiveDate) -> bool {
    // A release up to a quarter that ended before the days did not count these days.
    if (release.year, release.quarter) < (from.year(), from.quarter().cast_signed()) {
        return false;
    }
    // Of a closed year nothing says any more in which quarters a child counts.
    let of_closed_year = published.closed.contains(&release.year);
    let until = (1 << release.quarter) - 1;
    let of_record = published.records.iter().any(|record| {
        (record.year, record.generation) == (release.year, release.generation)
            && record.quarters & until != 0
            && release.quarter <= record.frozen_through
    });
    of_closed_year || of_record
}

/// Whether a release with corrected records can still replace the last one of a year: the links of a closed year are
/// deleted, and the proof allows one correction.
fn is_correctable(published: &Published, year: i32) -> bool {
    let of_year = || published.releases.iter().filter(|release| release.year == year);
    !published.closed.contains(&year) && of_year().all(|release| release.generation == 1)
}

fn entry(published: &Published, release: &ReleaseRow) -> CountedIn {
    CountedIn {
        release_id: release.id,
        through: format!("{}-Q{}", release.year, release.quarter),
        tier: release.tier.clone(),
        correctable: is_correctable(published, release.year),
    }
}

#[cfg(test)]
mod tests {
    use crate::cases::corrections::published::*;
    use crate::cases::corrections::store::CountedRow;

    fn release(year: i32, quarter: i32, generation: i32) -> ReleaseRow {
        ReleaseRow {
            id: "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c99".parse().unwrap(),
            year,
            quarter,
            tier: "open".into(),
            generation,
            published_at: chrono::DateTime::UNIX_EPOCH.into(),
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_closed_year_counts_a_child_since_the_days_and_is_no_longer_correctable() {
        let releases = (1..=4).map(|quarter| release(2025, quarter, 1)).collect();
        let published = Published { records: Vec::new(), closed: vec![2025], releases };
        let quarters = |from: &str| -> Vec<i32> {
            let from = day(from);
            published.releases.iter().filter(|one| counts(&published, one, from)).map(|one| one.quarter).collect()
        };
        assert_eq!(quarters("2024-12-31"), [1, 2, 3, 4]);
        assert_eq!(quarters("2025-04-01"), [2, 3, 4]);
        assert_eq!(quarters("2025-12-31"), [4]);
        assert!(!is_correctable(&published, 2025));
    }

    #[test]
    fn a_quarter_that_ended_before_the_days_did_not_count_them() {
        let records = vec![CountedRow { year: 2026, quarters: 0b0011, frozen_through: 2, generation: 1 }];
        let releases = vec![release(2026, 1, 1), release(2026, 2, 1)];
        let published = Published { records, closed: Vec::new(), releases };
        let quarters = |from: &str| -> Vec<i32> {
            let from = day(from);
            published.releases.iter().filter(|one| counts(&published, one, from)).map(|one| one.quarter).collect()
        };
        assert_eq!((quarters("2026-03-31"), quarters("2026-04-28")), (vec![1, 2], vec![2]));
    }

    #[test]
    fn a_year_is_corrected_once() {
        let records = |generation| vec![CountedRow { year: 2026, quarters: 0b0001, frozen_through: 2, generation }];
        let once = Published { records: records(1), closed: Vec::new(), releases: vec![release(2026, 1, 1)] };
        assert!(counts(&once, &once.releases[0], day("2026-02-03")) && is_correctable(&once, 2026));
        let twice = Published { records: records(2), releases: vec![release(2026, 1, 1), release(2026, 2, 2)], ..once };
        assert!(!counts(&twice, &twice.releases[0], day("2026-02-03")));
        assert!(counts(&twice, &twice.releases[1], day("2026-02-03")) && !is_correctable(&twice, 2026));
    }
}
