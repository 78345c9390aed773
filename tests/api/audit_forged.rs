//! Rows of the journal that the program did not write: they are never shown or verified as genuine.

use passerelle::auth::Role;
use passerelle::db::Id;
use passerelle::journal::Tampering;
use serde_json::{Value, json};

use crate::audit::{chain, drop_the_guards, verify};
use crate::harness::{Caller, TestApp};

/// Events of a service: its creation and an organisation.
async fn journal_of(app: &TestApp) -> (Id, Caller) {
    let service = app.service().await;
    let coordinator = app.user(service, Role::Coordinator).await;
    let nursery = json!({ "service_id": service, "kind": "eaje", "name": "Crèche", "commune_code": "63113" });
    coordinator.post("/v1/organisations", nursery).await.expect(201);
    (service, app.user(service, Role::Manager).await)
}

/// Inserts a copy of an event of the service under another identifier. `with` is what follows the copied columns.
fn insert_copy(app: &TestApp, service: Id, with: &str) -> Id {
    let id: Id = uuid::Uuid::now_v7().into();
    let columns =
        "chain, principal, operation, request_id, outcome, code, target_id, changed, opened, address, happened_at";
    let sql = format!(
        "INSERT INTO audit_events (id, {columns}, position, link, mac) \
         SELECT '{id}', {columns}, {with} FROM audit_events WHERE chain = '{service}' ORDER BY id LIMIT 1"
    );
    assert_eq!(app.database.execute(&sql), Ok(1), "{sql}");
    id
}

/// The events that the manager sees as not genuine.
async fn shown_as_forged(manager: &Caller, service: Id) -> Vec<Id> {
    let page = manager.get(&format!("/v1/audit-events?service_id={service}&limit=100")).await.expect(200);
    let events = page.json["data"].as_array().unwrap().iter();
    let forged = events.filter(|event| event["genuine"] != Value::Bool(true));
    forged.map(|event| event["id"].as_str().unwrap().parse().unwrap()).collect()
}

fn is_about(tampering: &Tampering, event: Id) -> bool {
    match tampering {
        Tampering::Forged { id, .. } | Tampering::Misplaced { id, .. } | Tampering::Altered { id, .. } => *id == event,
        _ => false,
    }
}

on_both_databases! {
    async fn a_row_that_somebody_inserted_is_not_taken_for_an_event(app: TestApp) {
        let (service, manager) = journal_of(&app).await;
        let heads = chain(&app);
        assert_eq!(verify(&app, &heads).await.tampering, []);
        assert_eq!(shown_as_forged(&manager, service).await, []);
        drop_the_guards(&app.database);
        let link = "(SELECT link FROM audit_events WHERE link IS NOT NULL LIMIT 1)";
        for with in [
            // Not chained yet, without a MAC, and with that of the event which it copies.
            "NULL, NULL, NULL".to_owned(),
            "NULL, NULL, mac".to_owned(),
            // At positions that the program never gives.
            "0, NULL, mac".to_owned(),
            format!("-1, {link}, mac"),
            format!("-2, {link}, NULL"),
            // After the end of the chain.
            format!("1000, {link}, mac"),
        ] {
            let id = insert_copy(&app, service, &with);
            assert_eq!(shown_as_forged(&manager, service).await, [id], "{with}");
            let report = verify(&app, &heads).await;
            // A copy far from the end is also a gap.
            let about: Vec<_> = report.tampering.iter().filter(|one| is_about(one, id)).collect();
            let gap = report.tampering.iter().filter(|one| matches!(one, Tampering::Missing { .. })).count();
            assert_eq!(about.len() + gap, 1, "{with}: {:?}", report.tampering);
            assert_eq!(report.tampering.len(), 1, "{with}: {:?}", report.tampering);
            app.database.execute(&format!("DELETE FROM audit_events WHERE id = '{id}'")).unwrap();
        }
        assert_eq!(verify(&app, &heads).await.tampering, []);
    }

    async fn a_row_that_somebody_inserted_does_not_become_genuine_by_being_chained(app: TestApp) {
        let (service, manager) = journal_of(&app).await;
        let inserted = [insert_copy(&app, service, "NULL, NULL, NULL"), insert_copy(&app, service, "NULL, NULL, mac")];
        chain(&app);
        let found = verify(&app, &[]).await;
        let forged = inserted.map(|id| Tampering::Forged { chain: service.to_string(), id });
        assert_eq!(found.tampering, forged);
        assert_eq!(found.unchained, 0);
        let mut shown = shown_as_forged(&manager, service).await;
        shown.sort();
        assert_eq!(shown, inserted);
    }

    async fn an_event_whose_mac_was_removed_is_not_genuine(app: TestApp) {
        let (service, manager) = journal_of(&app).await;
        chain(&app);
        let refused = app.database.execute("UPDATE audit_events SET mac = NULL").unwrap_err().to_string();
        assert!(refused.contains("audit_events is append-only"), "{refused}");
        drop_the_guards(&app.database);
        app.database.execute(&format!("UPDATE audit_events SET mac = NULL WHERE chain = '{service}' AND position = 1")).unwrap();
        let found = verify(&app, &[]).await.tampering;
        assert!(matches!(&found[..], [Tampering::Altered { position: 1, .. }]), "{found:?}");
        assert_eq!(shown_as_forged(&manager, service).await.len(), 1);
    }

    async fn events_of_an_earlier_version_are_vouched_for_up_to_the_cut_over_only(app: TestApp) {
        let (service, manager) = journal_of(&app).await;
        chain_without_macs(&app);
        assert_eq!(verify(&app, &[]).await.tampering, []);
        assert_eq!(shown_as_forged(&manager, service).await, []);
        let inserted = insert_copy(&app, service, "NULL, NULL, NULL");
        record_cut_over(&app);
        chain(&app);
        let found = verify(&app, &[]).await.tampering;
        assert_eq!(found, [Tampering::Forged { chain: service.to_string(), id: inserted }], "a second start vouches for no more");
        assert_eq!(shown_as_forged(&manager, service).await, [inserted]);

        // Neither can the record be changed, nor made again.
        let end = format!("UPDATE audit_cut_overs SET position = position + 1 WHERE chain = '{service}'");
        let refused = app.database.execute(&end).unwrap_err().to_string();
        assert!(refused.contains("audit_cut_overs is append-only"), "{refused}");
        drop_the_guards_of_cut_overs(&app);
        app.database.execute(&end).unwrap();
        let found = verify(&app, &[]).await.tampering;
        assert_eq!(found[0], Tampering::ForgedCutOver { chain: service.to_string() });
        app.database.execute("DELETE FROM audit_cut_overs").unwrap();
        record_cut_over(&app);
        let found = verify(&app, &[]).await.tampering;
        assert!(found.contains(&Tampering::Forged { chain: service.to_string(), id: inserted }), "{found:?}");
    }
}

/// Makes the database one whose events have no MAC, and starts the program on it.
fn chain_without_macs(app: &TestApp) {
    drop_the_guards(&app.database);
    app.database.execute("UPDATE audit_events SET mac = NULL").unwrap();
    record_cut_over(app);
}

fn record_cut_over(app: &TestApp) {
    let context = app.context();
    // It blocks on the database, so it runs outside the event loop.
    std::thread::scope(|scope| scope.spawn(|| context.journal.record_cut_over(context.now())).join().unwrap().unwrap());
}

fn drop_the_guards_of_cut_overs(app: &TestApp) {
    let statements: &[&str] = match app.database.engine() {
        crate::harness::Engine::Sqlite => {
            &["DROP TRIGGER audit_cut_overs_no_update", "DROP TRIGGER audit_cut_overs_no_delete"]
        }
        crate::harness::Engine::Postgres => &["DROP TRIGGER audit_cut_overs_append_only ON audit_cut_overs"],
    };
    for sql in statements {
        app.database.execute(sql).unwrap();
    }
}
