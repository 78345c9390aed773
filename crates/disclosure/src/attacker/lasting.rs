//! Questions put to the program that stays solved: see [`WarmStart`].

use super::super::solver::{Program, Unsolved};
use super::Attacker;
use super::sums::{Cost, Table, Wanted, exact, terms};
use super::warm_start::{Reply, Slack, WarmStart};

/// How many known tables are tried when a fractional table is made whole, the nearest first.
const CLOSEST: usize = 2;

impl Attacker {
    /// The rows to hide, at the least total weight, so that what is wanted becomes possible. Fails if hiding every row
    /// that may be hidden would not be enough, or if the solver does not know.
    pub(crate) fn helping(&mut self, wanted: Wanted<'_>) -> Result<Vec<usize>, Unsolved> {
        Ok(self.ask(wanted)?.hide)
    }

    pub(super) fn ask(&mut self, wanted: Wanted<'_>) -> Result<Reply, Unsolved> {
        self.solved += 1;
        if self.warm_start.is_none() {
            self.warm_start = Some(self.solve_once()?);
        }
        let warm_start = self.warm_start.as_ref().ok_or(Unsolved::Unknown)?;
        warm_start.ask(wanted)
    }

    /// An integer table that shows what is wanted, from a fractional one. It is the same table if that is already
    /// whole; otherwise a known table is changed only where the fractional one differs from it.
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

    fn solve_once(&self) -> Result<WarmStart, Unsolved> {
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
        let mut program = program.keep()?;
        for column in fixed {
            program = program.fix(column)?;
        }
        Ok(WarmStart { program, unknowns, slacks })
    }
}

#[allow(clippy::cast_precision_loss)]
fn approximate(units: u64) -> f64 {
    units as f64
}
