//! A linear program that stays solved: the published rows, each with a slack at the cost of hiding it.
//!
//! A question adds one row to a program that is already solved. Publishing or hiding a row changes a bound. Both take
//! a few steps of the simplex method, where a new program takes hundreds.

use super::super::solver::{SolvedProgram, Unsolved};
use super::sums::{Columns, Known, Wanted, exact, terms};

/// The program in its present state.
#[derive(Clone, Debug)]
pub(super) struct WarmStart {
    pub(super) program: SolvedProgram,
    pub(super) unknowns: Vec<Columns>,
    /// For each row, the columns by which it may differ from its value.
    pub(super) slacks: Vec<Option<Slack>>,
}

/// The columns for more and for less than the value of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slack {
    /// While the row is published: each unit costs the weight of the row.
    pub(super) costly: [u32; 2],
    /// Once the row is hidden: units cost nothing. Held at 0 until then.
    pub(super) free: [u32; 2],
}

/// The reply to a question.
pub(super) struct Reply {
    /// Rows that would have to be hidden.
    pub(super) hide: Vec<usize>,
    /// If nothing has to be hidden, the number of units of each class, not always an integer.
    pub(super) units: Vec<f64>,
}

impl WarmStart {
    /// The program after a row was published or hidden; `None` if it has to be built again.
    pub(super) fn publish(self, row: usize, known: &Known, public: bool) -> Option<Self> {
        let Self { mut program, unknowns, slacks } = self;
        match (slacks.get(row).copied().flatten(), public) {
            (Some(slack), true) => {
                for column in slack.free {
                    program = program.fix(column).ok()?;
                }
            }
            (Some(slack), false) => {
                for column in slack.free {
                    program = program.release(column).ok()?;
                }
            }
            (None, true) => {
                program = program.and_equal(&terms(&unknowns, &known.classes, 1.0), exact(known.value)).ok()?;
            }
            (None, false) => return None,
        }
        Some(Self { program, unknowns, slacks })
    }

    /// The cheapest way to what is wanted.
    pub(super) fn ask(&self, wanted: Wanted<'_>) -> Result<Reply, Unsolved> {
        let (classes, sign, value) = match wanted {
            Wanted::AtMost(classes, value) => (classes, -1.0, -exact(value)),
            Wanted::AtLeast(classes, value) => (classes, 1.0, exact(value)),
        };
        let found = self.program.with_at_least(&terms(&self.unknowns, classes, sign), value)?;
        let moved = |column: &u32| found.get(*column as usize).copied().unwrap_or(0.0) > 1e-6;
        let slacks = (0..).zip(&self.slacks).filter_map(|(row, slack)| Some((row, slack.as_ref()?)));
        let hide: Vec<usize> = slacks.filter(|(_, slack)| slack.costly.iter().any(moved)).map(|(row, _)| row).collect();
        let units = |columns: &Columns| found.get(columns.any as usize).copied().unwrap_or(f64::NAN);
        let units = if hide.is_empty() { self.unknowns.iter().map(units).collect() } else { Vec::new() };
        Ok(Reply { hide, units })
    }
}
