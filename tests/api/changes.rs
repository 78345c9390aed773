//! The feed of changes: complete, in order, each change once even if it commits late, and only readable objects.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use passerelle::auth::{Permission, Role};
use passerelle::db::each;
use passerelle::db::{AnyConn, Id};
use serde_json::{Value, json};

use crate::harness::{Caller, Engine, Response, run};

/// One page after a cursor.
async fn page(caller: &Caller, cursor: &str, more: &str) -> Response {
    let cursor = if cursor.is_empty() { String::new() } else { format!("&cursor={cursor}") };
    caller.get(&format!("/v1/changes?limit=500{more}{cursor}")).await.expect(200)
}

fn next(response: &Response) -> String {
    response["page"]["next_cursor"].as_str().unwrap().to_owned()
}

/// `kind resource` of each change, in the order of the feed.
fn summaries(response: &Response) -> Vec<String> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    response.rows().iter().map(|row| format!("{} {}", text(row, "kind"), text(row, "resource"))).collect()
}

fn nursery(service: Id, name: &str) -> Value {
    json!({"service_id": service, "kind": "eaje", "name": name, "commune_code": "63113"})
}

fn family(service: Id) -> Value {
    json!({
        "service_id": service, "commune_code": "63113",
        "children": [{"given_name": "Zélie", "family_name": "Quintrec", "birth_date": "2023-05-04"}],
        "contacts": [{"relation": "parent", "name": "Anatole Quintrec", "phone": "06 39 98 11 22"}]
    })
}

on_both_databases! {
    async fn the_feed_lists_creations_changes_and_deletions(app: TestApp) {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        let beginning = page(&coordinator, "", "").await;
        assert_eq!(summaries(&beginning), ["created service"]);
        assert_eq!(beginning["page"]["has_more"], false);

        let household = coordinator.post("/v1/households", family(service)).await.expect(201).id();
        let nursery = coordinator.post("/v1/organisations", nursery(service, "Les Lutins")).await.expect(201).id();
        let path = format!("/v1/organisations/{nursery}");
        coordinator.patch(&path, json!({"name": "Les Petits Lutins"})).await.expect(200);
        // A correction that changes nothing is not in the feed.
        coordinator.patch(&path, json!({"name": "Les Petits Lutins"})).await.expect(200);
        coordinator.delete(&format!("{path}?reason=duplicate")).await.expect(204);

        let page_one = page(&coordinator, &next(&beginning), "").await;
        assert_eq!(
            summaries(&page_one),
            [
                "created household",
                "created child",
                "created contact",
                "created organisation",
                "updated organisation",
                "deleted organisation"
            ]
        );
        assert_eq!(page_one.rows()[0]["object_id"], household);
        let reasons: Vec<&Value> = page_one.rows().iter().map(|row| &row["deletion_reason"]).collect();
        assert_eq!(reasons.iter().filter(|reason| reason.is_null()).count(), 5);
        assert_eq!(*reasons[5], "duplicate");
        assert!(page_one.rows().iter().all(|row| row["service_id"] == service.as_str()));
        app.assert_never_stored(&["Quintrec", "Zélie"]);

        // The cursor at the end of the feed stays valid.
        let end = page(&coordinator, &next(&page_one), "").await;
        assert_eq!(summaries(&end), Vec::<String>::new());
        assert_eq!(next(&end), next(&page_one));
        // A refused request is not in the feed.
        coordinator.post("/v1/organisations", json!({"service_id": service})).await.expect(400);
        assert_eq!(summaries(&page(&coordinator, &next(&end), "").await), Vec::<String>::new());
    }

    async fn a_filter_selects_kinds_and_a_cursor_is_bound_to_its_filter(app: TestApp) {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        for rank in 0..5 {
            coordinator.post("/v1/organisations", nursery(service, &format!("Crèche {rank}"))).await.expect(201);
            coordinator.post("/v1/households", family(service)).await.expect(201);
        }
        let first = coordinator.get("/v1/changes?resource=organisation,contact&limit=3").await.expect(200);
        assert_eq!(summaries(&first), ["created organisation", "created contact", "created organisation"]);
        assert_eq!(first["page"]["has_more"], true);
        let rest = page(&coordinator, &next(&first), "&resource=organisation,contact").await;
        assert_eq!(rest.rows().len(), 7);
        coordinator.get(&format!("/v1/changes?cursor={}", next(&first))).await.expect(400).problem("invalid_cursor");
        coordinator.get("/v1/changes?resource=secret").await.expect(400).problem("invalid_parameters");
        let mine = page(&coordinator, "", &format!("&service_id={service}")).await;
        assert_eq!(mine.rows().len(), 1 + 5 + 15);
        let other = app.service().await;
        assert_eq!(page(&coordinator, "", &format!("&service_id={other}")).await.rows().len(), 0);
    }

    async fn a_change_is_visible_to_callers_who_may_read_the_object(app: TestApp) {
        let (service, other) = (app.service().await, app.service().await);
        let coordinator = app.user(service, Role::Coordinator).await;
        let neighbour = app.user(other, Role::Coordinator).await;
        coordinator.post("/v1/households", family(service)).await.expect(201);
        coordinator.post("/v1/organisations", nursery(service, "Les Lutins")).await.expect(201);
        assert_eq!(summaries(&page(&neighbour, "", "").await), ["created service"]);
        let follower = app.client(service, &[Permission::ChangesRead, Permission::OrganisationsRead]).await;
        assert_eq!(summaries(&page(&follower, "", "").await), ["created organisation"]);
        // Permission to read without the feed, then the feed without permission to read anything.
        let reader = app.client(service, &[Permission::OrganisationsRead]).await;
        reader.get("/v1/changes").await.expect(403).problem("forbidden");
        let blind = app.client(service, &[Permission::ChangesRead]).await;
        assert_eq!(summaries(&page(&blind, "", "").await), Vec::<String>::new());
        // With both permissions in two services, the feed covers both.
        let both = app.client_of(&[service, other], &[Permission::ChangesRead, Permission::ServicesRead]).await;
        assert_eq!(summaries(&page(&both, "", "").await), ["created service", "created service"]);
        app.administrator().await.get("/v1/changes").await.expect(403);
    }

    async fn a_reader_misses_nothing_from_concurrent_writers(app: TestApp) {
        const WRITERS: usize = 8;
        const EACH: usize = 12;
        let service = app.service().await;
        let reader = app.user(service, Role::Coordinator).await.at(&app.second_instance().await);
        let writer = app.user(service, Role::Coordinator).await;
        let write = |rank: usize| {
            let writer = writer.clone();
            async move {
                let mut made = BTreeSet::new();
                for n in 0..EACH {
                    let new = nursery(service, &format!("Crèche {rank} {n}"));
                    made.insert(writer.post("/v1/organisations", new).await.expect(201).id());
                }
                made
            }
        };
        let read = async {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            let deadline = std::time::Instant::now() + std::time::Duration::from_mins(2);
            while seen.len() < WRITERS * EACH && std::time::Instant::now() < deadline {
                let response = page(&reader, &cursor, "&resource=organisation").await;
                let text = |row: &Value| row["object_id"].as_str().unwrap().to_owned();
                seen.extend(response.rows().iter().map(text));
                cursor = next(&response);
            }
            assert_eq!(page(&reader, &cursor, "&resource=organisation").await.rows().len(), 0);
            seen
        };
        let (made, seen) = futures_util::future::join(join_all((0..WRITERS).map(write)), read).await;
        let made: BTreeSet<String> = made.into_iter().flatten().collect();
        assert_eq!(seen.len(), WRITERS * EACH, "a change is duplicated or missing");
        assert_eq!(seen.iter().cloned().collect::<BTreeSet<_>>(), made);
        // A second read from the beginning returns the same order.
        let again = page(&reader, "", "&resource=organisation").await;
        let again: Vec<String> = again.rows().iter().map(|row| row["object_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(again, seen);
    }
}

fn statement(conn: &mut AnyConn, sql: &str) {
    each!(conn, c => c.batch_execute(sql)).unwrap();
}

/// A transaction that writes its change first and commits last. PostgreSQL only: SQLite has one writer at a time.
#[test]
fn a_late_commit_is_never_skipped() {
    run(Engine::Postgres, |app| async move {
        let service = app.service().await;
        let reader = app.user(service, Role::Coordinator).await;
        let start = page(&reader, "", "").await;
        let mut cursor = next(&start);
        let mut slow: Vec<(String, AnyConn)> = Vec::new();
        let mut seen = Vec::new();
        for round in 0..12_u32 {
            // An identifier older than all the next ones, in a transaction that stays open for up to three rounds.
            let (id, object) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
            let mut conn = app.database.connect();
            statement(&mut conn, "BEGIN");
            statement(
                &mut conn,
                &format!(
                    "INSERT INTO changes (id, service_id, resource, object_id, kind, happened_at) \
                     VALUES ('{id}', '{service}', 'organisation', '{object}', 'created', '2026-03-02 08:15:00')"
                ),
            );
            slow.push((object.to_string(), conn));
            let new = nursery(service, &format!("Crèche {round}"));
            let quick = reader.post("/v1/organisations", new).await.expect(201).id();
            let response = page(&reader, &cursor, "").await;
            cursor = next(&response);
            let now: Vec<String> =
                response.rows().iter().map(|row| row["object_id"].as_str().unwrap().to_owned()).collect();
            assert!(now.contains(&quick), "a committed change is published at once");
            assert!(slow.iter().all(|(object, _)| !now.contains(object)), "an uncommitted change is not published");
            seen.extend(now);
            if round % 4 == 3 {
                // The transaction started last commits first.
                for (_, conn) in slow.iter_mut().rev() {
                    statement(conn, "COMMIT");
                }
                let late: BTreeSet<String> = slow.drain(..).map(|(object, _)| object).collect();
                let response = page(&reader, &cursor, "").await;
                cursor = next(&response);
                let now: Vec<String> =
                    response.rows().iter().map(|row| row["object_id"].as_str().unwrap().to_owned()).collect();
                assert_eq!(now.iter().cloned().collect::<BTreeSet<_>>(), late, "late changes are in the feed");
                seen.extend(now);
            }
        }
        assert_eq!(seen.len(), 24);
        let all = page(&reader, &next(&start), "").await;
        let all: Vec<String> = all.rows().iter().map(|row| row["object_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(all, seen, "the feed keeps its order");
    });
}
