//! Checks a release by addition: without a solver, without trust in the program that made it.
//!
//! - hub: the dimension that all tables of two dimensions share;
//! - spoke: any other dimension; no table crosses two spokes;
//! - class: values that nothing published distinguishes, counted together.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::certificate::Certificate;
use super::document::{FORMAT, PERIOD, Release, Status, Table};

/// Upper bound of part numbers. France has fewer communes, and a hostile file cannot make the checker run for ever.
const PARTS: u32 = 1 << 16;

/// What was checked in a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The number of published cells.
    pub published: usize,
    /// The number of suppressed cells proved unknown.
    pub proved: usize,
    /// The number of suppressed cells whose range, the release says, could already be deduced from earlier
    /// publications.
    pub already_disclosed: usize,
    /// The number of possible tables in the proofs.
    pub tables: usize,
}

/// Checks every certificate of a release against its cells. Fails with one sentence per flaw.
pub fn verify(release: &Release) -> Result<Checked, Vec<String>> {
    let mut flaws = Vec::new();
    let mut checked = Checked::default();
    if release.format != FORMAT {
        flaws.push(format!("the format is {:?}, expected {FORMAT:?}", release.format));
    }
    let values = release.dimensions.iter().flat_map(|dimension| &dimension.values);
    if values.flat_map(|value| &value.parts).any(|part| *part >= PARTS) {
        flaws.push(format!("a dimension has {PARTS} parts or more"));
        return Err(flaws);
    }
    let mut populations: Vec<&str> = release.tables.iter().map(|table| table.population.as_str()).collect();
    populations.sort_unstable();
    populations.dedup();
    for population in populations {
        let mut certificates = release.certificates.iter().filter(|certificate| certificate.population == population);
        match (certificates.next(), certificates.next()) {
            (Some(certificate), None) => Check { release, certificate }.run(&mut checked, &mut flaws),
            _ => flaws.push(format!("{population}: the release does not have exactly one certificate")),
        }
    }
    if flaws.is_empty() { Ok(checked) } else { Err(flaws) }
}

/// The units of a cell: quarters, and parts by dimension.
#[derive(Default)]
struct Place {
    quarters: u8,
    parts: BTreeMap<String, Vec<u32>>,
    of_replaced: bool,
}

struct Check<'a> {
    release: &'a Release,
    certificate: &'a Certificate,
}

impl Check<'_> {
    fn run(&self, checked: &mut Checked, flaws: &mut Vec<String>) {
        let name = &self.certificate.population;
        let tables: Vec<HashMap<u32, u64>> =
            self.certificate.tables.iter().map(|table| table.iter().copied().collect()).collect();
        checked.tables += tables.len();
        if tables.is_empty() {
            flaws.push(format!("{name}: the certificate has no table, so nothing shows that the cells add up"));
        }
        if self.certificate.quarters > 0b1111 {
            flaws.push(format!("{name}: the certificate covers more than four quarters"));
            return;
        }
        self.check_classes(flaws);
        for (number, table) in tables.iter().enumerate() {
            if !self.adds_up(table) {
                flaws.push(format!("{name}: table {number} of the certificate does not add up"));
            }
        }
        for known in &self.certificate.known {
            let place = Place { quarters: known.quarters, parts: known.parts.clone(), of_replaced: known.of_replaced };
            self.agree(&place, known.value, &tables, &format!("{name}: a sum published elsewhere"), flaws);
        }
        let mut proofs: HashMap<(&str, u32), (u32, u32)> = HashMap::new();
        for proof in &self.certificate.proofs {
            proofs.insert((&proof.cell.table, proof.cell.cell), (proof.least, proof.most));
        }
        let disclosed = |table: &str, cell: u32| {
            self.certificate.already_disclosed.iter().any(|known| known.table == table && known.cell == cell)
        };
        for table in self.release.tables.iter().filter(|table| table.population == *name) {
            for (number, cell) in (0u32..).zip(&table.cells) {
                let place = match self.place(table, &cell.coordinates) {
                    Ok(place) => place,
                    Err(flaw) => {
                        flaws.push(flaw);
                        continue;
                    }
                };
                let what = || format!("{} {:?}", table.id, cell.coordinates);
                match (cell.status, cell.value) {
                    (Status::Published, Some(value)) => {
                        checked.published += 1;
                        self.agree(&place, value, &tables, &what(), flaws);
                    }
                    (Status::Suppressed, None) => {
                        if disclosed(&table.id, number) {
                            checked.already_disclosed += 1;
                            continue;
                        }
                        match proofs.get(&(table.id.as_str(), number)) {
                            Some((least, most)) if self.varies(&place, &tables, *least, *most) => checked.proved += 1,
                            Some(_) => {
                                flaws.push(format!("{}: its two tables differ by less than the threshold", what()));
                            }
                            None => flaws
                                .push(format!("{}: suppressed, but the certificate does not prove it unknown", what())),
                        }
                    }
                    _ => flaws.push(format!("{}: its status contradicts its value", what())),
                }
            }
        }
    }

    /// Every unknown is in exactly one class.
    fn check_classes(&self, flaws: &mut Vec<String>) {
        let certificate = self.certificate;
        let generations: &[u8] = if certificate.replaces { &[0, 1, 2] } else { &[0] };
        let parts = |dimension: &String| self.parts(dimension);
        let hub = certificate.hub.as_ref().map_or(1, parts);
        let mut expected = Vec::new();
        for part in 0..hub {
            for quarters in (1..=certificate.quarters).filter(|quarters| quarters & !certificate.quarters == 0) {
                expected.extend(generations.iter().map(|generation| (part, quarters, *generation)));
            }
        }
        let mut members: Vec<(u32, u8, u8)> =
            certificate.classes.iter().flat_map(|class| class.members.iter().copied()).collect();
        members.sort_unstable();
        expected.sort_unstable();
        if members != expected {
            flaws.push(format!(
                "{}: the classes do not cover all combinations of quarters and parts exactly once",
                certificate.population
            ));
        }
        self.check_groups(flaws);
    }

    /// Every group has all parts of its spoke exactly once. Its hub classes are in no other group of the spoke.
    fn check_groups(&self, flaws: &mut Vec<String>) {
        let name = &self.certificate.population;
        let mut seen: HashSet<(u32, u32)> = HashSet::new();
        for (number, group) in self.certificate.groups.iter().enumerate() {
            let mut of: Vec<u32> = group.parts.iter().flat_map(|class| class.parts.iter().copied()).collect();
            of.sort_unstable();
            let dimension = self.certificate.spokes.get(group.spoke as usize);
            if dimension.is_none_or(|dimension| of != (0..self.parts(dimension)).collect::<Vec<u32>>()) {
                flaws.push(format!("{name}: group {number} does not have every part of a dimension once"));
            }
            let known = |class: &u32| self.certificate.classes.iter().any(|known| known.class == *class);
            if group.hubs.is_empty()
                || !group.hubs.iter().all(|class| known(class) && seen.insert((group.spoke, *class)))
            {
                flaws.push(format!(
                    "{name}: group {number} has no class, an unknown class, or a class of another group"
                ));
            }
        }
    }

    /// The parts of each group add up to its hub classes.
    fn adds_up(&self, table: &HashMap<u32, u64>) -> bool {
        let units = |class: u32| table.get(&class).copied().unwrap_or(0);
        self.certificate.groups.iter().all(|group| {
            add(group.parts.iter().map(|class| units(class.class))) == add(group.hubs.iter().map(|class| units(*class)))
        })
    }

    fn agree(&self, place: &Place, value: u64, tables: &[HashMap<u32, u64>], what: &str, flaws: &mut Vec<String>) {
        let Some((inside, _)) = self.span(place).filter(|(inside, touched)| inside.len() == touched.len()) else {
            flaws.push(format!("{what}: published, but the certificate does not distinguish its units"));
            return;
        };
        if let Some(number) = tables.iter().position(|table| sum(table, &inside) != value) {
            flaws
                .push(format!("{what}: {value} is published, but table {number} of the certificate has another value"));
        }
    }

    fn varies(&self, place: &Place, tables: &[HashMap<u32, u64>], least: u32, most: u32) -> bool {
        let Some((inside, touched)) = self.span(place) else { return false };
        let (Some(least), Some(most)) = (tables.get(least as usize), tables.get(most as usize)) else { return false };
        let threshold = self.release.policy.threshold;
        threshold > 0 && sum(most, &touched).saturating_sub(sum(least, &inside)) >= threshold
    }

    /// The classes wholly inside a place, and those that it touches. `None` if the place covers only some hub classes
    /// of a group that has several: the certificate does not say how the group's units are split between them.
    fn span(&self, place: &Place) -> Option<(Vec<u32>, Vec<u32>)> {
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

    fn member(&self, place: &Place, (part, quarters, generation): (u32, u8, u8)) -> bool {
        let counted = if place.of_replaced { generation != 2 } else { generation != 1 };
        let hub = self.certificate.hub.as_ref().and_then(|hub| place.parts.get(hub));
        counted && quarters & place.quarters != 0 && hub.is_none_or(|parts| parts.contains(&part))
    }

    /// The one non-hub dimension the place restricts: its index and the parts selected.
    fn spoke<'b>(&self, place: &'b Place) -> Option<(u32, &'b [u32])> {
        (0u32..).zip(&self.certificate.spokes).find_map(|(number, dimension)| {
            let parts = place.parts.get(dimension)?;
            (parts.len() < self.parts(dimension) as usize).then_some((number, parts.as_slice()))
        })
    }

    /// The number of parts of a dimension.
    fn parts(&self, dimension: &String) -> u32 {
        let dimension = self.release.dimensions.iter().find(|known| known.id == *dimension);
        let parts = dimension.into_iter().flat_map(|dimension| &dimension.values).flat_map(|value| &value.parts);
        parts.max().map_or(0, |most| most + 1)
    }

    fn place(&self, table: &Table, coordinates: &[String]) -> Result<Place, String> {
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
}

fn sum(table: &HashMap<u32, u64>, classes: &[u32]) -> u64 {
    add(classes.iter().map(|class| table.get(class).copied().unwrap_or(0)))
}

/// A sum that cannot overflow: the file may be hostile.
fn add(units: impl Iterator<Item = u64>) -> u64 {
    units.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
