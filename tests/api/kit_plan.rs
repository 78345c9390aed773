//! The plan and the reservations always agree, whatever is done in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use passerelle::db::schema::{kit_days, reservations};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::harness::TestApp;
use crate::harness::shelf::Shelf;

/// One thing that somebody does. Numbers name reservations and copies, whichever there are.
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

/// A reservation as the database has it.
#[derive(Debug, Queryable)]
struct Row {
    id: String,
    copy: Option<String>,
    status: String,
    starts_on: NaiveDate,
    blocked_until: NaiveDate,
}

/// Fails unless each reservation that holds a copy keeps all its days and no others, and nobody else keeps any.
pub async fn agree(app: &TestApp, after: &str) {
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
    let mut kept: BTreeMap<String, BTreeSet<(String, NaiveDate)>> = BTreeMap::new();
    for (copy, day, reservation) in days {
        kept.entry(reservation).or_default().insert((copy, day));
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
        assert_eq!(kept.remove(&row.id).unwrap_or_default(), wanted, "{after}: {row:?}");
        if holds {
            spans.entry(copy).or_default().push((row.starts_on, row.blocked_until));
        }
        if row.status == "on_loan" {
            assert!(out.insert(copy), "{after}: a copy is in two pairs of hands: {row:?}");
        }
    }
    assert!(kept.is_empty(), "{after}: days of nobody: {kept:?}");
    for (copy, mut spans) in spans {
        spans.sort_unstable();
        assert!(spans.windows(2).all(|two| two[0].1 < two[1].0), "{after}: {copy} is promised twice: {spans:?}");
    }
}

/// The calendar that is shown says "free" exactly where no day is kept.
async fn shown(app: &TestApp, shelf: &Shelf, after: &str) {
    let from = app.now().date_naive();
    let to = from + chrono::Duration::days(100);
    let path = format!("/v1/kits/{}/availability?from={from}&to={to}", shelf.kit);
    let read = shelf.staff.get(&path).await.expect(200);
    let kept: BTreeSet<(String, NaiveDate)> = app
        .sql(|conn| Ok(kit_days::table.select((kit_days::copy_id, kit_days::day)).load(conn)?.into_iter().collect()))
        .await;
    for copy in read["copies"].as_array().unwrap() {
        for day in copy["days"].as_array().unwrap() {
            let state = day["state"].as_str().unwrap();
            let on: NaiveDate = day["day"].as_str().unwrap().parse().unwrap();
            let taken = kept.contains(&(copy["copy_id"].as_str().unwrap().to_owned(), on));
            match state {
                "free" | "closed" => assert!(!taken, "{after}: {state} on {on}, and kept"),
                "reserved" | "on_loan" => assert!(taken, "{after}: {state} on {on}, and not kept"),
                _ => {}
            }
        }
    }
}

async fn play(app: &TestApp, shelf: &Shelf, asked: &mut Vec<String>, step: &Step) {
    let today = app.now().date_naive();
    let copy = |rank: &Option<usize>| rank.map(|rank| shelf.copies[rank].clone());
    let named = |on: &usize| asked.get(on % asked.len().max(1)).cloned();
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
                asked.push(answer.id());
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
    async fn the_plan_and_the_reservations_always_agree(app: TestApp) {
        let mut runner = TestRunner::deterministic();
        let mut met: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..6 {
            let shelf = Shelf::new(&app, 3).await;
            let mut asked = Vec::new();
            let steps = prop::collection::vec(step(), 60).new_tree(&mut runner).unwrap().current();
            for (number, step) in steps.iter().enumerate() {
                play(&app, &shelf, &mut asked, step).await;
                let after = format!("step {number}, {step:?}");
                agree(&app, &after).await;
                if number % 10 == 9 {
                    shown(&app, &shelf, &after).await;
                }
            }
            for id in &asked {
                *met.entry(shelf.read(id).await["status"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        // A walk that meets nothing proves nothing.
        for status in ["requested", "confirmed", "on_loan", "returned", "cancelled", "declined"] {
            assert!(met.contains_key(status), "no reservation is {status} at the end: {met:?}");
        }
    }

    async fn the_keys_refuse_an_overlap_without_any_turn(app: TestApp) {
        let shelf = Shelf::new(&app, 1).await;
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
        agree(&app, "two refused writes").await;
        assert_eq!(shelf.read(&first).await["status"], "on_loan");
    }
}
