//! The audit journal: its content, its readers, and the detection of tampering.

use passerelle::auth::{Permission, PrincipalId, Role};
use passerelle::db::Id;
use passerelle::journal::{self, HeadFile, Report, Tampering};
use serde_json::{Value, json};

use crate::harness::{Caller, Database, Engine, Response, TestApp, run};

fn family(service: Id) -> Value {
    json!({
        "service_id": service, "commune_code": "63113",
        "children": [{"given_name": "Zélie", "family_name": "Quintrec", "birth_date": "2023-05-04"}]
    })
}

fn nursery(service: Id, name: &str) -> Value {
    json!({"service_id": service, "kind": "eaje", "name": name, "commune_code": "63113"})
}

/// The latest events that a reader sees, oldest first.
async fn events(reader: &Caller, filter: &str) -> Response {
    let mut response = reader.get(&format!("/v1/audit-events?limit=500{filter}")).await.expect(200);
    response.json["data"].as_array_mut().unwrap().reverse();
    response
}

/// `operation outcome code` of each event.
fn summaries(response: &Response) -> Vec<String> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or("-").to_owned();
    response
        .rows()
        .iter()
        .map(|row| format!("{} {} {}", text(row, "operation"), text(row, "outcome"), text(row, "code")))
        .collect()
}

on_both_databases! {
    async fn every_write_and_every_read_of_a_child_is_in_the_journal(app: TestApp) {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        let manager = app.user(service, Role::Manager).await;
        let made = coordinator.post("/v1/households", family(service)).await.expect(201);
        let (household, child) = (made.id(), made["children"][0]["id"].as_str().unwrap().to_owned());
        coordinator.get(&format!("/v1/children/{child}")).await.expect(200);
        let place = coordinator.post("/v1/organisations", nursery(service, "Les Lutins")).await.expect(201).id();
        // Reads of open data and settings are not journaled.
        coordinator.get("/v1/organisations").await.expect(200);
        coordinator.get(&format!("/v1/services/{service}")).await.expect(200);
        let seen = events(&manager, "").await;
        assert_eq!(
            summaries(&seen),
            [
                // The service and the roles of its two users.
                "local done -",
                "local done -",
                "local done -",
                "POST /v1/households done -",
                "GET /v1/children/{id} done -",
                "POST /v1/organisations done -"
            ]
        );
        let write = &seen.rows()[3];
        assert_eq!(write["principal"], coordinator.id.unwrap().to_string());
        assert_eq!(write["service_id"], service.as_str());
        assert_eq!(write["request_id"], made.header("x-request-id"));
        assert_eq!(write["opened"], json!([household]));
        assert_eq!(write["changed"][0], json!({"resource": "household", "id": household, "kind": "created", "before": null, "after": null}));
        assert_eq!(write["changed"][1], json!({"resource": "child", "id": child, "kind": "created", "before": null, "after": null}));
        let read = &seen.rows()[4];
        assert_eq!(read["opened"], json!([household]));
        assert_eq!(read["target_id"], child.as_str());
        assert_eq!(read["changed"], json!([]));
        app.assert_never_stored(&["Quintrec", "Zélie"]);

        // Reading the journal is in the journal.
        let again = events(&manager, "").await;
        assert_eq!(summaries(&again).last().unwrap(), "GET /v1/audit-events done -");
        assert_eq!(again.rows().last().unwrap()["principal"], manager.id.unwrap().to_string());

        // Events about this child, and about this organisation.
        let about = events(&manager, &format!("&object_id={household}")).await;
        assert_eq!(summaries(&about), ["POST /v1/households done -", "GET /v1/children/{id} done -"]);
        let about = events(&manager, &format!("&object_id={place}&resource=organisation")).await;
        assert_eq!(summaries(&about), ["POST /v1/organisations done -"]);
        assert_eq!(summaries(&events(&manager, "&resource=case").await), Vec::<String>::new());
        let by = events(&manager, &format!("&principal={}&operation=GET%20/v1/children/%7Bid%7D", coordinator.id.unwrap())).await;
        assert_eq!(by.rows().len(), 1);
        assert_eq!(events(&manager, "&from=2026-03-02T08:15:00.000001Z").await.rows().len(), 0);
        assert_eq!(events(&manager, "&outcome=refused").await.rows().len(), 0);
    }

    async fn reads_of_coded_data_of_a_child_are_journaled_like_those_of_sealed_data(app: TestApp) {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        let manager = app.user(service, Role::Manager).await;
        let place = coordinator.post("/v1/organisations", nursery(service, "Les Lutins")).await.expect(201).id();
        let referral = json!({
            "service_id": service, "subject": "child", "origin": "family", "channel": "phone", "commune_code": "63113",
            "child": {"identity": {"given_name": "Zélie", "family_name": "Quintrec", "birth_date": "2023-05-04"}},
            "needs": ["find_childcare"]
        });
        let made = coordinator.post("/v1/referrals", referral).await.expect(201);
        let made = &made["referral"];
        let (id, household) = (made["id"].as_str().unwrap(), made["household_id"].as_str().unwrap());
        let accepted = coordinator.post(&format!("/v1/referrals/{id}/accept"), json!({})).await.expect(200);
        let case = accepted["case_id"].as_str().unwrap().to_owned();
        let placement = json!({"organisation_id": place, "childcare_type": "micro_creche", "starts_on": "2026-03-02"});
        let placement = coordinator.post(&format!("/v1/cases/{case}/placements"), placement).await.expect(201).id();
        let paths = [
            format!("/v1/referrals/{id}"),
            format!("/v1/referrals?service_id={service}"),
            format!("/v1/referrals/{id}/history"),
            format!("/v1/cases/{case}"),
            format!("/v1/cases?service_id={service}"),
            format!("/v1/cases/{case}/steps"),
            format!("/v1/cases/{case}/interventions"),
            format!("/v1/cases/{case}/placements"),
            format!("/v1/cases/{case}/history"),
            format!("/v1/placements/{placement}"),
            format!("/v1/households/{household}"),
        ];
        for path in paths {
            let before = events(&manager, &format!("&object_id={household}")).await.rows().len();
            coordinator.get(&path).await.expect(200);
            let after = events(&manager, &format!("&object_id={household}")).await;
            assert_eq!(after.rows().len(), before + 1, "{path}");
            assert_eq!(after.rows().last().unwrap()["opened"], json!([household]), "{path}");
        }
    }

    async fn a_refusal_is_in_the_journal_of_the_caller_s_service(app: TestApp) {
        let (service, other) = (app.service().await, app.service().await);
        let coordinator = app.user(service, Role::Coordinator).await;
        let stranger = app.user(other, Role::Coordinator).await;
        let household = coordinator.post("/v1/households", family(service)).await.expect(201).id();
        stranger.get(&format!("/v1/households/{household}")).await.expect(404);
        stranger.get("/v1/clients").await.expect(403);
        stranger.get("/v1/nowhere").await.expect(404);
        app.anonymous().get("/v1/households/none").await.expect(401);
        let forged = app.anonymous().with_header("Authorization", "Bearer forged");
        forged.get(&format!("/v1/households/{household}")).await.expect(401);
        let form = [("grant_type", "password"), ("username", "nobody@example.org"), ("password", "a wrong phrase")];
        app.anonymous().post_form("/oauth/token", &form).await.expect(400);

        let theirs = events(&app.user(other, Role::Manager).await, "&outcome=refused").await;
        assert_eq!(
            summaries(&theirs),
            ["GET /v1/households/{id} refused not_found", "GET /v1/clients refused forbidden"]
        );
        assert_eq!(theirs.rows()[0]["target_id"], household.as_str());
        assert_eq!(theirs.rows()[0]["principal"], stranger.id.unwrap().to_string());
        // The service of the household does not see the attempts made from another service.
        assert_eq!(events(&app.user(service, Role::Manager).await, "&outcome=refused").await.rows().len(), 0);
        let anonymous = events(&app.administrator().await, "&outcome=refused").await;
        assert_eq!(
            summaries(&anonymous),
            ["GET /v1/households/{id} refused unauthenticated", "POST /oauth/token refused invalid_grant"]
        );
        assert!(anonymous.rows().iter().all(|row| row["principal"] == "anonymous" && row["service_id"].is_null()));
        app.assert_never_stored(&["nobody@example.org", "a wrong phrase"]);
    }

    async fn a_manager_reads_their_service_and_an_administrator_the_deployment(app: TestApp) {
        let (service, other) = (app.service().await, app.service().await);
        let coordinator = app.user(service, Role::Coordinator).await;
        coordinator.post("/v1/households", family(service)).await.expect(201);
        coordinator.get("/v1/audit-events").await.expect(403).problem("forbidden");
        let elsewhere = app.user(other, Role::Manager).await;
        let seen = events(&elsewhere, "").await;
        assert!(seen.rows().iter().all(|row| row["service_id"] == other.as_str()), "{}", seen.text());
        assert_eq!(events(&elsewhere, &format!("&service_id={service}")).await.rows().len(), 0);
        let administrator = app.administrator().await;
        let seen = events(&administrator, "").await;
        assert!(seen.rows().iter().all(|row| row["service_id"].is_null()), "{}", seen.text());
        assert_eq!(events(&administrator, &format!("&service_id={service}")).await.rows().len(), 0);
        let collector = app.client(service, &[Permission::AuditRead]).await;
        assert!(!events(&collector, "").await.rows().is_empty());
        // Pages follow one another without a gap.
        let (mut ids, mut path) = (Vec::new(), "/v1/audit-events?limit=2".to_owned());
        while !path.is_empty() {
            let page = collector.get(&path).await.expect(200);
            ids.extend(page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            let link = page.header("link").trim_start_matches('<').split('>').next().unwrap_or_default().to_owned();
            path = if ids.len() < 20 { link } else { String::new() };
        }
        let mut sorted = ids.clone();
        sorted.sort_by(|a, b| b.cmp(a));
        sorted.dedup();
        assert_eq!(ids, sorted);
    }

    async fn without_a_journal_every_request_fails_and_nothing_is_written(app: TestApp) {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        let household = coordinator.post("/v1/households", family(service)).await.expect(201).id();
        app.database.execute("ALTER TABLE audit_events RENAME TO elsewhere").unwrap();
        let path = format!("/v1/households/{household}");
        let refused = coordinator.get(&path).await.expect(503).problem("unavailable");
        assert!(!refused.text().contains("Quintrec"));
        let before = app.database.counts();
        coordinator.post("/v1/households", family(service)).await.expect(503).problem("unavailable");
        assert_eq!(app.database.counts(), before);
        coordinator.get(&format!("/v1/households/{}", uuid::Uuid::now_v7())).await.expect(503).problem("unavailable");
        app.database.execute("ALTER TABLE elsewhere RENAME TO audit_events").unwrap();
        coordinator.get(&path).await.expect(200);
    }

    async fn the_database_refuses_to_rewrite_the_journal(app: TestApp) {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        coordinator.post("/v1/households", family(service)).await.expect(201);
        let attempts = |sql: &'static [&'static str]| {
            for sql in sql {
                let refused = app.database.execute(sql).unwrap_err().to_string();
                assert!(refused.contains("audit_events is append-only"), "{sql}: {refused}");
            }
        };
        attempts(&[
            "UPDATE audit_events SET principal = 'local'",
            "UPDATE audit_events SET address = '192.0.2.1', position = 7, link = '00'",
            "UPDATE audit_events SET position = NULL",
            "DELETE FROM audit_events",
        ]);
        chain(&app);
        attempts(&["UPDATE audit_events SET position = position + 100", "UPDATE audit_events SET link = '00'"]);
        assert_eq!(verify(&app, &[]).await.tampering, []);
    }

    async fn a_late_event_is_chained_by_the_next_run(app: TestApp) {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        for rank in 0..3 {
            coordinator.post("/v1/organisations", nursery(service, &format!("Crèche {rank}"))).await.expect(201);
            if rank < 2 {
                chain(&app);
            }
        }
        let report = verify(&app, &[]).await;
        // The chain of the service has its creation, a role and three organisations; that of the deployment, the account.
        assert_eq!((report.events, report.unchained, report.chains), (5, 1, 2), "{report:?}");
        chain(&app);
        let report = verify(&app, &[]).await;
        assert_eq!((report.events, report.unchained), (6, 0));
        assert_eq!(report.tampering, []);
    }
}

/// Chains the events, as the job does, and returns the heads written to the file.
pub fn chain(app: &TestApp) -> Vec<journal::Head> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("heads.jsonl");
    chain_into(app, &path);
    let (heads, unreadable) = HeadFile::read(&path).unwrap();
    assert_eq!(unreadable, 0);
    heads
}

/// Chains the events, and writes the heads to a file.
pub fn chain_into(app: &TestApp, path: &std::path::Path) {
    let mut file = HeadFile::open(path).unwrap();
    // Chaining blocks on the database, so it runs outside the event loop.
    let context = app.context();
    std::thread::scope(|scope| {
        let chaining = scope.spawn(|| context.journal.chain(&mut file, context.now()));
        chaining.join().unwrap().unwrap();
    });
}

pub async fn verify(app: &TestApp, heads: &[journal::Head]) -> Report {
    let heads = heads.to_vec();
    app.context().read(PrincipalId::Local, move |work| journal::verify(work, &heads)).await.unwrap()
}

/// Drops the triggers that protect the journal, as an administrator of the database could.
pub fn drop_the_guards(database: &Database) {
    let statements: &[&str] = match database.engine() {
        Engine::Sqlite => &["DROP TRIGGER audit_events_no_delete", "DROP TRIGGER audit_events_chained_once"],
        Engine::Postgres => &[
            "DROP TRIGGER audit_events_append_only ON audit_events",
            "DROP TRIGGER audit_events_chained_once ON audit_events",
        ],
    };
    for sql in statements {
        database.execute(sql).unwrap();
    }
}

/// A journal of one service with a chain of this length.
async fn journal_of(app: &TestApp, length: usize) -> (Id, Vec<journal::Head>) {
    let service = app.service().await;
    let coordinator = app.user(service, Role::Coordinator).await;
    // The first events are the creation of the service and the role of its coordinator.
    for rank in 2..length {
        coordinator.post("/v1/organisations", nursery(service, &format!("Crèche {rank}"))).await.expect(201);
    }
    let heads = chain(app);
    assert_eq!(verify(app, &heads).await.tampering, []);
    (service, heads)
}

const LENGTH: i64 = 7;

on_both_databases! {
    async fn a_changed_event_is_found_wherever_it_is(app: TestApp) {
        let (service, heads) = journal_of(&app, 7).await;
        drop_the_guards(&app.database);
        let chain = service.to_string();
        for position in 1..=LENGTH {
            let at = format!("WHERE chain = '{service}' AND position = {position}");
            for (column, changed) in [
                ("principal", "'user:somebody-else'"),
                ("operation", "'GET /v1/elsewhere'"),
                ("request_id", "'another'"),
                ("outcome", "'refused'"),
                ("code", "''"),
                ("target_id", "'0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60'"),
                ("changed", "''"),
                ("opened", "' 0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60'"),
                ("address", "'192.0.2.1'"),
                ("happened_at", "'2026-03-02 08:15:01'"),
            ] {
                let sql = format!("SELECT coalesce('''' || {column} || '''', 'NULL') AS text FROM audit_events {at}");
                let sql = if app.database.engine() == Engine::Postgres {
                    sql.replace(&format!("|| {column} ||"), &format!("|| {column}::text ||"))
                } else {
                    sql
                };
                let was = app.database.texts(&sql)[0].clone();
                if was == changed {
                    continue;
                }
                app.database.execute(&format!("UPDATE audit_events SET {column} = {changed} {at}")).unwrap();
                let found = verify(&app, &heads).await.tampering;
                assert_eq!(found.len(), 1, "{column} at {position}: {found:?}");
                assert!(
                    matches!(&found[0], Tampering::Altered { chain: of, position: at, .. } if *of == chain && *at == position),
                    "{column} at {position}: {found:?}"
                );
                app.database.execute(&format!("UPDATE audit_events SET {column} = {was} {at}")).unwrap();
            }
        }
        assert_eq!(verify(&app, &heads).await.tampering, []);
    }

    async fn a_deleted_event_is_found_wherever_it_was(app: TestApp) {
        let (service, heads) = journal_of(&app, 7).await;
        drop_the_guards(&app.database);
        // Deletes one more event each time, from the end to the beginning.
        for position in (1..LENGTH).rev() {
            app.database.execute(&format!("DELETE FROM audit_events WHERE chain = '{service}' AND position = {position}")).unwrap();
            let found = verify(&app, &heads).await.tampering;
            let gone = Tampering::Missing { chain: service.to_string(), first: position, last: LENGTH - 1 };
            assert_eq!(found, [gone]);
        }
        // Renumbering to close the gap is detected at its position.
        app.database.execute(&format!("UPDATE audit_events SET position = 1 WHERE chain = '{service}'")).unwrap();
        let found = verify(&app, &heads).await.tampering;
        assert!(found.iter().any(|one| matches!(one, Tampering::Altered { position: 1, .. })), "{found:?}");
        assert!(found.iter().any(|one| matches!(one, Tampering::Truncated { count: 1, known: LENGTH, .. })), "{found:?}");
    }

    async fn two_swapped_events_are_found(app: TestApp) {
        let (service, heads) = journal_of(&app, 7).await;
        drop_the_guards(&app.database);
        for (one, other) in [(1, 2), (3, 6), (6, 7)] {
            let swap = |from: i64, to: i64| {
                let sql = format!("UPDATE audit_events SET position = {to} WHERE chain = '{service}' AND position = {from}");
                app.database.execute(&sql).unwrap();
            };
            let exchange = || {
                swap(one, 1000);
                swap(other, one);
                swap(1000, other);
            };
            exchange();
            let found = verify(&app, &heads).await.tampering;
            for place in [one, other] {
                let there = |tampering: &Tampering| matches!(tampering, Tampering::Altered { position, .. } if *position == place);
                assert!(found.iter().any(there), "{one} and {other}: {found:?}");
            }
            exchange();
            assert_eq!(verify(&app, &heads).await.tampering, []);
        }
    }

    async fn a_truncated_journal_is_found_with_the_stored_heads(app: TestApp) {
        let (service, heads) = journal_of(&app, 7).await;
        drop_the_guards(&app.database);
        for length in (0..LENGTH).rev() {
            app.database.execute(&format!("DELETE FROM audit_events WHERE chain = '{service}' AND position > {length}")).unwrap();
            // The database alone cannot detect it.
            assert_eq!(verify(&app, &[]).await.tampering, []);
            let found = verify(&app, &heads).await.tampering;
            assert!(
                matches!(&found[..], [Tampering::Truncated { chain, count, known: LENGTH, .. }] if *count == length && *chain == service.to_string()),
                "{length}: {found:?}"
            );
        }
    }

    async fn a_journal_truncated_and_extended_again_is_found(app: TestApp) {
        let (service, heads) = journal_of(&app, 7).await;
        drop_the_guards(&app.database);
        app.database.execute(&format!("DELETE FROM audit_events WHERE chain = '{service}' AND position > 3")).unwrap();
        let coordinator = app.user(service, Role::Coordinator).await;
        for rank in 0..6 {
            coordinator.post("/v1/organisations", nursery(service, &format!("Autre {rank}"))).await.expect(201);
        }
        chain(&app);
        assert_eq!(verify(&app, &[]).await.tampering, []);
        let found = verify(&app, &heads).await.tampering;
        assert!(matches!(&found[..], [Tampering::Rewritten { position: LENGTH, .. }]), "{found:?}");
    }
}

/// Two instances chain concurrently: each event gets one position.
#[test]
fn two_instances_build_one_chain() {
    run(Engine::Postgres, |app| async move {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        let other = app.second_instance().await;
        for rank in 0..20 {
            coordinator.post("/v1/organisations", nursery(service, &format!("Crèche {rank}"))).await.expect(201);
            let directory = tempfile::tempdir().unwrap();
            let mut files = ["a", "b"].map(|name| HeadFile::open(&directory.path().join(name)).unwrap());
            let contexts = [app.context(), other.context()];
            std::thread::scope(|scope| {
                for (context, file) in contexts.into_iter().zip(&mut files) {
                    scope.spawn(move || context.journal.chain(file, context.now()).unwrap());
                }
            });
        }
        chain(&app);
        let report = verify(&app, &[]).await;
        assert_eq!((report.events, report.unchained), (23, 0));
        assert_eq!(report.tampering, []);
    });
}
