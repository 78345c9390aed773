//! What a figure made public elsewhere leaves of a cell: a release that shows 25 children in an EPCI tells the one outside
//! the commune of which a newspaper said 24.

use std::collections::BTreeSet;

use super::counts::Counts;
use super::layout::Layout;
use super::star::Row;

/// Adds to `hidden` what facts leave of cells, and cells of facts, if it is below the threshold (P4 of
/// [`super::policy`]).
pub(super) fn guard(
    layout: &Layout,
    counts: &Counts,
    threshold: u64,
    facts: &[(Row, u64)],
    cells: &[&Row],
    hidden: &mut BTreeSet<Row>,
) {
    for (fact, _) in facts {
        for cell in cells {
            let left = left(layout, cell, fact).or_else(|| left(layout, fact, cell));
            hidden.extend(left.filter(|row| counts.of_row(row) < threshold));
        }
    }
}

/// The units of a row that are not in a row within it: of a longer period, or of a larger value of the same dimension. As
/// everywhere in P4, what one value leaves of the total is not protected.
fn left(layout: &Layout, whole: &Row, part: &Row) -> Option<Row> {
    if whole.hubs == part.hubs {
        let ((one, values), (other, own)) = (whole.spoke.as_ref()?, part.spoke.as_ref()?);
        let rest = without(values, own).filter(|_| one == other)?;
        return Some(layout.star.row(whole.hubs.clone(), Some((*one, rest))));
    }
    let (_, of_whole, replaced) = layout.describe(whole)?;
    let (_, of_part, part_replaced) = layout.describe(part)?;
    let of_total = layout.hub.is_some_and(|hub| !of_whole.contains_key(&hub) && of_part.contains_key(&hub));
    if whole.spoke != part.spoke || of_total || replaced != part_replaced {
        return None;
    }
    Some(layout.star.row(without(&whole.hubs, &part.hubs)?, whole.spoke.clone()))
}

/// A sorted list without the members of a smaller one; `None` if it does not hold them all.
fn without(all: &[u32], some: &[u32]) -> Option<Vec<u32>> {
    let rest: Vec<u32> = all.iter().filter(|one| some.binary_search(one).is_err()).copied().collect();
    (!rest.is_empty() && rest.len() + some.len() == all.len()).then_some(rest)
}
