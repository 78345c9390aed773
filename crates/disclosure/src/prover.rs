//! Finds two tables for each row that must stay unknown: one in which it is small, one in which it is large.

use std::collections::BTreeMap;

use super::attacker::{Attacker, Cost, Wanted, sum};
use super::bars::Bar;
use super::classes::Span;
use super::question::{Refusal, Watch};

/// A row that must stay unknown.
#[derive(Clone, Debug)]
pub(super) struct Guarded {
    /// Its number: cells first, then hidden rows.
    pub(super) number: usize,
    pub(super) span: Span,
    /// Whether both ends of its bar must be possible values; otherwise the row only has to vary.
    pub(super) target: bool,
    pub(super) bar: Bar,
}

/// A value that must be possible for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// At least this value.
    Reach(u64),
    /// At most this value.
    Fall(u64),
}

impl Need {
    pub(super) fn wanted(self, span: &Span) -> Wanted<'_> {
        match self {
            Self::Reach(value) => Wanted::AtLeast(&span.touched, value),
            Self::Fall(value) => Wanted::AtMost(&span.inside, value),
        }
    }
}

/// The tables found for a row, by number in the pool: the one in which it is least, the one in which it is most.
pub(super) type Found = (Option<usize>, Option<usize>);

/// A search for the tables of the guarded rows.
pub(super) struct Prover<'a> {
    attacker: &'a mut Attacker,
    guarded: &'a [Guarded],
    threshold: u64,
    low: Vec<Option<usize>>,
    high: Vec<Option<usize>>,
    /// The needs for which no table was found, with the index of the guarded row.
    pub(super) failed: Vec<(usize, Need)>,
}

impl<'a> Prover<'a> {
    pub(super) fn new(attacker: &'a mut Attacker, guarded: &'a [Guarded], threshold: u64) -> Self {
        let none = vec![None; guarded.len()];
        Self { attacker, guarded, threshold, low: none.clone(), high: none, failed: Vec::new() }
    }

    /// A search that starts from tables found before, by number of row.
    pub(super) fn resume(
        attacker: &'a mut Attacker,
        guarded: &'a [Guarded],
        threshold: u64,
        found: &BTreeMap<usize, Found>,
    ) -> Self {
        let mut prover = Self::new(attacker, guarded, threshold);
        for (at, row) in guarded.iter().enumerate() {
            (prover.low[at], prover.high[at]) = found.get(&row.number).copied().unwrap_or_default();
        }
        prover
    }

    /// The tables found, by number of row.
    pub(super) fn found(&self) -> BTreeMap<usize, Found> {
        let found = self.low.iter().copied().zip(self.high.iter().copied());
        self.guarded.iter().map(|row| row.number).zip(found).collect()
    }

    /// Looks for the tables that each row needs. With `first`, stops at the first row that fails.
    pub(super) fn prove(&mut self, first: bool, watch: &mut dyn Watch) -> Result<(), Refusal> {
        let targets: Vec<usize> = (0..self.guarded.len()).filter(|at| self.guarded[*at].target).collect();
        let fall = targets.iter().filter(|at| self.low[**at].is_none()).map(|at| (*at, self.fall(*at))).collect();
        self.search(fall, first, watch)?;
        let reach = targets.iter().filter(|at| self.high[**at].is_none()).map(|at| (*at, self.reach(*at))).collect();
        self.search(reach, first, watch)?;
        let open = |at: &usize| self.low[*at].is_none() || self.high[*at].is_none();
        let others = (0..self.guarded.len()).filter(|at| !self.guarded[*at].target && open(at)).collect();
        self.vary(others, first, watch)
    }

    fn fall(&self, at: usize) -> Need {
        Need::Fall(self.guarded[at].bar.least)
    }

    fn reach(&self, at: usize) -> Need {
        Need::Reach(self.guarded[at].bar.reach)
    }

    /// Treats every row as a target. A row that cannot have both ends of its bar falls back to varying, and so does one of
    /// which public figures imply so many units that the ends say nothing.
    pub(super) fn look_alike(&mut self, watch: &mut dyn Watch) -> Result<(), Refusal> {
        let is_apart = |at: &usize| {
            let bar = self.guarded[*at].bar;
            bar.least + bar.apart <= bar.reach
        };
        let (all, mut left): (Vec<usize>, Vec<usize>) = (0..self.guarded.len()).partition(is_apart);
        self.search(all.iter().map(|at| (*at, self.fall(*at))).collect(), false, watch)?;
        self.search(all.iter().map(|at| (*at, self.reach(*at))).collect(), false, watch)?;
        left.extend(std::mem::take(&mut self.failed).into_iter().map(|(at, _)| at));
        left.sort_unstable();
        left.dedup();
        self.vary(left, false, watch)
    }

    /// The two tables of each row, by number in the pool.
    pub(super) fn proofs(&self) -> Vec<Option<(usize, usize)>> {
        self.low.iter().zip(&self.high).map(|(low, high)| low.zip(*high)).collect()
    }

    /// Looks for two tables of each row in which it differs as much as its bar says.
    fn vary(&mut self, rows: Vec<usize>, first: bool, watch: &mut dyn Watch) -> Result<(), Refusal> {
        let mut left = Vec::new();
        for at in rows {
            if first && !self.failed.is_empty() {
                return Ok(());
            }
            (self.low[at], self.high[at]) = (None, None);
            let Guarded { span, bar, .. } = &self.guarded[at];
            if let Some((low, high)) = self.apart(span, bar.apart) {
                (self.low[at], self.high[at]) = (Some(low), Some(high));
                continue;
            }
            match self.attacker.least(&span.inside) {
                Some(low) => {
                    self.low[at] = Some(low);
                    left.push((at, Need::Reach(bar.apart + sum(&self.attacker.pool()[low], &span.inside))));
                }
                None => self.failed.push((at, Need::Reach(bar.apart))),
            }
        }
        let before = self.failed.len();
        self.search(left, first, watch)?;
        for (at, need) in self.failed.split_off(before) {
            match self.deeper(at) {
                Some(deeper) => self.search(vec![(at, deeper)], first, watch)?,
                None => self.failed.push((at, need)),
            }
        }
        Ok(())
    }

    /// The value to aim for: the row's true minimum and its bar. The best table found so far may not be minimal.
    fn deeper(&mut self, at: usize) -> Option<Need> {
        let span = &self.guarded[at].span;
        let known = sum(&self.attacker.pool()[self.low[at]?], &span.inside);
        let least = self.attacker.floor_of(&span.inside, false).filter(|least| *least < known)?;
        self.low[at] = Some(self.attacker.find(Wanted::AtMost(&span.inside, least), &[])?);
        Some(Need::Reach(least + self.guarded[at].bar.apart))
    }

    /// Two tables in which a row differs by this much: known ones, or found by small integer programs, where most
    /// variables are fixed to a known table's values.
    fn apart(&mut self, span: &Span, much: u64) -> Option<(usize, usize)> {
        let (low, high) = self.attacker.extremes(span)?;
        let least = sum(&self.attacker.pool()[low], &span.inside);
        let most = sum(&self.attacker.pool()[high], &span.touched);
        if most.saturating_sub(least) >= much {
            return Some((low, high));
        }
        if let Some(high) = self.attacker.find_within(Wanted::AtLeast(&span.touched, least + much), &[]) {
            return Some((low, high));
        }
        let low = self.attacker.find_within(Wanted::AtMost(&span.inside, most.checked_sub(much)?), &[])?;
        Some((low, high))
    }

    /// Looks for a table for each need: first among the known ones, then by programs. A new table is tried on all
    /// pending needs.
    fn search(&mut self, mut pending: Vec<(usize, Need)>, first: bool, watch: &mut dyn Watch) -> Result<(), Refusal> {
        if first && !self.failed.is_empty() {
            return Ok(());
        }
        for number in 0..self.attacker.pool().len() {
            self.serve(number, &mut pending);
        }
        let all = pending.len();
        while let Some((at, need)) = pending.first().copied() {
            if !watch.progress(all - pending.len(), all) {
                return Err(Refusal::Cancelled);
            }
            let costs = self.costs(&pending);
            let wanted = need.wanted(&self.guarded[at].span);
            let found = match self.attacker.find_within(wanted, &costs) {
                Some(found) => Some(found),
                None if self.attacker.pool().is_empty() => self.attacker.find(wanted, &costs),
                // Try the LP relaxation first: most infeasible integer programs are already infeasible there.
                None => self.attacker.find_unless_impossible(wanted, &costs),
            };
            if let Some(table) = found {
                self.serve(table, &mut pending);
                continue;
            }
            self.failed.push((at, need));
            pending.remove(0);
            if first {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Removes the pending needs that the table satisfies.
    fn serve(&mut self, number: usize, pending: &mut Vec<(usize, Need)>) {
        let table: &[u64] = &self.attacker.pool()[number];
        let (guarded, low, high) = (self.guarded, &mut self.low, &mut self.high);
        pending.retain(|(at, need)| {
            if !need.wanted(&guarded[*at].span).holds(table) {
                return true;
            }
            match need {
                Need::Fall(_) => low[*at] = Some(number),
                Need::Reach(_) => high[*at] = Some(number),
            }
            false
        });
    }

    /// Costs that favour tables which serve many pending needs at once.
    fn costs(&self, pending: &[(usize, Need)]) -> Vec<Cost> {
        let mut costs = vec![Cost::default(); self.attacker.unknowns()];
        for (place, (at, need)) in pending.iter().enumerate() {
            let span = &self.guarded[*at].span;
            match need {
                Need::Fall(_) => span.inside.iter().for_each(|class| costs[*class as usize].each += 1.0),
                // Units that could go to several rows go to the first of them, so that at least one reaches the
                // threshold.
                Need::Reach(_) => {
                    #[allow(clippy::cast_precision_loss)]
                    let worth = 2.0 - place as f64 / pending.len() as f64;
                    for class in &span.touched {
                        let cost = &mut costs[*class as usize];
                        (cost.worth, cost.up_to) = (cost.worth.max(worth), self.threshold);
                    }
                }
            }
        }
        costs
    }
}
