//! Work about several cases, or about none: counted once, shared between the cases, corrected as one, found across cases.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, interview, nursery, structure_case, with};
use crate::harness::Caller;

/// A meeting of fifty minutes about some cases.
fn meeting(service: Id, cases: &[&str]) -> Value {
    json!({
        "service_id": service, "case_ids": cases, "type": "synthesis_meeting", "held_on": "2026-02-20", "minutes": 50,
        "travel_minutes": 20, "place": "partner_premises", "participants": [{"kind": "pmi_professional", "number": 4}]
    })
}

/// Work about no case.
fn network(service: Id, day: &str, minutes: i32) -> Value {
    json!({"service_id": service, "type": "network", "held_on": day, "minutes": minutes, "place": "video"})
}

async fn activity(caller: &Caller, service: Id) -> Value {
    let path = format!("/v1/services/{service}/activity?from=2026-01-01&to=2026-12-31");
    caller.get(&path).await.expect(200)["interventions"].clone()
}

async fn totals(caller: &Caller, filter: &str) -> Value {
    caller.get(&format!("/v1/interventions?{filter}")).await.expect(200)["totals"].clone()
}

fn sums(acts: i64, minutes: i64, travel: i64) -> Value {
    json!({"acts": acts, "minutes": minutes, "travel_minutes": travel})
}

on_both_databases! {
    async fn a_meeting_about_three_cases_counts_once_and_each_shows_its_share(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let one = case_of(&caller, service, "Un", "2026-02-02").await;
        let two = case_of(&caller, service, "Deux", "2026-02-02").await;
        let three = structure_case(&caller, service, "2026-02-02").await;
        let notes = json!([{"case_id": two, "note": "Deux : accueil progressif."}, {"case_id": one, "note": "Un : PMI prévenue."}]);
        let new = with(with(meeting(service, &[&two, &three, &one]), "notes", notes), "next_action_on", "2026-04-15".into());
        let made = caller.post("/v1/interventions", new).await.expect(201);
        assert_eq!((&made["case_id"], &made["minutes"], &made["act_minutes"]), (&json!(two), &json!(17), &json!(50)));
        assert_eq!((&made["id"], &made["type_label"]), (&made["act_id"], &json!("Réunion de synthèse")));
        assert_eq!(made["professional_ids"], json!([caller.bare_id()]), "the caller took part");
        assert_eq!(made["note"], "Deux : accueil progressif.");
        let shares: Vec<_> = made["shares"].as_array().unwrap().iter()
            .map(|share| (share["case_id"].clone(), share["minutes"].as_i64().unwrap(), share["travel_minutes"].as_i64().unwrap()))
            .collect();
        assert_eq!(shares, [(json!(two), 17, 7), (json!(three), 17, 7), (json!(one), 16, 6)]);
        for (case, minutes, people, note) in [(&two, 17, 2, Some("Deux : accueil progressif.")), (&three, 17, 1, None), (&one, 16, 1, Some("Un : PMI prévenue."))] {
            let rows = caller.get(&format!("/v1/cases/{case}/interventions")).await.expect(200).rows().to_vec();
            assert_eq!(rows.len(), 1);
            assert_eq!((&rows[0]["minutes"], &rows[0]["act_id"]), (&json!(minutes), &made["act_id"]));
            assert_eq!(rows[0]["participants"], json!([{"kind": "pmi_professional", "number": people}]));
            assert_eq!(rows[0]["act_participants"], json!([{"kind": "pmi_professional", "number": 4}]));
            assert_eq!(rows[0]["note"], json!(note), "each case has its own note");
            assert_eq!(caller.get(&format!("/v1/cases/{case}")).await["next_follow_up_on"], "2026-04-15");
        }
        let figures = activity(&caller, service).await;
        assert_eq!((&figures["number"], &figures["minutes"], &figures["travel_minutes"]), (&json!(1), &json!(50), &json!(20)));
        assert_eq!(figures["participants"], json!([{"kind": "pmi_professional", "number": 4}]));
        assert_eq!(totals(&caller, "").await, sums(1, 50, 20));
        assert_eq!(totals(&caller, &format!("case_id={one}")).await, sums(1, 16, 6));
        app.assert_never_stored(&["accueil progressif", "PMI prévenue"]);
    }

    async fn work_about_no_case_is_counted_and_concerns_no_child(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        caller.post(&format!("/v1/cases/{case}/interventions"), interview("2026-02-20")).await.expect(201);
        let new = with(network(service, "2026-02-19", 90), "note", "Rencontre des RPE.".into());
        let made = caller.post("/v1/interventions", new).await.expect(201);
        assert!(made["case_id"].is_null());
        assert_eq!(made["shares"].as_array().unwrap().len(), 1);
        let path = format!("/v1/interventions/{}", made.id());
        let read = caller.get(&path).await.expect(200);
        assert_eq!((&read["note"], &read["mode"]), (&json!("Rencontre des RPE."), &json!("indirect")));
        app.assert_never_stored(&["Rencontre des RPE"]);
        let figures = activity(&caller, service).await;
        assert_eq!((&figures["number"], &figures["minutes"]), (&json!(2), &json!(150)));
        assert_eq!(totals(&caller, "about=no_case").await, sums(1, 90, 0));
        assert_eq!(totals(&caller, "about=cases").await, sums(1, 60, 40));
        assert_eq!(caller.get(&format!("/v1/cases/{case}/interventions")).await.expect(200).rows().len(), 1);

        caller.patch(&path, json!({"minutes": 100, "note": "Rencontre des relais."})).await.expect(200);
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        let fields: Vec<_> = history.rows()[0]["changes"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
        assert_eq!(fields, ["minutes", "note"]);
        caller.patch(&path, json!({"type": "family_interview"})).await.breaks("/type", "case_required");
        caller.patch(&path, json!({"next_action_on": "2026-04-15"})).await.breaks("/next_action_on", "case_required");
        caller.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(200);
        assert_eq!(activity(&caller, service).await["number"], 1);
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(history.rows().last().unwrap()["kind"], "remove");
        // Without a note, the first correction makes the key of its former values.
        let plain = caller.post("/v1/interventions", network(service, "2026-02-19", 30)).await.expect(201).id();
        let path = format!("/v1/interventions/{plain}");
        caller.patch(&path, json!({"minutes": 45})).await.expect(200);
        assert_eq!(caller.get(&format!("{path}/history")).await.expect(200).rows()[0]["changes"][0]["before"], "30");
    }

    async fn an_act_is_corrected_for_all_its_cases(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let one = case_of(&caller, service, "Un", "2026-02-02").await;
        let two = case_of(&caller, service, "Deux", "2026-02-12").await;
        let made = caller.post("/v1/interventions", meeting(service, &[&one, &two])).await.expect(201);
        let ids: Vec<String> = made["shares"].as_array().unwrap().iter()
            .map(|share| share["intervention_id"].as_str().unwrap().to_owned()).collect();
        let (first, second) = (format!("/v1/interventions/{}", ids[0]), format!("/v1/interventions/{}", ids[1]));
        caller.patch(&second, json!({"minutes": 10})).await.breaks("/minutes", "shared_with_other_cases");
        let whole = json!({"minutes": 25, "act_minutes": 61, "act_participants": [{"kind": "pmi_professional", "number": 3}], "note": "Deux."});
        let corrected = caller.patch(&second, whole).await.expect(200);
        assert_eq!((&corrected["minutes"], &corrected["act_minutes"], &corrected["note"]), (&json!(30), &json!(61), &json!("Deux.")));
        let other = caller.get(&first).await.expect(200);
        assert_eq!((&other["minutes"], &other["note"], &other["version"]), (&json!(31), &Value::Null, &corrected["version"]));
        assert_eq!(other["participants"], json!([{"kind": "pmi_professional", "number": 2}]));
        assert_eq!(activity(&caller, service).await["minutes"], 61);
        let history = caller.get(&format!("{first}/history")).await.expect(200);
        let fields: Vec<_> = history.rows()[0]["changes"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
        assert_eq!(fields, ["act_minutes", "act_participants", "minutes"]);
        // The day must suit every case, and the fault is told once.
        caller.patch(&first, json!({"held_on": "2026-02-10"})).await.breaks("/held_on", "before_request");
        caller.patch(&first, json!({"held_on": "2026-02-12", "type": "team_meeting"})).await.expect(200);
        assert_eq!(caller.get(&second).await.expect(200)["held_on"], "2026-02-12");
        caller.delete(&format!("{second}?reason=entered_by_mistake")).await.expect(200);
        caller.get(&first).await.expect(404);
        assert_eq!(activity(&caller, service).await["number"], 0);
        for (case, id) in [(&one, &ids[0]), (&two, &ids[1])] {
            let history = caller.get(&format!("/v1/cases/{case}/history")).await.expect(200);
            let last = history.rows().last().unwrap();
            assert_eq!((&last["action"], &last["object_id"], &last["happened_on"]), (&json!("remove"), &json!(id), &json!("2026-02-12")));
            assert!(last["changes"].as_array().unwrap().iter().any(|change| change["field"] == "minutes"));
        }
        for path in [&first, &second] {
            assert_eq!(caller.get(&format!("{path}/history")).await.expect(200).rows().last().unwrap()["kind"], "remove");
        }
    }

    async fn every_fault_of_an_act_is_told_at_once_with_its_case(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let late = case_of(&caller, service, "Tard", "2026-02-25").await;
        let (elsewhere, stranger) = coordinator(&app).await;
        let hidden = case_of(&stranger, elsewhere, "Ailleurs", "2026-02-02").await;
        let mut new = meeting(service, &[&hidden, &late]);
        new["type"] = "network".into();
        new["place"] = "school".into();
        new["organisation_id"] = hidden.clone().into();
        new["professional_ids"] = json!([stranger.bare_id()]);
        new["notes"] = json!([{"case_id": hidden, "note": "Une note."}]);
        let faults = caller.post("/v1/interventions", new).await.expect(422).faults();
        for expected in [
            ("/case_ids/0", "unknown_case"), ("/case_ids/1", "before_request"), ("/type", "about_no_case"),
            ("/place", "school_time_not_covered"), ("/organisation_id", "unknown_organisation"),
            ("/professional_ids/0", "unknown_professional"), ("/notes/0/case_id", "unknown_case"),
        ] {
            assert!(faults.iter().any(|(at, code)| (at.as_str(), code.as_str()) == expected), "{expected:?} in {faults:?}");
        }
        assert_eq!(faults.len(), 7, "{faults:?}");
        caller.post("/v1/interventions", with(meeting(service, &[]), "type", "family_interview".into())).await.breaks("/type", "case_required");
        caller.post("/v1/interventions", network(service, "2026-03-20", 30)).await.breaks("/held_on", "in_the_future");
        caller.post("/v1/interventions", network(elsewhere, "2026-02-20", 30)).await.expect(422);
        caller.post("/v1/interventions", with(meeting(service, &[&late, &late]), "held_on", "2026-02-26".into())).await.expect(422);
        // A closed case has no next action.
        caller.post(&format!("/v1/cases/{late}/close"), json!({"outcome": "need_met", "closed_on": "2026-02-28"})).await.expect(200);
        let planned = with(interview("2026-02-26"), "next_action_on", "2026-04-01".into());
        caller.post(&format!("/v1/cases/{late}/interventions"), planned.clone()).await.breaks("/next_action_on", "case_closed");
        assert_eq!(activity(&caller, service).await["number"], 0);
    }

    async fn work_is_found_across_cases_with_names_and_sums(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let one = case_of(&caller, service, "Un", "2026-02-02").await;
        let place = nursery(&caller, service, "Les Lutins").await;
        let visit = with(with(interview("2026-02-20"), "organisation_id", place.clone().into()), "professional_ids", json!([colleague.bare_id()]));
        caller.post(&format!("/v1/cases/{one}/interventions"), visit).await.expect(201);
        caller.post("/v1/interventions", network(service, "2026-02-23", 90)).await.expect(201);
        for (filter, expected) in [
            (format!("professional_id={}", colleague.bare_id()), sums(1, 60, 40)),
            (format!("professional_id={}", caller.bare_id()), sums(1, 90, 0)),
            (format!("organisation_id={place}"), sums(1, 60, 40)),
            ("type=network,travel".into(), sums(1, 90, 0)),
            ("mode=individual".into(), sums(1, 60, 40)),
            ("held_from=2026-02-21&held_to=2026-02-28".into(), sums(1, 90, 0)),
            ("held_to=2026-02-19".into(), sums(0, 0, 0)),
            (format!("service_id={service}&limit=1"), sums(2, 150, 40)),
        ] {
            assert_eq!(totals(&caller, &filter).await, expected, "{filter}");
        }
        let rows = caller.get("/v1/interventions?sort=held_on").await.expect(200).rows().to_vec();
        assert_eq!(rows[0]["child"]["family_name"], "Un");
        assert_eq!((&rows[0]["organisation_name"], &rows[0]["professional_ids"]), (&json!("Les Lutins"), &json!([colleague.bare_id()])));
        assert_eq!(rows[0]["author"], format!("user:{}", caller.bare_id()), "who typed it is not who did it");
        assert!(rows[0]["author_name"].is_string() && rows[1].get("child").is_none());
        let program = app.client(service, &[Permission::CasesRead]).await;
        let rows = program.get("/v1/interventions?sort=held_on").await.expect(200).rows().to_vec();
        assert!(rows[0].get("child").is_none() && rows[0]["organisation_name"].is_null() && rows[0]["author_name"].is_null());
        assert_eq!(rows[0]["professional_names"], json!([]));
        let sparse = caller.get("/v1/interventions?fields=minutes&sort=held_on").await.expect(200);
        assert_eq!((sparse.rows(), &sparse["totals"]["acts"]), (&[json!({"minutes": 60}), json!({"minutes": 90})][..], &json!(2)));
        let (_, stranger) = coordinator(&app).await;
        assert_eq!(totals(&stranger, "").await, sums(0, 0, 0));
    }

    async fn the_workload_sums_the_minutes_of_four_weeks_each_act_once(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let (one, two) = (case_of(&caller, service, "Un", "2026-02-02").await, case_of(&caller, service, "Deux", "2026-02-02").await);
        let both = with(meeting(service, &[&one, &two]), "professional_ids", json!([caller.bare_id(), colleague.bare_id()]));
        caller.post("/v1/interventions", both).await.expect(201);
        // Today is 2 March: the first of the 28 days is 3 February.
        for (day, minutes) in [("2026-02-03", 30), ("2026-02-02", 500)] {
            caller.post("/v1/interventions", network(service, day, minutes)).await.expect(201);
        }
        let load = caller.get(&format!("/v1/services/{service}/workload")).await.expect(200);
        assert_eq!(load["worked_from"], "2026-02-03");
        assert_eq!((&load["acts"], &load["minutes"], &load["travel_minutes"]), (&json!(2), &json!(80), &json!(20)));
        let people: Vec<_> = load["professionals"].as_array().unwrap().iter()
            .map(|row| (row["user_id"].clone(), row["acts"].clone(), row["minutes"].clone(), row["travel_minutes"].clone())).collect();
        assert_eq!(people, [
            (json!(caller.bare_id()), json!(2), json!(80), json!(20)), (json!(colleague.bare_id()), json!(1), json!(50), json!(20))
        ]);
        assert!(load["professionals"][1]["user_name"].is_string(), "who worked has a name, référent or not");
        let program = app.client(service, &[Permission::ActivityRead]).await;
        let seen = program.get(&format!("/v1/services/{service}/workload")).await.expect(200);
        assert!(seen["professionals"][0]["user_name"].is_null());
        let (elsewhere, stranger) = coordinator(&app).await;
        let none = stranger.get(&format!("/v1/services/{elsewhere}/workload")).await.expect(200);
        assert_eq!((&none["acts"], &none["minutes"], &none["professionals"]), (&json!(0), &json!(0), &json!([])));
    }

    async fn a_week_is_recorded_in_one_call(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let items = json!([
            meeting(service, &[&case]), network(service, "2026-12-31", 60), network(service, "2026-02-19", 30),
            with(meeting(service, &[&case]), "next_action_on", "2026-01-01".into()),
        ]);
        let tried = caller.post("/v1/interventions/bulk?dry_run=true", json!({"items": items})).await.expect(200);
        assert_eq!((&tried["dry_run"], &tried["created"], &tried["refused"]), (&json!(true), &json!(2), &json!(2)));
        assert_eq!(activity(&caller, service).await["number"], 0, "nothing was recorded");
        let version = caller.get(&format!("/v1/cases/{case}")).await["version"].clone();
        let keyed = caller.clone().with_header("Idempotency-Key", "semaine-9");
        let done = keyed.post("/v1/interventions/bulk", json!({"items": items})).await.expect(200);
        assert_eq!((&done["dry_run"], &done["created"], &done["refused"]), (&json!(false), &json!(2), &json!(2)));
        let outcomes: Vec<_> = done["data"].as_array().unwrap().iter().map(|one| (one["index"].as_i64().unwrap(), one["status"].as_i64().unwrap())).collect();
        assert_eq!(outcomes, [(0, 201), (1, 422), (2, 201), (3, 422)]);
        assert_eq!(done["data"][1]["problem"]["errors"][0]["pointer"], "/items/1/held_on");
        assert_eq!(done["data"][3]["problem"]["errors"][0]["pointer"], "/items/3/next_action_on");
        let again = keyed.post("/v1/interventions/bulk", json!({"items": items})).await.expect(200);
        assert_eq!(again.header("Idempotency-Replayed"), "true");
        assert_eq!(activity(&caller, service).await["number"], 2);
        let id = done["data"][2]["intervention_ids"][0].as_str().unwrap();
        assert_eq!(caller.get(&format!("/v1/interventions/{id}")).await.expect(200)["minutes"], 30);
        assert_ne!(caller.get(&format!("/v1/cases/{case}")).await["version"], version);
    }
}
