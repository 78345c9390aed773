//! Requests and responses about calendars.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::{Id, UtcTs};
use crate::http::reply::Located;

/// A calendar to create for a calendar application.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Agenda partagé de l'équipe"}))]
pub struct KitCalendarInput {
    /// Purpose of the calendar, to know what stops working when it is deleted.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: String,
}

/// A created calendar, with its secret URL. The URL is returned only once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d30", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "name": "Agenda partagé de l'équipe", "url": "https://api.example/calendars/cal_…"
}))]
pub struct CreatedKitCalendar {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// Purpose of the calendar.
    pub name: String,
    /// The URL for the calendar application. It cannot be read again.
    pub url: String,
}

impl Located for CreatedKitCalendar {
    fn location(&self) -> String {
        format!("/v1/services/{}/kit-calendars", self.service_id)
    }

    fn version(&self) -> Option<i32> {
        Some(1)
    }
}

/// A calendar, without its URL.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d30", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "name": "Agenda partagé de l'équipe", "version": 1, "created_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct KitCalendar {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// Purpose of the calendar.
    pub name: String,
    /// Version of the row: send it in `If-Match` to delete the calendar.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
}

crate::page! {
    /// The calendars of a service.
    KitCalendarPage of KitCalendar
}
