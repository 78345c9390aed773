//! Teams of cases: the référent de parcours, changing hands, joining and leaving, and who sees the names of staff.

use futures_util::future::join_all;
use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::cases::{case_of, child, coordinator, ids, refer};
use crate::harness::{Caller, TestApp};

/// Gives a user the name that colleagues see.
async fn named(app: &TestApp, person: &Caller, name: &str) -> String {
    let id = person.bare_id().to_string();
    app.administrator().await.patch(&format!("/v1/users/{id}"), json!({"display_name": name})).await.expect(200);
    id
}

fn hand_over(cases: &[&String], referent: &str) -> Value {
    json!({"case_ids": cases, "referent_id": referent})
}

fn outcomes(report: &Value) -> Vec<&str> {
    report["data"].as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap()).collect()
}

on_both_databases! {
    async fn who_accepts_a_referral_is_the_first_referent(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let me = named(&app, &caller, "Dominique Exemple").await;
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let row = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!((&row["referent_id"], &row["referent_name"]), (&json!(me), &json!("Dominique Exemple")));
        assert_eq!(row["referent_since"], "2026-02-09");
        let team = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
        assert_eq!(team.rows().len(), 1);
        assert_eq!(team.rows()[0]["capacity"], "referent");
        assert_eq!(caller.get(&format!("/v1/case-members/{}", team.rows()[0]["id"].as_str().unwrap())).await.expect(200)["user_id"], me);
        // A second referral joins the case, whoever accepts it.
        let colleague = app.user(service, Role::Coordinator).await;
        let about = json!({"subject": "child", "child_id": row["child_id"]});
        let second = refer(&caller, service, "2026-02-20", about).await;
        assert_eq!(crate::cases::accept(&colleague, &second, "2026-02-20").await, case);
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await["referent_id"], me);
        // An API client is nobody's référent.
        let script = app.client(service, &[Permission::ReferralsWrite, Permission::ReferralsDecide]).await;
        let referral = refer(&script, service, "2026-02-10", child("Autre")).await;
        let other = crate::cases::accept(&script, &referral, "2026-02-10").await;
        assert!(caller.get(&format!("/v1/cases/{other}")).await.expect(200)["referent_id"].is_null());
        assert_eq!(ids(&caller, "/v1/cases?has_referent=false").await, [other]);
        assert_eq!(ids(&caller, "/v1/cases?has_referent=true").await, [case]);
    }

    async fn cases_change_hands_in_one_call_each_with_its_own_result(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let (me, them) = (caller.bare_id().to_string(), named(&app, &colleague, "Camille Relais").await);
        let mut cases = Vec::new();
        for at in 0..4 {
            cases.push(case_of(&caller, service, &format!("Exemple {at}"), "2026-02-09").await);
        }
        caller.post(&format!("/v1/cases/{}/close", cases[3]), json!({"outcome": "need_met"})).await.expect(200);
        let (elsewhere, stranger) = coordinator(&app).await;
        let hidden = case_of(&stranger, elsewhere, "Ailleurs", "2026-02-09").await;
        let before = caller.get(&format!("/v1/cases/{}", cases[0])).await["version"].as_i64().unwrap();
        let asked = hand_over(&[&cases[0], &cases[3], &hidden, &cases[1], &cases[0]], &them);
        let report = caller.post("/v1/cases/hand-over", asked.clone()).await.expect(200);
        assert_eq!(outcomes(&report.json), ["changed", "refused", "refused", "changed", "unchanged"]);
        assert_eq!((&report["changed"], &report["unchanged"], &report["refused"]), (&json!(2), &json!(1), &json!(2)));
        assert_eq!(report["data"][0]["former_referent_id"], me);
        assert_eq!(report["data"][1]["problem"]["code"], "wrong_state");
        assert_eq!(report["data"][2]["problem"]["code"], "not_found");
        assert!(report["data"][2]["former_referent_id"].is_null());
        // Once, though it was named twice; and the former référent is still known.
        let row = caller.get(&format!("/v1/cases/{}", cases[0])).await.expect(200);
        assert_eq!((&row["referent_id"], &row["referent_name"]), (&json!(them), &json!("Camille Relais")));
        assert_eq!(row["version"], before + 1);
        let team = caller.get(&format!("/v1/cases/{}/team", cases[0])).await.expect(200);
        let periods: Vec<_> = team.rows().iter().map(|row| (&row["user_id"], &row["starts_on"], &row["ends_on"])).collect();
        let today = json!("2026-03-02");
        assert_eq!(periods, [(&json!(them), &today, &Value::Null), (&json!(me), &json!("2026-02-09"), &today)]);
        assert_eq!(caller.get(&format!("/v1/cases/{}", cases[2])).await["referent_id"], me);
        assert_eq!(stranger.get(&format!("/v1/cases/{hidden}")).await["referent_id"], stranger.bare_id().to_string());
        let again = caller.post("/v1/cases/hand-over", asked).await.expect(200);
        assert_eq!(outcomes(&again.json), ["unchanged", "refused", "refused", "unchanged", "unchanged"]);
        assert_eq!(caller.get(&format!("/v1/cases/{}", cases[0])).await["version"], before + 1);
        // The lists of both follow.
        let mut theirs = ids(&caller, &format!("/v1/cases?referent_id={them}")).await;
        theirs.sort();
        let mut expected = cases[..2].to_vec();
        expected.sort();
        assert_eq!(theirs, expected);
        assert_eq!(ids(&colleague, "/v1/cases?mine=true&status=open").await.len(), 2);
        let told = format!("SELECT object_id AS text FROM changes WHERE resource = 'case_member' AND service_id = '{service}'");
        let told = app.database.texts(&told);
        assert!(team.rows().iter().all(|row| told.iter().any(|id| row["id"] == *id)), "{told:?}");
    }

    async fn a_case_is_handed_over_to_staff_of_its_service_and_never_back_in_time(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await.bare_id().to_string();
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let (_, stranger) = coordinator(&app).await;
        let refused = async |body: Value| {
            let report = caller.post("/v1/cases/hand-over", body).await.expect(200);
            let errors = report["data"][0]["problem"]["errors"].as_array().unwrap().clone();
            errors.iter().map(|fault| format!("{} {}", fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect::<Vec<_>>()
        };
        let on = |referent: &str, day: &str| json!({"case_ids": [case], "referent_id": referent, "starts_on": day});
        assert_eq!(refused(hand_over(&[&case], stranger.bare_id().as_str())).await, ["/referent_id not_of_the_service"]);
        // All faults at once.
        assert_eq!(
            refused(on(stranger.bare_id().as_str(), "2026-03-03")).await,
            ["/referent_id not_of_the_service", "/starts_on in_the_future"]
        );
        assert_eq!(refused(on(&colleague, "2026-02-08")).await, ["/starts_on before_opening"]);
        caller.post("/v1/cases/hand-over", on(&colleague, "2026-02-20")).await.expect(200);
        assert_eq!(refused(on(caller.bare_id().as_str(), "2026-02-19")).await, ["/starts_on before_last_event"]);
        // A disabled account has no role in force.
        let manager = app.user(service, Role::Manager).await;
        let gone = app.user(service, Role::Professional).await.bare_id().to_string();
        manager.act(&format!("/v1/users/{gone}/disable")).await.expect(200);
        assert_eq!(refused(hand_over(&[&case], &gone)).await, ["/referent_id not_of_the_service"]);
        for (body, pointer) in [
            (json!({"case_ids": [], "referent_id": colleague}), "/case_ids"),
            (json!({"case_ids": [case], "referent_id": "nobody"}), "/referent_id"),
            (json!({"case_ids": [case]}), "/referent_id"),
        ] {
            let response = caller.post("/v1/cases/hand-over", body).await.expect(400);
            assert_eq!(response.faults()[0].0, pointer, "{}", response.text());
        }
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await["referent_id"], colleague);
    }

    async fn concurrent_changes_of_hands_leave_one_referent(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let mut people = Vec::new();
        for _ in 0..4 {
            people.push(app.user(service, Role::Professional).await.bare_id().to_string());
        }
        let calls = people.iter().map(|person| {
            let body = hand_over(&[&case], person);
            let caller = &caller;
            async move { caller.post("/v1/cases/hand-over", body).await.expect(200) }
        });
        join_all(calls).await;
        let current = format!("SELECT user_id AS text FROM case_members WHERE case_id = '{case}' AND capacity = 'referent' AND ends_on IS NULL");
        assert_eq!(app.database.texts(&current).len(), 1);
        // Those that arrived together were decided on one référent: the first one to write has the case.
        let handed = app.database.count("case_members");
        assert!((2..=5).contains(&handed), "{handed}");
        // The key refuses a second one, whatever the code does.
        let second = format!(
            "INSERT INTO case_members SELECT '{}', service_id, case_id, user_id, capacity, starts_on, NULL, author, version, \
             created_at, updated_at FROM case_members WHERE case_id = '{case}' AND ends_on IS NULL",
            uuid::Uuid::now_v7()
        );
        assert!(app.database.execute(&second).is_err());
    }

    async fn people_join_a_team_and_leave_it(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let them = colleague.bare_id().to_string();
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let team = format!("/v1/cases/{case}/team");
        assert!(ids(&colleague, "/v1/cases?mine=true").await.is_empty());
        caller.post(&team, json!({"user_id": them, "starts_on": "2026-02-08"})).await.breaks("/starts_on", "before_opening");
        let stranger = coordinator(&app).await.1.bare_id();
        caller.post(&team, json!({"user_id": stranger})).await.breaks("/user_id", "not_of_the_service");
        let member = caller.post(&team, json!({"user_id": them, "starts_on": "2026-02-16"})).await.expect(201);
        assert_eq!(member["capacity"], "member");
        assert_eq!(caller.post(&team, json!({"user_id": them})).await.expect(409)["existing_id"], member["id"]);
        assert_eq!(ids(&colleague, "/v1/cases?mine=true").await, std::slice::from_ref(&case));
        assert!(ids(&colleague, "/v1/cases?mine=false").await.is_empty());
        assert!(ids(&caller, &format!("/v1/cases?referent_id={them}")).await.is_empty(), "a member is no référent");
        let end = format!("/v1/case-members/{}/end", member.id());
        caller.post(&end, json!({"ends_on": "2026-02-15"})).await.breaks("/ends_on", "before_start");
        caller.post(&end, json!({"ends_on": "2026-03-03"})).await.breaks("/ends_on", "in_the_future");
        assert_eq!(caller.post(&end, json!({})).await.expect(200)["ends_on"], "2026-03-02");
        caller.post(&end, json!({})).await.expect(409).problem("wrong_state");
        assert!(ids(&colleague, "/v1/cases?mine=true").await.is_empty());
        caller.post(&team, json!({"user_id": them})).await.expect(201);
    }

    async fn names_of_staff_are_shown_to_staff_only(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        named(&app, &caller, "Dominique Secrète").await;
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let all: Vec<Permission> = passerelle::auth::client_permissions().iter().collect();
        let script = app.client(service, &all).await;
        for path in [
            "/v1/cases".to_owned(),
            format!("/v1/cases/{case}"),
            format!("/v1/cases/{case}/team"),
            "/v1/referrals".into(),
            format!("/v1/services/{service}/workload"),
        ] {
            assert!(caller.get(&path).await.expect(200).text().contains("Dominique Secrète"), "{path}");
            assert!(!script.get(&path).await.expect(200).text().contains("Dominique Secrète"), "{path}");
        }
        // An API client accompanies nobody.
        assert!(ids(&script, "/v1/cases?mine=true").await.is_empty());
        // Staff see which client recorded a referral.
        let referral = refer(&script, service, "2026-02-10", child("Autre")).await;
        assert_eq!(caller.get(&format!("/v1/referrals/{referral}")).await.expect(200)["author_name"], "Formulaire du site");
    }

    async fn two_calls_that_hand_one_case_over_at_once_do_not_both_change_it(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let me = caller.bare_id().to_string();
        let (one, other) = (app.user(service, Role::Professional).await.bare_id().to_string(), app.user(service, Role::Professional).await.bare_id().to_string());
        // Both were decided on a screen that showed the same référent.
        let from_me = |to: &str| json!({"case_ids": [case], "referent_id": to, "from_referent_id": me});
        let calls = [&one, &other].map(|to| caller.post("/v1/cases/hand-over", from_me(to)));
        let mut reports: Vec<_> = join_all(calls).await.into_iter().map(|one| one.expect(200)).collect();
        let (second, first) = (reports.pop().unwrap(), reports.pop().unwrap());
        let both = [first["data"][0]["outcome"].clone(), second["data"][0]["outcome"].clone()];
        assert_eq!(both.iter().filter(|outcome| **outcome == "changed").count(), 1, "{both:?}");
        let refused = if first["refused"] == 1 { &first } else { &second };
        let problem = &refused["data"][0]["problem"];
        let now = caller.get(&format!("/v1/cases/{case}")).await["referent_id"].clone();
        assert_eq!((&problem["code"], &problem["referent_id"]), (&json!("conflict"), &now));
        // A screen that was read before is refused later too, and one that has the day's référent is not.
        let late = caller.post("/v1/cases/hand-over", from_me(&me)).await.expect(200);
        assert_eq!(late["data"][0]["problem"]["code"], "conflict");
        let fresh = json!({"case_ids": [case], "referent_id": me, "from_referent_id": now});
        assert_eq!(caller.post("/v1/cases/hand-over", fresh).await.expect(200)["changed"], 1);
        // Who has the case already keeps it, whoever the screen showed.
        assert_eq!(caller.post("/v1/cases/hand-over", from_me(&me)).await.expect(200)["unchanged"], 1);
    }

    async fn a_change_of_hands_is_redated_and_undone(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let (me, them) = (caller.bare_id().to_string(), colleague.bare_id().to_string());
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let team = async || {
            let page = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
            page.rows().iter().map(|row| (row["user_id"].clone(), row["starts_on"].clone(), row["ends_on"].clone())).collect::<Vec<_>>()
        };
        let part = async |user: &str| {
            let page = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
            let id = page.rows().iter().find(|row| row["user_id"] == user).unwrap()["id"].as_str().unwrap().to_owned();
            format!("/v1/case-members/{id}")
        };
        let before = team().await;
        let version = caller.get(&format!("/v1/cases/{case}")).await["version"].as_i64().unwrap();
        caller.post("/v1/cases/hand-over", json!({"case_ids": [case], "referent_id": them})).await.expect(200);
        let handed = part(&them).await;
        // It was on 20 February: the former référent's last day follows.
        let redated = caller.patch(&handed, json!({"starts_on": "2026-02-20"})).await.expect(200);
        assert_eq!((&redated["starts_on"], &redated["version"]), (&json!("2026-02-20"), &json!(2)));
        let day = json!("2026-02-20");
        assert_eq!(team().await, [(json!(them), day.clone(), Value::Null), (json!(me), json!("2026-02-09"), day)]);
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await["referent_since"], "2026-02-20");
        // The other way round: the last day of the former one moves the first day of the next.
        let former = part(&me).await;
        caller.patch(&former, json!({"ends_on": "2026-02-18"})).await.expect(200);
        assert_eq!(team().await[0].1, "2026-02-18");
        for (path, body, fault) in [
            (&handed, json!({"starts_on": "2026-02-08"}), ("/starts_on", "before_opening")),
            (&handed, json!({"starts_on": "2026-03-03"}), ("/starts_on", "in_the_future")),
            (&handed, json!({"ends_on": "2026-03-02"}), ("/ends_on", "not_ended")),
            (&former, json!({"ends_on": "2026-02-08"}), ("/ends_on", "before_start")),
            (&former, json!({"ends_on": null}), ("/ends_on", "next_referent")),
        ] {
            let refused = caller.patch(path, body.clone()).await.expect(422).faults();
            assert!(refused.iter().any(|(at, code)| (at.as_str(), code.as_str()) == fault), "{body}: {refused:?}");
        }
        // Who did not record it may not, and the history has who, when, what.
        let professional = app.user(service, Role::Professional).await;
        professional.patch(&handed, json!({"starts_on": "2026-02-21"})).await.expect(403);
        professional.get(&format!("{handed}/history")).await.expect(403);
        let history = caller.get(&format!("{handed}/history")).await.expect(200);
        let changes: Vec<_> = history.rows().iter().map(|row| (row["kind"].clone(), row["changes"][0]["before"].clone(), row["changes"][0]["after"].clone())).collect();
        assert_eq!(changes, [
            (json!("correct"), json!("2026-03-02"), json!("2026-02-20")), (json!("correct"), json!("2026-02-20"), json!("2026-02-18"))
        ]);
        // Undone: all is as before, but for the versions.
        caller.call("DELETE", &format!("{handed}?reason=entered_by_mistake"), None).await.expect(204);
        assert_eq!(team().await, before);
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await["referent_id"], me);
        assert!(caller.get(&format!("/v1/cases/{case}")).await["version"].as_i64().unwrap() > version);
        caller.get(&handed).await.expect(404);
        let removed = caller.get(&format!("{handed}/history")).await.expect(200);
        assert_eq!((&removed.rows()[2]["kind"], &removed.rows()[2]["reason"]), (&json!("remove"), &json!("entered_by_mistake")));
        let told = app.database.texts(&format!("SELECT kind AS text FROM changes WHERE resource = 'case_member' AND object_id = '{}'", handed.rsplit('/').next().unwrap()));
        assert!(told.iter().any(|kind| kind == "deleted"), "{told:?}");
    }

    async fn a_member_who_left_by_mistake_is_back_once(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let them = app.user(service, Role::Professional).await.bare_id().to_string();
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let team = format!("/v1/cases/{case}/team");
        let first = caller.post(&team, json!({"user_id": them, "starts_on": "2026-02-16"})).await.expect(201).id();
        caller.post(&format!("/v1/case-members/{first}/end"), json!({"ends_on": "2026-02-20"})).await.expect(200);
        let second = caller.post(&team, json!({"user_id": them, "starts_on": "2026-02-23"})).await.expect(201).id();
        let path = format!("/v1/case-members/{first}");
        assert_eq!(caller.patch(&path, json!({"ends_on": null})).await.expect(409)["existing_id"], second);
        caller.call("DELETE", &format!("/v1/case-members/{second}?reason=entered_by_mistake"), None).await.expect(204);
        assert!(caller.patch(&path, json!({"ends_on": null})).await.expect(200)["ends_on"].is_null());
    }

    async fn a_disabled_referent_is_marked_and_found(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let them = named(&app, &colleague, "Camille Relais").await;
        let (kept, left) = (case_of(&caller, service, "Exemple", "2026-02-09").await, case_of(&caller, service, "Autre", "2026-02-09").await);
        caller.post("/v1/cases/hand-over", json!({"case_ids": [left], "referent_id": them})).await.expect(200);
        assert!(ids(&caller, "/v1/cases?referent_disabled=true").await.is_empty());
        app.user(service, Role::Manager).await.act(&format!("/v1/users/{them}/disable")).await.expect(200);
        let row = caller.get(&format!("/v1/cases/{left}")).await.expect(200);
        assert_eq!((&row["referent_name"], &row["referent_disabled"]), (&json!("Camille Relais"), &json!(true)));
        let team = caller.get(&format!("/v1/cases/{left}/team")).await.expect(200);
        let marks: Vec<_> = team.rows().iter().map(|row| row["user_disabled"].clone()).collect();
        assert_eq!(marks, [json!(true), json!(false)]);
        assert_eq!(ids(&caller, "/v1/cases?referent_disabled=true").await, std::slice::from_ref(&left));
        assert_eq!(ids(&caller, "/v1/cases?referent_disabled=false").await, [kept]);
        let back = json!({"case_ids": [left], "referent_id": caller.bare_id(), "from_referent_id": them});
        assert_eq!(caller.post("/v1/cases/hand-over", back).await.expect(200)["changed"], 1);
        assert!(ids(&caller, "/v1/cases?referent_disabled=true").await.is_empty());
    }
}
