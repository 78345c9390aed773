//! What everybody knows about the units of a population, whoever reads the figures: nobody would believe another count
//! there, so nothing can be hidden behind it. One list, each entry with its reason. No I/O.

use std::collections::BTreeMap;

use super::dimensions::label;
use crate::nomenclatures::{self, CodeList, lists};
use crate::statistics::records::model::PopulationCode;
use crate::statistics::records::model::values::{ONGOING, UNKNOWN};
use passerelle_disclosure::document::Label;
use passerelle_disclosure::population::{Domain, Impossible, Population};

/// The bit of the last quarter of a year.
const LAST: u8 = 0b1000;

/// What is impossible in a population with these dimensions, for a service that follows children until this birthday.
/// A record that contradicts it counts under the last possible value of the dimension: see `records::count`.
pub fn impossible(population: PopulationCode, dimensions: &[Domain], upper_birthday: Option<u32>) -> Vec<Impossible> {
    let mut all = Vec::new();
    let mut declare = |dimension: &str, bases: Vec<String>, patterns: Vec<u8>, reason: Label| {
        let domain = dimensions.iter().find(|domain| domain.id == dimension);
        let known = |base: &String| domain.is_some_and(|domain| domain.bases.contains(base));
        let bases: Vec<String> = bases.into_iter().filter(known).collect();
        if !bases.is_empty() {
            let bases = BTreeMap::from([(dimension.to_owned(), bases)]);
            all.push(Impossible { patterns, bases, reason });
        }
    };
    let unknown = || vec![UNKNOWN.to_owned()];
    declare(
        "territory",
        unknown(),
        Vec::new(),
        label("La commune est toujours renseignée.", "The commune is always recorded."),
    );
    if population == PopulationCode::Children {
        declare(
            "age_band",
            unknown(),
            Vec::new(),
            label("La date de naissance est toujours renseignée.", "The date of birth is always recorded."),
        );
        declare(
            "age_band",
            upper_birthday.map(bands_above).unwrap_or_default(),
            Vec::new(),
            label(
                "Le service n'accompagne pas d'enfant de cet âge : sa règle d'âge est publique.",
                "The service does not follow children of this age: its age rule is public.",
            ),
        );
        let without_last = (1..LAST).collect();
        declare(
            "outcome",
            vec![ONGOING.to_owned()],
            without_last,
            label(
                "Un accompagnement en cours au 31 décembre est ouvert au quatrième trimestre.",
                "A case that is open on 31 December is open in the fourth quarter.",
            ),
        );
    }
    all
}

/// The age bands that nobody who is followed until this birthday can be in on 31 December.
fn bands_above(upper_birthday: u32) -> Vec<String> {
    let bands = nomenclatures::list(lists::AGE_BAND).map(CodeList::codes).unwrap_or_default();
    let above = |min_age: i64| min_age > i64::from(upper_birthday);
    bands.iter().filter(|band| band.number("min_age").is_some_and(above)).map(|band| band.code.clone()).collect()
}

/// Knowledge about ages of an earlier release of the year holds for the whole year, whatever became of the age rule: a
/// later release would otherwise count children where the earlier one said that there are none.
pub fn as_before(population: &mut Population, before: &[Impossible]) {
    let of_age = |one: &Impossible| one.bases.contains_key("age_band");
    population.impossible.retain(|one| !of_age(one));
    population.impossible.extend(before.iter().filter(|one| of_age(one)).cloned());
}

/// Adds to the participants what the actions say: where and when no action was held, nobody took part. The figures of
/// actions are public ([`super::classes`]). Participants who were recorded late count in a later quarter than their
/// action: then only what holds for the year so far is added, if that holds.
pub fn without_actions(populations: &mut [Population], through: u8) {
    let find = |code: PopulationCode| populations.iter().position(|one| one.code == code.as_str());
    let Some((actions, participants)) = find(PopulationCode::Actions).zip(find(PopulationCode::Participants)) else {
        return;
    };
    let quarters: Vec<Vec<u8>> = (1..=through).map(|quarter| vec![1 << (quarter - 1)]).collect();
    let year = vec![quarters.concat()];
    let known = [quarters, year].into_iter().find_map(|spans| {
        let all = empty_places(&populations[actions], &populations[participants], &spans);
        all.iter().all(|one| is_true(&populations[participants], one)).then_some(all)
    });
    populations[participants].impossible.extend(known.unwrap_or_default());
}

/// What the tables of actions by one dimension say about participants, for each of these spans of quarters.
fn empty_places(actions: &Population, participants: &Population, spans: &[Vec<u8>]) -> Vec<Impossible> {
    let mut all = Vec::new();
    for (number, domain) in actions.dimensions.iter().enumerate() {
        let shown = actions.tables.iter().any(|table| {
            table.dimensions == [domain.id.clone()] && (table.quarterly || spans.len() == 1 && spans[0].len() == 4)
        });
        if !shown || participants.dimensions.iter().all(|other| other.id != domain.id) {
            continue;
        }
        for span in spans {
            let within = span.iter().fold(0, |all, quarter| all | quarter);
            let held = |bases: &[String]| {
                let mut records = actions.records.iter();
                records.any(|one| one.quarters & within != 0 && bases.contains(&one.values[number]))
            };
            let empty = domain.values.iter().filter(|value| !held(&value.bases)).flat_map(|value| &value.bases);
            let mut bases: Vec<String> = empty.cloned().collect();
            bases.sort_unstable();
            bases.dedup();
            if !bases.is_empty() {
                let reason = label("Aucune action n'y a été tenue.", "No action was held there.");
                let bases = BTreeMap::from([(domain.id.clone(), bases)]);
                all.push(Impossible { patterns: span.clone(), bases, reason });
            }
        }
    }
    all
}

/// Whether no unit of a population contradicts this.
fn is_true(population: &Population, impossible: &Impossible) -> bool {
    population.records.iter().all(|record| {
        let inside = population
            .dimensions
            .iter()
            .zip(&record.values)
            .all(|(domain, value)| impossible.bases.get(&domain.id).is_none_or(|bases| bases.contains(value)));
        !inside || !impossible.patterns.contains(&record.quarters)
    })
}

#[cfg(test)]
mod tests {
    use crate::statistics::specs::compile::{Setting, compile};
    use crate::statistics::specs::model::built_in;
    use crate::statistics::specs::model::knowledge::*;
    use passerelle_disclosure::population::Record;

    fn compiled(upper_birthday: u32) -> Vec<Population> {
        let departements = vec!["63".parse().unwrap()];
        compile(&built_in()[0], &Setting { departements, kits: Vec::new(), upper_birthday: Some(upper_birthday) })
    }

    #[test]
    fn a_service_of_young_children_has_none_above_its_age_rule() {
        let bands = |birthday: u32| {
            let of_age = |one: &&Impossible| one.bases.contains_key("age_band");
            let bands = compiled(birthday)[0].impossible.clone();
            bands.iter().filter(of_age).flat_map(|one| one.bases["age_band"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(bands(7), ["unknown", "age_12_17"]);
        // The eighteenth birthday may be on 31 December; there is no band above.
        assert_eq!(bands(18), ["unknown"]);
        // A child who leaves at the third birthday can be three on 31 December.
        assert_eq!(bands(3), ["unknown", "age_6_11", "age_12_17"]);
    }

    #[test]
    fn an_ongoing_case_is_open_in_the_last_quarter() {
        let children = &compiled(7)[0];
        let ongoing = children.impossible.iter().find(|one| one.bases.contains_key("outcome")).unwrap();
        assert_eq!(ongoing.patterns, (1..8).collect::<Vec<u8>>());
        assert!(compiled(7)[1].impossible.iter().all(|one| !one.bases.contains_key("outcome")));
    }

    #[test]
    fn nobody_takes_part_where_no_action_is_held() {
        let mut populations = compiled(7);
        let at = |populations: &[Population], code| populations.iter().position(|one| one.code == code).unwrap();
        let (actions, participants) = (at(&populations, "actions"), at(&populations, "participants"));
        let values = |domain: &Domain| match domain.id.as_str() {
            "territory" => "commune:63113".to_owned(),
            _ => domain.bases[0].clone(),
        };
        let values = populations[actions].dimensions.iter().map(values).collect();
        populations[actions].records =
            vec![Record { values, quarters: 0b0010, number: 1, household: None, referrer: None }];
        let action = populations[actions].records.clone();
        let before = populations[participants].impossible.len();
        without_actions(&mut populations, 2);
        let more = &populations[participants].impossible[before..];
        let empty = |quarter: u8, base: &str| {
            more.iter().any(|one| one.patterns == [quarter] && one.bases.values().any(|all| all.contains(&base.into())))
        };
        assert!(empty(0b0001, "commune:63113") && !empty(0b0010, "commune:63113"));
        assert!(empty(0b0010, "outside"));
        assert!(!empty(0b0100, "outside"), "the quarter is not over");
        // Somebody who took part is recorded late, and counts in a quarter without an action.
        let mut populations = compiled(7);
        populations[actions].records = action;
        let of = |domain: &Domain| {
            if domain.id == "territory" { "commune:63113".to_owned() } else { domain.bases[0].clone() }
        };
        let values = populations[participants].dimensions.iter().map(of).collect();
        populations[participants].records =
            vec![Record { values, quarters: 0b0001, number: 3, household: None, referrer: None }];
        without_actions(&mut populations, 2);
        let more = &populations[participants].impossible[before..];
        assert!(!more.is_empty() && more.iter().all(|one| one.patterns == [0b0001, 0b0010]), "for both quarters");
        let places = more.iter().filter_map(|one| one.bases.get("territory")).flatten();
        assert!(!places.clone().any(|base| base == "commune:63113") && places.count() > 100);
    }
}
