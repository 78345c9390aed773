//! After repairs: what they made needless to hide is published again.

use super::elimination::Verdict;
use super::protect::Work;
use super::prover::{Guarded, Prover};
use super::question::{Fate, Refusal, Watch};

/// How many rows that failed before are tried beside the one that a cell was hidden for.
const TOUGH: usize = 16;

/// How many times all rows are tried. The most important cells come first; what is left then stays hidden.
const TRIALS: usize = 24;

impl Work<'_> {
    /// Publishes again, in order, what every guarded row allows; whether anything was. A cell is tried once.
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
    /// The row that it was hidden for and those that failed before come first, then those that it touches: most likely
    /// one of them fails.
    fn try_publish(&mut self, number: usize, watch: &mut dyn Watch) -> Result<bool, Refusal> {
        let before = self.attacker.mark();
        self.set(number, true);
        let guarded = self.guarded();
        let tough = self.hidden_for.get(&number).into_iter().chain(&self.tough);
        let likely: Vec<Guarded> =
            tough.filter_map(|row| guarded.iter().find(|other| other.number == *row)).cloned().collect();
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
        self.tough.retain(|known| *known != row);
        self.tough.insert(0, row);
        self.tough.truncate(TOUGH);
        self.published[number] = false;
        self.attacker.back(before);
        Ok(false)
    }

    /// The first of some rows that cannot be proved.
    fn first_failure(&mut self, rows: &[Guarded], watch: &mut dyn Watch) -> Result<Option<usize>, Refusal> {
        let mut prover = Prover::new(&mut self.attacker, rows, self.question.threshold);
        prover.prove(true, watch)?;
        Ok(prover.failed.first().map(|(at, _)| rows[*at].number))
    }
}
