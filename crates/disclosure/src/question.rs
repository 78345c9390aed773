//! What is asked of the protection, and what it answers.

use super::star::{Row, Star};

/// A population's cells, and what must not be learnt of them.
#[derive(Clone, Debug)]
pub struct Question {
    /// The unknowns.
    pub star: Star,
    /// The cells, the most important first, no two of the same row.
    pub cells: Vec<Candidate>,
    /// Rows that are no cell and whose count must stay unknown: differences between cells (P2, P4).
    pub hidden: Vec<Row>,
    /// What was made public elsewhere.
    pub facts: Vec<(Row, u64)>,
    /// The bar k: a protected row must be able to be 0 and to be k.
    pub threshold: u64,
    /// What somebody knows of their own: groups of units with hub value and values.
    pub insiders: Vec<Insider>,
    /// The units, for what insiders could learn: hub value, values, number.
    pub units: Vec<(u32, Vec<u32>, u64)>,
}

/// A cell.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What it counts.
    pub row: Row,
    /// Its count.
    pub value: u64,
    /// What was decided before.
    pub fate: Fate,
    /// What hiding one unit of it costs, when a repair has to choose.
    pub weight: u32,
}

/// What is decided of a cell before it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It can be published.
    Free,
    /// It was published before.
    Visible,
    /// It was suppressed before, and stays suppressed.
    Suppressed,
    /// Its count must not be learnt.
    Protected,
}

/// Somebody who knows some of the units.
#[derive(Clone, Debug)]
pub struct Insider {
    /// Hub value, values, number.
    pub units: Vec<(u32, Vec<u32>, u64)>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether each cell is published.
    pub published: Vec<bool>,
    /// What was done.
    pub report: Report,
}

/// What protecting took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Unknowns after merging.
    pub unknowns: usize,
    /// Rows proved: suppressed cells and hidden rows.
    pub proved: usize,
    /// Programs solved.
    pub solved: usize,
    /// Cells hidden by repairs.
    pub repaired: usize,
    /// Cells published again after repairs.
    pub restored: usize,
    /// Protected rows that earlier releases and facts alone reveal: cells first, then hidden rows, by number.
    pub already_disclosed: Vec<usize>,
}

/// Why nothing can be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A row cannot be protected though nothing that could be hidden is left: its number, cells first.
    Unprotected(usize),
    /// The facts and the cells published before contradict the units.
    Contradiction,
    /// What was said before is of a table, a dimension or a crossing that this specification does not have.
    Inexpressible,
    /// Asked to stop.
    Cancelled,
}

/// What somebody who waits wants to know, and may say.
pub trait Watch {
    /// So many of so many rows are proved; false: stop.
    fn progress(&mut self, proved: usize, of: usize) -> bool;
}

impl Watch for () {
    fn progress(&mut self, _: usize, _: usize) -> bool {
        true
    }
}
