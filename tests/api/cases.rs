//! Cases: from the accepted referral to the outcome, and access to them.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::{Caller, TestApp};

/// A coordinator in a new service.
pub(crate) async fn coordinator(app: &TestApp) -> (Id, Caller) {
    let service = app.service().await;
    (service, app.user(service, Role::Coordinator).await)
}

/// Adds a nursery to the directory.
pub(crate) async fn nursery(caller: &Caller, service: Id, name: &str) -> String {
    let new = json!({"service_id": service.as_str(), "kind": "eaje", "name": name, "commune_code": "63113"});
    caller.post("/v1/organisations", new).await.expect(201).id()
}

/// Records a referral and returns its identifier.
pub(crate) async fn refer(caller: &Caller, service: Id, received_on: &str, about: Value) -> String {
    let mut new = json!({
        "service_id": service.as_str(), "origin": "pmi", "channel": "phone", "received_on": received_on,
        "needs": ["find_childcare"]
    });
    for (field, value) in about.as_object().unwrap() {
        new[field] = value.clone();
    }
    let recorded = caller.post("/v1/referrals", new).await.expect(201);
    recorded["referral"]["id"].as_str().unwrap().to_owned()
}

/// The fields of a referral about a new child.
pub(crate) fn child(family_name: &str) -> Value {
    json!({
        "subject": "child", "commune_code": "63113",
        "child": {"identity": {"given_name": "Zoé", "family_name": family_name, "birth_date": "2023-04-05"}}
    })
}

/// Accepts a referral and returns the case that it opens or joins.
pub(crate) async fn accept(caller: &Caller, referral: &str, decided_on: &str) -> String {
    let body = json!({"decided_on": decided_on});
    let accepted = caller.post(&format!("/v1/referrals/{referral}/accept"), body).await.expect(200);
    accepted["case_id"].as_str().unwrap().to_owned()
}

/// The open case of a new child.
pub(crate) async fn case_of(caller: &Caller, service: Id, family_name: &str, opened_on: &str) -> String {
    let referral = refer(caller, service, opened_on, child(family_name)).await;
    accept(caller, &referral, opened_on).await
}

/// The open case of a structure.
pub(crate) async fn structure_case(caller: &Caller, service: Id, opened_on: &str) -> String {
    let organisation = nursery(caller, service, "Multi-accueil Les Lutins").await;
    let about = json!({"subject": "structure", "organisation_id": organisation, "needs": ["practice_change_support"]});
    let referral = refer(caller, service, opened_on, about).await;
    accept(caller, &referral, opened_on).await
}

pub(crate) fn interview(held_on: &str) -> Value {
    json!({"type": "family_interview", "held_on": held_on, "minutes": 60, "travel_minutes": 40, "place": "family_home"})
}

/// The same body with one more field.
pub(crate) fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

pub(crate) async fn ids(caller: &Caller, path: &str) -> Vec<String> {
    let list = caller.get(path).await.expect(200);
    list.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn accepting_a_referral_opens_a_case(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let referral = refer(&caller, service, "2026-02-02", child("Exemple")).await;
        let id = accept(&caller, &referral, "2026-02-09").await;
        let case = caller.get(&format!("/v1/cases/{id}")).await.expect(200);
        assert_eq!(case["opened_on"], "2026-02-09");
        assert_eq!(case["status"], "open");
        assert_eq!(case["referral_ids"], json!([referral]));
        assert_eq!(
            case["available_actions"],
            json!(["record_step", "record_intervention", "record_placement", "set_goal", "record_procedure", "flag_complexity", "set_priority", "plan_follow_up", "suspend", "close"])
        );
        for unknown in ["closed_on", "outcome", "latest_step", "latest_step_on", "next_follow_up_on"] {
            assert!(case[unknown].is_null(), "{unknown}");
        }
    }

    async fn a_second_referral_joins_the_child_s_open_case(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let child = caller.get(&format!("/v1/cases/{case}")).await["child_id"].clone();
        let start = caller.get("/v1/changes?resource=case").await.expect(200)["page"]["next_cursor"].as_str().unwrap().to_owned();
        let second = refer(&caller, service, "2026-02-20", json!({"subject": "child", "child_id": child})).await;
        assert_eq!(accept(&caller, &second, "2026-02-23").await, case);
        let joined = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!(joined["referral_ids"].as_array().unwrap().len(), 2);
        assert_eq!((&joined["opened_on"], &joined["version"]), (&json!("2026-02-02"), &json!(2)));
        let changed = caller.get(&format!("/v1/changes?resource=case&cursor={start}")).await.expect(200);
        assert_eq!((changed.rows().len(), &changed.rows()[0]["object_id"]), (1, &json!(case)), "those who keep a copy are told");
    }

    async fn a_closure_has_an_outcome_and_is_not_earlier_than_any_record(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let (path, close) = (format!("/v1/cases/{case}"), format!("/v1/cases/{case}/close"));
        caller.post(&format!("{path}/interventions"), with(interview("2026-02-20"), "next_action_on", "2026-03-20".into()))
            .await.expect(201);
        let outcome = |outcome: &str, on: &str| json!({"outcome": outcome, "closed_on": on});
        caller.post(&close, outcome("need_met", "2026-02-19")).await.breaks("/closed_on", "before_last_record");
        caller.post(&close, outcome("need_met", "2026-03-03")).await.breaks("/closed_on", "in_the_future");
        caller.post(&close, json!({"outcome": "effective_placement"})).await.breaks("/outcome", "placement_required");
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let place = json!({"organisation_id": lutins, "childcare_type": "creche", "starts_on": "2026-02-23"});
        caller.post(&format!("{path}/placements"), place.clone()).await.expect(201);
        let closed = caller.post(&close, json!({"outcome": "effective_placement"})).await.expect(200);
        assert_eq!((&closed["status"], &closed["closed_on"]), (&json!("closed"), &json!("2026-03-02")));
        assert_eq!(closed["latest_step"], "closure");
        assert!(closed["next_follow_up_on"].is_null());
        let allowed = json!(["reopen", "record_step", "record_intervention"]);
        assert_eq!(closed["available_actions"], allowed);

        for (at, body) in [
            ("close", json!({"outcome": "moved"})), ("placements", place), ("follow-up", json!({"next_follow_up_on": null})),
        ] {
            let refused = caller.post(&format!("{path}/{at}"), body).await.expect(409).problem("wrong_state");
            assert_eq!((&refused["state"], &refused["available_actions"]), (&json!("closed"), &allowed), "{at}");
        }
    }

    async fn a_case_closed_too_early_is_reopened_unless_the_child_has_another(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}");
        caller.act(&format!("{path}/reopen")).await.expect(409).problem("wrong_state");
        caller.post(&format!("{path}/close"), json!({"outcome": "lost_contact"})).await.expect(200);
        let reopened = caller.act(&format!("{path}/reopen")).await.expect(200);
        assert_eq!(reopened["status"], "open");
        assert!(reopened["outcome"].is_null() && reopened["closed_on"].is_null());
        assert!(reopened["latest_step"].is_null(), "the closure no longer counts");
        caller.post(&format!("{path}/close"), json!({"outcome": "moved"})).await.expect(200);

        let history = caller.get(&format!("{path}/history")).await.expect(200);
        let event = |event: &Value| (event["action"].clone(), event["outcome"].clone());
        let lost = (json!("close"), json!("lost_contact"));
        let expected = [(json!("open"), json!(null)), lost, (json!("reopen"), json!(null)), (json!("close"), json!("moved"))];
        assert_eq!(history.rows().iter().map(event).collect::<Vec<_>>(), expected, "no outcome is lost");
        for statement in ["UPDATE case_events SET author = 'nobody'", "DELETE FROM case_events"] {
            assert!(app.database.execute(statement).is_err(), "{statement}");
        }
        let child = reopened["child_id"].clone();
        let back = refer(&caller, service, "2026-03-02", json!({"subject": "child", "child_id": child})).await;
        let second = accept(&caller, &back, "2026-03-02").await;
        assert_ne!(second, case);
        let offered = caller.get(&path).await.expect(200)["available_actions"].clone();
        assert!(!offered.as_array().unwrap().contains(&json!("reopen")), "{offered}");
        let refused = caller.act(&format!("{path}/reopen")).await.expect(409).problem("conflict");
        assert_eq!(refused["case_id"], second);
    }

    async fn follow_ups_are_planned_and_the_overdue_are_listed(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (late, later) =
            (case_of(&caller, service, "Un", "2026-02-02").await, case_of(&caller, service, "Deux", "2026-02-03").await);
        let plan = |case: &str, on: Value| {
            let (caller, path) = (caller.clone(), format!("/v1/cases/{case}/follow-up"));
            async move { caller.post(&path, json!({"next_follow_up_on": on})).await }
        };
        plan(&late, "2026-03-01".into()).await.breaks("/next_follow_up_on", "in_the_past");
        plan(&late, "2026-03-10".into()).await.expect(200);
        plan(&later, "2026-03-20".into()).await.expect(200);
        assert_eq!(ids(&caller, "/v1/cases?follow_up_before=2026-03-09").await, Vec::<String>::new());
        assert_eq!(ids(&caller, "/v1/cases?follow_up_before=2026-03-10").await, std::slice::from_ref(&late));
        assert_eq!(ids(&caller, "/v1/cases?follow_up_before=2026-03-31").await, [later.clone(), late.clone()]);
        let none = plan(&late, Value::Null).await.expect(200);
        assert!(none["next_follow_up_on"].is_null());
        caller.post(&format!("/v1/cases/{late}/follow-up"), json!({})).await.expect(400);
        caller.post(&format!("/v1/cases/{later}/close"), json!({"outcome": "moved"})).await.expect(200);
        assert_eq!(ids(&caller, "/v1/cases?follow_up_before=2026-03-31").await, Vec::<String>::new());
    }

    async fn cases_are_filtered_and_paged_completely(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let mut children = Vec::new();
        for day in ["2026-02-02", "2026-02-03", "2026-02-03", "2026-02-05"] {
            children.push(case_of(&caller, service, "Exemple", day).await);
        }
        let structure = structure_case(&caller, service, "2026-02-04").await;
        caller.post(&format!("/v1/cases/{}/close", children[0]), json!({"outcome": "moved"})).await.expect(200);
        let all = ids(&caller, "/v1/cases").await;
        assert_eq!(all.len(), 5);
        let (mut walked, mut path) = (Vec::new(), "/v1/cases?limit=2".to_owned());
        loop {
            let page = caller.get(&path).await.expect(200);
            walked.extend(page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            match page["page"]["next_cursor"].as_str() {
                Some(cursor) => path = format!("/v1/cases?limit=2&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(walked, all);
        let first = caller.get(&format!("/v1/cases/{}", children[3])).await.expect(200);
        let (child, household) = (first["child_id"].as_str().unwrap(), first["household_id"].as_str().unwrap());
        for (query, expected) in [
            ("status=closed".to_owned(), vec![&children[0]]),
            ("subject=structure".to_owned(), vec![&structure]),
            (format!("child_id={child}"), vec![&children[3]]),
            (format!("household_id={household}"), vec![&children[3]]),
            ("opened_from=2026-02-04&opened_to=2026-02-04".to_owned(), vec![&structure]),
            (format!("service_id={service}&status=closed"), vec![&children[0]]),
            ("commune=63300".to_owned(), vec![]),
        ] {
            let expected: Vec<String> = expected.into_iter().cloned().collect();
            assert_eq!(ids(&caller, &format!("/v1/cases?{query}")).await, expected, "{query}");
        }
        assert_eq!(ids(&caller, "/v1/cases?commune=63113").await.len(), 5);
        for wrong in ["status=ended", "opened_from=demain", "commune=99999", "child=1"] {
            caller.get(&format!("/v1/cases?{wrong}")).await.expect(400).problem("invalid_parameters");
        }
    }

    async fn the_cases_of_another_service_are_not_found(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let place = json!({"organisation_id": lutins, "childcare_type": "creche", "starts_on": "2026-02-16"});
        let placement = caller.post(&format!("/v1/cases/{case}/placements"), place.clone()).await.expect(201).id();
        let (elsewhere, stranger) = coordinator(&app).await;
        let before = app.database.counts();
        assert_eq!(ids(&stranger, "/v1/cases").await, Vec::<String>::new());
        assert_eq!(ids(&stranger, &format!("/v1/cases?service_id={service}")).await, Vec::<String>::new());
        for at in ["", "/steps", "/interventions", "/placements"] {
            stranger.get(&format!("/v1/cases/{case}{at}")).await.expect(404).problem("not_found");
        }
        let step = json!({"step": "childcare_search", "reached_on": "2026-03-02"});
        for (at, body) in [
            ("close", json!({"outcome": "moved"})), ("steps", step), ("interventions", interview("2026-03-02")),
            ("placements", place), ("follow-up", json!({"next_follow_up_on": null})),
        ] {
            stranger.post(&format!("/v1/cases/{case}/{at}"), body).await.expect(404).problem("not_found");
        }
        stranger.act(&format!("/v1/cases/{case}/reopen")).await.expect(404);
        stranger.post(&format!("/v1/placements/{placement}/end"), json!({"ends_on": "2026-08-28"})).await.expect(404);
        assert_eq!(app.database.counts(), before);
        assert_eq!(ids(&stranger, &format!("/v1/cases?service_id={elsewhere}")).await.len(), 0);
    }

    async fn of_two_concurrent_closures_one_gets_a_conflict(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}/close");
        let (one, other) = futures_util::future::join(
            caller.post(&path, json!({"outcome": "moved"})),
            caller.post(&path, json!({"outcome": "need_met"})),
        ).await;
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        assert_eq!(caller.get(&format!("/v1/cases/{case}/steps")).await.rows().len(), 1, "one closure");
    }
}
