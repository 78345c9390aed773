//! Specifications in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::{Body, Frequency, Group, Spec, Table, TerritoryLevel};
use super::rules::Remark;
use crate::db::{Id, UtcTs};
use crate::error::Lang;
use crate::http::reply::Located;
use crate::naming::model::{Named, Names};
use crate::statistics::records::model::PopulationCode;
use crate::territories::EpciCode;

/// A named group of EPCI that are published together.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "centre", "label_fr": "Clermont et Riom", "label_en": "Clermont and Riom", "members": ["246300701", "200070753"]
}))]
pub struct StatisticsGroup {
    /// Its code, unique in the specification. In published tables its value is `group:centre`.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub code: String,
    /// Its name in French.
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub label_fr: String,
    /// Its name in English.
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub label_en: String,
    /// The EPCI, by SIREN. Each must have a commune in the départements of the service.
    #[schema(min_items = 1, max_items = 60)]
    pub members: Vec<EpciCode>,
}

/// A table to publish.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "children_age_band", "label_fr": "Enfants par âge", "label_en": "Children by age", "population": "children",
    "dimensions": ["age_band"], "frequency": "quarterly"
}))]
pub struct StatisticsTable {
    /// Its code, unique in the specification.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z][a-z0-9_]*$")]
    pub code: String,
    /// Its name in French.
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub label_fr: String,
    /// Its name in English.
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub label_en: String,
    /// The population that it counts.
    pub population: PopulationCode,
    /// Its dimensions, at most two; empty for the total alone. All tables of two dimensions of a population must share
    /// one. Dimensions of children: `territory`, `age_band`, `need_domain`, `childcare_group`, `childcare_at_year_end`,
    /// `origin_group`, `outcome`, `delay_band`, and `need_…` and `intervention_…` for each code of the lists `referral_need` and
    /// `intervention_type`. Of loans: `territory`, `kit`, `borrower_group`. Of actions: `territory`, `action_type`. Of
    /// participants: `territory`, `action_type`, `participant_type`.
    #[schema(max_items = 2, value_type = Vec<StatisticsDimensionCode>)]
    pub dimensions: Vec<String>,
    /// How often it is published. Tables by outcome, delay or intervention must be yearly.
    pub frequency: Frequency,
}

/// The code of a dimension.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 80, pattern = "^[a-z][a-z0-9_]*$", example = json!("age_band"))]
#[allow(dead_code, reason = "describes the text in the contract")]
pub struct StatisticsDimensionCode(String);

/// A new version of a specification.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "with_groups", "label_fr": "Par groupe d'EPCI", "label_en": "By group of EPCI",
    "territory_levels": ["departement", "group"],
    "groups": [{"code": "centre", "label_fr": "Clermont et Riom", "label_en": "Clermont and Riom",
                "members": ["246300701", "200070753"]}],
    "tables": [{"code": "children_territory", "label_fr": "Enfants par territoire", "label_en": "Children by territory",
                "population": "children", "dimensions": ["territory"], "frequency": "quarterly"}]
}))]
pub struct StatisticsSpecInput {
    /// Its code: a new one or, to define the next version, that of a specification of the service.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub code: String,
    /// Its name in French.
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub label_fr: String,
    /// Its name in English.
    #[schema(min_length = 1, max_length = 120, pattern = r"\S")]
    pub label_en: String,
    /// The territory levels shown by tables by territory.
    #[serde(default)]
    #[schema(required = false, max_items = 5)]
    pub territory_levels: Vec<TerritoryLevel>,
    /// The named groups of EPCI.
    #[serde(default)]
    #[schema(required = false, max_items = 30)]
    pub groups: Vec<StatisticsGroup>,
    /// The dimensions that are shown by their coarse groups alone, three to five each: `age_band`, `need_domain`,
    /// `childcare_group`, `childcare_at_year_end`, `origin_group`, `outcome`, `delay_band`, `borrower_group`.
    #[serde(default)]
    #[schema(required = false, max_items = 8, value_type = Vec<StatisticsDimensionCode>)]
    pub coarse_dimensions: Vec<String>,
    /// The tables, most important first. If two compete for protection, the first keeps more cells.
    #[schema(min_items = 1, max_items = 40)]
    pub tables: Vec<StatisticsTable>,
}

impl StatisticsSpecInput {
    /// Its content, without the code.
    pub fn body(&self) -> Body {
        let mut territory_levels = self.territory_levels.clone();
        territory_levels.sort_unstable();
        territory_levels.dedup();
        let group = |one: &StatisticsGroup| Group {
            code: one.code.clone(),
            label_fr: one.label_fr.clone(),
            label_en: one.label_en.clone(),
            members: one.members.clone(),
        };
        let table = |one: &StatisticsTable| Table {
            code: one.code.clone(),
            label_fr: one.label_fr.clone(),
            label_en: one.label_en.clone(),
            population: one.population,
            dimensions: one.dimensions.clone(),
            frequency: one.frequency,
        };
        Body {
            label_fr: self.label_fr.clone(),
            label_en: self.label_en.clone(),
            territory_levels,
            groups: self.groups.iter().map(group).collect(),
            coarse_dimensions: self.coarse_dimensions.clone(),
            tables: self.tables.iter().map(table).collect(),
        }
    }
}

/// Advice on a specification that was accepted.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "pointer": "/tables/1", "code": "mostly_hidden",
    "message": "Sous 300 enfants par an, un tableau croisé reste presque entièrement masqué."
}))]
pub struct StatisticsAdvice {
    /// JSON pointer into the specification.
    pub pointer: String,
    /// A stable code.
    pub code: String,
    /// The advice, in the language of the caller.
    pub message: String,
}

/// A version of a specification: the tables to publish.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "code": "with_groups", "version": 1, "built_in": false,
    "label_fr": "Par groupe d'EPCI", "label_en": "By group of EPCI", "territory_levels": ["departement", "group"],
    "groups": [{"code": "centre", "label_fr": "Clermont et Riom", "label_en": "Clermont and Riom",
                "members": ["246300701", "200070753"]}],
    "coarse_dimensions": [],
    "tables": [{"code": "children_territory", "label_fr": "Enfants par territoire", "label_en": "Children by territory",
                "population": "children", "dimensions": ["territory"], "frequency": "quarterly"}],
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d01", "author_name": "Dominique Exemple", "created_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct StatisticsSpec {
    /// The service that can follow it.
    pub service_id: Id,
    /// Its code.
    pub code: String,
    /// Its version, from 1.
    pub version: i32,
    /// Whether it is built in, so that every service has it.
    pub built_in: bool,
    /// Its name in French.
    pub label_fr: String,
    /// Its name in English.
    pub label_en: String,
    /// The territory levels shown by tables by territory, widest first.
    pub territory_levels: Vec<TerritoryLevel>,
    /// The named groups of EPCI.
    pub groups: Vec<StatisticsGroup>,
    /// The dimensions that are shown by their coarse groups alone.
    #[schema(value_type = Vec<StatisticsDimensionCode>)]
    pub coarse_dimensions: Vec<String>,
    /// The tables, most important first.
    pub tables: Vec<StatisticsTable>,
    /// SHA-256 of its canonical form, in hexadecimal. Releases state it.
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: String,
    /// Who defined it; null if it is built in.
    pub author: Option<String>,
    /// Their name; null for API clients.
    pub author_name: Option<String>,
    /// When it was defined; null if it is built in.
    pub created_at: Option<UtcTs>,
    /// Advice on it, only in the response to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<StatisticsAdvice>, required = false)]
    pub advice: Option<Vec<StatisticsAdvice>>,
}

impl Named for StatisticsSpec {
    fn show_names(&mut self, names: &mut Names) {
        names.author(self.author.as_deref(), &mut self.author_name);
    }
}

impl StatisticsSpec {
    /// The specification in the contract.
    pub fn new(service_id: Id, spec: Spec, sha256: String, made: Option<(String, UtcTs)>) -> Self {
        let group = |one: Group| StatisticsGroup {
            code: one.code,
            label_fr: one.label_fr,
            label_en: one.label_en,
            members: one.members,
        };
        let table = |one: Table| StatisticsTable {
            code: one.code,
            label_fr: one.label_fr,
            label_en: one.label_en,
            population: one.population,
            dimensions: one.dimensions,
            frequency: one.frequency,
        };
        let (author, created_at) = made.unzip();
        Self {
            service_id,
            code: spec.code,
            version: spec.version,
            built_in: author.is_none(),
            label_fr: spec.body.label_fr,
            label_en: spec.body.label_en,
            territory_levels: spec.body.territory_levels,
            groups: spec.body.groups.into_iter().map(group).collect(),
            coarse_dimensions: spec.body.coarse_dimensions,
            tables: spec.body.tables.into_iter().map(table).collect(),
            sha256,
            author,
            author_name: None,
            created_at,
            advice: None,
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn with_advice(self, remarks: Vec<Remark>, lang: Lang) -> Self {
        let advice = remarks.into_iter().map(|remark| StatisticsAdvice {
            pointer: remark.pointer,
            code: remark.code.to_owned(),
            message: remark.message.in_lang(lang).to_owned(),
        });
        Self { advice: Some(advice.collect()), ..self }
    }
}

impl Located for StatisticsSpec {
    fn location(&self) -> String {
        format!("/v1/services/{}/statistics-specs/{}?version={}", self.service_id, self.code, self.version)
    }
}

crate::page! {
    /// A page of specifications.
    StatisticsSpecPage of StatisticsSpec
}

/// The version to return.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct StatisticsSpecVersion {
    /// The version; the latest by default.
    #[param(minimum = 1, example = 1)]
    pub version: Option<i32>,
}
