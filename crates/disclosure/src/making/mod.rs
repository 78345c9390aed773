//! From populations to a release: each population is planned, protected and proved, and becomes tables and a
//! certificate. No I/O.

use std::collections::{BTreeMap, BTreeSet};

mod dimensions;
mod knowing;
mod numbers;
mod order;
mod proof;

use dimensions::{dimension, period_dimension};
use knowing::to_who_knows;
use numbers::CellNumbers;
pub use order::Order;

use serde::{Deserialize, Serialize};

use super::document::{Cell, Class, Dimension, PERIOD, Release, Status, Table};
use super::layout::{Period, periods};
use super::plan::{Plan, is_expressible, plan};
use super::population::Population;
use super::protect::protect;
use super::question::{Answer, Fate, Refusal, Report, Watch};
use super::ranges;
use super::task::{KnownFact, Replaced, Task};

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
        let knowing = Task {
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
        // Facts of the service are published whatever was published before.
        if !population.is_of_service() && !is_expressible(&knowing) {
            return Err(withheld(Refusal::Inexpressible));
        }
        // What is published and its proof are of the layout without facts: its parts would show where they are.
        let task = Task { facts: &[], ..knowing.clone() };
        let plan = plan(&task);
        let (answer, disclosed) = if population.is_of_service() {
            (Answer { published: vec![true; plan.question.cells.len()], report: Report::default() }, 0)
        } else {
            let answer = protect(&plan.question, watch).map_err(withheld)?;
            to_who_knows(&knowing, &plan, answer, watch).map_err(withheld)?
        };
        let tables = tables(population, &plan, &answer);
        let numbers = CellNumbers::of(&plan, &tables);
        release.decided_public.extend(plan.decided.iter().flat_map(|number| numbers.of_candidate(*number)));
        if !population.is_of_service() {
            let proof = proof::Input { task: &task, order, plan: &plan, answer: &answer, numbers: &numbers };
            release.certificates.push(proof.certificate(watch).map_err(withheld)?);
        }
        utility.push(Utility { already_disclosed: disclosed, ..measure(population, &plan, &answer, &tables) });
        for (number, domain) in population.dimensions.iter().enumerate() {
            dimensions.entry(domain.id.clone()).or_insert_with(|| dimension(domain, number, &plan.layout));
        }
        for period in plan.tables.iter().flat_map(|table| &table.periods) {
            if !shown.contains(period) {
                shown.push(period.clone());
            }
        }
        release.tables.extend(tables);
    }
    shown.sort_by_key(|period| periods(release.year, 4).iter().position(|known| known == period));
    release.dimensions = vec![period_dimension(&shown)];
    release.dimensions.extend(dimensions.into_values());
    ranges::fill(&mut release);
    Ok(Made { release, utility })
}

/// Every set of base codes that a table uses, by dimension: populations that share a dimension share its
/// parts.
fn shared(order: &Order) -> Vec<(String, Vec<String>)> {
    let mut sets = BTreeSet::new();
    for domain in order.populations.iter().flat_map(|population| &population.dimensions) {
        sets.extend(domain.values.iter().map(|value| (domain.id.clone(), value.bases.clone())));
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
        Cell::of(coordinates.clone(), value)
    };
    population
        .tables
        .iter()
        .zip(&plan.tables)
        .map(|(spec, planned)| Table {
            id: spec.id.clone(),
            label: spec.label.clone(),
            population: population.code.to_owned(),
            class: Some(match (spec.class, spec.dimensions.is_empty()) {
                (Class::Breakdown, true) => population.total,
                (class, _) => class,
            }),
            dimensions: std::iter::once(PERIOD.to_owned()).chain(spec.dimensions.iter().cloned()).collect(),
            cells: planned.cells.iter().map(cell).collect(),
        })
        .collect()
}

fn measure(population: &Population, plan: &Plan, answer: &Answer, tables: &[Table]) -> Utility {
    let mut utility = Utility {
        population: population.code.to_owned(),
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
mod classes_tests;
#[cfg(test)]
mod knowing_tests;
#[cfg(test)]
mod ranges_tests;
#[cfg(test)]
mod tests;
