//! Which facts are read, and the categories of a split.

use chrono::NaiveDate;

use crate::figures::Period;
use crate::indicators::model::types::{Facts, IndicatorDimension};
use crate::territories::{CommuneCode, territories};

/// Which facts are read.
#[derive(Clone, Copy, Debug)]
pub(in crate::measures) struct Wanted {
    /// Which facts.
    pub(in crate::measures) facts: Facts,
    /// By what they are split.
    pub(in crate::measures) by: Option<IndicatorDimension>,
    /// From the day before the first period to the last day of the last one.
    pub(in crate::measures) span: Period,
    /// Today in the service.
    pub(in crate::measures) today: NaiveDate,
}

/// The category of a part of no split: no EPCI, no complementary service, no reason.
const NONE: &str = "none";

impl Wanted {
    /// The commune or the EPCI, if the facts are split by place.
    pub(super) fn place(&self, commune: &CommuneCode) -> Option<String> {
        match self.by? {
            IndicatorDimension::Commune => Some(commune.to_string()),
            IndicatorDimension::Epci => {
                let epci = territories().epci_of(commune.as_str());
                Some(epci.map_or(NONE, |epci| epci.code).to_owned())
            }
            _ => None,
        }
    }
}

/// The code of a category, or `none`.
pub(super) fn or_none(code: Option<impl ToString>) -> String {
    code.map_or_else(|| NONE.to_owned(), |code| code.to_string())
}
