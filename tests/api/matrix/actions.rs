//! The collective actions of the matrix, and the recipes of their operations.

use passerelle::db::Id;
use serde_json::{Value, json};

use super::recipes::{Recipe, act, create, delete, read, under};
use crate::harness::Caller;
use crate::harness::action_service::came;

/// Collective actions in each state, and registrations.
pub struct ActionFixture {
    /// A planned action that takes registrations and has some.
    pub planned: String,
    /// An action without registrations.
    pub free: String,
    pub held: String,
    pub cancelled: String,
    /// A registration for the planned action.
    pub registration: String,
    /// An action of today.
    pub due: String,
    /// A registration for the action of today.
    pub due_registration: String,
}

impl ActionFixture {
    pub async fn new(manager: &Caller, service: Id) -> Self {
        let plan = async |day: &str| manager.post("/v1/actions", Self::action(service, day)).await.expect(201).id();
        let (planned, free, due) = (plan("2026-04-14").await, plan("2026-04-15").await, plan("2026-03-02").await);
        let (held, cancelled) = (plan("2026-03-01").await, plan("2026-04-16").await);
        let who = json!({"participants": [came("parent", 6)]});
        manager.post(&format!("/v1/actions/{held}/hold"), who).await.expect(200);
        let why = json!({"reason": "too_few_registrations"});
        manager.post(&format!("/v1/actions/{cancelled}/cancel"), why).await.expect(200);
        let register = async |action: &str| {
            let new = json!({"participant_type": "parent", "seats": 2});
            manager.post(&format!("/v1/actions/{action}/registrations"), new).await.expect(201).id()
        };
        let (registration, due_registration) = (register(&planned).await, register(&due).await);
        Self { planned, free, held, cancelled, registration, due, due_registration }
    }

    fn action(service: Id, day: &str) -> Value {
        json!({
            "service_id": service, "kind": "parent_cafe", "title": "Café parents", "held_on": day, "places": 10,
            "duration_minutes": 90, "place": "municipal_premises", "commune_code": "63300",
            "organiser_role": "pole_coordinator"
        })
    }

    /// The identifiers of all its objects.
    pub fn ids(&self) -> Vec<String> {
        [&self.planned, &self.free, &self.held, &self.cancelled, &self.registration, &self.due, &self.due_registration]
            .map(Clone::clone)
            .to_vec()
    }

    /// The recipe of an operation.
    pub fn recipe(&self, operation: &str, service: Id) -> Option<Recipe> {
        Some(match operation {
            "createAction" => create(Self::action(service, "2026-05-04")),
            "getAction" | "listActionRegistrations" => read(Some(&self.planned)),
            "updateAction" => act(&self.planned, json!({"title": "Café des parents"})),
            "deleteAction" => delete(&self.free),
            "holdAction" => act(&self.due, json!({"participants": [came("parent", 4)]})),
            "cancelAction" => act(&self.planned, json!({"reason": "speaker_unavailable"})),
            "reopenAction" => read(Some(&self.cancelled)),
            "evaluateAction" => act(&self.held, json!({"ratings": [{"rating": "satisfied", "number": 5}]})),
            "createActionRegistration" => under(&self.planned, json!({"participant_type": "parent", "seats": 1})),
            "getActionRegistration" | "cancelActionRegistration" => read(Some(&self.registration)),
            "updateActionRegistration" => act(&self.registration, json!({"seats": 1})),
            "noteActionAttendance" => act(&self.due_registration, json!({"attended": 2})),
            "getActionFigures" => {
                let query = "?from=2026-01-01&to=2026-12-31".into();
                Recipe { query, ..read(Some(service.as_str())) }
            }
            _ => return None,
        })
    }
}
