//! A service that signs conventions, for the tests of conventions, reserved actions and statements.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use super::{Caller, Response, TestApp};

/// A service, and a user who signs conventions for it.
pub struct ConventionService {
    pub service: Id,
    /// A coordinator.
    pub staff: Caller,
}

impl ConventionService {
    pub async fn new(app: &TestApp) -> Self {
        Self::of(app, app.service().await).await
    }

    /// The same, for an existing service.
    pub async fn of(app: &TestApp, service: Id) -> Self {
        Self { service, staff: app.user(service, Role::Coordinator).await }
    }

    /// The request body for a convention that opens every service, with a quota of two pedagogical days.
    pub fn written(&self, collectivity: &str, starts_on: &str, ends_on: &str) -> Value {
        json!({
            "service_id": self.service, "collectivity": collectivity, "starts_on": starts_on, "ends_on": ends_on,
            "services": [
                {"complementary_service": "childminder_awareness"},
                {"complementary_service": "pedagogical_days", "yearly_quota": 2},
                {"complementary_service": "referent_network_training"}
            ],
            "signatories": [{"party": "collectivity", "name": "Dominique Exemple", "capacity": "Président"}]
        })
    }

    /// A draft convention.
    pub async fn draft(&self, collectivity: &str, starts_on: &str, ends_on: &str) -> String {
        self.staff.post("/v1/conventions", self.written(collectivity, starts_on, ends_on)).await.expect(201).id()
    }

    /// A convention signed today.
    pub async fn signed(&self, collectivity: &str, starts_on: &str, ends_on: &str) -> String {
        let id = self.draft(collectivity, starts_on, ends_on).await;
        self.sign(&id).await;
        id
    }

    /// A convention of this year, signed today, that opens only these services.
    pub async fn opening(&self, collectivity: &str, services: &[&str]) -> String {
        let mut written = self.written(collectivity, "2026-01-01", "2026-12-31");
        written["services"] = services.iter().map(|code| json!({"complementary_service": code})).collect();
        let id = self.staff.post("/v1/conventions", written).await.expect(201).id();
        self.sign(&id).await;
        id
    }

    /// Proposes and signs a draft today.
    pub async fn sign(&self, id: &str) {
        self.act(id, "propose", json!({})).await.expect(200);
        self.act(id, "sign", json!({})).await.expect(200);
    }

    /// Sends a decision on a convention.
    pub async fn act(&self, id: &str, action: &str, body: Value) -> Response {
        self.staff.post(&format!("/v1/conventions/{id}/{action}"), body).await
    }

    /// Reads a convention.
    pub async fn read(&self, id: &str) -> Response {
        self.staff.get(&format!("/v1/conventions/{id}")).await.expect(200)
    }

    /// Creates the contribution of a year, at 35 cents per inhabitant and in two instalments.
    pub async fn contribution(&self, convention: &str, year: i32) -> Response {
        let body = json!({
            "year": year, "basis": "per_inhabitant", "population_kind": "municipal", "rate_cents": 35,
            "instalments": [{"due_on": format!("{year}-02-28")}, {"due_on": format!("{year}-09-30")}]
        });
        self.staff.post(&format!("/v1/conventions/{convention}/contributions"), body).await
    }

    /// The conventions that cover a commune on a day.
    pub async fn covered_by(&self, commune: &str, on: &str) -> Vec<String> {
        let path = format!("/v1/coverage?commune={commune}&on={on}&service_id={}", self.service);
        let response = self.staff.get(&path).await.expect(200);
        let by = response["services"][0]["by"].as_array().unwrap().iter();
        let ids: Vec<String> = by.map(|one| one["convention_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(response["covered"], !ids.is_empty());
        ids
    }
}
