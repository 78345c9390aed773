//! The journal in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::journal::{EventRow, Outcome};
use crate::trail::{ChangeKind, Resource};

/// One request, as far as it concerns one service.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c61", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "happened_at": "2026-03-02T08:15:00.000000Z", "principal": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63",
    "operation": "POST /v1/referrals/{id}/accept", "request_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64",
    "outcome": "done", "code": null, "target_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65",
    "changed": [{"resource": "referral", "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65", "kind": "updated"}],
    "opened": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c66"], "address": "192.0.2.7"
}))]
pub struct AuditEvent {
    /// Identifier.
    pub id: Id,
    /// The service; null for what concerns the deployment.
    pub service_id: Option<Id>,
    /// When.
    pub happened_at: UtcTs,
    /// Who asked: `user:…`, `client:…`, `local` (the machine itself) or `anonymous`.
    #[schema(example = "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", max_length = 64)]
    pub principal: String,
    /// Method and route template; `local` for what was done on the machine itself.
    #[schema(example = "GET /v1/households/{id}", max_length = 200)]
    pub operation: String,
    /// Identifier of the request, as its answer had it.
    #[schema(example = "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", max_length = 64)]
    pub request_id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Code of the problem, when it was refused.
    #[schema(example = "not_found", max_length = 64)]
    pub code: Option<String>,
    /// The object that the address named.
    pub target_id: Option<Id>,
    /// The objects that were changed.
    pub changed: Vec<AuditedChange>,
    /// Whose personal data was opened: households, and referrals and cases about structures.
    pub opened: Vec<Id>,
    /// The caller's address.
    #[schema(example = "192.0.2.7", max_length = 64)]
    pub address: Option<String>,
}

/// An object that a request changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditedChange {
    /// What it is.
    pub resource: Resource,
    /// Which one.
    pub id: Id,
    /// What happened to it.
    pub kind: ChangeKind,
}

impl From<EventRow> for AuditEvent {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id,
            // The deployment's chain is no identifier.
            service_id: row.chain.parse().ok(),
            happened_at: row.happened_at,
            principal: row.principal,
            operation: row.operation,
            request_id: row.request_id,
            outcome: row.outcome,
            code: row.code,
            target_id: row.target_id,
            changed: row.changed.split_whitespace().filter_map(change).collect(),
            opened: row.opened.split_whitespace().filter_map(|owner| owner.parse().ok()).collect(),
            address: row.address,
        }
    }
}

fn change(word: &str) -> Option<AuditedChange> {
    let mut parts = word.split(':');
    let (resource, id, kind) = (parts.next()?, parts.next()?, parts.next()?);
    Some(AuditedChange { resource: resource.parse().ok()?, id: id.parse().ok()?, kind: kind.parse().ok()? })
}

crate::page! {
    /// A page of the journal.
    AuditEventPage of AuditEvent
}

/// What a list of the journal keeps; every condition that is given.
#[derive(Debug, Deserialize, IntoParams)]
pub struct AuditFilter {
    /// Of this service; of everything that the token may see when absent.
    pub service_id: Option<Id>,
    /// By this principal: `user:…`, `client:…`, `local` or `anonymous`.
    #[param(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9:-]+$",
        example = "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63"
    )]
    pub principal: Option<String>,
    /// This operation: method and route template.
    #[param(min_length = 1, max_length = 200, example = "GET /v1/households/{id}")]
    pub operation: Option<String>,
    /// Done or refused.
    pub outcome: Option<Outcome>,
    /// That changed an object of this kind.
    pub resource: Option<Resource>,
    /// That named this object, changed it or opened its personal data. With `resource`: that changed it.
    pub object_id: Option<Id>,
    /// Not before this instant.
    #[param(example = "2026-03-01T00:00:00Z")]
    pub from: Option<UtcTs>,
    /// Before this instant.
    #[param(example = "2026-04-01T00:00:00Z")]
    pub to: Option<UtcTs>,
}

impl QueryParams for AuditFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<UtcTs>();
        description.reference::<Outcome>();
        description.reference::<Resource>();
    }
}

#[cfg(test)]
mod tests {
    use crate::audit::dto::*;

    #[test]
    fn a_word_of_the_journal_is_a_change() {
        let id: Id = uuid::Uuid::nil().into();
        let said = change(&format!("case_step:{id}:created"));
        assert_eq!(said, Some(AuditedChange { resource: Resource::CaseStep, id, kind: ChangeKind::Created }));
        assert_eq!(change("case_step"), None);
    }
}
