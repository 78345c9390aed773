//! Requests and responses about the timetable.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::Id;
use crate::lending::reservations::dto::Reservation;

/// The days of the timetable.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams, ToSchema)]
pub struct TimetableDays {
    /// First day. Default: 41 days before `to`, or today in the service.
    #[param(example = "2026-06-01")]
    pub from: Option<NaiveDate>,
    /// Last day, inclusive: at most 92 days in all. Default: 41 days after the first.
    #[param(example = "2026-07-12")]
    pub to: Option<NaiveDate>,
}

/// A kit in the timetable.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "kit_title": "Sons et rythmes", "from": "2026-06-01", "to": "2026-07-12",
    "closed_days": ["2026-06-05"], "copies": [{
        "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "copy_label": "1", "home_site": "Bureau du pôle",
        "out_of_service_since": null, "reservations": []
    }]
}))]
pub struct KitTimetable {
    /// The kit.
    pub kit_id: Id,
    /// Its title, in the language of the response.
    pub kit_title: String,
    /// First day of the timetable.
    pub from: NaiveDate,
    /// Last day of the timetable, inclusive.
    pub to: NaiveDate,
    /// The days of the timetable on which the service is closed: no loan starts or ends on them.
    #[schema(max_items = 92)]
    pub closed_days: Vec<NaiveDate>,
    /// The copies of the kit, by label.
    pub copies: Vec<TimetableCopy>,
}

/// A copy in the timetable.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "copy_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "copy_label": "1", "home_site": "Bureau du pôle",
    "out_of_service_since": null, "reservations": []
}))]
pub struct TimetableCopy {
    /// The copy.
    pub copy_id: Id,
    /// Label on the copy.
    pub copy_label: String,
    /// Where it is stored.
    pub home_site: String,
    /// Since when it is out of service; null if it is in service.
    pub out_of_service_since: Option<NaiveDate>,
    /// The reservations and loans that take it on one of the days, from `starts_on` to `blocked_until`, and the overdue loan of
    /// it if there is one. Earliest first.
    pub reservations: Vec<Reservation>,
}

crate::page! {
    /// A page of the timetable of the kits.
    KitTimetablePage of KitTimetable
}
