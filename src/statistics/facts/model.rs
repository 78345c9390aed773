//! The rules of a fact: its period, its dimensions, its values, and when it counts. No I/O.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::db::UtcTs;
use crate::error::{Fault, Text};
use crate::statistics::records::model::values::{OUTSIDE, UNKNOWN};
use crate::statistics::records::model::{PopulationCode, through};
use crate::statistics::specs::model::dimensions::{Values, find};
use crate::territories::{TerritoryKey, TerritoryKind, territories};

/// The days between the confirmation of a fact and the builds that take it into account. In a week the others who prepare
/// the releases of the service see it in the feed, and nobody tries one fact after another in an afternoon.
pub const DELAY_DAYS: i64 = 7;

/// From when on a fact counts.
pub fn counts_from(confirmed_at: Option<UtcTs>) -> Option<UtcTs> {
    confirmed_at.map(|confirmed| confirmed.plus(chrono::Duration::days(DELAY_DAYS)))
}

/// Whether a fact counts at an instant. What a release took into account always does.
pub fn counts(confirmed_at: Option<UtcTs>, used_at: Option<UtcTs>, now: UtcTs) -> bool {
    used_at.is_some() || counts_from(confirmed_at).is_some_and(|from| from <= now)
}

/// The quarters of a period as a bitmask: `2025-Q2` is the second, `2025-S1` the first two, `2025-M9` the first three,
/// `2025` all four.
pub fn quarters(period: &str) -> Option<u8> {
    Some(match period.get(4..)? {
        "" => through(4),
        "-S1" => through(2),
        "-M9" => through(3),
        "-Q1" => 1,
        "-Q2" => 2,
        "-Q3" => 4,
        "-Q4" => 8,
        _ => return None,
    })
}

/// The first day of a period of a year.
pub fn first_day(year: i32, period: &str) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, quarters(period)?.trailing_zeros() * 3 + 1, 1)
}

/// The faults of a fact, in its period and its coordinates.
pub fn faults(population: PopulationCode, year: i32, period: &str, coordinates: &[(&str, &str)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !period.starts_with(&year.to_string()) {
        let message = Text::new("Cette période relève d'une autre année.", "This period is in another year.");
        faults.push(Fault::new("/period", "of_another_year", message));
    }
    let mut known = BTreeSet::new();
    for (at, (code, value)) in coordinates.iter().enumerate() {
        let pointer = |member: &str| format!("/coordinates/{at}/{member}");
        if !known.insert(code) {
            let message = Text::new("Cette dimension est déjà indiquée.", "This dimension is given twice.");
            faults.push(Fault::new(pointer("dimension"), "repeated", message));
        }
        match find(population, code).map(|dimension| dimension.values) {
            None => {
                let message = Text::new(
                    "Cette population n'a pas cette dimension.",
                    "This population does not have this dimension.",
                );
                faults.push(Fault::new(pointer("dimension"), "unknown_dimension", message));
            }
            Some(values) if !has(&values, value) => {
                let message =
                    Text::new("Cette dimension n'a pas cette valeur.", "This dimension does not have this value.");
                faults.push(Fault::new(pointer("value"), "unknown_value", message));
            }
            Some(_) => {}
        }
    }
    faults
}

/// Whether a dimension can have a value. For kits, any identifier is accepted: whether the service has that kit is not
/// a rule of the fact.
fn has(values: &Values, code: &str) -> bool {
    match values {
        Values::Codes(codes) => codes.iter().any(|(own, _)| own == code),
        Values::Kits => code == UNKNOWN || code.parse::<uuid::Uuid>().is_ok(),
        Values::Territories => {
            let shown = [TerritoryKind::Commune, TerritoryKind::Epci, TerritoryKind::Departement];
            let key = code.parse::<TerritoryKey>().ok().filter(|key| shown.contains(&key.kind));
            [OUTSIDE, UNKNOWN].contains(&code) || key.is_some_and(|key| territories().find(&key).is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::facts::model::*;

    fn codes(period: &str, coordinates: &[(&str, &str)]) -> Vec<(String, String)> {
        let faults = faults(PopulationCode::Children, 2025, period, coordinates);
        faults.into_iter().map(|fault| (fault.pointer, fault.code.into_owned())).collect()
    }

    #[test]
    fn a_fact_counts_a_week_after_its_confirmation() {
        let confirmed = UtcTs::from(chrono::DateTime::UNIX_EPOCH);
        let later = |days| confirmed.plus(chrono::Duration::days(days));
        assert!(!counts(None, None, later(100)));
        assert!(!counts(Some(confirmed), None, later(7).plus(chrono::Duration::seconds(-1))));
        assert!(counts(Some(confirmed), None, later(7)));
        assert!(counts(Some(confirmed), Some(confirmed), confirmed), "a release shows it already");
    }

    #[test]
    fn a_period_begins_with_its_first_quarter() {
        for (period, first) in [("2025", "2025-01-01"), ("2025-M9", "2025-01-01"), ("2025-Q4", "2025-10-01")] {
            assert_eq!(first_day(2025, period).map(|day| day.to_string()).as_deref(), Some(first));
        }
        assert_eq!(first_day(2025, "2025-Q5"), None);
    }

    #[test]
    fn a_period_is_a_set_of_quarters() {
        for (period, set) in [("2025", 15), ("2025-S1", 3), ("2025-M9", 7), ("2025-Q1", 1), ("2025-Q4", 8)] {
            assert_eq!(quarters(period), Some(set), "{period}");
        }
        assert_eq!((quarters("2025-S2"), quarters("25")), (None, None));
    }

    #[test]
    fn a_fact_uses_values_that_exist() {
        assert_eq!(codes("2025-S1", &[("territory", "commune:63284"), ("age_band", "age_0_2")]), []);
        assert_eq!(codes("2025", &[("territory", "epci:246300701"), ("need_kit_loan", "yes")]), []);
        let twice = codes("2025", &[("age_band", "age_0_2"), ("age_band", "age_3_5")]);
        assert_eq!(twice, [("/coordinates/1/dimension".to_owned(), "repeated".to_owned())]);
        assert_eq!(codes("2024", &[]), [("/period".to_owned(), "of_another_year".to_owned())]);
        for value in ["63284", "commune:63999", "region:84", "group:centre"] {
            assert_eq!(codes("2025", &[("territory", value)])[0].1, "unknown_value", "{value}");
        }
        assert_eq!(codes("2025", &[("territory", "outside"), ("kit", "unknown")])[0].1, "unknown_dimension");
    }
}
