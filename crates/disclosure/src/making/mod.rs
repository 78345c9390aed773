//! From populations to a release: each population is planned, protected and proved, and becomes tables and a
//! certificate. No I/O.

use std::collections::{BTreeMap, BTreeSet};

mod dimensions;

use dimensions::{dimension, period_dimension};

use serde::{Deserialize, Serialize};

use super::certificate::{CellNumber, Certificate, Group, HubClass, Known, PartClass, Proof};
use super::certify::{Proven, certify};
use super::classes::ValueClass;
use super::document::{Cell, Dimension, PERIOD, Release, Status, Table};
use super::layout::{Generation, Layout, Period, periods, to_u32, until};
use super::plan::{Plan, is_expressible, plan};
use super::policy::Thresholds;
use super::population::{Population, ReplacedUnits};
use super::protect::protect;
use super::question::{Answer, Fate, Refusal, Watch};
use super::star::Row;
use super::task::{Earlier, KnownFact, Replaced, Task};

/// What a release is made of.
#[derive(Clone, Debug)]
pub struct Order {
    /// The release without what is made here: its dimensions, tables and certificates are empty. Its facts are copied
    /// as they are.
    pub header: Release,
    /// The populations.
    pub populations: Vec<Population>,
    /// The last quarter that is over, 1 to 4.
    pub through: u8,
    /// The thresholds of the rules.
    pub thresholds: Thresholds,
    /// Earlier releases of the same year that the same readers can see, with the dimensions as they were then.
    pub earlier: Vec<Earlier>,
    /// Figures made public elsewhere, each with its population.
    pub facts: Vec<(String, KnownFact)>,
    /// The units that some earlier releases were made from, if this one is made from others.
    pub replaced: Option<ReplacedUnits>,
}

/// A release that is ready to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The release.
    pub release: Release,
    /// What the protection of each population took and costs. For the publisher's own staff: it depends on hidden
    /// counts.
    pub utility: Vec<Utility>,
}

/// What the tables of a population show and hide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utility {
    /// The population.
    pub population: String,
    /// The number of cells of its tables.
    pub cells: usize,
    /// The number of published cells.
    pub published: usize,
    /// The number of cells hidden because their own count must stay unknown.
    pub primary: usize,
    /// The number of cells hidden to protect others, or because they were hidden before.
    pub secondary: usize,
    /// For each table: its code, its number of cells, its number of published cells.
    pub tables: Vec<(String, usize, usize)>,
    /// The number of rows that earlier releases and facts reveal by themselves.
    pub already_disclosed: usize,
    /// The number of rows proved unknown.
    pub proved: usize,
    /// The number of linear programs solved.
    pub programs: usize,
}

/// Why a release cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// The population.
    pub population: String,
    /// Why.
    pub refusal: Refusal,
}

/// Makes a release and its proof.
pub fn make(order: &Order, watch: &mut dyn Watch) -> Result<Made, Withheld> {
    let mut release = order.header.clone();
    let mut utility = Vec::new();
    let mut dimensions: BTreeMap<String, Dimension> = BTreeMap::new();
    let mut shown: Vec<Period> = Vec::new();
    let shared = shared(order);
    // A fact or an earlier table about a population that this release lacks would be missing from the proof.
    let known = order.facts.iter().map(|(population, _)| population);
    let known = known.chain(order.earlier.iter().flat_map(|earlier| &earlier.tables).map(|table| &table.population));
    for population in known {
        if !order.populations.iter().any(|known| known.code == population) {
            return Err(Withheld { population: population.clone(), refusal: Refusal::Inexpressible });
        }
    }
    for population in &order.populations {
        let withheld = |refusal| Withheld { population: population.code.to_owned(), refusal };
        let facts: Vec<KnownFact> =
            order.facts.iter().filter(|(of, _)| of == population.code).map(|(_, fact)| fact.clone()).collect();
        let task = Task {
            population,
            year: release.year,
            through: order.through,
            thresholds: order.thresholds,
            earlier: &order.earlier,
            facts: &facts,
            shared: &shared,
            replaced: order.replaced.as_ref().map(|replaced| Replaced {
                records: replaced.units.get(population.code).map_or(&[][..], Vec::as_slice),
                through: replaced.through,
            }),
        };
        if !is_expressible(&task) {
            return Err(withheld(Refusal::Inexpressible));
        }
        let plan = plan(&task);
        let answer = protect(&plan.question, watch).map_err(withheld)?;
        let tables = tables(population, &plan, &answer);
        let certificate = certificate(order, population, &plan, &answer, &tables, watch).map_err(withheld)?;
        utility.push(measure(population, &plan, &answer, &tables));
        for (number, domain) in population.dimensions.iter().enumerate() {
            dimensions.entry(domain.id.clone()).or_insert_with(|| dimension(domain, number, &plan.layout));
        }
        for period in plan.tables.iter().flat_map(|table| &table.periods) {
            if !shown.contains(period) {
                shown.push(period.clone());
            }
        }
        release.tables.extend(tables);
        release.certificates.push(certificate);
    }
    shown.sort_by_key(|period| periods(release.year, 4).iter().position(|known| known == period));
    release.dimensions = vec![period_dimension(&shown)];
    release.dimensions.extend(dimensions.into_values());
    Ok(Made { release, utility })
}

/// Every set of base codes that a table or a fact uses, by dimension: populations that share a dimension share its
/// parts.
fn shared(order: &Order) -> Vec<(String, Vec<String>)> {
    let mut sets = BTreeSet::new();
    for domain in order.populations.iter().flat_map(|population| &population.dimensions) {
        sets.extend(domain.values.iter().map(|value| (domain.id.clone(), value.bases.clone())));
    }
    for (_, fact) in &order.facts {
        sets.extend(fact.bases.iter().map(|(id, bases)| (id.clone(), bases.clone())));
    }
    for domain in order.earlier.iter().flat_map(|earlier| &earlier.dimensions) {
        sets.extend(domain.values.iter().map(|value| (domain.id.clone(), value.bases.clone())));
    }
    sets.into_iter().collect()
}

fn tables(population: &Population, plan: &Plan, answer: &Answer) -> Vec<Table> {
    let cell = |(coordinates, number): &(Vec<String>, Option<usize>)| {
        // A cell without a candidate is 0 by logic.
        let value = match number {
            Some(number) => answer.published[*number].then(|| plan.question.cells[*number].value),
            None => Some(0),
        };
        let status = if value.is_some() { Status::Published } else { Status::Suppressed };
        Cell { coordinates: coordinates.clone(), value, status }
    };
    population
        .tables
        .iter()
        .zip(&plan.tables)
        .map(|(spec, planned)| Table {
            id: spec.id.clone(),
            label: spec.label.clone(),
            population: population.code.to_owned(),
            dimensions: std::iter::once(PERIOD.to_owned()).chain(spec.dimensions.iter().cloned()).collect(),
            cells: planned.cells.iter().map(cell).collect(),
        })
        .collect()
}

/// The public proof, from the tables as published.
fn certificate(
    order: &Order,
    population: &Population,
    plan: &Plan,
    answer: &Answer,
    tables: &[Table],
    watch: &mut dyn Watch,
) -> Result<Certificate, Refusal> {
    let question = &plan.question;
    let mut of_release: BTreeMap<usize, CellNumber> = BTreeMap::new();
    let mut suppressed: Vec<(CellNumber, usize)> = Vec::new();
    for (table, planned) in tables.iter().zip(&plan.tables) {
        for (at, (_, number)) in (0u32..).zip(&planned.cells) {
            let Some(number) = number else { continue };
            let place = CellNumber { table: table.id.clone(), cell: at };
            if !answer.published[*number] {
                suppressed.push((place.clone(), *number));
            }
            of_release.entry(*number).or_insert(place);
        }
    }
    let published = question.cells.iter().zip(&answer.published).filter(|(_, published)| **published);
    let mut known: Vec<(&Row, u64)> = published.map(|(cell, _)| (&cell.row, cell.value)).collect();
    known.extend(question.facts.iter().map(|(row, value)| (row, *value)));
    let open: Vec<usize> = {
        let mut open: Vec<usize> = suppressed.iter().map(|(_, number)| *number).collect();
        open.sort_unstable();
        open.dedup();
        open.retain(|number| !answer.report.already_disclosed.contains(number));
        open
    };
    let rows: Vec<&Row> = open.iter().map(|number| &question.cells[*number].row).collect();
    let proven = certify(&question.star, &known, &rows, question.threshold, watch)?;
    let proof_of: BTreeMap<usize, (usize, usize)> =
        open.iter().zip(&proven.proofs).filter_map(|(number, proof)| Some((*number, (*proof)?))).collect();
    if let Some(unproved) = open.iter().find(|number| !proof_of.contains_key(number)) {
        return Err(Refusal::Unprotected(*unproved));
    }
    let spokes = population.dimensions.iter().enumerate().filter(|(number, _)| Some(*number) != plan.layout.hub);
    let (mut proofs, mut already_disclosed) = (Vec::new(), Vec::new());
    for (cell, number) in suppressed {
        match proof_of.get(&number) {
            Some((least, most)) => proofs.push(Proof { cell, least: to_u32(*least), most: to_u32(*most) }),
            None => already_disclosed.push(cell),
        }
    }
    Ok(Certificate {
        population: population.code.to_owned(),
        quarters: until(order.through),
        hub: population.hub.clone().filter(|_| plan.layout.hub.is_some()),
        spokes: spokes.map(|(_, domain)| domain.id.clone()).collect(),
        replaces: order.replaced.is_some(),
        known: known_elsewhere(population, plan, answer, &of_release),
        classes: classes(&plan.layout, &proven),
        groups: groups(&proven),
        tables: proven.tables.iter().map(|table| sparse(table)).collect(),
        proofs,
        already_disclosed,
    })
}

/// Published sums that are not cells of this release.
fn known_elsewhere(
    population: &Population,
    plan: &Plan,
    answer: &Answer,
    cells: &BTreeMap<usize, CellNumber>,
) -> Vec<Known> {
    let others = plan
        .question
        .cells
        .iter()
        .enumerate()
        .filter(|(number, _)| answer.published[*number] && !cells.contains_key(number));
    let rows = others
        .map(|(_, cell)| (&cell.row, cell.value))
        .chain(plan.question.facts.iter().map(|(row, value)| (row, *value)));
    let known: BTreeSet<Known> = rows
        .filter_map(|(row, value)| {
            let (quarters, parts, of_replaced) = plan.layout.describe(row)?;
            let parts =
                parts.into_iter().map(|(number, parts)| (population.dimensions[number].id.clone(), parts)).collect();
            Some(Known { quarters, parts, of_replaced, value })
        })
        .collect();
    known.into_iter().collect()
}

fn classes(layout: &Layout, proven: &Proven) -> Vec<HubClass> {
    let member = |hub: &u32| {
        let (part, quarters, generation) = layout.hub_value(*hub);
        let generation = match generation {
            Generation::Kept => 0,
            Generation::Removed => 1,
            Generation::Added => 2,
        };
        (part, quarters, generation)
    };
    (0u32..)
        .zip(proven.classes.members())
        .map(|(class, hubs)| HubClass { class, members: hubs.iter().map(member).collect() })
        .collect()
}

fn groups(proven: &Proven) -> Vec<Group> {
    let part = |class: &ValueClass| PartClass { class: class.unknown, parts: class.values.clone() };
    (0u32..)
        .zip(proven.classes.groups())
        .flat_map(|(spoke, groups)| groups.iter().map(move |group| (spoke, group)))
        .map(|(spoke, group)| Group { spoke, hubs: group.hubs.clone(), parts: group.values.iter().map(part).collect() })
        .collect()
}

fn sparse(table: &[u64]) -> Vec<(u32, u64)> {
    (0u32..).zip(table).filter(|(_, units)| **units > 0).map(|(class, units)| (class, *units)).collect()
}

fn measure(population: &Population, plan: &Plan, answer: &Answer, tables: &[Table]) -> Utility {
    let mut utility = Utility {
        population: population.code.to_owned(),
        already_disclosed: answer.report.already_disclosed.len(),
        proved: answer.report.proved,
        programs: answer.report.solved,
        ..Utility::default()
    };
    for (table, planned) in tables.iter().zip(&plan.tables) {
        let published = table.cells.iter().filter(|cell| cell.status == Status::Published).count();
        let primary = planned
            .cells
            .iter()
            .filter(|(_, number)| number.is_some_and(|number| plan.question.cells[number].fate == Fate::Protected))
            .count();
        utility.cells += table.cells.len();
        utility.published += published;
        utility.primary += primary;
        utility.secondary += table.cells.len() - published - primary;
        utility.tables.push((table.id.clone(), table.cells.len(), published));
    }
    utility
}

#[cfg(test)]
mod tests;
