//! Collective actions: planning, reserved kinds, participants, evaluation, figures.

use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::action_service::{ActionService, came};
use crate::harness::convention_service::ConventionService;

/// The EPCI of Riom (63300), to which Beaumont (63032) does not belong.
const RIOM: &str = "epci:200070753";

/// The number of rows of each table, except those of the journal.
fn counts(app: &TestApp) -> Vec<(String, i64)> {
    app.database.counts().into_iter().filter(|(table, _)| !table.starts_with("audit")).collect()
}

on_both_databases! {
    async fn an_action_is_planned_held_and_evaluated(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let new = agenda.cafe("2026-03-10", json!({
            "starts_at": "09:30", "preparation_minutes": 180, "travel_minutes": 50, "organiser_id": agenda.organisation,
            "topics": ["observation", "disability"],
            "speakers": [{"role": "pole_psychologist"}, {"role": "speech_therapist", "organisation_id": agenda.organisation}]
        }));
        let made = agenda.plan(new).await.expect(201);
        let id = made.id();
        assert_eq!(made.header("location"), format!("/v1/actions/{id}"));
        assert_eq!((&made["status"], &made["available_actions"]), (&json!("planned"), &json!(["cancel"])));
        assert_eq!((&made["topics"], &made["starts_at"]), (&json!(["disability", "observation"]), &json!("09:30")));
        assert_eq!(
            made["speakers"],
            json!([
                {"role": "pole_psychologist", "organisation_id": null, "organisation_name": null},
                {"role": "speech_therapist", "organisation_id": agenda.organisation, "organisation_name": made["speakers"][1]["organisation_name"]}
            ])
        );
        assert_eq!((&made["reserved"], &made["convention_id"], &made["participant_count"]), (&json!(false), &Value::Null, &Value::Null));
        assert!(made.json.get("registration").is_none() && made.json.get("evaluation").is_none());
        assert_eq!(agenda.read(&id).await.json, made.json);
        // Not allowed before its day.
        let early = json!({"participants": [came("parent", 9)]});
        agenda.act(&id, "hold", Some(early.clone())).await.breaks("", "in_the_future");
        agenda.act(&id, "evaluate", Some(json!({"ratings": []}))).await.expect(409).problem("wrong_state");
        app.advance(chrono::Duration::days(8));
        agenda.act(&id, "hold", Some(json!({}))).await.breaks("/participants", "required");
        let how = json!({"participants": [came("parent", 9), came("childminder", 3)], "duration_minutes": 135, "travel_minutes": 0});
        let held = agenda.act(&id, "hold", Some(how)).await.expect(200);
        assert_eq!((&held["status"], &held["available_actions"]), (&json!("held"), &json!(["evaluate", "reopen"])));
        assert_eq!(held["participants"], json!([came("childminder", 3), came("parent", 9)]));
        assert_eq!((&held["participant_count"], &held["duration_minutes"]), (&json!(12), &json!(135)));
        assert_eq!((&held["preparation_minutes"], &held["travel_minutes"]), (&json!(180), &json!(0)));
        let state = agenda.act(&id, "hold", Some(early)).await.expect(409).problem("wrong_state");
        assert_eq!((&state["state"], &state["available_actions"]), (&json!("held"), &json!(["evaluate", "reopen"])));
        let corrected = agenda.correct(&id, json!({"participants": [came("parent", 10)], "starts_at": null, "topics": []})).await.expect(200);
        assert_eq!((&corrected["participant_count"], &corrected["starts_at"], &corrected["topics"]), (&json!(10), &Value::Null, &json!([])));
        agenda.correct(&id, json!({"held_on": "2026-03-11"})).await.breaks("/held_on", "in_the_future");
    }

    async fn each_fault_of_a_new_action_has_its_code(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let elsewhere = ActionService::new(&app).await;
        let other = elsewhere.organisation.as_str();
        let before = counts(&app);
        for (changes, pointer, code) in [
            (json!({"held_on": "2021-01-03"}), "/held_on", "before_opening"),
            (json!({"held_on": "2028-03-03"}), "/held_on", "too_far_ahead"),
            (json!({"registration_closes_on": "2026-03-09"}), "/registration_closes_on", "without_places"),
            (json!({"places": 5, "registration_closes_on": "2026-03-11"}), "/registration_closes_on", "after_action"),
            (json!({"organiser_id": other}), "/organiser_id", "unknown_organisation"),
            (json!({"speakers": [{"role": "doctor"}, {"role": "doctor", "organisation_id": other}]}), "/speakers/1/organisation_id", "unknown_organisation"),
            (json!({"kind": "pedagogical_day"}), "/commune_code", "not_covered"),
            (json!({"service_id": elsewhere.service}), "/service_id", "unknown_service"),
        ] {
            agenda.plan(agenda.cafe("2026-03-10", changes)).await.breaks(pointer, code);
        }
        for (changes, pointer, code) in [
            (json!({"duration_minutes": 0}), "/duration_minutes", "too_small"),
            (json!({"duration_minutes": 1441}), "/duration_minutes", "too_large"),
            (json!({"preparation_minutes": -1}), "/preparation_minutes", "too_small"),
            (json!({"travel_minutes": 10_081}), "/travel_minutes", "too_large"),
            (json!({"places": 0}), "/places", "too_small"),
            (json!({"places": 1001}), "/places", "too_large"),
            (json!({"starts_at": "24:00"}), "/starts_at", "pattern"),
            (json!({"starts_at": "9:30"}), "/starts_at", "pattern"),
            (json!({"title": " "}), "/title", "blank"),
            (json!({"kind": "party"}), "/kind", "unknown_code"),
            (json!({"topics": ["cooking"]}), "/topics/0", "unknown_code"),
            (json!({"topics": ["disability", "disability"]}), "/topics", "not_unique"),
            (json!({"commune_code": "63999"}), "/commune_code", "unknown_territory"),
            (json!({"speakers": vec![json!({"role": "doctor"}); 21]}), "/speakers", "too_many"),
            (json!({"speakers": [{"role": "magician"}]}), "/speakers/0/role", "unknown_code"),
            (json!({"held_on": "2026-02-30"}), "/held_on", "date"),
            (json!({"participants": []}), "/participants", "unknown_field"),
        ] {
            let refused = agenda.plan(agenda.cafe("2026-03-10", changes)).await.expect(400).problem("invalid_body");
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        // All faults at once.
        let wrong = json!({"held_on": "2020-01-01", "registration_closes_on": "2026-03-09", "organiser_id": other, "kind": "pedagogical_day"});
        let refused = agenda.plan(agenda.cafe("2026-03-10", wrong)).await.expect(422).problem("rule_broken");
        let codes: Vec<String> = refused.faults().into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, ["before_opening", "without_places", "unknown_organisation", "not_covered"]);
        assert_eq!(refused["would_cover"], json!(["epci:200070753", "commune:63300"]));
        assert_eq!(counts(&app), before, "a refusal leaves no trace");
    }

    async fn each_participant_type_and_rating_is_given_once(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let id = agenda.planned("2026-03-02").await;
        let hold = async |participants: Value| agenda.act(&id, "hold", Some(json!({"participants": participants}))).await;
        for (participants, pointer, code) in [
            (json!([came("parent", -1)]), "/participants/0/number", "too_small"),
            (json!([came("parent", 0)]), "/participants/0/number", "too_small"),
            (json!([came("parent", 10_001)]), "/participants/0/number", "too_large"),
            (json!([{"participant_type": "parent", "number": 1.5}]), "/participants/0/number", "type"),
            (json!([came("clown", 1)]), "/participants/0/participant_type", "unknown_code"),
            (json!([]), "/participants", "too_few"),
        ] {
            let refused = hold(participants).await.expect(400).problem("invalid_body");
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        hold(json!([came("parent", 2), came("child", 1), came("parent", 1)])).await.breaks("/participants/2/participant_type", "not_unique");
        agenda.correct(&id, json!({"participants": [came("parent", 2)]})).await.breaks("/participants", "not_held");
        hold(json!([came("parent", 2)])).await.expect(200);
        let rated = |rating: &str, number: i32| json!({"rating": rating, "number": number});
        let evaluate = async |ratings: Value| agenda.act(&id, "evaluate", Some(json!({"ratings": ratings}))).await;
        evaluate(json!([rated("satisfied", 1), rated("satisfied", 2)])).await.breaks("/ratings/1/rating", "not_unique");
        let refused = evaluate(json!([rated("satisfied", -1), rated("superb", 1)])).await.expect(400).problem("invalid_body");
        assert_eq!(refused.faults().len(), 2);
        for (changes, pointer) in [(json!({"places": 5}), "/places"), (json!({"registration_closes_on": null}), "/registration_closes_on")] {
            agenda.correct(&id, changes).await.breaks(pointer, "not_planned");
        }
    }

    async fn a_mean_is_returned_from_five_answers(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let id = agenda.held("2026-03-02", 8).await;
        let four = json!({"ratings": [{"rating": "very_satisfied", "number": 4}], "note": "Un mot de canari"});
        let evaluated = agenda.act(&id, "evaluate", Some(four)).await.expect(200);
        assert_eq!(evaluated["evaluation"], json!({"answers": 4, "mean": null, "ratings": [], "note": "Un mot de canari"}));
        let before = app.database.count("audit_events");
        assert_eq!(agenda.read(&id).await["evaluation"]["note"], "Un mot de canari");
        assert_eq!(app.database.count("audit_events"), before + 1, "reading a note is journaled");
        app.assert_never_stored(&["Un mot de canari"]);
        let seven = json!({"ratings": [{"rating": "very_satisfied", "number": 5}, {"rating": "neutral", "number": 1}, {"rating": "satisfied", "number": 1}]});
        let evaluated = agenda.act(&id, "evaluate", Some(seven)).await.expect(200);
        assert_eq!((&evaluated["evaluation"]["mean"], &evaluated["evaluation"]["note"]), (&json!(4.57), &Value::Null));
        let order: Vec<&str> = evaluated["evaluation"]["ratings"].as_array().unwrap().iter().map(|one| one["rating"].as_str().unwrap()).collect();
        assert_eq!(order, ["neutral", "satisfied", "very_satisfied"]);
        let nothing = agenda.act(&id, "evaluate", Some(json!({"ratings": []}))).await.expect(200);
        assert!(nothing.json.get("evaluation").is_none(), "an empty evaluation removes one recorded by mistake");
        // The data key is destroyed with the action.
        agenda.act(&id, "evaluate", Some(json!({"ratings": [], "note": "Encore un mot"}))).await.expect(200);
        let keys = app.database.count("data_keys");
        agenda.staff.delete(&format!("/v1/actions/{id}?reason=entered_by_mistake")).await.expect(204);
        assert_eq!((app.database.count("data_keys"), app.database.count("action_participants")), (keys - 1, 0));
        agenda.staff.get(&format!("/v1/actions/{id}")).await.expect(404).problem("not_found");
    }

    async fn an_action_recorded_by_mistake_is_reopened(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let id = agenda.open("2026-03-02", 5).await;
        let first = agenda.register(&id, 2).await.expect(201).id();
        agenda.act(&id, "hold", Some(json!({"participants": [came("parent", 7)]}))).await.expect(200);
        agenda.act(&id, "evaluate", Some(json!({"ratings": [{"rating": "satisfied", "number": 6}]}))).await.expect(200);
        let reopened = agenda.act(&id, "reopen", None).await.expect(200);
        assert_eq!((&reopened["status"], &reopened["participant_count"]), (&json!("planned"), &json!(7)), "participants are kept");
        assert_eq!(reopened["evaluation"]["mean"], 4.0);
        assert_eq!(agenda.book(&id).await, [(2, "registered".to_owned())]);
        let figures = async || agenda.staff.get(&format!("/v1/services/{}/action-figures?from=2026-01-01&to=2026-12-31", agenda.service)).await.expect(200);
        assert_eq!((&figures().await["held"], &figures().await["participants"]), (&json!(0), &json!(0)), "and count in no figure");
        let held = agenda.act(&id, "hold", Some(json!({}))).await.expect(200);
        assert_eq!((&held["participant_count"], &figures().await["participants"]), (&json!(7), &json!(7)));
        agenda.act(&id, "reopen", None).await.expect(200);
        let cancelled = agenda.act(&id, "cancel", Some(json!({"reason": "venue_unavailable"}))).await.expect(200);
        assert_eq!((&cancelled["status"], &cancelled["cancellation_reason"]), (&json!("cancelled"), &json!("venue_unavailable")));
        assert_eq!((&cancelled["available_actions"], &cancelled["registration"]["open"]), (&json!(["reopen"]), &json!(false)));
        let refused = agenda.correct(&id, json!({"title": "Autre"})).await.expect(409).problem("wrong_state");
        assert_eq!(refused["state"], "cancelled");
        agenda.act(&id, "cancel", Some(json!({}))).await.expect(400);
        let again = agenda.act(&id, "reopen", None).await.expect(200);
        assert_eq!((&again["status"], &again["cancellation_reason"]), (&json!("planned"), &Value::Null));
        let still = agenda.staff.get(&format!("/v1/action-registrations/{first}")).await.expect(200);
        assert_eq!(still["status"], "cancelled", "what was cancelled stays cancelled");
        agenda.act(&id, "reopen", None).await.expect(409).problem("wrong_state");
    }

    async fn reserved_kinds_are_for_territories_with_a_convention(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let session = |day: &str, changes: Value| {
            let mut new = agenda.cafe(day, json!({"kind": "childminder_awareness_session"}));
            new.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            new
        };
        let refused = agenda.plan(session("2026-03-10", json!({}))).await.breaks("/commune_code", "not_covered");
        assert_eq!((&refused["would_cover"], &refused["covered_by"]), (&json!(["epci:200070753", "commune:63300"]), &json!([])));
        let pact = ConventionService::of(&app, agenda.service).await;
        let convention = pact.opening(RIOM, &["childminder_awareness"]).await;
        let made = agenda.plan(session("2026-03-10", json!({}))).await.expect(201);
        assert_eq!((&made["reserved"], &made["convention_id"]), (&json!(true), &json!(convention)));
        let id = made.id();
        // Another service that the convention does not open, another commune, another year.
        let refused = agenda.plan(session("2026-03-10", json!({"kind": "pedagogical_day"}))).await.breaks("/commune_code", "service_not_in_convention");
        assert_eq!(refused["covered_by"], json!([convention]));
        agenda.plan(session("2026-03-10", json!({"commune_code": "63032"}))).await.breaks("/commune_code", "not_covered");
        agenda.plan(session("2027-01-05", json!({}))).await.breaks("/commune_code", "not_covered");
        for (changes, pointer, code) in [
            (json!({"kind": "pedagogical_day"}), "/kind", "service_not_in_convention"),
            (json!({"commune_code": "63032"}), "/commune_code", "not_covered"),
            (json!({"held_on": "2027-01-05"}), "/held_on", "not_covered"),
        ] {
            let refused = agenda.correct(&id, changes).await.breaks(pointer, code);
            assert!(refused["would_cover"].as_array().is_some_and(|could| !could.is_empty()));
        }
        // A correction of other fields checks no convention. A kind that needs no convention refers to none.
        agenda.correct(&id, json!({"title": "Sensibilisation"})).await.expect(200);
        let free = agenda.correct(&id, json!({"kind": "professional_awareness"})).await.expect(200);
        assert_eq!((&free["reserved"], &free["convention_id"]), (&json!(false), &Value::Null));
        let back = agenda.correct(&id, json!({"kind": "childminder_awareness_session"})).await.expect(200);
        assert_eq!(back["convention_id"], json!(convention));
        let of = async |query: &str| {
            let page = agenda.staff.get(&format!("/v1/actions?{query}")).await.expect(200);
            page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let cafe = agenda.planned("2026-03-12").await;
        assert_eq!(of("reserved=true").await, [id.as_str()]);
        assert_eq!(of("reserved=false").await, [cafe]);
        assert_eq!(of(&format!("convention_id={convention}")).await, [id.as_str()]);
        // The convention is suspended meanwhile.
        app.advance(chrono::Duration::days(8));
        pact.act(&convention, "suspend", json!({"reason": "non_payment", "starts_on": "2026-03-05"})).await.expect(200);
        let who = json!({"participants": [came("childminder", 9), came("parent", 4), came("child", 2), came("rpe_worker", 1)]});
        agenda.act(&id, "hold", Some(who.clone())).await.breaks("", "not_covered");
        pact.act(&convention, "resume", json!({"resumes_on": "2026-03-10"})).await.expect(200);
        agenda.act(&id, "hold", Some(who)).await.expect(200);
        // The statement counts no member of a family.
        let statement = async |year: i32| pact.staff.get(&format!("/v1/conventions/{convention}/statement?year={year}")).await;
        let response = statement(2026).await.expect(200);
        let line = &response["services"][0];
        assert_eq!((&line["delivered"], &line["minutes"], &line["professionals"]), (&json!(1), &json!(120), &json!(10)));
        assert!(!response.text().contains("parent") && !response.text().contains("child\""));
    }

    async fn the_list_applies_its_filters(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let made = async |day: &str, changes: Value| agenda.plan(agenda.cafe(day, changes)).await.expect(201).id();
        let cafe = made("2026-03-01", json!({"organiser_id": agenda.organisation})).await;
        let group = made("2026-03-20", json!({"kind": "working_group", "commune_code": "63032"})).await;
        let talk = made("2026-04-01", json!({"kind": "professional_training_talk", "speakers": [{"role": "doctor", "organisation_id": agenda.organisation}]})).await;
        agenda.act(&cafe, "hold", Some(json!({"participants": [came("parent", 3)]}))).await.expect(200);
        agenda.act(&group, "cancel", Some(json!({"reason": "too_few_registrations"}))).await.expect(200);
        let of = async |query: &str| {
            let page = agenda.staff.get(&format!("/v1/actions?{query}")).await.expect(200);
            page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let ids = |some: &[&String]| some.iter().map(|id| (*id).clone()).collect::<Vec<_>>();
        assert_eq!(of("").await, ids(&[&talk, &group, &cafe]));
        assert_eq!(of("kind=working_group,parent_cafe&sort=held_on").await, ids(&[&cafe, &group]));
        assert_eq!(of("status=planned,cancelled").await, ids(&[&talk, &group]));
        assert_eq!(of("commune_code=63032").await, ids(&[&group]));
        assert_eq!(of(&format!("organisation_id={}", agenda.organisation)).await, ids(&[&talk, &cafe]));
        assert_eq!(of("held_from=2026-03-20&held_to=2026-03-31").await, ids(&[&group]));
        assert_eq!(of(&format!("service_id={}", agenda.service)).await.len(), 3);
        // Another service sees none of them.
        let other = ActionService::new(&app).await;
        assert_eq!(other.staff.get(&format!("/v1/actions?service_id={}", agenda.service)).await.expect(200).rows().len(), 0);
        other.staff.get(&format!("/v1/actions/{cafe}")).await.expect(404);
        other.act(&cafe, "reopen", None).await.expect(404);
        let reader = app.client(agenda.service, &[Permission::ActionsRead]).await;
        reader.get("/v1/actions").await.expect(200);
        reader.post(&format!("/v1/actions/{cafe}/reopen"), json!({})).await.expect(403);
    }

    async fn an_action_with_registrations_is_not_deleted(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let manager = app.user(agenda.service, Role::Manager).await;
        let registered = agenda.open("2026-03-10", 5).await;
        agenda.register(&registered, 1).await.expect(201);
        let gone = agenda.open("2026-03-10", 5).await;
        let delete = async |id: &str| manager.delete(&format!("/v1/actions/{id}?reason=entered_by_mistake")).await;
        delete(&registered).await.expect(409).problem("conflict");
        assert_eq!(agenda.read(&registered).await["registration"]["registered_seats"], 1);
        delete(&gone).await.expect(204);
        delete(&gone).await.expect(404);
        let changes = manager.get("/v1/changes?limit=100").await.expect(200);
        let last = changes.rows().iter().rfind(|row| row["object_id"] == gone.as_str()).unwrap();
        assert_eq!((&last["resource"], &last["kind"], &last["deletion_reason"]), (&json!("action"), &json!("deleted"), &json!("entered_by_mistake")));
    }

    async fn the_figures_count_held_actions_only(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        ConventionService::of(&app, agenda.service).await.opening(RIOM, &["pedagogical_days"]).await;
        let figures = async |from: &str, to: &str| {
            agenda.staff.get(&format!("/v1/services/{}/action-figures?from={from}&to={to}", agenda.service)).await
        };
        let none = figures("2026-01-01", "2026-12-31").await.expect(200);
        assert_eq!((&none["held"], &none["attendance_rate"], &none["by_kind"]), (&json!(0), &Value::Null, &json!([])));
        let hold = async |new: Value, participants: Value| {
            let id = agenda.plan(new).await.expect(201).id();
            agenda.act(&id, "hold", Some(json!({"participants": participants}))).await.expect(200);
        };
        hold(agenda.cafe("2026-01-15", json!({"preparation_minutes": 60})), json!([came("parent", 8), came("child", 2)])).await;
        hold(agenda.cafe("2026-02-15", json!({"travel_minutes": 40, "commune_code": "63032"})), json!([came("parent", 5)])).await;
        hold(agenda.cafe("2026-02-20", json!({"kind": "pedagogical_day", "duration_minutes": 360})), json!([came("childcare_professional", 20)])).await;
        agenda.planned("2026-02-25").await;
        for reason in ["too_few_registrations", "too_few_registrations", "partner_request"] {
            let id = agenda.planned("2026-02-26").await;
            agenda.act(&id, "cancel", Some(json!({"reason": reason}))).await.expect(200);
        }
        let open = agenda.open("2026-03-02", 10).await;
        for (seats, attended) in [(2, Some(2)), (1, Some(0)), (4, None)] {
            let registration = agenda.register(&open, seats).await.expect(201).id();
            if let Some(attended) = attended {
                agenda.act_on(&registration, "attendance", Some(json!({"attended": attended}))).await.expect(200);
            }
        }
        assert_eq!(figures("2026-01-01", "2026-12-31").await["attendance_rate"], Value::Null, "it is not held yet");
        agenda.act(&open, "hold", Some(json!({}))).await.expect(200);
        let year = figures("2026-01-01", "2026-12-31").await.expect(200);
        let sums = ["held", "participants", "duration_minutes", "preparation_minutes", "travel_minutes", "cancelled", "noted_seats", "attended_seats"];
        assert_eq!(sums.map(|name| year[name].as_i64().unwrap()), [4, 37, 720, 60, 40, 3, 3, 2]);
        assert_eq!(year["attendance_rate"], 0.67);
        assert_eq!(
            year["by_kind"],
            json!([
                {"kind": "parent_cafe", "held": 3, "participants": 17, "duration_minutes": 360, "preparation_minutes": 60, "travel_minutes": 40},
                {"kind": "pedagogical_day", "held": 1, "participants": 20, "duration_minutes": 360, "preparation_minutes": 0, "travel_minutes": 0}
            ])
        );
        assert_eq!(year["by_commune"], json!([{"commune_code": "63032", "commune_name": "Beaumont", "held": 1}, {"commune_code": "63300", "commune_name": "Riom", "held": 3}]));
        let types: Vec<_> = year["by_participant_type"].as_array().unwrap().iter().map(|one| (one["participant_type"].as_str().unwrap(), one["number"].as_i64().unwrap())).collect();
        assert_eq!(types, [("child", 2), ("childcare_professional", 20), ("childminder", 2), ("parent", 13)]);
        let services: Vec<_> = year["by_complementary_service"].as_array().unwrap().iter().map(|one| (one["complementary_service"].as_str().unwrap(), one["held"].as_i64().unwrap())).collect();
        assert_eq!(services, [("childminder_awareness", 0), ("pedagogical_days", 1), ("referent_network_training", 0)]);
        assert_eq!(year["by_cancellation_reason"], json!([{"reason": "partner_request", "number": 1}, {"reason": "too_few_registrations", "number": 2}]));
        assert_eq!(figures("2026-02-01", "2026-02-28").await["held"], 2);
        let refused = figures("2026-02-01", "2026-01-01").await.expect(400).problem("invalid_parameters");
        assert_eq!(refused.faults(), [("to".to_owned(), "ends_before_start".to_owned())]);
        for definition in year["definitions"].as_array().unwrap() {
            assert!(year.json.pointer(definition["figure"].as_str().unwrap()).is_some(), "{definition} defines nothing");
        }
    }
}
