//! Checks a release by addition: without a solver, without trust in the program that made it.
//!
//! - hub: the dimension that all tables of two dimensions share;
//! - spoke: any other dimension; no table crosses two spokes;
//! - class: values that nothing published distinguishes, counted together.

use std::collections::{HashMap, HashSet};

use super::document::{Class, FIRST_FORMAT, FORMAT, Release, Status};
use super::figures::{Figures, Place};

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
    /// The number of totals held back.
    pub held: usize,
    /// The number of suppressed cells whose range follows from what is published.
    pub ranges: usize,
    /// The number of possible tables in the proofs.
    pub tables: usize,
}

/// Checks every certificate of a release against its cells. Fails with one sentence per flaw.
pub fn verify(release: &Release) -> Result<Checked, Vec<String>> {
    let mut flaws = Vec::new();
    let mut checked = Checked::default();
    if !release.has_classes() && release.format != FIRST_FORMAT {
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
        let tables = || release.tables.iter().filter(|table| table.population == population);
        if tables().all(|table| table.class == Some(Class::Service)) && release.has_classes() {
            checked.published += service::check(release, tables(), &mut flaws);
            continue;
        }
        let mut certificates = release.certificates.iter().filter(|certificate| certificate.population == population);
        match (certificates.next(), certificates.next()) {
            (Some(certificate), None) => Figures { release, certificate }.run(&mut checked, &mut flaws),
            _ => flaws.push(format!("{population}: the release does not have exactly one certificate")),
        }
    }
    checked.ranges = ranges::check(release, &mut flaws);
    if flaws.is_empty() { Ok(checked) } else { Err(flaws) }
}

impl Figures<'_> {
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
            let place = Place {
                quarters: known.quarters,
                parts: known.parts.clone(),
                of_replaced: known.of_replaced,
                ..Place::default()
            };
            let what = format!("{name}: a sum published elsewhere");
            self.agree(&place, known.value, &tables, &what, flaws);
        }
        for zero in self.zeros() {
            self.agree(&zero, 0, &tables, &format!("{name}: what everybody knows to be 0"), flaws);
        }
        let mut proofs: HashMap<(&str, u32), (u32, u32)> = HashMap::new();
        for proof in &self.certificate.proofs {
            proofs.insert((&proof.cell.table, proof.cell.cell), (proof.least, proof.most));
        }
        let disclosed = |table: &str, cell: u32| {
            self.certificate.already_disclosed.iter().any(|known| known.table == table && known.cell == cell)
        };
        let held = |table: &str, cell: u32| {
            self.certificate.held.iter().any(|known| known.table == table && known.cell == cell)
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
                        if table.class == Some(Class::Service) {
                            flaws.push(format!("{}: a fact of the service is suppressed", what()));
                            continue;
                        }
                        if held(&table.id, number) {
                            checked.held += 1;
                            if !self.is_total(&place) {
                                flaws.push(format!("{}: held back, but it is no total", what()));
                            }
                            continue;
                        }
                        if disclosed(&table.id, number) {
                            checked.already_disclosed += 1;
                            continue;
                        }
                        match proofs.get(&(table.id.as_str(), number)) {
                            Some((least, most)) if self.varies(&place, &tables, *least, *most) => checked.proved += 1,
                            Some(_) => {
                                flaws.push(format!("{}: its two tables differ by too little", what()));
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
            let exists = |quarters: &u8| !certificate.one_quarter || quarters.is_power_of_two();
            let over = |quarters: &u8| quarters & !certificate.quarters == 0;
            for quarters in (1..=certificate.quarters).filter(|quarters| over(quarters) && exists(quarters)) {
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

    /// Every table gives a place the published value.
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
        let differs = sum(most, &touched).saturating_sub(sum(least, &inside));
        threshold > 0 && (differs >= threshold || self.bound(place).is_some_and(|most| differs > 0 && differs >= most))
    }
}

fn sum(table: &HashMap<u32, u64>, classes: &[u32]) -> u64 {
    add(classes.iter().map(|class| table.get(class).copied().unwrap_or(0)))
}

/// A sum that cannot overflow: the file may be hostile.
fn add(units: impl Iterator<Item = u64>) -> u64 {
    units.fold(0, u64::saturating_add)
}

mod bounds;
mod ranges;
mod service;
#[cfg(test)]
mod tests;
