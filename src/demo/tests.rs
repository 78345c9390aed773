//! Tests of the writer, without a database.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::borrowings::{Behaviour, Borrower, Borrowing};
use super::script::HOME;
use super::story::{About, Event, EventKind, Story};
use super::writer::write_story;
use crate::nomenclatures::{contains, lists};
use crate::territories::{TerritoryKind, is_known};

fn story(children: u32, seed: u64) -> Story {
    write_story(children, 2, seed, NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()).unwrap()
}

#[test]
fn a_seed_gives_one_story() {
    assert_eq!(story(60, 7), story(60, 7));
    assert_ne!(story(60, 7), story(60, 8));
    for children in [1, 2, 5, 41] {
        assert!(story(children, 1).poles[0].children.len() >= children as usize);
    }
}

#[test]
fn events_are_in_order_and_not_in_the_future() {
    let story = story(80, 3);
    assert!(story.events.is_sorted_by_key(|event| event.on));
    assert!(story.events.iter().all(|event| event.on <= story.today));
}

#[test]
fn the_team_comes_from_the_sources() {
    let story = story(1, 1);
    let percents: Vec<i32> = story.poles[0].positions.iter().map(|(_, percent)| *percent).collect();
    assert_eq!((percents, story.poles[0].upper_birthday), (vec![10, 100, 20], 7));
    assert_eq!(story.poles[0].opened_on.to_string(), "2021-01-04");
    let organisations = &story.poles[0].organisations;
    assert_eq!(organisations.iter().filter(|one| matches!(one.kind, "epci" | "commune")).count(), 12);
    assert!(organisations.iter().all(|one| is_known(TerritoryKind::Commune, one.commune)));
}

#[test]
fn every_code_is_in_its_list() {
    let story = story(200, 5);
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    for pole in &story.poles {
        used.extend(pole.organisations.iter().map(|organisation| (lists::ORGANISATION_KIND, organisation.kind)));
        for request in &pole.requests {
            used.insert((lists::REFERRAL_ORIGIN, request.origin));
            used.insert((lists::REFERRAL_CHANNEL, request.channel));
            used.extend(request.needs.iter().map(|need| (lists::REFERRAL_NEED, *need)));
            used.extend(request.need_domain.map(|code| (lists::NEED_DOMAIN, code)));
            used.extend(request.recognition.map(|code| (lists::RECOGNITION_STATUS, code)));
            used.extend(request.childcare.map(|(code, _)| (lists::CHILDCARE_TYPE, code)));
        }
    }
    for event in &story.events {
        match &event.kind {
            EventKind::Decline(reason) => drop(used.insert((lists::REFERRAL_DECISION_REASON, reason))),
            EventKind::Step(step) => drop(used.insert((lists::CASE_STEP, step))),
            EventKind::Close(outcome) => drop(used.insert((lists::CASE_OUTCOME, outcome))),
            EventKind::StartPlacement { childcare, .. } => drop(used.insert((lists::CHILDCARE_TYPE, childcare))),
            EventKind::Intervene(intervention) => {
                used.insert((lists::INTERVENTION_TYPE, intervention.kind));
                used.insert((lists::INTERVENTION_PLACE, intervention.place));
                used.extend(intervention.participants.iter().map(|(kind, _)| (lists::PARTICIPANT_TYPE, *kind)));
            }
            _ => {}
        }
    }
    let unknown: Vec<_> = used.into_iter().filter(|(list, code)| !contains(list, code)).collect();
    assert_eq!(unknown, []);
}

/// Without the override, the API would refuse the acceptance and the demonstration would not start.
#[test]
fn a_family_outside_the_territory_is_accepted_by_an_override_only() {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    for seed in 0..40 {
        let today = first + chrono::Duration::days(i64::try_from(seed).unwrap() * 9);
        let story = write_story(120, 2, seed, today).unwrap();
        for event in story.events.iter().filter(|event| event.kind == EventKind::Accept(None)) {
            let pole = &story.poles[event.pole];
            let About::Child(child) = pole.requests[event.request].about else { continue };
            let commune = pole.families[pole.children[child].family].commune;
            assert!(commune.starts_with(HOME), "seed {seed} on {today}: accepts a family of {commune}");
        }
    }
}

#[test]
fn borrowings_have_valid_codes_and_open_days() {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    for seed in 0..20u64 {
        let today = first + chrono::Duration::days(i64::try_from(seed).unwrap() * 19);
        let (children, years) = ([1, 40, 120][usize::try_from(seed % 3).unwrap()], if seed % 20 == 0 { 10 } else { 1 });
        let story = write_story(children, years, seed, today).unwrap();
        let pole = &story.poles[0];
        let rules = pole.lending.rules();
        let borrowings = &pole.lending.borrowings;
        assert!(borrowings.is_sorted_by_key(|borrowing| borrowing.requested_on));
        assert!(
            borrowings.len() >= 8 * usize::try_from(years).unwrap(),
            "seed {seed} on {today}: {} borrowings",
            borrowings.len()
        );
        for borrowing in borrowings {
            let Borrowing { requested_on, starts_on, .. } = *borrowing;
            let context = format!("seed {seed} on {today}: {borrowing:?}");
            assert!(rules.is_open(requested_on) && rules.is_open(starts_on), "{context}");
            assert!(requested_on < today && requested_on < starts_on, "{context}");
            assert!(borrowing.kit < pole.lending.kits.len(), "{context}");
            if let Borrower::Family(family) = borrowing.borrower {
                let of = |event: &&Event| match pole.requests[event.request].about {
                    About::Child(child) => pole.children[child].family == family,
                    About::Structure(_) => false,
                };
                let recorded = story.events.iter().filter(|event| event.pole == 0 && event.kind == EventKind::Record);
                assert!(recorded.filter(of).any(|event| event.on < requested_on), "{context}");
            }
            if let Behaviour::Declined(reason) = borrowing.behaviour {
                assert!(contains(lists::RESERVATION_REASON, reason), "{context}");
            }
        }
    }
}

#[test]
fn the_kits_come_from_the_sources() {
    let story = story(1, 1);
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
