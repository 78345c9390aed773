//! Which referrals are in the scope of a service: age, territory, childcare, school. Pure. The rules that other doors
//! ask too are in the submodules.

pub mod agreement;
pub mod childcare;
pub mod school;

use chrono::NaiveDate;

use crate::db::text_enum;
use crate::error::Text;
use crate::services::model::{Settings, age_on};
use crate::territories::DepartementCode;

text_enum! {
    /// Eligibility rule that accepting or redirecting a referral can break.
    pub enum ReferralRule {
        /// The child is outside the service's age range on the date of the request.
        AgeOutOfRange = "age_out_of_range",
        /// The commune is outside the service's départements.
        OutOfTerritory = "out_of_territory",
        /// The kind of childcare is not one that the service works with.
        ChildcareNotCovered = "childcare_not_covered",
        /// The referral involves school time, a school or school staff and is not a bridge to school (Cnaf: out of
        /// scope).
        SchoolTimeNotCovered = "school_time_not_covered",
        /// The family's agreement to contact a partner is not recorded.
        FamilyAgreementMissing = "family_agreement_missing",
    }
}

/// What the rules are checked against.
#[derive(Clone, Debug)]
pub struct EligibilityFacts<'a> {
    /// Date of the request, on which ages are computed.
    pub received_on: NaiveDate,
    /// Birth date of the child, or expected date of birth; none for a structure.
    pub born_on: Option<NaiveDate>,
    /// INSEE code of the commune concerned.
    pub commune_code: &'a str,
    /// Code of the origin.
    pub origin: &'a str,
    /// The need is about school time.
    pub concerns_school_time: bool,
    /// Codes of the needs.
    pub needs: Vec<&'a str>,
    /// Code of the current childcare.
    pub current_childcare: Option<&'a str>,
    /// The kind of the structure that the referral is about or names.
    pub structure: Option<&'a str>,
    /// The kind of the organisation that made the referral.
    pub author: Option<&'a str>,
}

impl EligibilityFacts<'_> {
    /// The group of childcare that the request is about: that of the current childcare, otherwise that of the structure,
    /// otherwise that of who makes the request. None if nothing tells it.
    fn childcare_group(&self) -> Option<&'static str> {
        match self.current_childcare {
            Some(kind) => childcare::group_of_childcare(kind),
            None => self
                .structure
                .and_then(childcare::group_of_organisation)
                .or_else(|| childcare::group_of_origin(self.origin)),
        }
    }
}

/// The rules that accepting this referral would break, in the order of [`ReferralRule`].
pub fn breaches(service: &Settings, facts: &EligibilityFacts<'_>) -> Vec<ReferralRule> {
    let mut broken = Vec::new();
    if facts.born_on.is_some_and(|born| !service.covers_age(born, facts.received_on)) {
        broken.push(ReferralRule::AgeOutOfRange);
    }
    if !service.covers_commune(facts.commune_code) {
        broken.push(ReferralRule::OutOfTerritory);
    }
    if facts.childcare_group().is_some_and(|group| !childcare::is_covered(service, group)) {
        broken.push(ReferralRule::ChildcareNotCovered);
    }
    let kinds = facts.structure.into_iter().chain(facts.author);
    let needs = facts.needs.iter().copied();
    if school::excludes_referral(facts.origin, facts.concerns_school_time, kinds, needs) {
        broken.push(ReferralRule::SchoolTimeNotCovered);
    }
    broken
}

/// The départements of a service as texts name them.
pub fn territory(service: &Settings) -> String {
    let covered: Vec<&str> = service.departements.iter().map(DepartementCode::as_str).collect();
    covered.join(", ")
}

/// What is wrong with a commune outside the territory of a service.
pub fn out_of_territory(service: &Settings, commune_code: &str) -> Text {
    let covered = territory(service);
    Text::new(
        format!("La commune {commune_code} est hors du territoire du service ({covered})."),
        format!("The commune {commune_code} is outside the service's territory ({covered})."),
    )
}

impl ReferralRule {
    /// The message of the broken rule, with the service's own limits.
    pub fn message(self, service: &Settings, facts: &EligibilityFacts<'_>) -> Text {
        match self {
            Self::AgeOutOfRange => {
                let age = facts.born_on.map_or(0, |born| age_on(born, facts.received_on));
                let (lower, upper) = (service.age_lower_birthday, service.age_upper_birthday);
                let years = |number: u32| format!("{number} {}", if number < 2 { "an" } else { "ans" });
                let (age_fr, lower_fr) = (years(age), years(lower));
                let ordinal = if upper == 1 { "er" } else { "e" };
                Text::new(
                    format!(
                        "L'enfant avait {age_fr} à la date de la demande ; le service accompagne les enfants de {lower_fr} à la veille du {upper}{ordinal} anniversaire."
                    ),
                    format!(
                        "The child was {age} on the date of the request; the service takes children from age {lower} to the day before birthday {upper}."
                    ),
                )
            }
            Self::OutOfTerritory => out_of_territory(service, facts.commune_code),
            Self::ChildcareNotCovered => childcare::not_covered(service, facts.childcare_group().unwrap_or_default()),
            Self::SchoolTimeNotCovered => school::referral_message(),
            Self::FamilyAgreementMissing => agreement::missing_message(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::services::public::model::*;
    use proptest::prelude::*;

    fn prpe() -> Settings {
        Settings {
            id: uuid::Uuid::nil().into(),
            name: String::new(),
            time_zone: chrono_tz::Europe::Paris,
            opened_on: NaiveDate::MIN,
            age_lower_birthday: 0,
            age_upper_birthday: 7,
            late_entry_days: 60,
            placement_review_months: Vec::new(),
            departements: vec!["63".parse().unwrap()],
            childcare_groups: ["eaje", "individual"].map(|group| group.parse().unwrap()).to_vec(),
        }
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn facts() -> EligibilityFacts<'static> {
        EligibilityFacts {
            received_on: date("2026-03-02"),
            born_on: Some(date("2023-04-05")),
            commune_code: "63300",
            origin: "pmi",
            concerns_school_time: false,
            needs: vec!["find_childcare"],
            current_childcare: None,
            structure: None,
            author: None,
        }
    }

    #[test]
    fn an_eligible_child_breaks_no_rule() {
        assert_eq!(breaches(&prpe(), &facts()), []);
    }

    #[test]
    fn each_rule_can_be_broken() {
        let older = EligibilityFacts { born_on: Some(date("2019-03-02")), ..facts() };
        assert_eq!(breaches(&prpe(), &older), [ReferralRule::AgeOutOfRange]);
        let elsewhere = EligibilityFacts { commune_code: "03190", ..facts() };
        assert_eq!(breaches(&prpe(), &elsewhere), [ReferralRule::OutOfTerritory]);
        let teacher = EligibilityFacts { origin: "school", ..facts() };
        let school = EligibilityFacts { concerns_school_time: true, ..facts() };
        let about_a_school = EligibilityFacts { structure: Some("school"), born_on: None, ..facts() };
        let by_a_school = EligibilityFacts { author: Some("school"), origin: "other", ..facts() };
        for involved in [teacher, school, about_a_school, by_a_school] {
            assert_eq!(breaches(&prpe(), &involved), [ReferralRule::SchoolTimeNotCovered], "{involved:?}");
            for need in ["school_transition", "deferred_school_start"] {
                let bridge = EligibilityFacts { needs: vec!["find_childcare", need], ..involved.clone() };
                assert_eq!(breaches(&prpe(), &bridge), [], "{bridge:?}");
            }
        }
    }

    #[test]
    fn the_childcare_of_a_request_must_be_one_of_the_service() {
        for (childcare, structure, origin, covered) in [
            (Some("leisure_centre"), None, "family", false),
            (None, Some("acm_organiser"), "other", false),
            (None, None, "acm", false),
            (Some("micro_creche"), None, "acm", true),
            (Some("none"), None, "family", true),
            (Some("relatives"), None, "family", true),
            (Some("unknown"), None, "acm", true),
            (None, Some("mdph"), "mdph", true),
            (None, Some("eaje"), "acm", true),
            (None, None, "childminder", true),
        ] {
            let facts = EligibilityFacts { current_childcare: childcare, structure, origin, ..facts() };
            let expected: &[ReferralRule] = if covered { &[] } else { &[ReferralRule::ChildcareNotCovered] };
            assert_eq!(breaches(&prpe(), &facts), expected, "{facts:?}");
        }
        let message = ReferralRule::ChildcareNotCovered
            .message(&prpe(), &EligibilityFacts { current_childcare: Some("youth_club"), ..facts() });
        assert!(message.en.contains("`acm`") && message.en.contains("`eaje`, `individual`"), "{}", message.en);
    }

    #[test]
    fn age_is_computed_on_the_date_of_the_request() {
        let last_day = EligibilityFacts { born_on: Some(date("2019-03-03")), ..facts() };
        assert_eq!(breaches(&prpe(), &last_day), []);
    }

    #[test]
    fn ages_are_spelled_with_the_right_plural() {
        let message = |born| {
            let facts = EligibilityFacts { born_on: Some(date(born)), ..facts() };
            ReferralRule::AgeOutOfRange.message(&prpe(), &facts).fr.into_owned()
        };
        assert!(message("2025-01-05").starts_with("L'enfant avait 1 an à la date"), "{}", message("2025-01-05"));
        assert!(message("2010-01-05").starts_with("L'enfant avait 16 ans à la date"), "{}", message("2010-01-05"));
        assert!(
            message("2010-01-05").ends_with("de 0 an à la veille du 7e anniversaire."),
            "{}",
            message("2010-01-05")
        );
    }

    proptest! {
        /// Each rule depends only on its own facts: breaking one never hides another.
        #[test]
        fn rules_are_independent(
            old in any::<bool>(), away in any::<bool>(), school in any::<bool>(), leisure in any::<bool>(),
        ) {
            let facts = EligibilityFacts {
                born_on: Some(date(if old { "2010-01-01" } else { "2024-01-01" })),
                commune_code: if away { "75056" } else { "63113" },
                concerns_school_time: school,
                current_childcare: leisure.then_some("leisure_centre"),
                ..facts()
            };
            let broken = breaches(&prpe(), &facts);
            prop_assert_eq!(broken.contains(&ReferralRule::AgeOutOfRange), old);
            prop_assert_eq!(broken.contains(&ReferralRule::OutOfTerritory), away);
            prop_assert_eq!(broken.contains(&ReferralRule::ChildcareNotCovered), leisure);
            prop_assert_eq!(broken.contains(&ReferralRule::SchoolTimeNotCovered), school);
        }
    }
}
