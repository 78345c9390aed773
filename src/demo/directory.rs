//! Where the story takes place: real communes drawn by population, real local authorities, invented organisations.

use super::names;
use super::story::Organisation;
use crate::dice::Dice;
use crate::error::{ApiError, Code};
use crate::french::de_place;
use crate::territories::{TerritoryKind, territories};

/// Communes that a convention of 2026 covers.
pub(super) const COVERED: [&str; 6] = ["63300", "63032", "63430", "63075", "63040", "63014"];

/// Communes to draw from, weighted by population.
pub(super) struct Communes(Vec<(&'static str, u32)>);

impl Communes {
    /// The communes of a département.
    pub(super) fn of_departement(code: &str) -> Self {
        let departement = territories().get(TerritoryKind::Departement, code);
        Self(departement.map(|departement| territories().inhabitants_of(departement)).unwrap_or_default())
    }

    /// Draws a commune.
    pub(super) fn draw(&self, dice: &mut Dice) -> &'static str {
        dice.weighted(&self.0)
    }
}

/// The name of a commune.
pub(super) fn name_of(commune: &str) -> &'static str {
    territories().get(TerritoryKind::Commune, commune).map_or("", |commune| commune.name)
}

/// Minutes of travel from the pôle's office, there and back: a rough figure, always the same for a commune.
pub(super) fn travel_minutes(commune: &str) -> i32 {
    match commune {
        "63113" => 20,
        near if territories().epci_of(near).is_some_and(|epci| epci.code == "246300701") => 35,
        far => 60 + i32::from(far.bytes().last().unwrap_or(b'0') - b'0') * 8,
    }
}

/// The local authorities that have signed a convention, from `data/conventions-2026.json`.
fn authorities() -> Result<Vec<Organisation>, ApiError> {
    let file = include_str!("../../data/conventions-2026.json");
    let parsed: serde_json::Value = serde_json::from_str(file).map_err(|_| ApiError::new(Code::Internal))?;
    let parties = parsed["parties"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(parties.iter().filter_map(authority).collect())
}

fn authority(party: &serde_json::Value) -> Option<Organisation> {
    let name = party["official_name"].as_str()?.to_owned();
    let code = party["official_code"].as_str()?;
    if party["kind"] == "commune" {
        let commune = territories().get(TerritoryKind::Commune, code)?;
        return Some(Organisation {
            kind: "commune",
            name: format!("Commune {}", de_place(&name)),
            commune: commune.code,
        });
    }
    let epci = territories().get(TerritoryKind::Epci, code)?;
    // The reference data does not have the seat of an EPCI: its largest commune is used.
    let largest = territories().communes_of(epci).max_by_key(|commune| commune.population.municipal)?;
    Some(Organisation { kind: "epci", name, commune: largest.code })
}

/// A directory: the local authorities, then invented organisations, marked "(démo)" and without SIRET.
pub(super) fn directory(dice: &mut Dice, communes: &Communes, up_to_17: bool) -> Result<Vec<Organisation>, ApiError> {
    let mut organisations = authorities()?;
    let mut add = |kind, name: String, commune| {
        organisations.push(Organisation { kind, name: format!("{name} (démo)"), commune });
    };
    for (rank, nursery) in names::NURSERY.iter().enumerate() {
        let drawn = communes.draw(dice);
        // Some nurseries of the first pôle are where a convention opens the network of referents.
        let covered = COVERED.get(rank).copied().filter(|_| !up_to_17);
        add("eaje", format!("Multi-accueil {nursery}"), covered.unwrap_or(drawn));
    }
    for number in 1..=5 {
        add("childminder", format!("Assistante maternelle ou assistant maternel n° {number}"), communes.draw(dice));
    }
    let commune = communes.draw(dice);
    add("childminder_house", format!("MAM {}", de_place(name_of(commune))), commune);
    for _ in 0..3 {
        let commune = communes.draw(dice);
        add("rpe", format!("Relais petite enfance {}", de_place(name_of(commune))), commune);
    }
    for (kind, name, commune) in [
        ("camsp", "CAMSP", "63113"),
        ("pmi", "PMI, secteur de Clermont-Ferrand", "63113"),
        ("pmi", "PMI, secteur de Thiers", "63430"),
        ("hospital", "Service de pédiatrie", "63113"),
        ("cmp", "CMP enfants", "63300"),
    ] {
        add(kind, name.to_owned(), commune);
    }
    if up_to_17 {
        for _ in 0..6 {
            let commune = communes.draw(dice);
            add("acm_organiser", format!("Accueil de loisirs {}", de_place(name_of(commune))), commune);
        }
        add("sessad", "SESSAD".to_owned(), "63113");
    }
    Ok(organisations)
}
