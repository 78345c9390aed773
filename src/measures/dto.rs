//! The live values of indicators in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::compute::{MissingValue, Number};
use super::model::periods::IndicatorPeriod;
use crate::db::{Id, UtcTs};
use crate::indicators::model::types::{IndicatorClass, IndicatorDimension, IndicatorValueType};

/// Which values.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct IndicatorValueFilter {
    /// First day. Default: 1 January of this year in the service.
    #[param(example = "2026-01-01")]
    pub from: Option<NaiveDate>,
    /// Last day, included: not before the first, and at most five years in all. Default: 31 December of the year of the
    /// first day.
    #[param(example = "2026-12-31")]
    pub to: Option<NaiveDate>,
    /// Length of the periods. Those that have a day of the range are returned, whole. Default: the range is one period.
    #[param(example = "quarter")]
    pub period: Option<IndicatorPeriod>,
    /// Values by this dimension, one that the indicator can be split by (`splits`). A part without anything in all periods
    /// is left out. Default: no split.
    pub split: Option<IndicatorDimension>,
}

/// A live value of an indicator of a service in a period. It is not for publication.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "indicator": "kit_loans", "version": "2026.1", "class": "S",
    "live": true, "read_at": "2026-07-06T08:15:00.000000Z", "period": "2026-Q1", "from": "2026-01-01", "to": "2026-03-31",
    "is_over": true, "split": null, "category": null, "category_label": null, "value_type": "count", "value": 11,
    "missing": null, "target": null, "target_reached_percent": null, "numerator": null, "denominator": null, "adds_up_over_periods": true, "adds_up_over_categories": null
}))]
pub struct IndicatorValue {
    /// The service.
    pub service_id: Id,
    /// Code of the indicator.
    #[schema(max_length = 64)]
    pub indicator: &'static str,
    /// Version of the indicator. Do not compare values of different versions.
    #[schema(max_length = 20)]
    pub version: &'static str,
    /// Class for disclosure control of this value. A live value of any class is for the staff of the service only.
    pub class: IndicatorClass,
    /// Always true: the value is computed from the records of now, is not protected, and is not for publication.
    pub live: bool,
    /// When it was read.
    pub read_at: UtcTs,
    /// Code of the period, such as `2026-03`, `2026-Q1`, `2026-S1`, `2026`, `2025-2026`; for a range, its two days.
    #[schema(max_length = 21)]
    pub period: String,
    /// First day of the period.
    pub from: NaiveDate,
    /// Last day of the period, included.
    pub to: NaiveDate,
    /// Whether the period is over. If not, the value is that of its days until today.
    pub is_over: bool,
    /// The dimension of the split; null without one.
    pub split: Option<IndicatorDimension>,
    /// Code of the part of the split; null without one.
    #[schema(max_length = 64)]
    pub category: Option<String>,
    /// Name of the part, in the language of the request; null without a split.
    pub category_label: Option<String>,
    /// Form of the value.
    pub value_type: IndicatorValueType,
    /// The value; null if it cannot be known, which is not 0.
    #[schema(value_type = Option<f64>)]
    pub value: Option<serde_json::Number>,
    /// Why the value is null; null if it is known.
    pub missing: Option<MissingValue>,
    /// What the service aims at in this year; null unless the period is a calendar year that has a target, without a split.
    pub target: Option<i32>,
    /// The value in percent of the target; null without one, without a value, for a target of zero, and for what should be small.
    #[schema(value_type = Option<f64>)]
    pub target_reached_percent: Option<serde_json::Number>,
    /// What was divided, of a quotient; null otherwise.
    pub numerator: Option<i64>,
    /// By what it was divided, of a quotient; null otherwise.
    pub denominator: Option<i64>,
    /// Whether the values of consecutive periods add up to the value of the whole.
    pub adds_up_over_periods: bool,
    /// Whether the values of the parts of the split add up to the value of the whole; null without a split.
    pub adds_up_over_categories: Option<bool>,
}

crate::page! {
    /// A page of live values of an indicator.
    IndicatorValuePage of IndicatorValue
}

impl From<Number> for serde_json::Number {
    fn from(number: Number) -> Self {
        match number {
            Number::Whole(whole) => whole.into(),
            Number::Hundredths(hundredths) if hundredths % 100 == 0 => (hundredths / 100).into(),
            Number::Hundredths(hundredths) => {
                let decimal = f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0;
                Self::from_f64(decimal).unwrap_or_else(|| (hundredths / 100).into())
            }
        }
    }
}
