//! Absences: who declares them, what they warn about, and what is found while somebody is away.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, ids};
use crate::harness::{Caller, Response};

fn days(service: Id, from: &str, to: &str) -> Value {
    json!({"service_id": service, "starts_on": from, "ends_on": to})
}

fn of(service: Id, person: &Caller, from: &str, to: &str) -> Value {
    json!({"service_id": service, "user_id": person.bare_id(), "starts_on": from, "ends_on": to})
}

on_both_databases! {
    async fn a_professional_declares_their_own_and_a_coordinator_everybodys(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let (one, other) = (app.user(service, Role::Professional).await, app.user(service, Role::Professional).await);
        let made = one.post("/v1/absences", days(service, "2026-04-13", "2026-04-24")).await.expect(201);
        assert_eq!(made["user_id"], one.bare_id().to_string(), "the caller, by default");
        assert!(made["user_name"].is_string() && made["author_name"].is_string());
        let path = format!("/v1/absences/{}", made.id());
        // A colleague sees it and does not touch it.
        assert_eq!(other.get(&path).await.expect(200)["starts_on"], "2026-04-13");
        let refused = other.patch(&path, json!({"ends_on": "2026-04-25"})).await.expect(403);
        assert_eq!(refused["required_permission"], "cases:correct");
        other.call("DELETE", &format!("{path}?reason=entered_by_mistake"), None).await.expect(403);
        other.post("/v1/absences", of(service, &one, "2026-05-04", "2026-05-04")).await.expect(403);
        // A coordinator does both.
        let longer = coordinator.patch(&path, json!({"ends_on": "2026-04-27"})).await.expect(200);
        assert_eq!((&longer["ends_on"], &longer["version"]), (&json!("2026-04-27"), &json!(2)));
        let theirs = coordinator.post("/v1/absences", of(service, &other, "2026-04-20", "2026-04-20")).await.expect(201);
        assert_eq!(theirs["user_id"], other.bare_id().to_string());
        assert_eq!(coordinator.patch(&path, json!({})).await.expect(200)["version"], 2, "nothing to correct");
        coordinator.call("DELETE", &format!("{path}?reason=entered_by_mistake"), None).await.expect(204);
        one.get(&path).await.expect(404);
        // Another service sees nothing.
        let stranger = crate::cases::coordinator(&app).await.1;
        stranger.get(&format!("/v1/absences/{}", theirs.id())).await.expect(404);
        assert!(ids(&stranger, "/v1/absences").await.is_empty());
        stranger.post("/v1/absences", days(service, "2026-04-13", "2026-04-24")).await.breaks("/service_id", "unknown_service");
        let told = format!("SELECT kind AS text FROM changes WHERE resource = 'absence' AND service_id = '{service}'");
        let mut told = app.database.texts(&told);
        told.sort();
        assert_eq!(told, ["created", "created", "deleted", "updated"]);
        // An API client is never away: it says who is.
        let script = app.client(service, &[Permission::CasesWrite, Permission::CasesCorrect]).await;
        script.post("/v1/absences", days(service, "2026-04-13", "2026-04-24")).await.breaks("/user_id", "user_required");
        let by_script = script.post("/v1/absences", of(service, &one, "2026-04-13", "2026-04-14")).await.expect(201);
        assert!(by_script["user_name"].is_null());
    }

    async fn the_days_are_checked_all_at_once_and_two_absences_have_none_in_common(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let stranger = coordinator(&app).await.1;
        let faults = |response: Response| {
            response.faults().into_iter().map(|(at, code)| format!("{at} {code}")).collect::<Vec<_>>()
        };
        let wrong = caller.post("/v1/absences", of(service, &stranger, "2026-04-13", "2027-04-30")).await.expect(422);
        assert_eq!(faults(wrong), ["/ends_on absence_too_long", "/user_id unknown_professional"]);
        assert_eq!(caller.post("/v1/absences", days(service, "2026-04-13", "2026-04-12")).await.expect(400).faults()[0].0, "/ends_on");
        let far = caller.post("/v1/absences", days(service, "2126-04-13", "2126-04-14")).await.expect(422);
        assert_eq!(faults(far), ["/starts_on too_far_ahead"]);
        let first = caller.post("/v1/absences", days(service, "2026-04-13", "2026-04-24")).await.expect(201).id();
        for (from, to) in [("2026-04-24", "2026-04-30"), ("2026-04-01", "2026-04-13"), ("2026-04-15", "2026-04-16")] {
            assert_eq!(caller.post("/v1/absences", days(service, from, to)).await.expect(409)["existing_id"], first);
        }
        let second = caller.post("/v1/absences", days(service, "2026-04-25", "2026-04-30")).await.expect(201).id();
        let path = format!("/v1/absences/{second}");
        assert_eq!(caller.patch(&path, json!({"starts_on": "2026-04-24"})).await.expect(409)["existing_id"], first);
        caller.patch(&path, json!({"starts_on": "2026-05-01"})).await.expect(400);
        // A colleague may be away on the same days.
        let colleague = app.user(service, Role::Professional).await;
        caller.post("/v1/absences", of(service, &colleague, "2026-04-13", "2026-04-24")).await.expect(201);
        let me = caller.bare_id();
        assert_eq!(ids(&caller, &format!("/v1/absences?user_id={me}&sort=starts_on")).await, [first.clone(), second.clone()]);
        assert_eq!(ids(&caller, &format!("/v1/absences?user_id={me}&from=2026-04-24&to=2026-04-24")).await, [first]);
        assert_eq!(ids(&caller, &format!("/v1/absences?user_id={me}&from=2026-04-25")).await, [second]);
    }

    async fn two_declarations_at_once_leave_one(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let calls = (0..4).map(|_| caller.post("/v1/absences", days(service, "2026-04-13", "2026-04-24")));
        let statuses: Vec<u16> = futures_util::future::join_all(calls).await.iter().map(|one| one.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(app.database.count("absences"), 1);
    }

    async fn an_appointment_or_a_change_of_hands_in_an_absence_gets_a_warning(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let away = caller.post("/v1/absences", of(service, &colleague, "2026-03-02", "2026-03-06")).await.expect(201).id();
        let planned = |day: &str| json!({
            "service_id": service, "type": "family_interview", "planned_on": day, "starts_at": "09:30", "minutes": 60,
            "place": "family_home", "case_ids": [case], "professional_ids": [caller.bare_id(), colleague.bare_id()]
        });
        let made = caller.post("/v1/appointments", planned("2026-03-06")).await.expect(201);
        let warned = &made["warnings"];
        assert_eq!(warned.as_array().unwrap().len(), 1);
        assert_eq!((&warned[0]["code"], &warned[0]["absence_id"]), (&json!("absence"), &json!(away)));
        assert_eq!((&warned[0]["user_id"], &warned[0]["appointment_id"]), (&json!(colleague.bare_id()), &json!(made.id())));
        let moved = json!({"planned_on": "2026-03-09", "starts_at": "09:30"});
        let moved = caller.post(&format!("/v1/appointments/{}/move", made.id()), moved).await.expect(200);
        assert_eq!(moved["warnings"], json!([]));
        // A change of hands goes through, and says so.
        let handed = json!({"case_ids": [case], "referent_id": colleague.bare_id()});
        let report = caller.post("/v1/cases/hand-over", handed).await.expect(200);
        assert_eq!(report["changed"], 1);
        assert_eq!(
            report["warnings"],
            json!([{"code": "absence", "user_id": colleague.bare_id(), "user_name": "Une personne", "absence_id": away, "starts_on": "2026-03-02", "ends_on": "2026-03-06"}])
        );
        let back = json!({"case_ids": [case], "referent_id": caller.bare_id()});
        assert_eq!(caller.post("/v1/cases/hand-over", back).await.expect(200)["warnings"], json!([]));
    }

    async fn what_is_due_of_an_absent_colleague_is_found(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let (mine, theirs) = (case_of(&caller, service, "Exemple", "2026-02-09").await, case_of(&caller, service, "Autre", "2026-02-09").await);
        caller.post("/v1/cases/hand-over", json!({"case_ids": [theirs], "referent_id": colleague.bare_id()})).await.expect(200);
        for case in [&mine, &theirs] {
            caller.post(&format!("/v1/cases/{case}/follow-up"), json!({"next_follow_up_on": "2026-03-04"})).await.expect(200);
        }
        let absent = async |value: &str| ids(&caller, &format!("/v1/cases?status=open&referent_absent={value}")).await;
        assert!(absent("true").await.is_empty());
        let away = colleague.post("/v1/absences", days(service, "2026-02-27", "2026-03-03")).await.expect(201).id();
        assert_eq!(absent("true").await, std::slice::from_ref(&theirs));
        assert_eq!(absent("false").await, std::slice::from_ref(&mine));
        let agenda = async |query: &str| {
            let page = caller.get(&format!("/v1/agenda?{query}")).await.expect(200);
            page.rows().iter().map(|row| (row["kind"].as_str().unwrap().to_owned(), row["object_id"].as_str().unwrap().to_owned())).collect::<Vec<_>>()
        };
        let (follow_up, absence) = (|case: &str| ("follow_up".to_owned(), case.to_owned()), ("absence".to_owned(), away.clone()));
        // The service sees who is away first: the absence began before the week.
        let all = agenda("").await;
        assert_eq!(all[0], absence);
        assert!(all.contains(&follow_up(&mine)) && all.contains(&follow_up(&theirs)));
        let row = caller.get("/v1/agenda?kind=absence").await.expect(200).rows()[0].clone();
        assert_eq!((&row["on"], &row["until"]), (&json!("2026-02-27"), &json!("2026-03-03")));
        assert_eq!(row["professional_ids"], json!([colleague.bare_id()]));
        assert_eq!(row["professional_names"].as_array().unwrap().len(), 1);
        // Whoever stands in finds what is the colleague's, and nothing else.
        assert_eq!(agenda(&format!("professional_id={}", colleague.bare_id())).await, [absence, follow_up(&theirs)]);
        assert_eq!(agenda("scope=mine").await, [follow_up(&mine)]);
        assert_eq!(agenda(&format!("professional_id={}", caller.bare_id())).await, [follow_up(&mine)]);
        let both = format!("/v1/agenda?scope=mine&professional_id={}", colleague.bare_id());
        assert_eq!(caller.get(&both).await.expect(400).faults()[0].1, "two_agendas");
        // It is over after the last day: 3 March is the last, and the day is that of the service.
        app.clock.set("2026-03-03T22:30:00Z".parse().unwrap());
        assert_eq!(absent("true").await, [theirs]);
        app.clock.set("2026-03-03T23:30:00Z".parse().unwrap());
        assert!(absent("true").await.is_empty(), "it is 4 March in Paris");
    }
}
