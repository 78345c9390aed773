//! No day in the life of a child is before its birth, and no work takes no time.

use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{accept, case_of, coordinator, interview, nursery, refer, with};
use crate::harness::Caller;

fn about(identity: &Value) -> Value {
    json!({"subject": "child", "commune_code": "63113", "child": {"identity": identity}})
}

fn born(on: &str) -> Value {
    json!({"given_name": "Zoé", "family_name": "Exemple", "birth_date": on})
}

/// The case of a child, opened on 2 February 2026, with the path of the child.
async fn case_with(caller: &Caller, service: Id, identity: Value) -> (String, String) {
    let referral = refer(caller, service, "2026-02-02", about(&identity)).await;
    let case = accept(caller, &referral, "2026-02-02").await;
    let child = caller.get(&format!("/v1/cases/{case}")).await.expect(200)["child_id"].as_str().unwrap().to_owned();
    (case, format!("/v1/children/{child}"))
}

on_both_databases! {
    async fn a_placement_is_not_before_the_birth_of_the_child(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (case, child) = case_with(&caller, service, born("2026-01-12")).await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let place = |on: &str| json!({"organisation_id": lutins, "childcare_type": "creche", "starts_on": on});
        let placements = format!("/v1/cases/{case}/placements");
        let refused = caller.post(&placements, place("2026-01-11")).await.breaks("/starts_on", "before_birth");
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("12/01/2026") && message.contains("/v1/children/"), "{message}");
        let made = caller.post(&placements, place("2026-01-12")).await.expect(201).id();
        let path = format!("/v1/placements/{made}");
        caller.patch(&path, json!({"starts_on": "2026-01-10"})).await.breaks("/starts_on", "before_birth");
        // The other way round: a birth that is corrected stays before what is recorded.
        let late = caller.patch(&child, json!({"birth_date": "2026-01-13"})).await.breaks("/birth_date", "after_first_record");
        assert!(late["errors"][0]["message"].as_str().unwrap().contains(&path), "{}", late.text());
        caller.patch(&child, json!({"birth_date": "2026-01-05"})).await.expect(200);
        caller.patch(&path, json!({"starts_on": "2026-01-10"})).await.expect(200);
    }

    async fn a_place_of_an_unborn_child_starts_after_the_expected_birth(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (case, child) = case_with(&caller, service, json!({"family_name": "Exemple", "expected_on": "2026-03-20"})).await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let place = |on: &str| json!({"organisation_id": lutins, "childcare_type": "creche", "starts_on": on});
        let placements = format!("/v1/cases/{case}/placements");
        caller.post(&placements, place("2026-03-19")).await.breaks("/starts_on", "before_birth");
        let planned = caller.post(&placements, place("2026-03-23")).await.expect(201).id();
        app.advance(chrono::Duration::days(28));
        // Born on 24 March: the planned day is corrected first.
        let birth = json!({"given_name": "Zoé", "birth_date": "2026-03-24", "expected_on": null});
        caller.patch(&child, birth.clone()).await.breaks("/birth_date", "after_first_record");
        caller.post(&format!("/v1/placements/{planned}/cancel"), json!({"reason": "setting_withdrew"})).await.expect(200);
        caller.patch(&child, birth).await.expect(200);
        caller.post(&placements, place("2026-03-25")).await.expect(201);
    }

    async fn a_procedure_is_not_before_the_birth_of_the_child(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (case, child) = case_with(&caller, service, born("2026-01-12")).await;
        let procedures = format!("/v1/cases/{case}/procedures");
        let decided = json!({"kind": "mdph_file", "filed_on": "2026-01-02", "decided_on": "2026-01-20", "outcome": "granted"});
        caller.post(&procedures, decided).await.breaks("/filed_on", "before_birth");
        let waiting = json!({"kind": "esms_waiting_list", "waiting_since": "2026-01-11"});
        caller.post(&procedures, waiting.clone()).await.breaks("/waiting_since", "before_birth");
        let made = caller.post(&procedures, with(waiting, "waiting_since", "2026-01-12".into())).await.expect(201).id();
        let path = format!("/v1/procedures/{made}");
        caller.patch(&path, json!({"waiting_since": "2026-01-01"})).await.breaks("/waiting_since", "before_birth");
        let late = caller.patch(&child, json!({"birth_date": "2026-01-20"})).await.breaks("/birth_date", "after_first_record");
        assert!(late["errors"][0]["message"].as_str().unwrap().contains(&path), "{}", late.text());
    }

    async fn work_with_the_child_is_not_before_the_birth(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (case, child) = case_with(&caller, service, json!({"family_name": "Exemple", "expected_on": "2026-03-20"})).await;
        let (under, steps) = (format!("/v1/cases/{case}/interventions"), format!("/v1/cases/{case}/steps"));
        let with_child = |on: &str| with(interview(on), "participants", json!([{"kind": "child", "number": 1}]));
        caller.post(&under, with_child("2026-02-20")).await.breaks("/held_on", "before_birth");
        let made = caller.post(&under, interview("2026-02-20")).await.expect(201).id();
        let path = format!("/v1/interventions/{made}");
        caller.patch(&path, json!({"participants": [{"kind": "child", "number": 1}]})).await.breaks("/held_on", "before_birth");
        let step = |step: &str, on: &str| json!({"step": step, "reached_on": on});
        caller.post(&steps, step("accompanied_first_visit", "2026-02-20")).await.breaks("/reached_on", "before_birth");
        let search = caller.post(&steps, step("childcare_search", "2026-02-20")).await.expect(201).id();
        caller.patch(&format!("/v1/case-steps/{search}"), json!({"step": "integration_follow_up"})).await.breaks("/reached_on", "before_birth");
        let planned = |on: &str, number: i32| json!({
            "service_id": service, "type": "family_interview", "planned_on": on, "starts_at": "09:30", "minutes": 60,
            "place": "family_home", "case_ids": [case], "participants": [{"kind": "parent", "number": 1}, {"kind": "child", "number": number}]
        });
        caller.post("/v1/appointments", planned("2026-03-19", 1)).await.breaks("/planned_on", "before_birth");
        let meeting = caller.post("/v1/appointments", planned("2026-03-20", 1)).await.expect(201).id();
        let to = json!({"planned_on": "2026-03-19", "starts_at": "09:30"});
        caller.post(&format!("/v1/appointments/{meeting}/move"), to).await.breaks("/planned_on", "before_birth");
        // A meeting about this child and one who is born: the one who is born may have been there.
        let other = case_of(&caller, service, "Autre", "2026-02-02").await;
        let both = with(with(with_child("2026-02-20"), "case_ids", json!([case, other])), "service_id", json!(service));
        caller.post("/v1/interventions", both).await.expect(201);
        // Born later than expected: what is recorded with the child stays after the birth.
        app.advance(chrono::Duration::days(28));
        let born = |on: &str| json!({"given_name": "Zoé", "birth_date": on, "expected_on": null});
        caller.patch(&child, born("2026-03-22")).await.expect(200);
        let refused = caller.post(&format!("/v1/appointments/{meeting}/hold"), json!({})).await;
        refused.breaks("/planned_on", "before_birth");
        let work = caller.post(&under, with_child("2026-03-23")).await.expect(201).id();
        let visit = caller.post(&steps, step("accompanied_first_visit", "2026-03-23")).await.expect(201).id();
        let late = caller.patch(&child, json!({"birth_date": "2026-03-24"})).await.expect(422);
        for path in [format!("/v1/interventions/{work}"), format!("/v1/case-steps/{visit}")] {
            assert!(late.text().contains(&path), "{}", late.text());
        }
    }

    async fn a_request_does_not_arrive_before_the_child_was_expected(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let mut new = with(about(&born("2026-01-12")), "service_id", json!(service));
        for (field, value) in [("origin", json!("pmi")), ("channel", json!("phone")), ("needs", json!(["find_childcare"]))] {
            new[field] = value;
        }
        let old = with(new.clone(), "received_on", "2025-03-11".into());
        caller.post("/v1/referrals", old).await.breaks("/received_on", "before_birth");
        // Requests arrive during a pregnancy.
        let made = caller.post("/v1/referrals", with(new, "received_on", "2025-03-12".into())).await.expect(201);
        let (id, child) = (made["referral"]["id"].as_str().unwrap(), made["referral"]["child_id"].as_str().unwrap());
        caller.patch(&format!("/v1/referrals/{id}"), json!({"received_on": "2025-03-11"})).await.breaks("/received_on", "before_birth");
        caller.patch(&format!("/v1/children/{child}"), json!({"birth_date": "2026-01-13"})).await.breaks("/birth_date", "after_first_record");
    }

    async fn work_takes_a_minute_at_least(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let under = format!("/v1/cases/{case}/interventions");
        let none = with(interview("2026-02-10"), "minutes", 0.into());
        let refused = caller.post(&under, none).await.expect(400).problem("invalid_body");
        assert_eq!(refused.faults(), [("/minutes".to_owned(), "too_small".to_owned())]);
        let network = json!({"service_id": service, "type": "network", "held_on": "2026-02-19", "minutes": 0, "place": "video"});
        caller.post("/v1/interventions", network).await.expect(400).problem("invalid_body");
        let made = caller.post(&under, with(interview("2026-02-10"), "travel_minutes", 0.into())).await.expect(201).id();
        for field in ["minutes", "act_minutes"] {
            caller.patch(&format!("/v1/interventions/{made}"), json!({field: 0})).await.expect(400).problem("invalid_body");
        }
    }
}
