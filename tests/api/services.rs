//! Services: the pôles, seen by administrators, managers and strangers.

use passerelle::auth::Role;
use serde_json::json;

on_both_databases! {
    async fn an_administrator_creates_a_service_and_reads_it_back(app: TestApp) {
        let administrator = app.administrator().await;
        let new = json!({
            "name": "Pôle Ressources Handicap de l'Orne", "time_zone": "Europe/Paris", "departements": ["61"],
            "age_lower_birthday": 0, "age_upper_birthday": 18, "childcare_groups": ["eaje"], "opened_on": "2022-09-01"
        });
        let created = administrator.post("/v1/services", new).await.expect(201);
        assert_eq!(created["departements"], json!(["61"]));
        assert_eq!(created["created_at"], "2026-03-02T08:15:00.000000Z");
        let read = administrator.get(created.header("location")).await.expect(200);
        assert_eq!(read.json, created.json);
    }

    async fn another_tenant_s_service_is_the_same_answer_as_no_service(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let manager = app.user(own, Role::Manager).await;
        manager.get(&format!("/v1/services/{own}")).await.expect(200);
        let hidden = manager.get(&format!("/v1/services/{other}")).await.expect(404).problem("not_found");
        let missing = manager.get("/v1/services/0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60").await.expect(404);
        let without_address = |mut problem: serde_json::Value| {
            let fields = problem.as_object_mut().unwrap();
            fields.remove("request_id");
            fields.remove("instance");
            problem
        };
        assert_eq!(without_address(hidden.json), without_address(missing.json));
    }

    async fn what_is_stored_in_clear_is_found_by_the_canary(app: TestApp) {
        app.assert_never_stored(&["Ornithorynque"]);
        app.service_with(|new| new.name = "Pôle Ornithorynque".into()).await;
        assert!(!app.traces_of(&["Ornithorynque"]).is_empty(), "the canary would never sing");
    }
}
