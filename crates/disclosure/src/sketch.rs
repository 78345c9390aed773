//! The cells of a table, and the differences between them that must stay unknown (P2 and P4 of [`super::policy`]).

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Counts;
use super::document::{Class, TOTAL};
use super::layout::{Generation, Layout, NEWEST, Period, periods, until};
use super::population::TableSpec;
use super::star::Row;
use super::task::Task;

/// The rank of a cell, the most important first: fewer restrictions, then the earlier table, then the longer period,
/// then its position.
pub(super) type Weight = (usize, usize, u32, usize);

/// A table whose cells are being planned.
pub(super) struct Sketch<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) layout: &'a Layout,
    pub(super) counts: &'a Counts,
    pub(super) table: &'a TableSpec,
}

impl Sketch<'_> {
    /// The periods and cells of the table. Adds to `hidden` the differences that must stay unknown.
    #[allow(clippy::type_complexity)]
    pub(super) fn cells(
        &self,
        number: usize,
        hidden: &mut BTreeSet<Row>,
    ) -> (Vec<Period>, Vec<(Vec<String>, Row, Weight)>) {
        let mut shown = periods(self.task.year, self.task.through);
        if !self.table.quarterly {
            shown.retain(|period| period.quarters == 0b1111);
        }
        let dimensions: Vec<usize> = self
            .table
            .dimensions
            .iter()
            .filter_map(|id| self.task.population.dimensions.iter().position(|domain| domain.id == *id))
            .collect();
        let mut rows = Vec::new();
        for period in &shown {
            for choice in self.choices(&dimensions) {
                let mut coordinates = vec![period.code.clone()];
                coordinates.extend(choice.iter().map(|(code, _)| code.clone()));
                let chosen = chosen(&dimensions, &choice);
                let row = self.layout.row(period.quarters, &NEWEST, &chosen);
                let weight = (chosen.len(), number, 4 - period.quarters.count_ones(), rows.len());
                rows.push((coordinates, row, weight));
                self.differences(period, &shown, &dimensions, &choice, hidden);
            }
        }
        (shown, rows)
    }

    /// Every combination of values, the total of each dimension first.
    fn choices(&self, dimensions: &[usize]) -> Vec<Vec<(String, Option<Vec<u32>>)>> {
        let mut choices: Vec<Vec<(String, Option<Vec<u32>>)>> = vec![Vec::new()];
        for dimension in dimensions {
            let domain = &self.task.population.dimensions[*dimension];
            let mut values = vec![(TOTAL.to_owned(), None)];
            values.extend(
                domain
                    .values
                    .iter()
                    .map(|value| (value.code.clone(), Some(self.layout.parts_of(*dimension, &value.bases)))),
            );
            choices = choices
                .into_iter()
                .flat_map(|choice| {
                    values.iter().map(move |value| {
                        let mut choice = choice.clone();
                        choice.push(value.clone());
                        choice
                    })
                })
                .collect();
        }
        choices
    }

    /// P2 and P4: what a cell leaves besides a smaller cell that it holds, and what a correction of the records
    /// changed.
    fn differences(
        &self,
        period: &Period,
        shown: &[Period],
        dimensions: &[usize],
        choice: &[(String, Option<Vec<u32>>)],
        hidden: &mut BTreeSet<Row>,
    ) {
        // What is a fact of the service leaves facts of the service.
        if self.table.class == Class::Service {
            return;
        }
        let chosen = chosen(dimensions, choice);
        let cell = |quarters: u8| quarters & period.quarters != 0;
        self.guard(&CHANGED, period, &cell, &chosen, hidden);
        // P4: increments between two periods, one of which holds the other.
        for shorter in shown.iter().filter(|shorter| shorter.quarters & !period.quarters == 0) {
            if shorter.quarters != period.quarters {
                let increment = |quarters: u8| cell(quarters) && quarters & shorter.quarters == 0;
                self.guard(&ALL, period, &increment, &chosen, hidden);
            }
        }
        // P4: the units of both of two periods are the two counts less the count of the longer period that they make up.
        for pair in made_up_of(period, shown) {
            let both = |quarters: u8| pair.iter().all(|part| quarters & part.quarters != 0);
            self.guard(&ALL, period, &both, &chosen, hidden);
        }
        for (at, dimension) in dimensions.iter().enumerate() {
            let domain = &self.task.population.dimensions[*dimension];
            let whole = chosen.get(dimension);
            for value in &domain.values {
                let part = self.layout.parts_of(*dimension, &value.bases);
                let rest: Vec<u32> = match whole {
                    // P4: the difference of two values, one of which holds the other.
                    Some(whole) if part.len() < whole.len() && part.iter().all(|part| whole.contains(part)) => {
                        whole.iter().filter(|known| !part.contains(known)).copied().collect()
                    }
                    // P2: the units of the total that do not have this value.
                    None if domain.sensitive && choice[at].1.is_none() => {
                        let mut child = chosen.clone();
                        child.insert(*dimension, part.clone());
                        if self.counts.of_row(&self.layout.row(period.quarters, &NEWEST, &child)) == 0 {
                            continue;
                        }
                        let all = u32::try_from(self.layout.parts[*dimension].len()).unwrap_or(u32::MAX);
                        (0..all).filter(|known| !part.contains(known)).collect()
                    }
                    _ => continue,
                };
                let mut left = chosen.clone();
                left.insert(*dimension, rest);
                self.guard(&ALL, period, &cell, &left, hidden);
            }
            if dimensions.len() == 1 && whole.is_none() {
                self.beside_totals(period, *dimension, hidden);
            }
        }
    }

    /// P4: what the public total of another period leaves besides a value whose units everybody knows to count in that
    /// period. A case that is open on 31 December is open in the last quarter: the children of the quarter less those
    /// with an open case are the children whose case was closed in it.
    fn beside_totals(&self, period: &Period, dimension: usize, hidden: &mut BTreeSet<Row>) {
        let population = self.task.population;
        if population.total == Class::Breakdown {
            return;
        }
        let domain = &population.dimensions[dimension];
        let all = u32::try_from(self.layout.parts[dimension].len()).unwrap_or(u32::MAX);
        for value in &domain.values {
            let excluded = |quarters: u8| {
                population.impossible.iter().any(|one| {
                    one.bases.len() == 1
                        && one
                            .bases
                            .get(&domain.id)
                            .is_some_and(|bases| value.bases.iter().all(|base| bases.contains(base)))
                        && (one.patterns.is_empty() || one.patterns.contains(&quarters))
                })
            };
            let possible: Vec<u8> = self.layout.patterns.iter().map(|(quarters, _)| *quarters).collect();
            let possible =
                || possible.iter().filter(|quarters| **quarters & period.quarters != 0 && !excluded(**quarters));
            let part = self.layout.parts_of(dimension, &value.bases);
            for other in periods(self.task.year, self.task.through) {
                if other.quarters == period.quarters || possible().any(|quarters| quarters & other.quarters == 0) {
                    continue;
                }
                let rest = (0..all).filter(|known| !part.contains(known)).collect();
                let inside = |quarters: u8| quarters & other.quarters != 0;
                self.guard(&ALL, &other, &inside, &BTreeMap::from([(dimension, rest)]), hidden);
            }
        }
    }

    /// Hides the row of the units with some patterns if P1 or P3 would protect a cell of them. Does so for each of these
    /// generations: what the release counts, and what a correction of the records added or removed in periods that
    /// were published before it. Totals of the whole service are not protected, and their differences are not either.
    fn guard(
        &self,
        of: &[&[Generation]],
        period: &Period,
        patterns: &dyn Fn(u8) -> bool,
        chosen: &BTreeMap<usize, Vec<u32>>,
        hidden: &mut BTreeSet<Row>,
    ) {
        let changed = self.task.replaced.is_some_and(|replaced| period.quarters & !until(replaced.through) == 0);
        for generations in of.iter().filter(|generations| changed || **generations == NEWEST) {
            let inside: Vec<u32> = (0u32..)
                .zip(&self.layout.patterns)
                .filter(|(_, (quarters, generation))| patterns(*quarters) && generations.contains(generation))
                .map(|(number, _)| number)
                .collect();
            let row = self.layout.of_patterns(&inside, chosen);
            if self.task.population.total != Class::Breakdown && self.layout.is_whole(&row) {
                continue;
            }
            if self.counts.is_protected(&row, self.counts.of_row(&row), self.task.thresholds) {
                hidden.insert(row);
            }
        }
    }
}

/// The pairs of shown periods, none of which holds the other, that make up a period together.
fn made_up_of<'a>(period: &'a Period, shown: &'a [Period]) -> impl Iterator<Item = [&'a Period; 2]> {
    let apart = |one: &Period, other: &Period| {
        let both = one.quarters & other.quarters;
        both != one.quarters && both != other.quarters
    };
    let whole = |one: &Period, other: &Period| one.quarters | other.quarters == period.quarters;
    let pairs = shown.iter().enumerate().flat_map(|(at, one)| shown[at + 1..].iter().map(move |other| [one, other]));
    pairs.filter(move |[one, other]| apart(one, other) && whole(one, other))
}

/// The units that a correction of the records added or removed.
const CHANGED: [&[Generation]; 2] = [&[Generation::Added], &[Generation::Removed]];
/// The units that the release counts, and those that a correction added or removed.
const ALL: [&[Generation]; 3] = [&NEWEST, &[Generation::Added], &[Generation::Removed]];

fn chosen(dimensions: &[usize], choice: &[(String, Option<Vec<u32>>)]) -> BTreeMap<usize, Vec<u32>> {
    dimensions.iter().zip(choice).filter_map(|(dimension, (_, parts))| Some((*dimension, parts.clone()?))).collect()
}
