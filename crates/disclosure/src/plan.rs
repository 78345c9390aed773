//! From a population and what was published before to the question that [`super::protect`] answers: the cells of every
//! table, and the rows that must stay unknown by the rules of [`super::policy`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::counts::Counts;
use super::document::{Class, PERIOD, Status};
use super::layout::{Layout, NEWEST, OLDER, Period, is_total, periods, until};
use super::leftovers;
use super::policy::LEAST_TOTAL;
use super::question::{Candidate, Fate, Question};
use super::rows::{Zeros, difference, zeros};
use super::sketch::{Sketch, Weight};
use super::star::Row;

pub use super::policy::Thresholds;
pub use super::task::{Earlier, KnownFact, Replaced, Task};

/// A question, and the place of each table's cells in it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The question.
    pub question: Question,
    /// The unknowns.
    pub layout: Layout,
    /// The tables, in the order of the population's.
    pub tables: Vec<PlannedTable>,
    /// The candidate of each cell of the earlier releases, in their order.
    pub earlier: Vec<usize>,
    /// Totals of the whole service that are held back, by number.
    pub held: BTreeSet<usize>,
    /// Cells that are public by their class and were hidden by an earlier release, by number.
    pub decided: BTreeSet<usize>,
}

/// A table's cells.
#[derive(Clone, Debug)]
pub struct PlannedTable {
    /// Its periods.
    pub periods: Vec<Period>,
    /// Its cells in the order of the document: coordinates, and the index of the candidate that decides whether the
    /// cell is published. `None` if the cell is 0 by logic.
    pub cells: Vec<(Vec<String>, Option<usize>)>,
}

/// Whether every fact and every cell published before is a row of this population's unknowns: its dimensions exist,
/// its values are known, and it crosses the hub with at most one other dimension. Anything else would be missing from
/// the proof.
pub fn is_expressible(task: &Task<'_>) -> bool {
    let population = task.population;
    let place = |id: &str| population.dimensions.iter().position(|domain| domain.id == id);
    let hub = population.hub.as_deref();
    let crossed = |ids: &mut dyn Iterator<Item = &str>| ids.filter(|id| Some(*id) != hub).count() <= 1;
    let facts = task.facts.iter().all(|fact| {
        fact.bases.iter().all(|(id, bases)| place(id).is_some() && !bases.is_empty())
            && crossed(&mut fact.bases.keys().map(String::as_str))
    });
    let tables = task.earlier.iter().all(|earlier| {
        let of_this = earlier.tables.iter().filter(|table| table.population == population.code);
        let known = |id: &str, code: &str| {
            let domain = earlier.dimensions.iter().find(|domain| domain.id == id);
            is_total(code) || domain.is_some_and(|domain| domain.values.iter().any(|value| value.code == code))
        };
        of_this.into_iter().all(|table| {
            let dimensions: Vec<&str> =
                table.dimensions.iter().map(String::as_str).filter(|id| *id != PERIOD).collect();
            dimensions.iter().all(|id| place(id).is_some())
                && crossed(&mut dimensions.iter().copied())
                && table.cells.iter().all(|cell| {
                    let coordinates = table.dimensions.iter().zip(&cell.coordinates);
                    coordinates.into_iter().all(|(id, code)| id == PERIOD || known(id, code))
                })
        })
    });
    facts && tables
}

/// What hiding a unit of a cell costs a repair: a total costs four times a value, a year four times a quarter.
fn cost((restrictions, _, shorter, _): Weight) -> u32 {
    let of_place = [16, 4, 1].get(restrictions).copied().unwrap_or(1);
    of_place * 4u32.saturating_sub(shorter).max(1)
}

/// Writes the question.
pub fn plan(task: &Task<'_>) -> Plan {
    let population = task.population;
    let layout = layout(task);
    let counts = Counts::of(task, &layout);
    let zeros = zeros(task, &layout);
    let mut cells: HashMap<Row, (Weight, Fate)> = HashMap::new();
    let mut hidden: BTreeSet<Row> = BTreeSet::new();
    let (mut held_rows, mut decided_rows) = (BTreeSet::new(), BTreeSet::new());
    let mut placed = Vec::new();
    for (number, table) in population.tables.iter().enumerate() {
        let sketch = Sketch { task, layout: &layout, counts: &counts, table };
        let (periods, rows) = sketch.cells(number, &mut hidden);
        for (_, row, weight) in &rows {
            if row.is_empty() {
                continue;
            }
            let whole = layout.is_whole(row);
            let held = whole && population.total == Class::Total && counts.of_row(row) < LEAST_TOTAL;
            let by_class = table.class == Class::Service || whole && population.total != Class::Breakdown && !held;
            let entry = cells.entry(row.clone()).or_insert((*weight, Fate::Free));
            entry.0 = entry.0.min(*weight);
            if by_class {
                entry.1 = Fate::Given;
            } else if held {
                held_rows.insert(row.clone());
            }
        }
        placed.push((periods, rows));
    }
    // A public count of 0 leaves 0 everywhere inside.
    let given = cells.iter().filter(|(row, (_, fate))| *fate == Fate::Given && counts.of_row(row) == 0);
    let empty: Vec<Row> = given.map(|(row, _)| row.clone()).chain(zeros.iter().cloned()).collect();
    let known_zero = Zeros::of(&empty, &layout.star);
    for (row, (_, fate)) in &mut cells {
        if known_zero.hold(row) {
            *fate = Fate::Given;
        }
    }
    let mut before = Vec::new();
    for earlier in task.earlier {
        for (row, status) in earlier_rows(task, &layout, earlier) {
            before.push(row.clone());
            let fate = if status == Status::Published { Fate::Visible } else { Fate::Suppressed };
            if population.is_of_service() && !cells.contains_key(&row) {
                continue;
            }
            let entry = cells.entry(row.clone()).or_insert(((usize::MAX, 0, 0, 0), fate));
            // A count that one release showed is known, even if another hid it.
            match entry.1 {
                Fate::Given if status == Status::Suppressed => drop(decided_rows.insert(row)),
                Fate::Given | Fate::Visible => {}
                _ => entry.1 = fate,
            }
        }
    }
    shown_before(task, (&layout, &counts), &cells, &mut hidden);
    let mut candidates: Vec<(Weight, Candidate)> = cells
        .into_iter()
        .map(|(row, (weight, fate))| {
            let value = counts.of_row(&row);
            let settled = matches!(fate, Fate::Visible | Fate::Given);
            let protected = !settled && (held_rows.contains(&row) || counts.is_protected(&row, value, task.thresholds));
            let fate = if protected { Fate::Protected } else { fate };
            (weight, Candidate { row, value, fate, weight: cost(weight) })
        })
        .collect();
    candidates.sort_by(|(a, one), (b, other)| (a, &one.row).cmp(&(b, &other.row)));
    let index: HashMap<&Row, usize> =
        candidates.iter().enumerate().map(|(number, (_, candidate))| (&candidate.row, number)).collect();
    let tables = placed
        .into_iter()
        .map(|(periods, rows)| PlannedTable {
            periods,
            cells: rows.into_iter().map(|(coordinates, row, _)| (coordinates, index.get(&row).copied())).collect(),
        })
        .collect();
    let number = |row: &Row| index.get(row).copied();
    let earlier = before.iter().filter_map(number).collect();
    let held = held_rows.iter().filter_map(number).collect();
    let decided = decided_rows.iter().filter_map(number).collect();
    let facts: Vec<(Row, u64)> = task.facts.iter().flat_map(|fact| fact_rows(task, &layout, &counts, fact)).collect();
    let known: Vec<&Row> = candidates.iter().map(|(_, candidate)| &candidate.row).collect();
    leftovers::guard(&layout, &counts, task.thresholds.units, &facts, &known, &mut hidden);
    hidden.retain(|row| !index.contains_key(row) && !row.is_empty() && !known_zero.hold(row));
    let question = Question {
        star: layout.star.clone(),
        cells: candidates.iter().map(|(_, candidate)| candidate.clone()).collect(),
        hidden: hidden.into_iter().collect(),
        facts,
        zeros,
        threshold: task.thresholds.units,
        insiders: counts.insiders(),
        units: counts.units(),
    };
    Plan { question, layout, tables, earlier, held, decided }
}

/// P4 between the cells of this release and those that earlier ones showed and this one lacks, such as those of other
/// groups of places.
fn shown_before(
    task: &Task<'_>,
    (layout, counts): (&Layout, &Counts),
    cells: &HashMap<Row, (Weight, Fate)>,
    hidden: &mut BTreeSet<Row>,
) {
    let only_before = |(row, (weight, fate)): &(&Row, &(Weight, Fate))| {
        weight.0 == usize::MAX && *fate == Fate::Visible && !layout.is_whole(row)
    };
    for (before, _) in cells.iter().filter(only_before) {
        for (row, (_, fate)) in cells {
            if matches!(fate, Fate::Suppressed | Fate::Given) || layout.is_whole(row) {
                continue;
            }
            for left in [difference(row, before), difference(before, row)].into_iter().flatten() {
                if counts.is_protected(&left, counts.of_row(&left), task.thresholds) {
                    hidden.insert(left);
                }
            }
        }
    }
}

fn layout(task: &Task<'_>) -> Layout {
    let place = |id: &str| task.population.dimensions.iter().position(|domain| domain.id == id);
    let mut more: Vec<(usize, Vec<String>)> =
        task.shared.iter().filter_map(|(id, bases)| Some((place(id)?, bases.clone()))).collect();
    for fact in task.facts {
        more.extend(fact.bases.iter().filter_map(|(id, bases)| Some((place(id)?, bases.clone()))));
    }
    for impossible in &task.population.impossible {
        more.extend(impossible.bases.iter().filter_map(|(id, bases)| Some((place(id)?, bases.clone()))));
    }
    for domain in task.earlier.iter().flat_map(|earlier| &earlier.dimensions) {
        if let Some(number) = place(&domain.id) {
            more.extend(domain.values.iter().map(|value| (number, value.bases.clone())));
        }
    }
    Layout::of(task.population, hub(task), &more, task.through, task.replaced.is_some())
}

/// The hub, if any table or fact crosses two dimensions. Yearly tables come with the last release of the year; until
/// then every dimension may stand alone.
fn hub<'a>(task: &Task<'a>) -> Option<&'a str> {
    let crossing = task.population.tables.iter().any(|table| table.dimensions.len() > 1)
        || task.facts.iter().any(|fact| fact.bases.len() > 1)
        || task
            .earlier
            .iter()
            .flat_map(|earlier| &earlier.tables)
            .any(|table| table.population == task.population.code && table.dimensions.len() > 2);
    task.population.hub.as_deref().filter(|_| crossing)
}

fn earlier_rows(task: &Task<'_>, layout: &Layout, earlier: &Earlier) -> Vec<(Row, Status)> {
    let all = periods(task.year, 4);
    let mut rows = Vec::new();
    for table in earlier.tables.iter().filter(|table| table.population == task.population.code) {
        for cell in &table.cells {
            let (mut quarters, mut chosen) = (0, BTreeMap::new());
            for (dimension, code) in table.dimensions.iter().zip(&cell.coordinates) {
                if dimension == PERIOD {
                    quarters = all.iter().find(|period| period.code == *code).map_or(0, |period| period.quarters);
                } else if !is_total(code)
                    && let Some(number) = task.population.dimensions.iter().position(|domain| domain.id == *dimension)
                    && let Some(domain) = earlier.dimensions.iter().find(|domain| domain.id == *dimension)
                    && let Some(value) = domain.values.iter().find(|value| value.code == *code)
                {
                    chosen.insert(number, layout.parts_of(number, &value.bases));
                }
            }
            let generations = if earlier.of_replaced { OLDER } else { NEWEST };
            let row = layout.row(quarters, &generations, &chosen);
            if row.is_empty() {
                continue;
            }
            // A hidden cell stays hidden: its corrected count would nearly reveal the one before.
            if earlier.of_replaced && cell.status == Status::Suppressed {
                rows.push((layout.row(quarters, &NEWEST, &chosen), Status::Suppressed));
            }
            rows.push((row, cell.status));
        }
    }
    rows
}

/// The rows of a fact, with their true counts. It is about the current records and, if releases of its period were made
/// from records replaced since, about those too: nobody knows from which records it was counted.
fn fact_rows(task: &Task<'_>, layout: &Layout, counts: &Counts, fact: &KnownFact) -> Vec<(Row, u64)> {
    let place = |id: &str| task.population.dimensions.iter().position(|domain| domain.id == id);
    let chosen: BTreeMap<usize, Vec<u32>> = fact
        .bases
        .iter()
        .filter_map(|(id, bases)| {
            let number = place(id)?;
            Some((number, layout.parts_of(number, bases)))
        })
        .collect();
    let published = task.replaced.is_some_and(|replaced| fact.quarters & !until(replaced.through) == 0);
    let then = published.then(|| layout.row(fact.quarters, &OLDER, &chosen));
    let rows = std::iter::once(layout.row(fact.quarters, &NEWEST, &chosen)).chain(then);
    rows.filter(|row| !row.is_empty())
        .map(|row| {
            let value = counts.of_row(&row);
            (row, value)
        })
        .collect()
}
