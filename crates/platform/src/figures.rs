//! The common parts of responses with figures: the period, and the definition of each figure.

use chrono::{Months, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use passerelle_base::dates::not_inverted;
use passerelle_base::error::{Fault, Text};

/// Definition of a figure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FigureDefinition {
    /// JSON pointer of the figure in this response.
    pub figure: &'static str,
    /// What the figure counts, in French.
    pub fr: &'static str,
    /// What the figure counts, in English.
    pub en: &'static str,
}

/// Maximum length of a period, in years.
const MAX_YEARS: u32 = 5;

/// A range of days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Period {
    /// A period; the fault if it is empty or longer than five years.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, Fault> {
        if let Some(fault) = not_inverted("to", from, to) {
            return Err(fault);
        }
        if after_months(from, MAX_YEARS * 12).is_some_and(|next| to >= next) {
            let message = Text::new(
                format!("La période dépasse {MAX_YEARS} ans."),
                format!("The period is longer than {MAX_YEARS} years."),
            );
            return Err(Fault::new("to", "period_too_long", message));
        }
        Ok(Self { from, to })
    }

    /// Whether it has no day: the past part of a period to come.
    pub fn is_empty(&self) -> bool {
        self.to < self.from
    }

    /// Whether it is exactly one year, starting on any day.
    pub fn is_a_year(&self) -> bool {
        self.to.succ_opt().is_some_and(|next| after_months(self.from, 12) == Some(next))
    }
}

/// The same day some months later; the first of the following month if there is no such day.
fn after_months(from: NaiveDate, months: u32) -> Option<NaiveDate> {
    let later = from.checked_add_months(Months::new(months))?;
    if chrono::Datelike::day(&later) == chrono::Datelike::day(&from) { Some(later) } else { later.succ_opt() }
}

#[cfg(test)]
mod tests {
    use crate::figures::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(date(from), date(to)).unwrap()
    }

    #[test]
    fn a_period_has_at_least_one_day_and_at_most_five_years() {
        let code = |from, to| Period::new(date(from), date(to)).err().map(|fault| fault.code.into_owned());
        assert_eq!(code("2026-01-01", "2026-01-01"), None);
        assert_eq!(code("2026-01-01", "2025-12-31").as_deref(), Some("ends_before_start"));
        assert_eq!(code("2021-01-01", "2025-12-31"), None);
        assert_eq!(code("2021-01-01", "2026-01-01").as_deref(), Some("period_too_long"));
        assert_eq!(code("2024-02-29", "2029-02-28"), None);
        assert_eq!(code("2024-02-29", "2029-03-01").as_deref(), Some("period_too_long"));
    }

    #[test]
    fn a_year_starts_on_any_day() {
        assert!(period("2025-01-01", "2025-12-31").is_a_year());
        assert!(period("2025-09-01", "2026-08-31").is_a_year());
        assert!(period("2024-02-29", "2025-02-28").is_a_year());
        assert!(!period("2025-01-01", "2025-12-30").is_a_year());
        assert!(!period("2025-01-01", "2026-12-31").is_a_year());
    }
}
