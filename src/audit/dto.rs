//! The journal as the contract describes it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::journal::Outcome;
use crate::naming::model::{Named, Names};
use crate::trail::{ChangeKind, Resource};

/// One request in the journal of one service.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c61", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "happened_at": "2026-03-02T08:15:00.000000Z", "principal": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "principal_name": "Dominique Exemple",
    "operation": "POST /v1/referrals/{id}/accept", "request_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64",
    "outcome": "done", "code": null, "target_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65",
    "changed": [{"resource": "referral", "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65", "kind": "updated",
        "before": null, "after": null}],
    "opened": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c66"], "address": "192.0.2.7", "occurrences": 1,
    "genuine": true
}))]
pub struct AuditEvent {
    /// Identifier.
    pub id: Id,
    /// The service; null for the journal of the deployment.
    pub service_id: Option<Id>,
    /// When it happened.
    pub happened_at: UtcTs,
    /// The caller: `user:…`, `client:…`, `local` (a command on the server) or `anonymous`.
    #[schema(example = "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", max_length = 64)]
    pub principal: String,
    /// Its name; null for `local` and `anonymous`, and for API clients that read it.
    pub principal_name: Option<String>,
    /// Method and route template; for a command on the server, `local`, or `restore confirm` when the operator confirmed
    /// that a backup was restored.
    #[schema(example = "GET /v1/households/{id}", max_length = 200)]
    pub operation: String,
    /// Identifier of the request, as returned in its response.
    #[schema(example = "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", max_length = 64)]
    pub request_id: String,
    /// Outcome.
    pub outcome: Outcome,
    /// Code of the problem if the request was refused.
    #[schema(example = "not_found", max_length = 64)]
    pub code: Option<String>,
    /// The object identified by the path.
    pub target_id: Option<Id>,
    /// The objects changed.
    pub changed: Vec<AuditedChange>,
    /// The owners of the personal data decrypted: households, and referrals and cases about structures.
    pub opened: Vec<Id>,
    /// Network address of the caller.
    #[schema(example = "192.0.2.7", max_length = 64)]
    pub address: Option<String>,
    /// The number of requests that the event stands for: 1, or the number of invalid tokens or of attempts past a limit
    /// that one address sent within a minute after the first. The other fields are then those of the last of them.
    #[schema(minimum = 1)]
    pub occurrences: u64,
    /// Whether the program wrote the event as it is here. False for one that was inserted into the database, or changed in
    /// it, by other means: trust nothing in it, and tell the operator, who has `passerelle audit verify`.
    #[schema(example = true)]
    pub genuine: bool,
}

impl Named for AuditEvent {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.principal), &mut self.principal_name);
    }
}

/// An object that a request changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditedChange {
    /// Kind of object.
    pub resource: Resource,
    /// Identifier of the object.
    pub id: Id,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Where rights changed: those before, as codes. Null if there were none.
    #[schema(example = "professional")]
    pub before: Option<String>,
    /// Where rights changed: those after, as codes. Null if there are none.
    #[schema(example = "coordinator")]
    pub after: Option<String>,
}

crate::page! {
    /// A page of the journal.
    AuditEventPage of AuditEvent
}

/// Filters of the journal; all of them apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct AuditFilter {
    /// Only this service. By default, everything that the caller can access.
    pub service_id: Option<Id>,
    /// Only by this caller: `user:…`, `client:…`, `local` or `anonymous`.
    #[param(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9:-]+$",
        example = "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63"
    )]
    pub principal: Option<String>,
    /// Only this operation: method and route template.
    #[param(min_length = 1, max_length = 200, example = "GET /v1/households/{id}")]
    pub operation: Option<String>,
    /// Only with this outcome.
    pub outcome: Option<Outcome>,
    /// Only events that changed an object of this kind.
    pub resource: Option<Resource>,
    /// Only events that target this object, change it or open its personal data. With `resource`, only those that
    /// change it.
    pub object_id: Option<Id>,
    /// At or after this instant.
    #[param(example = "2026-03-01T00:00:00Z")]
    pub from: Option<UtcTs>,
    /// Before this instant.
    #[param(example = "2026-04-01T00:00:00Z")]
    pub to: Option<UtcTs>,
}
