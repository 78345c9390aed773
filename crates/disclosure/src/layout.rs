//! From a population to its unknowns: the parts of dimensions, the patterns of quarters, the rows of cells.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::document::TOTAL;
use super::population::{Population, Record};
use super::star::{Row, Star};

/// The periods that can be published: the code without the year, and the quarters as a bitmask.
pub const PERIODS: [(&str, u8); 7] = [
    ("-Q1", 0b0001),
    ("-Q2", 0b0010),
    ("-S1", 0b0011),
    ("-Q3", 0b0100),
    ("-M9", 0b0111),
    ("-Q4", 0b1000),
    ("", 0b1111),
];

/// A period of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// `2025-Q1`, `2025-S1`, `2025-M9`, `2025`.
    pub code: String,
    /// Its quarters as a bitmask: bit 0 is the first.
    pub quarters: u8,
}

/// The periods of a year that are over after its quarter `through` (1 to 4).
pub fn periods(year: i32, through: u8) -> Vec<Period> {
    let over = until(through);
    PERIODS
        .iter()
        .filter(|(_, quarters)| quarters & !over == 0)
        .map(|(suffix, quarters)| Period { code: format!("{year}{suffix}"), quarters: *quarters })
        .collect()
}

/// The quarters up to `through` (1 to 4), as a bitmask.
pub fn until(through: u8) -> u8 {
    0b1111 >> (4 - through.clamp(1, 4))
}

/// Which releases count a unit, when records were replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// Those from the former records and those from the new ones.
    Kept,
    /// Only those from the former records.
    Removed,
    /// Only those from the new records.
    Added,
}

/// The generations counted by a release from the newest records.
pub(super) const NEWEST: [Generation; 2] = [Generation::Kept, Generation::Added];
/// The generations counted by the releases from the former records.
pub(super) const OLDER: [Generation; 2] = [Generation::Kept, Generation::Removed];

/// The unknowns of a population, and the place of its codes among them.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The system of unknowns.
    pub star: Star,
    /// For each dimension, the base codes of each part.
    pub parts: Vec<Vec<Vec<String>>>,
    /// The dimension that is the hub, by index.
    pub hub: Option<usize>,
    /// The patterns: the set of quarters in which a unit counts, and its generation.
    pub patterns: Vec<(u8, Generation)>,
    part_of: Vec<HashMap<String, u32>>,
    /// The spoke of each dimension; `None` for the hub.
    spoke_of: Vec<Option<u32>>,
}

impl Layout {
    /// The layout with this hub in which every value of a dimension, and every set of `more` (dimension, base codes),
    /// is a sum of parts.
    pub fn of(
        population: &Population,
        hub: Option<&str>,
        more: &[(usize, Vec<String>)],
        through: u8,
        replaces: bool,
    ) -> Self {
        let mut parts = Vec::new();
        let mut part_of = Vec::new();
        for (number, domain) in population.dimensions.iter().enumerate() {
            let mut sets: Vec<&[String]> = domain.values.iter().map(|value| value.bases.as_slice()).collect();
            sets.extend(more.iter().filter(|(of, _)| *of == number).map(|(_, codes)| codes.as_slice()));
            let (groups, index) = refine(&domain.bases, &sets);
            parts.push(groups);
            part_of.push(index);
        }
        let hub = hub.and_then(|hub| population.dimensions.iter().position(|domain| domain.id == hub));
        let over = until(through);
        let generations: &[Generation] =
            if replaces { &[Generation::Kept, Generation::Removed, Generation::Added] } else { &[Generation::Kept] };
        let patterns: Vec<(u8, Generation)> = (1..=over)
            .filter(|quarters| quarters & !over == 0 && (!population.one_quarter || quarters.is_power_of_two()))
            .flat_map(|quarters| generations.iter().map(move |generation| (quarters, *generation)))
            .collect();
        let size = |number: usize| u32::try_from(parts[number].len()).unwrap_or(u32::MAX);
        let mut spokes = Vec::new();
        let spoke_of = (0..parts.len())
            .map(|number| {
                (Some(number) != hub).then(|| {
                    spokes.push(size(number));
                    u32::try_from(spokes.len() - 1).unwrap_or(u32::MAX)
                })
            })
            .collect();
        let hubs = u32::try_from(patterns.len()).unwrap_or(u32::MAX) * hub.map_or(1, size);
        let block = u32::try_from(patterns.len()).unwrap_or(u32::MAX);
        Self { star: Star { hubs, spokes, block }, parts, hub, patterns, part_of, spoke_of }
    }

    /// The parts of a set of base codes.
    pub fn parts_of(&self, dimension: usize, bases: &[String]) -> Vec<u32> {
        let parts: BTreeSet<u32> =
            bases.iter().filter_map(|base| self.part_of.get(dimension)?.get(base)).copied().collect();
        parts.into_iter().collect()
    }

    /// The row of the units that count in one of these quarters, restricted to parts of the hub and of at most one
    /// other dimension.
    pub fn row(&self, quarters: u8, generations: &[Generation], chosen: &BTreeMap<usize, Vec<u32>>) -> Row {
        let patterns = (0u32..).zip(&self.patterns);
        let inside: Vec<u32> = patterns
            .filter(|(_, (pattern, generation))| pattern & quarters != 0 && generations.contains(generation))
            .map(|(number, _)| number)
            .collect();
        self.of_patterns(&inside, chosen)
    }

    /// The row of the units with one of these patterns, restricted in the same way.
    pub fn of_patterns(&self, patterns: &[u32], chosen: &BTreeMap<usize, Vec<u32>>) -> Row {
        let size = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        let all: Vec<u32> = match self.hub {
            Some(hub) => (0u32..).take(self.parts[hub].len()).collect(),
            None => vec![0],
        };
        let parts = self.hub.and_then(|hub| chosen.get(&hub)).unwrap_or(&all);
        let hubs = parts.iter().flat_map(|part| patterns.iter().map(move |pattern| part * size + pattern)).collect();
        let spoke = chosen
            .iter()
            .filter(|(dimension, _)| Some(**dimension) != self.hub)
            .find_map(|(dimension, parts)| self.spoke_of[*dimension].map(|spoke| (spoke, parts.clone())));
        self.star.row(hubs, spoke)
    }

    /// Whether a row is not restricted: it counts all units of some patterns.
    pub(super) fn is_whole(&self, row: &Row) -> bool {
        let size = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX).max(1);
        let parts: BTreeSet<u32> = row.hubs.iter().map(|hub| hub / size).collect();
        row.spoke.is_none() && parts.len() == self.hub.map_or(1, |hub| self.parts[hub].len())
    }

    /// The meaning of a hub value: the part of the hub dimension (0 without a hub), the quarters and the generation.
    pub fn hub_value(&self, hub: u32) -> (u32, u8, Generation) {
        let size = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX).max(1);
        let (quarters, generation) = self.patterns.get((hub % size) as usize).copied().unwrap_or((0, Generation::Kept));
        (hub / size, quarters, generation)
    }

    /// The meaning of a row made by [`Self::row`]: its quarters, the parts that restrict it by dimension, and whether
    /// it counts the former records.
    pub fn describe(&self, row: &Row) -> Option<(u8, BTreeMap<usize, Vec<u32>>, bool)> {
        let values: Vec<(u32, u8, Generation)> = row.hubs.iter().map(|hub| self.hub_value(*hub)).collect();
        let of_replaced = values.iter().any(|(_, _, generation)| *generation == Generation::Removed);
        // A quarter belongs to the row if the row holds the units that count in that quarter alone.
        let quarters = values
            .iter()
            .filter(|(_, quarters, _)| quarters.is_power_of_two())
            .fold(0, |all, (_, quarters, _)| all | quarters);
        let mut parts = BTreeMap::new();
        if let Some(hub) = self.hub {
            let of: BTreeSet<u32> = values.iter().map(|(part, ..)| *part).collect();
            if of.len() < self.parts.get(hub)?.len() {
                parts.insert(hub, of.into_iter().collect());
            }
        }
        if let Some((spoke, values)) = &row.spoke {
            let dimension = self.spoke_of.iter().position(|of| *of == Some(*spoke))?;
            parts.insert(dimension, values.clone());
        }
        Some((quarters, parts, of_replaced))
    }

    /// The hub value and the values of a record, one per spoke; `None` if it does not count yet.
    pub fn unit(&self, record: &Record, through: u8, generation: Generation) -> Option<(u32, Vec<u32>)> {
        let pattern = (record.quarters & until(through), generation);
        let pattern = self.patterns.iter().position(|known| *known == pattern)?;
        let size = self.patterns.len();
        let mut hub = 0;
        let mut values = Vec::new();
        for (number, value) in record.values.iter().enumerate() {
            let part = *self.part_of.get(number)?.get(value)?;
            if Some(number) == self.hub {
                hub = part as usize;
            } else {
                values.push(part);
            }
        }
        u32::try_from(hub * size + pattern).ok().map(|hub| (hub, values))
    }
}

/// The coarsest partition of the base codes of which every set is a union, in the order of the base codes.
fn refine(bases: &[String], sets: &[&[String]]) -> (Vec<Vec<String>>, HashMap<String, u32>) {
    let mut member: HashMap<&str, Vec<usize>> = bases.iter().map(|base| (base.as_str(), Vec::new())).collect();
    for (number, set) in sets.iter().enumerate() {
        for base in *set {
            if let Some(of) = member.get_mut(base.as_str()) {
                of.push(number);
            }
        }
    }
    let mut groups: Vec<Vec<String>> = Vec::new();
    let mut known: HashMap<Vec<usize>, u32> = HashMap::new();
    let mut index = HashMap::new();
    for base in bases {
        let Some(of) = member.remove(base.as_str()) else { continue };
        let number = *known.entry(of).or_insert_with(|| {
            groups.push(Vec::new());
            u32::try_from(groups.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(group) = groups.get_mut(number as usize) {
            group.push(base.clone());
        }
        index.insert(base.clone(), number);
    }
    (groups, index)
}

/// A count or an index as the document writes it.
pub(crate) fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Whether a code is the code of the total.
pub fn is_total(code: &str) -> bool {
    code == TOTAL
}
