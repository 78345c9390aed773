//! Appointments: planning, what became of them, and what they become.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{case_of, child, coordinator, nursery, refer, structure_case, with};
use crate::harness::Caller;

/// An appointment of an hour about some cases.
fn appointment(service: Id, cases: &[&str], day: &str, time: &str) -> Value {
    json!({
        "service_id": service, "type": "family_interview", "planned_on": day, "starts_at": time, "minutes": 60,
        "place": "family_home", "case_ids": cases
    })
}

async fn plan(caller: &Caller, new: Value) -> String {
    caller.post("/v1/appointments", new).await.expect(201).id()
}

async fn act(caller: &Caller, id: &str, action: &str, body: Value) -> crate::harness::Response {
    caller.post(&format!("/v1/appointments/{id}/{action}"), body).await
}

async fn interventions(caller: &Caller, case: &str) -> Vec<Value> {
    caller.get(&format!("/v1/cases/{case}/interventions")).await.expect(200).rows().to_vec()
}

on_both_databases! {
    async fn an_appointment_that_was_held_is_an_intervention_of_its_case(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let new = with(appointment(service, &[&case], "2026-03-02", "09:30"), "participants", json!([{"kind": "parent", "number": 2}]));
        let made = caller.post("/v1/appointments", new).await.expect(201);
        assert_eq!(made["professional_ids"], json!([caller.bare_id()]), "the caller takes part");
        assert_eq!(made["available_actions"], json!(["confirm", "hold", "cancel", "miss", "move"]));
        let id = made.id();
        assert_eq!(caller.act(&format!("/v1/appointments/{id}/confirm")).await.expect(200)["status"], "confirmed");
        let holding = json!({
            "minutes": 75, "travel_minutes": 40, "next_action_on": "2026-03-20",
            "notes": [{"case_id": case, "note": "Les parents souhaitent un mi-temps."}]
        });
        let held = act(&caller, &id, "hold", holding).await.expect(200);
        assert_eq!((&held["status"], &held["minutes"]), (&json!("held"), &json!(75)));
        assert_eq!(held["available_actions"], json!([]), "its intervention is removed first");
        let recorded = interventions(&caller, &case).await;
        assert_eq!(recorded.len(), 1);
        assert_eq!(held["interventions"], json!([{"case_id": case, "intervention_id": recorded[0]["id"]}]));
        for (field, value) in [
            ("type", json!("family_interview")), ("held_on", json!("2026-03-02")), ("minutes", json!(75)),
            ("travel_minutes", json!(40)), ("place", json!("family_home")),
            ("participants", json!([{"kind": "parent", "number": 2}])), ("note", json!("Les parents souhaitent un mi-temps.")),
        ] {
            assert_eq!(recorded[0][field], value, "{field}");
        }
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await["next_follow_up_on"], "2026-03-20");
        // Held once: another hold is out of turn, and a deletion would leave the intervention without its appointment.
        let refused = act(&caller, &id, "hold", json!({})).await.expect(409).problem("wrong_state");
        assert_eq!(refused["available_actions"], json!([]));
        let refused = caller.call("DELETE", &format!("/v1/appointments/{id}?reason=entered_by_mistake"), None).await.expect(409);
        assert_eq!(refused["intervention_ids"], json!([recorded[0]["id"]]));
        caller.act(&format!("/v1/appointments/{id}/reopen")).await.expect(409).problem("conflict");
        assert_eq!(interventions(&caller, &case).await.len(), 1);
        app.assert_never_stored(&["Les parents souhaitent"]);
    }

    async fn three_cases_share_the_minutes_and_the_people_and_no_total_counts_them_twice(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let one = case_of(&caller, service, "Un", "2026-02-02").await;
        let two = case_of(&caller, service, "Deux", "2026-02-02").await;
        let three = structure_case(&caller, service, "2026-02-02").await;
        let mut new = appointment(service, &[&two, &three, &one], "2026-03-02", "14:00");
        new["type"] = "team_meeting".into();
        new["participants"] = json!([{"kind": "childcare_professional", "number": 4}, {"kind": "pole_psychologist", "number": 1}]);
        let id = plan(&caller, new).await;
        act(&caller, &id, "hold", json!({"minutes": 50, "travel_minutes": 20})).await.expect(200);
        let mut shares = Vec::new();
        for case in [&two, &three, &one] {
            let recorded = interventions(&caller, case).await;
            assert_eq!(recorded.len(), 1);
            shares.push((recorded[0]["minutes"].as_i64().unwrap(), recorded[0]["travel_minutes"].as_i64().unwrap()));
        }
        assert_eq!(shares, [(17, 7), (17, 7), (16, 6)], "the first cases get the rest");
        let activity = caller.get(&format!("/v1/services/{service}/activity?from=2026-01-01&to=2026-12-31")).await.expect(200);
        assert_eq!(activity["interventions"]["minutes"], 50);
        assert_eq!(activity["interventions"]["travel_minutes"], 20);
        let people = activity["interventions"]["participants"].as_array().unwrap();
        let number = |kind: &str| people.iter().find(|row| row["kind"] == kind).unwrap()["number"].as_i64();
        assert_eq!((number("childcare_professional"), number("pole_psychologist")), (Some(4), Some(1)));
        assert_eq!(activity["appointments"]["number"], 1, "counted apart");
    }

    async fn a_missed_or_cancelled_appointment_is_no_intervention_and_is_counted_apart(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let mut ids = Vec::new();
        for time in ["08:00", "10:00", "14:00", "16:00"] {
            ids.push(plan(&caller, appointment(service, &[&case], "2026-03-02", time)).await);
        }
        let missed = act(&caller, &ids[0], "miss", json!({"excused": false})).await.expect(200);
        assert_eq!((&missed["status"], &missed["excused"], &missed["available_actions"]), (&json!("missed"), &json!(false), &json!(["reopen"])));
        act(&caller, &ids[1], "miss", json!({"excused": true})).await.expect(200);
        let cancelled = act(&caller, &ids[2], "cancel", json!({"cancelled_by": "structure"})).await.expect(200);
        assert_eq!(cancelled["cancelled_by"], "structure");
        assert_eq!(interventions(&caller, &case).await, [] as [Value; 0]);
        let activity = caller.get(&format!("/v1/services/{service}/activity?from=2026-01-01&to=2026-12-31")).await.expect(200);
        assert_eq!(activity["interventions"]["number"], 0);
        assert_eq!(
            activity["appointments"],
            json!({
                "number": 4, "missed_without_excuse": 1,
                "by_status": [
                    {"status": "planned", "number": 1}, {"status": "confirmed", "number": 0}, {"status": "held", "number": 0},
                    {"status": "cancelled", "number": 1}, {"status": "missed", "number": 2}
                ]
            })
        );
        // A mistake: it had been excused.
        let reopened = caller.act(&format!("/v1/appointments/{}/reopen", ids[0])).await.expect(200);
        assert_eq!((&reopened["status"], &reopened["excused"]), (&json!("planned"), &Value::Null));
        let of_state = caller.get("/v1/appointments?status=missed,cancelled&sort=planned_on").await.expect(200);
        assert_eq!(of_state.rows().len(), 2);
    }

    async fn the_appointments_of_a_day_are_listed_by_time(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let mut ids = Vec::new();
        for (day, time) in [("2026-03-05", "16:00"), ("2026-03-05", "09:30"), ("2026-03-04", "18:00"), ("2026-03-05", "08:00")] {
            ids.push(plan(&caller, appointment(service, &[&case], day, time)).await);
        }
        let listed = async |query: &str| -> Vec<usize> {
            let page = caller.get(&format!("/v1/appointments?{query}")).await.expect(200);
            page.rows().iter().map(|row| ids.iter().position(|id| row["id"] == *id).unwrap()).collect()
        };
        assert_eq!(listed("sort=planned_on").await, [2, 3, 1, 0]);
        assert_eq!(listed("").await, [0, 1, 3, 2]);
        assert_eq!(listed("sort=planned_on&planned_from=2026-03-05&planned_to=2026-03-05").await, [3, 1, 0]);
        assert_eq!(listed("sort=planned_on&planned_to=2026-03-04").await, [2]);
        act(&caller, &ids[0], "move", json!({"planned_on": "2026-03-04", "starts_at": "07:00"})).await.expect(200);
        assert_eq!(listed("sort=planned_on").await, [0, 2, 3, 1]);
    }

    async fn what_became_of_an_appointment_is_not_known_before_its_day(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let id = plan(&caller, appointment(service, &[&case], "2026-03-03", "09:30")).await;
        act(&caller, &id, "hold", json!({})).await.breaks("/planned_on", "in_the_future");
        act(&caller, &id, "miss", json!({"excused": true})).await.breaks("/planned_on", "in_the_future");
        assert_eq!(interventions(&caller, &case).await.len(), 0);
        // Nor is it offered.
        let offered = caller.get(&format!("/v1/appointments/{id}")).await["available_actions"].clone();
        assert_eq!(offered, json!(["confirm", "cancel", "move"]));
        assert_eq!(caller.get("/v1/appointments").await.rows()[0]["available_actions"], offered);
        act(&caller, &id, "move", json!({"planned_on": "2026-03-01", "starts_at": "09:30"})).await.expect(200);
        let early = json!({"next_action_on": "2026-02-28", "notes": [{"case_id": id, "note": "x"}]});
        let refused = act(&caller, &id, "hold", early).await.expect(422);
        let faults: Vec<_> = refused.faults().into_iter().map(|(at, code)| format!("{at} {code}")).collect();
        assert_eq!(faults, ["/next_action_on next_action_before", "/notes/0/case_id unknown_case"]);
        act(&caller, &id, "hold", json!({})).await.expect(200);
    }

    async fn former_times_are_kept_and_a_moved_appointment_is_confirmed_again(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let id = plan(&caller, appointment(service, &[&case], "2026-03-04", "09:30")).await;
        caller.act(&format!("/v1/appointments/{id}/confirm")).await.expect(200);
        let moved = act(&caller, &id, "move", json!({"planned_on": "2026-03-05", "starts_at": "14:00"})).await.expect(200);
        assert_eq!((&moved["status"], &moved["planned_on"], &moved["starts_at"]), (&json!("planned"), &json!("2026-03-05"), &json!("14:00")));
        app.advance(chrono::Duration::hours(1));
        let again = act(&caller, &id, "move", json!({"planned_on": "2026-03-06", "starts_at": "14:00", "minutes": 30})).await.expect(200);
        let former: Vec<_> = again["moves"].as_array().unwrap().iter()
            .map(|one| (one["planned_on"].clone(), one["starts_at"].clone(), one["minutes"].clone())).collect();
        assert_eq!(former, [(json!("2026-03-04"), json!("09:30"), json!(60)), (json!("2026-03-05"), json!("14:00"), json!(60))]);
        act(&caller, &id, "move", json!({"planned_on": "2026-03-06", "starts_at": "14:00"})).await.breaks("/planned_on", "not_moved");
        act(&caller, &id, "move", json!({"planned_on": "2029-03-06", "starts_at": "14:00"})).await.breaks("/planned_on", "too_far_ahead");
        act(&caller, &id, "move", json!({"planned_on": "2026-03-06", "starts_at": "24:00"})).await.expect(400);
        assert_eq!(caller.get(&format!("/v1/appointments/{id}")).await["version"], 4);
    }

    async fn two_appointments_of_one_professional_at_once_are_a_warning(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let first = plan(&caller, appointment(service, &[&case], "2026-03-05", "09:30")).await;
        let both = json!([colleague.bare_id(), caller.bare_id()]);
        let new = with(appointment(service, &[], "2026-03-05", "10:29"), "professional_ids", both.clone());
        let second = caller.post("/v1/appointments", new).await.expect(201);
        assert_eq!(second["professional_ids"], both);
        assert_eq!(
            second["warnings"],
            json!([{
                "code": "overlap", "user_id": caller.bare_id(), "user_name": "Une personne", "appointment_id": first, "absence_id": null, "planned_on": "2026-03-05",
                "starts_at": "09:30", "minutes": 60
            }])
        );
        let moved = act(&caller, &second.id(), "move", json!({"planned_on": "2026-03-05", "starts_at": "10:30"})).await.expect(200);
        assert_eq!(moved["warnings"], json!([]), "one may begin when the other ends");
        let longer = caller.patch(&format!("/v1/appointments/{first}"), json!({"minutes": 90})).await.expect(200);
        assert_eq!(longer["warnings"][0]["appointment_id"], second.id());
        act(&caller, &second.id(), "cancel", json!({"cancelled_by": "service"})).await.expect(200);
        let longer = caller.patch(&format!("/v1/appointments/{first}"), json!({"minutes": 95})).await.expect(200);
        assert_eq!(longer["warnings"], json!([]), "a cancelled one takes no time");
        assert!(caller.get(&format!("/v1/appointments/{first}")).await.json.get("warnings").is_none());
    }

    async fn every_fault_of_an_appointment_is_named_at_once(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let open = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let closed = case_of(&caller, service, "Clos", "2026-02-02").await;
        caller.post(&format!("/v1/cases/{closed}/close"), json!({"outcome": "need_met"})).await.expect(200);
        let (elsewhere, stranger) = coordinator(&app).await;
        let theirs = case_of(&stranger, elsewhere, "Ailleurs", "2026-02-02").await;
        let organisation = nursery(&stranger, elsewhere, "Ailleurs").await;
        let before = app.database.counts();
        let mut new = appointment(service, &[&open, &closed, &theirs], "2030-03-05", "09:30");
        new["type"] = "partner_contact".into();
        new["place"] = "school".into();
        new["organisation_id"] = organisation.into();
        new["professional_ids"] = json!([stranger.bare_id()]);
        new["participants"] = json!([{"kind": "teacher", "number": 1}]);
        let refused = caller.post("/v1/appointments", new).await.expect(422).problem("rule_broken");
        let expected = [
            ("/planned_on", "too_far_ahead"), ("/place", "school_time_not_covered"),
            ("/participants/0/kind", "school_staff_not_covered"), ("/organisation_id", "unknown_organisation"),
            ("/case_ids/0", "family_agreement_missing"), ("/case_ids/1", "case_closed"),
            ("/case_ids/1", "family_agreement_missing"), ("/case_ids/2", "unknown_case"),
            ("/professional_ids/0", "unknown_professional"),
        ];
        assert_eq!(refused.faults(), expected.map(|(at, rule)| (at.to_owned(), rule.to_owned())));
        for (field, value) in [
            ("minutes", json!(0)), ("starts_at", json!("9:30")), ("case_ids", json!(["x"])), ("title", json!("a\nb")),
            ("title", json!(" ")), ("participants", json!([{"kind": "parent", "number": 0}])), ("nobody", json!(1)),
        ] {
            let refused = caller.post("/v1/appointments", with(appointment(service, &[&open], "2026-03-05", "09:30"), field, value)).await;
            refused.expect(400);
        }
        caller.post("/v1/appointments", appointment(service, &[&open, &open], "2026-03-05", "09:30")).await.breaks("/case_ids", "not_unique");
        let same = |counts: &[(String, i64)]| counts.iter().filter(|(t, _)| t.starts_with("appoint")).cloned().collect::<Vec<_>>();
        assert_eq!(same(&app.database.counts()), same(&before));
    }

    async fn a_partner_is_met_about_a_child_once_the_family_agreed(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let agreed = with(child("Exemple"), "family_agreements", json!([{"purpose": "partner_contact", "given_by": "parent", "given_on": "2026-02-02"}]));
        let referral = refer(&caller, service, "2026-02-02", agreed).await;
        let case = crate::cases::accept(&caller, &referral, "2026-02-02").await;
        let meeting = with(appointment(service, &[&case], "2026-03-05", "09:30"), "type", "partner_coordination_meeting".into());
        caller.post("/v1/appointments", meeting).await.expect(201);
        let structure = structure_case(&caller, service, "2026-02-02").await;
        let contact = with(appointment(service, &[&structure], "2026-03-05", "11:30"), "type", "partner_contact".into());
        caller.post("/v1/appointments", contact).await.expect(201);
    }

    async fn the_text_is_sealed_under_every_case_and_unreadable_once_one_key_is_gone(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let one = case_of(&caller, service, "Un", "2026-02-02").await;
        let two = case_of(&caller, service, "Deux", "2026-02-02").await;
        let texts = |mut new: Value, text: &str| {
            (new["title"], new["note"]) = (format!("Titre {text}").into(), format!("Note {text}").into());
            new
        };
        let shared = plan(&caller, texts(appointment(service, &[&one, &two], "2026-03-05", "09:30"), "canari-deux")).await;
        let own = plan(&caller, texts(appointment(service, &[], "2026-03-05", "11:30"), "canari-seul")).await;
        let title = async |id: &str| caller.get(&format!("/v1/appointments/{id}")).await.expect(200)["title"].clone();
        assert_eq!((title(&shared).await, title(&own).await), (json!("Titre canari-deux"), json!("Titre canari-seul")));
        app.assert_never_stored(&["canari-deux", "canari-seul"]);
        // A change of the cases seals the text again.
        caller.patch(&format!("/v1/appointments/{own}"), json!({"case_ids": [one]})).await.expect(200);
        assert_eq!(title(&own).await, "Titre canari-seul");
        let household = caller.get(&format!("/v1/cases/{two}")).await["household_id"].as_str().unwrap().to_owned();
        app.database.execute(&format!("DELETE FROM data_keys WHERE owner_id = '{household}'")).unwrap();
        assert_eq!((title(&shared).await, title(&own).await), (Value::Null, json!("Titre canari-seul")));
        let household = caller.get(&format!("/v1/cases/{one}")).await["household_id"].as_str().unwrap().to_owned();
        app.database.execute(&format!("DELETE FROM data_keys WHERE owner_id = '{household}'")).unwrap();
        assert_eq!(title(&own).await, Value::Null, "its own key opens nothing once it is about a case");
    }

    async fn an_appointment_is_corrected_and_deleted_while_it_is_open(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let id = plan(&caller, appointment(service, &[&case], "2026-03-05", "09:30")).await;
        let path = format!("/v1/appointments/{id}");
        let changed = caller.patch(&path, json!({"case_ids": [], "professional_ids": [], "title": "Réseau", "place": "video"})).await.expect(200);
        assert_eq!((&changed["case_ids"], &changed["professional_names"], &changed["title"]), (&json!([]), &json!([]), &json!("Réseau")));
        assert_eq!(caller.get(&format!("/v1/appointments?case_id={case}")).await.rows().len(), 0);
        act(&caller, &id, "cancel", json!({"cancelled_by": "partner"})).await.expect(200);
        caller.patch(&path, json!({"place": "phone"})).await.expect(409).problem("wrong_state");
        caller.call("DELETE", &format!("{path}?reason=duplicate"), None).await.expect(204);
        caller.get(&path).await.expect(404);
        let left: i64 = app.database.counts().into_iter().filter(|(table, _)| table.starts_with("appointment")).map(|(_, rows)| rows).sum();
        assert_eq!(left, 0, "nothing of it is left");
        let feed = caller.get("/v1/changes?limit=500").await.expect(200);
        let kinds: Vec<_> = feed.rows().iter().filter(|row| row["id"] == id || row["object_id"] == id).collect();
        assert!(!kinds.is_empty() && kinds.iter().all(|row| row["resource"] == "appointment"), "{kinds:?}");
    }

    async fn lists_are_filtered_by_professional_case_period_and_structure(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let organisation = nursery(&caller, service, "Les Lutins").await;
        let mine = plan(&caller, with(appointment(service, &[&case], "2026-03-05", "09:30"), "organisation_id", organisation.clone().into())).await;
        let theirs = plan(&colleague, appointment(service, &[], "2026-03-09", "09:30")).await;
        for (query, expected) in [
            (format!("professional_id={}", colleague.bare_id()), vec![&theirs]),
            (format!("case_id={case}"), vec![&mine]),
            (format!("organisation_id={organisation}"), vec![&mine]),
            ("planned_from=2026-03-06".to_owned(), vec![&theirs]),
            ("planned_to=2026-03-06".to_owned(), vec![&mine]),
            ("status=held".to_owned(), vec![]),
            (format!("service_id={service}"), vec![&theirs, &mine]),
        ] {
            let page = caller.get(&format!("/v1/appointments?{query}&include_total=true")).await.expect(200);
            let found: Vec<String> = page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
            assert_eq!(page["page"]["total"], expected.len(), "{query}");
        }
        assert_eq!(caller.get(&format!("/v1/appointments/{mine}")).await["organisation_name"], "Les Lutins");
        caller.get("/v1/appointments?planned_from=2026-03-06&planned_to=2026-03-05").await.expect(400);
        let reader = app.client(service, &[Permission::CasesRead]).await;
        reader.get(&format!("/v1/appointments/{mine}")).await.expect(200);
        reader.post("/v1/appointments", appointment(service, &[], "2026-03-05", "09:30")).await.expect(403);
    }

    async fn an_appointment_about_no_case_becomes_work_about_none(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let meeting = with(appointment(service, &[], "2026-03-02", "09:30"), "type", json!("network"));
        let meeting = with(meeting, "place", json!("video"));
        let id = plan(&caller, meeting).await;
        let early = act(&caller, &id, "hold", json!({"next_action_on": "2026-03-20"})).await.expect(422).faults();
        assert_eq!(early[0].0, "/next_action_on", "{early:?}");
        let held = act(&caller, &id, "hold", json!({"minutes": 75, "travel_minutes": 20})).await.expect(200);
        assert_eq!(held["interventions"], json!([]));
        let path = format!("/v1/interventions/{}", held["work_id"].as_str().unwrap());
        let work = caller.get(&path).await.expect(200);
        assert!(work["case_id"].is_null());
        assert_eq!((&work["type"], &work["minutes"], &work["travel_minutes"]), (&json!("network"), &json!(75), &json!(20)));
        assert_eq!(work["professional_ids"], json!([caller.bare_id()]));
        assert_eq!(caller.get(&format!("/v1/appointments/{id}")).await["work_id"], held["work_id"]);
        // Held once, and reopened once the work is removed.
        let refused = act(&caller, &id, "reopen", json!({})).await.expect(409);
        assert_eq!(refused["intervention_ids"], json!([held["work_id"]]));
        caller.call("DELETE", &format!("{path}?reason=entered_by_mistake"), None).await.expect(200);
        let offered = caller.get(&format!("/v1/appointments/{id}")).await.expect(200);
        assert_eq!((&offered["available_actions"], &offered["minutes"]), (&json!(["reopen"]), &json!(75)));
        let reopened = act(&caller, &id, "reopen", json!({})).await.expect(200);
        assert!(reopened["work_id"].is_null());
        assert_eq!(reopened["minutes"], 60, "as it was planned: what it took was part of the mistake");
        // A type that needs a case is not held about none: its work would count nowhere.
        let visit = plan(&caller, appointment(service, &[], "2026-03-02", "14:00")).await;
        let refused = act(&caller, &visit, "hold", json!({"minutes": 90})).await.expect(422).faults();
        assert_eq!(refused[0].1, "case_required");
        act(&caller, &id, "hold", json!({})).await.expect(200);
        assert_eq!(caller.get("/v1/interventions").await.expect(200)["totals"]["acts"], 1);
    }
}
