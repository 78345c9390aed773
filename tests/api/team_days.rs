//! The days of the people of a case: nobody has one part twice, a change of hands that never was leaves no trace, and a closed
//! case keeps its last référent.

use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator};
use crate::harness::Caller;

/// The parts in a team: person, first day, last day.
async fn team(caller: &Caller, case: &str) -> Vec<(String, String, Option<String>)> {
    let page = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut parts: Vec<_> = page
        .rows()
        .iter()
        .map(|row| (text(&row["user_id"]).unwrap(), text(&row["starts_on"]).unwrap(), text(&row["ends_on"])))
        .collect();
    parts.sort_by(|one, other| (&one.1, &one.2).cmp(&(&other.1, &other.2)));
    parts
}

/// The path of the part of a person that starts on a day.
async fn part(caller: &Caller, case: &str, user: &str, starts_on: &str) -> String {
    let page = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
    let row = page.rows().iter().find(|row| row["user_id"] == user && row["starts_on"] == starts_on).unwrap();
    format!("/v1/case-members/{}", row["id"].as_str().unwrap())
}

async fn hand(caller: &Caller, case: &str, to: &str, on: &str) -> Value {
    let asked = json!({"case_ids": [case], "referent_id": to, "starts_on": on});
    caller.post("/v1/cases/hand-over", asked).await.expect(200)["data"][0].clone()
}

async fn undo(caller: &Caller, path: &str) -> crate::harness::Response {
    caller.call("DELETE", &format!("{path}?reason=entered_by_mistake"), None).await
}

on_both_databases! {
    async fn a_person_is_in_a_team_once_at_a_time(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let them = app.user(service, Role::Professional).await.bare_id().to_string();
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}/team");
        let join = |on: &str| json!({"user_id": them, "starts_on": on});
        let first = caller.post(&path, join("2026-02-10")).await.expect(201).id();
        caller.post(&format!("/v1/case-members/{first}/end"), json!({"ends_on": "2026-02-20"})).await.expect(200);
        for day in ["2026-02-05", "2026-02-10", "2026-02-19"] {
            let refused = caller.post(&path, join(day)).await.expect(409).problem("conflict");
            assert_eq!(refused["existing_id"], first, "{day}");
            assert!(refused["detail"].as_str().unwrap().contains("20/02/2026"), "{}", refused.text());
        }
        // Back on the day on which they left.
        let second = caller.post(&path, join("2026-02-20")).await.expect(201).id();
        for (id, body) in [
            (&second, json!({"starts_on": "2026-02-18"})), (&first, json!({"ends_on": "2026-02-21"})), (&first, json!({"ends_on": null})),
        ] {
            let refused = caller.patch(&format!("/v1/case-members/{id}"), body.clone()).await.expect(409).problem("conflict");
            assert_eq!(refused["existing_id"], if id == &first { second.clone() } else { first.clone() }, "{body}");
        }
        caller.patch(&format!("/v1/case-members/{second}"), json!({"starts_on": "2026-02-25"})).await.expect(200);
    }

    async fn a_change_of_hands_that_is_undone_in_the_middle_leaves_one_part(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (me, them) = (caller.bare_id().to_string(), app.user(service, Role::Professional).await.bare_id().to_string());
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        for (to, day) in [(&them, "2026-02-10"), (&me, "2026-02-20")] {
            assert_eq!(hand(&caller, &case, to, day).await["outcome"], "changed");
        }
        let again = part(&caller, &case, &me, "2026-02-20").await;
        undo(&caller, &part(&caller, &case, &them, "2026-02-10").await).await.expect(204);
        assert_eq!(team(&caller, &case).await, [(me.clone(), "2026-02-02".to_owned(), None)]);
        let row = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!((&row["referent_id"], &row["referent_since"]), (&json!(me), &json!("2026-02-02")));
        // The part that went with it keeps its history.
        let history = caller.get(&format!("{again}/history")).await.expect(200);
        assert_eq!(history.rows().last().unwrap()["kind"], "remove");
        // Between two others, what is left goes until the next change of hands.
        for (to, day) in [(&them, "2026-02-10"), (&me, "2026-02-20"), (&them, "2026-02-25")] {
            assert_eq!(hand(&caller, &case, to, day).await["outcome"], "changed");
        }
        undo(&caller, &part(&caller, &case, &them, "2026-02-10").await).await.expect(204);
        let last = "2026-02-25".to_owned();
        assert_eq!(team(&caller, &case).await, [(me, "2026-02-02".to_owned(), Some(last.clone())), (them, last, None)]);
    }

    async fn a_case_is_not_handed_over_before_its_former_referent_left(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (me, them) = (caller.bare_id().to_string(), app.user(service, Role::Professional).await.bare_id().to_string());
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let mine = part(&caller, &case, &me, "2026-02-02").await;
        caller.post(&format!("{mine}/end"), json!({"ends_on": "2026-02-20"})).await.expect(200);
        for to in [&them, &me] {
            let refused = hand(&caller, &case, to, "2026-02-19").await;
            assert_eq!(refused["problem"]["errors"][0]["code"], "before_last_event", "{refused}");
        }
        assert_eq!(hand(&caller, &case, &them, "2026-02-20").await["outcome"], "changed");
    }

    async fn a_closed_case_keeps_its_last_referent(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (me, them) = (caller.bare_id().to_string(), app.user(service, Role::Professional).await.bare_id().to_string());
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        assert_eq!(hand(&caller, &case, &them, "2026-02-10").await["outcome"], "changed");
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "need_met"})).await.expect(200);
        // A change of hands that never was can be undone: somebody is left.
        undo(&caller, &part(&caller, &case, &them, "2026-02-10").await).await.expect(204);
        let only = part(&caller, &case, &me, "2026-02-02").await;
        let refused = undo(&caller, &only).await.expect(409).problem("conflict");
        assert_eq!(refused["case_id"], case);
        assert_eq!(team(&caller, &case).await, [(me, "2026-02-02".to_owned(), None)]);
        caller.act(&format!("/v1/cases/{case}/reopen")).await.expect(200);
        undo(&caller, &only).await.expect(204);
    }
}
