//! Responses about notices.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Id, UtcTs};
use crate::notices::NoticeKind;

/// What the caller must learn about their own account, or about an account or a client of a service that they manage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65", "kind": "role_changed",
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "about": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "about_name": "Claude Exemple",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", "author_name": "Dominique Exemple", "before": "professional", "after": "coordinator",
    "created_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct AccountNotice {
    /// Identifier.
    pub id: Id,
    /// What it is about.
    pub kind: NoticeKind,
    /// The service concerned; null if it is about the account itself.
    pub service_id: Option<Id>,
    /// The account or client that was changed: `user:…` or `client:…`.
    #[schema(max_length = 64)]
    pub about: String,
    /// Its name; null for `local`.
    pub about_name: Option<String>,
    /// Who changed it: `user:…`, or `local` for a command on the server.
    #[schema(max_length = 64)]
    pub author: String,
    /// Their name; null for `local`.
    pub author_name: Option<String>,
    /// The rights before, as codes; null if there were none, or if the notice is not about rights.
    pub before: Option<String>,
    /// The rights after, as codes; null if there are none, or if the notice is not about rights.
    pub after: Option<String>,
    /// When it happened.
    pub created_at: UtcTs,
}

crate::page! {
    /// A page of notices.
    NoticePage of AccountNotice
}

/// Filters of the notices; all of them apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct NoticeFilter {
    /// Only of this kind.
    pub(super) kind: Option<NoticeKind>,
    /// Only about a service that the caller manages.
    pub(super) service_id: Option<Id>,
}
