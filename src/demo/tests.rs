//! The story told, without a database.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::lending::{Borrower, Borrowing, Manner};
use super::script::HOME;
use super::script::write_story;
use super::story::{About, Event, EventKind, Story};
use crate::nomenclatures::{contains, lists};
use crate::territories::{TerritoryKind, is_known};

fn told(children: u32, seed: u64) -> Story {
    write_story(children, 2, seed, NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()).unwrap()
}

#[test]
fn a_seed_tells_one_story() {
    assert_eq!(told(60, 7), told(60, 7));
    assert_ne!(told(60, 7), told(60, 8));
    for children in [1, 2, 5, 41] {
        assert!(told(children, 1).poles[0].children.len() >= children as usize);
    }
}

#[test]
fn events_are_in_order_and_not_to_come() {
    let story = told(80, 3);
    assert!(story.events.is_sorted_by_key(|event| event.on));
    assert!(story.events.iter().all(|event| event.on <= story.today));
}

#[test]
fn the_team_is_that_of_the_sources() {
    let story = told(1, 1);
    let percents: Vec<i32> = story.poles[0].positions.iter().map(|(_, percent)| *percent).collect();
    assert_eq!((percents, story.poles[0].upper_birthday), (vec![10, 100, 20], 7));
    assert_eq!(story.poles[0].opened_on.to_string(), "2021-01-04");
    let places = &story.poles[0].places;
    assert_eq!(places.iter().filter(|place| matches!(place.kind, "epci" | "commune")).count(), 12);
    assert!(places.iter().all(|place| is_known(TerritoryKind::Commune, place.commune)));
}

#[test]
fn every_code_is_in_its_list() {
    let story = told(200, 5);
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    for pole in &story.poles {
        used.extend(pole.places.iter().map(|place| (lists::ORGANISATION_KIND, place.kind)));
        for request in &pole.requests {
            used.insert((lists::REFERRAL_ORIGIN, request.origin));
            used.insert((lists::REFERRAL_CHANNEL, request.channel));
            used.extend(request.needs.iter().map(|need| (lists::REFERRAL_NEED, *need)));
            used.extend(request.domain.map(|code| (lists::NEED_DOMAIN, code)));
            used.extend(request.recognition.map(|code| (lists::RECOGNITION_STATUS, code)));
            used.extend(request.childcare.map(|(code, _)| (lists::CHILDCARE_TYPE, code)));
        }
    }
    for event in &story.events {
        match &event.deed {
            EventKind::Decline(reason) => drop(used.insert((lists::REFERRAL_DECISION_REASON, reason))),
            EventKind::Step(step) => drop(used.insert((lists::CASE_STEP, step))),
            EventKind::Close(outcome) => drop(used.insert((lists::CASE_OUTCOME, outcome))),
            EventKind::Settle { childcare, .. } => drop(used.insert((lists::CHILDCARE_TYPE, childcare))),
            EventKind::Work(piece) => {
                used.insert((lists::INTERVENTION_TYPE, piece.kind));
                used.insert((lists::INTERVENTION_PLACE, piece.at));
                used.extend(piece.with.iter().map(|(kind, _)| (lists::PARTICIPANT_TYPE, *kind)));
            }
            _ => {}
        }
    }
    let unknown: Vec<_> = used.into_iter().filter(|(list, code)| !contains(list, code)).collect();
    assert_eq!(unknown, []);
}

/// The program refuses what its rules refuse, to the demonstration too, which then does not start.
#[test]
fn only_an_override_accepts_a_family_from_beside_the_territory() {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    for seed in 0..40 {
        let today = first + chrono::Duration::days(i64::try_from(seed).unwrap() * 9);
        let story = write_story(120, 2, seed, today).unwrap();
        for event in story.events.iter().filter(|event| event.deed == EventKind::Accept(None)) {
            let pole = &story.poles[event.pole];
            let About::Child(child) = pole.requests[event.request].about else { continue };
            let commune = pole.families[pole.children[child].family].commune;
            assert!(commune.starts_with(HOME), "seed {seed} on {today}: accepts a family of {commune}");
        }
    }
}

#[test]
fn what_is_borrowed_is_in_its_lists_and_on_open_days() {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    for seed in 0..20u64 {
        let today = first + chrono::Duration::days(i64::try_from(seed).unwrap() * 19);
        let (children, years) = ([1, 40, 120][usize::try_from(seed % 3).unwrap()], if seed % 20 == 0 { 10 } else { 1 });
        let story = write_story(children, years, seed, today).unwrap();
        let pole = &story.poles[0];
        let rules = pole.lending.rules();
        let told = &pole.lending.borrowings;
        assert!(told.is_sorted_by_key(|borrowing| borrowing.asked_on));
        assert!(told.len() >= 8 * usize::try_from(years).unwrap(), "seed {seed} on {today}: {} borrowings", told.len());
        for borrowing in told {
            let Borrowing { asked_on, starts_on, .. } = *borrowing;
            let said = format!("seed {seed} on {today}: {borrowing:?}");
            assert!(rules.is_open(asked_on) && rules.is_open(starts_on), "{said}");
            assert!(asked_on < today && asked_on < starts_on, "{said}");
            assert!(borrowing.kit < pole.lending.kits.len(), "{said}");
            if let Borrower::Family(family) = borrowing.borrower {
                let of = |event: &&Event| match pole.requests[event.request].about {
                    About::Child(child) => pole.children[child].family == family,
                    About::Place(_) => false,
                };
                let recorded = story.events.iter().filter(|event| event.pole == 0 && event.deed == EventKind::Record);
                assert!(recorded.filter(of).any(|event| event.on < asked_on), "{said}");
            }
            if let Manner::Declined(reason) = borrowing.manner {
                assert!(contains(lists::RESERVATION_REASON, reason), "{said}");
            }
        }
    }
}

#[test]
fn the_kits_are_the_ten_of_the_sources() {
    let story = told(1, 1);
    let (first, second) = (&story.poles[0].lending, &story.poles[1].lending);
    assert_eq!((first.kits.len(), second.kits.len(), second.borrowings.len()), (10, 3, 0));
    assert_eq!((first.kits[4].title_fr.as_str(), first.kits[4].title_en.as_str()), ("Sensorielle", "Sensory"));
    for kit in first.kits.iter().chain(&second.kits) {
        assert!((4..=8).contains(&kit.items.len()) && (1..=3).contains(&kit.copies.len()), "{kit:?}");
        for category in ["book", "cd", "adapted_toy"] {
            assert!(kit.items.iter().any(|item| item.category == category), "{kit:?}");
        }
        let themes = kit.themes.iter().map(|code| (lists::KIT_THEME, code.as_str()));
        let audiences = kit.audiences.iter().map(|code| (lists::KIT_AUDIENCE, code.as_str()));
        let categories = kit.items.iter().map(|item| (lists::KIT_ITEM_CATEGORY, item.category));
        let conditions = kit.copies.iter().map(|copy| (lists::KIT_CONDITION, copy.condition));
        let unknown = themes.chain(audiences).chain(categories).chain(conditions);
        assert_eq!(unknown.filter(|(list, code)| !contains(list, code)).collect::<Vec<_>>(), []);
        assert!(kit.items.iter().all(|item| item.quantity > 0), "{kit:?}");
    }
    let summers: Vec<String> = first.closings.iter().map(|(from, to)| format!("{from} {to}")).collect();
    assert_eq!(summers, ["2026-08-03 2026-08-21", "2025-08-04 2025-08-22", "2024-08-05 2024-08-23"]);
}
