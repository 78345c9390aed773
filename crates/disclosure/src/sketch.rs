//! The cells of a table, and the differences between them that must stay unknown (P2 and P4 of [`super::policy`]).

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Counts;
use super::document::TOTAL;
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
        }
    }

    /// Hides the row of the units with some patterns if it is below the threshold. Does so for each of these
    /// generations: what the release counts, and what a correction of the records added or removed in periods that
    /// were published before it.
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
            if self.counts.of_row(&row) < self.task.thresholds.units {
                hidden.insert(row);
            }
        }
    }
}

/// The units that a correction of the records added or removed.
const CHANGED: [&[Generation]; 2] = [&[Generation::Added], &[Generation::Removed]];
/// The units that the release counts, and those that a correction added or removed.
const ALL: [&[Generation]; 3] = [&NEWEST, &[Generation::Added], &[Generation::Removed]];

fn chosen(dimensions: &[usize], choice: &[(String, Option<Vec<u32>>)]) -> BTreeMap<usize, Vec<u32>> {
    dimensions.iter().zip(choice).filter_map(|(dimension, (_, parts))| Some((*dimension, parts.clone()?))).collect()
}
