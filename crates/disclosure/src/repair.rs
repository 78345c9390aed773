//! The audit: every guarded row is proved, and a row that fails is repaired by hiding the cheapest cells.

use std::collections::BTreeMap;

use super::attacker::sum;
use super::protect::Work;
use super::prover::{Guarded, Need, Prover};
use super::question::{Candidate, Fate, Refusal, Watch};
use super::solver::Unsolved;

impl Work<'_> {
    /// Proves every guarded row, and hides cells where it must.
    pub(super) fn audit(&mut self, watch: &mut dyn Watch) -> Result<(), Refusal> {
        let mut found = BTreeMap::new();
        loop {
            let guarded = self.guarded();
            self.proved = guarded.len();
            let mut prover = Prover::resume(&mut self.attacker, &guarded, self.question.threshold, &found);
            prover.prove(true, watch)?;
            let Some((row, need)) = prover.failed.first().copied() else { return Ok(()) };
            // Tables stay possible when more is hidden, so what was found before a repair is used after it.
            found = prover.found();
            self.repair(&guarded[row], need, None)?;
        }
    }

    /// Hides the cells that must be hidden for a row. A row that no hiding helps counts as already disclosed if
    /// something was published before. Otherwise, or if the solver does not know, the release is refused.
    pub(super) fn repair(&mut self, row: &Guarded, need: Need, floor: Option<&[u64]>) -> Result<(), Refusal> {
        let mut ways = vec![need];
        if !row.target && floor.is_none() {
            ways.extend(self.fall(row));
        }
        let mut tried: Vec<Result<Vec<usize>, Unsolved>> =
            ways.into_iter().map(|need| self.helping(row, need, floor)).collect();
        if !row.target && floor.is_none() && tried.iter().all(Result::is_err) {
            // The known tables may not be those in which the row is least and most.
            tried.push(match self.attacker.floor_of(&row.span.inside, true) {
                Some(least) => self.helping(row, Need::Reach(least + row.bar.apart), floor),
                None => Err(Unsolved::Unknown),
            });
        }
        let known = tried.iter().all(|way| *way != Err(Unsolved::Unknown));
        let cost = |cells: &Vec<usize>| cells.iter().map(|number| self.weights[*number]).sum::<f64>();
        let found = tried.into_iter().flatten().min_by(|one, other| cost(one).total_cmp(&cost(other)));
        let Some(mut hide) = found else {
            // Hiding more would not help: what was published before bounds the row, or the solver does not know.
            if !known || !self.anything_before(floor.is_some()) {
                return Err(Refusal::Unprotected(row.number));
            }
            self.give_up(row.number, floor.is_some());
            return Ok(());
        };
        if hide.is_empty() {
            // A fractional table exists, but no integer one was found.
            hide.push(self.least_near(row).ok_or(Refusal::Unprotected(row.number))?);
        }
        for number in hide {
            self.hide(number, row.number, floor.is_some());
        }
        Ok(())
    }

    /// The cells to hide so that a row can meet a need.
    fn helping(&mut self, row: &Guarded, need: Need, floor: Option<&[u64]>) -> Result<Vec<usize>, Unsolved> {
        let wanted = need.wanted(&row.span);
        let asked = match floor {
            None => self.attacker.helping(wanted),
            Some(_) => Err(Unsolved::Unknown),
        };
        // Only a newly built program decides that nothing would help.
        let rows = asked.or_else(|_| self.attacker.relax(wanted, floor))?;
        Ok(rows.into_iter().filter_map(|row| self.cell_of.get(&row).copied()).collect())
    }

    /// The least important published cell that touches a row; of all published cells if none does.
    fn least_near(&self, row: &Guarded) -> Option<usize> {
        let free = |number: &usize| self.published[*number] && self.question.cells[*number].fate == Fate::Free;
        let near = |number: &usize| {
            self.spans[*number].inside.iter().any(|class| row.span.touched.binary_search(class).is_ok())
        };
        let last = || (0..self.question.cells.len()).rev().filter(free);
        last().find(near).or_else(|| last().next())
    }

    /// Whether anything was public before this release. What is public by its class counts for insiders only: for all
    /// others, the bars already allow for it.
    fn anything_before(&self, to_insiders: bool) -> bool {
        let before = |cell: &Candidate| cell.fate == Fate::Visible || to_insiders && cell.fate == Fate::Given;
        !self.question.facts.is_empty() || self.question.cells.iter().any(before)
    }

    /// Records that a row cannot be protected: from anybody, or only from insiders.
    pub(super) fn give_up(&mut self, row: usize, to_insiders: bool) {
        let rows = if to_insiders { &mut self.known_to_insiders } else { &mut self.disclosed };
        if !rows.contains(&row) {
            rows.push(row);
        }
    }

    /// The value to which a row that must vary has to fall, from the most that it reaches in a known table.
    fn fall(&self, row: &Guarded) -> Option<Need> {
        let (_, high) = self.attacker.extremes(&row.span)?;
        let most = sum(&self.attacker.pool()[high], &row.span.touched);
        most.checked_sub(row.bar.apart).map(Need::Fall)
    }

    /// Hides a cell for a row. A cell hidden `for_good` is not published again.
    pub(super) fn hide(&mut self, number: usize, row: usize, for_good: bool) {
        self.hidden_for.insert(number, row);
        self.set(number, false);
        self.barred[number] |= for_good;
        self.hid_since_restore = true;
        self.repaired += 1;
    }
}
