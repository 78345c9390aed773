//! The range of each suppressed cell: what the figures that a release shows imply about it.
//!
//! A function of what is published, so it tells nothing that a reader could not work out: the cells of the release, the
//! sums of earlier releases that it lists, and what everybody knows to be 0. It never sees a hidden count. A checker
//! computes it again from the document ([`crate::verify`](mod@crate::verify)).
//!
//! Two steps, both in whole numbers and without any rounding error, so that everybody finds the same range:
//!
//! 1. [`sums`]: additions and subtractions along one dimension at a time, until nothing changes;
//! 2. [`programs`]: the least and the most that a cell can be over all published rows at once, by linear programs in
//!    fractions. Systems above a fixed size keep what the first step finds.
//!
//! Releases of the format 3 have the ranges of the first step only, and none for cells that are held back or already
//! disclosed.

mod interval;
mod programs;
mod simplex;
mod sums;

use std::collections::BTreeMap;

use super::certificate::Certificate;
use super::document::Release;
pub use interval::Interval;
use interval::Position;

/// Gives each suppressed cell of a release its range.
pub fn fill(release: &mut Release) {
    let found: Vec<_> = release.certificates.iter().flat_map(|certificate| implied(release, certificate)).collect();
    for ((table, cell), Interval { least, most }) in found {
        let cell = &mut release.tables[table].cells[cell];
        (cell.at_least, cell.at_most) = (Some(least), most);
    }
}

/// The ranges that all figures together leave, without those of sums.
#[cfg(test)]
pub(crate) fn of_all_figures(release: &Release, certificate: &Certificate) -> BTreeMap<Position, Interval> {
    let mut ranges = sums::implied(release, certificate);
    for range in ranges.values_mut() {
        *range = Interval { least: 0, most: None };
    }
    programs::narrow(release, certificate, &mut ranges);
    ranges
}

/// The range of each suppressed cell of a population.
pub(crate) fn implied(release: &Release, certificate: &Certificate) -> BTreeMap<Position, Interval> {
    let mut ranges = sums::implied(release, certificate);
    if release.has_ranges_of_sums() {
        let listed = || certificate.held.iter().chain(&certificate.already_disclosed);
        ranges.retain(|(table, cell), _| {
            let id = &release.tables[*table].id;
            !listed().any(|known| known.table == *id && known.cell as usize == *cell)
        });
    } else {
        programs::narrow(release, certificate, &mut ranges);
    }
    ranges
}
