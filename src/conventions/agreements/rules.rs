//! The rules that every convention must satisfy. Pure; a violation is a fault located in the body.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};

use crate::dates;
use crate::error::{Fault, Text};
use crate::nomenclatures::codes::ComplementaryService;
use crate::territories::{DepartementCode, TerritoryKey, TerritoryKind, territories};

/// The longest convention, and how far ahead it may start, in years.
const YEARS: u32 = 10;
/// The earliest start year: an earlier one is a typing error.
const FIRST_YEAR: i32 = 2000;

/// A party must be an EPCI or a commune in the departements of the service.
pub(super) fn party(collectivity: &TerritoryKey, departements: &[DepartementCode]) -> Option<Fault> {
    let fault = |rule, fr: &'static str, en: &'static str| Some(Fault::new("/collectivity", rule, Text::new(fr, en)));
    let own = |commune: &str| {
        let departement = territories().departement_of(commune);
        departement.is_some_and(|one| departements.iter().any(|known| known.as_str() == one.code))
    };
    let within = match collectivity.kind {
        TerritoryKind::Commune => own(&collectivity.code),
        TerritoryKind::Epci => territories()
            .find(collectivity)
            .is_some_and(|epci| territories().communes_of(epci).any(|commune| own(commune.code))),
        TerritoryKind::Departement | TerritoryKind::Region => {
            return fault(
                "not_a_party",
                "Une convention se signe avec un EPCI ou une commune.",
                "A convention is signed with an EPCI or a commune.",
            );
        }
    };
    if within {
        return None;
    }
    fault(
        "outside_territory",
        "Cette collectivité est hors des départements du service.",
        "This local authority is outside the departements of the service.",
    )
}

/// The period must be in order, last at most ten years, and start in a plausible year.
pub(super) fn period(starts_on: NaiveDate, ends_on: NaiveDate, today: NaiveDate) -> Vec<Fault> {
    let after = |from: NaiveDate| from.checked_add_months(Months::new(YEARS * 12));
    let mut faults = Vec::new();
    if starts_on.year() < FIRST_YEAR || after(today).is_some_and(|latest| starts_on > latest) {
        let message = Text::new(
            format!("La convention doit débuter en {FIRST_YEAR} ou après, et dans {YEARS} ans au plus tard."),
            format!("The convention must start in {FIRST_YEAR} or later, and at most {YEARS} years from now."),
        );
        faults.push(Fault::new("/starts_on", "out_of_range", message));
    }
    if let Some(fault) = dates::not_inverted("/ends_on", starts_on, ends_on) {
        faults.push(fault);
    } else if after(starts_on).is_none_or(|latest| ends_on >= latest) {
        let message = Text::new(
            format!("Une convention dure au plus {YEARS} ans."),
            format!("A convention lasts at most {YEARS} years."),
        );
        faults.push(Fault::new("/ends_on", "period_too_long", message));
    }
    faults
}

/// Each complementary service may be opened only once.
pub(super) fn services<'a>(services: impl Iterator<Item = &'a ComplementaryService>) -> Vec<Fault> {
    let mut seen = BTreeSet::new();
    let duplicates = services.enumerate().filter(|(_, one)| !seen.insert(*one));
    let fault = |(at, _): (usize, &ComplementaryService)| {
        let message = Text::new("Cette prestation figure deux fois.", "This service is listed twice.");
        Fault::new(format!("/services/{at}/complementary_service"), "repeated", message)
    };
    duplicates.map(fault).collect()
}

#[cfg(test)]
mod tests {
    use crate::conventions::agreements::rules::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rules(faults: &[Fault]) -> Vec<String> {
        faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_period_is_in_order_and_bounded() {
        let of = |from, to| rules(&period(day(from), day(to), day("2026-03-02")));
        assert_eq!(of("2026-01-01", "2026-12-31"), [""; 0]);
        assert_eq!(of("2026-01-01", "2026-01-01"), [""; 0]);
        assert_eq!(of("2026-01-01", "2035-12-31"), [""; 0]);
        assert_eq!(of("2026-01-01", "2036-01-01"), ["/ends_on period_too_long"]);
        assert_eq!(of("2026-01-01", "2025-12-31"), ["/ends_on ends_before_start"]);
        assert_eq!(of("1999-12-31", "2000-12-31"), ["/starts_on out_of_range"]);
        assert_eq!(of("9999-01-01", "9999-12-31"), ["/starts_on out_of_range"]);
    }

    #[test]
    fn a_party_is_an_epci_or_a_commune_in_the_departements_of_the_service() {
        let own: Vec<DepartementCode> = vec!["63".parse().unwrap()];
        let of = |key: &str| party(&key.parse().unwrap(), &own).map(|fault| fault.code.to_string());
        assert_eq!(of("epci:200070753"), None);
        assert_eq!(of("commune:63032"), None);
        // Another commune called Beaumont, in another departement.
        assert_eq!(of("commune:07029").as_deref(), Some("outside_territory"));
        assert_eq!(of("departement:63").as_deref(), Some("not_a_party"));
    }

    #[test]
    fn a_service_is_opened_only_once() {
        let twice: Vec<ComplementaryService> = ["pedagogical_days", "childminder_awareness", "pedagogical_days"]
            .iter()
            .map(|one| one.parse().unwrap())
            .collect();
        assert_eq!(rules(&services(twice.iter())), ["/services/2/complementary_service repeated"]);
        assert!(services(twice[..2].iter()).is_empty());
    }
}
