//! A service with a kit to lend, for the tests of lending.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use super::{Caller, Response, TestApp};

/// A service with a kit of two items, some copies, and a coordinator.
pub struct LendingService {
    pub service: Id,
    /// A coordinator.
    pub staff: Caller,
    pub kit: String,
    pub items: Vec<String>,
    pub copies: Vec<String>,
    pub household: String,
    pub organisation: String,
}

impl LendingService {
    pub async fn new(app: &TestApp, copies: usize) -> Self {
        Self::of(app, app.service().await, copies).await
    }

    /// A kit of a service that exists.
    pub async fn of(app: &TestApp, service: Id, copies: usize) -> Self {
        let staff = app.user(service, Role::Coordinator).await;
        let household = json!({
            "service_id": service, "commune_code": "63300",
            "contacts": [{"relation": "parent", "name": "Camille Exemple", "phone": "06 39 98 00 00"}]
        });
        let household = staff.post("/v1/households", household).await.expect(201).id();
        let nursery = json!({"service_id": service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63032"});
        let organisation = staff.post("/v1/organisations", nursery).await.expect(201).id();
        let mut shelf =
            Self { service, staff, kit: String::new(), items: Vec::new(), copies: Vec::new(), household, organisation };
        shelf.kit = shelf.add_kit("Sensorielle").await;
        for (label, quantity) in [("Balle à picots", 3), ("Livre tactile", 1)] {
            let item = json!({"category": "adapted_toy", "label_fr": label, "quantity": quantity});
            let path = format!("/v1/kits/{}/items", shelf.kit);
            shelf.items.push(shelf.staff.post(&path, item).await.expect(201).id());
        }
        for rank in 1..=copies {
            let copy = shelf.add_copy(&rank.to_string()).await;
            shelf.copies.push(copy);
        }
        shelf
    }

    /// Adds a kit without items and copies.
    pub async fn add_kit(&self, title: &str) -> String {
        let kit = json!({
            "service_id": self.service, "title_fr": title, "themes": ["senses"],
            "audiences": ["family", "early_childhood_professional"]
        });
        self.staff.post("/v1/kits", kit).await.expect(201).id()
    }

    /// Adds a copy of the kit.
    pub async fn add_copy(&self, label: &str) -> String {
        let copy = json!({"label": label, "condition": "good", "home_site": "Clermont-Ferrand"});
        self.staff.post(&format!("/v1/kits/{}/copies", self.kit), copy).await.expect(201).id()
    }

    /// A request by the nursery.
    pub fn request(&self, starts_on: &str) -> Value {
        json!({
            "service_id": self.service, "kit_id": self.kit, "starts_on": starts_on,
            "borrower": {"kind": "organisation", "organisation_id": self.organisation}
        })
    }

    /// A request by the household.
    pub fn request_of_family(&self, starts_on: &str) -> Value {
        let mut request = self.request(starts_on);
        request["borrower"] = json!({"kind": "household", "household_id": self.household});
        request
    }

    /// Sends a request to reserve the kit.
    pub async fn ask(&self, request: Value) -> Response {
        self.staff.post("/v1/reservations", request).await
    }

    /// A reservation that joins the queue if no copy is free.
    pub async fn wait_for(&self, starts_on: &str) -> Response {
        let mut request = self.request(starts_on);
        request["if_taken"] = "wait".into();
        self.ask(request).await.expect(201)
    }

    /// A reservation in the state `requested`.
    pub async fn requested(&self, starts_on: &str) -> String {
        self.ask(self.request(starts_on)).await.expect(201).id()
    }

    /// A reservation in the state `confirmed`.
    pub async fn confirmed(&self, starts_on: &str) -> String {
        let id = self.requested(starts_on).await;
        self.act(&id, "confirm", None).await.expect(200);
        id
    }

    /// A loan that starts today.
    pub async fn lent(&self, today: &str) -> String {
        let id = self.confirmed(today).await;
        self.act(&id, "hand-out", Some(json!({}))).await.expect(200);
        id
    }

    /// Sends an action on a reservation.
    pub async fn act(&self, id: &str, action: &str, body: Option<Value>) -> Response {
        self.staff.call("POST", &format!("/v1/reservations/{id}/{action}"), body).await
    }

    /// Reads a reservation.
    pub async fn read(&self, id: &str) -> Response {
        self.staff.get(&format!("/v1/reservations/{id}")).await.expect(200)
    }

    /// A check that counts these numbers of each item.
    pub fn counted(&self, present: [i32; 2]) -> Value {
        let items = self.items.iter().zip(present).map(|(item, present)| json!({"item_id": item, "present": present}));
        json!({"condition": "good", "items": items.collect::<Vec<_>>()})
    }

    /// Returns a copy with complete contents.
    pub async fn take_back(&self, id: &str) -> Response {
        self.act(id, "return", Some(json!({"check": self.counted([3, 1])}))).await.expect(200)
    }
}
