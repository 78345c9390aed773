//! Writes families, their children and their requests: siblings, twins, unborn children, likely duplicates.

use chrono::{Datelike, Duration, NaiveDate};

use super::course::working_day;
use super::directory::name_of;
use super::names;
use super::outcomes::Outcome;
use super::script::{HOME, Script};
use super::story::{About, Author, Child, Event, EventKind, Family, Request};
use crate::services;

/// Adds the child of a request: of a new family, or a sibling or twin of a known child.
pub(super) fn add_child_for(script: &mut Script<'_>, outcome: Outcome, received_on: NaiveDate) -> usize {
    let accepted = outcome == Outcome::Accepted;
    let known = script.pole.children.len();
    if accepted && known > 3 && script.dice.chance(18) {
        let of = script.dice.below(known);
        let Child { family, born, given_name } = script.pole.children[of].clone();
        let is_home = is_home(script, About::Child(of));
        let twin = script.dice.chance(40);
        let born = if twin { born } else { born + Duration::days(script.dice.between(400, 900)) };
        if is_home && given_name.is_some() && born < received_on && is_in_age_range(script, born, received_on) {
            return add_child(script, family, true, born);
        }
    }
    let commune = match outcome {
        Outcome::DeclinedOutOfTerritory | Outcome::AcceptedByOverride => {
            let departement = script.dice.below(script.neighbours.len());
            script.neighbours[departement].draw(script.dice)
        }
        _ => script.home.draw(script.dice),
    };
    let unborn = matches!(outcome, Outcome::New | Outcome::Qualified) && script.dice.chance(30);
    let born = if unborn {
        script.today + Duration::days(script.dice.between(20, 120))
    } else {
        birth_date(script, outcome, received_on)
    };
    let family = add_family(script, commune);
    add_child(script, family, !unborn, born)
}

/// Whether a child's family, or a structure, is in the département of the pôles.
pub(super) fn is_home(script: &Script<'_>, about: About) -> bool {
    let commune = match about {
        About::Child(child) => script.pole.families[script.pole.children[child].family].commune,
        About::Structure(structure) => script.pole.organisations[structure].commune,
    };
    commune.starts_with(HOME)
}

fn is_in_age_range(script: &Script<'_>, born: NaiveDate, on: NaiveDate) -> bool {
    // Both pôles begin at birth.
    services::model::is_in_age_range(born, on, 0..script.pole.upper_birthday.unsigned_abs())
}

fn birth_date(script: &mut Script<'_>, outcome: Outcome, received_on: NaiveDate) -> NaiveDate {
    let upper = i64::from(script.pole.upper_birthday);
    let days = match outcome {
        Outcome::DeclinedTooOld => script.dice.between(upper * 366 + 10, upper * 366 + 600),
        // In a pôle for small children, most requests are about the youngest.
        _ if upper > 7 => script.dice.between(3 * 365, upper * 365 - 30),
        _ => {
            script.dice.weighted(&[(0, 18), (1, 24), (2, 26), (3, 16), (4, 8), (5, 8)]) * 365
                + script.dice.between(60, 364)
        }
    };
    received_on - Duration::days(days)
}

fn add_child(script: &mut Script<'_>, family: usize, is_born: bool, born: NaiveDate) -> usize {
    let siblings: Vec<&str> = script
        .pole
        .children
        .iter()
        .filter(|child| child.family == family)
        .filter_map(|child| child.given_name)
        .collect();
    let mut given_name = script.dice.pick(names::GIVEN);
    while siblings.contains(&given_name) {
        given_name = script.dice.pick(names::GIVEN);
    }
    script.pole.children.push(Child { family, given_name: is_born.then_some(given_name), born });
    script.pole.children.len() - 1
}

fn add_family(script: &mut Script<'_>, commune: &'static str) -> usize {
    let dice = &mut *script.dice;
    let name = dice.pick(names::FAMILY);
    let parent = format!("{} {name}", dice.pick(names::PARENT));
    // Arcep reserves 06 39 98 for works of fiction.
    let phone = format!("06 39 98 {:02} {:02}", dice.below(100), dice.below(100));
    let address = format!("{} {}, {}", dice.between(1, 60), dice.pick(names::STREET), name_of(commune));
    let number = script.pole.families.len() + 1;
    let email = dice.chance(60).then(|| format!("famille{}-{number}@example.org", script.index + 1));
    script.pole.families.push(Family { name: name.to_owned(), commune, address, parent, phone, email });
    script.pole.families.len() - 1
}

/// The organisations where a child of this pôle can find a place, with the kind of childcare.
pub(super) fn open_places(script: &Script<'_>, about: About) -> Vec<(usize, &'static str)> {
    let of = |kind, childcare| script.organisations(kind).into_iter().map(move |rank| (rank, childcare));
    let mut places: Vec<_> = of("eaje", "creche").chain(of("eaje", "micro_creche")).collect();
    places.extend(of("childminder", "childminder"));
    places.extend(of("childminder_house", "childminder_house"));
    if let About::Child(child) = about
        && script.today.year() - script.pole.children[child].born.year() > 6
    {
        places = of("acm_organiser", "leisure_centre").chain(of("acm_organiser", "after_school_care")).collect();
    }
    // The first pôle does not work with leisure centres.
    if places.is_empty() { of("eaje", "creche").collect() } else { places }
}

/// Adds a request and returns its rank.
pub(super) fn add_request(script: &mut Script<'_>, outcome: Outcome, about: About, received_on: NaiveDate) -> usize {
    let request = match about {
        About::Child(_) => about_a_child(script, outcome, about, received_on),
        About::Structure(structure) => about_a_structure(script, structure, received_on),
    };
    script.pole.requests.push(request);
    script.pole.requests.len() - 1
}

fn about_a_child(script: &mut Script<'_>, outcome: Outcome, about: About, received_on: NaiveDate) -> Request {
    let origin = script.dice.weighted(&[
        ("family", 34),
        ("eaje", 16),
        ("rpe", 9),
        ("pmi", 14),
        ("camsp", 9),
        ("hospital", 5),
        ("childminder", 5),
        ("doctor", 4),
        ("social_services", 2),
        ("ase", 2),
    ]);
    let channel = if origin == "family" {
        script.dice.weighted(&[("phone", 50), ("web_form", 30), ("email", 15), ("in_person", 5)])
    } else {
        script.dice.weighted(&[("phone", 40), ("email", 40), ("partner_meeting", 15), ("post", 5)])
    };
    let known = script.organisations(origin);
    let origin_organisation = (!known.is_empty() && script.dice.chance(80)).then(|| script.dice.pick(&known));
    let has_childcare = matches!(origin, "eaje" | "childminder");
    let childcare = match (has_childcare, origin_organisation) {
        (true, organisation) if origin == "eaje" => Some(("creche", organisation)),
        (true, organisation) => Some(("childminder", organisation)),
        _ => Some((script.dice.weighted(&[("none", 60), ("relatives", 30), ("unknown", 10)]), None)),
    };
    let main_need = if has_childcare {
        script.dice.weighted(&[("support_current_placement", 60), ("adapt_childcare", 25), ("observation_request", 15)])
    } else {
        script.dice.weighted(&[
            ("find_childcare", 65),
            ("parental_support", 15),
            ("care_orientation", 10),
            ("mdph_paperwork", 10),
        ])
    };
    let mut needs = vec![main_need];
    if script.dice.chance(35) {
        needs.push(script.dice.pick(&["equipment_advice", "partner_coordination", "information_only"]));
    }
    let urgency = match outcome {
        Outcome::Waiting => script.dice.weighted(&[("normal", 50), ("priority", 30), ("urgent", 20)]),
        _ => script.dice.weighted(&[("normal", 78), ("priority", 15), ("urgent", 7)]),
    };
    let domains = ["communication_language", "interaction_relations", "motor", "sensory_processing", "undetermined"];
    let recognitions =
        [("suspected_disorder", 30), ("diagnosis_in_progress", 30), ("recognised", 20), ("no_procedure_started", 20)];
    Request {
        about,
        origin,
        origin_organisation,
        channel,
        received_on,
        urgency,
        needs,
        need_domain: script.dice.chance(75).then(|| script.dice.pick(&domains)),
        recognition: Some(script.dice.weighted(&recognitions)),
        childcare,
        school_time: outcome == Outcome::DeclinedSchoolTime,
        agreements: if script.dice.chance(85) { vec!["support"] } else { Vec::new() },
        description: script.dice.chance(80).then(|| script.dice.pick(names::DESCRIPTIONS)),
    }
}

fn about_a_structure(script: &mut Script<'_>, structure: usize, received_on: NaiveDate) -> Request {
    let need = script.dice.pick(&["team_training_awareness", "practice_change_support", "equipment_advice"]);
    Request {
        about: About::Structure(structure),
        origin: "eaje",
        origin_organisation: Some(structure),
        channel: script.dice.pick(&["email", "phone"]),
        received_on,
        urgency: "normal",
        needs: vec![need],
        need_domain: None,
        recognition: None,
        childcare: None,
        school_time: false,
        agreements: Vec::new(),
        description: None,
    }
}

/// Adds the request of a known child for the transition to school. Returns none if the child is above the age range.
pub(super) fn add_bridge(script: &mut Script<'_>, about: About, received_on: NaiveDate) -> Option<usize> {
    let About::Child(child) = about else { return None };
    if !is_in_age_range(script, script.pole.children[child].born, received_on) {
        return None;
    }
    let request = Request {
        about,
        origin: "family",
        origin_organisation: None,
        channel: "phone",
        received_on,
        urgency: "normal",
        needs: vec!["school_transition"],
        need_domain: None,
        recognition: None,
        childcare: None,
        school_time: true,
        agreements: vec!["support"],
        description: None,
    };
    script.pole.requests.push(request);
    Some(script.pole.requests.len() - 1)
}

/// Adds a duplicate: a partner refers a known child, with the name spelt without accents. It is declined.
pub(super) fn add_duplicate(script: &mut Script<'_>) {
    let first = script.dice.below(script.pole.requests.len());
    let Request { about: About::Child(of), received_on, .. } = script.pole.requests[first] else { return };
    let Child { family, given_name, born } = script.pole.children[of].clone();
    if given_name.is_none() || received_on + Duration::days(15) > script.today {
        return;
    }
    let mut duplicate = script.pole.families[family].clone();
    duplicate.name = duplicate.name.replace(['é', 'è', 'ê'], "e");
    duplicate.email = None;
    script.pole.families.push(duplicate);
    script.pole.children.push(Child { family: script.pole.families.len() - 1, given_name, born });
    let about = About::Child(script.pole.children.len() - 1);
    let request = about_a_child(script, Outcome::DeclinedNoResponse, about, received_on + Duration::days(7));
    script.pole.requests.push(Request { origin: "pmi", origin_organisation: None, channel: "email", ..request });
    let (pole, request, by) = (script.index, script.pole.requests.len() - 1, Author::Coordinator);
    for (days, kind) in [(7, EventKind::Record), (9, EventKind::Decline("duplicate"))] {
        let on = working_day(received_on + Duration::days(days));
        script.events.push(Event { on, pole, request, by, kind });
    }
}
