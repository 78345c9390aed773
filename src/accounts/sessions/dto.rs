//! Responses about sessions.

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Id, UtcTs};

/// A session of the caller: what follows one sign-in, until the sign-out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c65", "current": true, "refreshed_at": "2026-03-02T08:15:00.000000Z",
    "address": "192.0.2.7", "ends_at": "2026-03-09T08:15:00.000000Z"
}))]
pub struct UserSession {
    /// Identifier.
    pub id: Id,
    /// Whether it is the session of this call.
    pub current: bool,
    /// When it last obtained an access token; null if that was before this version of the program.
    pub refreshed_at: Option<UtcTs>,
    /// The network address from which it did.
    #[schema(max_length = 64)]
    pub address: Option<String>,
    /// When it ends at the latest. It ends a day after `refreshed_at` if it is not renewed.
    pub ends_at: UtcTs,
}

crate::page! {
    /// A page of sessions.
    SessionPage of UserSession
}
