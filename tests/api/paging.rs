//! Cursors: random lists, read during concurrent writes. A row that exists at the first page is returned exactly once.

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};
use passerelle::auth::{Permission, Role};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::cases::child;
use crate::harness::{Caller, TestApp};

/// A read of a list: the order, the initial rows, and for each page its limit and the rows added meanwhile. Rows are
/// small numbers, so that many names and dates are equal.
#[derive(Clone, Debug)]
struct Reading {
    sort: usize,
    rows: Vec<u8>,
    pages: Vec<(u8, Vec<u8>)>,
}

fn readings(sorts: usize, number: usize) -> Vec<Reading> {
    let page = (1..4_u8, prop::collection::vec(0..4_u8, 0..3));
    let reading = (0..sorts, prop::collection::vec(0..4_u8, 1..8), prop::collection::vec(page, 12));
    let reading = reading.prop_map(|(sort, rows, pages)| Reading { sort, rows, pages });
    let mut runner = TestRunner::deterministic();
    let mut made: Vec<Reading> = (0..number).map(|_| reading.new_tree(&mut runner).unwrap().current()).collect();
    // Each order at least once.
    for (sort, reading) in made.iter_mut().enumerate().take(sorts) {
        reading.sort = sort;
    }
    made
}

/// Runs a read. `new` returns the request body for a row.
async fn play(app: &TestApp, caller: &Caller, path: &str, sort: &str, reading: &Reading, new: impl Fn(u8) -> Value) {
    let add = async |row: u8| {
        let made = caller.post(path, new(row)).await.expect(201);
        made.json.pointer("/referral/id").or_else(|| made.json.get("id")).unwrap().as_str().unwrap().to_owned()
    };
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for row in &reading.rows {
        seen.insert(add(*row).await, 0);
        // Some rows share an instant.
        app.advance(chrono::Duration::milliseconds(i64::from(row % 2)));
    }
    let mut cursor: Option<String> = None;
    let last_pages = (3, Vec::new());
    for (limit, arriving) in reading.pages.iter().chain(std::iter::repeat(&last_pages)) {
        let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let address = format!("{path}?sort={sort}&limit={limit}{after}");
        let first = after.is_empty();
        // No row is added before the first page is read, so that the initial rows are known.
        let (page, _) = if first {
            let page = caller.get(&address).await;
            (page, join_all(arriving.iter().map(|row| add(*row))).await)
        } else {
            join(caller.get(&address), join_all(arriving.iter().map(|row| add(*row)))).await
        };
        let page = page.expect(200);
        for row in page.rows() {
            if let Some(times) = seen.get_mut(row["id"].as_str().unwrap()) {
                *times += 1;
            }
        }
        cursor = page["page"]["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert!(seen.values().all(|times| *times == 1), "{sort} {reading:?}: {seen:?}");
}

on_both_databases! {
    async fn a_directory_is_read_completely_during_writes(app: TestApp) {
        let sorts = ["name", "-name", "updated_at", "-updated_at"];
        for reading in readings(sorts.len(), 8) {
            let service = app.service().await;
            let caller = app.user(service, Role::Coordinator).await;
            let new = |row: u8| {
                let name = ["Été", "Lutins", "ete", "Zoé"][usize::from(row)];
                json!({"service_id": service.as_str(), "kind": "eaje", "name": name, "commune_code": "63113"})
            };
            play(&app, &caller, "/v1/organisations", sorts[reading.sort], &reading, new).await;
        }
    }

    async fn referrals_are_read_completely_while_others_arrive(app: TestApp) {
        let sorts = ["received_on", "-received_on", "updated_at", "-updated_at"];
        for reading in readings(sorts.len(), 6) {
            let service = app.service().await;
            let caller = app.user(service, Role::Coordinator).await;
            let new = |row: u8| {
                let mut new = child("Exemple");
                new["service_id"] = service.as_str().into();
                new["origin"] = "pmi".into();
                new["channel"] = "phone".into();
                new["needs"] = json!(["find_childcare"]);
                new["received_on"] = format!("2026-02-1{row}").into();
                new
            };
            play(&app, &caller, "/v1/referrals", sorts[reading.sort], &reading, new).await;
        }
    }

    async fn a_cursor_is_valid_for_its_own_list_only(app: TestApp) {
        let service = app.service().await;
        let (caller, colleague) = (app.user(service, Role::Manager).await, app.user(service, Role::Coordinator).await);
        let elsewhere = app.service().await;
        let stranger = app.user(elsewhere, Role::Coordinator).await;
        let both = app.client_of(&[service, elsewhere], &[Permission::OrganisationsRead]).await;
        for name in ["Madame Dupont", "Madame Durand", "Madame Petit"] {
            crate::cases::nursery(&caller, service, name).await;
        }
        let path = "/v1/organisations?limit=1&kind=eaje";
        let cursor = caller.get(path).await.expect(200)["page"]["next_cursor"].as_str().unwrap().to_owned();
        // `limit`, `fields` and `include_total` may change between pages, and another user may use the cursor.
        for same in [
            format!("{path}&cursor={cursor}"),
            format!("/v1/organisations?kind=eaje&include_total=true&limit=2&fields=name&cursor={cursor}"),
        ] {
            assert_eq!(caller.get(&same).await.expect(200).rows()[0]["name"], "Madame Durand");
            assert_eq!(colleague.get(&same).await.expect(200).rows()[0]["name"], "Madame Durand");
            // Callers who see other rows cannot compare theirs with the row that it holds.
            stranger.get(&same).await.expect(400).problem("invalid_cursor");
            both.get(&same).await.expect(400).problem("invalid_cursor");
        }
        let altered = |at: usize| {
            let mut letters: Vec<char> = cursor.chars().collect();
            letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
            letters.into_iter().collect::<String>()
        };
        for other in [
            format!("/v1/organisations?kind=eaje&sort=-name&cursor={cursor}"),
            format!("/v1/organisations?kind=eaje&sort=name&cursor={cursor}"),
            format!("/v1/organisations?kind=camsp&cursor={cursor}"),
            format!("/v1/organisations?cursor={cursor}"),
            format!("/v1/clients?cursor={cursor}"),
            format!("{path}&cursor={}", altered(0)),
            format!("{path}&cursor={}", altered(cursor.len() / 2)),
            format!("{path}&cursor={}", &cursor[1..]),
            format!("{path}&cursor=nonsense"),
        ] {
            caller.get(&other).await.expect(400).problem("invalid_cursor");
        }
    }

    async fn a_lost_cursor_does_not_place_a_name_among_the_rows_of_its_finder(app: TestApp) {
        let (service, mine) = (app.service().await, app.service().await);
        let caller = app.user(service, Role::Coordinator).await;
        for name in ["Madame Dupont", "Madame Petit"] {
            crate::cases::nursery(&caller, service, name).await;
        }
        let path = "/v1/organisations?limit=1";
        let cursor = caller.get(path).await.expect(200)["page"]["next_cursor"].as_str().unwrap().to_owned();
        // The finder inserts names of their own and looks which of them come after the cursor.
        let finder = app.user(mine, Role::Coordinator).await;
        for name in ["Madame Dupond", "Madame Dupont", "Madame Dupuis"] {
            crate::cases::nursery(&finder, mine, name).await;
        }
        let found = finder.get(&format!("{path}&cursor={cursor}")).await.expect(400).problem("invalid_cursor");
        assert!(!found.text().contains("Dup"), "{}", found.text());
        // Identifiers in another case are the same list.
        let own = format!("/v1/organisations?limit=1&service_id={service}");
        let cursor = caller.get(&own).await.expect(200)["page"]["next_cursor"].as_str().unwrap().to_owned();
        let upper = format!("/v1/organisations?limit=1&service_id={}&cursor={cursor}", service.as_str().to_uppercase());
        assert_eq!(caller.get(&upper).await.expect(200).rows()[0]["name"], "Madame Petit");
    }
}
