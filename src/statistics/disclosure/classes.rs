//! Unknowns that no row tells apart, merged.
//!
//! Two hub values that are in the same rows are one; within a merged hub value, two values of a spoke that are in the
//! same rows are one. What a class counts can be moved between its members freely without any row noticing. So the least that a
//! **target** can be, for a given table of classes, is the sum of the classes wholly inside it, and the most the
//! sum of those that it touches.

use std::collections::HashMap;

use super::star::{Row, Star};

/// Merged unknowns, numbered from 0: first one a hub class, then those of the spokes.
#[derive(Clone, Debug)]
pub struct Classes {
    /// The hub values of each hub class.
    hubs: Vec<Vec<u32>>,
    /// For each hub class and spoke, the classes of values and their numbers.
    spokes: Vec<Vec<Vec<ValueClass>>>,
    unknowns: usize,
}

/// Values of a spoke, and the class that they are within a hub class.
pub type PartClass<'a> = (&'a [u32], u32);

#[derive(Clone, Debug)]
struct ValueClass {
    values: Vec<u32>,
    unknown: u32,
}

/// The classes of a target: their sums are the least and the most that it can be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Classes wholly inside.
    pub inside: Vec<u32>,
    /// Classes that it touches.
    pub touched: Vec<u32>,
}

impl Span {
    /// Whether the target is a sum of classes.
    pub fn is_exact(&self) -> bool {
        self.inside.len() == self.touched.len()
    }
}

impl Classes {
    /// The classes that these rows tell apart.
    pub fn of(star: &Star, rows: &[&Row]) -> Self {
        let mut member = vec![Vec::new(); star.hubs as usize];
        for (number, row) in rows.iter().enumerate() {
            for hub in &row.hubs {
                if let Some(rows) = member.get_mut(*hub as usize) {
                    rows.push(number);
                }
            }
        }
        let mut hubs: Vec<Vec<u32>> = Vec::new();
        let mut containing: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
        for (hub, rows) in (0u32..).zip(member) {
            let class = *known.entry(rows).or_insert_with_key(|rows| {
                hubs.push(Vec::new());
                containing.push(rows.clone());
                hubs.len() - 1
            });
            hubs[class].push(hub);
        }
        let mut unknowns = hubs.len();
        let spokes = (0..hubs.len())
            .map(|class| {
                (0u32..)
                    .zip(&star.spokes)
                    .map(|(spoke, size)| value_classes(class, spoke, *size, rows, &containing[class], &mut unknowns))
                    .collect()
            })
            .collect();
        Self { hubs, spokes, unknowns }
    }

    /// How many there are.
    pub fn unknowns(&self) -> usize {
        self.unknowns
    }

    /// The spoke of each class; none for those of the hub.
    pub fn spokes(&self) -> Vec<Option<u32>> {
        let mut of = vec![None; self.unknowns];
        for (spokes, hub) in self.spokes.iter().zip(0u32..) {
            for (classes, spoke) in spokes.iter().zip(0u32..) {
                for class in classes.iter().filter(|class| class.unknown != hub) {
                    of[class.unknown as usize] = Some(spoke);
                }
            }
        }
        of
    }

    /// The hub class of each class.
    pub fn hubs(&self) -> Vec<u32> {
        let mut of = vec![0; self.unknowns];
        for (spokes, hub) in self.spokes.iter().zip(0u32..) {
            of[hub as usize] = hub;
            spokes.iter().flatten().for_each(|class| of[class.unknown as usize] = hub);
        }
        of
    }

    /// The block of each class, by that of its first hub value.
    pub fn blocks(&self, star: &Star) -> Vec<u32> {
        let mut of = vec![0; self.unknowns];
        for (number, (hubs, spokes)) in self.hubs.iter().zip(&self.spokes).enumerate() {
            let block = hubs.first().map_or(0, |hub| hub / star.block.max(1));
            of[number] = block;
            for class in spokes.iter().flatten() {
                of[class.unknown as usize] = block;
            }
        }
        of
    }

    /// Sums of classes that are equal to another class, whatever the table: the values of a spoke add up to their hub.
    pub fn equalities(&self) -> impl Iterator<Item = (Vec<u32>, u32)> {
        self.spokes.iter().zip(0u32..).flat_map(|(spokes, hub)| {
            spokes
                .iter()
                .filter(|classes| classes.len() > 1)
                .map(move |classes| (classes.iter().map(|class| class.unknown).collect(), hub))
        })
    }

    /// A row in classes.
    pub fn span(&self, row: &Row) -> Span {
        let (mut inside, mut touched) = (Vec::new(), Vec::new());
        for (number, (hubs, spokes)) in (0u32..).zip(self.hubs.iter().zip(&self.spokes)) {
            let common = hubs.iter().filter(|hub| row.hubs.binary_search(hub).is_ok()).count();
            if common == 0 {
                continue;
            }
            let whole = common == hubs.len();
            let Some((spoke, values)) = &row.spoke else {
                touched.push(number);
                if whole {
                    inside.push(number);
                }
                continue;
            };
            for class in spokes.get(*spoke as usize).into_iter().flatten() {
                let common = class.values.iter().filter(|value| values.binary_search(value).is_ok()).count();
                if common > 0 {
                    touched.push(class.unknown);
                    if whole && common == class.values.len() {
                        inside.push(class.unknown);
                    }
                }
            }
        }
        inside.sort_unstable();
        touched.sort_unstable();
        Span { inside, touched }
    }

    /// The class of a hub value.
    pub fn hub(&self, hub: u32) -> Option<u32> {
        (0u32..).zip(&self.hubs).find(|(_, hubs)| hubs.binary_search(&hub).is_ok()).map(|(class, _)| class)
    }

    /// The class of a value of a spoke, within a hub class.
    pub fn value(&self, class: u32, spoke: usize, value: u32) -> Option<u32> {
        let classes = self.spokes.get(class as usize)?.get(spoke)?;
        classes.iter().find(|class| class.values.binary_search(&value).is_ok()).map(|class| class.unknown)
    }

    /// Every hub class: its hub values and, for each spoke, the lists of values with the unknown of each.
    pub fn each(&self) -> impl Iterator<Item = (&[u32], Vec<Vec<PartClass<'_>>>)> {
        self.hubs.iter().zip(&self.spokes).map(|(hubs, spokes)| {
            let spokes = spokes
                .iter()
                .map(|classes| classes.iter().map(|class| (class.values.as_slice(), class.unknown)).collect())
                .collect();
            (hubs.as_slice(), spokes)
        })
    }
}

/// The classes of a spoke's values within a hub class. One class alone counts what the hub class counts, and has its number.
fn value_classes(
    hub: usize,
    spoke: u32,
    size: u32,
    rows: &[&Row],
    containing: &[usize],
    unknowns: &mut usize,
) -> Vec<ValueClass> {
    let mut member = vec![Vec::new(); size as usize];
    for number in containing {
        if let Some((of, values)) = &rows[*number].spoke
            && *of == spoke
        {
            for value in values {
                if let Some(rows) = member.get_mut(*value as usize) {
                    rows.push(*number);
                }
            }
        }
    }
    let mut classes: Vec<Vec<u32>> = Vec::new();
    let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
    for (value, rows) in (0u32..).zip(member) {
        let class = *known.entry(rows).or_insert_with(|| {
            classes.push(Vec::new());
            classes.len() - 1
        });
        classes[class].push(value);
    }
    let alone = classes.len() == 1;
    classes
        .into_iter()
        .map(|values| {
            let unknown = if alone {
                hub
            } else {
                *unknowns += 1;
                *unknowns - 1
            };
            ValueClass { values, unknown: u32::try_from(unknown).unwrap_or(u32::MAX) }
        })
        .collect()
}
