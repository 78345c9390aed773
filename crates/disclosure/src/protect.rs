//! Decides what may be published: elimination, then the attacker, then repairs, until every suppressed count is proved
//! unknown.

use std::collections::BTreeMap;

use super::attacker::{Attacker, Table};
use super::bars::{Bar, Bars};
use super::classes::{Classes, Span};
use super::elimination::Elimination;
use super::prover::Guarded;
use super::question::{Answer, Candidate, Fate, Question, Refusal, Report, Watch};
use super::star::Row;

/// Decides which cells are published. Fails if nothing can be.
pub fn protect(question: &Question, watch: &mut dyn Watch) -> Result<Answer, Refusal> {
    let mut work = Work::new(question)?;
    work.eliminate();
    loop {
        work.audit(watch)?;
        let restored = std::mem::take(&mut work.hid_since_restore) && work.restore(watch)?;
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
    /// The cell of each row of the attacker.
    pub(super) cell_of: BTreeMap<usize, usize>,
    /// The attacker's row of each cell; `None` for a cell that can never be published.
    pub(super) rows: Vec<Option<usize>>,
    /// What hiding each cell costs.
    pub(super) weights: Vec<f64>,
    pub(super) spans: Vec<Span>,
    pub(super) published: Vec<bool>,
    /// What must be possible for each cell, then for each hidden row.
    pub(super) bars: Vec<Bar>,
    pub(super) disclosed: Vec<usize>,
    /// Rows that an insider may compute from what they know and what was published before. They stay hidden from all
    /// others.
    pub(super) known_to_insiders: Vec<usize>,
    pub(super) repaired: usize,
    pub(super) restored: usize,
    /// How many times all rows were tried in order to publish a cell again.
    pub(super) trials: usize,
    /// Whether a repair hid a cell since the last restoration.
    pub(super) hid_since_restore: bool,
    /// The row for which each hidden cell was hidden.
    pub(super) hidden_for: BTreeMap<usize, usize>,
    /// Whether each cell stays hidden: it was hidden because of an insider, or publishing it again was tried.
    pub(super) barred: Vec<bool>,
    /// Rows that failed when cells were published again, the most recent first.
    pub(super) hard_rows: Vec<usize>,
    pub(super) proved: usize,
    pub(super) truth: Table,
    /// Possible tables found for insiders. Cleared when a cell is published.
    pub(super) others: Vec<Table>,
}

impl<'a> Work<'a> {
    fn new(question: &'a Question) -> Result<Self, Refusal> {
        let open = |cell: &Candidate| matches!(cell.fate, Fate::Free | Fate::Visible | Fate::Given);
        let public = |cell: &Candidate| matches!(cell.fate, Fate::Visible | Fate::Given);
        let mut rows: Vec<&Row> = question.cells.iter().filter(|cell| open(cell)).map(|cell| &cell.row).collect();
        rows.extend(question.known().map(|(row, _)| row));
        let guarded = question.cells.iter().filter(|cell| !open(cell)).map(|cell| &cell.row).chain(&question.hidden);
        let classes = Classes::of(&question.star, &rows, guarded);
        let known = question
            .cells
            .iter()
            .filter(|cell| open(cell))
            .map(|cell| cell.value)
            .chain(question.known().map(|(_, value)| value));
        let most = (known.max().unwrap_or(0) + question.threshold) * 4;
        let mut attacker = Attacker::new(&question.star, &classes, most);
        let spans: Vec<Span> = question.cells.iter().map(|cell| classes.span(&cell.row)).collect();
        let rows: Vec<Option<usize>> = question
            .cells
            .iter()
            .zip(&spans)
            .map(|(cell, span)| open(cell).then(|| attacker.row(span, cell.value, public(cell))))
            .collect();
        let weights: Vec<f64> = (0..question.cells.len()).map(|number| weight(question, number)).collect();
        for (number, row) in rows.iter().enumerate().filter_map(|(number, row)| row.map(|row| (number, row))) {
            if question.cells[number].fate == Fate::Free {
                attacker.weigh(row, weights[number]);
            }
        }
        for (row, value) in question.known() {
            attacker.row(&classes.span(row), value, true);
        }
        let truth = count(&classes, &question.units);
        if !attacker.possible(&truth) {
            return Err(Refusal::Contradiction);
        }
        let published = question.cells.iter().map(public).collect();
        let bars = bars(question);
        // What the public figures imply, nobody can protect.
        let implied = |number: &usize| {
            let cell = question.cells.get(*number);
            bars[*number].apart == 0 && cell.is_none_or(|cell| !open(cell))
        };
        let disclosed = (0..bars.len()).filter(implied).collect();
        let barred = vec![false; question.cells.len()];
        Ok(Self {
            question,
            classes,
            attacker,
            cell_of: rows.iter().enumerate().filter_map(|(number, row)| Some(((*row)?, number))).collect(),
            rows,
            weights,
            spans,
            published,
            bars,
            disclosed,
            known_to_insiders: Vec::new(),
            repaired: 0,
            restored: 0,
            trials: 0,
            hid_since_restore: false,
            hidden_for: BTreeMap::new(),
            barred,
            hard_rows: Vec::new(),
            proved: 0,
            truth,
            others: Vec::new(),
        })
    }

    /// Every row that must stay unknown, given what is published now.
    pub(super) fn guarded(&self) -> Vec<Guarded> {
        let cells = self.question.cells.iter().enumerate().filter(|(number, _)| !self.published[*number]);
        let mut all: Vec<Guarded> = cells
            .map(|(number, cell)| Guarded {
                number,
                span: self.spans[number].clone(),
                target: cell.fate == Fate::Protected,
                bar: self.bars[number],
            })
            .collect();
        let first = self.question.cells.len();
        all.extend(self.question.hidden.iter().enumerate().map(|(at, row)| Guarded {
            number: first + at,
            span: self.classes.span(row),
            target: true,
            bar: self.bars[first + at],
        }));
        all.retain(|row| !self.disclosed.contains(&row.number));
        all
    }

    /// The protected rows that must stay unknown to insiders.
    pub(super) fn hidden_from_insiders(&self) -> Vec<Guarded> {
        let mut rows = self.guarded();
        rows.retain(|row| row.target && !self.known_to_insiders.contains(&row.number));
        rows
    }

    pub(super) fn elimination(&mut self) -> Elimination {
        let mut elimination = Elimination::new(&self.classes);
        let first = self.question.cells.len();
        let hidden: Vec<Span> = self.question.hidden.iter().map(|row| self.classes.span(row)).collect();
        for (row, _) in self.question.known() {
            elimination.force(&self.classes.span(row));
        }
        for (number, cell) in self.question.cells.iter().enumerate() {
            if matches!(cell.fate, Fate::Visible | Fate::Given) {
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

    pub(super) fn set(&mut self, cell: usize, public: bool) {
        self.published[cell] = public;
        if public {
            self.others.clear();
        }
        if let Some(row) = self.rows[cell] {
            self.attacker.publish(row, public);
        }
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

/// What must be possible for each cell, then for each hidden row.
fn bars(question: &Question) -> Vec<Bar> {
    let rows = || question.cells.iter().map(|cell| &cell.row).chain(&question.hidden);
    let given = question.given();
    let mut bars = Bars::new(&question.star, &given, rows(), question.threshold);
    rows().map(|row| bars.of(row)).collect()
}

/// What hiding a cell costs. Of two cells with the same weight, the later one in order is hidden first.
fn weight(question: &Question, number: usize) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    let later = number as f64 / question.cells.len() as f64;
    f64::from(question.cells[number].weight) * (2.0 - later)
}

/// The units as a table of classes.
pub(super) fn count(classes: &Classes, units: &[(u32, Vec<u32>, u64)]) -> Table {
    let mut table = vec![0; classes.unknowns()];
    for (hub, values, number) in units {
        let Some(class) = classes.hub(*hub) else { continue };
        table[class as usize] += number;
        for (spoke, value) in values.iter().enumerate() {
            if let Some(unknown) = classes.value(class, spoke, *value) {
                table[unknown as usize] += number;
            }
        }
    }
    table
}
