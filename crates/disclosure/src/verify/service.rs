//! Facts of the service: all published, without a proof, and they add up.

use crate::axes::{axes, places};
use crate::document::{Release, Table};

/// Checks the tables of a population of which nothing is hidden. Returns the number of published cells.
pub(super) fn check<'a>(release: &Release, tables: impl Iterator<Item = &'a Table>, flaws: &mut Vec<String>) -> usize {
    let mut published = 0;
    for table in tables {
        published += table.cells.iter().filter(|cell| cell.value.is_some()).count();
        if let Some(cell) = table.cells.iter().find(|cell| cell.value.is_none()) {
            flaws.push(format!("{} {:?}: a fact of the service is suppressed", table.id, cell.coordinates));
        } else if let Some(coordinates) = wrong_sum(release, table) {
            flaws.push(format!("{} {coordinates:?}: it is not the sum of its parts", table.id));
        }
    }
    published
}

/// A cell that is not the sum of the cells that divide it in one dimension, if they do divide it without overlap.
fn wrong_sum<'a>(release: &Release, table: &'a Table) -> Option<&'a [String]> {
    let axes = axes(release, table).ok()?;
    let steps: Vec<usize> =
        (0..axes.len()).map(|at| axes[at + 1..].iter().map(|axis| axis.values.len()).product()).collect();
    let value = |position: usize| table.cells.get(position).and_then(|cell| cell.value).unwrap_or_default();
    for (position, cell) in table.cells.iter().enumerate() {
        let place = places(&axes, position);
        for (at, axis) in axes.iter().enumerate() {
            let whole = &axis.values[place[at]].parts;
            // The widest values within it come first.
            let mut within: Vec<usize> = (0..axis.values.len())
                .filter(|other| {
                    let parts = &axis.values[*other].parts;
                    !parts.is_empty() && parts.len() < whole.len() && parts.iter().all(|part| whole.contains(part))
                })
                .collect();
            within.sort_by_key(|other| std::cmp::Reverse(axis.values[*other].parts.len()));
            let mut left: Vec<u32> = whole.clone();
            let mut sum = 0u64;
            for other in within {
                let parts = &axis.values[other].parts;
                if parts.iter().all(|part| left.contains(part)) {
                    left.retain(|part| !parts.contains(part));
                    sum = sum.saturating_add(value(position - place[at] * steps[at] + other * steps[at]));
                }
            }
            if left.is_empty() && !whole.is_empty() && sum != value(position) {
                return Some(&cell.coordinates);
            }
        }
    }
    None
}
