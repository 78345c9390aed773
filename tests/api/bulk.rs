//! Bulk calls: each item has its own result, also one that breaks its schema, and a dry run leaves nothing.

use passerelle::auth::Permission;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, with};
use crate::harness::network::Network;
use crate::harness::{Response, TestApp};

/// The rank, the status and the faults of an item.
type Outcome = (u64, u64, Vec<(String, String)>);

/// What became of each item of a report.
fn outcomes(report: &Response) -> Vec<Outcome> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let faults = |row: &Value| {
        let faults = row["problem"]["errors"].as_array().cloned().unwrap_or_default();
        faults.iter().map(|fault| (text(&fault["pointer"]), text(&fault["code"]))).collect()
    };
    let outcome = |row: &Value| (row["index"].as_u64().unwrap(), row["status"].as_u64().unwrap(), faults(row));
    report.rows().iter().map(outcome).collect()
}

fn told(faults: &[(&str, &str)]) -> Vec<(String, String)> {
    faults.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

fn counts(app: &TestApp) -> Vec<(String, i64)> {
    let kept = |table: &str| !table.starts_with("audit") && table != "stored_replies";
    app.database.counts().into_iter().filter(|(table, _)| kept(table)).collect()
}

on_both_databases! {
    async fn one_act_with_an_unknown_code_does_not_refuse_the_week(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let good = json!({"service_id": service, "type": "network", "held_on": "2026-02-19", "minutes": 30, "place": "video"});
        let items = json!([
            good, with(good.clone(), "type", "magic".into()), with(good.clone(), "minutes", "an hour".into()), 7,
            with(with(good.clone(), "weather", "fine".into()), "minutes", 0.into()), json!({"service_id": service}),
            with(with(good.clone(), "type", "team_meeting".into()), "case_ids", json!([case]))
        ]);
        let expected = vec![
            (0, 201, told(&[])),
            (1, 400, told(&[("/items/1/type", "unknown_code")])),
            (2, 400, told(&[("/items/2/minutes", "type")])),
            (3, 400, told(&[("/items/3", "type")])),
            (4, 400, told(&[("/items/4/minutes", "too_small"), ("/items/4/weather", "unknown_field")])),
            (5, 400, told(&["type", "held_on", "minutes", "place"].map(|field| (format!("/items/5/{field}"), "required")).iter()
                .map(|(at, code)| (at.as_str(), *code)).collect::<Vec<_>>())),
            (6, 201, told(&[])),
        ];
        let sorted = |report: &Response| {
            let mut found = outcomes(report);
            for (_, _, faults) in &mut found {
                faults.sort();
            }
            found
        };
        let expected: Vec<_> = expected.into_iter().map(|(rank, status, mut faults)| { faults.sort(); (rank, status, faults) }).collect();
        let before = counts(&app);
        let tried = caller.post("/v1/interventions/bulk?dry_run=true", json!({"items": items})).await.expect(200);
        assert_eq!((&tried["dry_run"], sorted(&tried)), (&json!(true), expected.clone()));
        assert_eq!(counts(&app), before);
        let done = caller.post("/v1/interventions/bulk", json!({"items": items})).await.expect(200);
        assert_eq!((&done["dry_run"], &done["created"], &done["refused"], sorted(&done)), (&json!(false), &json!(2), &json!(5), expected));
        assert_eq!(caller.get("/v1/interventions").await.expect(200)["totals"]["acts"], 2);
        // The problem of an item is complete, and its text says where to look.
        let problem = &done.rows()[1]["problem"];
        assert_eq!((&problem["code"], &problem["instance"], &problem["index"]), (&json!("invalid_body"), &json!("/items/1"), &json!(1)));
        assert!(problem["errors"][0]["message"].as_str().unwrap().contains("/v1/nomenclatures/"), "{problem}");
    }

    async fn what_is_wrong_around_the_items_refuses_the_call(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let good = json!({"service_id": service, "type": "network", "held_on": "2026-02-19", "minutes": 30, "place": "video"});
        for (body, fault) in [
            (json!({}), ("/items", "required")),
            (json!({"items": []}), ("/items", "too_few")),
            (json!({"items": {}}), ("/items", "type")),
            (json!({"items": [good], "mode": "upsert"}), ("/mode", "unknown_field")),
            (json!([good]), ("", "type")),
            (json!("items"), ("", "type")),
        ] {
            let refused = caller.post("/v1/interventions/bulk", body.clone()).await.expect(400).problem("invalid_body");
            assert_eq!(refused.faults(), told(&[fault]), "{body}");
        }
        caller.post("/v1/interventions/bulk?dry_run=perhaps", json!({"items": [good]})).await.expect(400);
        assert_eq!(app.database.count("interventions"), 0);
    }

    async fn referrals_and_organisations_are_reported_one_by_one(app: TestApp) {
        let service = app.service().await;
        let caller = app.client(service, &[
            Permission::ReferralsWrite, Permission::ReferralsRead, Permission::OrganisationsWrite, Permission::OrganisationsRead,
        ]).await;
        let place = |name: &str| json!({"service_id": service, "kind": "eaje", "name": name, "commune_code": "63113"});
        let named = caller.post("/v1/organisations", place("Les Lutins")).await.expect(201).id();
        let referral = json!({
            "service_id": service, "subject": "structure", "origin": "eaje", "channel": "phone", "organisation_id": named,
            "needs": ["team_training_awareness"], "received_on": "2026-02-02"
        });
        let calls = [
            ("/v1/organisations/bulk", json!([place("Les Farfadets"), with(place("Rien"), "kind", "castle".into()), with(place("Seul"), "siret", "1".into())]),
             ["/items/1/kind", "/items/2/siret"]),
            ("/v1/referrals/bulk", json!([referral, with(referral.clone(), "origin", "moon".into()), with(referral.clone(), "received_on", "2026-02-30".into())]),
             ["/items/1/origin", "/items/2/received_on"]),
        ];
        for (path, items, at) in calls {
            let before = counts(&app);
            let tried = caller.post(&format!("{path}?dry_run=true"), json!({"items": items})).await.expect(200);
            assert_eq!((&tried["dry_run"], &tried["created"], &tried["refused"]), (&json!(true), &json!(1), &json!(2)), "{path}");
            assert!(tried.rows()[0]["created"].is_null(), "what a dry run has made is gone");
            assert_eq!(counts(&app), before, "{path}");
            let keyed = caller.clone().with_header("Idempotency-Key", &path.replace('/', "-"));
            let done = keyed.post(path, json!({"items": items})).await.expect(200);
            let statuses: Vec<u64> = outcomes(&done).iter().map(|(_, status, _)| *status).collect();
            assert_eq!(statuses, [201, 400, 400], "{path}");
            for (rank, pointer) in (1..).zip(at) {
                assert_eq!(outcomes(&done)[rank].2[0].0, pointer);
            }
            assert!(done.rows()[0]["created"].is_object());
            assert_eq!(keyed.post(path, json!({"items": items})).await.expect(200).body, done.body);
            // A key says one call: the trial is another one.
            keyed.post(&format!("{path}?dry_run=true"), json!({"items": items})).await.expect(422).problem("idempotency_key_reused");
            // Rules of the request are those of the item.
            let twice = with(items[0].clone(), if path.contains("referrals") { "subject" } else { "name" }, if path.contains("referrals") { "child".into() } else { " ".into() });
            let refused = caller.post(path, json!({"items": [twice]})).await.expect(200);
            assert_eq!((&refused["created"], &refused["refused"]), (&json!(0), &json!(1)), "{path}");
        }
    }

    async fn attendances_are_reported_one_by_one(app: TestApp) {
        let network = Network::new(&app).await;
        let first = network.certified(&network.structure).await;
        let path = format!("/v1/services/{}/referent-attendances", network.service);
        let day = |kind: &str| json!({"kind": kind, "held_on": "2026-02-02", "referent_ids": [first, "nobody"]});
        network.staff.post(&path, day("party")).await.expect(400).problem("invalid_body");
        let before = counts(&app);
        let tried = network.staff.post(&format!("{path}?dry_run=true"), day("themed_day")).await.expect(200);
        assert_eq!((&tried["dry_run"], &tried["created"], counts(&app)), (&json!(true), &json!(1), before));
        let done = network.staff.post(&path, day("themed_day")).await.expect(200);
        assert_eq!(outcomes(&done), [(0, 201, told(&[])), (1, 400, told(&[("/referent_ids/1", "uuid")]))]);
    }
}
