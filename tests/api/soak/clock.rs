//! The clock jumps, backwards and forwards and over both changes of summer time, between writes: identifiers stay unique,
//! the feed misses nothing, the journal is whole, and tokens expire by the clock.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use futures_util::future::join_all;
use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::audit::{chain, verify};
use crate::harness::{Caller, TestApp};

use super::{print_figures, short_or_long};

/// Where the clock goes, one after the other.
fn jumps() -> Vec<(&'static str, DateTime<Utc>)> {
    let at = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
    let (spring, autumn) = (at("2026-03-29T01:00:00Z"), at("2026-10-25T01:00:00Z"));
    let short = Duration::milliseconds(1);
    vec![
        ("just before summer time", spring - short),
        ("the first instant of summer time", spring),
        ("back by an hour, before summer time", spring - Duration::hours(1)),
        ("forward by two hours", spring + Duration::hours(1)),
        ("back by a day", spring - Duration::hours(23)),
        ("the hour that comes twice, for the first time", autumn - Duration::minutes(30)),
        ("the hour that comes twice, for the second time", autumn + Duration::minutes(30)),
        ("back into the first of the two", autumn - Duration::minutes(20)),
        ("midnight in Paris", at("2026-12-31T23:00:00Z")),
        ("back by an hour, into the old year", at("2026-12-31T22:00:00Z")),
        ("forward by a year", at("2027-12-31T22:00:00Z")),
        ("back by a year and a day", at("2026-12-30T22:00:00Z")),
        ("the last day of February of a leap year", at("2028-02-29T12:00:00Z")),
    ]
}

/// Several writes at once. Returns the identifiers of what they made.
async fn batch(service: Id, staff: &Caller, round: usize, each: usize) -> Vec<String> {
    let organisations = (0..each).map(|rank| async move {
        let name = format!("Crèche {round} {rank}");
        let new = json!({"service_id": service, "kind": "eaje", "name": name, "commune_code": "63113"});
        staff.post("/v1/organisations", new).await.expect(201).id()
    });
    let referrals = (0..each).map(|rank| async move {
        let new = json!({
            "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
            "child": {"identity": {"given_name": format!("Zoé {round}"), "family_name": format!("Exemple {rank}"), "birth_date": "2023-04-05"}},
            "needs": ["find_childcare"]
        });
        let made = staff.post("/v1/referrals", new).await.expect(201);
        made["referral"]["id"].as_str().unwrap().to_owned()
    });
    let (organisations, referrals) = futures_util::future::join(join_all(organisations), join_all(referrals)).await;
    organisations.into_iter().chain(referrals).collect()
}

/// Reads the feed from a cursor to its end.
async fn follow(staff: &Caller, cursor: &mut String, seen: &mut BTreeMap<String, usize>) {
    loop {
        let after = if cursor.is_empty() { String::new() } else { format!("&cursor={cursor}") };
        let path = format!("/v1/changes?limit=500&resource=organisation,referral{after}");
        let page = staff.get(&path).await.expect(200);
        let created = page.rows().iter().filter(|row: &&Value| row["kind"] == "created");
        for row in created {
            *seen.entry(row["object_id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        page["page"]["next_cursor"].as_str().unwrap().clone_into(cursor);
        if page["page"]["has_more"] == false {
            break;
        }
    }
}

fn serve_queues(app: &TestApp) {
    let context = app.context();
    std::thread::scope(|scope| scope.spawn(|| passerelle::lending::queue::ops::serve_all(context)).join())
        .expect("the job does not panic")
        .expect("the job succeeds");
}

on_both_databases! {
    async fn jumps_of_the_clock_lose_and_double_nothing(app: TestApp) {
        let service = app.service().await;
        let staff = app.user(service, Role::Coordinator).await;
        // A follower on another instance, with caches of its own.
        let follower = staff.clone().at(&app.second_instance().await);
        let (mut made, mut seen, mut cursor) = (BTreeSet::new(), BTreeMap::new(), String::new());
        let mut kept_tokens = Vec::new();
        let rounds = jumps().len() * short_or_long(1, 20);
        for (round, (name, instant)) in jumps().into_iter().cycle().take(rounds).enumerate() {
            let before = app.now();
            let held = app.anonymous().with_header("Authorization", &format!("Bearer {}", staff.token()));
            let key = format!("key-{round}");
            let keyed = staff.clone().with_header("Idempotency-Key", &key);
            let new = json!({"service_id": service, "kind": "eaje", "name": format!("Clef {round}"), "commune_code": "63113"});
            let first = keyed.post("/v1/organisations", new.clone()).await.expect(201).id();
            made.insert(first.clone());

            app.clock.set(instant);
            // A token that has expired by the clock is refused. After a jump backwards one has not expired yet.
            let is_expired = instant >= before + Duration::minutes(10);
            let status = held.get("/v1/services").await.status;
            assert_eq!(status, if is_expired { 401 } else { 200 }, "{name}: a token of {before}");
            if !is_expired {
                kept_tokens.push(name);
                // The stored response has not expired either.
                let again = keyed.post("/v1/organisations", new).await.expect(201).id();
                assert_eq!(again, first, "{name}: the same key");
            }
            staff.get("/v1/services").await.expect(200);

            for id in batch(service, &staff, round, short_or_long(3, 8)).await {
                assert!(made.insert(id.clone()), "{name}: the identifier {id} was given twice");
            }
            serve_queues(&app);
            follow(&follower, &mut cursor, &mut seen).await;
            let heads = chain(&app);
            let report = verify(&app, &heads).await;
            assert_eq!((report.tampering, report.unchained), (vec![], 0), "{name}");
            let read = staff.get(&format!("/v1/organisations/{first}")).await.expect(200);
            assert_eq!(read["id"], first);
        }
        follow(&follower, &mut cursor, &mut seen).await;
        let missed: Vec<_> = made.iter().filter(|id| !seen.contains_key(*id)).collect();
        let doubled: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
        let name = format!("clock: {:?}, the clock of the tests", app.database.engine());
        print_figures(&name, &[
            ("jumps", rounds.to_string()),
            ("created, and seen in the feed", format!("{}, {}", made.len(), seen.len())),
            ("missed by the follower", missed.len().to_string()),
            ("seen twice", doubled.len().to_string()),
            ("tokens that a jump backwards keeps", kept_tokens.len().to_string()),
        ]);
        assert!(missed.is_empty() && doubled.is_empty(), "missed {missed:?}, twice {doubled:?}");
    }
}
