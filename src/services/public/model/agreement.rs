//! The family's agreement: what needs one, and who may give it. Pure.
//!
//! Cnaf: a partner is contacted about a child once the family has agreed. The parties that agree are the holders of
//! parental authority, the judge or the service that holds it, or the young person: the codes of `participant_type` with
//! the attribute `gives_agreement`.

use chrono::NaiveDate;

use crate::db::text_enum;
use crate::error::{Fault, Text};
use crate::nomenclatures;
use crate::nomenclatures::codes::{InterventionType, ParticipantType};

text_enum! {
    /// Purpose of an agreement of the family.
    pub enum AgreementPurpose {
        /// The service accompanies the child.
        Support = "support",
        /// The service contacts a partner about the child.
        PartnerContact = "partner_contact",
        /// The history is passed to another service.
        Handover = "handover",
    }
}

/// The code of the fault of an agreement that is missing.
pub const MISSING: &str = "family_agreement_missing";

/// Whether contacting a partner about a child breaks the rule: the agreement must be recorded first. There is no family
/// to ask about a structure.
pub fn is_missing(about_child: bool, given: &[AgreementPurpose]) -> bool {
    about_child && !given.contains(&AgreementPurpose::PartnerContact)
}

/// The agreement that work of a type with a child requires.
pub fn required_for(kind: &InterventionType) -> Option<AgreementPurpose> {
    nomenclatures::list(InterventionType::LIST)?.get(kind.as_str())?.text("family_agreement")?.parse().ok()
}

/// The fault of work of a type on a day, with the agreements given so far and their days. `pointer` is that of the type.
pub fn work_fault(
    kind: &InterventionType,
    on: NaiveDate,
    given: &[(AgreementPurpose, NaiveDate)],
    pointer: &str,
) -> Option<Fault> {
    let purpose = required_for(kind)?;
    let first = given.iter().filter(|(of, _)| *of == purpose).map(|(_, day)| *day).min();
    let message = match first {
        Some(day) if day <= on => return None,
        Some(day) => Text::new(
            format!(
                "`{kind}` : la famille n'a donné son accord (`{}`) que le {}. Corriger la date, ou celle de l'accord.",
                purpose.as_str(),
                crate::dates::french(day)
            ),
            format!(
                "`{kind}`: the family agreed (`{}`) on {day} only. Correct the date, or that of the agreement.",
                purpose.as_str()
            ),
        ),
        None => Text::new(
            format!(
                "`{kind}` : l'accord de la famille (`{}`) n'est pas enregistré. L'enregistrer d'abord (`POST /v1/referrals/{{id}}/agreements`).",
                purpose.as_str()
            ),
            format!(
                "`{kind}`: the family's agreement (`{}`) is not recorded. Record it first (`POST /v1/referrals/{{id}}/agreements`).",
                purpose.as_str()
            ),
        ),
    };
    Some(Fault::new(pointer, MISSING, message))
}

/// The fault of an agreement given by somebody who cannot give one.
pub fn giver_fault(by: &ParticipantType, pointer: impl Into<String>) -> Option<Fault> {
    if nomenclatures::is_marked(ParticipantType::LIST, by.as_str(), "gives_agreement") {
        return None;
    }
    let codes = nomenclatures::list(ParticipantType::LIST)?.codes().iter();
    let givers: Vec<String> =
        codes.filter(|code| code.is_marked("gives_agreement")).map(|code| format!("`{}`", code.code)).collect();
    let givers = givers.join(", ");
    let message = Text::new(
        format!(
            "`{by}` ne peut pas donner d'accord : seules le peuvent les personnes titulaires de l'autorité parentale, le juge ou le service qui l'exerce, ou la jeune personne elle-même ({givers})."
        ),
        format!(
            "`{by}` cannot give an agreement: only holders of parental authority, the judge or service that holds it, or the young person can ({givers})."
        ),
    );
    Some(Fault::new(pointer, "cannot_give_agreement", message))
}

/// What is wrong without the agreement to contact a partner.
pub fn missing_message() -> Text {
    Text::new(
        "L'accord de la famille pour contacter un partenaire n'est pas enregistré (`POST /v1/referrals/{id}/agreements`).",
        "The family's agreement to contact a partner is not recorded (`POST /v1/referrals/{id}/agreements`).",
    )
}

#[cfg(test)]
mod tests {
    use crate::nomenclatures::lists;
    use crate::services::public::model::agreement::*;

    #[test]
    fn contacting_a_partner_requires_the_agreement_of_the_family() {
        assert!(is_missing(true, &[AgreementPurpose::Support]));
        assert!(!is_missing(true, &[AgreementPurpose::PartnerContact]));
        assert!(!is_missing(false, &[]));
    }

    #[test]
    fn work_with_a_partner_needs_the_agreement_before_its_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let code = |kind: &str, given: &[(AgreementPurpose, NaiveDate)]| {
            let fault = work_fault(&kind.parse().unwrap(), day("2026-03-02"), given, "/type");
            fault.map(|fault| fault.code.into_owned())
        };
        let (before, after) = (day("2026-03-02"), day("2026-03-03"));
        for kind in ["partner_contact", "partner_coordination_meeting"] {
            assert_eq!(code(kind, &[]).as_deref(), Some(MISSING));
            assert_eq!(code(kind, &[(AgreementPurpose::Support, before)]).as_deref(), Some(MISSING));
            assert_eq!(code(kind, &[(AgreementPurpose::PartnerContact, after)]).as_deref(), Some(MISSING));
            let given = [(AgreementPurpose::PartnerContact, after), (AgreementPurpose::PartnerContact, before)];
            assert_eq!(code(kind, &given), None);
        }
        assert_eq!(code("family_interview", &[]), None);
    }

    #[test]
    fn only_some_can_give_an_agreement() {
        let codes = nomenclatures::list(lists::PARTICIPANT_TYPE).unwrap().codes().iter();
        let givers = codes.filter(|code| giver_fault(&code.code.parse().unwrap(), "/given_by").is_none());
        let givers: Vec<_> = givers.map(|code| code.code.as_str()).collect();
        assert_eq!(givers, ["child", "parent", "legal_guardian", "ase_social_worker", "judge"]);
    }

    #[test]
    fn the_purposes_of_the_list_are_purposes() {
        for code in nomenclatures::list(lists::INTERVENTION_TYPE).unwrap().codes() {
            let purpose = code.text("family_agreement");
            assert!(purpose.is_none_or(|purpose| purpose.parse::<AgreementPurpose>().is_ok()), "{}", code.code);
        }
    }
}
