//! A service that organises collective actions, for their tests.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use super::{Caller, Response, TestApp};

/// A service, a user, and an organisation of its directory.
pub struct ActionService {
    pub service: Id,
    /// A professional.
    pub staff: Caller,
    pub organisation: String,
}

impl ActionService {
    pub async fn new(app: &TestApp) -> Self {
        let service = app.service().await;
        let staff = app.user(service, Role::Professional).await;
        let nursery = json!({"service_id": service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63032"});
        let organisation = staff.post("/v1/organisations", nursery).await.expect(201).id();
        Self { service, staff, organisation }
    }

    /// The same service on another instance of the program.
    pub fn at(&self, app: &TestApp) -> Self {
        let staff = self.staff.clone().at(app);
        Self { staff, organisation: self.organisation.clone(), service: self.service }
    }

    /// A parent café in Riom, with some changed fields.
    pub fn cafe(&self, held_on: &str, changes: Value) -> Value {
        let mut new = json!({
            "service_id": self.service, "kind": "parent_cafe", "title": "Café parents", "held_on": held_on,
            "duration_minutes": 120, "place": "municipal_premises", "commune_code": "63300",
            "organiser_role": "pole_coordinator"
        });
        if let (Some(new), Value::Object(changes)) = (new.as_object_mut(), changes) {
            new.extend(changes);
        }
        new
    }

    /// Plans an action.
    pub async fn plan(&self, new: Value) -> Response {
        self.staff.post("/v1/actions", new).await
    }

    /// A planned parent café.
    pub async fn planned(&self, held_on: &str) -> String {
        self.plan(self.cafe(held_on, json!({}))).await.expect(201).id()
    }

    /// A planned parent café with this number of places.
    pub async fn open(&self, held_on: &str, places: i32) -> String {
        self.plan(self.cafe(held_on, json!({"places": places}))).await.expect(201).id()
    }

    /// A held parent café with this number of parents.
    pub async fn held(&self, held_on: &str, parents: i32) -> String {
        let id = self.planned(held_on).await;
        self.act(&id, "hold", Some(json!({"participants": [came("parent", parents)]}))).await.expect(200);
        id
    }

    /// Sends a command about an action.
    pub async fn act(&self, id: &str, action: &str, body: Option<Value>) -> Response {
        self.staff.call("POST", &format!("/v1/actions/{id}/{action}"), body).await
    }

    /// Corrects an action.
    pub async fn correct(&self, id: &str, changes: Value) -> Response {
        self.staff.patch(&format!("/v1/actions/{id}"), changes).await
    }

    /// Reads an action.
    pub async fn read(&self, id: &str) -> Response {
        self.staff.get(&format!("/v1/actions/{id}")).await.expect(200)
    }

    /// Registers childminders.
    pub async fn register(&self, action: &str, seats: i32) -> Response {
        let new = json!({"participant_type": "childminder", "seats": seats});
        self.staff.post(&format!("/v1/actions/{action}/registrations"), new).await
    }

    /// Sends a command about a registration.
    pub async fn act_on(&self, registration: &str, action: &str, body: Option<Value>) -> Response {
        self.staff.call("POST", &format!("/v1/action-registrations/{registration}/{action}"), body).await
    }

    /// The registrations of an action, oldest first: seats and state of each.
    pub async fn book(&self, action: &str) -> Vec<(i64, String)> {
        let page = self.staff.get(&format!("/v1/actions/{action}/registrations?limit=500")).await.expect(200);
        let row = |row: &Value| (row["seats"].as_i64().unwrap(), row["status"].as_str().unwrap().to_owned());
        page.rows().iter().map(row).collect()
    }
}

/// This number of participants of a kind.
pub fn came(kind: &str, number: i32) -> Value {
    json!({"participant_type": kind, "number": number})
}
