//! Who asks, when, and what becomes of it: the requests of one pôle, dealt from a deck so that every state occurs.

use chrono::{Duration, NaiveDate};

use super::course::{self, Setting, working_day};
use super::family;
use super::places::travel_to;
use super::script::Script;
use super::story::{About, Event, EventKind, Hand, Request};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nobody has looked at it yet.
    New,
    Qualified,
    Waiting,
    TooOld,
    Elsewhere,
    School,
    Unclear,
    /// From beside the territory, and accepted all the same.
    Overridden,
    Redirected,
    Withdrawn,
    /// Withdrawn, then taken up again and accepted.
    Reopened,
    AcceptedAfterWaiting,
    Accepted,
}

use Fate as F;

/// Forty requests: the rarer fates first, so that a few children already show several.
const DECK: [(Fate, usize); 13] = [
    (F::New, 2),
    (F::Qualified, 2),
    (F::Waiting, 4),
    (F::TooOld, 1),
    (F::Elsewhere, 1),
    (F::School, 1),
    (F::Unclear, 1),
    (F::Overridden, 1),
    (F::Redirected, 2),
    (F::Withdrawn, 2),
    (F::Reopened, 1),
    (F::AcceptedAfterWaiting, 5),
    (F::Accepted, 17),
];

/// Tells the requests of a pôle about so many children, and those about structures.
pub(super) fn requests(script: &mut Script<'_>, number: usize) {
    let deck: Vec<Fate> = DECK.iter().flat_map(|(fate, times)| std::iter::repeat_n(*fate, *times)).collect();
    // Whole decks, then the cards that are most common in what is left over.
    let rest = number % deck.len();
    let mut fates: Vec<Fate> = deck.iter().copied().cycle().take(number - rest).collect();
    fates.extend(deck.iter().rev().take(rest));
    script.dice.shuffle(&mut fates);
    for fate in fates {
        let received_on = received(script, fate);
        let child = family::child(script, fate, received_on);
        let request = family::request(script, fate, About::Child(child), received_on);
        play_out(script, request, fate);
    }
    for _ in 0..number.div_ceil(40) {
        family::duplicate(script);
    }
    for _ in 0..number.div_ceil(15) {
        let received_on = script.season_day(20);
        let nurseries = script.places("eaje");
        let structure = script.dice.pick(&nurseries);
        let request = family::request(script, F::Accepted, About::Place(structure), received_on);
        play_out(script, request, F::Accepted);
    }
    bridges(script, number.div_ceil(20));
}

fn received(script: &mut Script<'_>, fate: Fate) -> NaiveDate {
    match fate {
        F::New => script.recent_day(0, 9),
        F::Qualified => script.recent_day(6, 20),
        F::Waiting => script.recent_day(25, 130),
        F::Reopened | F::AcceptedAfterWaiting => script.season_day(100),
        _ => script.season_day(24),
    }
}

/// What happens to a request, day after day.
fn play_out(script: &mut Script<'_>, request: usize, fate: Fate) {
    let Request { received_on, about, .. } = script.pole.requests[request];
    let by_form = script.pole.requests[request].channel == "web_form";
    let mut day = received_on;
    let mut happens = |script: &mut Script<'_>, days: (i64, i64), by, deed| {
        let later = day + Duration::days(script.dice.between(days.0, days.1));
        day = working_day(later).min(script.today);
        script.events.push(Event { on: day, pole: script.index, request, by, deed });
        day
    };
    let us = Hand::Coordinator;
    happens(script, (0, 0), if by_form { Hand::SiteForm } else { us }, EventKind::Record);
    if fate == F::New {
        return;
    }
    if fate == F::Qualified || script.dice.chance(70) {
        happens(script, (1, 5), us, EventKind::Qualify);
    }
    if let Some((days, deed)) = refused(fate) {
        happens(script, days, us, deed);
        return;
    }
    let accepted_on = match fate {
        F::Redirected => {
            let partners: Vec<usize> = ["camsp", "pmi", "cmp"].iter().flat_map(|kind| script.places(kind)).collect();
            let partner = script.dice.pick(&partners);
            happens(script, (1, 4), us, EventKind::Agree("partner_contact"));
            happens(script, (1, 6), us, EventKind::Redirect(partner));
            return;
        }
        F::Reopened => {
            happens(script, (3, 12), us, EventKind::Withdraw);
            happens(script, (10, 40), us, EventKind::Reopen);
            happens(script, (1, 6), us, EventKind::Accept(None))
        }
        F::AcceptedAfterWaiting => {
            happens(script, (1, 6), us, EventKind::Wait);
            happens(script, (15, 60), us, EventKind::Accept(None))
        }
        F::Overridden => {
            let rule = ("out_of_territory", "La famille s'installe dans le département le mois prochain.");
            happens(script, (1, 6), us, EventKind::Accept(Some(rule)))
        }
        F::Accepted => happens(script, (1, 8), us, EventKind::Accept(None)),
        _ => return,
    };
    follow(script, request, about, accepted_on);
}

/// The one decision of a request that no case follows, and how soon it is taken.
fn refused(fate: Fate) -> Option<((i64, i64), EventKind)> {
    match fate {
        F::Waiting => Some(((2, 8), EventKind::Wait)),
        F::TooOld => Some(((1, 6), EventKind::Decline("out_of_age_range"))),
        F::Elsewhere => Some(((1, 6), EventKind::Decline("out_of_territory"))),
        F::School => Some(((1, 6), EventKind::Decline("school_time_not_covered"))),
        F::Unclear => Some(((8, 15), EventKind::Decline("no_response"))),
        F::Withdrawn => Some(((3, 12), EventKind::Withdraw)),
        _ => None,
    }
}

fn follow(script: &mut Script<'_>, request: usize, about: About, accepted_on: NaiveDate) {
    let open_places = family::open_places(script, about);
    let commune = match about {
        About::Child(child) => script.pole.families[script.pole.children[child].family].commune,
        About::Place(place) => script.pole.places[place].commune,
    };
    let setting = Setting {
        of: (script.index, request),
        received_on: script.pole.requests[request].received_on,
        accepted_on,
        today: script.today,
        open_places: &open_places,
        psychologist: script.index == 0,
        travel: travel_to(commune),
    };
    script.events.extend(match about {
        About::Child(_) => course::of_a_child(script.dice, &setting),
        About::Place(place) => course::of_a_structure(script.dice, &setting, place),
    });
}

/// Children whose case is closed and who come back before school: the same child, a new case.
fn bridges(script: &mut Script<'_>, number: usize) {
    let closed: Vec<(usize, NaiveDate)> = script
        .events
        .iter()
        .filter(|event| matches!(event.deed, EventKind::Close("effective_placement" | "placement_maintained")))
        .filter(|event| event.on + Duration::days(45) < script.today)
        // A family from beside the territory was accepted against a rule, once: its return would need that again.
        .filter(|event| family::at_home(script, script.pole.requests[event.request].about))
        .map(|event| (event.request, event.on))
        .collect();
    for (before, closed_on) in closed.into_iter().take(number) {
        let days = (script.today - closed_on).num_days().min(120);
        let received_on = working_day(closed_on + Duration::days(script.dice.between(20, days - 20)));
        let about = script.pole.requests[before].about;
        let Some(request) = family::bridge(script, about, received_on) else { continue };
        let (pole, by) = (script.index, Hand::Coordinator);
        script.events.push(Event { on: received_on, pole, request, by, deed: EventKind::Record });
        let accepted_on = working_day(received_on + Duration::days(3));
        script.events.push(Event { on: accepted_on, pole, request, by, deed: EventKind::Accept(None) });
        let setting = Setting {
            of: (pole, request),
            received_on,
            accepted_on,
            today: script.today,
            open_places: &[],
            psychologist: false,
            travel: 40,
        };
        script.events.extend(course::of_a_bridge(script.dice, &setting));
    }
}
