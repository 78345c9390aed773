//! A service with a network of referents, for its tests.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use super::{Caller, Response, TestApp};

/// A service, a structure of its directory, and a user who manages the network.
pub struct Network {
    pub service: Id,
    /// A coordinator.
    pub staff: Caller,
    /// A nursery in Beaumont.
    pub structure: String,
}

impl Network {
    pub async fn new(app: &TestApp) -> Self {
        let service = app.service().await;
        let staff = app.user(service, Role::Coordinator).await;
        let mut network = Self { service, staff, structure: String::new() };
        network.structure = network.add_structure("eaje", "Les Lutins", "63032").await;
        for collectivity in ["commune:63032", "commune:63300"] {
            open_network(&network.staff, service, collectivity, ("2024-01-01", "2028-12-31")).await;
        }
        network
    }

    /// An organisation of the directory.
    pub async fn add_structure(&self, kind: &str, name: &str, commune: &str) -> String {
        let structure = json!({"service_id": self.service, "kind": kind, "name": name, "commune_code": commune});
        self.staff.post("/v1/organisations", structure).await.expect(201).id()
    }

    /// The request body for a referent of the nursery.
    pub fn referent(&self, appointed_on: &str) -> Value {
        json!({
            "service_id": self.service, "organisation_id": self.structure, "appointed_on": appointed_on,
            "identity": {"name": "Dominique Exemple", "email": "dominique@example.org", "role": "Éducatrice"}
        })
    }

    /// A referent of a structure, appointed on 15 January 2024.
    pub async fn appointed(&self, structure: &str) -> String {
        let mut referent = self.referent("2024-01-15");
        referent["organisation_id"] = structure.into();
        self.staff.post("/v1/referents", referent).await.expect(201).id()
    }

    /// A referent of a structure, certified since 1 June 2024.
    pub async fn certified(&self, structure: &str) -> String {
        let id = self.appointed(structure).await;
        for (kind, day) in
            [("external_training", "2024-02-01"), ("external_training", "2024-02-02"), ("own_training", "2024-03-01")]
        {
            self.attends(&id, kind, day).await.expect(201);
        }
        let day = "2024-06-01";
        let charter = json!({
            "charter_version": "2024", "signed_by_referent_on": day, "signed_by_structure_on": day, "signed_by_service_on": day
        });
        self.act(&id, "sign", charter).await.expect(200);
        id
    }

    /// Records an attendance of a referent.
    pub async fn attends(&self, id: &str, kind: &str, day: &str) -> Response {
        let path = format!("/v1/referents/{id}/attendances");
        self.staff.post(&path, json!({"kind": kind, "held_on": day})).await
    }

    /// Sends a command about a referent.
    pub async fn act(&self, id: &str, action: &str, body: Value) -> Response {
        self.staff.post(&format!("/v1/referents/{id}/{action}"), body).await
    }

    /// Reads a referent.
    pub async fn read(&self, id: &str) -> Response {
        self.staff.get(&format!("/v1/referents/{id}")).await.expect(200)
    }

    /// The standing of a referent.
    pub async fn standing(&self, id: &str) -> String {
        self.read(id).await["standing"].as_str().unwrap().to_owned()
    }

    /// A questionnaire with two questions, open for ten days from the day of the test.
    pub fn survey(&self) -> Value {
        json!({
            "service_id": self.service, "moment": "end_of_referent_training", "title_fr": "Fin de la formation",
            "opens_on": "2026-03-02", "closes_on": "2026-03-11",
            "questions": [{"text_fr": "Le contenu"}, {"text_fr": "Les échanges", "text_en": "The exchanges"}]
        })
    }

    /// Creates a questionnaire and some of its tokens.
    pub async fn asking(&self, tokens: usize) -> (String, Vec<String>) {
        let id = self.staff.post("/v1/surveys", self.survey()).await.expect(201).id();
        let issued = self.staff.post(&format!("/v1/surveys/{id}/tokens"), json!({"count": tokens})).await.expect(200);
        let tokens = issued["tokens"].as_array().unwrap().iter().map(|token| token.as_str().unwrap().to_owned());
        (id, tokens.collect())
    }
}

/// Signs a convention that opens the network of referents.
pub async fn open_network(staff: &Caller, service: Id, collectivity: &str, (starts_on, ends_on): (&str, &str)) {
    let convention = json!({
        "service_id": service, "collectivity": collectivity, "starts_on": starts_on, "ends_on": ends_on,
        "services": [{"complementary_service": "referent_network_training"}]
    });
    let id = staff.post("/v1/conventions", convention).await.expect(201).id();
    for action in ["propose", "sign"] {
        staff.post(&format!("/v1/conventions/{id}/{action}"), json!({})).await.expect(200);
    }
}

/// An answer to both questions.
pub fn rated(token: &str, first: &str, second: &str) -> Value {
    json!({"token": token, "ratings": [{"position": 1, "rating": first}, {"position": 2, "rating": second}]})
}
