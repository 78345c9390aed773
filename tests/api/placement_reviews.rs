//! Reviews of placements: due by themselves, answered once, listed for a screen.

use chrono::Duration;
use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, nursery, with};
use crate::harness::{Caller, TestApp};

/// A place that started on 16 February 2026, in a case opened on the 2nd. The clock is at 2 March.
async fn placed(app: &TestApp) -> (Id, Caller, String, String) {
    let (service, caller) = coordinator(app).await;
    let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
    let lutins = nursery(&caller, service, "Les Lutins").await;
    let place = json!({"organisation_id": lutins, "childcare_type": "creche", "starts_on": "2026-02-16"});
    let placement = caller.post(&format!("/v1/cases/{case}/placements"), place).await.expect(201).id();
    (service, caller, case, format!("/v1/placements/{placement}"))
}

fn line(row: &Value) -> String {
    format!("{} {} {}", row["months"], row["due_on"].as_str().unwrap(), row["state"].as_str().unwrap())
}

async fn reviews(caller: &Caller, path: &str) -> Vec<String> {
    caller.get(path).await.expect(200).rows().iter().map(line).collect()
}

fn answer(months: i32, answer: &str) -> Value {
    json!({"months": months, "answer": answer, "informed_by": "parent"})
}

on_both_databases! {
    async fn a_placement_does_not_contradict_the_answers_about_it(app: TestApp) {
        let (_, caller, _, place) = placed(&app).await;
        app.advance(Duration::days(200));
        let reviews = format!("{place}/reviews");
        let there = caller.post(&reviews, answer(6, "still_there")).await.expect(201).id();
        let end = |day: &str| json!({"ends_on": day});
        let refused = caller.post(&format!("{place}/end"), end("2026-08-15")).await.expect(409).problem("conflict");
        assert_eq!(refused["existing_id"], there.as_str());
        caller.patch(&place, end("2026-08-15")).await.expect(409);
        caller.patch(&place, json!({"starts_on": "2026-08-17"})).await.expect(409);
        caller.patch(&place, end("2026-08-16")).await.expect(200);
        caller.patch(&place, json!({"ends_on": null})).await.expect(200);
        caller.delete(&format!("/v1/placement-reviews/{there}?reason=entered_by_mistake")).await.expect(200);
        caller.patch(&place, json!({"starts_on": "2026-02-17"})).await.expect(200);
        let mut left = answer(3, "left");
        left.as_object_mut().unwrap().insert("ends_on".into(), "2026-04-30".into());
        caller.post(&reviews, left).await.expect(201);
        caller.patch(&place, json!({"ends_on": null})).await.expect(409).problem("conflict");
        caller.patch(&place, end("2026-05-02")).await.expect(200);
    }

    async fn reviews_fall_due_by_themselves_and_follow_the_dates_of_the_placement(app: TestApp) {
        let (service, caller, case, place) = placed(&app).await;
        let path = format!("{place}/reviews");
        let expected = ["1 2026-03-16 due", "3 2026-05-16 due", "6 2026-08-16 due", "12 2027-02-16 due"];
        assert_eq!(reviews(&caller, &path).await, expected);
        let first = caller.get(&path).await.rows()[0]["id"].clone();
        caller.patch(&place, json!({"starts_on": "2026-02-02"})).await.expect(200);
        assert_eq!(reviews(&caller, &path).await[0], "1 2026-03-02 due");
        assert_eq!(caller.get(&path).await.rows()[0]["id"], first, "it keeps its identifier");
        caller.post(&format!("{place}/end"), json!({"ends_on": "2026-08-01"})).await.expect(200);
        assert_eq!(reviews(&caller, &path).await.len(), 2);
        caller.patch(&place, json!({"ends_on": null})).await.expect(200);
        assert_eq!(reviews(&caller, &path).await.len(), 4);
        // A place that the child already had is followed from the opening of the case; a planned one not yet.
        let place = |on: &str, organisation: &str| json!({"organisation_id": organisation, "childcare_type": "creche", "starts_on": on});
        let farfadets = nursery(&caller, service, "Les Farfadets").await;
        let existing = caller.post(&format!("/v1/cases/{case}/placements"), place("2024-09-02", &farfadets)).await.expect(201).id();
        assert_eq!(reviews(&caller, &format!("/v1/placements/{existing}/reviews")).await[0], "1 2026-03-02 due");
        let planned = caller.post(&format!("/v1/cases/{case}/placements"), place("2026-09-01", &farfadets)).await.expect(201).id();
        assert_eq!(reviews(&caller, &format!("/v1/placements/{planned}/reviews")).await.len(), 0);
        caller.post(&format!("/v1/placements/{planned}/reviews"), answer(1, "unknown")).await.expect(409).problem("wrong_state");
        // The months are a setting of the service.
        let manager = app.user(service, Role::Manager).await;
        let months = json!({"placement_review_months": [2, 9]});
        manager.patch(&format!("/v1/services/{service}"), months).await.expect(200);
        manager.patch(&format!("/v1/services/{service}"), json!({"placement_review_months": [61]})).await.expect(400);
        let later = caller.post(&format!("/v1/cases/{case}/placements"), place("2026-02-20", &farfadets)).await.expect(201).id();
        let of_later = format!("/v1/placements/{later}/reviews");
        assert_eq!(reviews(&caller, &of_later).await, ["2 2026-04-20 due", "9 2026-11-20 due"]);
    }

    async fn still_there_at_six_months_is_an_answer_also_in_a_closed_case(app: TestApp) {
        let (_, caller, case, place) = placed(&app).await;
        let path = format!("{place}/reviews");
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "effective_placement"})).await.expect(200);
        // Not before the day: it would be a guess.
        caller.post(&path, answer(6, "still_there")).await.breaks("/answered_on", "before_due");
        app.clock.set("2026-08-20T08:15:00Z".parse().unwrap());
        caller.post(&path, with(answer(6, "still_there"), "answered_on", "2026-08-21".into())).await.breaks("/answered_on", "in_the_future");
        caller.post(&path, with(answer(6, "still_there"), "ends_on", "2026-08-19".into())).await.breaks("/ends_on", "only_if_left");
        for (field, value) in [("months", json!(0)), ("answer", json!("perhaps")), ("informed_by", json!("a friend")), ("nobody", json!(1))] {
            caller.post(&path, with(answer(6, "still_there"), field, value)).await.expect(400);
        }
        let made = caller.post(&path, with(answer(6, "still_there"), "note", "Ornithorynque".into())).await.expect(201);
        assert_eq!((&made["state"], &made["answered_on"], &made["note"]), (&json!("answered"), &json!("2026-08-20"), &json!("Ornithorynque")));
        assert_eq!(made.header("location"), format!("/v1/placement-reviews/{}", made.id()));
        let again = caller.post(&path, answer(6, "left")).await.expect(422);
        assert_eq!(again.faults(), [("/ends_on".into(), "end_required".into())]);
        let again = caller.post(&path, answer(6, "changed")).await.expect(409).problem("conflict");
        assert_eq!(again["existing_id"], made["id"]);
        let expected = ["1 2026-03-16 overdue", "3 2026-05-16 overdue", "6 2026-08-16 answered", "12 2027-02-16 due"];
        assert_eq!(reviews(&caller, &path).await, expected);
        // Another month than those of the settings.
        assert_eq!(caller.post(&path, answer(5, "unknown")).await.expect(201)["due_on"], "2026-07-16");
        app.assert_never_stored(&["Ornithorynque"]);
        caller.delete(&format!("{place}?reason=entered_by_mistake")).await.expect(409);
        app.database.execute("DELETE FROM data_keys").unwrap();
        assert!(caller.get(&format!("/v1/placement-reviews/{}", made.id())).await.expect(200)["note"].is_null());
    }

    async fn the_answer_left_ends_the_placement(app: TestApp) {
        let (_, caller, _, place) = placed(&app).await;
        let path = format!("{place}/reviews");
        let left = |ends_on: &str| with(answer(1, "left"), "ends_on", ends_on.into());
        caller.post(&path, answer(1, "left")).await.breaks("/ends_on", "end_required");
        caller.post(&path, left("2026-02-15")).await.breaks("/ends_on", "ends_before_start");
        caller.post(&path, left("2026-03-03")).await.breaks("/ends_on", "after_answer");
        caller.post(&path, with(left("2026-02-27"), "end_reason", "family_moved".into())).await.expect(201);
        let ended = caller.get(&place).await.expect(200);
        assert_eq!((&ended["state"], &ended["ends_on"], &ended["end_reason"]), (&json!("ended"), &json!("2026-02-27"), &json!("family_moved")));
        assert_eq!(reviews(&caller, &path).await, ["1 2026-03-16 answered"]);
        let history = caller.get(&format!("{place}/history")).await.expect(200);
        assert_eq!(history.rows()[0]["changes"][1], json!({"field": "ends_on", "before": null, "after": "2026-02-27"}));
        // The end answers what would be due later.
        caller.post(&path, answer(3, "left")).await.breaks("/months", "ended_before_due");
    }

    async fn an_answer_is_corrected_and_removed_by_who_recorded_it_or_a_coordinator(app: TestApp) {
        let (service, caller, case, place) = placed(&app).await;
        app.clock.set("2026-03-20T08:15:00Z".parse().unwrap());
        let colleague = app.user(service, Role::Professional).await;
        let made = colleague.post(&format!("{place}/reviews"), answer(1, "unknown")).await.expect(201);
        let path = format!("/v1/placement-reviews/{}", made.id());
        let other = app.user(service, Role::Professional).await;
        other.patch(&path, json!({"answer": "still_there"})).await.expect(403);
        colleague.patch(&path, json!({"answer": "left"})).await.breaks("/answer", "end_required");
        colleague.patch(&path, json!({"answered_on": "2026-03-15"})).await.breaks("/answered_on", "before_due");
        let right = colleague.patch(&path, json!({"answer": "still_there", "note": "Vu à la crèche"})).await.expect(200);
        assert_eq!((&right["answer"], &right["version"]), (&json!("still_there"), &json!(3)));
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        let changes = json!([
            {"field": "answer", "before": "unknown", "after": "still_there"},
            {"field": "note", "before": null, "after": "Vu à la crèche"}
        ]);
        assert_eq!(history.rows()[0]["changes"], changes);
        caller.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(200);
        caller.get(&path).await.expect(404);
        assert_eq!(caller.get(&format!("{path}/history")).await.expect(200).rows().last().unwrap()["kind"], "remove");
        assert_eq!(reviews(&caller, &format!("{place}/reviews")).await[0], "1 2026-03-16 overdue");
        let feed = caller.get("/v1/changes?limit=500").await.expect(200);
        let kinds: Vec<_> = feed.rows().iter().filter(|row| row["resource"] == "placement_review").collect();
        assert!(kinds.iter().all(|row| row["parent_id"] == case) && kinds.len() == 3, "{kinds:?}");
        // One that nobody has answered has nothing to correct.
        let due = caller.get(&format!("{place}/reviews")).await.rows()[0]["id"].as_str().unwrap().to_owned();
        caller.patch(&format!("/v1/placement-reviews/{due}"), json!({"answer": "left"})).await.expect(409);
        let (_, stranger) = coordinator(&app).await;
        for (method, path) in [("GET", format!("/v1/placement-reviews/{due}")), ("GET", format!("{place}/reviews"))] {
            stranger.call(method, &path, None).await.expect(404);
        }
        stranger.post(&format!("{place}/reviews"), answer(1, "unknown")).await.expect(404);
    }

    async fn the_list_says_whom_to_call(app: TestApp) {
        let (service, caller, case, place) = placed(&app).await;
        app.clock.set("2026-05-14T08:15:00Z".parse().unwrap());
        let list = |query: &str| format!("/v1/placement-reviews?service_id={service}&{query}");
        assert_eq!(reviews(&caller, &list("state=overdue")).await, ["1 2026-03-16 overdue"]);
        assert_eq!(reviews(&caller, &list("state=due&to=2026-05-31")).await, ["3 2026-05-16 due"]);
        assert_eq!(reviews(&caller, &list("from=2026-05-16&sort=-due_on")).await.len(), 3);
        let page = caller.get(&list("state=overdue")).await.expect(200);
        let row = &page.rows()[0];
        for (member, expected) in [
            ("child_name", json!("Zoé Exemple")), ("commune_name", json!("Clermont-Ferrand")), ("case_id", json!(case)),
            ("organisation_name", json!("Les Lutins")), ("starts_on", json!("2026-02-16")), ("answer_label", Value::Null),
            ("referent_id", json!(caller.bare_id())), ("case_status", json!("open")),
        ] {
            assert_eq!(row[member], expected, "{member}");
        }
        let reader = app.client(service, &[Permission::CasesRead]).await;
        let page = reader.get(&list("state=overdue")).await.expect(200);
        for member in ["child_name", "organisation_name", "referent_name"] {
            assert!(page.rows()[0][member].is_null(), "{member}");
        }
        let home = format!("/v1/dashboard?service_id={service}");
        let counted = caller.get(&home).await.expect(200);
        assert_eq!((&counted["placement_reviews_overdue"], &counted["placement_reviews_this_week"]), (&json!(1), &json!(1)));
        let agenda = caller.get("/v1/agenda?kind=placement_review").await.expect(200);
        let shown: Vec<_> = agenda.rows().iter().map(|row| (row["on"].as_str().unwrap(), row["overdue"] == true)).collect();
        assert_eq!(shown, [("2026-03-16", true), ("2026-05-16", false)]);
        assert_eq!(agenda.rows()[1]["title"], "Accueil : point à 3 mois");
        caller.get(agenda.rows()[0]["path"].as_str().unwrap()).await.expect(200);
        caller.post(&format!("{place}/reviews"), answer(1, "still_there")).await.expect(201);
        assert_eq!(caller.get(&home).await["placement_reviews_overdue"], 0);
        let answered = caller.get(&list("state=answered&answer=still_there,changed&months=1")).await.expect(200);
        assert_eq!(answered.rows()[0]["answer_label"], "Toujours accueilli");
        let colleague = app.user(service, Role::Professional).await;
        assert_eq!(colleague.get("/v1/agenda?scope=mine&kind=placement_review").await.expect(200).rows().len(), 0);
        app.advance(Duration::days(5));
        assert_eq!(reviews(&caller, &list("state=overdue")).await, ["3 2026-05-16 overdue"]);
    }
}
