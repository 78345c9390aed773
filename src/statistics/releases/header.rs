//! The header of a release: service, year, cut-off, policy, specification.

use super::model::through;
use super::store::BuildRow;
use crate::db::{Id, UtcTs};
use crate::nomenclatures;
use crate::statistics::formats::metadata;
use crate::statistics::sandbox;
use crate::statistics::settings::ops::Policy;
use crate::statistics::specs::model::classes;
use passerelle_disclosure::document::{self, FORMAT, Label, Licence, Release, SpecReference, Supersedes};
use passerelle_disclosure::policy::WITHOUT_TWO_REFERRERS;

/// Version of the definitions of what is counted.
const DEFINITIONS: &str = "2026.2";

/// A release without its tables, their proofs and what signing adds.
pub(super) fn header(row: &BuildRow, name: String, policy: &Policy, cut_off: UtcTs) -> Release {
    Release {
        format: FORMAT.to_owned(),
        // Set when it is signed.
        id: String::new(),
        number: 0,
        signed_at: String::new(),
        predecessor_sha256: None,
        service_id: row.service_id.to_string(),
        service_name: name,
        year: row.year,
        through: through(row.year, row.quarter),
        tier: document::Tier::Open,
        cut_off: cut_off.to_string(),
        supersedes: row.reason.as_ref().map(|reason| Supersedes {
            id: String::new(),
            sha256: String::new(),
            reason: reason.clone(),
        }),
        policy: document::Policy {
            threshold: 0,
            household_threshold: 0,
            without_two_referrers: WITHOUT_TWO_REFERRERS.into(),
            reason: policy.reason.clone(),
            classes: Some(classes::policy()),
        },
        spec: SpecReference {
            code: policy.spec.code.clone(),
            version: u32::try_from(policy.spec.version).unwrap_or_default(),
            sha256: policy.spec_sha256.clone(),
        },
        definitions_version: DEFINITIONS.to_owned(),
        nomenclatures_version: nomenclatures::nomenclatures().version.clone(),
        licence: open_licence(),
        notes: notes(row.service_id),
        dimensions: Vec::new(),
        tables: Vec::new(),
        decided_public: Vec::new(),
        facts: Vec::new(),
        certificates: Vec::new(),
    }
}

/// What a release has of its tier: who reads it, on which terms, above which threshold.
pub(super) fn of_tier(mut release: Release, tier: document::Tier, threshold: u64) -> Release {
    release.tier = tier;
    release.policy.threshold = threshold;
    release.policy.household_threshold = threshold;
    if tier == document::Tier::Partner {
        release.licence = partner_terms();
        let invented = usize::from(release.notes.contains(&metadata::invented()));
        release.notes.insert(invented, metadata::reserved());
    }
    release
}

pub(super) fn open_licence() -> Licence {
    Licence {
        name: "Licence Ouverte 2.0 / Open Licence 2.0".to_owned(),
        url: "https://www.etalab.gouv.fr/licence-ouverte-open-licence/".to_owned(),
    }
}

/// The terms of releases for partners. Their text is the first note of the release; the agreement itself is between the
/// service and the partner, and has no public address.
fn partner_terms() -> Licence {
    Licence {
        name: "Conditions de la convention avec le service, usage interne / Terms of the agreement with the service, internal use"
            .to_owned(),
        url: "urn:passerelle:partner-terms:1".to_owned(),
    }
}

fn notes(service: Id) -> Vec<Label> {
    let note = |fr: &str, en: &str| Label { fr: fr.to_owned(), en: en.to_owned() };
    let mut notes = vec![
        note(
            "Une case masquée n'est pas un zéro : son effectif est inconnu, et le certificat le prouve.",
            "A suppressed cell is not a zero: its count is unknown, and the certificate proves it.",
        ),
        note(
            "Les faits du service et ses totaux sont publiés tels quels ; un total peut être différé. Les ventilations sur des personnes sont protégées, ces chiffres étant supposés connus de tous.",
            "Facts of the service and its totals are published as they are; a total can be held back. Breakdowns about persons are protected, and everybody is assumed to know those figures.",
        ),
        note(
            "Les nombres d'enfants distincts de deux périodes ne s'additionnent pas.",
            "The numbers of distinct children of two periods cannot be added up.",
        ),
        note(
            "Ce qui est enregistré ou corrigé après la dernière publication d'une année compte dans l'année suivante.",
            "What is recorded or corrected after the last release of a year counts in the next year.",
        ),
    ];
    if service == sandbox::service() {
        notes.insert(0, metadata::invented());
    }
    notes
}
