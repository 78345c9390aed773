//! Merges the unknowns that no row distinguishes.
//!
//! Hub values that are in the same rows form one **hub class**. On a spoke, hub classes that are in the same rows of
//! that spoke form one **group**; within a group, values of the spoke that are in the same rows form one class. Units
//! can move freely between the members of a class without changing any row. So, for a given table of classes, the
//! least that a **target** can be is the sum of the classes wholly inside it, and the most is the sum of the classes
//! that it touches.
//!
//! Groups are exact: if the counts of a group by value add up to the units of its hub classes, they can always be
//! distributed among these classes. No row of the spoke, published or guarded, holds only a part of a group of several.

use std::collections::HashMap;

use super::star::{Row, Star};

/// The merged unknowns, numbered from 0: the hub classes first, then the classes of the spokes.
#[derive(Clone, Debug)]
pub struct Classes {
    /// The hub values of each hub class.
    hubs: Vec<Vec<u32>>,
    /// For each spoke, the groups in which rows distinguish values.
    groups: Vec<Vec<Group>>,
    unknowns: usize,
}

/// Hub classes that the rows of a spoke do not distinguish, with the values that they distinguish.
#[derive(Clone, Debug)]
pub struct Group {
    /// The hub classes.
    pub hubs: Vec<u32>,
    /// The classes of values, at least two.
    pub values: Vec<ValueClass>,
}

/// Values of a spoke that no row distinguishes within a group.
#[derive(Clone, Debug)]
pub struct ValueClass {
    /// The values.
    pub values: Vec<u32>,
    /// The number of their class.
    pub unknown: u32,
}

/// The classes of a row. Their sums are the least and the most that the row can be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Classes wholly inside.
    pub inside: Vec<u32>,
    /// Classes that it touches, those wholly inside included.
    pub touched: Vec<u32>,
}

impl Span {
    /// Whether the row is a sum of classes.
    pub fn is_exact(&self) -> bool {
        self.inside.len() == self.touched.len()
    }
}

impl Classes {
    /// The classes that these rows distinguish. Other rows have a [`Self::span`] only if they are in `guarded`.
    pub fn of<'a>(star: &Star, rows: &[&'a Row], guarded: impl Iterator<Item = &'a Row>) -> Self {
        let mut member = vec![Vec::new(); star.hubs as usize];
        for (number, row) in rows.iter().enumerate() {
            for hub in &row.hubs {
                if let Some(rows) = member.get_mut(*hub as usize) {
                    rows.push(number);
                }
            }
        }
        let hubs = alike(&member);
        let mut class_of = vec![0; star.hubs as usize];
        for (class, hubs) in hubs.iter().enumerate() {
            for hub in hubs {
                class_of[*hub as usize] = class;
            }
        }
        let all: Vec<&Row> = rows.iter().copied().chain(guarded).collect();
        let mut unknowns = hubs.len();
        let groups = (0u32..)
            .zip(&star.spokes)
            .map(|(spoke, size)| {
                let of_spoke = |row: &&&Row| row.spoke.as_ref().is_some_and(|(of, _)| *of == spoke);
                let published: Vec<&Row> = rows.iter().filter(of_spoke).copied().collect();
                let groups = grouped(&hubs, &class_of, &all.iter().filter(of_spoke).copied().collect::<Vec<_>>());
                groups.into_iter().filter_map(|hubs| group(hubs, &published, *size, &class_of, &mut unknowns)).collect()
            })
            .collect();
        Self { hubs, groups, unknowns }
    }

    /// The number of classes.
    pub fn unknowns(&self) -> usize {
        self.unknowns
    }

    /// The spoke of each class; `None` for hub classes.
    pub fn spokes(&self) -> Vec<Option<u32>> {
        let mut of = vec![None; self.unknowns];
        for (groups, spoke) in self.groups.iter().zip(0u32..) {
            for class in groups.iter().flat_map(|group| &group.values) {
                of[class.unknown as usize] = Some(spoke);
            }
        }
        of
    }

    /// The hub classes whose units each class counts.
    pub fn hubs(&self) -> Vec<Vec<u32>> {
        let mut of: Vec<Vec<u32>> = (0u32..).take(self.hubs.len()).map(|class| vec![class]).collect();
        of.resize(self.unknowns, Vec::new());
        for group in self.groups.iter().flatten() {
            for class in &group.values {
                of[class.unknown as usize].clone_from(&group.hubs);
            }
        }
        of
    }

    /// The block of each class, taken from the first value of its hub classes; `None` if these are in several blocks.
    pub fn blocks(&self, star: &Star) -> Vec<Option<u32>> {
        let of_hub = |class: u32| self.hubs[class as usize].first().map(|hub| hub / star.block.max(1));
        self.hubs()
            .iter()
            .map(|hubs| {
                let mut blocks = hubs.iter().map(|class| of_hub(*class));
                let first = blocks.next().flatten();
                first.filter(|_| blocks.all(|block| block == first))
            })
            .collect()
    }

    /// Pairs of sums that are equal in every table: the values of a group, and its hub classes.
    pub fn equalities(&self) -> impl Iterator<Item = (Vec<u32>, &[u32])> {
        let groups = self.groups.iter().flatten();
        groups.map(|group| (group.values.iter().map(|class| class.unknown).collect(), group.hubs.as_slice()))
    }

    /// The classes of a row.
    pub fn span(&self, row: &Row) -> Span {
        let (mut inside, mut touched) = (Vec::new(), Vec::new());
        // For each hub class, how many of its hub values are in the row.
        let common: Vec<usize> = self
            .hubs
            .iter()
            .map(|hubs| hubs.iter().filter(|hub| row.hubs.binary_search(hub).is_ok()).count())
            .collect();
        let whole = |class: u32| common[class as usize] == self.hubs[class as usize].len();
        let mut hubs: Vec<bool> = common.iter().map(|common| *common > 0).collect();
        if let Some((spoke, values)) = &row.spoke {
            for group in self.groups.get(*spoke as usize).into_iter().flatten() {
                let all = group.hubs.iter().all(|class| whole(*class));
                let held = group.hubs.iter().filter(|class| std::mem::take(&mut hubs[**class as usize])).count() > 0;
                for class in group.values.iter().filter(|_| held) {
                    let common = class.values.iter().filter(|value| values.binary_search(value).is_ok()).count();
                    if common > 0 {
                        touched.push(class.unknown);
                        if all && common == class.values.len() {
                            inside.push(class.unknown);
                        }
                    }
                }
            }
        }
        for (class, _) in (0u32..).zip(hubs).filter(|(_, held)| *held) {
            touched.push(class);
            if row.spoke.is_none() && whole(class) {
                inside.push(class);
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

    /// The class of a value of a spoke within a hub class; `None` if no row distinguishes the values.
    pub fn value(&self, class: u32, spoke: usize, value: u32) -> Option<u32> {
        let group = self.groups.get(spoke)?.iter().find(|group| group.hubs.contains(&class))?;
        group.values.iter().find(|class| class.values.binary_search(&value).is_ok()).map(|class| class.unknown)
    }

    /// The hub values of each hub class.
    pub fn members(&self) -> &[Vec<u32>] {
        &self.hubs
    }

    /// For each spoke, the groups in which rows distinguish values.
    pub fn groups(&self) -> &[Vec<Group>] {
        &self.groups
    }
}

/// Groups of indices that have equal lists, ordered by their first index.
fn alike<K: std::hash::Hash + Eq + Clone>(lists: &[K]) -> Vec<Vec<u32>> {
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut known: HashMap<&K, usize> = HashMap::new();
    for (place, list) in (0u32..).zip(lists) {
        let group = *known.entry(list).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(place);
    }
    groups
}

/// Groups of hub classes that these rows do not distinguish. A class that a row divides stays alone.
fn grouped(hubs: &[Vec<u32>], class_of: &[usize], rows: &[&Row]) -> Vec<Vec<u32>> {
    let mut holding: Vec<Vec<usize>> = vec![Vec::new(); hubs.len()];
    let mut alone = vec![None; hubs.len()];
    let mut common = vec![0; hubs.len()];
    for (number, row) in rows.iter().enumerate() {
        for hub in &row.hubs {
            common[class_of[*hub as usize]] += 1;
        }
        for hub in &row.hubs {
            let class = class_of[*hub as usize];
            let held = std::mem::take(&mut common[class]);
            if held == hubs[class].len() {
                holding[class].push(number);
            } else if held > 0 {
                alone[class] = Some(class);
            }
        }
    }
    alike(&holding.into_iter().zip(alone).collect::<Vec<_>>())
}

/// A group with the classes of a spoke's values; `None` if no row distinguishes the values.
fn group(hubs: Vec<u32>, rows: &[&Row], size: u32, class_of: &[usize], unknowns: &mut usize) -> Option<Group> {
    let mut member = vec![Vec::new(); size as usize];
    let holding = |row: &&&Row| {
        // Published rows divide no hub class and no group: one hub value is enough.
        row.hubs.iter().any(|hub| hubs.first().is_some_and(|first| class_of[*hub as usize] == *first as usize))
    };
    for (number, row) in rows.iter().filter(holding).enumerate() {
        for value in row.spoke.iter().flat_map(|(_, values)| values) {
            if let Some(rows) = member.get_mut(*value as usize) {
                rows.push(number);
            }
        }
    }
    let classes = alike(&member);
    let named = |values| {
        *unknowns += 1;
        ValueClass { values, unknown: u32::try_from(*unknowns - 1).unwrap_or(u32::MAX) }
    };
    (classes.len() > 1).then(|| Group { hubs, values: classes.into_iter().map(named).collect() })
}

#[cfg(test)]
mod tests {
    use crate::classes::*;

    /// Two hub classes and a spoke of three values: rows of the whole hub distinguish the values once for both classes.
    #[test]
    fn the_values_of_a_group_are_distinguished_once() {
        let star = Star { hubs: 3, spokes: vec![3], block: 1 };
        let of = |hubs: &[u32], value: u32| star.row(hubs.to_vec(), Some((0, vec![value])));
        let (first, whole) = (star.row(vec![0], None), star.row(vec![0, 1, 2], None));
        let shown = [of(&[0, 1, 2], 0), of(&[0, 1, 2], 1)];
        let rows: Vec<&Row> = [&first, &whole].into_iter().chain(&shown).collect();
        let alone = Classes::of(&star, &rows, std::iter::empty());
        assert_eq!(alone.members(), [vec![0], vec![1, 2]]);
        assert_eq!(alone.unknowns(), 2 + 3);
        assert_eq!(alone.equalities().collect::<Vec<_>>(), [(vec![2, 3, 4], &[0, 1][..])]);
        let span = alone.span(&shown[0]);
        assert_eq!(
            (span.inside, span.touched),
            (vec![2], vec![2]),
            "the hub classes of a group are not touched as well"
        );
        // A guarded row of one hub class needs counts of its own. A row that divides a class leaves that class alone.
        for (row, inside) in [(of(&[0], 2), 1), (of(&[1], 2), 0)] {
            let classes = Classes::of(&star, &rows, [&row].into_iter());
            assert_eq!(classes.unknowns(), 2 + 3 + 3);
            let span = classes.span(&row);
            assert_eq!((span.inside.len(), span.touched.len()), (inside, 1));
            assert_eq!(classes.span(&shown[0]).inside.len(), 2);
        }
    }
}
