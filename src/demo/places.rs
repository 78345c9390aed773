//! Where the story happens: real communes drawn by population, real authorities, invented organisations.

use super::names;
use super::story::Place;
use crate::dice::Dice;
use crate::error::{ApiError, Code};
use crate::territories::{TerritoryKind, territories};

/// Communes, each as often as it has inhabitants.
pub(super) struct Communes(Vec<(&'static str, u32)>);

impl Communes {
    /// The communes of a département.
    pub(super) fn of_departement(code: &str) -> Self {
        let departement = territories().get(TerritoryKind::Departement, code);
        Self(departement.map(|departement| territories().inhabitants_of(departement)).unwrap_or_default())
    }

    /// One of them.
    pub(super) fn draw(&self, dice: &mut Dice) -> &'static str {
        dice.weighted(&self.0)
    }
}

/// The name of a commune.
pub(super) fn name_of(commune: &str) -> &'static str {
    territories().get(TerritoryKind::Commune, commune).map_or("", |commune| commune.name)
}

/// Minutes there and back from the pôle's office: a rough figure, the same for a commune each time.
pub(super) fn travel_to(commune: &str) -> i32 {
    match commune {
        "63113" => 20,
        near if territories().epci_of(near).is_some_and(|epci| epci.code == "246300701") => 35,
        far => 60 + i32::from(far.bytes().last().unwrap_or(b'0') - b'0') * 8,
    }
}

/// The authorities that have signed a convention: the public ones of `data/conventions-2026.json`.
fn authorities() -> Result<Vec<Place>, ApiError> {
    let file = include_str!("../../data/conventions-2026.json");
    let parsed: serde_json::Value = serde_json::from_str(file).map_err(|_| ApiError::new(Code::Internal))?;
    let parties = parsed["parties"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(parties.iter().filter_map(authority).collect())
}

fn authority(party: &serde_json::Value) -> Option<Place> {
    let name = party["official_name"].as_str()?.to_owned();
    let code = party["official_code"].as_str()?;
    if party["kind"] == "commune" {
        let commune = territories().get(TerritoryKind::Commune, code)?;
        return Some(Place { kind: "commune", name: format!("Commune de {name}"), commune: commune.code });
    }
    let epci = territories().get(TerritoryKind::Epci, code)?;
    // Its seat is not in the map: its largest commune stands for it.
    let largest = territories().communes_of(epci).max_by_key(|commune| commune.population.municipal)?;
    Some(Place { kind: "epci", name, commune: largest.code })
}

/// A directory: the authorities, then invented organisations, so marked, without any SIRET: none is made up.
pub(super) fn directory(dice: &mut Dice, communes: &Communes, up_to_17: bool) -> Result<Vec<Place>, ApiError> {
    let mut places = authorities()?;
    let mut add = |kind, name: String, commune| places.push(Place { kind, name: format!("{name} (démo)"), commune });
    for nursery in names::NURSERY {
        add("eaje", format!("Multi-accueil {nursery}"), communes.draw(dice));
    }
    for number in 1..=5 {
        add("childminder", format!("Assistant maternel agréé n° {number}"), communes.draw(dice));
    }
    let commune = communes.draw(dice);
    add("childminder_house", format!("MAM de {}", name_of(commune)), commune);
    for _ in 0..3 {
        let commune = communes.draw(dice);
        add("rpe", format!("Relais petite enfance de {}", name_of(commune)), commune);
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
            add("acm_organiser", format!("Accueil de loisirs de {}", name_of(commune)), commune);
        }
        add("sessad", "SESSAD".to_owned(), "63113");
    }
    Ok(places)
}
