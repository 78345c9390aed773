//! `kit_days` and the reservations agree after any sequence of actions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use passerelle::db::schema::{kit_days, reservations};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::harness::TestApp;
use crate::harness::lending_service::LendingService;

/// One step of a random sequence. Numbers pick a reservation or a copy among those that exist.
#[derive(Clone, Debug)]
enum Step {
    Book { ahead: i64, days: Option<i64>, copy: Option<usize>, if_taken: &'static str },
    Act { on: usize, action: &'static str },
    Extend { on: usize, days: i64 },
    Move { on: usize, ahead: Option<i64>, copy: Option<usize> },
    Return { on: usize },
    Settings { buffer: i64, closed: BTreeSet<u8> },
    Withdraw(usize),
    PutBack(usize),
    Pass { days: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let (on, copy) = (0usize..40, prop::option::of(0usize..3));
    let action =
        prop::sample::select(vec!["confirm", "confirm", "hand-out", "hand-out", "cancel", "decline", "not-collected"]);
    prop_oneof![
        6 => (0i64..50, prop::option::of(1i64..40), copy.clone(), prop::sample::select(vec!["refuse", "wait", "decline"]))
            .prop_map(|(ahead, days, copy, if_taken)| Step::Book { ahead, days, copy, if_taken }),
        8 => (on.clone(), action).prop_map(|(on, action)| Step::Act { on, action }),
        2 => (on.clone(), 1i64..20).prop_map(|(on, days)| Step::Extend { on, days }),
        3 => (on.clone(), prop::option::of(0i64..50), copy).prop_map(|(on, ahead, copy)| Step::Move { on, ahead, copy }),
        4 => on.prop_map(|on| Step::Return { on }),
        1 => (0i64..4, prop::collection::btree_set(1u8..=7, 0..3)).prop_map(|(buffer, closed)| Step::Settings { buffer, closed }),
        1 => (0usize..3).prop_map(Step::Withdraw),
        1 => (0usize..3).prop_map(Step::PutBack),
        3 => (0i64..9).prop_map(|days| Step::Pass { days }),
    ]
}

/// A reservation as it is stored.
#[derive(Debug, Queryable)]
struct Row {
    id: String,
    copy: Option<String>,
    status: String,
    starts_on: NaiveDate,
    blocked_until: NaiveDate,
}

/// Fails unless each reservation that has a copy takes exactly its days, and no other day is taken.
pub async fn assert_consistent(app: &TestApp, after: &str) {
    let (rows, days) = app
        .sql(|conn| {
            let rows: Vec<Row> = reservations::table
                .select((
                    reservations::id,
                    reservations::copy_id,
                    reservations::status,
                    reservations::starts_on,
                    reservations::blocked_until,
                ))
                .load(conn)?;
            let days: Vec<(String, NaiveDate, String)> =
                kit_days::table.select((kit_days::copy_id, kit_days::day, kit_days::reservation_id)).load(conn)?;
            Ok((rows, days))
        })
        .await;
    let mut taken: BTreeMap<String, BTreeSet<(String, NaiveDate)>> = BTreeMap::new();
    for (copy, day, reservation) in days {
        taken.entry(reservation).or_default().insert((copy, day));
    }
    let mut out: BTreeSet<&str> = BTreeSet::new();
    let mut spans: BTreeMap<&str, Vec<(NaiveDate, NaiveDate)>> = BTreeMap::new();
    for row in &rows {
        let holds = ["requested", "proposed", "confirmed", "on_loan", "returned"].contains(&row.status.as_str());
        let copy = row.copy.as_deref().unwrap_or_default();
        let wanted: BTreeSet<(String, NaiveDate)> = row
            .starts_on
            .iter_days()
            .take_while(|day| holds && *day <= row.blocked_until)
            .map(|day| (copy.to_owned(), day))
            .collect();
        assert_eq!(taken.remove(&row.id).unwrap_or_default(), wanted, "{after}: {row:?}");
        if holds {
            spans.entry(copy).or_default().push((row.starts_on, row.blocked_until));
        }
        if row.status == "on_loan" {
            assert!(out.insert(copy), "{after}: a copy has two current loans: {row:?}");
        }
    }
    assert!(taken.is_empty(), "{after}: days without a reservation: {taken:?}");
    for (copy, mut spans) in spans {
        spans.sort_unstable();
        assert!(
            spans.windows(2).all(|two| two[0].1 < two[1].0),
            "{after}: two reservations of {copy} overlap: {spans:?}"
        );
    }
}

/// Fails unless the availability says that a day is free exactly if it is not taken.
async fn assert_availability(app: &TestApp, shelf: &LendingService, after: &str) {
    let from = app.now().date_naive();
    let to = from + chrono::Duration::days(100);
    let path = format!("/v1/kits/{}/availability?from={from}&to={to}", shelf.kit);
    let read = shelf.staff.get(&path).await.expect(200);
    let all_taken: BTreeSet<(String, NaiveDate)> = app
        .sql(|conn| Ok(kit_days::table.select((kit_days::copy_id, kit_days::day)).load(conn)?.into_iter().collect()))
        .await;
    for copy in read["copies"].as_array().unwrap() {
        for day in copy["days"].as_array().unwrap() {
            let state = day["state"].as_str().unwrap();
            let on: NaiveDate = day["day"].as_str().unwrap().parse().unwrap();
            let taken = all_taken.contains(&(copy["copy_id"].as_str().unwrap().to_owned(), on));
            match state {
                "free" | "closed" => assert!(!taken, "{after}: {state} on {on}, but taken"),
                "reserved" | "on_loan" => assert!(taken, "{after}: {state} on {on}, but not taken"),
                _ => {}
            }
        }
    }
}

async fn play(app: &TestApp, shelf: &LendingService, made: &mut Vec<String>, step: &Step) {
    let today = app.now().date_naive();
    let copy = |rank: &Option<usize>| rank.map(|rank| shelf.copies[rank].clone());
    let named = |on: &usize| made.get(on % made.len().max(1)).cloned();
    let answer = match step {
        Step::Pass { days } => {
            app.advance(chrono::Duration::days(*days));
            return;
        }
        Step::Book { ahead, days, copy: rank, if_taken } => {
            let starts_on = today + chrono::Duration::days(*ahead);
            let mut request = shelf.request(&starts_on.to_string());
            request["if_taken"] = json!(if_taken);
            if let Some(days) = days {
                request["due_on"] = (starts_on + chrono::Duration::days(*days)).to_string().into();
            }
            if let Some(copy) = copy(rank) {
                request["copy_id"] = copy.into();
            }
            let answer = shelf.ask(request).await;
            if answer.status == 201 {
                made.push(answer.id());
            }
            answer
        }
        Step::Act { on, action } => {
            let Some(id) = named(on) else { return };
            let body = match *action {
                "decline" => Some(json!({"reason": "not_suitable"})),
                "cancel" | "hand-out" => Some(json!({})),
                _ => None,
            };
            shelf.act(&id, action, body).await
        }
        Step::Extend { on, days } => {
            let Some(id) = named(on) else { return };
            let due: NaiveDate = shelf.read(&id).await["due_on"].as_str().unwrap().parse().unwrap();
            let due_on = due + chrono::Duration::days(*days);
            shelf.act(&id, "extend", Some(json!({"due_on": due_on}))).await
        }
        Step::Move { on, ahead, copy: rank } => {
            let Some(id) = named(on) else { return };
            let mut body = json!({});
            if let Some(ahead) = ahead {
                body["starts_on"] = (today + chrono::Duration::days(*ahead)).to_string().into();
            }
            if let Some(copy) = copy(rank) {
                body["copy_id"] = copy.into();
            }
            shelf.act(&id, "move", Some(body)).await
        }
        Step::Return { on } => {
            let Some(id) = named(on) else { return };
            shelf.act(&id, "return", Some(json!({"check": shelf.counted([3, 1])}))).await
        }
        Step::Settings { buffer, closed } => {
            let path = format!("/v1/services/{}/kit-settings", shelf.service);
            shelf.staff.patch(&path, json!({"buffer_days": buffer, "closed_weekdays": closed})).await
        }
        Step::Withdraw(rank) => {
            let path = format!("/v1/kit-copies/{}/withdraw", shelf.copies[*rank]);
            shelf.staff.post(&path, json!({"reason": "En réparation"})).await
        }
        Step::PutBack(rank) => {
            let path = format!("/v1/kit-copies/{}/put-back", shelf.copies[*rank]);
            shelf.staff.post(&path, json!({"condition": "good"})).await
        }
    };
    assert!([200, 201, 409, 422].contains(&answer.status), "{step:?}: {} {}", answer.status, answer.text());
}

on_both_databases! {
    async fn taken_days_and_reservations_agree_after_any_sequence(app: TestApp) {
        let mut runner = TestRunner::deterministic();
        let mut reached: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..6 {
            let shelf = LendingService::new(&app, 3).await;
            let mut made = Vec::new();
            let steps = prop::collection::vec(step(), 60).new_tree(&mut runner).unwrap().current();
            for (number, step) in steps.iter().enumerate() {
                play(&app, &shelf, &mut made, step).await;
                let after = format!("step {number}, {step:?}");
                assert_consistent(&app, &after).await;
                if number % 10 == 9 {
                    assert_availability(&app, &shelf, &after).await;
                }
            }
            for id in &made {
                *reached.entry(shelf.read(id).await["status"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        // The sequences must reach these states, or the test would prove nothing.
        for status in ["requested", "confirmed", "on_loan", "returned", "cancelled", "declined"] {
            assert!(reached.contains_key(status), "no reservation is {status} at the end: {reached:?}");
        }
    }

    async fn the_keys_refuse_an_overlap_without_the_lock(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let (first, second) = (shelf.lent("2026-03-02").await, shelf.confirmed("2026-04-13").await);
        let day = format!(
            "INSERT INTO kit_days (copy_id, day, reservation_id) VALUES ('{}', '2026-03-10', '{second}')", shelf.copies[0]
        );
        let hand_out = format!("UPDATE reservations SET status = 'on_loan', handed_out_on = '2026-03-02' WHERE id = '{second}'");
        for sql in [day, hand_out] {
            let refused = app.database.execute(&sql).unwrap_err();
            let kind = match &refused {
                diesel::result::Error::DatabaseError(kind, _) => format!("{kind:?}"),
                other => other.to_string(),
            };
            assert_eq!(kind, "UniqueViolation", "{sql}: {refused}");
        }
        assert_consistent(&app, "two refused writes").await;
        assert_eq!(shelf.read(&first).await["status"], "on_loan");
    }
}
