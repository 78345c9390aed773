//! One program that lasts: what is published, with what hiding each row would cost, and questions put to it one after the other.
//!
//! A question adds one row to a program that is solved already, and what is published or hidden changes a bound: a few
//! steps of the simplex each, where a program made anew takes hundreds.

use super::super::solver::{Program, SolvedProgram, Unsolved};
use super::{Attacker, Columns, Cost, Known, Table, Wanted, exact, terms};

/// How many tables a whole one is looked for between, and a table in fractions.
const CLOSEST: usize = 2;

/// The program as it stands.
#[derive(Clone, Debug)]
pub(super) struct WarmStart {
    kept: SolvedProgram,
    unknowns: Vec<Columns>,
    /// For each row, the columns by which it may differ from its value.
    slacks: Vec<Option<Slack>>,
}

/// More and less than the value of a row: at a cost while it is published, for nothing once it is hidden.
#[derive(Clone, Copy, Debug)]
struct Slack {
    costly: [u32; 2],
    free: [u32; 2],
}

/// What a question gives.
pub(super) struct Reply {
    /// Rows that would have to be hidden.
    pub(super) hide: Vec<usize>,
    /// Without any, how many units each class has, perhaps in fractions.
    pub(super) units: Vec<f64>,
}

impl Attacker {
    /// Rows to hide so that what is wanted becomes possible, at the least weight. An error when hiding all of those that
    /// may be hidden would not do, or when the solver does not know.
    pub(crate) fn helping(&mut self, wanted: Wanted<'_>) -> Result<Vec<usize>, Unsolved> {
        Ok(self.ask(wanted)?.hide)
    }

    pub(super) fn ask(&mut self, wanted: Wanted<'_>) -> Result<Reply, Unsolved> {
        self.solved += 1;
        if self.lasting.is_none() {
            self.lasting = Some(self.last()?);
        }
        let lasting = self.lasting.as_ref().ok_or(Unsolved::Unknown)?;
        lasting.ask(wanted)
    }

    /// A table that shows what is wanted, from one in fractions: the same one if it is in whole numbers, or else one that
    /// differs from a table found before where that one does.
    pub(super) fn whole(&mut self, units: &[f64], wanted: Wanted<'_>, costs: &[Cost]) -> Option<Table> {
        let apart = |units: f64, known: u64| (units - approximate(known)).abs() > 1e-6;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = |units: &f64| {
            let sound = *units > -0.5 && *units < 1e12 && (units - units.round()).abs() < 1e-6;
            sound.then_some(units.max(0.0).round() as u64)
        };
        if let Some(table) = units.iter().map(whole).collect::<Option<Table>>()
            && self.possible(&table)
            && wanted.holds(&table)
        {
            return Some(table);
        }
        let differing =
            |table: &Table| units.iter().zip(table).filter(|(units, known)| apart(**units, **known)).count();
        let mut bases: Vec<(usize, usize)> = (0..).zip(&self.pool).map(|(at, table)| (differing(table), at)).collect();
        bases.sort_unstable();
        bases.into_iter().take(CLOSEST).find_map(|(_, at)| {
            let base = self.pool[at].clone();
            let free: Vec<bool> = units.iter().zip(&base).map(|(units, known)| apart(*units, *known)).collect();
            self.within(&base, |_, class| free[class], wanted, costs, None)
        })
    }

    fn last(&self) -> Result<WarmStart, Unsolved> {
        let mut program = Program::default();
        let unknowns = self.columns(&mut program, &[], None);
        self.equalities(&mut program, &unknowns);
        let mut slacks = vec![None; self.known.len()];
        let mut fixed = Vec::new();
        for (number, known) in self.known.iter().enumerate().filter(|(_, known)| known.public) {
            let mut terms = terms(&unknowns, &known.classes, 1.0);
            if let Some(weight) = known.weight {
                let mut pair = |weight| [0; 2].map(|_: u32| program.unknown(weight, 0, self.most));
                let slack = Slack { costly: pair(weight), free: pair(0.0) };
                for [more, less] in [slack.costly, slack.free] {
                    terms.extend([(more, -1.0), (less, 1.0)]);
                }
                fixed.extend(slack.free);
                slacks[number] = Some(slack);
            }
            program.equal(terms, exact(known.value));
        }
        let mut kept = program.keep()?;
        for column in fixed {
            kept = kept.fix(column)?;
        }
        Ok(WarmStart { kept, unknowns, slacks })
    }
}

impl WarmStart {
    /// The program once a row is published or hidden; none if it has to be made anew.
    pub(super) fn publish(self, row: usize, known: &Known, public: bool) -> Option<Self> {
        let Self { mut kept, unknowns, slacks } = self;
        match (slacks.get(row).copied().flatten(), public) {
            (Some(slack), true) => {
                for column in slack.free {
                    kept = kept.fix(column).ok()?;
                }
            }
            (Some(slack), false) => {
                for column in slack.free {
                    kept = kept.release(column).ok()?;
                }
            }
            (None, true) => kept = kept.and_equal(&terms(&unknowns, &known.classes, 1.0), exact(known.value)).ok()?,
            (None, false) => return None,
        }
        Some(Self { kept, unknowns, slacks })
    }

    fn ask(&self, wanted: Wanted<'_>) -> Result<Reply, Unsolved> {
        let (classes, sign, value) = match wanted {
            Wanted::AtMost(classes, value) => (classes, -1.0, -exact(value)),
            Wanted::AtLeast(classes, value) => (classes, 1.0, exact(value)),
        };
        let found = self.kept.with_at_least(&terms(&self.unknowns, classes, sign), value)?;
        let moved = |column: &u32| found.get(*column as usize).copied().unwrap_or(0.0) > 1e-6;
        let slacks = (0..).zip(&self.slacks).filter_map(|(row, slack)| Some((row, slack.as_ref()?)));
        let hide: Vec<usize> = slacks.filter(|(_, slack)| slack.costly.iter().any(moved)).map(|(row, _)| row).collect();
        let units = |columns: &Columns| found.get(columns.any as usize).copied().unwrap_or(f64::NAN);
        let units = if hide.is_empty() { self.unknowns.iter().map(units).collect() } else { Vec::new() };
        Ok(Reply { hide, units })
    }
}

#[allow(clippy::cast_precision_loss)]
fn approximate(units: u64) -> f64 {
    units as f64
}
