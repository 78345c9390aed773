//! Questionnaires: anonymous tokens, answers and results.

use futures_util::future::join_all;
use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::logs;
use crate::harness::network::{Network, rated};

/// The number of rows of each table.
fn counts(app: &TestApp) -> Vec<(String, i64)> {
    app.database.counts()
}

/// The total number of ratings given.
fn given(app: &TestApp) -> i64 {
    app.database.texts("SELECT CAST(coalesce(sum(number), 0) AS TEXT) AS text FROM survey_counts")[0].parse().unwrap()
}

on_both_databases! {
    async fn a_questionnaire_is_created_answered_and_read(app: TestApp) {
        let network = Network::new(&app).await;
        let made = network.staff.post("/v1/surveys", network.survey()).await.expect(201);
        assert_eq!((&made["state"], &made["issued"]), (&json!("open"), &json!(0)));
        assert_eq!(made["questions"][1], json!({"position": 2, "text_fr": "Les échanges", "text_en": "The exchanges"}));
        let (id, tokens) = network.asking(8).await;
        assert_eq!(tokens.len(), 8);
        app.assert_never_stored(&[&tokens[0], &tokens[7]]);
        let anyone = app.anonymous();
        for _ in 0..2 {
            let asked = anyone.post("/v1/survey-questions", json!({"token": tokens[0]})).await.expect(200);
            assert_eq!((&asked["title_fr"], asked["questions"].as_array().unwrap().len()), (&json!("Fin de la formation"), 2));
        }
        for (token, first) in tokens.iter().zip(["satisfied", "satisfied", "neutral", "very_satisfied", "very_satisfied", "dissatisfied"]) {
            let answered = anyone.post("/v1/survey-answers", rated(token, first, "neutral")).await.expect(204);
            assert!(answered.body.is_empty());
        }
        let path = format!("/v1/surveys/{id}/results");
        let open = network.staff.get(&path).await.expect(200);
        assert_eq!((&open["issued"], &open["answers"], &open["response_percent"]), (&json!(8), &json!(6), &json!(75.0)));
        assert_eq!((&open["withheld"], &open["withheld_reason"]), (&json!(true), &json!("not_closed")));
        assert_eq!((&open["questions"][0]["mean"], &open["questions"][0]["distribution"]), (&Value::Null, &Value::Null));
        app.advance(chrono::Duration::days(10));
        let closed = network.staff.get(&path).await.expect(200);
        assert_eq!((&closed["state"], &closed["withheld"], &closed["withheld_reason"]), (&json!("closed"), &json!(false), &Value::Null));
        assert_eq!((&closed["questions"][0]["mean"], &closed["questions"][1]["mean"]), (&json!(3.83), &json!(3.0)));
        let numbers: Vec<_> = closed["questions"][0]["distribution"].as_array().unwrap().iter().map(|row| row["number"].as_i64().unwrap()).collect();
        assert_eq!(numbers, [0, 1, 1, 2, 2]);
        anyone.post("/v1/survey-answers", rated(&tokens[7], "neutral", "neutral")).await.breaks("/token", "token_unusable");
    }

    async fn an_answer_leaves_no_trace_of_its_author(app: TestApp) {
        let network = Network::new(&app).await;
        let (id, tokens) = network.asking(3).await;
        let path = format!("/v1/surveys/{id}");
        let before = network.staff.get(&path).await.expect(200);
        let row = |app: &TestApp| app.database.texts(&format!("SELECT title_fr || version || updated_at || issued AS text FROM surveys WHERE id = '{id}'"));
        let (rows, tables) = (row(&app), counts(&app));
        let unnamed = logs::lines_with("/v1/survey-answers").len();
        app.advance(chrono::Duration::minutes(5));
        // An application that sends its access token and an idempotency key with every request is not identified either.
        let staff = network.staff.clone().with_header("Idempotency-Key", "an-answer");
        let staff_id = staff.bare_id().to_string();
        staff.post("/v1/survey-answers", rated(&tokens[0], "satisfied", "neutral")).await.expect(204);
        // One token fewer, and no new row anywhere: no change, no event, no stored response, no answer.
        let expected: Vec<_> = tables.into_iter().map(|(table, number)| {
            let used = i64::from(table == "survey_tokens");
            (table, number - used)
        }).collect();
        assert_eq!(counts(&app), expected);
        assert_eq!((row(&app), given(&app)), (rows, 2));
        let after = network.staff.get(&path).await.expect(200);
        assert_eq!((after.header("etag"), &after.json), (before.header("etag"), &before.json));
        let lines = logs::lines_with("/v1/survey-answers");
        assert!(lines.len() > unnamed, "the call is in the log");
        assert!(lines.iter().all(|line| !line.contains(&staff_id)), "the log identifies the author of an answer: {lines:?}");
        app.assert_never_stored(&[&tokens[0]]);
        // A rejected request writes nothing and does not use up the token.
        staff.post("/v1/survey-answers", json!({"token": tokens[1], "ratings": [{"position": 1, "rating": "neutral"}]})).await.breaks("/ratings", "question_not_rated");
        staff.post("/v1/survey-answers", rated(&tokens[0], "satisfied", "neutral")).await.breaks("/token", "token_unusable");
        assert_eq!((counts(&app), given(&app)), (expected, 2));
        app.anonymous().post("/v1/survey-answers", rated(&tokens[1], "satisfied", "neutral")).await.expect(204);
        // The ratings of one person are not stored together: there is only one count per question and rating.
        assert_eq!(app.database.count("survey_counts"), 10);
    }

    async fn a_token_can_be_used_once_even_concurrently(app: TestApp) {
        let network = Network::new(&app).await;
        let (id, tokens) = network.asking(6).await;
        let (here, there) = (app.anonymous(), app.anonymous().at(&app.second_instance().await));
        for token in &tokens {
            let body = rated(token, "satisfied", "neutral");
            let calls = (0..6).map(|at| if at % 2 == 0 { here.post("/v1/survey-answers", body.clone()) } else { there.post("/v1/survey-answers", body.clone()) });
            let mut statuses: Vec<u16> = join_all(calls).await.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [204, 422, 422, 422, 422, 422]);
        }
        // Different tokens concurrently: every answer counts, whatever the order of its ratings.
        let (other, many) = network.asking(12).await;
        let body = |at: usize| {
            let mut body = rated(&many[at], ["satisfied", "neutral"][at % 2], ["neutral", "dissatisfied"][at % 3 % 2]);
            if at.is_multiple_of(2) {
                body["ratings"].as_array_mut().unwrap().reverse();
            }
            body
        };
        let calls = (0..12).map(|at| if at % 2 == 0 { here.post("/v1/survey-answers", body(at)) } else { there.post("/v1/survey-answers", body(at)) });
        assert!(join_all(calls).await.iter().all(|answer| answer.status == 204));
        for (survey, answers) in [(id, 6), (other, 12)] {
            let results = network.staff.get(&format!("/v1/surveys/{survey}/results")).await.expect(200);
            assert_eq!(results["answers"], answers);
        }
    }

    async fn every_unusable_token_gets_the_same_error(app: TestApp) {
        let network = Network::new(&app).await;
        let (id, tokens) = network.asking(2).await;
        let anyone = app.anonymous();
        anyone.post("/v1/survey-answers", rated(&tokens[0], "neutral", "neutral")).await.expect(204);
        let mut later = network.survey();
        later["opens_on"] = "2026-03-03".into();
        let later = network.staff.post("/v1/surveys", later).await.expect(201).id();
        let early = network.staff.post(&format!("/v1/surveys/{later}/tokens"), json!({"count": 1})).await.expect(200);
        let early = early["tokens"][0].as_str().unwrap().to_owned();
        let refused = async |token: &str| {
            let mut problems = Vec::new();
            for (path, body) in [("/v1/survey-questions", json!({"token": token})), ("/v1/survey-answers", rated(token, "neutral", "neutral"))] {
                let mut problem = anyone.post(path, body).await;
                problem.json["request_id"] = Value::Null;
                problem.json["instance"] = Value::Null;
                problems.push((problem.status, problem.json));
            }
            problems
        };
        let unknown = refused("srv_unknown").await;
        assert_eq!((unknown[0].0, &unknown[0].1["errors"][0]["code"]), (422, &json!("token_unusable")));
        assert_eq!(refused(&tokens[0]).await, unknown, "used");
        assert_eq!(refused(&early).await, unknown, "too early");
        network.staff.delete(&format!("/v1/surveys/{later}?reason=obsolete")).await.expect(204);
        assert_eq!(refused(&early).await, unknown, "of a deleted questionnaire");
        app.advance(chrono::Duration::days(10));
        assert_eq!(refused(&tokens[1]).await, unknown, "too late");
        network.staff.delete(&format!("/v1/surveys/{id}?reason=obsolete")).await.expect(409).problem("conflict");
    }

    async fn all_faults_of_an_answer_are_reported(app: TestApp) {
        let network = Network::new(&app).await;
        let (_, tokens) = network.asking(1).await;
        let anyone = app.anonymous();
        let answer = |ratings: Value| json!({"token": tokens[0], "ratings": ratings});
        let rating = |position: i32| json!({"position": position, "rating": "neutral"});
        let refused = anyone.post("/v1/survey-answers", answer(json!([rating(3), rating(1), rating(1)]))).await.expect(422);
        let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(
            refused.faults(),
            [fault("/ratings/0/position", "unknown_question"), fault("/ratings/2/position", "repeated"), fault("/ratings", "question_not_rated")]
        );
        for ratings in [json!([]), json!([{"position": 1, "rating": "great"}]), json!([{"position": 1}]), json!([{"position": 1, "rating": "neutral", "comment": "x"}])] {
            anyone.post("/v1/survey-answers", answer(ratings)).await.expect(400).problem("invalid_body");
        }
        anyone.post("/v1/survey-answers", answer(json!([rating(2), rating(1)]))).await.expect(204);
    }

    async fn results_are_withheld_until_the_questionnaire_is_closed_with_five_answers(app: TestApp) {
        let network = Network::new(&app).await;
        let (id, tokens) = network.asking(5).await;
        for token in &tokens[..4] {
            app.anonymous().post("/v1/survey-answers", rated(token, "satisfied", "neutral")).await.expect(204);
        }
        let path = format!("/v1/surveys/{id}");
        let results = async || network.staff.get(&format!("{path}/results")).await.expect(200);
        network.staff.patch(&path, json!({"closes_on": "2026-03-01"})).await.breaks("/closes_on", "in_the_past");
        network.staff.patch(&path, json!({"opens_on": "2026-03-12"})).await.breaks("/closes_on", "ends_before_start");
        network.staff.patch(&path, json!({"closes_on": "2026-03-02", "title_en": "End"})).await.expect(200);
        app.advance(chrono::Duration::days(1));
        let withheld = results().await;
        assert_eq!((&withheld["state"], &withheld["withheld_reason"], &withheld["response_percent"]), (&json!("closed"), &json!("fewer_than_five"), &json!(80.0)));
        assert_eq!(withheld["questions"][0]["mean"], Value::Null);
        // After the closure, a fifth answer would be revealed by the difference: it is rejected.
        for patch in [json!({"closes_on": "2026-03-30"}), json!({"opens_on": "2026-03-01"})] {
            let turn = network.staff.patch(&path, patch).await.expect(409).problem("wrong_state");
            assert_eq!(turn["state"], "closed");
        }
        network.staff.post(&format!("{path}/tokens"), json!({"count": 1})).await.expect(409).problem("wrong_state");
        network.staff.patch(&path, json!({"title_fr": "Un autre titre"})).await.expect(200);
        assert_eq!(results().await["answers"], 4);
        // Without any token there is no response rate.
        let unasked = network.staff.post("/v1/surveys", json!({
            "service_id": network.service, "moment": "end_of_follow_up", "title_fr": "Fin du suivi", "opens_on": "2026-03-01",
            "closes_on": "2026-03-30", "questions": [{"text_fr": "L'accueil"}]
        })).await.expect(201).id();
        let results = network.staff.get(&format!("/v1/surveys/{unasked}/results")).await.expect(200);
        assert_eq!((&results["response_percent"], &results["answers"]), (&Value::Null, &json!(0)));
    }

    async fn each_fault_of_a_questionnaire_is_reported(app: TestApp) {
        let network = Network::new(&app).await;
        let other = Network::new(&app).await;
        let with = |field: &str, value: Value| {
            let mut survey = network.survey();
            survey[field] = value;
            survey
        };
        let post = async |body: Value| network.staff.post("/v1/surveys", body).await;
        post(with("closes_on", json!("2026-03-01"))).await.breaks("/closes_on", "ends_before_start");
        let mut over = with("closes_on", json!("2026-03-01"));
        over["opens_on"] = "2026-02-01".into();
        post(over).await.breaks("/closes_on", "in_the_past");
        post(with("service_id", json!(other.service))).await.breaks("/service_id", "unknown_service");
        post(with("questions", json!([]))).await.expect(400);
        post(with("questions", json!([{"text_fr": " "}]))).await.expect(400);
        post(with("questions", json!(vec![json!({"text_fr": "Une question"}); 21]))).await.expect(400);
        post(with("moment", json!("lunch"))).await.expect(400);
        let id = post(network.survey()).await.expect(201).id();
        let path = format!("/v1/surveys/{id}");
        let questions = json!({"questions": [{"text_fr": "La seule"}]});
        let patched = network.staff.patch(&path, questions.clone()).await.expect(200);
        assert_eq!(patched["questions"], json!([{"position": 1, "text_fr": "La seule", "text_en": null}]));
        for count in [0, 201] {
            network.staff.post(&format!("{path}/tokens"), json!({"count": count})).await.expect(400);
        }
        let bare = network.staff.clone().with_header("If-Match", "");
        bare.post(&format!("{path}/tokens"), json!({"count": 1})).await.expect(428);
        let issued = network.staff.post(&format!("{path}/tokens"), json!({"count": 2})).await.expect(200);
        assert_eq!((&issued["issued"], issued["tokens"].as_array().unwrap().len()), (&json!(2), 2));
        assert_eq!(network.staff.post(&format!("{path}/tokens"), json!({"count": 3})).await.expect(200)["issued"], 5);
        network.staff.patch(&path, questions).await.expect(200);
        let other_questions = json!({"questions": [{"text_fr": "Une autre"}]});
        let refused = network.staff.patch(&path, other_questions).await.expect(409).problem("conflict");
        assert_eq!(refused.faults(), [("/questions".to_owned(), "tokens_issued".to_owned())]);
        for (method, path) in [("GET", path.clone()), ("GET", format!("{path}/results")), ("DELETE", format!("{path}?reason=obsolete"))] {
            other.staff.call(method, &path, None).await.expect(404);
        }
        let professional = app.user(network.service, Role::Professional).await;
        assert_eq!(professional.get("/v1/surveys?moment=end_of_referent_training").await.expect(200).rows().len(), 1);
        network.staff.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(204);
        assert_eq!((app.database.count("survey_tokens"), app.database.count("survey_counts")), (0, 0));
    }
}
