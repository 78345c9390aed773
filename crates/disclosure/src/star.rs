//! The unknowns of a population: the counts that an outsider would have to guess.
//!
//! A unit has one **hub** value (a part of the hub dimension together with a pattern of periods) and one value on each
//! **spoke** (another dimension). Every published table counts by the hub and at most one spoke. So nothing that can
//! be published distinguishes two joint distributions with the same (hub, spoke) margins. Conversely, integers `x[hub,
//! spoke, value]` that add up to the same `y[hub]` on every spoke are always the margins of some joint distribution.
//! The margins are therefore an exact and much smaller set of unknowns: the maximal cliques of a decomposable model,
//! with the hub as their separator.
//!
//! Without a spoke this is a plain list of unknowns, and rows are sums of some of them.

/// The sizes of a system of unknowns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Star {
    /// Number of hub values.
    pub hubs: u32,
    /// Number of values of each spoke.
    pub spokes: Vec<u32>,
    /// The number of consecutive hub values in a block: those of one part of the hub dimension. Only a hint for the
    /// search.
    pub block: u32,
}

/// A sum of unknowns with coefficients 0 and 1: the units that a cell counts.
///
/// It holds the units whose hub value is in `hubs` and, if a spoke is given, whose value on that spoke is in its list.
/// Both lists are sorted and without duplicates.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row {
    /// Hub values.
    pub hubs: Vec<u32>,
    /// A spoke, and some but not all of its values.
    pub spoke: Option<(u32, Vec<u32>)>,
}

impl Star {
    /// The canonical row, so that equal sums are equal rows: a list of all values of a spoke is no restriction.
    pub fn row(&self, mut hubs: Vec<u32>, spoke: Option<(u32, Vec<u32>)>) -> Row {
        hubs.sort_unstable();
        hubs.dedup();
        let spoke = spoke.and_then(|(spoke, mut values)| {
            values.sort_unstable();
            values.dedup();
            let all = self.spokes.get(spoke as usize).is_some_and(|size| values.len() == *size as usize);
            (!all).then_some((spoke, values))
        });
        Row { hubs, spoke }
    }
}

impl Row {
    /// Whether the row holds no unknown: its count is 0 by logic.
    pub fn is_empty(&self) -> bool {
        self.hubs.is_empty() || self.spoke.as_ref().is_some_and(|(_, values)| values.is_empty())
    }

    /// Whether it holds a unit with this hub value and these values, one per spoke.
    pub fn holds(&self, hub: u32, values: &[u32]) -> bool {
        self.hubs.binary_search(&hub).is_ok()
            && self.spoke.as_ref().is_none_or(|(spoke, among)| {
                values.get(*spoke as usize).is_some_and(|value| among.binary_search(value).is_ok())
            })
    }
}

#[cfg(test)]
mod tests {
    use crate::star::*;

    #[test]
    fn a_list_of_all_values_of_a_spoke_is_no_restriction() {
        let star = Star { hubs: 2, spokes: vec![3], block: 2 };
        assert_eq!(star.row(vec![1, 0], Some((0, vec![2, 1, 0]))), star.row(vec![0, 1], None));
        assert_ne!(star.row(vec![0, 1], Some((0, vec![0, 1]))), star.row(vec![0, 1], None));
        assert!(star.row(vec![0], Some((0, vec![]))).is_empty());
    }

    #[test]
    fn a_row_holds_units_by_hub_and_value() {
        let star = Star { hubs: 2, spokes: vec![3, 2], block: 2 };
        let row = star.row(vec![1], Some((1, vec![0])));
        assert!(row.holds(1, &[2, 0]));
        assert!(!row.holds(0, &[2, 0]));
        assert!(!row.holds(1, &[2, 1]));
    }
}
