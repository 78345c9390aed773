//! The registry of indicators in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::types::{
    Indicator as Entry, IndicatorClass, IndicatorDimension, IndicatorDirection, IndicatorSource, IndicatorSubject,
    IndicatorValueType, Split,
};

/// Filters of the indicators; all of them apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct IndicatorFilter {
    /// One or more classes, comma-separated.
    #[param(style = Form, explode = false, example = json!(["S", "T"]))]
    pub class: Option<Vec<IndicatorClass>>,
    /// One or more sources, comma-separated.
    #[param(style = Form, explode = false, example = json!(["cnaf"]))]
    pub source: Option<Vec<IndicatorSource>>,
    /// One or more subjects, comma-separated.
    #[param(style = Form, explode = false, example = json!(["accompaniment", "referrals"]))]
    pub subject: Option<Vec<IndicatorSubject>>,
    /// Whether to list former versions too. Default: only the versions in force.
    #[param(example = false)]
    pub all_versions: Option<bool>,
}

/// The version to return.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct IndicatorVersion {
    /// The version; the one in force by default.
    #[param(max_length = 20, example = "2026.2")]
    pub version: Option<String>,
}

/// A dimension that an indicator can be split by.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "dimension": "kit", "class": "S", "adds_up": true, "formula_fr": null, "formula_en": null
}))]
pub struct IndicatorSplit {
    /// The dimension.
    pub dimension: IndicatorDimension,
    /// Class of the values by this dimension.
    pub class: IndicatorClass,
    /// Whether the values of the parts add up to the value of the whole.
    pub adds_up: bool,
    /// What the parts are, in French; null if the dimension says it.
    pub formula_fr: Option<&'static str>,
    /// What the parts are, in English; null if the dimension says it.
    pub formula_en: Option<&'static str>,
}

/// A version of an indicator.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "kit_loans", "version": "2026.1", "in_force": true, "valid_from": "2026-11-26", "valid_until": null,
    "subject": "lending", "class": "S",
    "class_reason_fr": "Fait de service : aucune personne aidée n'est derrière ce chiffre.",
    "class_reason_en": "Service fact: no person who receives help is behind this figure.",
    "name_fr": "Prêts de mallettes", "name_en": "Loans of kits",
    "formula_fr": "Prêts dont la remise est dans la période.", "formula_en": "Loans whose hand-out is in the period.",
    "decided_by_fr": "Jour de la remise.", "decided_by_en": "Day of the hand-out.",
    "unit_fr": "prêts", "unit_en": "loans", "value_type": "count",
    "numerator_fr": null, "numerator_en": null, "denominator_fr": null, "denominator_en": null,
    "direction": "neutral", "adds_up_over_periods": true, "adds_up_over_territories": true, "maturity_days": 0,
    "source": "prpe", "release_population": "loans",
    "splits": [{"dimension": "kit", "class": "S", "adds_up": true, "formula_fr": null, "formula_en": null}]
}))]
pub struct Indicator {
    /// Code. It never changes.
    pub code: &'static str,
    /// Version of the definitions in which what it counts last changed. Values of different versions are not comparable.
    pub version: &'static str,
    /// Whether this version is in force: values are computed by it.
    pub in_force: bool,
    /// First day on which this version is in force.
    #[schema(value_type = NaiveDate)]
    pub valid_from: &'static str,
    /// Last day on which it was in force; null for the version in force.
    #[schema(value_type = Option<NaiveDate>)]
    pub valid_until: Option<&'static str>,
    /// What it is about.
    pub subject: IndicatorSubject,
    /// Class for disclosure control of the value without a split.
    pub class: IndicatorClass,
    /// Why it is of this class, in French.
    pub class_reason_fr: &'static str,
    /// Why it is of this class, in English.
    pub class_reason_en: &'static str,
    /// Name in French.
    pub name_fr: &'static str,
    /// Name in English.
    pub name_en: &'static str,
    /// What it counts, in French.
    pub formula_fr: &'static str,
    /// What it counts, in English.
    pub formula_en: &'static str,
    /// The day that decides to which period something belongs, in French.
    pub decided_by_fr: &'static str,
    /// The day that decides to which period something belongs, in English.
    pub decided_by_en: &'static str,
    /// Unit of the values, in French.
    pub unit_fr: &'static str,
    /// Unit of the values, in English.
    pub unit_en: &'static str,
    /// Form of the values.
    pub value_type: IndicatorValueType,
    /// What is divided, in French; null if nothing is.
    pub numerator_fr: Option<&'static str>,
    /// What is divided, in English; null if nothing is.
    pub numerator_en: Option<&'static str>,
    /// By what it is divided, in French; null if nothing is.
    pub denominator_fr: Option<&'static str>,
    /// By what it is divided, in English; null if nothing is.
    pub denominator_en: Option<&'static str>,
    /// How a change of the value reads.
    pub direction: IndicatorDirection,
    /// Whether the values of consecutive periods add up to the value of the whole. If not, request the period you need.
    pub adds_up_over_periods: bool,
    /// Whether the values of territories that share no commune add up.
    pub adds_up_over_territories: bool,
    /// Days after the end of a period before its value is known. Until then it is null.
    pub maturity_days: u32,
    /// Where the definition comes from.
    pub source: IndicatorSource,
    /// The population of the releases that it is the live figure of; null if it is of none.
    #[schema(max_length = 64)]
    pub release_population: Option<&'static str>,
    /// What its values can be split by.
    pub splits: Vec<IndicatorSplit>,
}

crate::page! {
    /// A page of indicators.
    IndicatorPage of Indicator
}

impl From<&Split> for IndicatorSplit {
    fn from(split: &Split) -> Self {
        Self {
            dimension: split.dimension,
            class: split.class,
            adds_up: split.adds_up,
            formula_fr: split.formula.map(|text| text.fr),
            formula_en: split.formula.map(|text| text.en),
        }
    }
}

impl From<&Entry> for Indicator {
    fn from(entry: &Entry) -> Self {
        Self {
            code: entry.code,
            version: entry.version,
            in_force: entry.valid_until.is_none(),
            valid_from: entry.valid_from,
            valid_until: entry.valid_until,
            subject: entry.subject,
            class: entry.class,
            class_reason_fr: entry.class_reason.fr,
            class_reason_en: entry.class_reason.en,
            name_fr: entry.name.fr,
            name_en: entry.name.en,
            formula_fr: entry.formula.fr,
            formula_en: entry.formula.en,
            decided_by_fr: entry.decided_by.fr,
            decided_by_en: entry.decided_by.en,
            unit_fr: entry.unit.fr,
            unit_en: entry.unit.en,
            value_type: entry.value_type,
            numerator_fr: entry.numerator.map(|text| text.fr),
            numerator_en: entry.numerator.map(|text| text.en),
            denominator_fr: entry.denominator.map(|text| text.fr),
            denominator_en: entry.denominator.map(|text| text.en),
            direction: entry.direction,
            adds_up_over_periods: entry.adds_up_over_periods,
            adds_up_over_territories: entry.adds_up_over_territories,
            maturity_days: entry.maturity_days,
            source: entry.source,
            release_population: entry.population,
            splits: entry.splits.iter().map(IndicatorSplit::from).collect(),
        }
    }
}
