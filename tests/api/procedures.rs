//! The procedures of a child: their days, their list across cases, their corrections, and what expires.

use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, ids, nursery, structure_case, with};
use crate::harness::Caller;

async fn record(caller: &Caller, case: &str, body: Value) -> String {
    caller.post(&format!("/v1/cases/{case}/procedures"), body).await.expect(201).id()
}

on_both_databases! {
    async fn a_file_goes_from_its_preparation_to_the_end_of_what_was_granted(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let mdph = nursery(&caller, service, "MDPH du Puy-de-Dôme").await;
        let new = json!({"kind": "mdph_file", "organisation_id": mdph, "next_on": "2026-03-20", "note": "Certificat demandé."});
        let made = caller.post(&format!("/v1/cases/{case}/procedures"), new).await.expect(201);
        assert_eq!(made["state"], "in_preparation");
        assert_eq!((&made["kind_label"], &made["organisation_name"]), (&json!("Dossier MDPH"), &json!("MDPH du Puy-de-Dôme")));
        assert_eq!(made["child_name"], "Zoé Exemple");
        assert_eq!(made["case_status"], "open");
        assert!(made["case_referent_name"].is_string() && made["author_name"].is_string());
        let path = format!("/v1/procedures/{}", made.id());
        for (change, state) in [
            (json!({"filed_on": "2025-11-03"}), "filed"),
            (json!({"complete_on": "2025-12-01"}), "complete"),
            (json!({"decided_on": "2026-02-20", "outcome": "granted", "expires_on": "2026-03-31"}), "decided"),
            (json!({"notified_on": "2026-02-27", "next_on": null}), "notified"),
        ] {
            assert_eq!(caller.patch(&path, change).await.expect(200)["state"], state);
        }
        let before = caller.get(&path).await.expect(200);
        assert_eq!(before["note"], "Certificat demandé.");
        assert_eq!(caller.get("/v1/procedures?state=expired").await.expect(200).rows().len(), 0);
        app.advance(chrono::Duration::days(30));
        let last_day = caller.get(&path).await.expect(200);
        assert_eq!(last_day["state"], "expired");
        assert_eq!(caller.get("/v1/procedures?state=expired").await.expect(200).rows()[0], last_day.json);
        // A patch that changes nothing keeps the version.
        let same = caller.patch(&path, json!({"filed_on": "2025-11-03"})).await.expect(200);
        assert_eq!(same["version"], before["version"]);
    }

    async fn every_fault_of_a_procedure_is_told_at_once(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let procedures = format!("/v1/cases/{case}/procedures");
        let wrong = json!({
            "kind": "mdph_file", "organisation_id": case, "waiting_since": "2026-01-05", "filed_on": "2026-02-10",
            "complete_on": "2026-02-01", "notified_on": "2026-03-03", "outcome": "refused", "expires_on": "2027-02-01",
            "next_on": "2026-03-01"
        });
        let refused = caller.post(&procedures, wrong).await.expect(422);
        let expected = [
            ("/notified_on", "in_the_future"),
            ("/complete_on", "before_filing"),
            ("/decided_on", "decision_day_required"),
            ("/notified_on", "not_decided"),
            ("/expires_on", "nothing_granted"),
            ("/waiting_since", "not_a_waiting_list"),
            ("/next_on", "in_the_past"),
            ("/organisation_id", "unknown_organisation"),
        ];
        assert_eq!(refused.faults(), expected.map(|(at, rule)| (at.to_owned(), rule.to_owned())));
        caller.post(&procedures, json!({"kind": "esms_waiting_list"})).await.breaks("/waiting_since", "waiting_since_required");
        caller.post(&procedures, json!({"kind": "passport"})).await.expect(400);
        caller.post(&procedures, json!({})).await.expect(400);
        let other = structure_case(&caller, service, "2026-02-02").await;
        caller.post(&format!("/v1/cases/{other}/procedures"), json!({"kind": "pai"})).await.expect(422);
        let id = record(&caller, &case, json!({"kind": "aeeh", "filed_on": "2026-02-10"})).await;
        let path = format!("/v1/procedures/{id}");
        caller.patch(&path, json!({"filed_on": "2026-03-03"})).await.breaks("/filed_on", "in_the_future");
        caller.patch(&path, json!({"decided_on": "2026-02-01", "outcome": "granted"})).await.breaks("/decided_on", "before_filing");
        assert_eq!(caller.get(&path).await["version"], 1, "a refused change leaves no trace");
    }

    async fn the_list_across_cases_finds_every_state_and_what_is_due(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let first = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let second = case_of(&caller, service, "Autre", "2026-02-02").await;
        let granted = |expires: &str| json!({
            "kind": "mdph_file", "filed_on": "2025-06-02", "decided_on": "2025-10-01", "outcome": "granted", "expires_on": expires
        });
        let mut all = Vec::new();
        for (case, body) in [
            (&first, json!({"kind": "pai", "next_on": "2026-03-10"})),
            (&first, json!({"kind": "esms_waiting_list", "waiting_since": "2025-09-01", "next_on": "2026-03-05"})),
            (&second, json!({"kind": "aeeh", "filed_on": "2026-01-05"})),
            (&second, json!({"kind": "aeeh", "filed_on": "2026-01-05", "complete_on": "2026-02-01"})),
            (&first, granted("2026-04-30")),
            (&second, with(granted("2026-12-31"), "notified_on", json!("2025-10-05"))),
            (&second, granted("2026-01-31")),
        ] {
            all.push(record(&caller, case, body).await);
        }
        assert_eq!(ids(&caller, "/v1/procedures?limit=2").await, [all[1].clone(), all[0].clone()], "earliest next date first");
        // The filter of states says what the rows say.
        let rows = caller.get("/v1/procedures?limit=500").await.expect(200);
        assert_eq!(rows.rows().len(), 7);
        for state in ["in_preparation", "waiting", "filed", "complete", "decided", "notified", "expired"] {
            let mut found = ids(&caller, &format!("/v1/procedures?state={state}")).await;
            let mut expected: Vec<String> = rows.rows().iter().filter(|row| row["state"] == state)
                .map(|row| row["id"].as_str().unwrap().to_owned()).collect();
            found.sort();
            expected.sort();
            assert_eq!(found.len(), 1, "{state}");
            assert_eq!(found, expected, "{state}");
        }
        let by = async |query: &str| ids(&caller, &format!("/v1/procedures?sort=expires_on&{query}")).await;
        assert_eq!(by("state=filed,expired").await, [all[6].clone(), all[2].clone()]);
        assert_eq!(by("expires_before=2026-05-31").await, [all[6].clone(), all[4].clone()]);
        assert_eq!(by("expires_from=2026-03-02&expires_before=2026-05-31").await, [all[4].clone()]);
        assert_eq!(by("next_before=2026-03-05").await, [all[1].clone()]);
        assert_eq!(by("kind=pai,esms_waiting_list").await.len(), 2);
        caller.post(&format!("/v1/cases/{second}/close"), json!({"outcome": "moved"})).await.expect(200);
        assert_eq!(by("case_status=closed").await.len(), 4);
        assert_eq!(ids(&caller, &format!("/v1/cases/{first}/procedures")).await.len(), 3);
        caller.get("/v1/procedures?state=unknown").await.expect(400);
    }

    async fn anybody_records_what_happened_next_and_the_author_corrects(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let author = app.user(service, Role::Professional).await;
        let colleague = app.user(service, Role::Professional).await;
        let case = case_of(&coordinator, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/procedures/{}", record(&author, &case, json!({"kind": "aeeh", "filed_on": "2026-02-10"})).await);
        colleague.patch(&path, json!({"complete_on": "2026-02-20", "next_on": "2026-04-01"})).await.expect(200);
        colleague.patch(&path, json!({"next_on": null})).await.expect(200);
        let refused = colleague.patch(&path, json!({"filed_on": "2026-02-11"})).await.expect(403);
        assert_eq!(refused["required_permission"], "cases:correct");
        colleague.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(403);
        colleague.get(&format!("{path}/history")).await.expect(403);
        author.patch(&path, json!({"filed_on": "2026-02-11"})).await.expect(200);
        // The closing of the case does not end the procedure.
        coordinator.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "moved"})).await.expect(200);
        author.post(&format!("/v1/cases/{case}/procedures"), json!({"kind": "pai"})).await.expect(409).problem("wrong_state");
        coordinator.patch(&path, json!({"decided_on": "2026-03-02", "outcome": "refused"})).await.expect(200);
        let history = author.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(history.rows().len(), 4);
        assert_eq!(history.rows()[2]["changes"], json!([{"field": "filed_on", "before": "2026-02-10", "after": "2026-02-11"}]));
        author.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(204);
        author.get(&path).await.expect(404);
        let history = author.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(history.rows()[4]["kind"], "remove");
        let stranger = app.user(app.service().await, Role::Manager).await;
        stranger.get(&format!("{path}/history")).await.expect(404);
    }

    async fn what_is_due_and_what_expires_is_in_the_agenda_and_on_the_dashboard(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        record(&caller, &case, json!({"kind": "pai", "next_on": "2026-03-04"})).await;
        let granted = json!({
            "kind": "mdph_file", "decided_on": "2025-10-01", "outcome": "granted", "expires_on": "2026-03-06", "next_on": "2026-03-03"
        });
        record(&caller, &case, granted.clone()).await;
        let both = with(with(granted, "next_on", json!("2026-03-08")), "expires_on", json!("2026-03-08"));
        record(&caller, &case, both).await;
        let entries = async |query: &str| {
            let page = caller.get(&format!("/v1/agenda?kind=procedure,procedure_expiry&{query}include_total=true")).await.expect(200);
            assert_eq!(page["page"]["total"], page.rows().len());
            let said = |row: &Value| format!("{} {} {}", row["on"].as_str().unwrap(), row["title"].as_str().unwrap(), row["overdue"]);
            page.rows().iter().map(said).collect::<Vec<_>>()
        };
        let expected = [
            "2026-03-03 Dossier MDPH false", "2026-03-04 Projet d'accueil individualisé (PAI) false",
            "2026-03-06 Fin de validité : Dossier MDPH false", "2026-03-08 Dossier MDPH false",
        ];
        assert_eq!(entries("").await, expected);
        assert_eq!(entries("scope=mine&").await, expected);
        let colleague = app.user(service, Role::Professional).await;
        assert_eq!(colleague.get("/v1/agenda?scope=mine").await.expect(200).rows().len(), 0);
        let dashboard = async || caller.get(&format!("/v1/dashboard?service_id={service}")).await.expect(200);
        let read = dashboard().await;
        assert_eq!((&read["procedures_expiring"], &read["procedures_overdue"]), (&json!(2), &json!(0)));
        app.advance(chrono::Duration::days(2));
        assert_eq!(entries("").await[0], "2026-03-03 Dossier MDPH true");
        assert_eq!(dashboard().await["procedures_overdue"], 1);
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "moved"})).await.expect(200);
        assert_eq!(entries("").await.len(), 0);
        assert_eq!(dashboard().await["procedures_expiring"], 0);
    }

    async fn the_note_of_a_procedure_cannot_be_read_once_the_key_is_destroyed(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/procedures/{}", record(&caller, &case, json!({"kind": "pai", "note": "Ornithorynque bleu"})).await);
        caller.patch(&path, json!({"note": "Ornithorynque vert"})).await.expect(200);
        app.assert_never_stored(&["Ornithorynque"]);
        app.database.execute("DELETE FROM data_keys").unwrap();
        let read = caller.get(&path).await.expect(200);
        assert!(read["note"].is_null() && read["child_name"].is_null());
        assert_eq!(read["kind"], "pai");
        caller.patch(&path, json!({"filed_on": "2026-03-01"})).await.expect(409);
    }

    async fn an_annulled_referral_names_the_procedures_of_its_case(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        record(&caller, &case, json!({"kind": "pai"})).await;
        let referral = caller.get(&format!("/v1/cases/{case}")).await["referral_ids"][0].as_str().unwrap().to_owned();
        let refused = caller.post(&format!("/v1/referrals/{referral}/annul"), json!({"reason": "entered_by_mistake"})).await.expect(409);
        assert_eq!(refused["hangs_on"], json!([{"kind": "procedure", "number": 1}]));
    }
}
