//! Concurrent requests for the same thing: one succeeds, and each of the others learns what it collided with. Nothing is
//! refused for being concurrent alone.

use futures_util::future::join_all;
use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::cases::{accept, case_of, child, refer};
use crate::harness::convention_service::ConventionService;
use crate::harness::lending_service::LendingService;
use crate::harness::{Caller, TestApp};

/// Sends the same request several times at once, from two instances. One must succeed; the others must get a conflict that
/// names what the first made.
async fn only_one(app: &TestApp, caller: &Caller, path: &str, body: Value) {
    let other = app.second_instance().await;
    let calls = (0..8).map(|n| {
        let (caller, body) = (if n % 2 == 0 { caller.clone() } else { caller.clone().at(&other) }, body.clone());
        async move { caller.post(path, body).await }
    });
    let responses = join_all(calls).await;
    let made: Vec<_> = responses.iter().filter(|response| response.status == 201).collect();
    assert_eq!(made.len(), 1, "{path}: {:?}", responses.iter().map(crate::harness::Response::text).collect::<Vec<_>>());
    let first = made[0].json.get("referral").unwrap_or(&made[0].json)["id"].clone();
    for refused in responses.into_iter().filter(|response| response.status != 201) {
        let refused = refused.expect(409).problem("conflict");
        assert_eq!(refused["existing_id"], first, "{path}: {}", refused.text());
        assert!(refused["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", refused.text());
    }
}

on_both_databases! {
    async fn creations_of_the_same_thing_at_once_name_the_first(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let (service, staff) = (pact.service, pact.staff.clone());
        let mut referral = json!({
            "service_id": service, "origin": "pmi", "channel": "phone", "needs": ["find_childcare"], "external_id": "A-1"
        });
        for (field, value) in child("Exemple").as_object().unwrap() {
            referral[field] = value.clone();
        }
        only_one(&app, &staff, "/v1/referrals", referral).await;

        let nursery = json!({
            "service_id": service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63032", "siret": "73282932000074"
        });
        only_one(&app, &staff, "/v1/organisations", nursery).await;

        let line = json!({"service_id": service, "year": 2026, "funder": "caf", "basis": "grant", "planned_cents": 100});
        only_one(&app, &staff, "/v1/fundings", line).await;

        only_one(&app, &staff, "/v1/conventions", pact.written("commune:63032", "2026-01-01", "2026-12-31")).await;

        let case = case_of(&staff, service, "Exemple", "2026-02-02").await;
        let nursery = json!({"service_id": service, "kind": "eaje", "name": "Les Elfes", "commune_code": "63032"});
        let nursery = staff.post("/v1/organisations", nursery).await.expect(201).id();
        let placement = json!({"organisation_id": nursery, "childcare_type": "creche", "starts_on": "2026-02-23"});
        only_one(&app, &staff, &format!("/v1/cases/{case}/placements"), placement).await;

        let shelf = LendingService::new(&app, 1).await;
        let copy = json!({"label": "12", "condition": "good", "home_site": "Clermont-Ferrand"});
        only_one(&app, &shelf.staff, &format!("/v1/kits/{}/copies", shelf.kit), copy).await;
    }

    async fn referrals_of_one_child_accepted_at_once_join_one_case(app: TestApp) {
        let service = app.service().await;
        let staff = app.user(service, Role::Coordinator).await;
        let first = refer(&staff, service, "2026-02-02", child("Exemple")).await;
        let child = staff.get(&format!("/v1/referrals/{first}")).await.expect(200)["child_id"].clone();
        let mut referrals = vec![first];
        for _ in 0..5 {
            let about = json!({"subject": "child", "child_id": child});
            referrals.push(refer(&staff, service, "2026-02-02", about).await);
        }
        let other = app.second_instance().await;
        let accepting = referrals.iter().enumerate().map(|(n, referral)| {
            let caller = if n % 2 == 0 { staff.clone() } else { staff.clone().at(&other) };
            async move { accept(&caller, referral, "2026-02-03").await }
        });
        let cases = join_all(accepting).await;
        assert!(cases.iter().all(|case| *case == cases[0]), "{cases:?}");
        assert_eq!(app.database.count("cases"), 1);
    }
}
