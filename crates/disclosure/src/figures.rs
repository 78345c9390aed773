//! The figures of a population as a document states them: which classes of its certificate a cell counts.

use std::collections::BTreeMap;

use super::certificate::{Certificate, Declared};
use super::document::{PERIOD, Release, Table};

/// The units of a cell: quarters, and parts by dimension.
#[derive(Default)]
pub(crate) struct Place {
    /// The quarters in one of which the units count.
    pub(crate) quarters: u8,
    /// The sets of quarters that the units have, if not all that have one of the quarters.
    pub(crate) patterns: Vec<u8>,
    pub(crate) parts: BTreeMap<String, Vec<u32>>,
    pub(crate) of_replaced: bool,
    /// Whether the units are those of the records as they are and those of the records that were replaced.
    pub(crate) of_all: bool,
}

/// A release, and the certificate of one of its populations.
#[derive(Clone, Copy)]
pub(crate) struct Figures<'a> {
    pub(crate) release: &'a Release,
    pub(crate) certificate: &'a Certificate,
}

impl Figures<'_> {
    /// The classes wholly inside a place, and those that it touches. `None` if the place covers only some hub classes
    /// of a group that has several: the certificate does not say how the group's units are split between them.
    pub(crate) fn span(&self, place: &Place) -> Option<(Vec<u32>, Vec<u32>)> {
        let (mut inside, mut touched) = (Vec::new(), Vec::new());
        let mut hubs: BTreeMap<u32, bool> = BTreeMap::new();
        for hub in &self.certificate.classes {
            let members = hub.members.iter().filter(|member| self.member(place, **member)).count();
            if members > 0 {
                hubs.insert(hub.class, members == hub.members.len());
            }
        }
        let spoke = self.spoke(place);
        for group in self.certificate.groups.iter().filter(|group| spoke.is_some_and(|(of, _)| of == group.spoke)) {
            let held: Vec<bool> = group.hubs.iter().filter_map(|class| hubs.remove(class)).collect();
            let whole = held.len() == group.hubs.len() && held.iter().all(|whole| *whole);
            if held.is_empty() {
                continue;
            }
            if group.hubs.len() > 1 && !whole {
                return None;
            }
            for class in &group.parts {
                let common = class.parts.iter().filter(|part| spoke.is_some_and(|(_, of)| of.contains(part))).count();
                if common > 0 {
                    touched.push(class.class);
                    if whole && common == class.parts.len() {
                        inside.push(class.class);
                    }
                }
            }
        }
        for (class, whole) in hubs {
            touched.push(class);
            if whole && spoke.is_none() {
                inside.push(class);
            }
        }
        Some((inside, touched))
    }

    pub(crate) fn member(&self, place: &Place, (part, quarters, generation): (u32, u8, u8)) -> bool {
        let counted = place.of_all || if place.of_replaced { generation != 2 } else { generation != 1 };
        let hub = self.certificate.hub.as_ref().and_then(|hub| place.parts.get(hub));
        let counted = counted && (place.patterns.is_empty() || place.patterns.contains(&quarters));
        counted && quarters & place.quarters != 0 && hub.is_none_or(|parts| parts.contains(&part))
    }

    /// The one non-hub dimension the place restricts: its index and the parts selected.
    pub(crate) fn spoke<'b>(&self, place: &'b Place) -> Option<(u32, &'b [u32])> {
        (0u32..).zip(&self.certificate.spokes).find_map(|(number, dimension)| {
            let parts = place.parts.get(dimension)?;
            (parts.len() < self.parts(dimension) as usize).then_some((number, parts.as_slice()))
        })
    }

    /// The number of parts of a dimension.
    pub(crate) fn parts(&self, dimension: &String) -> u32 {
        let dimension = self.release.dimensions.iter().find(|known| known.id == *dimension);
        let parts = dimension.into_iter().flat_map(|dimension| &dimension.values).flat_map(|value| &value.parts);
        parts.max().map_or(0, |most| most + 1)
    }

    pub(crate) fn place(&self, table: &Table, coordinates: &[String]) -> Result<Place, String> {
        let mut place = Place::default();
        if coordinates.len() != table.dimensions.len() {
            return Err(format!("{}: a cell does not have one coordinate per dimension", table.id));
        }
        for (id, code) in table.dimensions.iter().zip(coordinates) {
            let dimension = self.release.dimensions.iter().find(|dimension| dimension.id == *id);
            let value = dimension.and_then(|dimension| dimension.values.iter().find(|value| value.code == *code));
            let Some(value) = value else { return Err(format!("{}: {id} has no value {code:?}", table.id)) };
            if id == PERIOD {
                place.quarters = value
                    .parts
                    .iter()
                    .filter(|quarter| (1..=4).contains(*quarter))
                    .fold(0, |all, quarter| all | 1 << (quarter - 1));
            } else {
                place.parts.insert(id.clone(), value.parts.clone());
            }
        }
        let allowed = self
            .certificate
            .spokes
            .iter()
            .filter(|spoke| place.parts.get(*spoke).is_some_and(|parts| parts.len() < self.parts(spoke) as usize));
        if allowed.count() > 1 {
            return Err(format!("{}: a cell crosses two dimensions, neither of which is the hub", table.id));
        }
        Ok(place)
    }

    /// What everybody knows to be 0, as places: in the records as they are and in those that were replaced.
    pub(crate) fn zeros(&self) -> Vec<Place> {
        let place = |zero: &Declared| Place {
            quarters: 0b1111,
            patterns: zero.patterns.clone(),
            parts: zero.parts.clone(),
            of_replaced: false,
            of_all: true,
        };
        self.certificate.declared.iter().map(place).collect()
    }
}
