//! Rows that are not cells: what two rows leave, and what everybody knows to be 0.

use std::collections::{BTreeMap, HashSet};

use super::layout::Layout;
use super::star::{Row, Star};
use super::task::Task;

/// What a row leaves besides another one that it holds, if that is a row: both have the same hub values or the same
/// values of a spoke. A restriction that only the part has is no difference of this kind.
pub(super) fn difference(whole: &Row, part: &Row) -> Option<Row> {
    let less = |all: &[u32], some: &[u32]| -> Option<Vec<u32>> {
        let inside = some.len() < all.len() && some.iter().all(|one| all.binary_search(one).is_ok());
        inside.then(|| all.iter().filter(|one| some.binary_search(one).is_err()).copied().collect())
    };
    if whole.spoke == part.spoke {
        return Some(Row { hubs: less(&whole.hubs, &part.hubs)?, spoke: whole.spoke.clone() });
    }
    let ((of, all), (other, some)) = (whole.spoke.as_ref()?, part.spoke.as_ref()?);
    (whole.hubs == part.hubs && of == other)
        .then(|| Some(Row { hubs: whole.hubs.clone(), spoke: Some((*of, less(all, some)?)) }))?
}

/// The rows of what everybody knows to be 0.
pub(super) fn zeros(task: &Task<'_>, layout: &Layout) -> Vec<Row> {
    declared(task, layout).map(|(row, _)| row).collect()
}

/// Each of these rows, with its index among what the population declares impossible.
pub(super) fn declared<'a>(task: &'a Task<'_>, layout: &'a Layout) -> impl Iterator<Item = (Row, usize)> + 'a {
    task.population.impossible.iter().enumerate().filter_map(|(number, impossible)| {
        let mut chosen = BTreeMap::new();
        for (id, bases) in &impossible.bases {
            let dimension = task.population.dimensions.iter().position(|domain| domain.id == *id)?;
            chosen.insert(dimension, layout.parts_of(dimension, bases));
        }
        let inside: Vec<u32> = (0u32..)
            .zip(&layout.patterns)
            .filter(|(_, (quarters, _))| impossible.patterns.is_empty() || impossible.patterns.contains(quarters))
            .map(|(pattern, _)| pattern)
            .collect();
        let row = layout.of_patterns(&inside, &chosen);
        (!row.is_empty()).then_some((row, number))
    })
}

/// Answers whether a row is 0 because of other rows that are 0.
pub(super) struct Zeros {
    sizes: Vec<u32>,
    hubs: HashSet<u32>,
    values: HashSet<(u32, u32, u32)>,
}

impl Zeros {
    pub(super) fn of(rows: &[Row], star: &Star) -> Self {
        let mut zeros = Self { sizes: star.spokes.clone(), hubs: HashSet::new(), values: HashSet::new() };
        for row in rows {
            for hub in &row.hubs {
                match &row.spoke {
                    None => drop(zeros.hubs.insert(*hub)),
                    Some((spoke, values)) => zeros.values.extend(values.iter().map(|value| (*hub, *spoke, *value))),
                }
            }
        }
        zeros
    }

    /// Whether every unknown of the row is 0.
    pub(super) fn hold(&self, row: &Row) -> bool {
        if self.hubs.is_empty() && self.values.is_empty() {
            return false;
        }
        let all = |hub: u32, spoke: u32, values: &[u32]| {
            values.iter().all(|value| self.values.contains(&(hub, spoke, *value)))
        };
        let sizes: Vec<Vec<u32>> = self.sizes.iter().map(|size| (0..*size).collect()).collect();
        row.hubs.iter().all(|hub| {
            self.hubs.contains(hub)
                || row.spoke.as_ref().is_some_and(|(spoke, values)| all(*hub, *spoke, values))
                || (0u32..).zip(&sizes).any(|(spoke, every)| !every.is_empty() && all(*hub, spoke, every))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::rows::*;

    #[test]
    fn what_two_rows_leave_is_a_row_if_they_differ_in_one_thing() {
        let row = |hubs: &[u32], spoke: Option<(u32, &[u32])>| Row {
            hubs: hubs.to_vec(),
            spoke: spoke.map(|(spoke, values)| (spoke, values.to_vec())),
        };
        let left = |whole: &Row, part: &Row| difference(whole, part);
        assert_eq!(left(&row(&[0, 1, 2], None), &row(&[1], None)), Some(row(&[0, 2], None)));
        let (group, place) = (row(&[0, 1], Some((0, &[1, 2, 3]))), row(&[0, 1], Some((0, &[2]))));
        assert_eq!(left(&group, &place), Some(row(&[0, 1], Some((0, &[1, 3])))));
        assert_eq!(left(&place, &group), None, "the part does not hold the whole");
        assert_eq!(left(&group, &group), None);
        assert_eq!(left(&group, &row(&[0], Some((0, &[2])))), None, "two things differ");
        assert_eq!(left(&group, &row(&[0, 1], Some((1, &[2])))), None, "another dimension");
        assert_eq!(left(&row(&[0, 1], None), &place), None, "P2 is about a restriction that only the part has");
    }

    #[test]
    fn a_row_is_0_if_each_of_its_unknowns_is() {
        let star = Star { hubs: 3, spokes: vec![2, 3], block: 3 };
        let row = |hubs: &[u32], spoke: u32, values: &[u32]| star.row(hubs.to_vec(), Some((spoke, values.to_vec())));
        let zeros = Zeros::of(&[row(&[0, 1], 0, &[0]), row(&[1], 0, &[1]), star.row(vec![2], None)], &star);
        assert!(zeros.hold(&row(&[0, 1], 0, &[0])));
        assert!(!zeros.hold(&row(&[0, 1], 0, &[1])), "units of the first hub value can have the second value");
        assert!(zeros.hold(&star.row(vec![1, 2], None)), "the second hub value has no value left");
        assert!(zeros.hold(&row(&[1], 1, &[2])), "so it has no unit on the other spoke either");
        assert!(!zeros.hold(&row(&[0], 1, &[0, 1])));
        assert!(!Zeros::of(&[], &star).hold(&star.row(vec![0], None)));
    }
}
