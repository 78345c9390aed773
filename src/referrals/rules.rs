//! The rules of the public: who is for this service. Pure; a breach has a name and two wordings.

use chrono::NaiveDate;

use super::model::{AgreementPurpose, ReferralRule};
use crate::error::Text;
use crate::services::model::{Settings, age_on};
use crate::territories::DepartementCode;

/// What the rules look at.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Date of the request: ages are computed on it.
    pub received_on: NaiveDate,
    /// Birth date of the child, or the expected one; absent for a structure.
    pub born_on: Option<NaiveDate>,
    /// INSEE code of the commune concerned.
    pub commune_code: &'a str,
    /// The need is about school time.
    pub concerns_school_time: bool,
    /// The referrer is a school.
    pub from_school: bool,
    /// One of the needs is a bridge to school.
    pub is_bridge: bool,
}

/// The rules that taking this referral on would break, in the order of [`ReferralRule`].
pub fn breaches(service: &Settings, facts: &Facts<'_>) -> Vec<ReferralRule> {
    let mut broken = Vec::new();
    if facts.born_on.is_some_and(|born| !service.covers_age(born, facts.received_on)) {
        broken.push(ReferralRule::AgeOutOfRange);
    }
    if !service.departements.iter().any(|departement| facts.commune_code.starts_with(departement.as_str())) {
        broken.push(ReferralRule::OutOfTerritory);
    }
    // Cnaf: work on school time or with school staff is out of scope, except bridges.
    if (facts.concerns_school_time || facts.from_school) && !facts.is_bridge {
        broken.push(ReferralRule::SchoolTimeNotCovered);
    }
    broken
}

/// A partner is contacted about a child only with the family's recorded agreement.
pub fn partner_contact_breach(about_child: bool, agreements: &[AgreementPurpose]) -> Option<ReferralRule> {
    (about_child && !agreements.contains(&AgreementPurpose::PartnerContact))
        .then_some(ReferralRule::FamilyAgreementMissing)
}

impl ReferralRule {
    /// What the breach is, with the service's own limits.
    pub fn message(self, service: &Settings, facts: &Facts<'_>) -> Text {
        match self {
            Self::AgeOutOfRange => {
                let age = facts.born_on.map_or(0, |born| age_on(born, facts.received_on));
                let (lower, upper) = (service.age_lower_birthday, service.age_upper_birthday);
                Text::new(
                    format!(
                        "L'enfant avait {age} an(s) à la date de la demande ; le service accueille de {lower} an(s) à la veille du {upper}e anniversaire."
                    ),
                    format!(
                        "The child was {age} on the date of the request; the service takes children from {lower} to the eve of birthday {upper}."
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
                "Le temps scolaire et les personnels de l'école sont hors du périmètre, sauf passerelle (besoin school_transition).",
                "School time and school staff are out of scope, except bridges (need school_transition).",
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
            age_lower_birthday: 0,
            age_upper_birthday: 7,
            departements: vec!["63".parse().unwrap()],
        }
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn facts() -> Facts<'static> {
        Facts {
            received_on: date("2026-03-02"),
            born_on: Some(date("2023-04-05")),
            commune_code: "63300",
            concerns_school_time: false,
            from_school: false,
            is_bridge: false,
        }
    }

    #[test]
    fn a_child_of_the_public_breaks_nothing() {
        assert_eq!(breaches(&prpe(), &facts()), []);
    }

    #[test]
    fn each_rule_has_its_breach() {
        let older = Facts { born_on: Some(date("2019-03-02")), ..facts() };
        assert_eq!(breaches(&prpe(), &older), [ReferralRule::AgeOutOfRange]);
        let elsewhere = Facts { commune_code: "03190", ..facts() };
        assert_eq!(breaches(&prpe(), &elsewhere), [ReferralRule::OutOfTerritory]);
        let school = Facts { concerns_school_time: true, ..facts() };
        assert_eq!(breaches(&prpe(), &school), [ReferralRule::SchoolTimeNotCovered]);
        let teacher = Facts { from_school: true, ..facts() };
        assert_eq!(breaches(&prpe(), &teacher), [ReferralRule::SchoolTimeNotCovered]);
        let bridge = Facts { concerns_school_time: true, from_school: true, is_bridge: true, ..facts() };
        assert_eq!(breaches(&prpe(), &bridge), []);
    }

    #[test]
    fn age_is_that_of_the_day_of_the_request() {
        let last_day = Facts { born_on: Some(date("2019-03-03")), ..facts() };
        assert_eq!(breaches(&prpe(), &last_day), []);
    }

    #[test]
    fn a_partner_is_contacted_with_the_family_s_agreement() {
        assert_eq!(
            partner_contact_breach(true, &[AgreementPurpose::Support]),
            Some(ReferralRule::FamilyAgreementMissing)
        );
        assert_eq!(partner_contact_breach(true, &[AgreementPurpose::PartnerContact]), None);
        assert_eq!(partner_contact_breach(false, &[]), None);
    }

    proptest! {
        /// The other facts never hide a breach: each rule looks at its own.
        #[test]
        fn rules_are_independent(old in any::<bool>(), away in any::<bool>(), school in any::<bool>()) {
            let facts = Facts {
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
