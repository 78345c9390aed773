//! Placements: planned, existing before the case, started, ended, cancelled; what counts as an effective placement.

use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, nursery, with};
use crate::harness::{Caller, Response, TestApp};

/// A case opened on 2 February 2026, in a service whose clock is at 2 March, with two nurseries.
async fn placing(app: &TestApp) -> (Id, Caller, String, [String; 2]) {
    let (service, caller) = coordinator(app).await;
    let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
    let nurseries = [nursery(&caller, service, "Les Lutins").await, nursery(&caller, service, "Les Farfadets").await];
    (service, caller, case, nurseries)
}

fn place(organisation: &str, starts_on: &str) -> Value {
    json!({"organisation_id": organisation, "childcare_type": "creche", "starts_on": starts_on})
}

async fn placed(caller: &Caller, case: &str, body: Value) -> Response {
    caller.post(&format!("/v1/cases/{case}/placements"), body).await.expect(201)
}

async fn steps(caller: &Caller, case: &str) -> Vec<String> {
    let list = caller.get(&format!("/v1/cases/{case}/steps")).await.expect(200);
    let step = |row: &Value| format!("{} {}", row["step"].as_str().unwrap(), row["reached_on"].as_str().unwrap());
    list.rows().iter().map(step).collect()
}

async fn started(caller: &Caller, service: Id) -> Value {
    let path = format!("/v1/services/{service}/activity?from=2025-01-01&to=2026-12-31");
    caller.get(&path).await.expect(200)["placements"]["started"].clone()
}

on_both_databases! {
    async fn only_a_place_that_started_during_the_case_is_effective(app: TestApp) {
        let (service, caller, case, [lutins, farfadets]) = placing(&app).await;
        let existing = placed(&caller, &case, place(&lutins, "2025-09-01")).await;
        assert_eq!((&existing["state"], &existing["is_effective"]), (&json!("existing"), &json!(false)));
        let planned = placed(&caller, &case, place(&farfadets, "2026-09-01")).await;
        assert_eq!((&planned["state"], &planned["is_effective"]), (&json!("planned"), &json!(false)));
        assert_eq!(planned["available_actions"], json!(["confirm", "cancel"]));
        assert_eq!((steps(&caller, &case).await.len(), started(&caller, service).await), (0, json!(0)));
        // Neither closes the case as an effective placement, and a planned one is decided on first.
        let close = format!("/v1/cases/{case}/close");
        let refused = caller.post(&close, json!({"outcome": "effective_placement"})).await.expect(422);
        let faults: Vec<_> = refused.faults().into_iter().map(|(_, code)| code).collect();
        assert_eq!(faults, ["placement_required", "placement_planned"]);

        let arrived = placed(&caller, &case, place(&farfadets, "2026-02-16")).await;
        assert_eq!((&arrived["state"], &arrived["is_effective"]), (&json!("started"), &json!(true)));
        assert_eq!(steps(&caller, &case).await, ["effective_placement 2026-02-16"]);
        assert_eq!(started(&caller, service).await, 1);
        caller.post(&format!("/v1/placements/{}/end", arrived.id()), json!({"ends_on": "2026-03-01"})).await.expect(200);
        assert_eq!(caller.get(&format!("/v1/placements/{}", arrived.id())).await["state"], "ended");
        let why = json!({"reason": "setting_withdrew"});
        caller.post(&format!("/v1/placements/{}/cancel", planned.id()), why).await.expect(200);
        caller.post(&close, json!({"outcome": "effective_placement"})).await.breaks("/outcome", "placement_required");
        caller.post(&close, json!({"outcome": "placement_maintained"})).await.expect(200);
        assert_eq!(started(&caller, service).await, 1);
    }

    async fn a_planned_place_is_confirmed_by_somebody_and_not_by_the_clock(app: TestApp) {
        let (service, caller, case, [lutins, _]) = placing(&app).await;
        let planned = placed(&caller, &case, place(&lutins, "2026-03-09")).await.id();
        let path = format!("/v1/placements/{planned}");
        let confirm = format!("{path}/confirm");
        caller.post(&confirm, json!({})).await.breaks("/starts_on", "in_the_future");
        caller.patch(&path, json!({"starts_on": "2026-03-01"})).await.breaks("/starts_on", "in_the_past");
        app.advance(chrono::Duration::days(14));
        let agenda = caller.get("/v1/agenda").await.expect(200);
        assert_eq!((&agenda.rows()[0]["kind"], &agenda.rows()[0]["overdue"]), (&json!("placement_start"), &json!(true)));
        assert_eq!((&agenda.rows()[0]["object_id"], &agenda.rows()[0]["organisation_name"]), (&json!(planned), &json!("Les Lutins")));
        assert_eq!(caller.get(&format!("/v1/dashboard?service_id={service}")).await["placements_to_confirm"], 1);
        assert_eq!((&caller.get(&path).await["state"], started(&caller, service).await), (&json!("planned"), json!(0)));
        caller.post(&confirm, json!({"starts_on": "2026-02-01"})).await.breaks("/starts_on", "before_opening");
        let arrived = caller.post(&confirm, json!({"starts_on": "2026-03-11"})).await.expect(200);
        assert_eq!((&arrived["state"], &arrived["starts_on"], &arrived["version"]), (&json!("started"), &json!("2026-03-11"), &json!(2)));
        assert_eq!(steps(&caller, &case).await, ["effective_placement 2026-03-11"]);
        assert_eq!(started(&caller, service).await, 1);
        let refused = caller.post(&confirm, json!({})).await.expect(409).problem("wrong_state");
        assert_eq!((&refused["state"], &refused["available_actions"]), (&json!("started"), &json!(["end", "review"])));
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        let changes = json!([
            {"field": "starts_on", "before": "2026-03-09", "after": "2026-03-11"},
            {"field": "state", "before": "planned", "after": "started"}
        ]);
        assert_eq!(history.rows()[0]["changes"], changes);
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "effective_placement"})).await.expect(200);
    }

    async fn a_planned_place_that_did_not_come_about_says_why(app: TestApp) {
        let (service, caller, case, [lutins, _]) = placing(&app).await;
        let planned = placed(&caller, &case, place(&lutins, "2026-03-09")).await.id();
        let path = format!("/v1/placements/{planned}");
        caller.post(&format!("{path}/cancel"), json!({"reason": "weather"})).await.expect(400);
        caller.post(&format!("{path}/end"), json!({"ends_on": "2026-08-28"})).await.expect(409).problem("wrong_state");
        let cancelled = caller.post(&format!("{path}/cancel"), json!({"reason": "funding_refused"})).await.expect(200);
        assert_eq!((&cancelled["state"], &cancelled["cancelled_on"]), (&json!("cancelled"), &json!("2026-03-02")));
        assert_eq!(cancelled["cancel_reason"], "funding_refused");
        for action in ["confirm", "end"] {
            let body = if action == "end" { json!({"ends_on": "2026-08-28"}) } else { json!({}) };
            let refused = caller.post(&format!("{path}/{action}"), body).await.expect(409).problem("wrong_state");
            assert_eq!(refused["state"], "cancelled");
        }
        assert_eq!((steps(&caller, &case).await.len(), started(&caller, service).await), (0, json!(0)));
        assert_eq!(caller.get("/v1/agenda?to=2026-03-30").await.expect(200).rows().len(), 0);
        assert_eq!(caller.get(&format!("/v1/cases/{case}/placements")).await.rows().len(), 1);
    }

    async fn a_place_that_did_not_come_about_blocks_no_other_one(app: TestApp) {
        let (_, caller, case, [lutins, _]) = placing(&app).await;
        let placements = format!("/v1/cases/{case}/placements");
        let why = json!({"reason": "setting_withdrew"});
        let first = placed(&caller, &case, place(&lutins, "2026-03-09")).await.id();
        assert_eq!(caller.post(&placements, place(&lutins, "2026-03-09")).await.expect(409)["existing_id"], first);
        caller.post(&format!("/v1/placements/{first}/cancel"), why.clone()).await.expect(200);
        let second = placed(&caller, &case, place(&lutins, "2026-03-09")).await.id();
        caller.post(&format!("/v1/placements/{second}/cancel"), why).await.expect(200);
        let third = placed(&caller, &case, place(&lutins, "2026-03-09")).await;
        assert_eq!((&third["state"], &third["is_main"]), (&json!("planned"), &json!(true)));
        // A live one still blocks another live one, whatever the code does, and a cancelled one is corrected freely.
        assert_eq!(caller.post(&placements, place(&lutins, "2026-03-09")).await.expect(409)["existing_id"], third["id"]);
        let copy = format!(
            "INSERT INTO placements (id, service_id, case_id, organisation_id, childcare_type, starts_on, author, version, \
             created_at, updated_at, stage, weekdays, adaptations, is_main) SELECT '{}', service_id, case_id, organisation_id, \
             childcare_type, starts_on, author, version, created_at, updated_at, 'planned', weekdays, adaptations, FALSE \
             FROM placements WHERE id = '{first}'",
            uuid::Uuid::now_v7()
        );
        assert!(app.database.execute(&copy).is_err());
        caller.patch(&format!("/v1/placements/{first}"), json!({"starts_on": "2026-03-10"})).await.expect(200);
        caller.patch(&format!("/v1/placements/{first}"), json!({"starts_on": "2026-03-09"})).await.expect(200);
        assert_eq!(caller.get(&placements).await.expect(200).rows().len(), 3);
    }

    async fn the_step_follows_a_corrected_first_day(app: TestApp) {
        let (service, caller, case, [lutins, _]) = placing(&app).await;
        let path = format!("/v1/placements/{}", placed(&caller, &case, place(&lutins, "2026-02-16")).await.id());
        // The child already had it.
        let before = caller.patch(&path, json!({"starts_on": "2026-02-01"})).await.expect(200);
        assert_eq!(before["state"], "existing");
        assert_eq!((steps(&caller, &case).await.len(), started(&caller, service).await), (0, json!(0)));
        // The opening of the case cannot make it an effective placement without a word.
        caller.patch(&format!("/v1/cases/{case}"), json!({"opened_on": "2026-02-01"})).await.expect(422);
        caller.patch(&path, json!({"starts_on": "2026-02-03"})).await.expect(200);
        assert_eq!(steps(&caller, &case).await, ["effective_placement 2026-02-03"]);
        assert_eq!(started(&caller, service).await, 1);
        caller.patch(&path, json!({"starts_on": "2026-03-03"})).await.breaks("/starts_on", "in_the_future");
        caller.patch(&path, json!({"starts_on": "2006-02-03"})).await.breaks("/starts_on", "before_birth");
    }

    async fn a_place_has_hours_days_and_adaptations_and_says_why_it_ended(app: TestApp) {
        let (_, caller, case, [lutins, _]) = placing(&app).await;
        let mut body = place(&lutins, "2026-02-16");
        for (field, value) in [
            ("weekly_minutes", json!(0)), ("weekly_minutes", json!(10081)), ("weekdays", json!([8])),
            ("adaptations", json!(["magic"])), ("end_reason", json!("nothing")),
        ] {
            caller.post(&format!("/v1/cases/{case}/placements"), with(body.clone(), field, value)).await.expect(400);
        }
        body["end_reason"] = "school_start".into();
        caller.post(&format!("/v1/cases/{case}/placements"), body.clone()).await.breaks("/end_reason", "without_end");
        body["ends_on"] = "9999-12-31".into();
        let late = caller.post(&format!("/v1/cases/{case}/placements"), body.clone()).await.breaks("/ends_on", "too_far_ahead");
        assert!(late["errors"][0]["message"].as_str().unwrap().contains("02/03/2036"), "{}", late.text());
        for field in ["ends_on", "end_reason"] {
            body.as_object_mut().unwrap().remove(field);
        }
        body["weekly_minutes"] = 1200.into();
        body["weekdays"] = json!([4, 1]);
        body["adaptations"] = json!(["smaller_group", "adapted_schedule"]);
        let made = placed(&caller, &case, body).await;
        assert_eq!((&made["weekdays"], &made["weekly_minutes"]), (&json!([1, 4]), &json!(1200)));
        assert_eq!(made["adaptations"], json!(["adapted_schedule", "smaller_group"]));
        let path = format!("/v1/placements/{}", made.id());
        caller.patch(&path, json!({"weekdays": [], "weekly_minutes": null, "adaptations": ["other"]})).await.expect(200);
        let end = json!({"ends_on": "2026-08-28", "end_reason": "school_start"});
        assert_eq!(caller.post(&format!("{path}/end"), end.clone()).await.expect(200)["end_reason"], "school_start");
        caller.post(&format!("{path}/end"), json!({"ends_on": "9999-12-31"})).await.breaks("/ends_on", "too_far_ahead");
        // The same again changes nothing.
        assert_eq!(caller.post(&format!("{path}/end"), end).await.expect(200)["version"], 3);
        caller.post(&format!("{path}/end"), json!({"ends_on": "2026-07-03"})).await.expect(200);
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        let last = history.rows().last().unwrap();
        assert_eq!(last["changes"], json!([{"field": "ends_on", "before": "2026-08-28", "after": "2026-07-03"}]));
        let open = caller.patch(&path, json!({"ends_on": null})).await.expect(200);
        assert_eq!((&open["ends_on"], &open["end_reason"]), (&Value::Null, &Value::Null));
    }

    async fn a_child_has_one_main_place_at_a_time(app: TestApp) {
        let (_, caller, case, [lutins, farfadets]) = placing(&app).await;
        let main = placed(&caller, &case, place(&lutins, "2026-02-16")).await;
        let beside = placed(&caller, &case, place(&farfadets, "2026-02-23")).await;
        assert_eq!((&main["is_main"], &beside["is_main"]), (&json!(true), &json!(false)));
        let path = format!("/v1/placements/{}", beside.id());
        let refused = caller.patch(&path, json!({"is_main": true})).await.expect(409).problem("conflict");
        assert_eq!(refused["existing_id"], main["id"]);
        let second = with(place(&farfadets, "2026-02-24"), "is_main", true.into());
        caller.post(&format!("/v1/cases/{case}/placements"), second).await.expect(409);
        caller.post(&format!("/v1/placements/{}/end", main.id()), json!({"ends_on": "2026-02-22"})).await.expect(200);
        assert_eq!(caller.patch(&path, json!({"is_main": true})).await.expect(200)["is_main"], true);
        // Its end cannot be moved over the next one.
        let back = caller.patch(&format!("/v1/placements/{}", main.id()), json!({"ends_on": null})).await.expect(409);
        assert_eq!(back["existing_id"], beside["id"]);
        let written = format!("UPDATE placements SET ends_on = NULL WHERE id = '{}'", main.id());
        assert!(app.database.execute(&written).is_err(), "the database refuses a second main place");
    }

    async fn dates_planned_by_a_typing_mistake_are_refused(app: TestApp) {
        let (_, caller, case, [lutins, _]) = placing(&app).await;
        let under = |what: &str| format!("/v1/cases/{case}/{what}");
        caller.post(&under("follow-up"), json!({"next_follow_up_on": "9999-12-31"})).await.breaks("/next_follow_up_on", "too_far_ahead");
        caller.post(&under("goals"), json!({"title": "Seul", "set_on": "2026-03-02", "target_on": "2062-06-30"})).await
            .breaks("/target_on", "too_far_ahead");
        let work = with(crate::cases::interview("2026-02-10"), "next_action_on", "2062-04-15".into());
        caller.post(&under("interventions"), work).await.breaks("/next_action_on", "too_far_ahead");
        caller.post(&under("placements"), place(&lutins, "2062-09-01")).await.breaks("/starts_on", "too_far_ahead");
    }

    async fn the_dates_of_a_case_keep_to_its_goals_and_its_team(app: TestApp) {
        let (service, caller, case, _) = placing(&app).await;
        let path = format!("/v1/cases/{case}");
        let goal = json!({"title": "Seul", "set_on": "2026-02-10"});
        let goal = caller.post(&format!("{path}/goals"), goal).await.expect(201).id();
        let review = json!({"reviewed_on": "2026-02-24", "attainment": 2});
        caller.post(&format!("/v1/goals/{goal}/reviews"), review).await.expect(201);
        let colleague = app.user(service, passerelle::auth::Role::Professional).await;
        let join = json!({"user_id": colleague.bare_id(), "starts_on": "2026-02-26"});
        caller.post(&format!("{path}/team"), join).await.expect(201);
        caller.patch(&path, json!({"opened_on": "2026-02-11"})).await.breaks("/opened_on", "after_first_record");
        let close = |on: &str| json!({"outcome": "need_met", "closed_on": on});
        caller.post(&format!("{path}/close"), close("2026-02-25")).await.breaks("/closed_on", "before_last_record");
        caller.post(&format!("{path}/close"), close("2026-02-26")).await.expect(200);
        caller.patch(&path, json!({"closed_on": "2026-02-25"})).await.breaks("/closed_on", "before_last_record");
        // Who is in charge since the opening follows its day.
        caller.patch(&path, json!({"opened_on": "2026-02-05"})).await.expect(200);
        let team = caller.get(&format!("{path}/team")).await.expect(200);
        let days: Vec<_> = team.rows().iter().map(|row| row["starts_on"].as_str().unwrap()).collect();
        assert_eq!(days, ["2026-02-26", "2026-02-05"]);
        let outside = caller.patch(&path, json!({"commune_code": "03190"})).await.breaks("/commune_code", "out_of_territory");
        assert!(outside["errors"][0]["message"].as_str().unwrap().contains("63"));
    }
}
