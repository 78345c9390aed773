//! Calendars in the contract.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::store::CalendarRow;
use crate::db::{Id, UtcTs};
use crate::http::reply::Located;

/// A calendar to be opened to an application.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Agenda partagé de l'équipe"}))]
pub struct NewKitCalendar {
    /// What it is for, so that it is known what stops when it is withdrawn.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: String,
}

/// A calendar, with its secret address: shown this once.
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
    /// What it is for.
    pub name: String,
    /// The address to give to the application. It cannot be read again.
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

/// A calendar, without its address.
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
    /// What it is for.
    pub name: String,
    /// Version of the row: give it as `If-Match` to withdraw the address.
    pub version: i32,
    /// When it was opened.
    pub created_at: UtcTs,
}

impl From<CalendarRow> for KitCalendar {
    fn from(row: CalendarRow) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            name: row.name,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

crate::page! {
    /// The calendars of a service.
    KitCalendarPage of KitCalendar
}
