//! The units that a release counts, and who knows them.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Generation, Layout, until};
use super::policy::Thresholds;
use super::population::Record;
use super::question::Insider;
use super::star::Row;
use super::task::Task;

/// The units, and who knows them.
pub(super) struct Counts {
    units: Vec<Unit>,
    /// The units of each hub value, by index.
    of_hub: Vec<Vec<usize>>,
    /// The number of units of each hub value.
    hubs: Vec<u64>,
    /// For each spoke, the number of units of each hub value and value.
    spokes: Vec<Vec<u64>>,
    sizes: Vec<u32>,
}

struct Unit {
    hub: u32,
    values: Vec<u32>,
    number: u64,
    household: Option<String>,
    referrer: Option<String>,
}

impl Counts {
    pub(super) fn of(task: &Task<'_>, layout: &Layout) -> Self {
        let star = &layout.star;
        let mut counts = Self {
            units: Vec::new(),
            of_hub: vec![Vec::new(); star.hubs as usize],
            hubs: vec![0; star.hubs as usize],
            spokes: star.spokes.iter().map(|size| vec![0; star.hubs as usize * *size as usize]).collect(),
            sizes: star.spokes.clone(),
        };
        for (record, generation) in generations(task, layout) {
            if let Some((hub, values)) = layout.unit(record, task.through, generation) {
                counts.add(hub, values, record);
            }
        }
        counts
    }

    fn add(&mut self, hub: u32, values: Vec<u32>, record: &Record) {
        let number = u64::from(record.number);
        self.hubs[hub as usize] += number;
        for (spoke, value) in values.iter().enumerate() {
            self.spokes[spoke][(hub * self.sizes[spoke] + value) as usize] += number;
        }
        let (household, referrer) = (record.household.clone(), record.referrer.clone());
        self.of_hub[hub as usize].push(self.units.len());
        self.units.push(Unit { hub, values, number, household, referrer });
    }

    pub(super) fn of_row(&self, row: &Row) -> u64 {
        match &row.spoke {
            None => row.hubs.iter().map(|hub| self.hubs[*hub as usize]).sum(),
            Some((spoke, values)) => {
                let (counts, size) = (&self.spokes[*spoke as usize], self.sizes[*spoke as usize]);
                row.hubs
                    .iter()
                    .flat_map(|hub| values.iter().map(move |value| counts[(hub * size + value) as usize]))
                    .sum()
            }
        }
    }

    /// Whether P1 or P3 of [`super::policy`] protects a row.
    pub(super) fn is_protected(&self, row: &Row, value: u64, thresholds: Thresholds) -> bool {
        if value < thresholds.units {
            return true;
        }
        let mut households = BTreeSet::new();
        let mut without_household = 0;
        let mut referred: BTreeMap<&str, u64> = BTreeMap::new();
        let units = row.hubs.iter().flat_map(|hub| &self.of_hub[*hub as usize]).map(|at| &self.units[*at]);
        for unit in units.filter(|unit| row.holds(unit.hub, &unit.values)) {
            match &unit.household {
                Some(household) => drop(households.insert(household.as_str())),
                None => without_household += unit.number,
            }
            if let Some(referrer) = &unit.referrer {
                *referred.entry(referrer).or_insert(0) += unit.number;
            }
        }
        let mut largest: Vec<u64> = referred.into_values().collect();
        largest.sort_unstable_by(|a, b| b.cmp(a));
        let two: u64 = largest.iter().take(2).sum();
        households.len() as u64 + without_household < thresholds.households
            || value - two < thresholds.without_two_referrers
    }

    pub(super) fn units(&self) -> Vec<(u32, Vec<u32>, u64)> {
        let mut units: BTreeMap<(u32, &[u32]), u64> = BTreeMap::new();
        for unit in &self.units {
            *units.entry((unit.hub, &unit.values)).or_insert(0) += unit.number;
        }
        units.into_iter().map(|((hub, values), number)| (hub, values.to_vec(), number)).collect()
    }

    /// The households and referring partners. Those who know the same units are listed once.
    pub(super) fn insiders(&self) -> Vec<Insider> {
        let mut own: BTreeMap<(u8, &str), Own<'_>> = BTreeMap::new();
        for unit in &self.units {
            let keys = [unit.household.as_deref().map(|key| (0, key)), unit.referrer.as_deref().map(|key| (1, key))];
            for key in keys.into_iter().flatten() {
                *own.entry(key).or_default().entry((unit.hub, &unit.values)).or_insert(0) += unit.number;
            }
        }
        let distinct: BTreeSet<Vec<(u32, Vec<u32>, u64)>> = own
            .into_values()
            .map(|units| units.into_iter().map(|((hub, values), number)| (hub, values.to_vec(), number)).collect())
            .collect();
        distinct.into_iter().map(|units| Insider { units }).collect()
    }
}

/// The units that somebody knows, by hub value and values.
type Own<'a> = BTreeMap<(u32, &'a [u32]), u64>;

/// All that the releases from former records could reveal of a record: its parts in the dimensions that they show, its
/// quarters, its number of units.
type Revealed = (Vec<Vec<u32>>, u8, u32);

/// Every record with its generation. A record is kept if a former record reveals the same, one of the same household if
/// there is one. Records that count only in later periods are kept too.
fn generations<'a>(task: &Task<'a>, layout: &Layout) -> Vec<(&'a Record, Generation)> {
    let records = &task.population.records;
    let Some(replaced) = task.replaced else {
        return records.iter().map(|record| (record, Generation::Kept)).collect();
    };
    let shown: Vec<usize> = (0..task.population.dimensions.len()).filter(|number| was_shown(task, *number)).collect();
    let revealed = |record: &Record| -> Revealed {
        let part = |number: &usize| layout.parts_of(*number, &record.values[*number..=*number]);
        (shown.iter().map(part).collect(), record.quarters & until(replaced.through), record.number)
    };
    let mut before: BTreeMap<Revealed, Vec<&Record>> = BTreeMap::new();
    for record in replaced.records.iter().filter(|record| record.quarters & until(replaced.through) != 0) {
        before.entry(revealed(record)).or_default().push(record);
    }
    let (mut all, mut left) = (Vec::new(), Vec::new());
    for record in in_order(records) {
        let revealed = revealed(record);
        let same = |other: &&Record| other.household == record.household;
        if revealed.1 == 0 {
            all.push((record, Generation::Kept));
        } else if let Some(of) = before.get_mut(&revealed)
            && let Some(at) = of.iter().position(same)
        {
            of.swap_remove(at);
            all.push((record, Generation::Kept));
        } else {
            left.push((record, revealed));
        }
    }
    for (record, revealed) in left {
        let same = before.get_mut(&revealed).and_then(Vec::pop);
        all.push((record, if same.is_some() { Generation::Kept } else { Generation::Added }));
    }
    all.extend(before.into_values().flatten().map(|record| (record, Generation::Removed)));
    all
}

/// Records ordered by their content. Which of two records that reveal the same is kept does not depend on how they are
/// stored.
fn in_order(records: &[Record]) -> Vec<&Record> {
    let mut all: Vec<&Record> = records.iter().collect();
    all.sort_by(|a, b| (&a.values, a.quarters, a.number).cmp(&(&b.values, b.quarters, b.number)));
    all
}

/// Whether a release from former records has a table with this dimension.
fn was_shown(task: &Task<'_>, number: usize) -> bool {
    let id = &task.population.dimensions[number].id;
    let of = task.earlier.iter().filter(|earlier| earlier.of_replaced).flat_map(|earlier| &earlier.tables);
    of.filter(|table| table.population == task.population.code).any(|table| table.dimensions.contains(id))
}
