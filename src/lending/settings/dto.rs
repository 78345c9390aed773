//! Requests and responses about the lending settings.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::dates::Weekday;
use crate::db::{Id, UtcTs};
use crate::http::body::broken_rule;
use crate::territories::DepartementCode;

/// A period in which copies are neither handed out nor taken back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "lasts_a_year_at_most"))]
#[schema(example = json!({"starts_on": "2026-08-03", "ends_on": "2026-08-21"}))]
pub struct KitClosing {
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, at most one year after the first.
    pub ends_on: NaiveDate,
}

fn lasts_a_year_at_most(closing: &KitClosing) -> Result<(), ValidationError> {
    let days = (closing.ends_on - closing.starts_on).num_days();
    if days > 366 {
        return Err(broken_rule(
            "too_long",
            "ends_on",
            "Une période de fermeture dure au plus un an.",
            "A closing period lasts at most one year.",
        ));
    }
    Ok(())
}

/// Changes to the lending settings. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"buffer_days": 2, "closings": [{"starts_on": "2026-08-03", "ends_on": "2026-08-21"}]}))]
pub struct KitSettingsPatch {
    /// Length of a loan in days, unless the kit has its own.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 365)]
    pub loan_days: Option<i32>,
    /// Maximum length of a loan in days, extensions included.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 365)]
    pub longest_loan_days: Option<i32>,
    /// Open days for cleaning and checking after a loan.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 30)]
    pub buffer_days: Option<i32>,
    /// How many days ahead a loan may start.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 730)]
    pub book_ahead_days: Option<i32>,
    /// Hours for which a copy is held for the borrower that the queue proposes it to.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 720)]
    pub proposal_hours: Option<i32>,
    /// Weekdays without lending: 1 is Monday, 7 is Sunday.
    #[serde(default)]
    #[schema(value_type = BTreeSet<Weekday>, required = false, max_items = 6)]
    pub closed_weekdays: Option<BTreeSet<u8>>,
    /// All closing periods. They replace the existing ones. The service is never closed for more than a year.
    #[serde(default)]
    #[schema(value_type = Vec<KitClosing>, required = false, max_items = 500)]
    #[validate(nested)]
    pub closings: Option<Vec<KitClosing>>,
}

/// The lending settings of a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "loan_days": 21, "longest_loan_days": 42, "buffer_days": 1,
    "book_ahead_days": 365, "proposal_hours": 72, "closed_weekdays": [6, 7],
    "closings": [{"starts_on": "2026-08-03", "ends_on": "2026-08-21"}],
    "version": 2, "updated_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct KitSettings {
    /// The service.
    pub service_id: Id,
    /// Length of a loan in days, unless the kit has its own. A loan of 21 days that starts on a Monday ends on the Monday
    /// three weeks later, or on the next open day.
    pub loan_days: i32,
    /// Maximum length of a loan in days, extensions included.
    pub longest_loan_days: i32,
    /// Open days for cleaning and checking after a loan.
    pub buffer_days: i32,
    /// How many days ahead a loan may start.
    pub book_ahead_days: i32,
    /// Hours for which a copy is held for the borrower that the queue proposes it to.
    pub proposal_hours: i32,
    /// Weekdays without lending: 1 is Monday, 7 is Sunday.
    #[schema(value_type = BTreeSet<Weekday>)]
    pub closed_weekdays: BTreeSet<u8>,
    /// The closing periods, by date.
    pub closings: Vec<KitClosing>,
    /// Version of the settings.
    pub version: i32,
    /// When the settings last changed; null if the service has the default settings.
    pub updated_at: Option<UtcTs>,
}

crate::versioned!(KitSettings);

/// The year of the public holidays.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct HolidayYear {
    /// The year.
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub(super) year: i32,
}

/// The public holidays of a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "year": 2026,
    "holidays": [{
        "day": "2026-04-06", "name_fr": "Lundi de Pâques", "name_en": "Easter Monday", "departements": ["63"],
        "closed": false
    }]
}))]
pub struct PublicHolidays {
    /// The service.
    pub service_id: Id,
    /// The year.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// The public holidays, by date.
    pub holidays: Vec<PublicHoliday>,
}

/// A public holiday.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicHoliday {
    /// The day.
    pub day: NaiveDate,
    /// Name in French.
    pub name_fr: &'static str,
    /// Name in English.
    pub name_en: &'static str,
    /// The départements of the service where it is a public holiday, by INSEE code.
    pub departements: Vec<DepartementCode>,
    /// Whether the lending settings close the service on this day already, by a closing period or a weekday.
    pub closed: bool,
}
