//! Whoever knows some of the units themselves: a household its children, a partner whom it sent.

use std::collections::BTreeSet;

use super::attacker::{Table, sum};
use super::classes::{Classes, Span};
use super::elimination::{Elimination, Verdict};
use super::protect::{Work, count};
use super::prover::{Guarded, Need};
use super::question::{Fate, Refusal, Watch};
use super::star::Row;

impl Work<'_> {
    /// Whether no insider learns a protected row; hides what it must.
    ///
    /// What the units are is a possible table for every insider. A row is safe from one if another possible table, with at least
    /// their own units, says otherwise of it.
    pub(super) fn insiders(&mut self, watch: &mut dyn Watch) -> Result<bool, Refusal> {
        let guarded = self.kept_from_insiders();
        let floors: BTreeSet<Table> =
            self.question.insiders.iter().map(|insider| count(&self.classes, &insider.units)).collect();
        let mut others: Vec<Other> = Vec::new();
        for table in self.attacker.pool() {
            others.push(Other::new(table.clone(), &self.truth, &guarded));
        }
        // A table that leaves one unit wherever there is one serves everybody who knows of one unit at most.
        let one: Table = self.truth.iter().map(|units| (*units).min(1)).collect();
        let mut left = unsettled(&guarded, &self.truth, &one, &others);
        while let Some(row) = left.first().copied() {
            left.remove(0);
            if let Some(table) = self.attacker.near(&self.truth, &one, &guarded[row].span) {
                let other = Other::new(table, &self.truth, &guarded);
                left.retain(|row| !other.differs[*row]);
                others.push(other);
            }
        }
        let mut clean = true;
        for (done, floor) in floors.iter().enumerate() {
            if !watch.progress(done, floors.len()) {
                return Err(Refusal::Cancelled);
            }
            let mut left = unsettled(&guarded, &self.truth, floor, &others);
            while let Some(row) = left.first().copied() {
                left.remove(0);
                if let Some(table) = self.attacker.near(&self.truth, floor, &guarded[row].span) {
                    let other = Other::new(table, &self.truth, &guarded);
                    left.retain(|row| !other.differs[*row]);
                    others.push(other);
                    continue;
                }
                let value = sum(&self.truth, &guarded[row].span.touched);
                self.repair(&guarded[row], Need::Reach(value + 1), Some(floor), clean)?;
                clean = false;
            }
        }
        Ok(clean)
    }

    /// Whether nobody who is alone in some cells, and may know so, computes another protected count from these; hides what it must.
    ///
    /// Their cells count as published for them. This is linear: what they know beside is in [`Self::insiders`].
    pub(super) fn singles(&mut self) -> bool {
        let guarded = self.kept_from_insiders();
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
            .chain(self.question.facts.iter().map(|(row, _)| row))
            .collect();
        let classes = Classes::of(&self.question.star, &rows);
        let truth = count(&classes, &self.question.units);
        let mut known = Elimination::new(&classes);
        for (row, _) in &self.question.facts {
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
            let theirs: Vec<usize> =
                (0..guarded.len()).filter(|at| guarded[*at].number < cells && alone(*at)).collect();
            if theirs.is_empty() {
                continue;
            }
            let mut for_them = known.clone();
            for at in &theirs {
                for_them.force(&spans[*at]);
            }
            for at in for_them.revealed() {
                if !alone(at) && guarded[at].number < cells {
                    found = Some((at, theirs));
                    break 'everybody;
                }
            }
        }
        let Some((at, theirs)) = found else { return true };
        // The least important cell without which they do not compute it.
        let helps = |number: &usize| {
            let mut without = Elimination::new(&classes);
            let facts = self.question.facts.iter().map(|(row, _)| classes.span(row));
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

/// A possible table, and of which guarded rows it says otherwise than the units do.
struct Other {
    table: Table,
    differs: Vec<bool>,
}

impl Other {
    fn new(table: Table, truth: &[u64], guarded: &[Guarded]) -> Self {
        let differs =
            guarded.iter().map(|row| sum(&table, &row.span.touched) != sum(truth, &row.span.touched)).collect();
        Self { table, differs }
    }
}

/// The guarded rows of which neither a class that they divide nor another table with at least `floor` says otherwise.
fn unsettled(guarded: &[Guarded], truth: &[u64], floor: &[u64], others: &[Other]) -> Vec<usize> {
    let fitting: Vec<&Other> =
        others.iter().filter(|other| other.table.iter().zip(floor).all(|(value, least)| value >= least)).collect();
    (0..guarded.len())
        .filter(|number| {
            let span = &guarded[*number].span;
            let mut divided = span.touched.iter().filter(|class| span.inside.binary_search(class).is_err());
            !fitting.iter().any(|other| other.differs[*number])
                && !divided.any(|class| truth[*class as usize] > floor[*class as usize])
        })
        .collect()
}
