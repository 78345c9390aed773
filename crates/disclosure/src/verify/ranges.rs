//! The ranges that a release gives suppressed cells: what all that is published implies.

use std::collections::BTreeMap;

use crate::document::Release;
use crate::ranges::implied;

/// Compares the range of every cell with what the release implies. Returns the number of ranges.
pub(super) fn check(release: &Release, flaws: &mut Vec<String>) -> usize {
    let of_population = |certificate| implied(release, certificate).into_iter();
    let expected: BTreeMap<(usize, usize), _> = if release.has_ranges() {
        release.certificates.iter().flat_map(of_population).collect()
    } else {
        BTreeMap::new()
    };
    for (at, table) in release.tables.iter().enumerate() {
        for (number, cell) in table.cells.iter().enumerate() {
            let range = expected.get(&(at, number));
            if cell.at_least != range.map(|range| range.least) || cell.at_most != range.and_then(|range| range.most) {
                flaws.push(format!(
                    "{} {:?}: its range is not the one that the published figures imply",
                    table.id, cell.coordinates
                ));
            }
        }
    }
    expected.len()
}
