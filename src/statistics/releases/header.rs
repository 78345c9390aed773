//! The header of a release: service, year, cut-off, policy, specification.

use super::model::through;
use super::store::BuildRow;
use crate::db::{Id, UtcTs};
use crate::nomenclatures;
use crate::statistics::facts::dto::StatisticsFact;
use crate::statistics::sandbox;
use crate::statistics::settings::ops::Policy;
use passerelle_disclosure::document::{self, FORMAT, Label, Licence, Release, SpecReference, Supersedes};
use passerelle_disclosure::policy::WITHOUT_TWO_REFERRERS;

/// Version of the definitions of what is counted.
const DEFINITIONS: &str = "2026.1";

/// A release without its tables, their proofs and what signing adds.
pub(super) fn header(
    row: &BuildRow,
    name: String,
    policy: &Policy,
    cut_off: UtcTs,
    facts: &[StatisticsFact],
) -> Release {
    let fact = |fact: &StatisticsFact| document::Fact {
        population: fact.population.as_str().to_owned(),
        coordinates: std::iter::once((document::PERIOD.to_owned(), fact.period.clone()))
            .chain(fact.coordinates.iter().map(|one| (one.dimension.clone(), one.value.clone())))
            .collect(),
        value: u64::try_from(fact.value).unwrap_or_default(),
        source: fact.source.clone(),
    };
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
        },
        spec: SpecReference {
            code: policy.spec.code.clone(),
            version: u32::try_from(policy.spec.version).unwrap_or_default(),
            sha256: policy.spec_sha256.clone(),
        },
        definitions_version: DEFINITIONS.to_owned(),
        nomenclatures_version: nomenclatures::nomenclatures().version.clone(),
        licence: Licence {
            name: "Licence Ouverte 2.0 / Open Licence 2.0".to_owned(),
            url: "https://www.etalab.gouv.fr/licence-ouverte-open-licence/".to_owned(),
        },
        notes: notes(row.service_id),
        dimensions: Vec::new(),
        tables: Vec::new(),
        facts: facts.iter().map(fact).collect(),
        certificates: Vec::new(),
    }
}

fn notes(service: Id) -> Vec<Label> {
    let note = |fr: &str, en: &str| Label { fr: fr.to_owned(), en: en.to_owned() };
    let invented = note(
        "Données de synthèse : aucun de ces chiffres n'est celui d'un pôle.",
        "Synthetic data: none of these figures is the figure of a pôle.",
    );
    let mut notes = vec![
        note(
            "Une case masquée n'est pas un zéro : son effectif est inconnu, et le certificat le prouve.",
            "A suppressed cell is not a zero: its count is unknown, and the certificate proves it.",
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
        notes.insert(0, invented);
    }
    notes
}
