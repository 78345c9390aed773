//! The suspension and the resumption of a case.

use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, ids, interview};
use crate::harness::Caller;

async fn suspend(caller: &Caller, case: &str, body: Value) -> Value {
    caller.post(&format!("/v1/cases/{case}/suspend"), body).await.expect(200).json
}

on_both_databases! {
    async fn a_suspension_sets_the_follow_up_aside_and_the_resumption_gives_it_back(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}");
        caller.post(&format!("{path}/follow-up"), json!({"next_follow_up_on": "2026-03-03"})).await.expect(200);
        let body = json!({"reason": "waiting_for_decision", "starts_on": "2026-02-27", "resumes_on": "2026-03-06"});
        let suspended = suspend(&caller, &case, body).await;
        assert_eq!(suspended["status"], "open");
        assert_eq!(suspended["suspended_since"], "2026-02-27");
        assert_eq!(suspended["suspension_reason_label"], "Décision ou place en attente");
        assert_eq!(suspended["resumes_on"], "2026-03-06");
        assert!(suspended["next_follow_up_on"].is_null());
        let actions = suspended["available_actions"].as_array().unwrap();
        assert!(actions.contains(&json!("resume")) && actions.contains(&json!("close")) && !actions.contains(&json!("suspend")));
        let agenda = async || {
            let page = caller.get("/v1/agenda?include_total=true").await.expect(200);
            assert_eq!(page["page"]["total"], page.rows().len());
            let said = |row: &Value| format!("{} {} {}", row["kind"].as_str().unwrap(), row["on"].as_str().unwrap(), row["overdue"]);
            page.rows().iter().map(said).collect::<Vec<_>>()
        };
        assert_eq!(agenda().await, ["resumption 2026-03-06 false"]);
        let dashboard = async || caller.get(&format!("/v1/dashboard?service_id={service}")).await.expect(200);
        let counted = dashboard().await;
        assert_eq!((&counted["open_cases"], &counted["suspended_cases"]), (&json!(1), &json!(1)));
        let load = caller.get(&format!("/v1/services/{service}/workload")).await.expect(200);
        assert_eq!((&load["open_cases"], &load["nothing_planned"]), (&json!(1), &json!(0)));
        let other = case_of(&caller, service, "Autre", "2026-02-02").await;
        assert_eq!(ids(&caller, "/v1/cases?suspended=true").await, std::slice::from_ref(&case));
        assert_eq!(ids(&caller, "/v1/cases?suspended=false").await, std::slice::from_ref(&other));
        assert_eq!(ids(&caller, "/v1/cases?nothing_planned=true").await, [other]);
        app.advance(chrono::Duration::days(6));
        assert_eq!(ids(&caller, "/v1/cases?overdue=true").await, Vec::<String>::new());
        assert_eq!(agenda().await, ["resumption 2026-03-06 true"]);
        let again = caller.post(&format!("{path}/suspend"), json!({"reason": "other"})).await.expect(409);
        assert_eq!(again["state"], "suspended");
        // Work goes on.
        caller.post(&format!("{path}/interventions"), interview("2026-03-05")).await.expect(201);
        let resumed = caller.post(&format!("{path}/resume"), json!({})).await.expect(200);
        assert!(resumed["suspended_since"].is_null() && resumed["suspension_reason"].is_null());
        assert_eq!(resumed["next_follow_up_on"], "2026-03-08", "it passed meanwhile");
        assert_eq!(dashboard().await["suspended_cases"], 0);
        caller.post(&format!("{path}/resume"), json!({})).await.expect(409).problem("wrong_state");
        let periods = caller.get(&format!("{path}/suspensions")).await.expect(200);
        assert_eq!(periods.rows()[0]["resumed_on"], "2026-03-08");
        assert_eq!(periods.rows()[0]["follow_up_set_aside_on"], "2026-03-03");
    }

    async fn periods_do_not_overlap_and_every_fault_is_told(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}");
        let on = |starts: &str| json!({"reason": "family_away", "starts_on": starts});
        suspend(&caller, &case, on("2026-02-10")).await;
        caller.post(&format!("{path}/resume"), json!({"resumed_on": "2026-02-09"})).await.breaks("/resumed_on", "before_start");
        let wrong = caller.post(&format!("{path}/resume"), json!({"resumed_on": "2026-03-03", "next_follow_up_on": "2026-03-01"})).await.expect(422);
        assert_eq!(wrong.faults(), [("/resumed_on", "in_the_future"), ("/next_follow_up_on", "in_the_past")].map(|(at, rule)| (at.to_owned(), rule.to_owned())));
        caller.post(&format!("{path}/resume"), json!({"resumed_on": "2026-02-20"})).await.expect(200);
        caller.post(&format!("{path}/suspend"), on("2026-02-15")).await.breaks("/starts_on", "suspended_already");
        let wrong = json!({"reason": "family_away", "starts_on": "2026-02-01", "resumes_on": "2026-03-01"});
        let wrong = caller.post(&format!("{path}/suspend"), wrong).await.expect(422);
        let expected = [("/starts_on", "before_opening"), ("/starts_on", "suspended_already"), ("/resumes_on", "in_the_past")];
        assert_eq!(wrong.faults(), expected.map(|(at, rule)| (at.to_owned(), rule.to_owned())));
        caller.post(&format!("{path}/suspend"), on("2026-03-03")).await.breaks("/starts_on", "in_the_future");
        caller.post(&format!("{path}/suspend"), json!({"reason": "holiday"})).await.expect(400);
        suspend(&caller, &case, on("2026-02-20")).await;
        let first = caller.get(&format!("{path}/suspensions")).await.expect(200).rows()[1]["id"].as_str().unwrap().to_owned();
        let first = format!("/v1/case-suspensions/{first}");
        caller.patch(&first, json!({"resumed_on": "2026-02-21"})).await.breaks("/starts_on", "suspended_already");
        let corrected = caller.patch(&first, json!({"resumed_on": "2026-02-18", "reason": "other"})).await.expect(200);
        assert_eq!(corrected["resumed_on"], "2026-02-18");
        assert_eq!(caller.get(&format!("{first}/history")).await.expect(200).rows()[0]["changes"][1], json!({"field": "resumed_on", "before": "2026-02-20", "after": "2026-02-18"}));
        // The dates of the case keep to its suspensions.
        caller.patch(&path, json!({"opened_on": "2026-02-11"})).await.breaks("/opened_on", "after_first_record");
    }

    async fn a_closing_ends_the_suspension_and_a_mistaken_one_is_removed(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}");
        caller.post(&format!("{path}/follow-up"), json!({"next_follow_up_on": "2026-04-15"})).await.expect(200);
        suspend(&caller, &case, json!({"reason": "child_health"})).await;
        let current = caller.get(&format!("{path}/suspensions")).await.expect(200).rows()[0]["id"].as_str().unwrap().to_owned();
        let current = format!("/v1/case-suspensions/{current}");
        caller.patch(&current, json!({"resumed_on": "2026-03-02"})).await.breaks("/resumed_on", "not_resumed");
        let colleague = app.user(service, Role::Professional).await;
        colleague.patch(&current, json!({"resumes_on": "2026-05-01"})).await.expect(200);
        colleague.patch(&current, json!({"reason": "other"})).await.expect(403);
        colleague.delete(&format!("{current}?reason=entered_by_mistake")).await.expect(403);
        caller.delete(&format!("{current}?reason=entered_by_mistake")).await.expect(204);
        let case_now = caller.get(&path).await.expect(200);
        assert_eq!(case_now["next_follow_up_on"], "2026-04-15");
        assert!(case_now["suspended_since"].is_null());
        suspend(&caller, &case, json!({"reason": "lost_contact", "starts_on": "2026-02-20"})).await;
        caller.post(&format!("{path}/close"), json!({"outcome": "lost_contact", "closed_on": "2026-02-19"})).await.breaks("/closed_on", "before_last_record");
        let closed = caller.post(&format!("{path}/close"), json!({"outcome": "lost_contact"})).await.expect(200);
        assert!(closed["suspended_since"].is_null());
        let periods = caller.get(&format!("{path}/suspensions")).await.expect(200);
        assert_eq!(periods.rows()[0]["resumed_on"], "2026-03-02");
        caller.post(&format!("{path}/suspend"), json!({"reason": "other"})).await.expect(409).problem("wrong_state");
        let reopened = caller.act(&format!("{path}/reopen")).await.expect(200);
        assert!(reopened["suspended_since"].is_null());
    }
}
