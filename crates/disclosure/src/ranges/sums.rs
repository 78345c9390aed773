//! Bounds of hidden counts by additions along one dimension, or the periods, at a time.
//!
//! Sums of units are nodes, each with the bounds of its count: a cell, or a sum published elsewhere. Nodes that differ in
//! one dimension alone are related:
//!
//! - a value holds the values within it: it is at least their sum if they do not overlap, and equals it if they divide it;
//! - a longer period holds a shorter one, and has at most the units of shorter periods that make it up, added up: a child
//!   can count in several. Units of one quarter (loans) are simply divided by disjoint periods.
//!
//! Each relation narrows the bounds of its nodes, again and again until nothing changes. Bounds are whole numbers, and
//! every step is an addition or a subtraction: what follows holds in every possible table.

use std::collections::{BTreeMap, BTreeSet};

use super::interval::{Interval, Position};
use crate::certificate::Certificate;
use crate::document::{PERIOD, Release, Status};

/// How many times all relations are applied. What is left after that only makes ranges wider.
const ROUNDS: usize = 200;

/// How many comparisons of two values are made to find relations, so that a hostile file cannot keep a checker busy. The
/// largest releases need a hundredth of it.
const COMPARISONS: usize = 20_000_000;

/// The range of each suppressed cell of a population.
pub(super) fn implied(release: &Release, certificate: &Certificate) -> BTreeMap<Position, Interval> {
    let mut system = System::default();
    let mut hidden = Vec::new();
    let sizes: BTreeMap<&str, usize> = release
        .dimensions
        .iter()
        .map(|dimension| {
            let parts = dimension.values.iter().flat_map(|value| &value.parts);
            (dimension.id.as_str(), parts.max().map_or(0, |most| *most as usize + 1))
        })
        .collect();
    for (at, table) in release.tables.iter().enumerate() {
        if table.population != certificate.population {
            continue;
        }
        for (number, cell) in table.cells.iter().enumerate() {
            let mut units = Units::default();
            for (id, code) in table.dimensions.iter().zip(&cell.coordinates) {
                let dimension = release.dimensions.iter().find(|dimension| dimension.id == *id);
                let value = dimension.and_then(|one| one.values.iter().find(|value| value.code == *code));
                let Some(value) = value else { continue };
                if id == PERIOD {
                    let quarters = value.parts.iter().filter(|quarter| (1..=4).contains(*quarter));
                    units.quarters = quarters.fold(0, |all, quarter| all | 1 << (quarter - 1));
                } else {
                    units.restrict(id, value.parts.iter().copied().collect(), &sizes);
                }
            }
            let node = system.node(units);
            if let (Status::Published, Some(value)) = (cell.status, cell.value) {
                system.bound(node, value, value);
                continue;
            }
            hidden.push(((at, number), node));
        }
    }
    // Sums of former records are of other units.
    for known in certificate.known.iter().filter(|known| !known.of_replaced) {
        let mut units = Units { quarters: known.quarters, ..Units::default() };
        for (id, parts) in &known.parts {
            units.restrict(id, parts.iter().copied().collect(), &sizes);
        }
        let node = system.node(units);
        system.bound(node, known.value, known.value);
    }
    system.relate(certificate.one_quarter, &sizes);
    system.narrow();
    let interval = |node: usize| {
        let (least, most) = system.bounds[node];
        Interval { least, most: (most < u64::MAX).then_some(most) }
    };
    hidden.into_iter().map(|(cell, node)| (cell, interval(node))).collect()
}

/// The units that a count is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Units {
    /// The quarters, as a bitmask: a unit counts if it counts in one of them.
    quarters: u8,
    /// Parts by dimension. A dimension that is not restricted is absent.
    parts: BTreeMap<String, BTreeSet<u32>>,
}

impl Units {
    fn restrict(&mut self, dimension: &str, parts: BTreeSet<u32>, sizes: &BTreeMap<&str, usize>) {
        if sizes.get(dimension).is_none_or(|size| parts.len() < *size) {
            self.parts.insert(dimension.to_owned(), parts);
        }
    }
}

/// How a node relates to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// It is their sum.
    Sum,
    /// It holds them all, and they do not overlap.
    Holds,
    /// They hold it together.
    Covered,
}

#[derive(Debug)]
struct Relation {
    whole: usize,
    parts: Vec<usize>,
    how: How,
}

/// A value of a dimension (its parts; none if the dimension is not restricted) and the node that has it.
type Valued<'a> = (Option<&'a BTreeSet<u32>>, usize);

/// The nodes, their bounds and their relations.
#[derive(Debug, Default)]
struct System {
    numbers: BTreeMap<Units, usize>,
    bounds: Vec<(u64, u64)>,
    relations: Vec<Relation>,
}

impl System {
    fn node(&mut self, units: Units) -> usize {
        let next = self.bounds.len();
        let number = *self.numbers.entry(units).or_insert(next);
        if number == next {
            self.bounds.push((0, u64::MAX));
        }
        number
    }

    /// Narrows the bounds of a node. Returns whether they changed.
    fn bound(&mut self, node: usize, least: u64, most: u64) -> bool {
        let bounds = &mut self.bounds[node];
        let narrower = (bounds.0.max(least), bounds.1.min(most));
        std::mem::replace(bounds, narrower) != narrower
    }

    /// Finds the relations between nodes that differ in one dimension, or in the period.
    fn relate(&mut self, one_quarter: bool, sizes: &BTreeMap<&str, usize>) {
        let mut by_period: BTreeMap<Units, Vec<(u8, usize)>> = BTreeMap::new();
        let mut by_parts: BTreeMap<(&str, Units), Vec<Valued<'_>>> = BTreeMap::new();
        let ids: BTreeSet<&String> = self.numbers.keys().flat_map(|units| units.parts.keys()).collect();
        for (units, node) in &self.numbers {
            let all = Units { quarters: 0, parts: units.parts.clone() };
            by_period.entry(all).or_default().push((units.quarters, *node));
            for id in &ids {
                let mut rest = units.clone();
                rest.parts.remove(*id);
                by_parts.entry((id, rest)).or_default().push((units.parts.get(*id), *node));
            }
        }
        let mut relations = Vec::new();
        for periods in by_period.values() {
            of_periods(periods, one_quarter, &mut relations);
        }
        let mut budget = COMPARISONS;
        for ((id, _), values) in by_parts.iter().filter(|(_, values)| values.len() > 1) {
            of_values(values, sizes.get(id).copied().unwrap_or(usize::MAX), &mut budget, &mut relations);
        }
        self.relations = relations;
    }

    /// Applies the relations until nothing changes.
    fn narrow(&mut self) {
        let relations = std::mem::take(&mut self.relations);
        for _ in 0..ROUNDS {
            let mut changed = false;
            for relation in &relations {
                changed |= self.apply(relation);
            }
            if !changed {
                return;
            }
        }
    }

    fn apply(&mut self, Relation { whole, parts, how }: &Relation) -> bool {
        let add = |bound: fn((u64, u64)) -> u64, bounds: &[(u64, u64)]| {
            parts.iter().fold(0u64, |sum, part| sum.saturating_add(bound(bounds[*part])))
        };
        let (least, most) = (add(|bounds| bounds.0, &self.bounds), add(|bounds| bounds.1, &self.bounds));
        let (holds, covered) = (*how != How::Covered, *how != How::Holds);
        let mut changed = self.bound(*whole, if holds { least } else { 0 }, if covered { most } else { u64::MAX });
        let (whole_least, whole_most) = self.bounds[*whole];
        for part in parts {
            let (own_least, own_most) = self.bounds[*part];
            // What the others leave of the whole at most, and what they cannot make up of it.
            let at_most =
                if holds && whole_most < u64::MAX { whole_most.saturating_sub(least - own_least) } else { u64::MAX };
            let others = if most == u64::MAX { u64::MAX } else { most - own_most };
            let at_least = if covered { whole_least.saturating_sub(others) } else { 0 };
            changed |= self.bound(*part, at_least, at_most);
        }
        changed
    }
}

/// Periods of the same units: a longer one holds a shorter one, and shorter ones cover it together.
fn of_periods(periods: &[(u8, usize)], one_quarter: bool, relations: &mut Vec<Relation>) {
    for (quarters, whole) in periods {
        let within: Vec<(u8, usize)> =
            periods.iter().copied().filter(|(other, _)| other != quarters && other & !quarters == 0).collect();
        relations.extend(within.iter().map(|(_, part)| Relation {
            whole: *whole,
            parts: vec![*part],
            how: How::Holds,
        }));
        let mut families = BTreeSet::new();
        for seed in &within {
            let (mut covered, mut family) = (seed.0, vec![seed.1]);
            let mut longest = within.clone();
            longest.sort_by_key(|(other, _)| (std::cmp::Reverse(other.count_ones()), *other));
            for (other, part) in longest {
                if other & covered == 0 {
                    covered |= other;
                    family.push(part);
                }
            }
            family.sort_unstable();
            if covered == *quarters && families.insert(family.clone()) {
                let how = if one_quarter { How::Sum } else { How::Covered };
                relations.push(Relation { whole: *whole, parts: family, how });
            }
        }
    }
}

/// Values of one dimension, of the same units otherwise: those within a value that do not overlap are less than it
/// together, or equal to it if they divide it.
///
/// A value can be divided in several ways: an area into cities or into groups of cities. For each value within, the others
/// are added from the widest or from the narrowest; the first way that divides the whole is taken.
fn of_values(
    values: &[(Option<&BTreeSet<u32>>, usize)],
    all: usize,
    budget: &mut usize,
    relations: &mut Vec<Relation>,
) {
    let mut widest: Vec<(&BTreeSet<u32>, usize)> =
        values.iter().filter_map(|(parts, node)| Some(((*parts)?, *node))).collect();
    widest.sort_by_key(|(parts, node)| (std::cmp::Reverse(parts.len()), *node));
    for (parts, whole) in values {
        let is_within =
            |other: &BTreeSet<u32>| parts.is_none_or(|parts| other.len() < parts.len() && other.is_subset(parts));
        let within: Vec<(&BTreeSet<u32>, usize)> =
            widest.iter().copied().filter(|(other, node)| node != whole && is_within(other)).collect();
        let size = parts.map_or(all, BTreeSet::len);
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for seed in &within {
            if !seen.insert(seed.1) {
                continue;
            }
            let Some(left) = budget.checked_sub(2 * within.len()) else { return };
            *budget = left;
            let (wide, covered) = family(*seed, within.iter());
            let (chosen, covered) = if covered == size {
                (wide, covered)
            } else {
                let (narrow, also) = family(*seed, within.iter().rev());
                if also == size { (narrow, also) } else { (wide, covered) }
            };
            seen.extend(&chosen);
            let how = if covered == size { How::Sum } else { How::Holds };
            relations.push(Relation { whole: *whole, parts: chosen, how });
        }
    }
}

/// Values that do not overlap, from the first one and then in this order; and how many parts they have.
fn family<'a>(
    (first, node): (&BTreeSet<u32>, usize),
    others: impl Iterator<Item = &'a (&'a BTreeSet<u32>, usize)>,
) -> (Vec<usize>, usize) {
    let (mut covered, mut nodes) = (first.clone(), vec![node]);
    for (parts, node) in others {
        if parts.is_disjoint(&covered) {
            covered.extend(parts.iter().copied());
            nodes.push(*node);
        }
    }
    (nodes, covered.len())
}

#[cfg(test)]
mod tests;
