//! The base codes of the dimensions, and how to derive them from what other slices store. No I/O.

use chrono::NaiveDate;

use crate::lending::reservations::model::BorrowerKind;
use crate::nomenclatures::codes::{ChildcareType, OrganisationKind, ReferralOrigin};
use crate::nomenclatures::{self, lists};
use crate::services::model::age_on;
use crate::territories::{CommuneCode, DepartementCode, TerritoryKind, territories};

/// The value is not known.
pub const UNKNOWN: &str = "unknown";
/// A commune outside the départements of the service.
pub const OUTSIDE: &str = "outside";
/// No childcare.
pub const NONE: &str = "none";
/// A case that is not closed.
pub const ONGOING: &str = "ongoing";
/// A professional who borrows in their own name.
pub const PROFESSIONAL: &str = "professional";
/// The child has this need, or received this intervention.
pub const YES: &str = "yes";
/// The child does not have it, or did not receive it.
pub const NO: &str = "no";

/// The dimension of the last childcare of the year.
pub const CHILDCARE_AT_YEAR_END: &str = "childcare_at_year_end";

/// Bands of days from a referral to its case: the code, and the upper bound in days.
pub const DELAY_BANDS: &[(&str, i64)] = &[("d0_30", 30), ("d31_90", 90), ("d91_180", 180), ("d181_more", i64::MAX)];

/// The dimension of a need.
pub fn need(code: &str) -> String {
    format!("need_{code}")
}

/// The dimension of a kind of intervention.
pub fn intervention(code: &str) -> String {
    format!("intervention_{code}")
}

/// The base code of a commune of a service.
pub fn territory(commune: &CommuneCode, departements: &[DepartementCode]) -> String {
    let within = |code: &str| departements.iter().any(|own| own.as_str() == code);
    match territories().departement_of(commune.as_str()) {
        Some(departement) if within(departement.code) => format!("{}:{commune}", TerritoryKind::Commune.as_str()),
        Some(_) => OUTSIDE.to_owned(),
        None => UNKNOWN.to_owned(),
    }
}

/// The band of the age reached on a day. An unborn child is in the first band. A child older than all bands is in the
/// last one: it was followed as part of the public.
pub fn age_band(origin: Option<NaiveDate>, on: NaiveDate) -> &'static str {
    let Some(origin) = origin else { return UNKNOWN };
    let age = i64::from(age_on(origin, on));
    let bands = nomenclatures::list(lists::AGE_BAND).map(nomenclatures::CodeList::codes).unwrap_or_default();
    let band = bands.iter().find(|band| band.number("max_age").is_some_and(|most| age <= most)).or(bands.last());
    band.map_or(UNKNOWN, |band| &band.code)
}

/// The band of the days between two dates. A case opened before its referral is in the first band.
pub fn delay_band(from: NaiveDate, to: NaiveDate) -> &'static str {
    let days = (to - from).num_days();
    DELAY_BANDS.iter().find(|(_, most)| days <= *most).map_or(UNKNOWN, |(code, _)| code)
}

/// The group of a kind of childcare. `none` and `unknown` are values of their own; the list groups them with rare
/// kinds.
pub fn childcare_group(kind: Option<&ChildcareType>) -> &'static str {
    match kind.map(ChildcareType::as_str) {
        None | Some(UNKNOWN) => UNKNOWN,
        Some(NONE) => NONE,
        Some(kind) => nomenclatures::group_of(lists::CHILDCARE_TYPE, kind).unwrap_or(UNKNOWN),
    }
}

/// The group of an origin.
pub fn origin_group(origin: &ReferralOrigin) -> &'static str {
    match origin.as_str() {
        UNKNOWN => UNKNOWN,
        origin => nomenclatures::group_of(lists::REFERRAL_ORIGIN, origin).unwrap_or(UNKNOWN),
    }
}

/// The group of a borrower: the family, or the group of the structure, in the codes of the origins of referrals.
pub fn borrower_group(kind: BorrowerKind, structure: Option<&OrganisationKind>) -> &'static str {
    match (kind, structure) {
        (BorrowerKind::Household, _) => "family",
        (BorrowerKind::Professional, None) => PROFESSIONAL,
        (BorrowerKind::Organisation, None) => UNKNOWN,
        (_, Some(kind)) => structure_group(kind.as_str()),
    }
}

/// The group of a kind of structure. A kind added to the list is `other` until it is added here.
fn structure_group(kind: &str) -> &'static str {
    match kind {
        "eaje" | "childcare_operator" | "childminder_house" | "childminder" | "acm_organiser" | "home_help_service" => {
            "childcare"
        }
        "rpe" | "prpe" | "prh" => "early_childhood_network",
        "pmi" | "hospital" | "private_practice" => "health",
        "camsp"
        | "cmp"
        | "cmpp"
        | "sessad"
        | "ime"
        | "itep"
        | "eeap"
        | "children_home"
        | "other_medico_social"
        | "diagnosis_platform" => "medico_social",
        "mdph" | "caf" | "msa" | "cpam" | "ars" | "departmental_council" | "commune" | "epci" | "ccas" => "institution",
        "ase" | "mecs" => "child_protection",
        "school" | "education_authority" => "school",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::records::model::values::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_commune_is_inside_outside_or_unknown() {
        let own: Vec<DepartementCode> = vec!["63".parse().unwrap()];
        let code = |commune: &str| territory(&commune.parse().unwrap(), &own);
        assert_eq!(code("63032"), "commune:63032");
        assert_eq!(code("03185"), OUTSIDE);
        assert_eq!(code("63999"), UNKNOWN, "a commune that is not on the map");
    }

    #[test]
    fn an_age_is_the_age_on_the_last_day_of_the_year() {
        let band = |birth: &str| age_band(Some(day(birth)), day("2025-12-31"));
        assert_eq!(band("2022-12-31"), "age_3_5");
        assert_eq!(band("2023-01-01"), "age_0_2");
        assert_eq!(band("2026-04-01"), "age_0_2", "to be born");
        assert_eq!(band("2001-04-01"), "age_12_17", "came of age in the year");
        assert_eq!(age_band(None, day("2025-12-31")), UNKNOWN);
    }

    #[test]
    fn the_last_day_of_a_band_is_in_it() {
        let from = day("2025-01-01");
        for (days, band) in
            [(-3, "d0_30"), (0, "d0_30"), (30, "d0_30"), (31, "d31_90"), (180, "d91_180"), (181, "d181_more")]
        {
            assert_eq!(delay_band(from, from + chrono::Duration::days(days)), band);
        }
    }

    #[test]
    fn groups_come_from_the_lists() {
        assert_eq!(childcare_group(Some(&"creche".parse().unwrap())), "eaje");
        assert_eq!(childcare_group(Some(&"none".parse().unwrap())), NONE);
        assert_eq!(childcare_group(None), UNKNOWN);
        assert_eq!(origin_group(&"pmi".parse().unwrap()), "health");
        assert_eq!(origin_group(&"unknown".parse().unwrap()), UNKNOWN);
        for kind in nomenclatures::list(lists::ORGANISATION_KIND).unwrap().codes() {
            let group = structure_group(&kind.code);
            assert!(nomenclatures::contains(lists::REFERRAL_ORIGIN_GROUP, group), "{}", kind.code);
            let named = ["association", "training_provider", "other"].contains(&kind.code.as_str());
            assert_eq!(group == "other", named, "{} has no group", kind.code);
            assert_eq!(borrower_group(BorrowerKind::Professional, Some(&kind.code.parse().unwrap())), group);
        }
        assert_eq!(borrower_group(BorrowerKind::Household, None), "family");
        assert_eq!(borrower_group(BorrowerKind::Professional, None), PROFESSIONAL);
    }

    proptest! {
        #[test]
        fn every_age_and_every_wait_has_a_band(birth in -9000i64..9000, wait in -400i64..4000) {
            let end = day("2025-12-31");
            prop_assert!(nomenclatures::contains(lists::AGE_BAND, age_band(Some(end - chrono::Duration::days(birth)), end)));
            prop_assert!(delay_band(end, end + chrono::Duration::days(wait)) != UNKNOWN);
        }
    }
}
