//! The records of a case: steps, interventions, placements, and their sealed notes.

use serde_json::json;

use crate::cases::{accept, case_of, child, coordinator, interview, nursery, refer, structure_case, with};

on_both_databases! {
    async fn steps_are_dated_skipped_and_revisited(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}/steps");
        let step = |step: &str, on: &str| json!({"step": step, "reached_on": on});
        caller.post(&path, step("childcare_search", "2026-02-10")).await.expect(201);
        let made = caller.post(&path, with(step("childcare_search", "2026-02-20"), "note", "Relance.".into()))
            .await.expect(201);
        assert_eq!(made["note"], "Relance.");
        assert_eq!(made["author"], caller.id.unwrap().to_string());
        // A step that is recorded last can have the earliest date.
        caller.post(&path, step("parents_needs_assessment", "2026-02-02")).await.expect(201);
        let list = caller.get(&path).await.expect(200);
        let reached: Vec<_> = list.rows().iter().map(|row| row["reached_on"].as_str().unwrap()).collect();
        assert_eq!(reached, ["2026-02-02", "2026-02-10", "2026-02-20"]);
        let case = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!(case["latest_step"], "childcare_search");
        assert_eq!(case["latest_step_on"], "2026-02-20");
    }

    async fn the_date_of_a_step_is_checked_and_two_steps_are_recorded_elsewhere(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}/steps");
        let before = app.database.counts();
        for (step, on, pointer, rule) in [
            ("childcare_search", "2026-03-03", "/reached_on", "in_the_future"),
            ("childcare_search", "2026-02-01", "/reached_on", "before_opening"),
            ("closure", "2026-03-02", "/step", "recorded_by_closing"),
            ("effective_placement", "2026-03-02", "/step", "recorded_by_placement"),
        ] {
            caller.post(&path, json!({"step": step, "reached_on": on})).await.breaks(pointer, rule);
        }
        let both = caller.post(&path, json!({"step": "closure", "reached_on": "2026-03-03"})).await.expect(422);
        assert_eq!(both.faults().len(), 2, "every fault at once");
        caller.post(&path, json!({"step": "nothing", "reached_on": "2026-03-02"}))
            .await.expect(400).problem("invalid_body");
        assert_eq!(app.database.counts(), before);
    }

    async fn an_intervention_counts_indirect_work_and_travel(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}/interventions");
        let who = json!([{"kind": "parent", "number": 2}, {"kind": "child", "number": 1}]);
        let new = with(with(interview("2026-02-10"), "participants", who), "next_action_on", "2026-02-24".into());
        let made = caller.post(&path, new).await.expect(201);
        assert_eq!(made["mode"], "individual");
        assert_eq!(made["participants"], json!([{"kind": "child", "number": 1}, {"kind": "parent", "number": 2}]));
        let call =
            json!({"type": "professional_advice", "held_on": "2026-02-11", "minutes": 15, "travel_minutes": 0, "place": "phone"});
        assert_eq!(caller.post(&path, call.clone()).await.expect(201)["mode"], "indirect");
        let group = with(call, "mode", "collective".into());
        assert_eq!(caller.post(&path, group).await.expect(201)["mode"], "collective");
        let list = caller.get(&path).await.expect(200);
        assert_eq!(list.rows().len(), 3);
        assert_eq!(list.rows()[2], made.json, "most recent first, identical to the response of the creation");
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await["next_follow_up_on"], "2026-02-24");
    }

    async fn an_intervention_may_precede_the_opening_but_not_the_referral(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let referral = refer(&caller, service, "2026-02-02", child("Exemple")).await;
        let case = accept(&caller, &referral, "2026-02-16").await;
        let path = format!("/v1/cases/{case}/interventions");
        caller.post(&path, interview("2026-02-02")).await.expect(201);
        caller.post(&path, interview("2026-02-01")).await.breaks("/held_on", "before_request");
        caller.post(&path, interview("2026-03-03")).await.breaks("/held_on", "in_the_future");
        let next = with(interview("2026-02-10"), "next_action_on", "2026-02-09".into());
        caller.post(&path, next).await.breaks("/next_action_on", "next_action_before");
    }

    async fn around_school_only_a_bridge_is_in_scope(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}/interventions");
        let at_school = json!({
            "type": "advice", "held_on": "2026-02-10", "minutes": 60, "travel_minutes": 0, "place": "school",
            "on_school_time": true, "participants": [{"kind": "parent", "number": 1}, {"kind": "teacher", "number": 1}]
        });
        let refused = caller.post(&path, at_school.clone()).await.expect(422).problem("rule_broken");
        let expected = [
            ("/on_school_time", "school_time_not_covered"),
            ("/place", "school_time_not_covered"),
            ("/participants/1/kind", "school_staff_not_covered"),
        ];
        assert_eq!(refused.faults(), expected.map(|(at, rule)| (at.to_owned(), rule.to_owned())));
        caller.post(&path, with(at_school, "type", "school_bridge".into())).await.expect(201);
    }

    async fn an_invalid_intervention_is_rejected_as_the_contract_says(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}/interventions");
        let before = app.database.counts();
        for (field, value) in [
            ("minutes", json!(1441)), ("minutes", json!(-1)), ("travel_minutes", json!(1441)), ("type", json!("nothing")),
            ("participants", json!([{"kind": "parent", "number": 0}])), ("nobody", json!(1)), ("note", json!("x".repeat(4001))),
        ] {
            let refused = caller.post(&path, with(interview("2026-02-10"), field, value)).await.expect(400);
            assert!(refused.faults()[0].0.starts_with(&format!("/{field}")), "{:?}", refused.faults());
        }
        let twice = json!([{"kind": "parent", "number": 1}, {"kind": "parent", "number": 2}]);
        caller.post(&path, with(interview("2026-02-10"), "participants", twice))
            .await.breaks("/participants", "not_unique");
        let (elsewhere, stranger) = coordinator(&app).await;
        let theirs = nursery(&stranger, elsewhere, "Ailleurs").await;
        caller.post(&path, with(interview("2026-02-10"), "organisation_id", theirs.into())).await
            .breaks("/organisation_id", "unknown_organisation");
        let same =
            |counts: &[(String, i64)]| counts.iter().filter(|(t, _)| t.starts_with("interv")).cloned().collect::<Vec<_>>();
        assert_eq!(same(&app.database.counts()), same(&before));
    }

    async fn notes_are_sealed_and_erased_with_their_key(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let about_child = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let about_structure = structure_case(&caller, service, "2026-02-02").await;
        for case in [&about_child, &about_structure] {
            let step = json!({"step": "childcare_search", "reached_on": "2026-02-10", "note": "Ornithorynque bleu"});
            caller.post(&format!("/v1/cases/{case}/steps"), step).await.expect(201);
            let work = with(interview("2026-02-10"), "note", "Ornithorynque vert".into());
            caller.post(&format!("/v1/cases/{case}/interventions"), work).await.expect(201);
            let read = caller.get(&format!("/v1/cases/{case}/steps")).await.expect(200);
            assert_eq!(read.rows()[0]["note"], "Ornithorynque bleu");
            let read = caller.get(&format!("/v1/cases/{case}/interventions")).await.expect(200);
            assert_eq!(read.rows()[0]["note"], "Ornithorynque vert");
        }
        app.assert_never_stored(&["Ornithorynque"]);
        // Without the key of the owner, the counted data remain and the notes cannot be read.
        app.database.execute("DELETE FROM data_keys").unwrap();
        for list in ["steps", "interventions"] {
            let read = caller.get(&format!("/v1/cases/{about_child}/{list}")).await.expect(200);
            assert!(read.rows()[0]["note"].is_null());
        }
    }

    async fn a_placement_is_effective_and_records_its_step(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let path = format!("/v1/cases/{case}/placements");
        let place = |on: &str| json!({"organisation_id": lutins, "childcare_type": "micro_creche", "starts_on": on});
        caller.post(&path, with(place("2026-02-16"), "childcare_type", "none".into())).await
            .breaks("/childcare_type", "not_a_placement");
        caller.post(&path, with(place("2026-02-16"), "ends_on", "2026-02-15".into())).await
            .breaks("/ends_on", "ends_before_start");
        let nowhere = "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60";
        caller.post(&path, with(place("2026-02-16"), "organisation_id", nowhere.into())).await
            .breaks("/organisation_id", "unknown_organisation");
        let made = caller.post(&path, place("2026-02-16")).await.expect(201);
        caller.post(&path, place("2026-02-16")).await.expect(409).problem("conflict");
        let read = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!((&read["latest_step"], &read["status"]), (&json!("effective_placement"), &json!("open")));
        assert_eq!(read["latest_step_on"], "2026-02-16");

        let end = format!("/v1/placements/{}/end", made.id());
        caller.post(&end, json!({"ends_on": "2026-02-15"})).await.breaks("/ends_on", "ends_before_start");
        caller.post(&end, json!({"ends_on": "2026-08-28"})).await.expect(200);
        assert_eq!(caller.post(&end, json!({"ends_on": "2026-02-27"})).await.expect(200)["version"], 3);
        let ended = caller.post(&end, json!({"ends_on": "2026-08-28"})).await.expect(409).problem("wrong_state");
        assert_eq!(ended["state"], "ended");
        assert_eq!(caller.get(&path).await.expect(200).rows().len(), 1);
    }

    async fn a_structure_has_a_case_but_no_placement(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = structure_case(&caller, service, "2026-02-02").await;
        let read = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert!(read["child_id"].is_null() && read["household_id"].is_null());
        assert!(!read["available_actions"].as_array().unwrap().contains(&json!("record_placement")));
        let place = json!({
            "organisation_id": read["organisation_id"], "childcare_type": "creche", "starts_on": "2026-02-16"
        });
        caller.post(&format!("/v1/cases/{case}/placements"), place).await.breaks("", "not_a_child_case");
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "need_met"})).await.expect(200);
    }

    async fn two_users_add_to_a_case_concurrently(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}/interventions");
        let (one, other) = futures_util::future::join(
            caller.post(&path, interview("2026-02-10")),
            caller.post(&path, interview("2026-02-11")),
        ).await;
        assert_eq!((one.status, other.status), (201, 201));
        assert_eq!(caller.get(&path).await.rows().len(), 2);
    }
}
