//! What was closed or published stays so, whatever setting is edited afterwards; stored replies follow the rights of the
//! moment.

use chrono::{DateTime, Utc};
use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::convention_service::ConventionService;
use crate::harness::network::{Network, rated};
use crate::harness::{Caller, TestApp};

/// Moves the clock to an instant.
fn at(app: &TestApp, instant: &str) {
    app.advance(instant.parse::<DateTime<Utc>>().unwrap() - app.now());
}

/// Sets the time zone of a service.
async fn move_to(manager: &Caller, service: Id, zone: &str) {
    manager.patch(&format!("/v1/services/{service}"), json!({"time_zone": zone})).await.expect(200);
}

/// A directory entry.
fn nursery(service: Id, name: &str) -> Value {
    json!({"service_id": service, "kind": "eaje", "name": name, "commune_code": "63113"})
}

on_both_databases! {
    async fn a_closed_questionnaire_is_not_reopened_by_the_time_zone(app: TestApp) {
        let network = Network::new(&app).await;
        let manager = app.user(network.service, Role::Manager).await;
        let (id, tokens) = network.asking(8).await;
        let path = format!("/v1/surveys/{id}");
        for token in &tokens[..5] {
            app.anonymous().post("/v1/survey-answers", rated(token, "satisfied", "neutral")).await.expect(204);
        }
        // Its last day is 11 March: it closes at midnight in Paris.
        let made = network.staff.get(&path).await.expect(200);
        assert_eq!(made["closes_at"], "2026-03-11T23:00:00.000000Z");
        at(&app, "2026-03-11T22:59:59Z");
        assert_eq!(network.staff.get(&path).await.expect(200)["state"], "open");
        at(&app, "2026-03-11T23:00:00Z");
        let closed = network.staff.get(&format!("{path}/results")).await.expect(200);
        assert_eq!((&closed["state"], &closed["answers"]), (&json!("closed"), &json!(5)));
        for zone in ["Etc/GMT+12", "Pacific/Pago_Pago", "Pacific/Kiritimati"] {
            move_to(&manager, network.service, zone).await;
            assert_eq!(network.staff.get(&path).await.expect(200)["state"], "closed", "{zone}");
            app.anonymous().post("/v1/survey-answers", rated(&tokens[5], "very_dissatisfied", "neutral")).await.breaks("/token", "token_unusable");
            network.staff.post(&format!("{path}/tokens"), json!({"count": 1})).await.expect(409).problem("wrong_state");
            network.staff.patch(&path, json!({"closes_on": "2026-03-20"})).await.expect(409).problem("wrong_state");
            assert_eq!(network.staff.get(&format!("{path}/results")).await.expect(200)["answers"], 5);
        }
    }

    async fn a_questionnaire_closes_when_it_was_said_to_and_not_earlier(app: TestApp) {
        let network = Network::new(&app).await;
        let manager = app.user(network.service, Role::Manager).await;
        let (id, _) = network.asking(1).await;
        let path = format!("/v1/surveys/{id}");
        move_to(&manager, network.service, "Pacific/Kiritimati").await;
        // There it is already 12 March.
        at(&app, "2026-03-11T12:00:00Z");
        assert_eq!(network.staff.get(&path).await.expect(200)["state"], "open");
        // A new date is that of the present time zone.
        let moved = network.staff.patch(&path, json!({"closes_on": "2026-03-12"})).await.expect(200);
        assert_eq!(moved["closes_at"], "2026-03-12T10:00:00.000000Z");
        at(&app, "2026-03-12T10:00:00Z");
        assert_eq!(network.staff.get(&path).await.expect(200)["state"], "closed");
    }

    async fn questionnaires_of_earlier_versions_get_their_instant_once(app: TestApp) {
        let network = Network::new(&app).await;
        let manager = app.user(network.service, Role::Manager).await;
        let (id, _) = network.asking(1).await;
        app.database.execute("UPDATE surveys SET closes_at = NULL").unwrap();
        app.local(passerelle::referents::surveys::ops::store_closings).await;
        move_to(&manager, network.service, "Etc/GMT+12").await;
        app.local(passerelle::referents::surveys::ops::store_closings).await;
        let row = network.staff.get(&format!("/v1/surveys/{id}")).await.expect(200);
        assert_eq!((&row["closes_at"], &row["version"]), (&json!("2026-03-11T23:00:00.000000Z"), &json!(2)));
    }

    async fn a_statement_printed_after_midnight_has_the_day_of_the_service(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let convention = pact.draft("commune:63032", "2026-01-01", "2026-12-31").await;
        let made = pact.contribution(&convention, 2026).await.expect(201);
        pact.sign(&convention).await;
        let instalment = &made["instalments"][0];
        let call = format!("/v1/instalments/{}/call", instalment["id"].as_str().unwrap());
        pact.staff.post(&call, json!({"called_on": "2026-03-02"})).await.expect(200);
        let path = format!("/v1/conventions/{convention}/statement?year=2026");
        let page = pact.staff.clone().with_header("Accept", "text/html");
        let due: chrono::NaiveDate = instalment["due_on"].as_str().unwrap().parse().unwrap();
        // Half past midnight in Paris, on the day after the due date: yesterday in UTC.
        for (day, late) in [(due, false), (due.succ_opt().unwrap(), true)] {
            let midnight = passerelle::clock::start_of(chrono_tz::Europe::Paris, day).to_utc();
            app.advance(midnight + chrono::Duration::minutes(30) - app.now());
            let statement = pact.staff.get(&path).await.expect(200);
            assert_eq!(statement["read_on"], day.to_string());
            assert_eq!(statement["overdue_cents"].as_i64().unwrap() > 0, late, "{day}");
            let printed = page.get(&path).await.expect(200).text();
            assert!(printed.contains(&format!("État au {}", day.format("%d/%m/%Y"))), "{day}");
        }
    }

    async fn lists_of_services_in_several_zones_read_each_on_its_own_day(app: TestApp) {
        let paris = ConventionService::new(&app).await;
        let west = app.service_with(|new| new.time_zone = "Pacific/Pago_Pago".into()).await;
        let west = ConventionService::of(&app, west).await;
        for pact in [&paris, &west] {
            pact.signed("commune:63032", "2026-01-01", "2026-12-31").await;
        }
        let both = app.client_of(&[paris.service, west.service], &[Permission::ConventionsRead]).await;
        let expired = async || {
            let rows = both.get("/v1/conventions?standing=expired").await.expect(200);
            rows.rows().iter().map(|row| row["service_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        // Half past midnight on 1 January in Paris: the last day of the convention in Pago Pago and in UTC.
        at(&app, "2026-12-31T23:30:00Z");
        assert_eq!(expired().await, [paris.service.to_string()]);
        let covered = both.get("/v1/coverage?commune=63032").await.expect(200);
        for service in covered["services"].as_array().unwrap() {
            let (day, is_covered) = if service["service_id"] == paris.service.as_str() { ("2027-01-01", false) } else { ("2026-12-31", true) };
            assert_eq!((&service["on"], &service["covered"]), (&json!(day), &json!(is_covered)));
        }
        at(&app, "2027-01-01T11:30:00Z");
        assert_eq!(expired().await.len(), 2);
    }

    async fn a_stored_reply_is_not_given_after_the_right_was_taken_away(app: TestApp) {
        let (kept, lost) = (app.service().await, app.service().await);
        let script = app.client_of(&[kept, lost], &[Permission::OrganisationsRead, Permission::OrganisationsWrite]).await;
        let keyed = |key: &str| script.clone().with_header("Idempotency-Key", key);
        for (service, key) in [(kept, "kept"), (lost, "lost")] {
            keyed(key).post("/v1/organisations", nursery(service, "Les Lutins")).await.expect(201);
            keyed(key).post("/v1/organisations", nursery(service, "Les Lutins")).await.expect(201);
        }
        let sql = format!("DELETE FROM client_services WHERE service_id = '{lost}'");
        app.database.execute(&sql).unwrap();
        let other = app.second_instance().await;
        let kept_reply = keyed("kept").at(&other).post("/v1/organisations", nursery(kept, "Les Lutins")).await.expect(201);
        assert_eq!(kept_reply.header("idempotency-replayed"), "true");
        let refused = keyed("lost").at(&other).post("/v1/organisations", nursery(lost, "Les Lutins")).await;
        assert!(!refused.text().contains("Lutins"), "{}", refused.text());
        refused.expect(404).problem("not_found");
    }

    async fn a_stored_reply_opens_under_its_own_key_only(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        let keyed = |key: &str| caller.clone().with_header("Idempotency-Key", key);
        for (key, name) in [("one", "Les Lutins"), ("two", "Les Elfes")] {
            keyed(key).post("/v1/organisations", nursery(service, name)).await.expect(201);
        }
        // Who writes in the database gives the reply of one key to the other.
        let rows = app.database.texts("SELECT CAST(count(*) AS TEXT) AS text FROM stored_replies");
        assert_eq!(rows, ["2"]);
        app.database.execute("UPDATE stored_replies SET reply = (SELECT reply FROM stored_replies ORDER BY key_mac LIMIT 1)").unwrap();
        let mut refused = 0;
        for (key, name) in [("one", "Les Lutins"), ("two", "Les Elfes")] {
            let response = keyed(key).post("/v1/organisations", nursery(service, name)).await;
            if response.status == 409 {
                refused += 1;
            } else {
                assert_eq!(response.expect(201)["name"], name);
            }
        }
        assert_eq!(refused, 1);
        assert_eq!(app.database.count("organisations"), 2, "a call whose reply is lost is not repeated");
    }

    async fn activity_never_counts_the_future(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        crate::cases::case_of(&manager, service, "Exemple", "2026-02-02").await;
        let position = json!({"title": "Coordination", "fte_percent": 100, "starts_on": "2026-07-01", "counted": true});
        manager.post(&format!("/v1/services/{service}/positions"), position).await.expect(201);
        let figures = async |from: &str, to: &str| {
            manager.get(&format!("/v1/services/{service}/activity?from={from}&to={to}")).await.expect(200)
        };
        let next_year = figures("2027-01-01", "2027-12-31").await;
        assert_eq!((&next_year["accompanied"]["children"], &next_year["active_file"]["children"]), (&json!(0), &json!(0)));
        assert_eq!(next_year["active_file"]["counted_fte_hundredths"], 0);
        let this_year = figures("2026-01-01", "2026-12-31").await;
        assert_eq!(this_year["accompanied"]["children"], 1);
        assert_eq!(this_year["active_file"]["counted_fte_hundredths"], 0, "the position begins in July");
    }
}
