//! The table of indicators, and how to find one. No I/O.

mod entries;
pub mod types;

use types::{Indicator, IndicatorDimension};

use crate::figures::FigureDefinition;

/// Every version of every indicator: by subject, the version in force before the former ones.
pub fn all() -> impl Iterator<Item = &'static Indicator> + Clone {
    use entries::{accompaniment, actions, lending, network, referrals, work};
    [accompaniment::ENTRIES, referrals::ENTRIES, work::ENTRIES, actions::ENTRIES, lending::ENTRIES, network::ENTRIES]
        .into_iter()
        .flatten()
}

/// The version in force of an indicator.
pub fn in_force(code: &str) -> Option<&'static Indicator> {
    all().find(|one| one.code == code && one.valid_until.is_none())
}

/// A version of an indicator; the one in force by default.
pub fn version(code: &str, version: Option<&str>) -> Option<&'static Indicator> {
    match version {
        None => in_force(code),
        Some(version) => all().find(|one| one.code == code && one.version == version),
    }
}

/// Where a report shows an indicator: the JSON pointer, the code, and the split if the figure is one.
pub type Shown = (&'static str, &'static str, Option<IndicatorDimension>);

/// The definitions of a report, from the versions in force.
pub fn definitions(shown: &[Shown]) -> Vec<FigureDefinition> {
    let definition = |(figure, code, split): &Shown| {
        let indicator = in_force(code)?;
        let split = split.and_then(|dimension| indicator.split(dimension)).and_then(|split| split.formula);
        let text = split.unwrap_or(indicator.formula);
        Some(FigureDefinition { figure, fr: text.fr, en: text.en })
    };
    shown.iter().filter_map(definition).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::NaiveDate;

    use crate::indicators::model::types::*;
    use crate::indicators::model::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn one_version_of_each_code_is_in_force_and_follows_the_former_ones() {
        let codes: BTreeSet<&str> = all().map(|one| one.code).collect();
        assert!(codes.len() >= 40, "{}", codes.len());
        for code in codes {
            let versions: Vec<&Indicator> = all().filter(|one| one.code == code).collect();
            assert_eq!(versions.iter().filter(|one| one.valid_until.is_none()).count(), 1, "{code}");
            assert!(versions[0].valid_until.is_none(), "{code}: the version in force is first");
            for pair in versions.windows(2) {
                assert!(pair[0].version > pair[1].version, "{code}");
                let until = day(pair[1].valid_until.unwrap());
                assert_eq!(until.succ_opt().unwrap(), day(pair[0].valid_from), "{code}: a gap or an overlap");
                assert!(day(pair[1].valid_from) <= until, "{code}");
            }
            assert_eq!(version(code, Some(versions[0].version)).unwrap().formula, in_force(code).unwrap().formula);
        }
        assert!(in_force("nothing").is_none() && version("kit_loans", Some("2025.1")).is_none());
    }

    #[test]
    fn the_version_in_force_has_a_measure_and_a_former_one_has_none() {
        for one in all() {
            assert_eq!(one.measure.is_some(), one.valid_until.is_none(), "{}", one.code);
        }
    }

    #[test]
    fn every_text_is_there_in_both_languages() {
        for one in all() {
            let texts = [one.name, one.formula, one.decided_by, one.unit, one.class_reason];
            let more = [one.numerator, one.denominator].into_iter().chain(one.splits.iter().map(|split| split.formula));
            for text in texts.into_iter().chain(more.flatten()) {
                assert!(!text.fr.is_empty() && !text.en.is_empty(), "{}", one.code);
            }
        }
    }

    #[test]
    fn a_quotient_says_what_is_divided_and_does_not_add_up() {
        for one in all() {
            use IndicatorValueType::{MedianDays, Percent, Ratio, YesNo};
            let divided = matches!(one.value_type, Percent | Ratio | YesNo);
            assert_eq!(one.numerator.is_some(), divided, "{}", one.code);
            assert_eq!(one.denominator.is_some(), divided, "{}", one.code);
            if divided || one.value_type == MedianDays {
                assert!(!one.adds_up_over_periods && !one.adds_up_over_territories, "{}", one.code);
                assert!(one.splits.iter().all(|split| !split.adds_up), "{}", one.code);
            }
        }
    }

    #[test]
    fn only_sums_add_up_over_periods() {
        for one in all().filter(|one| one.adds_up_over_periods && one.valid_until.is_none()) {
            assert!(
                matches!(one.measure, Some(Measure::Sum(_) | Measure::Nights(_) | Measure::Yearly(_))),
                "{}",
                one.code
            );
        }
        for one in all() {
            if let Some(Measure::Sum(_) | Measure::Nights(_) | Measure::Yearly(_)) = one.measure {
                assert!(one.adds_up_over_periods, "{}", one.code);
            }
        }
    }

    #[test]
    fn a_breakdown_about_persons_is_never_a_service_fact() {
        use IndicatorClass::{Breakdown, ServiceFact, ServiceTotal};
        for one in all() {
            for split in one.splits {
                assert_ne!(split.class, ServiceTotal, "{}: class T has no breakdown", one.code);
                if one.class != ServiceFact {
                    assert_eq!(split.class, Breakdown, "{} {}", one.code, split.dimension);
                }
            }
        }
        let loans = in_force("kit_loans").unwrap();
        assert_eq!(loans.split(IndicatorDimension::Kit).unwrap().class, ServiceFact);
        assert_eq!(loans.split(IndicatorDimension::Commune).unwrap().class, Breakdown, "families by place");
    }

    #[test]
    fn the_populations_of_the_releases_have_their_live_figures() {
        let populations: BTreeSet<&str> = all().filter_map(|one| one.population).collect();
        assert_eq!(populations, BTreeSet::from(["actions", "children", "loans", "participants"]));
    }
}
