//! The figures of a pôle, counted while the story is played.

use std::collections::{BTreeMap, BTreeSet};

use super::loan_tally::LoanTally;

/// Figures of the activity of a pôle, counted independently of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of referrals.
    pub referrals: i64,
    /// Number of referrals per origin.
    pub by_origin: BTreeMap<&'static str, i64>,
    /// The state of each referral.
    pub status: BTreeMap<usize, &'static str>,
    /// Cases, by the request that opened them, and whether each is closed.
    pub cases: BTreeMap<usize, bool>,
    /// Children with a case.
    pub children: BTreeSet<usize>,
    /// Households with a child with a case.
    pub households: BTreeSet<usize>,
    /// Structures with a case.
    pub structures: BTreeSet<usize>,
    /// Interventions by type: their number, minutes and minutes of travel.
    pub interventions: BTreeMap<&'static str, (i64, i64, i64)>,
    /// Number of participants per kind.
    pub attendances: BTreeMap<&'static str, i64>,
    /// Number of interventions that came from an appointment.
    pub agreed: usize,
    /// Number of placements.
    pub placements: i64,
    /// Kits and loans.
    pub loans: LoanTally,
    /// Number of conventions.
    pub conventions: usize,
    /// Number of collective actions, including those after today.
    pub actions: usize,
    /// Number of referents.
    pub referents: usize,
    /// Number of releases of statistics.
    pub releases: usize,
}

impl Tally {
    /// Number of referrals in a state.
    pub fn in_state(&self, status: &str) -> i64 {
        count(self.status.values().filter(|one| **one == status))
    }

    /// All interventions: their number, minutes and minutes of travel.
    pub fn all_interventions(&self) -> (i64, i64, i64) {
        self.interventions.values().fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2))
    }

    /// Number of open cases.
    pub fn open_cases(&self) -> i64 {
        count(self.cases.values().filter(|closed| !**closed))
    }
}

fn count<T>(of: impl Iterator<Item = T>) -> i64 {
    i64::try_from(of.count()).unwrap_or(i64::MAX)
}
