//! What a story contains about lending: plain data.

use chrono::NaiveDate;

use super::kits::Kit;
use crate::lending::settings::model::LoanRules;

/// The lending of one pôle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lending {
    /// Closing periods: first and last day.
    pub closings: Vec<(NaiveDate, NaiveDate)>,
    /// The catalogue.
    pub kits: Vec<Kit>,
    /// Professionals who borrow in their own name.
    pub professionals: Vec<Professional>,
    /// The requests for kits, oldest first.
    pub borrowings: Vec<Borrowing>,
}

impl Lending {
    /// The loan rules of the pôle.
    pub(super) fn rules(&self) -> LoanRules {
        let mut closings = self.closings.clone();
        closings.sort_unstable();
        LoanRules { closings, ..LoanRules::default() }
    }
}

/// A professional of early childhood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Professional {
    /// Name.
    pub name: String,
    /// Telephone number, from the range that Arcep reserves for fiction.
    pub phone: String,
    /// INSEE code of the commune.
    pub commune: &'static str,
}

/// A request for a kit, and how the borrower behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borrowing {
    /// Day of the request: an open day.
    pub requested_on: NaiveDate,
    /// Rank of the kit in the catalogue.
    pub kit: usize,
    /// The borrower.
    pub borrower: Borrower,
    /// First day of the loan: an open day.
    pub starts_on: NaiveDate,
    /// What the borrower wants if every copy is taken.
    pub when_taken: WhenTaken,
    /// What the borrower does.
    pub behaviour: Behaviour,
}

/// A borrower, by rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Borrower {
    /// A family with an earlier request for help.
    Family(usize),
    /// An organisation of the directory.
    Organisation(usize),
    /// A professional.
    Professional(usize),
}

/// What the borrower wants if every copy is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenTaken {
    /// Wait for a copy: at most this number of days after the requested day, or without limit.
    Wait(Option<i64>),
    /// The request is declined.
    Decline,
}

/// What a borrower does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// The pôle has not decided yet.
    Unanswered,
    /// The pôle declines, for this reason.
    Declined(&'static str),
    /// Cancels before the first day, and does not accept a proposed copy.
    GivesUp,
    /// Never collects the kit.
    NeverCollects,
    /// Returns the kit.
    Returns {
        /// Days after the due day; negative before it.
        days_late: i64,
        /// Whether the borrower asks for an extension.
        extends: bool,
        /// The part that is missing or damaged at the return, if any.
        defect: Option<PartDefect>,
    },
    /// Has not returned the kit.
    Keeps,
}

/// A part that is missing or damaged at the return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartDefect {
    /// Rank of the item in the kit.
    pub item: usize,
    /// Whether the part is missing; otherwise it is damaged.
    pub missing: bool,
    /// Days until the part is replaced; none if it has not been replaced.
    pub replaced_after: Option<i64>,
}
