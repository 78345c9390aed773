//! After repairs: cells that no longer need to be hidden are published again.

use super::elimination::Verdict;
use super::protect::Work;
use super::prover::{Guarded, Prover};
use super::question::{Fate, Refusal, Watch};

/// How many rows that failed before are tried first, besides the row that a cell was hidden for.
const HARD_ROWS: usize = 16;

/// How many times all rows are tried. The most important cells come first; the cells left after that stay hidden. A
/// number of trials and not of seconds, so that the same records give the same release.
const TRIALS: usize = 24;

impl Work<'_> {
    /// Publishes hidden cells again, in order, where every guarded row allows it. Returns whether any was. Each cell
    /// is tried once.
    pub(super) fn restore(&mut self, watch: &mut dyn Watch) -> Result<bool, Refusal> {
        let mut elimination = self.elimination();
        for number in 0..self.question.cells.len() {
            if self.published[number] && self.question.cells[number].fate == Fate::Free {
                elimination.force(&self.spans[number]);
            }
        }
        let mut any = false;
        for number in 0..self.question.cells.len() {
            let hidden = self.question.cells[number].fate == Fate::Free && !self.published[number];
            if !hidden || self.barred[number] || elimination.judge(&self.spans[number]) == Verdict::Reveals {
                continue;
            }
            if self.trials == TRIALS {
                return Ok(any);
            }
            if self.try_publish(number, watch)? {
                elimination.force(&self.spans[number]);
                self.restored += 1;
                any = true;
            } else {
                self.barred[number] = true;
            }
        }
        Ok(any)
    }

    /// Publishes a cell if every guarded row can still be proved.
    ///
    /// The rows most likely to fail are tried first: the one that the cell was hidden for, those that failed before,
    /// then those that the cell touches.
    fn try_publish(&mut self, number: usize, watch: &mut dyn Watch) -> Result<bool, Refusal> {
        let before = self.attacker.mark();
        self.set(number, true);
        let guarded = self.guarded();
        let hard = self.hidden_for.get(&number).into_iter().chain(&self.hard_rows);
        let likely: Vec<Guarded> =
            hard.filter_map(|row| guarded.iter().find(|other| other.number == *row)).cloned().collect();
        let mut failed = self.first_failure(&likely, watch)?;
        if failed.is_none() {
            self.trials += 1;
            let near = |row: &Guarded| {
                self.spans[number].inside.iter().any(|class| row.span.touched.binary_search(class).is_ok())
            };
            let (mut rows, far): (Vec<Guarded>, Vec<Guarded>) = guarded.into_iter().partition(near);
            rows.extend(far);
            failed = self.first_failure(&rows, watch)?;
        }
        let Some(row) = failed else { return Ok(true) };
        self.hard_rows.retain(|known| *known != row);
        self.hard_rows.insert(0, row);
        self.hard_rows.truncate(HARD_ROWS);
        self.published[number] = false;
        self.attacker.back(before);
        Ok(false)
    }

    /// The first of these rows that cannot be proved.
    fn first_failure(&mut self, rows: &[Guarded], watch: &mut dyn Watch) -> Result<Option<usize>, Refusal> {
        let mut prover = Prover::new(&mut self.attacker, rows, self.question.threshold);
        prover.prove(true, watch)?;
        Ok(prover.failed.first().map(|(at, _)| rows[*at].number))
    }
}
