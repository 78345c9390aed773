//! The families, their children and what they ask: siblings, twins, children to be born, likely duplicates.

use chrono::{Datelike, Duration, NaiveDate};

use super::asks::Fate;
use super::course::working_day;
use super::names;
use super::places::name_of;
use super::story::{About, Child, Deed, Event, Family, Hand, Request};
use super::tell::{HOME, Telling};

/// The child of a request: of a new family, or a brother, a sister or a twin of one that asked before.
pub(super) fn child(telling: &mut Telling<'_>, fate: Fate, received_on: NaiveDate) -> usize {
    let plain = fate == Fate::Accepted;
    let known = telling.pole.children.len();
    if plain && known > 3 && telling.dice.chance(18) {
        let of = telling.dice.below(known);
        let Child { family, born, given } = telling.pole.children[of].clone();
        let home = at_home(telling, About::Child(of));
        let twin = telling.dice.chance(40);
        let born = if twin { born } else { born + Duration::days(telling.dice.between(400, 900)) };
        if home && given.is_some() && born < received_on && in_age(telling, born, received_on) {
            return add(telling, family, true, born);
        }
    }
    let commune = match fate {
        Fate::Elsewhere | Fate::Overridden => {
            let beside = telling.dice.below(telling.beside.len());
            telling.beside[beside].draw(telling.dice)
        }
        _ => telling.home.draw(telling.dice),
    };
    let unborn = matches!(fate, Fate::New | Fate::Qualified) && telling.dice.chance(30);
    let born = if unborn {
        telling.today + Duration::days(telling.dice.between(20, 120))
    } else {
        born(telling, fate, received_on)
    };
    let family = family(telling, commune);
    add(telling, family, !unborn, born)
}

/// Whether a child's family, or a structure, is in the département of the pôles.
pub(super) fn at_home(telling: &Telling<'_>, about: About) -> bool {
    let commune = match about {
        About::Child(child) => telling.pole.families[telling.pole.children[child].family].commune,
        About::Place(place) => telling.pole.places[place].commune,
    };
    commune.starts_with(HOME)
}

fn in_age(telling: &Telling<'_>, born: NaiveDate, on: NaiveDate) -> bool {
    i64::from(telling.pole.upper_birthday) * 365 > (on - born).num_days()
}

fn born(telling: &mut Telling<'_>, fate: Fate, received_on: NaiveDate) -> NaiveDate {
    let upper = i64::from(telling.pole.upper_birthday);
    let days = match fate {
        Fate::TooOld => telling.dice.between(upper * 366 + 10, upper * 366 + 600),
        // Before school, and before leisure centres, most requests are about the youngest.
        _ if upper > 7 => telling.dice.between(3 * 365, upper * 365 - 30),
        _ => {
            telling.dice.weighted(&[(0, 18), (1, 24), (2, 26), (3, 16), (4, 8), (5, 8)]) * 365
                + telling.dice.between(60, 364)
        }
    };
    received_on - Duration::days(days)
}

fn add(telling: &mut Telling<'_>, family: usize, is_born: bool, born: NaiveDate) -> usize {
    let siblings: Vec<&str> =
        telling.pole.children.iter().filter(|child| child.family == family).filter_map(|child| child.given).collect();
    let mut given = telling.dice.pick(names::GIVEN);
    while siblings.contains(&given) {
        given = telling.dice.pick(names::GIVEN);
    }
    telling.pole.children.push(Child { family, given: is_born.then_some(given), born });
    telling.pole.children.len() - 1
}

fn family(telling: &mut Telling<'_>, commune: &'static str) -> usize {
    let dice = &mut *telling.dice;
    let name = dice.pick(names::FAMILY);
    let parent = format!("{} {name}", dice.pick(names::PARENT));
    // Arcep keeps 06 39 98 for works of fiction: it is nobody's number.
    let phone = format!("06 39 98 {:02} {:02}", dice.below(100), dice.below(100));
    let address = format!("{} {}, {}", dice.between(1, 60), dice.pick(names::STREET), name_of(commune));
    let number = telling.pole.families.len() + 1;
    let email = dice.chance(60).then(|| format!("famille{}-{number}@example.org", telling.index + 1));
    telling.pole.families.push(Family { name: name.to_owned(), commune, address, parent, phone, email });
    telling.pole.families.len() - 1
}

/// Where a child of this pôle can find a place.
pub(super) fn open_places(telling: &Telling<'_>, about: About) -> Vec<(usize, &'static str)> {
    let of = |kind, childcare| telling.places(kind).into_iter().map(move |rank| (rank, childcare));
    let mut places: Vec<_> = of("eaje", "creche").chain(of("eaje", "micro_creche")).collect();
    places.extend(of("childminder", "childminder"));
    places.extend(of("childminder_house", "childminder_house"));
    if let About::Child(child) = about
        && telling.today.year() - telling.pole.children[child].born.year() > 6
    {
        places = of("acm_organiser", "leisure_centre").chain(of("acm_organiser", "after_school_care")).collect();
    }
    // The first pôle does not work with leisure centres.
    if places.is_empty() { of("eaje", "creche").collect() } else { places }
}

/// Writes a request down.
pub(super) fn request(telling: &mut Telling<'_>, fate: Fate, about: About, received_on: NaiveDate) -> usize {
    let request = match about {
        About::Child(_) => about_a_child(telling, fate, about, received_on),
        About::Place(place) => about_a_structure(telling, place, received_on),
    };
    telling.pole.requests.push(request);
    telling.pole.requests.len() - 1
}

fn about_a_child(telling: &mut Telling<'_>, fate: Fate, about: About, received_on: NaiveDate) -> Request {
    let origin = telling.dice.weighted(&[
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
        telling.dice.weighted(&[("phone", 50), ("web_form", 30), ("email", 15), ("in_person", 5)])
    } else {
        telling.dice.weighted(&[("phone", 40), ("email", 40), ("partner_meeting", 15), ("post", 5)])
    };
    let known = telling.places(origin);
    let origin_place = (!known.is_empty() && telling.dice.chance(80)).then(|| telling.dice.pick(&known));
    let minded = matches!(origin, "eaje" | "childminder");
    let childcare = match (minded, origin_place) {
        (true, place) if origin == "eaje" => Some(("creche", place)),
        (true, place) => Some(("childminder", place)),
        _ => Some((telling.dice.weighted(&[("none", 60), ("relatives", 30), ("unknown", 10)]), None)),
    };
    let main = if minded {
        telling.dice.weighted(&[
            ("support_current_placement", 60),
            ("adapt_childcare", 25),
            ("observation_request", 15),
        ])
    } else {
        telling.dice.weighted(&[
            ("find_childcare", 65),
            ("parental_support", 15),
            ("care_orientation", 10),
            ("mdph_paperwork", 10),
        ])
    };
    let mut needs = vec![main];
    if telling.dice.chance(35) {
        needs.push(telling.dice.pick(&["equipment_advice", "partner_coordination", "information_only"]));
    }
    let urgency = match fate {
        Fate::Waiting => telling.dice.weighted(&[("normal", 50), ("priority", 30), ("urgent", 20)]),
        _ => telling.dice.weighted(&[("normal", 78), ("priority", 15), ("urgent", 7)]),
    };
    let domains = ["communication_language", "interaction_relations", "motor", "sensory_processing", "undetermined"];
    let recognitions =
        [("suspected_disorder", 30), ("diagnosis_in_progress", 30), ("recognised", 20), ("no_procedure_started", 20)];
    Request {
        about,
        origin,
        origin_place,
        channel,
        received_on,
        urgency,
        needs,
        domain: telling.dice.chance(75).then(|| telling.dice.pick(&domains)),
        recognition: Some(telling.dice.weighted(&recognitions)),
        childcare,
        school_time: fate == Fate::School,
        agreements: if telling.dice.chance(85) { vec!["support"] } else { Vec::new() },
        words: telling.dice.chance(80).then(|| telling.dice.pick(names::WORDS)),
    }
}

fn about_a_structure(telling: &mut Telling<'_>, place: usize, received_on: NaiveDate) -> Request {
    let need = telling.dice.pick(&["team_training_awareness", "practice_change_support", "equipment_advice"]);
    Request {
        about: About::Place(place),
        origin: "eaje",
        origin_place: Some(place),
        channel: telling.dice.pick(&["email", "phone"]),
        received_on,
        urgency: "normal",
        needs: vec![need],
        domain: None,
        recognition: None,
        childcare: None,
        school_time: false,
        agreements: Vec::new(),
        words: None,
    }
}

/// A child that is known comes back for the transition to school; not one that has grown out of the age range.
pub(super) fn bridge(telling: &mut Telling<'_>, about: About, received_on: NaiveDate) -> Option<usize> {
    let About::Child(child) = about else { return None };
    if !in_age(telling, telling.pole.children[child].born, received_on) {
        return None;
    }
    let request = Request {
        about,
        origin: "family",
        origin_place: None,
        channel: "phone",
        received_on,
        urgency: "normal",
        needs: vec!["school_transition"],
        domain: None,
        recognition: None,
        childcare: None,
        school_time: true,
        agreements: vec!["support"],
        words: None,
    };
    telling.pole.requests.push(request);
    Some(telling.pole.requests.len() - 1)
}

/// A partner refers a child that the pôle knows already, the name spelt without its accents: declined as a duplicate.
pub(super) fn duplicate(telling: &mut Telling<'_>) {
    let first = telling.dice.below(telling.pole.requests.len());
    let Request { about: About::Child(of), received_on, .. } = telling.pole.requests[first] else { return };
    let Child { family, given, born } = telling.pole.children[of].clone();
    if given.is_none() || received_on + Duration::days(15) > telling.today {
        return;
    }
    let mut again = telling.pole.families[family].clone();
    again.name = again.name.replace(['é', 'è', 'ê'], "e");
    again.email = None;
    telling.pole.families.push(again);
    telling.pole.children.push(Child { family: telling.pole.families.len() - 1, given, born });
    let about = About::Child(telling.pole.children.len() - 1);
    let request = about_a_child(telling, Fate::Unclear, about, received_on + Duration::days(7));
    telling.pole.requests.push(Request { origin: "pmi", origin_place: None, channel: "email", ..request });
    let (pole, request, by) = (telling.index, telling.pole.requests.len() - 1, Hand::Coordinator);
    for (days, deed) in [(7, Deed::Record), (9, Deed::Decline("duplicate"))] {
        let on = working_day(received_on + Duration::days(days));
        telling.events.push(Event { on, pole, request, by, deed });
    }
}
