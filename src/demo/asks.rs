//! Who asks, when, and what becomes of it: the requests of one pôle, dealt from a deck so that every state occurs.

use chrono::{Duration, NaiveDate};

use super::course::{self, Setting, working_day};
use super::family;
use super::places::travel_to;
use super::story::{About, Deed, Event, Hand, Request};
use super::tell::Telling;

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
pub(super) fn requests(telling: &mut Telling<'_>, number: usize) {
    let deck: Vec<Fate> = DECK.iter().flat_map(|(fate, times)| std::iter::repeat_n(*fate, *times)).collect();
    // Whole decks, then the cards that are most common in what is left over.
    let rest = number % deck.len();
    let mut fates: Vec<Fate> = deck.iter().copied().cycle().take(number - rest).collect();
    fates.extend(deck.iter().rev().take(rest));
    telling.dice.shuffle(&mut fates);
    for fate in fates {
        let received_on = received(telling, fate);
        let child = family::child(telling, fate, received_on);
        let request = family::request(telling, fate, About::Child(child), received_on);
        play_out(telling, request, fate);
    }
    for _ in 0..number.div_ceil(40) {
        family::duplicate(telling);
    }
    for _ in 0..number.div_ceil(15) {
        let received_on = telling.season_day(20);
        let nurseries = telling.places("eaje");
        let structure = telling.dice.pick(&nurseries);
        let request = family::request(telling, F::Accepted, About::Place(structure), received_on);
        play_out(telling, request, F::Accepted);
    }
    bridges(telling, number.div_ceil(20));
}

fn received(telling: &mut Telling<'_>, fate: Fate) -> NaiveDate {
    match fate {
        F::New => telling.recent_day(0, 9),
        F::Qualified => telling.recent_day(6, 20),
        F::Waiting => telling.recent_day(25, 130),
        F::Reopened | F::AcceptedAfterWaiting => telling.season_day(100),
        _ => telling.season_day(24),
    }
}

/// What happens to a request, day after day.
fn play_out(telling: &mut Telling<'_>, request: usize, fate: Fate) {
    let Request { received_on, about, .. } = telling.pole.requests[request];
    let by_form = telling.pole.requests[request].channel == "web_form";
    let mut day = received_on;
    let mut happens = |telling: &mut Telling<'_>, days: (i64, i64), by, deed| {
        let later = day + Duration::days(telling.dice.between(days.0, days.1));
        day = working_day(later).min(telling.today);
        telling.events.push(Event { on: day, pole: telling.index, request, by, deed });
        day
    };
    let us = Hand::Coordinator;
    happens(telling, (0, 0), if by_form { Hand::SiteForm } else { us }, Deed::Record);
    if fate == F::New {
        return;
    }
    if fate == F::Qualified || telling.dice.chance(70) {
        happens(telling, (1, 5), us, Deed::Qualify);
    }
    if let Some((days, deed)) = refused(fate) {
        happens(telling, days, us, deed);
        return;
    }
    let accepted_on = match fate {
        F::Redirected => {
            let partners: Vec<usize> = ["camsp", "pmi", "cmp"].iter().flat_map(|kind| telling.places(kind)).collect();
            let partner = telling.dice.pick(&partners);
            happens(telling, (1, 4), us, Deed::Agree("partner_contact"));
            happens(telling, (1, 6), us, Deed::Redirect(partner));
            return;
        }
        F::Reopened => {
            happens(telling, (3, 12), us, Deed::Withdraw);
            happens(telling, (10, 40), us, Deed::Reopen);
            happens(telling, (1, 6), us, Deed::Accept(None))
        }
        F::AcceptedAfterWaiting => {
            happens(telling, (1, 6), us, Deed::Wait);
            happens(telling, (15, 60), us, Deed::Accept(None))
        }
        F::Overridden => {
            let rule = ("out_of_territory", "La famille s'installe dans le département le mois prochain.");
            happens(telling, (1, 6), us, Deed::Accept(Some(rule)))
        }
        F::Accepted => happens(telling, (1, 8), us, Deed::Accept(None)),
        _ => return,
    };
    follow(telling, request, about, accepted_on);
}

/// The one decision of a request that no case follows, and how soon it is taken.
fn refused(fate: Fate) -> Option<((i64, i64), Deed)> {
    match fate {
        F::Waiting => Some(((2, 8), Deed::Wait)),
        F::TooOld => Some(((1, 6), Deed::Decline("out_of_age_range"))),
        F::Elsewhere => Some(((1, 6), Deed::Decline("out_of_territory"))),
        F::School => Some(((1, 6), Deed::Decline("school_time_not_covered"))),
        F::Unclear => Some(((8, 15), Deed::Decline("no_response"))),
        F::Withdrawn => Some(((3, 12), Deed::Withdraw)),
        _ => None,
    }
}

fn follow(telling: &mut Telling<'_>, request: usize, about: About, accepted_on: NaiveDate) {
    let open_places = family::open_places(telling, about);
    let commune = match about {
        About::Child(child) => telling.pole.families[telling.pole.children[child].family].commune,
        About::Place(place) => telling.pole.places[place].commune,
    };
    let setting = Setting {
        of: (telling.index, request),
        received_on: telling.pole.requests[request].received_on,
        accepted_on,
        today: telling.today,
        open_places: &open_places,
        psychologist: telling.index == 0,
        travel: travel_to(commune),
    };
    telling.events.extend(match about {
        About::Child(_) => course::of_a_child(telling.dice, &setting),
        About::Place(place) => course::of_a_structure(telling.dice, &setting, place),
    });
}

/// Children whose case is closed and who come back before school: the same child, a new case.
fn bridges(telling: &mut Telling<'_>, number: usize) {
    let closed: Vec<(usize, NaiveDate)> = telling
        .events
        .iter()
        .filter(|event| matches!(event.deed, Deed::Close("effective_placement" | "placement_maintained")))
        .filter(|event| event.on + Duration::days(45) < telling.today)
        // A family from beside the territory was accepted against a rule, once: its return would need that again.
        .filter(|event| family::at_home(telling, telling.pole.requests[event.request].about))
        .map(|event| (event.request, event.on))
        .collect();
    for (before, closed_on) in closed.into_iter().take(number) {
        let days = (telling.today - closed_on).num_days().min(120);
        let received_on = working_day(closed_on + Duration::days(telling.dice.between(20, days - 20)));
        let about = telling.pole.requests[before].about;
        let Some(request) = family::bridge(telling, about, received_on) else { continue };
        let (pole, by) = (telling.index, Hand::Coordinator);
        telling.events.push(Event { on: received_on, pole, request, by, deed: Deed::Record });
        let accepted_on = working_day(received_on + Duration::days(3));
        telling.events.push(Event { on: accepted_on, pole, request, by, deed: Deed::Accept(None) });
        let setting = Setting {
            of: (pole, request),
            received_on,
            accepted_on,
            today: telling.today,
            open_places: &[],
            psychologist: false,
            travel: 40,
        };
        telling.events.extend(course::of_a_bridge(telling.dice, &setting));
    }
}
