//! Writes the requests of one pôle: who makes them, when, and what becomes of them.

use chrono::{Duration, NaiveDate};

use super::course::{self, CaseContext, working_day};
use super::directory::travel_minutes;
use super::family;
use super::outcomes::{Outcome, outcomes};
use super::script::Script;
use super::story::{About, Author, Event, EventKind, Request};

/// Writes the requests about `number` children, those about structures, the duplicates and the bridges.
pub(super) fn write_requests(script: &mut Script<'_>, number: usize) {
    let mut outcomes = outcomes(number);
    script.dice.shuffle(&mut outcomes);
    for outcome in outcomes {
        let received_on = received_on(script, outcome);
        let child = family::add_child_for(script, outcome, received_on);
        let request = family::add_request(script, outcome, About::Child(child), received_on);
        add_events(script, request, outcome);
    }
    for _ in 0..number.div_ceil(40) {
        family::add_duplicate(script);
    }
    for _ in 0..number.div_ceil(15) {
        let received_on = script.season_day(20);
        let nurseries = script.organisations("eaje");
        let structure = script.dice.pick(&nurseries);
        let request = family::add_request(script, Outcome::Accepted, About::Structure(structure), received_on);
        add_events(script, request, Outcome::Accepted);
    }
    add_bridges(script, number.div_ceil(20));
}

fn received_on(script: &mut Script<'_>, outcome: Outcome) -> NaiveDate {
    match outcome {
        Outcome::New => script.recent_day(0, 9),
        Outcome::Qualified => script.recent_day(6, 20),
        Outcome::Waiting => script.recent_day(25, 130),
        Outcome::Reopened | Outcome::AcceptedAfterWaiting => script.season_day(100),
        _ => script.season_day(24),
    }
}

/// Adds the events of a request, and of its case if it is accepted.
fn add_events(script: &mut Script<'_>, request: usize, outcome: Outcome) {
    let Request { received_on, about, .. } = script.pole.requests[request];
    let by_form = script.pole.requests[request].channel == "web_form";
    let mut day = received_on;
    let mut add = |script: &mut Script<'_>, days: (i64, i64), by, kind| {
        let later = day + Duration::days(script.dice.between(days.0, days.1));
        day = working_day(later).min(script.today);
        script.events.push(Event { on: day, pole: script.index, request, by, kind });
        day
    };
    let coordinator = Author::Coordinator;
    add(script, (0, 0), if by_form { Author::SiteForm } else { coordinator }, EventKind::Record);
    if outcome == Outcome::New {
        return;
    }
    if outcome == Outcome::Qualified || script.dice.chance(70) {
        add(script, (1, 5), coordinator, EventKind::Qualify);
    }
    if let Some((days, kind)) = only_decision(outcome) {
        add(script, days, coordinator, kind);
        return;
    }
    let accepted_on = match outcome {
        Outcome::Redirected => {
            let partners: Vec<usize> =
                ["camsp", "pmi", "cmp"].iter().flat_map(|kind| script.organisations(kind)).collect();
            let partner = script.dice.pick(&partners);
            add(script, (1, 4), coordinator, EventKind::Agree("partner_contact"));
            add(script, (1, 6), coordinator, EventKind::Redirect(partner));
            return;
        }
        Outcome::Reopened => {
            add(script, (3, 12), coordinator, EventKind::Withdraw);
            add(script, (10, 40), coordinator, EventKind::Reopen);
            add(script, (1, 6), coordinator, EventKind::Accept(None))
        }
        Outcome::AcceptedAfterWaiting => {
            add(script, (1, 6), coordinator, EventKind::Wait);
            add(script, (15, 60), coordinator, EventKind::Accept(None))
        }
        Outcome::AcceptedByOverride => {
            let rule = ("out_of_territory", "La famille s'installe dans le département le mois prochain.");
            add(script, (1, 6), coordinator, EventKind::Accept(Some(rule)))
        }
        Outcome::Accepted => add(script, (1, 8), coordinator, EventKind::Accept(None)),
        _ => return,
    };
    add_case(script, request, about, accepted_on);
}

/// The only decision on a request that leads to no case, after a number of days within these bounds.
fn only_decision(outcome: Outcome) -> Option<((i64, i64), EventKind)> {
    match outcome {
        Outcome::Waiting => Some(((2, 8), EventKind::Wait)),
        Outcome::DeclinedTooOld => Some(((1, 6), EventKind::Decline("out_of_age_range"))),
        Outcome::DeclinedOutOfTerritory => Some(((1, 6), EventKind::Decline("out_of_territory"))),
        Outcome::DeclinedSchoolTime => Some(((1, 6), EventKind::Decline("school_time_not_covered"))),
        Outcome::DeclinedNoResponse => Some(((8, 15), EventKind::Decline("no_response"))),
        Outcome::Withdrawn => Some(((3, 12), EventKind::Withdraw)),
        _ => None,
    }
}

fn add_case(script: &mut Script<'_>, request: usize, about: About, accepted_on: NaiveDate) {
    let open_places = family::open_places(script, about);
    let commune = match about {
        About::Child(child) => script.pole.families[script.pole.children[child].family].commune,
        About::Structure(structure) => script.pole.organisations[structure].commune,
    };
    let context = CaseContext {
        request: (script.index, request),
        received_on: script.pole.requests[request].received_on,
        accepted_on,
        today: script.today,
        open_places: &open_places,
        has_psychologist: script.index == 0,
        travel_minutes: travel_minutes(commune),
    };
    script.events.extend(match about {
        About::Child(_) => course::child_case(script.dice, &context),
        About::Structure(structure) => course::structure_case(script.dice, &context, structure),
    });
}

/// Adds new requests and cases for children whose case is closed and who now start school.
fn add_bridges(script: &mut Script<'_>, number: usize) {
    let closed: Vec<(usize, NaiveDate)> = script
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Close("effective_placement" | "placement_maintained")))
        .filter(|event| event.on + Duration::days(45) < script.today)
        // A family outside the territory was accepted by an override. Another request would need another override.
        .filter(|event| family::is_home(script, script.pole.requests[event.request].about))
        .map(|event| (event.request, event.on))
        .collect();
    for (before, closed_on) in closed.into_iter().take(number) {
        let days = (script.today - closed_on).num_days().min(120);
        let received_on = working_day(closed_on + Duration::days(script.dice.between(20, days - 20)));
        let about = script.pole.requests[before].about;
        let Some(request) = family::add_bridge(script, about, received_on) else { continue };
        let (pole, by) = (script.index, Author::Coordinator);
        script.events.push(Event { on: received_on, pole, request, by, kind: EventKind::Record });
        let accepted_on = working_day(received_on + Duration::days(3));
        script.events.push(Event { on: accepted_on, pole, request, by, kind: EventKind::Accept(None) });
        let context = CaseContext {
            request: (pole, request),
            received_on,
            accepted_on,
            today: script.today,
            open_places: &[],
            has_psychologist: false,
            travel_minutes: 40,
        };
        script.events.extend(course::bridge_case(script.dice, &context));
    }
}
