//! The input and the output of the protection.

use super::star::{Row, Star};

/// A population's cells, and what must stay unknown about them.
#[derive(Clone, Debug)]
pub struct Question {
    /// The unknowns.
    pub star: Star,
    /// The cells, the most important first. No two have the same row.
    pub cells: Vec<Candidate>,
    /// Rows that are not cells and whose count must stay unknown: differences between cells (P2 and P4 of
    /// [`super::policy`]).
    pub hidden: Vec<Row>,
    /// Figures made public elsewhere, with their true counts.
    pub facts: Vec<(Row, u64)>,
    /// Rows that everybody knows to be 0.
    pub zeros: Vec<Row>,
    /// The threshold k: it must be possible that a protected row is 0, and possible that it is k or more.
    pub threshold: u64,
    /// Insiders, with the units that each of them knows.
    pub insiders: Vec<Insider>,
    /// All units, to compute what insiders could learn: hub value, one value per spoke, number.
    pub units: Vec<(u32, Vec<u32>, u64)>,
}

impl Question {
    /// The rows that are public by their class, and those that everybody knows to be 0, with their counts.
    pub fn given(&self) -> Vec<(&Row, u64)> {
        let cells = self.cells.iter().filter(|cell| cell.fate == Fate::Given);
        cells.map(|cell| (&cell.row, cell.value)).chain(self.zeros.iter().map(|row| (row, 0))).collect()
    }

    /// What is known besides the cells: figures made public elsewhere, and zeros.
    pub fn known(&self) -> impl Iterator<Item = (&Row, u64)> {
        self.facts.iter().map(|(row, value)| (row, *value)).chain(self.zeros.iter().map(|row| (row, 0)))
    }
}

/// A cell.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The units that it counts.
    pub row: Row,
    /// Its count.
    pub value: u64,
    /// What is already decided about it.
    pub fate: Fate,
    /// What hiding one of its units costs, when a repair has to choose.
    pub weight: u32,
}

/// What is decided about a cell before the protection starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It can be published.
    Free,
    /// It was published before.
    Visible,
    /// It is published whatever its count, by its class.
    Given,
    /// It was suppressed before, and stays suppressed.
    Suppressed,
    /// Its count must stay unknown.
    Protected,
}

/// Somebody who knows some of the units: a household its children, a partner those it referred.
#[derive(Clone, Debug)]
pub struct Insider {
    /// The units known: hub value, one value per spoke, number.
    pub units: Vec<(u32, Vec<u32>, u64)>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether each cell is published.
    pub published: Vec<bool>,
    /// What it took.
    pub report: Report,
}

/// What the protection took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The number of unknowns after merging.
    pub unknowns: usize,
    /// The number of rows proved: suppressed cells and hidden rows.
    pub proved: usize,
    /// The number of programs solved.
    pub solved: usize,
    /// The number of cells hidden by repairs.
    pub repaired: usize,
    /// The number of cells published again after repairs.
    pub restored: usize,
    /// Protected rows that earlier releases and facts reveal by themselves, by number: cells first, then hidden rows.
    pub already_disclosed: Vec<usize>,
}

/// Why nothing can be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A row cannot be protected even with everything hidden that can be. Its number: cells first, then hidden rows.
    Unprotected(usize),
    /// The cells published before contradict the units.
    Contradiction,
    /// A fact or an earlier release uses a population, a dimension or a crossing that this specification lacks.
    Inexpressible,
    /// The caller asked to stop.
    Cancelled,
}

/// Observes the progress of a protection, and may stop it.
pub trait Watch {
    /// Called when `proved` of `of` rows are proved. Returning false stops the protection with [`Refusal::Cancelled`].
    fn progress(&mut self, proved: usize, of: usize) -> bool;
}

impl Watch for () {
    fn progress(&mut self, _: usize, _: usize) -> bool {
        true
    }
}
