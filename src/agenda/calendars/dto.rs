//! Requests and responses about the calendars of users.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::{Id, UtcTs};
use crate::http::reply::Located;

/// A calendar of the agenda to create for a calendar application.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Téléphone"}))]
pub struct AgendaCalendarInput {
    /// Which application reads it, to know what stops working when it is deleted.
    #[schema(format = "visible-line", min_length = 1, max_length = 200)]
    pub name: String,
}

/// A created calendar, with its secret URL. The URL is returned only once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30", "name": "Téléphone", "url": "https://api.example/agendas/agd_…"
}))]
pub struct CreatedAgendaCalendar {
    /// Identifier.
    pub id: Id,
    /// Which application reads it.
    pub name: String,
    /// The URL for the calendar application. It cannot be read again.
    pub url: String,
}

impl Located for CreatedAgendaCalendar {
    fn location(&self) -> String {
        "/v1/me/agenda-calendars".to_owned()
    }
}

/// A calendar of the agenda, without its URL.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30", "name": "Téléphone", "created_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct AgendaCalendar {
    /// Identifier.
    pub id: Id,
    /// Which application reads it.
    pub name: String,
    /// When it was created.
    pub created_at: UtcTs,
}

crate::page! {
    /// The calendars of the caller.
    AgendaCalendarPage of AgendaCalendar
}
