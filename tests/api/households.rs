//! Households: recording, look-up, and encryption of personal data.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::{Caller, TestApp};

async fn coordinator(app: &TestApp) -> (Id, Caller) {
    let service = app.service().await;
    (service, app.user(service, Role::Coordinator).await)
}

pub fn household(service: Id) -> Value {
    json!({
        "service_id": service.as_str(), "commune_code": "63113", "address": "12 rue des Mésanges-Canari",
        "children": [{"given_name": "Zélieanne", "family_name": "Quenouillard", "birth_date": "2023-04-05"}],
        "contacts": [{
            "relation": "parent", "name": "Philomène Quenouillard", "phone": "06 98 76 54 32",
            "email": "philomene.quenouillard@example.org", "holds_parental_authority": true
        }]
    })
}

/// Every form in which the personal texts of the test could be stored.
const CANARIES: &[&str] = &[
    "Zélieanne",
    "zelieanne",
    "Quenouillard",
    "quenouillard",
    "QUENOUILLARD",
    "Philomène",
    "philomene",
    "Mésanges-Canari",
    "06 98 76 54 32",
    "0698765432",
    "33698765432",
    "2023-04-05",
    "Ornithorynque-texte-libre",
    "Pangolin-motif",
    "Axolotl-note",
];

on_both_databases! {
    async fn a_household_is_read_as_it_was_recorded(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let created = coordinator.post("/v1/households", household(service)).await.expect(201);
        let read = coordinator.get(created.header("location")).await.expect(200);
        assert_eq!(read.json, created.json);
        assert_eq!(read["address"], "12 rue des Mésanges-Canari");
        assert_eq!(read["children"][0]["given_name"], "Zélieanne");
        assert_eq!(read["contacts"][0]["email"], "philomene.quenouillard@example.org");
        let child = read["children"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(coordinator.get(&format!("/v1/children/{child}")).await.expect(200).json, read["children"][0]);
    }

    async fn adding_children_and_contacts_increments_the_version(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let id = coordinator.post("/v1/households", household(service)).await.expect(201).id();
        let twin = json!({"given_name": "Hugo", "family_name": "Quenouillard", "birth_date": "2023-04-05"});
        coordinator.post(&format!("/v1/households/{id}/children"), twin).await.expect(201);
        let aunt = json!({"relation": "other_relative", "name": "Tante"});
        let aunt = coordinator.post(&format!("/v1/households/{id}/contacts"), aunt).await.expect(201);
        assert!(aunt["holds_parental_authority"].is_null(), "unknown is not false");
        let read = coordinator.get(&format!("/v1/households/{id}")).await.expect(200);
        assert_eq!((read["children"].as_array().unwrap().len(), read["contacts"].as_array().unwrap().len()), (2, 2));
        assert_eq!(read["version"], 3);
    }

    async fn a_child_is_looked_up_by_partial_data(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        coordinator.post("/v1/households", household(service)).await.expect(201);
        let look_up = async |fields: Value| {
            let mut body = json!({"service_id": service.as_str()});
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            let found = coordinator.post("/v1/children/look-up", body).await.expect(200);
            found["data"].as_array().unwrap().iter().map(|one| one["likelihood"].clone()).collect::<Vec<_>>()
        };
        let born = "2023-04-05";
        assert_eq!(look_up(json!({"family_name": "quenouillard", "given_name": "ZELIEANNE", "birth_date": born})).await, ["same"]);
        assert_eq!(look_up(json!({"family_name": "Kenouillard", "given_name": "Zélieane", "birth_date": "2023-04-20"})).await, ["likely"]);
        assert_eq!(look_up(json!({"given_name": "Zélieanne", "birth_date": born})).await, ["likely"]);
        assert_eq!(look_up(json!({"phone": "+33 6 98 76 54 32"})).await, ["possible"]);
        assert_eq!(look_up(json!({"email": "Philomene.Quenouillard@EXAMPLE.org"})).await, ["possible"]);
        assert_eq!(look_up(json!({"family_name": "Martin", "birth_date": born})).await, Vec::<Value>::new());
        let refused = coordinator.post("/v1/children/look-up", json!({"service_id": service.as_str(), "family_name": "Que"}));
        refused.await.expect(422).breaks("", "not_enough_to_look_up");
    }

    async fn no_personal_text_is_stored_or_logged_in_clear(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        coordinator.post("/v1/households", household(service)).await.expect(201);
        let mut referral = json!({
            "service_id": service.as_str(), "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "03190",
            "needs": ["find_childcare"], "description": "Ornithorynque-texte-libre",
            "child": {"identity": {"given_name": "Zélieanne", "family_name": "Quenouillard", "birth_date": "2023-04-05"}}
        });
        referral["child"]["contacts"] = household(service)["contacts"].clone();
        let recorded = coordinator.post("/v1/referrals", referral.clone()).await.expect(201);
        assert_eq!(recorded["referral"]["description"], "Ornithorynque-texte-libre");
        let id = recorded["referral"]["id"].as_str().unwrap();
        let decision = json!({
            "comment": "Axolotl-note", "overrides": [{"rule": "out_of_territory", "reason": "Pangolin-motif"}]
        });
        coordinator.post(&format!("/v1/referrals/{id}/accept"), decision).await.expect(200);
        let history = coordinator.get(&format!("/v1/referrals/{id}/history")).await.expect(200);
        assert_eq!(history.rows()[1]["comment"], "Axolotl-note");
        let look_up = json!({"service_id": service.as_str(), "family_name": "Quenouillard", "birth_date": "2023-04-05"});
        coordinator.post("/v1/children/look-up", look_up).await.expect(200);
        // Rejected requests must not be quoted either.
        referral["child"]["identity"]["birth_date"] = "2023-02-31".into();
        coordinator.post("/v1/referrals", referral.clone()).await.expect(400);
        referral["child"]["identity"]["birth_date"] = "2026-04-05".into();
        coordinator.post("/v1/referrals", referral).await.expect(422);
        coordinator.get("/v1/referrals?external_id=Quenouillard").await.expect(200);
        app.assert_never_stored(CANARIES);
    }

    async fn the_family_of_another_service_is_not_found(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let created = coordinator.post("/v1/households", household(service)).await.expect(201);
        let (id, child) = (created.id(), created["children"][0]["id"].as_str().unwrap().to_owned());
        let elsewhere = app.service().await;
        let stranger = app.user(elsewhere, Role::Coordinator).await;
        stranger.get(&format!("/v1/households/{id}")).await.expect(404);
        stranger.get(&format!("/v1/children/{child}")).await.expect(404);
        let name = json!({"given_name": "A", "family_name": "B", "birth_date": "2023-01-01"});
        stranger.post(&format!("/v1/households/{id}/children"), name).await.expect(404);
        stranger.post(&format!("/v1/households/{id}/contacts"), json!({"relation": "parent", "name": "A"})).await.expect(404);
        let look_up = json!({"service_id": elsewhere.as_str(), "phone": "06 98 76 54 32"});
        assert_eq!(stranger.post("/v1/children/look-up", look_up).await.expect(200)["data"], json!([]));
        let look_up = json!({"service_id": service.as_str(), "phone": "06 98 76 54 32"});
        stranger.post("/v1/children/look-up", look_up).await.expect(422).breaks("/service_id", "unknown_service");
        app.client(service, &[Permission::ReferralsRead]).await.get(&format!("/v1/households/{id}")).await.expect(403);
    }

    async fn invalid_children_are_rejected_with_all_their_faults(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let before = app.database.counts();
        let mut body = household(service);
        body["children"] = json!([
            {"family_name": "A", "birth_date": "2023-01-01"},
            {"given_name": "B", "family_name": "B"},
        ]);
        let refused = coordinator.post("/v1/households", body).await.expect(422);
        assert_eq!(refused.faults(), [
            ("/children/0/given_name".into(), "given_name_required".into()),
            ("/children/1/birth_date".into(), "one_date".into()),
        ]);
        let mut body = household(service);
        body["children"][0]["birth_date"] = "2026-03-03".into();
        coordinator.post("/v1/households", body).await.expect(422).breaks("/children/0/birth_date", "birth_date_to_come");
        assert_eq!(app.database.counts(), before);
    }
}
