//! Offered actions are those that would succeed; what a removal or a merge changes in other objects has a version and an event.

use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, ids, interview, with};
use crate::child_merges::{followed, merge};
use crate::harness::Caller;
use crate::harness::action_service::{ActionService, came};
use crate::harness::lending_service::LendingService;

fn appointment(service: &Value, cases: &[&str], day: &str) -> Value {
    json!({
        "service_id": service, "type": "family_interview", "planned_on": day, "starts_at": "09:30", "minutes": 60,
        "place": "family_home", "case_ids": cases
    })
}

async fn act(caller: &Caller, id: &str, action: &str, body: Value) -> crate::harness::Response {
    caller.post(&format!("/v1/appointments/{id}/{action}"), body).await
}

async fn version(caller: &Caller, path: &str) -> i64 {
    caller.get(path).await.expect(200)["version"].as_i64().unwrap()
}

on_both_databases! {
    async fn an_appointment_about_a_closed_case_is_planned_again_as_late_work_only(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let plan = async |day: &str| caller.post("/v1/appointments", appointment(&json!(service), &[&case], day)).await.expect(201).id();
        let (before, after) = (plan("2026-03-02").await, plan("2026-03-20").await);
        for id in [&before, &after] {
            act(&caller, id, "cancel", json!({"cancelled_by": "family"})).await.expect(200);
        }
        let planned = plan("2026-03-02").await;
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "need_met"})).await.expect(200);
        // Of a day after the closing, nothing could become.
        let refused = caller.act(&format!("/v1/appointments/{after}/reopen")).await;
        assert_eq!(refused.expect(409).problem("conflict")["case_id"], case.as_str());
        let offered = async |id: &str| caller.get(&format!("/v1/appointments/{id}")).await.expect(200)["available_actions"].clone();
        assert_eq!(offered(&after).await, json!([]));
        // One that was before it, and was held after all, is late work.
        assert_eq!(offered(&before).await, json!(["reopen"]));
        caller.act(&format!("/v1/appointments/{before}/reopen")).await.expect(200);
        act(&caller, &before, "move", json!({"planned_on": "2026-03-03", "starts_at": "09:30"})).await.breaks("/planned_on", "after_closing");
        act(&caller, &before, "hold", json!({})).await.expect(200);
        app.advance(chrono::Duration::days(61));
        assert_eq!(offered(&planned).await, json!(["confirm", "cancel", "miss", "move"]));
        act(&caller, &planned, "hold", json!({})).await.expect(409);
    }

    async fn what_would_be_refused_is_not_offered(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}");
        let has = |offered: &Value, action: &str| offered.as_array().unwrap().contains(&json!(action));
        let refused = caller.act(&format!("{path}/reopen")).await.expect(409);
        assert!(has(&refused["available_actions"], "suspend") && !has(&refused["available_actions"], "resume"), "{}", refused.text());
        caller.post(&format!("{path}/suspend"), json!({"reason": "other"})).await.expect(200);
        for answer in [caller.act(&format!("{path}/reopen")).await, caller.post(&format!("{path}/suspend"), json!({"reason": "other"})).await] {
            let offered = answer.expect(409)["available_actions"].clone();
            assert!(has(&offered, "resume") && !has(&offered, "suspend"), "{offered}");
        }
        let agenda = ActionService::new(&app).await;
        let made = agenda.plan(agenda.cafe("2026-03-10", json!({}))).await.expect(201);
        assert_eq!(made["available_actions"], json!(["cancel"]), "it can be held from its day on");
        app.advance(chrono::Duration::days(8));
        assert_eq!(agenda.read(&made.id()).await["available_actions"], json!(["hold", "cancel"]));
    }

    async fn a_loan_that_somebody_waits_for_is_not_extended(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let path = format!("/v1/reservations/{}", shelf.confirmed("2026-03-09").await);
        let offered = async || shelf.staff.get(&path).await.expect(200)["available_actions"].clone();
        assert_eq!(offered().await, json!(["cancel", "move", "hand-out"]), "it can still be collected");
        app.advance(chrono::Duration::days(7));
        assert_eq!(offered().await, json!(["cancel", "move", "hand-out", "not-collected"]));
        let lent = shelf.staff.post(&format!("{path}/hand-out"), json!({})).await.expect(200);
        assert_eq!(lent["available_actions"], json!(["extend", "return"]));
        shelf.wait_for("2026-03-10").await;
        assert_eq!(offered().await, json!(["return"]));
        assert_eq!(shelf.staff.get("/v1/reservations?status=on_loan").await.expect(200).rows()[0]["available_actions"], json!(["return"]));
        shelf.staff.post(&format!("{path}/extend"), json!({})).await.expect(409);
    }

    async fn what_named_an_intervention_changes_with_its_removal(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let author = app.user(service, Role::Professional).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let planned = caller.post("/v1/appointments", appointment(&json!(service), &[&case], "2026-03-02")).await.expect(201).id();
        let held = act(&caller, &planned, "hold", json!({})).await.expect(200);
        let work = held["interventions"][0]["intervention_id"].as_str().unwrap().to_owned();
        let note = json!({"kind": "summary", "text": "Deux matinées.", "intervention_id": work});
        let note = caller.post(&format!("/v1/cases/{case}/notes"), note).await.expect(201).id();
        let hidden = json!({"kind": "restricted", "text": "Canari", "intervention_id": work});
        let hidden = author.post(&format!("/v1/cases/{case}/notes"), hidden).await.expect(201).id();
        let advice = json!({"kind": "other", "text": "x", "addressed_to": "parent", "intervention_id": work});
        let advice = caller.post(&format!("/v1/cases/{case}/recommendations"), advice).await.expect(201).id();
        let paths = [format!("/v1/case-notes/{note}"), format!("/v1/recommendations/{advice}"), format!("/v1/appointments/{planned}")];
        let mut before = Vec::new();
        for path in &paths {
            before.push(version(&caller, path).await);
        }
        app.advance(chrono::Duration::minutes(1));
        let since = app.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        caller.delete(&format!("/v1/interventions/{work}?reason=entered_by_mistake")).await.expect(200);
        for (path, before) in paths.iter().zip(before) {
            assert_eq!(version(&caller, path).await, before + 1, "{path}");
        }
        assert_eq!(version(&author, &format!("/v1/case-notes/{hidden}")).await, 2);
        assert_eq!(ids(&caller, &format!("/v1/cases/{case}/notes?updated_since={since}")).await, [note.as_str()]);
        let feed = caller.get("/v1/changes?limit=500").await.expect(200);
        let last = |id: &str| feed.rows().iter().rev().find(|event| event["object_id"] == id).map(|event| event["kind"].clone());
        for id in [&note, &advice, &planned] {
            assert_eq!(last(id), Some(json!("updated")), "{id}");
        }
        assert_eq!(last(&hidden), None);
        // Work about no case.
        let network = with(with(appointment(&json!(service), &[], "2026-03-02"), "type", "network".into()), "starts_at", "14:00".into());
        let planned = caller.post("/v1/appointments", network).await.expect(201).id();
        let held = act(&caller, &planned, "hold", json!({})).await.expect(200);
        let work = held["work_id"].as_str().unwrap().to_owned();
        caller.delete(&format!("/v1/interventions/{work}?reason=entered_by_mistake")).await.expect(200);
        let now = caller.get(&format!("/v1/appointments/{planned}")).await.expect(200);
        assert_eq!((&now["work_id"], &now["version"]), (&Value::Null, &json!(held["version"].as_i64().unwrap() + 1)));
    }

    async fn what_names_a_share_changes_when_the_act_is_about_one_case(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-10").await;
        // The first share stays: the one of the case that goes.
        let both = with(with(interview("2026-02-12"), "case_ids", json!([other, case])), "service_id", json!(service));
        caller.post("/v1/interventions", both).await.expect(201);
        let share = caller.get(&format!("/v1/cases/{case}/interventions")).await.expect(200).rows()[0]["id"].clone();
        let note = json!({"kind": "summary", "text": "Deux matinées.", "intervention_id": share});
        let note = caller.post(&format!("/v1/cases/{case}/notes"), note).await.expect(201);
        let path = format!("/v1/case-notes/{}", note.id());
        merge(&caller, &stays.child, &goes.child).await.expect(200);
        let now = caller.get(&path).await.expect(200);
        assert!(now["intervention_id"] != share && now["version"].as_i64() > note["version"].as_i64(), "{}", now.text());
        let feed = caller.get("/v1/changes?limit=500").await.expect(200);
        let told = feed.rows().iter().filter(|event| event["object_id"] == note.id().as_str()).count();
        assert_eq!(told, 2);
    }

    async fn a_reopened_action_is_planned_as_before(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let new = agenda.cafe("2026-03-02", json!({"duration_minutes": 120, "preparation_minutes": 60, "travel_minutes": 30}));
        let id = agenda.plan(new).await.expect(201).id();
        let how = json!({"participants": [came("parent", 9)], "duration_minutes": 135, "preparation_minutes": 90, "travel_minutes": 0});
        agenda.act(&id, "hold", Some(how)).await.expect(200);
        let reopened = agenda.act(&id, "reopen", None).await.expect(200);
        let minutes = |action: &crate::harness::Response| ["duration_minutes", "preparation_minutes", "travel_minutes"].map(|field| action[field].as_i64().unwrap());
        assert_eq!(minutes(&reopened), [120, 60, 30]);
        let again = agenda.act(&id, "hold", Some(json!({}))).await.expect(200);
        assert_eq!(minutes(&again), [120, 60, 30]);
    }

    async fn a_resource_person_leaves_and_is_named_by_no_later_work(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let new = json!({"service_id": service, "name": "Sacha Exemple", "profession": "psychologist"});
        let person = caller.post("/v1/resource-people", new).await.expect(201).id();
        let path = format!("/v1/resource-people/{person}");
        let under = format!("/v1/cases/{case}/interventions");
        let on = |day: &str| with(interview(day), "resource_person_ids", json!([person]));
        let work = caller.post(&under, on("2026-02-20")).await.expect(201).id();
        caller.patch(&path, json!({"left_on": "2026-03-03"})).await.breaks("/left_on", "in_the_future");
        assert_eq!(caller.patch(&path, json!({"left_on": "2026-02-18"})).await.expect(200)["left_on"], "2026-02-18");
        assert!(ids(&caller, "/v1/resource-people?has_left=false").await.is_empty());
        assert_eq!(ids(&caller, "/v1/resource-people?has_left=true").await, [person.as_str()]);
        caller.post(&under, on("2026-02-18")).await.expect(201);
        caller.post(&under, on("2026-02-19")).await.breaks("/resource_person_ids/0", "has_left");
        // What was recorded keeps who was called upon.
        caller.patch(&format!("/v1/interventions/{work}"), json!({"minutes": 50})).await.expect(200);
        let planned = caller.post("/v1/appointments", appointment(&json!(service), &[&case], "2026-03-02")).await.expect(201).id();
        act(&caller, &planned, "hold", json!({"resource_person_ids": [person]})).await.breaks("/resource_person_ids/0", "has_left");
        caller.patch(&path, json!({"left_on": null})).await.expect(200);
        let held = act(&caller, &planned, "hold", json!({"resource_person_ids": [person]})).await.expect(200);
        let work = held["interventions"][0]["intervention_id"].as_str().unwrap();
        let recorded = caller.get(&format!("/v1/interventions/{work}")).await.expect(200);
        assert_eq!(recorded["resource_person_names"], json!(["Sacha Exemple"]));
    }

    async fn a_field_given_twice_and_an_item_in_conflict_are_named(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let twice = r#"{"type": "family_interview", "held_on": "2026-02-20", "minutes": 10, "minutes": 20, "travel_minutes": 0,
            "place": "family_home", "participants": [{"kind": "parent", "kind": "child", "number": 1}]}"#;
        let refused = caller.post_bytes(&format!("/v1/cases/{case}/interventions"), "application/json", twice).await.expect(400).problem("invalid_body");
        let mut faults = refused.faults();
        faults.sort();
        let expected = [("/minutes", "repeated_field"), ("/participants/0/kind", "repeated_field")];
        assert_eq!(faults, expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
        // A closed case refuses an item of a week as a whole: the item is named.
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "need_met"})).await.expect(200);
        app.advance(chrono::Duration::days(61));
        let item = with(with(interview("2026-02-20"), "case_ids", json!([case])), "service_id", json!(service));
        let network = json!({"service_id": service, "type": "network", "held_on": "2026-02-19", "minutes": 5, "place": "video"});
        let report = caller.post("/v1/interventions/bulk", json!({"items": [network, item]})).await.expect(200);
        let problem = &report["data"][1]["problem"];
        assert_eq!((&problem["status"], &problem["errors"][0]["pointer"]), (&json!(409), &json!("/items/1")), "{problem}");
        assert_eq!(problem["errors"][0]["code"], problem["code"]);
    }
}
