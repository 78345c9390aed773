//! The settings of lending in the contract.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::store::SettingsRow;
use crate::db::{Id, UtcTs};
use crate::http::body::broken;

/// A period on which nothing is lent or taken back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "ends_after_start"))]
#[schema(example = json!({"starts_on": "2026-08-03", "ends_on": "2026-08-21"}))]
pub struct KitClosing {
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day: at most a year after the first.
    pub ends_on: NaiveDate,
}

fn ends_after_start(closing: &KitClosing) -> Result<(), ValidationError> {
    let days = (closing.ends_on - closing.starts_on).num_days();
    if days < 0 {
        return Err(broken("ends_before_start", "ends_on", "La fin précède le début.", "The end is before the start."));
    }
    if days > 366 {
        return Err(broken(
            "too_long",
            "ends_on",
            "Une fermeture dure un an au plus.",
            "A closing period lasts a year at most.",
        ));
    }
    Ok(())
}

/// A correction of how a service lends, as a merge patch: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"buffer_days": 2, "closings": [{"starts_on": "2026-08-03", "ends_on": "2026-08-21"}]}))]
pub struct KitSettingsPatch {
    /// Days of a loan, unless the kit says otherwise.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 365)]
    pub loan_days: Option<i32>,
    /// Days of a loan at most, extensions included.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 365)]
    pub longest_loan_days: Option<i32>,
    /// Open days for cleaning and checking after a loan.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 30)]
    pub buffer_days: Option<i32>,
    /// How many days ahead a loan may begin.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 730)]
    pub book_ahead_days: Option<i32>,
    /// Hours for which a copy that came free is kept for the first in the queue.
    #[serde(default)]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 720)]
    pub proposal_hours: Option<i32>,
    /// Days of the week without lending: 1 is Monday, 7 is Sunday.
    #[serde(default)]
    #[schema(value_type = BTreeSet<Weekday>, required = false, max_items = 6)]
    pub closed_weekdays: Option<BTreeSet<u8>>,
    /// Every closing period, in the place of those there were.
    #[serde(default)]
    #[schema(value_type = Vec<KitClosing>, required = false, max_items = 8)]
    #[validate(nested)]
    pub closings: Option<Vec<KitClosing>>,
}

/// A day of the week by its ISO number: 1 is Monday, 7 is Sunday.
#[derive(ToSchema)]
#[schema(minimum = 1, maximum = 7, example = json!(7))]
#[allow(dead_code, reason = "describes the number in the contract")]
pub struct Weekday(u8);

/// How a service lends its kits.
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
    /// Days of a loan, unless the kit says otherwise: a loan of 21 days from a Monday ends on the Monday three weeks
    /// later, or on the next open day.
    pub loan_days: i32,
    /// Days of a loan at most, extensions included.
    pub longest_loan_days: i32,
    /// Open days for cleaning and checking after a loan.
    pub buffer_days: i32,
    /// How many days ahead a loan may begin.
    pub book_ahead_days: i32,
    /// Hours for which a copy that came free is kept for the first in the queue.
    pub proposal_hours: i32,
    /// Days of the week without lending: 1 is Monday, 7 is Sunday.
    #[schema(value_type = BTreeSet<Weekday>)]
    pub closed_weekdays: BTreeSet<u8>,
    /// The closing periods, in order.
    pub closings: Vec<KitClosing>,
    /// Version of the settings.
    pub version: i32,
    /// When they last changed; null while the service lends by the rules that every service begins with.
    #[schema(required = true)]
    pub updated_at: Option<UtcTs>,
}

impl From<SettingsRow> for KitSettings {
    fn from(row: SettingsRow) -> Self {
        let closing = |(starts_on, ends_on)| KitClosing { starts_on, ends_on };
        Self {
            service_id: row.service_id,
            loan_days: row.rules.loan_days,
            longest_loan_days: row.rules.longest_loan_days,
            buffer_days: row.rules.buffer_days,
            book_ahead_days: row.rules.book_ahead_days,
            proposal_hours: row.rules.proposal_hours,
            closed_weekdays: row.rules.closed_weekdays,
            closings: row.rules.closings.into_iter().map(closing).collect(),
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(KitSettings);
