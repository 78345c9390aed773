//! The goals of a case and their reviews.

use passerelle::auth::Role;
use serde_json::json;

use crate::cases::{case_of, coordinator};

on_both_databases! {
    async fn a_goal_is_as_far_as_its_latest_review(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let goals = format!("/v1/cases/{case}/goals");
        let set = json!({"title": "Une matinée seul", "set_on": "2026-02-03", "target_on": "2026-06-30"});
        let goal = caller.post(&goals, set).await.expect(201);
        assert!(goal["attainment"].is_null() && goal["reviewed_on"].is_null());
        let path = format!("/v1/goals/{}", goal.id());
        let reviews = format!("{path}/reviews");
        // Recorded in another order than that of the days.
        let later = caller.post(&reviews, json!({"reviewed_on": "2026-02-20", "attainment": 3})).await.expect(201);
        let first = json!({"reviewed_on": "2026-02-10", "attainment": 0, "comment": "Pleurs."});
        let first = caller.post(&reviews, first).await.expect(201);
        let read = caller.get(&path).await.expect(200);
        assert_eq!(read["attainment"], 3);
        assert_eq!(read["reviewed_on"], "2026-02-20");
        assert_eq!(read["reviews"], json!([first.json, later.json]));
        assert_eq!(read["version"], 3, "a goal changes with its reviews");
        let listed = caller.get(&goals).await.expect(200);
        assert_eq!(listed.rows()[0], read.json);
        // Without the latest review, the goal is as far as the one before.
        caller.delete(&format!("/v1/goal-reviews/{}?reason=entered_by_mistake", later.id())).await.expect(204);
        let read = caller.get(&path).await.expect(200);
        assert_eq!(read["attainment"], 0);
        let change = json!({"attainment": 1, "comment": null});
        let corrected = caller.patch(&format!("/v1/goal-reviews/{}", first.id()), change).await.expect(200);
        assert!(corrected["comment"].is_null());
        assert_eq!(caller.get(&path).await["attainment"], 1);
    }

    async fn two_reviews_of_one_day_are_not_two_answers(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let set = json!({"title": "Une matinée seul", "set_on": "2026-02-03"});
        let goal = caller.post(&format!("/v1/cases/{case}/goals"), set).await.expect(201).id();
        let reviews = format!("/v1/goals/{goal}/reviews");
        let on = |day: &str| json!({"reviewed_on": day, "attainment": 2});
        let first = caller.post(&reviews, on("2026-02-10")).await.expect(201).id();
        let other = caller.post(&reviews, on("2026-02-11")).await.expect(201).id();
        let refused = caller.post(&reviews, on("2026-02-10")).await.expect(409);
        assert_eq!(refused["existing_id"], *first);
        caller.patch(&format!("/v1/goal-reviews/{other}"), json!({"reviewed_on": "2026-02-10"})).await.expect(409);
        assert_eq!(app.database.count("goal_reviews"), 2);
    }

    async fn the_dates_of_a_goal_are_in_order(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let goals = format!("/v1/cases/{case}/goals");
        let set = |on: &str, target: &str| json!({"title": "Une matinée seul", "set_on": on, "target_on": target});
        caller.post(&goals, set("2026-03-03", "2026-06-30")).await.breaks("/set_on", "in_the_future");
        let both = caller.post(&goals, set("2026-02-01", "2026-01-31")).await.expect(422);
        let expected = [("/set_on", "before_opening"), ("/target_on", "before_goal")];
        assert_eq!(both.faults(), expected.map(|(at, rule)| (at.to_owned(), rule.to_owned())));
        let goal = caller.post(&goals, set("2026-02-05", "2026-06-30")).await.expect(201).id();
        let path = format!("/v1/goals/{goal}");
        let review = |on: &str| json!({"reviewed_on": on, "attainment": 2});
        caller.post(&format!("{path}/reviews"), review("2026-02-04")).await.breaks("/reviewed_on", "before_goal");
        caller.post(&format!("{path}/reviews"), review("2026-03-03")).await.breaks("/reviewed_on", "in_the_future");
        caller.post(&format!("{path}/reviews"), review("2026-02-10")).await.expect(201);
        caller.patch(&path, json!({"set_on": "2026-02-11"})).await.breaks("/set_on", "after_first_review");
        caller.patch(&path, json!({"closed_on": "2026-02-04"})).await.breaks("/closed_on", "before_goal");
        caller.post(&format!("{path}/reviews"), json!({"reviewed_on": "2026-02-11", "attainment": 5})).await.expect(400);
        assert_eq!(caller.get(&path).await["version"], 2, "a refused correction leaves no trace");
    }

    async fn a_reviewed_goal_is_closed_and_never_deleted(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let goals = format!("/v1/cases/{case}/goals");
        let set = json!({"title": "Une matinée seul", "set_on": "2026-02-03"});
        let mistaken = caller.post(&goals, set.clone()).await.expect(201).id();
        caller.delete(&format!("/v1/goals/{mistaken}?reason=entered_by_mistake")).await.expect(204);
        let path = format!("/v1/goals/{}", caller.post(&goals, set).await.expect(201).id());
        caller.post(&format!("{path}/reviews"), json!({"reviewed_on": "2026-02-10", "attainment": 4})).await.expect(201);
        caller.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(409);
        let closed = caller.patch(&path, json!({"closed_on": "2026-02-10"})).await.expect(200);
        assert_eq!((&closed["closed_on"], &closed["attainment"]), (&json!("2026-02-10"), &json!(4)));
        // A patch that changes nothing keeps the version.
        let again = caller.patch(&path, json!({"title": "Une matinée seul", "closed_on": "2026-02-10"})).await.expect(200);
        assert_eq!(again["version"], closed["version"]);
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "moved"})).await.expect(200);
        // Corrected after the closing of the case, with its former values.
        caller.patch(&path, json!({"closed_on": "2026-02-11"})).await.expect(200);
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(history.rows().len(), 2);
        assert_eq!(history.rows()[1]["changes"], json!([{"field": "closed_on", "before": "2026-02-10", "after": "2026-02-11"}]));
        caller.post(&goals, json!({"title": "Autre", "set_on": "2026-02-03"})).await.expect(409).problem("wrong_state");
    }

    async fn a_goal_and_its_reviews_are_corrected_by_who_recorded_them(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let (author, colleague) = (app.user(service, Role::Professional).await, app.user(service, Role::Professional).await);
        let case = case_of(&coordinator, service, "Exemple", "2026-02-02").await;
        let set = json!({"title": "Une matinée seul", "set_on": "2026-02-03"});
        let path = format!("/v1/goals/{}", author.post(&format!("/v1/cases/{case}/goals"), set).await.expect(201).id());
        let reviewed = json!({"reviewed_on": "2026-02-20", "attainment": 2, "comment": "Une heure."});
        let review = format!("/v1/goal-reviews/{}", author.post(&format!("{path}/reviews"), reviewed).await.expect(201).id());
        colleague.patch(&path, json!({"title": "Autre chose"})).await.expect(403);
        colleague.patch(&review, json!({"attainment": 3})).await.expect(403);
        colleague.delete(&format!("{review}?reason=entered_by_mistake")).await.expect(403);
        colleague.get(&format!("{review}/history")).await.expect(403);
        colleague.patch(&path, json!({"closed_on": "2026-02-19"})).await.breaks("/closed_on", "before_last_review");
        colleague.patch(&path, json!({"closed_on": "2026-02-25", "target_on": "2026-06-30"})).await.expect(200);
        let late = json!({"reviewed_on": "2026-02-26", "attainment": 4});
        colleague.post(&format!("{path}/reviews"), late).await.breaks("/reviewed_on", "after_end_of_goal");
        coordinator.patch(&review, json!({"attainment": 3, "comment": null})).await.expect(200);
        let history = author.get(&format!("{review}/history")).await.expect(200);
        let changes = json!([
            {"field": "attainment", "before": "2", "after": "3"}, {"field": "comment", "before": "Une heure.", "after": null}
        ]);
        assert_eq!(history.rows()[0]["changes"], changes);
        author.delete(&format!("{review}?reason=entered_by_mistake")).await.expect(204);
        author.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(204);
        assert_eq!(author.get(&format!("{path}/history")).await.expect(200).rows()[1]["kind"], "remove");
        assert_eq!(author.get(&format!("{review}/history")).await.expect(200).rows()[1]["kind"], "remove");
    }

    async fn the_words_of_a_goal_cannot_be_read_once_the_key_is_destroyed(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let goals = format!("/v1/cases/{case}/goals");
        let set = json!({"title": "Ornithorynque bleu", "set_on": "2026-02-03"});
        let path = format!("/v1/goals/{}", caller.post(&goals, set).await.expect(201).id());
        let review = json!({"reviewed_on": "2026-02-10", "attainment": 2, "comment": "Ornithorynque vert"});
        caller.post(&format!("{path}/reviews"), review).await.expect(201);
        app.assert_never_stored(&["Ornithorynque"]);
        app.database.execute("DELETE FROM data_keys").unwrap();
        let read = caller.get(&path).await.expect(200);
        assert!(read["title"].is_null() && read["reviews"][0]["comment"].is_null());
        assert_eq!(read["attainment"], 2, "what is counted remains");
    }
}
