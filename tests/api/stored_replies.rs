//! Stored replies are small, whatever a creation proposes, and are returned byte for byte.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::{Caller, Engine, TestApp};

fn referral(service: Id, given_name: &str) -> Value {
    json!({
        "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63113",
        "needs": ["find_childcare"],
        "child": {"identity": {"given_name": given_name, "family_name": "Exemple", "birth_date": "2023-04-05"}}
    })
}

/// The total size of the stored replies and of the lists of their owners.
fn stored_bytes(app: &TestApp) -> i64 {
    let length = match app.database.engine() {
        Engine::Sqlite => "length",
        Engine::Postgres => "octet_length",
    };
    let sum = format!("SELECT CAST(sum({length}(reply) + length(owners)) AS TEXT) AS text FROM stored_replies");
    app.database.texts(&sum)[0].parse().unwrap()
}

async fn coordinator(app: &TestApp) -> (Id, Caller) {
    let service = app.service().await;
    (service, app.user(service, Role::Coordinator).await)
}

on_both_databases! {
    async fn a_creation_proposes_the_ten_most_likely_duplicates(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        // Fourteen siblings or namesakes, one of which is the same child.
        for n in 0..14 {
            let name = if n == 9 { "Zoé".to_owned() } else { format!("Enfant{n}") };
            caller.post("/v1/referrals", referral(service, &name)).await.expect(201);
        }
        let keyed = caller.clone().with_header("Idempotency-Key", "one");
        let recorded = keyed.post("/v1/referrals", referral(service, "Zoé")).await.expect(201);
        let proposed = recorded["possible_duplicates"].as_array().unwrap();
        assert_eq!((proposed.len(), &recorded["more_duplicates"]), (10, &json!(true)));
        assert_eq!(proposed[0]["candidate"]["likelihood"], "same");
        let path = format!("/v1/referrals/{}/duplicates", recorded["referral"]["id"].as_str().unwrap());
        let all = caller.get(&path).await.expect(200);
        assert_eq!(all["data"].as_array().unwrap().len(), 14);
        assert_eq!(all["data"].as_array().unwrap()[..10], proposed[..]);
        // What was read is journaled, whether it is returned or not; what is stored is what was returned.
        let opened = app.database.texts("SELECT opened AS text FROM audit_events WHERE operation = 'POST /v1/referrals' ORDER BY length(opened) DESC");
        assert_eq!(opened[0].split_whitespace().count(), 15, "{opened:?}");
        let owners = app.database.texts("SELECT owners AS text FROM stored_replies");
        assert_eq!(owners[0].split_whitespace().count(), 11, "{owners:?}");
        let body = recorded.body.len();
        assert!(stored_bytes(&app) < 3000, "{} bytes are stored for a body of {body}", stored_bytes(&app));
        // The replay is the same, byte for byte.
        let replayed = keyed.post("/v1/referrals", referral(service, "Zoé")).await.expect(201);
        assert_eq!(replayed.header("idempotency-replayed"), "true");
        assert_eq!(replayed.body, recorded.body);
        assert_eq!((replayed.header("etag"), replayed.header("location")), (recorded.header("etag"), recorded.header("location")));
    }

    async fn a_candidate_left_out_of_one_item_and_returned_in_another_still_protects_the_reply(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        for n in 0..12 {
            caller.post("/v1/referrals", referral(service, &format!("Enfant{n}"))).await.expect(201);
        }
        let items: Vec<Value> = (0..12).map(|n| referral(service, &format!("Enfant{n}"))).collect();
        let keyed = caller.with_header("Idempotency-Key", "many");
        let recorded = keyed.post("/v1/referrals/bulk", json!({"items": items})).await.expect(200);
        let owners = app.database.texts("SELECT owners AS text FROM stored_replies")[0].clone();
        let text = recorded.text();
        let households = app.database.texts("SELECT id AS text FROM households");
        for household in households {
            assert_eq!(text.contains(&household), owners.contains(&household), "{household}");
        }
    }

    async fn a_reply_takes_little_room(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        for n in 0..10 {
            let mut new = referral(service, "Zoé");
            new["child"]["identity"]["family_name"] = format!("Exemple{}", "abcdefghij".chars().nth(n).unwrap()).into();
            new["child"]["identity"]["birth_date"] = format!("2023-04-{:02}", n + 1).into();
            let keyed = caller.clone().with_header("Idempotency-Key", &format!("key-{n}"));
            keyed.post("/v1/referrals", new).await.expect(201);
        }
        let each = stored_bytes(&app) / app.database.count("stored_replies");
        assert!(each < 1100, "{each} bytes per reply");
    }
}
