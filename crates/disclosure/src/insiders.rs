//! Insiders, who know some of the units: a household its own children, a partner those it referred.

use std::collections::BTreeSet;

use super::attacker::{Table, sum};
use super::classes::{Classes, Span};
use super::elimination::{Elimination, Verdict};
use super::protect::{Work, count};
use super::prover::{Guarded, Need};
use super::question::{Fate, Refusal, Watch};
use super::star::Row;

/// Below this number of open rows, a scattered table is not worth its program.
const FEW: usize = 8;

impl Work<'_> {
    /// Hides cells until no insider learns a protected row. Returns whether nothing had to be hidden.
    ///
    /// The true table is possible for every insider. A row is safe from an insider if it has another value in another
    /// possible table that has at least the insider's own units.
    pub(super) fn insiders(&mut self, watch: &mut dyn Watch) -> Result<bool, Refusal> {
        let guarded = self.hidden_from_insiders();
        let floors: BTreeSet<Table> =
            self.question.insiders.iter().map(|insider| count(&self.classes, &insider.units)).collect();
        let mut search = Search::new(guarded, &floors, &self.truth);
        for table in self.attacker.pool().iter().chain(&self.others) {
            search.add(table, &self.truth);
        }
        self.scatter(&mut search);
        let mut clean = true;
        for row in 0..search.guarded.len() {
            if !watch.progress(row, search.guarded.len()) {
                return Err(Refusal::Cancelled);
            }
            let span = search.guarded[row].span.clone();
            let all: Vec<usize> = (0..search.floors.len()).collect();
            let mut groups = vec![all];
            // One table for all insiders or, if there is none, one for each half of them.
            while let Some(mut group) = groups.pop() {
                group.retain(|floor| !search.safe[row][*floor]);
                if group.is_empty() {
                    continue;
                }
                let joint = search.joint(&group, self.truth.len());
                if let Some(table) = self.attacker.near(&self.truth, &joint, &span) {
                    search.add(&table, &self.truth);
                    search.found.push(table);
                } else if group.len() == 1 {
                    let value = sum(&self.truth, &span.touched);
                    self.repair(&search.guarded[row], Need::Reach(value + 1), Some(&joint))?;
                    clean = false;
                } else {
                    let half = group.split_off(group.len() / 2);
                    groups.extend([half, group]);
                }
            }
        }
        self.others.append(&mut search.found);
        Ok(clean)
    }

    /// Adds tables that differ in many rows for all insiders, for as long as that helps.
    fn scatter(&mut self, search: &mut Search) {
        let all: Vec<usize> = (0..search.floors.len()).collect();
        let floor = search.joint(&all, self.truth.len());
        let mut left = search.open();
        for round in 0.. {
            if left < FEW {
                return;
            }
            let table = self.attacker.scattered(&self.truth, &floor, round);
            search.add(&table, &self.truth);
            search.found.push(table);
            let before = std::mem::replace(&mut left, search.open());
            if round > 0 && left + FEW > before {
                return;
            }
        }
    }

    /// Checks insiders who hold all units of some cells or differences and may know it: these count as published for
    /// them. Hides a cell if one of them could compute another protected count. Returns whether nothing had to be hidden.
    ///
    /// This check is linear only. [`Self::insiders`] covers what they know otherwise.
    pub(super) fn singles(&mut self) -> bool {
        let guarded = self.hidden_from_insiders();
        let row_of = |number: usize| {
            let cells = &self.question.cells;
            cells.get(number).map_or_else(|| &self.question.hidden[number - cells.len()], |cell| &cell.row)
        };
        let rows: Vec<&Row> = self
            .question
            .cells
            .iter()
            .map(|cell| &cell.row)
            .chain(&self.question.hidden)
            .chain(self.question.known().map(|(row, _)| row))
            .collect();
        let classes = Classes::of(&self.question.star, &rows, std::iter::empty());
        let truth = count(&classes, &self.question.units);
        let mut known = Elimination::new(&classes);
        for (row, _) in self.question.known() {
            known.force(&classes.span(row));
        }
        for (cell, _) in self.question.cells.iter().zip(&self.published).filter(|(_, published)| **published) {
            known.force(&classes.span(&cell.row));
        }
        let spans: Vec<Span> = guarded.iter().map(|row| classes.span(row_of(row.number))).collect();
        for span in &spans {
            known.protect(span);
        }
        let cells = self.question.cells.len();
        let mut found: Option<(usize, Vec<usize>)> = None;
        'everybody: for insider in &self.question.insiders {
            let own = count(&classes, &insider.units);
            let alone = |at: usize| {
                let units = sum(&own, &spans[at].inside);
                units > 0 && units == sum(&truth, &spans[at].inside)
            };
            let theirs: Vec<usize> = (0..guarded.len()).filter(|at| alone(*at)).collect();
            if theirs.is_empty() {
                continue;
            }
            let mut for_them = known.clone();
            for at in &theirs {
                for_them.force(&spans[*at]);
            }
            for at in for_them.revealed() {
                if !alone(at) {
                    found = Some((at, theirs));
                    break 'everybody;
                }
            }
        }
        let Some((at, theirs)) = found else { return true };
        // The least important cell without which they cannot compute the count.
        let helps = |number: &usize| {
            let mut without = Elimination::new(&classes);
            let facts = self.question.known().map(|(row, _)| classes.span(row));
            let cells =
                self.question.cells.iter().enumerate().filter(|(other, _)| self.published[*other] && other != number);
            for span in facts
                .chain(cells.map(|(_, cell)| classes.span(&cell.row)))
                .chain(theirs.iter().map(|at| spans[*at].clone()))
            {
                without.force(&span);
            }
            without.judge(&spans[at]) != Verdict::Implied
        };
        let free = |number: &usize| self.published[*number] && self.question.cells[*number].fate == Fate::Free;
        match (0..cells).rev().filter(free).find(helps) {
            Some(least) => self.hide(least, guarded[at].number, true),
            None => self.give_up(guarded[at].number, true),
        }
        false
    }
}

/// The search, for each row and each insider, for a possible table with their units in which the row differs.
struct Search {
    guarded: Vec<Guarded>,
    floors: Vec<Floor>,
    /// For each row and insider, whether such a table is known.
    safe: Vec<Vec<bool>>,
    /// The tables found here.
    found: Vec<Table>,
}

/// What an insider knows: the classes in which they know units, with their number.
struct Floor(Vec<(usize, u64)>);

impl Floor {
    fn of(&self, class: usize) -> u64 {
        self.0.binary_search_by_key(&class, |(class, _)| *class).map_or(0, |at| self.0[at].1)
    }
}

impl Search {
    fn new(guarded: Vec<Guarded>, floors: &BTreeSet<Table>, truth: &[u64]) -> Self {
        let known = |table: &Table| Floor(table.iter().copied().enumerate().filter(|(_, units)| *units > 0).collect());
        let floors: Vec<Floor> = floors.iter().map(known).collect();
        // If a row divides a class that has units unknown to the insider, the row can differ.
        let safe = guarded
            .iter()
            .map(|row| {
                let touched = row.span.touched.iter();
                let divided: Vec<usize> = touched
                    .filter(|class| row.span.inside.binary_search(class).is_err())
                    .map(|class| *class as usize)
                    .collect();
                floors.iter().map(|floor| divided.iter().any(|class| truth[*class] > floor.of(*class))).collect()
            })
            .collect();
        Self { guarded, floors, safe, found: Vec::new() }
    }

    /// Adds a possible table.
    fn add(&mut self, table: &[u64], truth: &[u64]) {
        let fits = |floor: &Floor| floor.0.iter().all(|(class, units)| table[*class] >= *units);
        let fitting: Vec<usize> = (0..self.floors.len()).filter(|floor| fits(&self.floors[*floor])).collect();
        if fitting.is_empty() {
            return;
        }
        for (row, safe) in self.guarded.iter().zip(&mut self.safe) {
            if sum(table, &row.span.touched) != sum(truth, &row.span.touched) {
                for floor in &fitting {
                    safe[*floor] = true;
                }
            }
        }
    }

    /// The number of rows that are not yet safe from every insider.
    fn open(&self) -> usize {
        self.safe.iter().filter(|safe| safe.contains(&false)).count()
    }

    /// A floor that serves several insiders: in each class, the most units that one of them knows.
    fn joint(&self, floors: &[usize], classes: usize) -> Table {
        let mut joint = vec![0; classes];
        for (class, units) in floors.iter().flat_map(|floor| &self.floors[*floor].0) {
            joint[*class] = joint[*class].max(*units);
        }
        joint
    }
}
