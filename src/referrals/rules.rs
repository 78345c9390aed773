//! The eligibility rules: which referrals a service may accept. Pure. Each broken rule has a code and a message.

use chrono::NaiveDate;

use super::model::{AgreementPurpose, ReferralRule};
use crate::cases::model::school_time;
use crate::error::Text;
use crate::services::model::{Settings, age_on};
use crate::territories::DepartementCode;

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
}

/// The rules that accepting this referral would break, in the order of [`ReferralRule`].
pub fn breaches(service: &Settings, facts: &EligibilityFacts<'_>) -> Vec<ReferralRule> {
    let mut broken = Vec::new();
    if facts.born_on.is_some_and(|born| !service.covers_age(born, facts.received_on)) {
        broken.push(ReferralRule::AgeOutOfRange);
    }
    if !service.departements.iter().any(|departement| facts.commune_code.starts_with(departement.as_str())) {
        broken.push(ReferralRule::OutOfTerritory);
    }
    let needs = facts.needs.iter().copied();
    if school_time::excludes_referral(facts.origin, facts.concerns_school_time, needs) {
        broken.push(ReferralRule::SchoolTimeNotCovered);
    }
    broken
}

/// The rule that contacting a partner would break: for a child, the family's agreement must be recorded first.
pub fn partner_contact_breach(about_child: bool, agreements: &[AgreementPurpose]) -> Option<ReferralRule> {
    (about_child && !agreements.contains(&AgreementPurpose::PartnerContact))
        .then_some(ReferralRule::FamilyAgreementMissing)
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
            Self::OutOfTerritory => {
                let covered: Vec<&str> = service.departements.iter().map(DepartementCode::as_str).collect();
                let covered = covered.join(", ");
                Text::new(
                    format!("La commune {} est hors du territoire du service ({covered}).", facts.commune_code),
                    format!("The commune {} is outside the service's territory ({covered}).", facts.commune_code),
                )
            }
            Self::SchoolTimeNotCovered => Text::new(
                "Le temps scolaire et le travail avec le personnel de l'école sont hors du périmètre du service, sauf pour une passerelle (besoin `school_transition`).",
                "School time and work with school staff are out of scope, except for a bridge (need `school_transition`).",
            ),
            Self::FamilyAgreementMissing => Text::new(
                "L'accord de la famille pour contacter un partenaire n'est pas enregistré.",
                "The family's agreement to contact a partner is not recorded.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::referrals::rules::*;
    use proptest::prelude::*;

    fn prpe() -> Settings {
        Settings {
            id: uuid::Uuid::nil().into(),
            time_zone: chrono_tz::Europe::Paris,
            opened_on: NaiveDate::MIN,
            age_lower_birthday: 0,
            age_upper_birthday: 7,
            late_entry_days: 60,
            departements: vec!["63".parse().unwrap()],
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
        let school = EligibilityFacts { concerns_school_time: true, ..facts() };
        assert_eq!(breaches(&prpe(), &school), [ReferralRule::SchoolTimeNotCovered]);
        let teacher = EligibilityFacts { origin: "school", ..facts() };
        assert_eq!(breaches(&prpe(), &teacher), [ReferralRule::SchoolTimeNotCovered]);
        let bridge = EligibilityFacts {
            concerns_school_time: true,
            origin: "school",
            needs: vec!["school_transition"],
            ..facts()
        };
        assert_eq!(breaches(&prpe(), &bridge), []);
    }

    #[test]
    fn age_is_computed_on_the_date_of_the_request() {
        let last_day = EligibilityFacts { born_on: Some(date("2019-03-03")), ..facts() };
        assert_eq!(breaches(&prpe(), &last_day), []);
    }

    #[test]
    fn contacting_a_partner_requires_the_agreement_of_the_family() {
        assert_eq!(
            partner_contact_breach(true, &[AgreementPurpose::Support]),
            Some(ReferralRule::FamilyAgreementMissing)
        );
        assert_eq!(partner_contact_breach(true, &[AgreementPurpose::PartnerContact]), None);
        assert_eq!(partner_contact_breach(false, &[]), None);
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
        fn rules_are_independent(old in any::<bool>(), away in any::<bool>(), school in any::<bool>()) {
            let facts = EligibilityFacts {
                born_on: Some(date(if old { "2010-01-01" } else { "2024-01-01" })),
                commune_code: if away { "75056" } else { "63113" },
                concerns_school_time: school,
                ..facts()
            };
            let broken = breaches(&prpe(), &facts);
            prop_assert_eq!(broken.contains(&ReferralRule::AgeOutOfRange), old);
            prop_assert_eq!(broken.contains(&ReferralRule::OutOfTerritory), away);
            prop_assert_eq!(broken.contains(&ReferralRule::SchoolTimeNotCovered), school);
        }
    }
}
