//! Figures made public elsewhere, and trials: nothing that anybody types or tries tells a hidden count.

use chrono::Duration;
use passerelle::auth::{Permission, Role, client_permissions};
use passerelle::db::Id;
use passerelle_disclosure::verify::verify;
use serde_json::{Value, json};

use crate::harness::{Caller, TestApp};
use crate::statistics_releases::{build, last, service};

/// A fact about a year, with these coordinates.
pub(crate) fn fact(year: i32, coordinates: &Value) -> Value {
    json!({
        "population": "children", "year": year, "period": year.to_string(), "coordinates": coordinates,
        "source": "Procès-verbal du conseil", "reference": "Délibération n° 114, page 12", "published_on": "2026-01-12"
    })
}

/// A fact that a manager records and another one confirms, a week ago. Returns its path.
pub(crate) async fn counting(app: &TestApp, manager: &Caller, service: Id, fact: Value) -> String {
    let id = manager.post(&format!("/v1/services/{service}/statistics-facts"), fact).await.expect(201).id();
    let path = format!("/v1/statistics-facts/{id}");
    let second = app.user(service, Role::Manager).await;
    second.act(&format!("{path}/confirm")).await.expect(200);
    app.advance(Duration::days(7));
    path
}

fn at(commune: &str) -> Value {
    json!([{"dimension": "territory", "value": format!("commune:{commune}")}])
}

/// A build without what identifies it and without the work that it took.
fn measures(build: &Value) -> Value {
    let mut build = build.clone();
    for name in ["id", "service_id", "cut_off", "author", "created_at", "updated_at"] {
        build.as_object_mut().unwrap().remove(name);
    }
    for one in build["utility"].as_array_mut().unwrap() {
        one.as_object_mut().unwrap().remove("programs");
    }
    build
}

/// A draft without what identifies it.
fn content(draft: &Value) -> Value {
    let mut draft = draft.clone();
    for name in ["service_id", "service_name", "cut_off"] {
        draft.as_object_mut().unwrap().remove(name);
    }
    draft
}

on_both_databases! {
    async fn a_fact_counts_a_week_after_a_second_person_has_confirmed_it(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 1)], "2025-02-10").await;
        let facts = format!("/v1/services/{service}/statistics-facts");
        // A program could be one of two people twice.
        let script = app.client(service, &client_permissions().iter().collect::<Vec<_>>()).await;
        script.post(&facts, fact(2025, &json!([]))).await.expect(403);
        let made = manager.post(&facts, fact(2025, &json!([]))).await.expect(201);
        assert_eq!((&made["confirmed_by"], &made["counts_from"], &made["used_at"]), (&Value::Null, &Value::Null, &Value::Null));
        let confirm = format!("/v1/statistics-facts/{}/confirm", made.id());
        manager.act(&confirm).await.expect(403);
        script.act(&confirm).await.expect(403);
        app.user(service, Role::Coordinator).await.act(&confirm).await.expect(403);
        app.user(app.service().await, Role::Manager).await.act(&confirm).await.expect(404);
        let second = app.user(service, Role::Manager).await;
        let confirmed = second.act(&confirm).await.expect(200);
        assert_eq!(confirmed["confirmed_by"], second.id.unwrap().to_string());
        assert_eq!((&confirmed["confirmed_at"], &confirmed["counts_from"]), (&json!("2026-03-02T08:15:00.000000Z"), &json!("2026-03-09T08:15:00.000000Z")));
        second.act(&confirm).await.expect(409);
        // A draft made before the fact counts is not published once it does.
        let early = build(&app, &manager, service, json!({"year": 2025, "quarter": 4})).await;
        app.advance(Duration::days(7));
        manager.act(&format!("{early}/publish")).await.expect(409);
        let draft = build(&app, &manager, service, json!({"year": 2025, "quarter": 4})).await;
        manager.act(&format!("{draft}/publish")).await.expect(200);
        let fact = format!("/v1/statistics-facts/{}", made.id());
        assert_ne!(manager.get(&fact).await.expect(200)["used_at"], Value::Null);
        manager.delete(&format!("{fact}?reason=entered_by_mistake")).await.expect(409);
    }

    async fn a_fact_needs_a_document(app: TestApp) {
        let (service, manager) = service(&app, &[], "2025-02-10").await;
        let facts = format!("/v1/services/{service}/statistics-facts");
        for missing in ["source", "reference", "published_on"] {
            let mut body = fact(2025, &json!([]));
            body.as_object_mut().unwrap().remove(missing);
            assert_eq!(manager.post(&facts, body).await.expect(400).faults(), [(format!("/{missing}"), "required".to_owned())]);
        }
        // The figure itself is not asked: nothing could agree or disagree with it.
        let mut body = fact(2025, &json!([]));
        body["value"] = json!(3);
        assert_eq!(manager.post(&facts, body).await.expect(400).faults()[0].1, "unknown_field");
    }

    async fn a_fact_is_in_no_release(app: TestApp) {
        // Two places in one EPCI that the release shows.
        let (service, manager) = service(&app, &[("63113", 14), ("63284", 1)], "2025-02-10").await;
        let draft = build(&app, &manager, service, json!({"year": 2025, "quarter": 4})).await;
        let without = manager.get(&format!("{draft}/preview?tier=partner")).await.expect(200);
        counting(&app, &manager, service, fact(2025, &at("63284"))).await;
        let draft = build(&app, &manager, service, json!({"year": 2025, "quarter": 4})).await;
        let with = manager.get(&format!("{draft}/preview?tier=partner")).await.expect(200);
        assert_eq!((&with["facts"], &with["dimensions"]), (&json!([]), &without["dimensions"]));
        manager.act(&format!("{draft}/publish")).await.expect(200);
        for tier in ["open", "partner"] {
            let mut release = last(&manager, tier).await;
            assert!(verify(&release).is_ok_and(|checked| checked.published > 0), "{tier}");
            assert!(release.facts.is_empty() && release.certificates.iter().all(|proof| proof.known.is_empty()));
            // What everybody knows names every commune.
            release.certificates.iter_mut().for_each(|proof| proof.declared.clear());
            let text = serde_json::to_string(&release).unwrap();
            assert!(!text.contains("63284") && !text.contains("Délibération"), "{tier}");
        }
    }

    async fn no_answer_tells_whether_a_rumour_is_right(app: TestApp) {
        let mut seen = Vec::new();
        // The counts of two places are hidden; what is shown of both services is the same. "Three in 63300" is right in one.
        for few in [[3, 1], [1, 3]] {
            let (service, manager) =
                service(&app, &[("63113", 14), ("63300", few[0]), ("63430", few[1])], "2025-02-10").await;
            counting(&app, &manager, service, fact(2025, &at("63300"))).await;
            let mut answers = Vec::new();
            let asked = [json!({"year": 2025, "quarter": 4}), json!({"year": 2025, "quarter": 4, "trial_spec": "small"})];
            for body in asked {
                let build = build(&app, &manager, service, body).await;
                answers.push(measures(&manager.get(&build).await.expect(200).json));
                for tier in ["open", "partner"] {
                    answers.push(content(&manager.get(&format!("{build}/preview?tier={tier}")).await.expect(200).json));
                }
            }
            assert_eq!(answers[0]["status"], "ready");
            seen.push(answers);
        }
        assert_eq!(seen[0], seen[1]);
    }

    async fn a_fact_that_the_tables_cannot_express_withholds_the_release(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 2)], "2025-02-10").await;
        let coordinates = json!([
            {"dimension": "age_band", "value": "age_0_2"}, {"dimension": "territory", "value": "commune:63113"}
        ]);
        counting(&app, &manager, service, fact(2025, &coordinates)).await;
        // The specification `small` crosses no dimensions. A fact about the year does not count before the last
        // quarter.
        let draft = build(&app, &manager, service, json!({"year": 2025, "quarter": 4})).await;
        assert_eq!(manager.get(&draft).await.expect(200)["status"], "withheld");
        let draft = build(&app, &manager, service, json!({"year": 2025, "quarter": 1})).await;
        assert_eq!(manager.get(&draft).await.expect(200)["status"], "ready");
    }

    async fn trials_and_previews_are_for_those_who_read_the_live_figures(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 3)], "2025-02-10").await;
        let statistics = app.client(service, &[Permission::StatisticsManage, Permission::StatisticsRead]).await;
        let builds = format!("/v1/services/{service}/statistics-builds");
        let trial = json!({"year": 2025, "quarter": 4, "trial_spec": "large"});
        let refused = statistics.post(&builds, trial.clone()).await.expect(403);
        assert_eq!(refused["required_permission"], "activity:read");
        // Whether any other build is ready depends on hidden counts too.
        statistics.post(&builds, json!({"year": 2025, "quarter": 4})).await.expect(403);
        let draft = build(&app, &manager, service, json!({"year": 2025, "quarter": 4})).await;
        statistics.get(&format!("{draft}/preview?tier=open")).await.expect(403);
        let listed = statistics.get(&builds).await.expect(200).rows()[0].clone();
        for shown in [statistics.get(&draft).await.expect(200).json, listed] {
            assert_eq!((&shown["status"], &shown["utility"]), (&json!("ready"), &json!([])));
            assert_eq!((&shown["proved"], &shown["to_prove"]), (&json!(0), &json!(0)));
        }
        let whole = manager.get(&draft).await.expect(200);
        assert!(!whole["utility"].as_array().unwrap().is_empty() && whole["proved"] != json!(0));
        statistics.act(&format!("{draft}/publish")).await.expect(403);
        let published = manager.act(&format!("{draft}/publish")).await.expect(200);
        assert_eq!(published["status"], "published");
        assert_eq!(statistics.get(&draft).await.expect(200)["proved"], 0);
    }

    async fn trials_are_counted_and_journaled(app: TestApp) {
        let (service, manager) = service(&app, &[], "2025-02-10").await;
        let builds = format!("/v1/services/{service}/statistics-builds");
        let trial = json!({"year": 2025, "quarter": 4, "trial_spec": "small"});
        for _ in 0..10 {
            let made = manager.post(&builds, trial.clone()).await.expect(202).id();
            manager.act(&format!("/v1/statistics-builds/{made}/cancel")).await.expect(200);
            app.advance(Duration::minutes(1));
        }
        let refused = manager.post(&builds, trial.clone()).await.expect(409);
        assert_eq!(refused["next_trial_at"], "2026-03-03T08:15:00.000000Z");
        // A draft is no trial, and another service has its own.
        manager.post(&builds, json!({"year": 2025, "quarter": 4})).await.expect(202);
        let journal = manager.get("/v1/audit-events?limit=500").await.expect(200);
        let requests = journal.rows().iter().filter(|event| event["operation"] == "POST /v1/services/{id}/statistics-builds");
        let kinds = requests.flat_map(|event| event["changed"].as_array().unwrap().clone());
        assert_eq!(kinds.filter(|change| change["resource"] == "statistics_build").count(), 11);
        app.advance(Duration::days(1));
        let preparing = manager.post(&builds, trial).await.expect(409);
        assert!(preparing["next_trial_at"].is_null() && preparing["existing_id"].is_string());
    }
}
