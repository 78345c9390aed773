//! Which published releases counted a child. A release never changes, so a correction says where the former value stays.

use chrono::Datelike;

use super::dto::CountedIn;
use super::store::{self, CHILDREN, Days, Published, ReleaseRow};
use crate::cases::store::CaseRow;
use crate::error::ApiError;
use crate::work::Work;

/// The years that are looked at, at most: more is a mistake in a date.
const MOST_YEARS: usize = 30;

/// The releases that counted the child of a case in the years of some days. A release that was replaced by corrected records
/// is not listed. A case about a structure is in no release.
pub fn counted_in(work: &mut Work<'_>, case: &CaseRow, (from, to): Days) -> Result<Vec<CountedIn>, ApiError> {
    let Some(child) = case.child_id else { return Ok(Vec::new()) };
    let years = (from.year()..=to.year()).rev().take(MOST_YEARS);
    let link = |year| (year, work.vault.statistics_link(case.service_id, CHILDREN, year, child.as_str()));
    let links: Vec<(i32, Vec<u8>)> = years.map(link).collect();
    let published = store::published(work.conn, case.service_id, &links)?;
    Ok(published.releases.iter().filter(|release| counts(&published, release)).map(entry).collect())
}

fn counts(published: &Published, release: &ReleaseRow) -> bool {
    // Of a closed year nothing says any more in which quarters a child counts: its last release counts them all.
    let of_closed_year = release.quarter == 4 && published.closed.contains(&release.year);
    let until = (1 << release.quarter) - 1;
    let of_record = published.records.iter().any(|record| {
        (record.year, record.generation) == (release.year, release.generation)
            && record.quarters & until != 0
            && release.quarter <= record.frozen_through
    });
    of_closed_year || of_record
}

fn entry(release: &ReleaseRow) -> CountedIn {
    CountedIn {
        release_id: release.id,
        through: format!("{}-Q{}", release.year, release.quarter),
        tier: release.tier.clone(),
    }
}
