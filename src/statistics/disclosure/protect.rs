//! What may be published: elimination, then the attacker, then repairs, until every suppressed count is proved unknown.

use std::collections::BTreeMap;

use super::attacker::{Attacker, Table, sum};
use super::classes::{Classes, Span};
use super::elimination::{Elimination, Verdict};
use super::prover::{Guarded, Need, Prover};
use super::question::{Answer, Candidate, Fate, Question, Refusal, Report, Watch};
use super::solver::Unsolved;
use super::star::Row;

/// How many rows that failed before are tried first.
const TOUGH: usize = 16;

/// Decides what is published.
pub fn protect(question: &Question, watch: &mut dyn Watch) -> Result<Answer, Refusal> {
    let mut work = Work::new(question)?;
    work.eliminate();
    loop {
        work.audit(watch)?;
        let restored = std::mem::take(&mut work.unsettled) && work.restore(watch)?;
        if !restored && work.insiders(watch)? && work.singles() {
            break;
        }
    }
    Ok(work.answer())
}

/// The state of a protection.
pub(super) struct Work<'a> {
    pub(super) question: &'a Question,
    pub(super) classes: Classes,
    pub(super) attacker: Attacker,
    /// The attacker's number of each cell's row, unless it can never be published.
    rows: Vec<Option<usize>>,
    pub(super) spans: Vec<Span>,
    pub(super) published: Vec<bool>,
    disclosed: Vec<usize>,
    /// Rows that somebody may compute from what they know themselves and from what was said before: still kept from all others.
    known_to_insiders: Vec<usize>,
    repaired: usize,
    restored: usize,
    /// Whether a repair hid something since the last restoration.
    unsettled: bool,
    /// The row for which each cell was hidden.
    hidden_for: BTreeMap<usize, usize>,
    /// Cells hidden because of what an insider knows: they are not restored.
    barred: Vec<bool>,
    /// Rows that failed when cells were published again, the last first.
    tough: Vec<usize>,
    proved: usize,
    pub(super) truth: Table,
}

impl<'a> Work<'a> {
    fn new(question: &'a Question) -> Result<Self, Refusal> {
        let open = |cell: &&Candidate| matches!(cell.fate, Fate::Free | Fate::Visible);
        let mut rows: Vec<&Row> = question.cells.iter().filter(open).map(|cell| &cell.row).collect();
        rows.extend(question.facts.iter().map(|(row, _)| row));
        let classes = Classes::of(&question.star, &rows);
        let known =
            question.cells.iter().filter(open).map(|cell| cell.value).chain(question.facts.iter().map(|fact| fact.1));
        let most = (known.max().unwrap_or(0) + question.threshold) * 4;
        let mut attacker = Attacker::new(&question.star, &classes, most);
        let spans: Vec<Span> = question.cells.iter().map(|cell| classes.span(&cell.row)).collect();
        let rows = question
            .cells
            .iter()
            .zip(&spans)
            .map(|(cell, span)| open(&cell).then(|| attacker.row(span, cell.value, cell.fate == Fate::Visible)))
            .collect();
        for (row, value) in &question.facts {
            attacker.row(&classes.span(row), *value, true);
        }
        let truth = count(&classes, &question.units);
        if !attacker.possible(&truth) {
            return Err(Refusal::Contradiction);
        }
        let published = question.cells.iter().map(|cell| cell.fate == Fate::Visible).collect();
        let barred = vec![false; question.cells.len()];
        Ok(Self {
            question,
            classes,
            attacker,
            rows,
            spans,
            published,
            disclosed: Vec::new(),
            known_to_insiders: Vec::new(),
            repaired: 0,
            restored: 0,
            unsettled: false,
            hidden_for: BTreeMap::new(),
            barred,
            tough: Vec::new(),
            proved: 0,
            truth,
        })
    }

    /// Every row that must stay unknown, as things are.
    pub(super) fn guarded(&self) -> Vec<Guarded> {
        let cells = self.question.cells.iter().enumerate().filter(|(number, _)| !self.published[*number]);
        let mut all: Vec<Guarded> = cells
            .map(|(number, cell)| Guarded {
                number,
                span: self.spans[number].clone(),
                target: cell.fate == Fate::Protected,
            })
            .collect();
        let first = self.question.cells.len();
        all.extend(self.question.hidden.iter().enumerate().map(|(at, row)| Guarded {
            number: first + at,
            span: self.classes.span(row),
            target: true,
        }));
        all.retain(|row| !self.disclosed.contains(&row.number));
        all
    }

    /// The protected rows that insiders must not learn.
    pub(super) fn kept_from_insiders(&self) -> Vec<Guarded> {
        let mut rows = self.guarded();
        rows.retain(|row| row.target && !self.known_to_insiders.contains(&row.number));
        rows
    }

    fn elimination(&mut self) -> Elimination {
        let mut elimination = Elimination::new(&self.classes);
        let first = self.question.cells.len();
        let hidden: Vec<Span> = self.question.hidden.iter().map(|row| self.classes.span(row)).collect();
        for (row, _) in &self.question.facts {
            elimination.force(&self.classes.span(row));
        }
        for (number, cell) in self.question.cells.iter().enumerate() {
            if cell.fate == Fate::Visible {
                elimination.force(&self.spans[number]);
            }
        }
        let mut disclosed = Vec::new();
        for (number, cell) in self.question.cells.iter().enumerate() {
            let guarded = matches!(cell.fate, Fate::Protected | Fate::Suppressed);
            if guarded && !elimination.protect(&self.spans[number]) {
                disclosed.push(number);
            }
        }
        for (at, span) in hidden.iter().enumerate() {
            if !elimination.protect(span) {
                disclosed.push(first + at);
            }
        }
        for number in disclosed {
            if !self.disclosed.contains(&number) {
                self.disclosed.push(number);
            }
        }
        elimination
    }

    fn eliminate(&mut self) {
        let mut elimination = self.elimination();
        for (number, cell) in self.question.cells.iter().enumerate() {
            if cell.fate == Fate::Free && elimination.publish(&self.spans[number]) {
                self.set(number, true);
            }
        }
    }

    fn set(&mut self, cell: usize, public: bool) {
        self.published[cell] = public;
        if let Some(row) = self.rows[cell] {
            self.attacker.publish(row, public);
        }
    }

    /// Proves every guarded row, hiding cells where it must.
    fn audit(&mut self, watch: &mut dyn Watch) -> Result<(), Refusal> {
        loop {
            let guarded = self.guarded();
            self.proved = guarded.len();
            let mut prover = Prover::new(&mut self.attacker, &guarded, self.question.threshold);
            prover.prove(false, watch)?;
            let failed = prover.failed;
            if failed.is_empty() {
                return Ok(());
            }
            for (place, (row, need)) in failed.into_iter().enumerate() {
                self.repair(&guarded[row], need, None, place == 0)?;
            }
        }
    }

    /// Hides what must be hidden for a row, the first (`alone`) of its round or a later one. A row that cannot be
    /// helped is disclosed already if earlier releases and facts alone do it.
    pub(super) fn repair(
        &mut self,
        row: &Guarded,
        need: Need,
        floor: Option<&[u64]>,
        alone: bool,
    ) -> Result<(), Refusal> {
        let mut weights: Vec<Option<f64>> = Vec::new();
        let cells = self.question.cells.len();
        let mut of_row = BTreeMap::new();
        for (number, at) in self.rows.iter().enumerate().filter_map(|(number, row)| row.map(|row| (number, row))) {
            weights.resize(weights.len().max(at + 1), None);
            if self.published[number] && self.question.cells[number].fate == Fate::Free {
                // Of two that cost the same, the first in order stays.
                #[allow(clippy::cast_precision_loss)]
                let later = number as f64 / cells as f64;
                let weight = f64::from(self.question.cells[number].weight) * (2.0 - later);
                weights[at] = Some(weight);
                of_row.insert(at, number);
            }
        }
        let mut ways = vec![need];
        if !row.target && floor.is_none() {
            ways.extend(self.fall(row));
        }
        let cost = |rows: &Vec<usize>| rows.iter().filter_map(|at| weights[*at]).sum::<f64>();
        let mut tried: Vec<Result<Vec<usize>, Unsolved>> =
            ways.into_iter().map(|need| self.attacker.relax(need.wanted(&row.span), &weights, floor)).collect();
        if !row.target && floor.is_none() && tried.iter().all(Result::is_err) {
            // The tables known so far need not be those in which it is least and most.
            tried.push(match self.attacker.floor_of(&row.span.inside, &weights) {
                Some(least) => {
                    let need = Need::Reach(least + self.question.threshold);
                    self.attacker.relax(need.wanted(&row.span), &weights, floor)
                }
                None => Err(Unsolved::Unknown),
            });
        }
        let known = tried.iter().all(|way| *way != Err(Unsolved::Unknown));
        let found = tried.into_iter().flatten().min_by(|one, other| cost(one).total_cmp(&cost(other)));
        let Some(hide) = found else {
            // Nothing that could still be hidden would help: what was said before bounds it, or the solver does not know.
            if !known || !self.anything_before() {
                return Err(Refusal::Unprotected(row.number));
            }
            self.give_up(row.number, floor.is_some());
            return Ok(());
        };
        let hide: Vec<usize> = hide.into_iter().filter_map(|at| of_row.get(&at).copied()).collect();
        if hide.is_empty() && !alone {
            // What was hidden for another row may serve this one too: the next round tells.
            return Ok(());
        }
        if hide.is_empty() {
            // Possible in fractions, and not found in whole numbers: hide the least important cell that touches it.
            let near = |number: &usize| {
                self.published[*number]
                    && self.question.cells[*number].fate == Fate::Free
                    && self.spans[*number].inside.iter().any(|class| row.span.touched.binary_search(class).is_ok())
            };
            let Some(least) = (0..cells).rev().find(near).or_else(|| {
                (0..cells)
                    .rev()
                    .find(|number| self.published[*number] && self.question.cells[*number].fate == Fate::Free)
            }) else {
                return Err(Refusal::Unprotected(row.number));
            };
            self.hide(least, row.number, floor.is_some());
            return Ok(());
        }
        for number in hide {
            self.hide(number, row.number, floor.is_some());
        }
        Ok(())
    }

    /// Whether anything was said before this release.
    fn anything_before(&self) -> bool {
        !self.question.facts.is_empty() || self.question.cells.iter().any(|cell| cell.fate == Fate::Visible)
    }

    /// A row that cannot be helped: to anybody, or only to somebody who knows more than what is published.
    pub(super) fn give_up(&mut self, row: usize, to_insiders: bool) {
        let rows = if to_insiders { &mut self.known_to_insiders } else { &mut self.disclosed };
        if !rows.contains(&row) {
            rows.push(row);
        }
    }

    /// How far a row that must vary has to fall, from the most that it is known to be able to be.
    fn fall(&self, row: &Guarded) -> Option<Need> {
        let (_, high) = self.attacker.extremes(&row.span)?;
        let most = sum(&self.attacker.pool()[high], &row.span.touched);
        most.checked_sub(self.question.threshold).map(Need::Fall)
    }

    pub(super) fn hide(&mut self, number: usize, row: usize, for_good: bool) {
        self.hidden_for.insert(number, row);
        self.set(number, false);
        self.barred[number] |= for_good;
        self.unsettled = true;
        self.repaired += 1;
    }

    /// Publishes again what repairs made needless to hide; whether anything was.
    fn restore(&mut self, watch: &mut dyn Watch) -> Result<bool, Refusal> {
        let mut elimination = self.elimination();
        for number in 0..self.question.cells.len() {
            if self.published[number] && self.question.cells[number].fate == Fate::Free {
                elimination.force(&self.spans[number]);
            }
        }
        let mut any = false;
        for number in 0..self.question.cells.len() {
            if self.question.cells[number].fate != Fate::Free || self.published[number] || self.barred[number] {
                continue;
            }
            if elimination.judge(&self.spans[number]) == Verdict::Reveals {
                continue;
            }
            if self.try_publish(number, watch)? {
                elimination.force(&self.spans[number]);
                self.restored += 1;
                any = true;
            }
        }
        Ok(any)
    }

    /// Publishes a cell if every guarded row can still be proved.
    fn try_publish(&mut self, number: usize, watch: &mut dyn Watch) -> Result<bool, Refusal> {
        let pool: Vec<Table> = self.attacker.pool().to_vec();
        self.set(number, true);
        let guarded = self.guarded();
        // What a cell was hidden for, and what failed before, most likely fails again.
        let tough = self.hidden_for.get(&number).into_iter().chain(&self.tough);
        let likely: Vec<Guarded> =
            tough.filter_map(|row| guarded.iter().find(|other| other.number == *row)).cloned().collect();
        for rows in [&likely, &guarded] {
            let mut prover = Prover::new(&mut self.attacker, rows, self.question.threshold);
            prover.prove(true, watch)?;
            if let Some((at, _)) = prover.failed.first() {
                let row = rows[*at].number;
                self.tough.retain(|known| *known != row);
                self.tough.insert(0, row);
                self.tough.truncate(TOUGH);
                self.set(number, false);
                self.attacker.refill(pool);
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn answer(self) -> Answer {
        let mut already_disclosed = self.disclosed;
        already_disclosed.sort_unstable();
        Answer {
            published: self.published,
            report: Report {
                unknowns: self.classes.unknowns(),
                proved: self.proved,
                solved: self.attacker.solved,
                repaired: self.repaired,
                restored: self.restored,
                already_disclosed,
            },
        }
    }
}

/// Units as a table of classes.
pub(super) fn count(classes: &Classes, units: &[(u32, Vec<u32>, u64)]) -> Table {
    let mut table = vec![0; classes.unknowns()];
    for (hub, values, number) in units {
        let Some(class) = classes.hub(*hub) else { continue };
        table[class as usize] += number;
        for (spoke, value) in values.iter().enumerate() {
            if let Some(unknown) = classes.value(class, spoke, *value)
                && unknown != class
            {
                table[unknown as usize] += number;
            }
        }
    }
    table
}
