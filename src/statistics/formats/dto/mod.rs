//! One table of a release in JSON: the metadata, the dimensions that it uses, and its cells.

pub mod dictionary;
pub mod tables;

use serde::Serialize;
use utoipa::ToSchema;

use super::View;
use passerelle_disclosure::document::{self, Release};

/// A table of a release, with its metadata.
///
/// Cells are in the order of the values of the dimensions; the last dimension varies fastest. A suppressed cell is
/// listed without its count.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsDataset, example = json!({
    "release_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "service_name": "Pôle Ressources Petite Enfance", "year": 2025, "through": "2025-Q1", "tier": "partner", "number": 1,
    "cut_off": "2025-04-16T08:00:00.000000Z", "signed_at": "2025-04-16T08:15:00.000000Z",
    "policy": {"threshold": 5, "household_threshold": 5, "without_two_referrers": 3, "reason": "Seuils usuels."},
    "spec": {"code": "small", "version": 1, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    "definitions_version": "2026.1", "nomenclatures_version": "2026.3",
    "licence": {"name": "Licence Ouverte 2.0 / Open Licence 2.0", "url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"},
    "notes": [{"fr": "Une case masquée n'est pas un zéro.", "en": "A suppressed cell is not a zero."}],
    "dimensions": [
        {"id": "period", "label": {"fr": "Période", "en": "Period"}, "definition": {"fr": "Trimestre", "en": "Quarter"},
         "values": [{"code": "2025-Q1", "label": {"fr": "1er trimestre 2025", "en": "First quarter of 2025"}, "parts": [1]}]}
    ],
    "table": {"id": "children", "label": {"fr": "Enfants accompagnés", "en": "Children accompanied"}, "population": "children",
        "dimensions": ["period"], "cells": [{"coordinates": ["2025-Q1"], "value": 31, "status": "published"}]}
}))]
pub struct Dataset {
    /// Identifier of the release.
    pub release_id: String,
    /// Identifier of the service that publishes.
    pub service_id: String,
    /// Its name on the day of the release.
    pub service_name: String,
    /// Calendar year of the figures.
    pub year: i32,
    /// The last quarter covered.
    #[schema(example = "2025-Q4")]
    pub through: String,
    /// Who may read it: `open` or `partner`.
    #[schema(example = "open")]
    pub tier: &'static str,
    /// Number among the releases of the service and tier, from 1.
    pub number: u32,
    /// The cut-off: what was recorded until this instant is counted.
    #[schema(format = DateTime)]
    pub cut_off: String,
    /// The instant of signature.
    #[schema(format = DateTime)]
    pub signed_at: String,
    /// The protection policy.
    pub policy: DatasetPolicy,
    /// The specification.
    pub spec: DatasetSpec,
    /// Version of the definitions of what is counted.
    pub definitions_version: String,
    /// Version of the code lists.
    pub nomenclatures_version: String,
    /// Reuse licence.
    pub licence: DatasetLicence,
    /// Notes on how to read the figures.
    pub notes: Vec<DatasetLabel>,
    /// The dimensions of the table in the order of the coordinates, with the requested values.
    pub dimensions: Vec<DatasetDimension>,
    /// The table.
    pub table: DatasetTable,
}

/// A text in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsLabel)]
pub struct DatasetLabel {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

/// The protection policy of a release.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsPolicy)]
pub struct DatasetPolicy {
    /// Minimum number of units in a published cell.
    pub threshold: u64,
    /// Minimum number of households in a published cell.
    pub household_threshold: u64,
    /// Minimum number of units left in a published cell once those referred by its two largest referrers are removed.
    pub without_two_referrers: u64,
    /// Why these thresholds were chosen.
    pub reason: String,
    /// The decision which figures are public because of what they are about. Releases made before it have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DatasetClasses, required = false)]
    pub classes: Option<DatasetClasses>,
}

/// The decision which figures are public because of what they are about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsClassPolicy, example = json!({
    "version": "2026-11", "decided_by": {"fr": "Les fondateurs de Passerelle", "en": "The founders of Passerelle"},
    "reason": {"fr": "Les totaux du service ne renseignent sur personne.", "en": "The totals of the service tell nothing about anybody."}
}))]
pub struct DatasetClasses {
    /// Its version, the month in which it was made.
    pub version: String,
    /// Who decided.
    pub decided_by: DatasetLabel,
    /// Why.
    pub reason: DatasetLabel,
}

/// The specification that a release follows.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsSpecReference)]
pub struct DatasetSpec {
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its canonical form, in hexadecimal.
    pub sha256: String,
}

/// A reuse licence.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsLicence)]
pub struct DatasetLicence {
    /// Short name.
    pub name: String,
    /// The address of its text.
    pub url: String,
}

/// A dimension of a table.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsDatasetDimension)]
pub struct DatasetDimension {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: DatasetLabel,
    /// What the dimension describes.
    pub definition: DatasetLabel,
    /// Its values, in their order.
    pub values: Vec<DatasetValue>,
}

/// A value of a dimension.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsDatasetValue)]
pub struct DatasetValue {
    /// Its code; `_T` is the total.
    pub code: String,
    /// Its name.
    pub label: DatasetLabel,
    /// The level, for a territory.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub level: Option<String>,
    /// The numbers of the parts that it holds. Parts are the smallest categories that the release distinguishes: two
    /// values overlap if they share one.
    pub parts: Vec<u32>,
}

/// A table.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsDatasetTable)]
pub struct DatasetTable {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: DatasetLabel,
    /// The population: `children`, `loans`, `actions` or `participants`.
    pub population: String,
    /// What its figures are about: `service`, facts of the service, and `total`, totals of the whole service, are
    /// published as they are; `breakdown` is protected. Tables of releases made before this distinction have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "breakdown")]
    pub class: Option<&'static str>,
    /// Its dimensions, in the order of the coordinates.
    pub dimensions: Vec<String>,
    /// The requested cells.
    pub cells: Vec<DatasetCell>,
}

/// A cell.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsDatasetCell, example = json!({
    "coordinates": ["2025", "age_3_5"], "value": null, "status": "suppressed", "at_least": 10, "at_most": 19
}))]
pub struct DatasetCell {
    /// Codes of values, one per dimension.
    pub coordinates: Vec<String>,
    /// The count; null if it is suppressed. Suppressed does not mean 0.
    pub value: Option<u64>,
    /// `published` or `suppressed`.
    #[schema(example = "published")]
    pub status: &'static str,
    /// The least that a suppressed count can be, as the published figures imply. Published cells have no range, nor have
    /// some cells of releases made before December 2026.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, example = 10)]
    pub at_least: Option<u64>,
    /// The most that it can be. Absent if the published figures imply no upper end, and without `at_least`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, example = 19)]
    pub at_most: Option<u64>,
}

impl Dataset {
    /// The table of a view.
    pub fn of(view: &View<'_>) -> Self {
        let Release { policy, spec, licence, .. } = view.release;
        let release = view.release;
        Self {
            release_id: release.id.clone(),
            service_id: release.service_id.clone(),
            service_name: release.service_name.clone(),
            year: release.year,
            through: release.through.clone(),
            tier: super::metadata::tier(release),
            number: release.number,
            cut_off: release.cut_off.clone(),
            signed_at: release.signed_at.clone(),
            policy: policy.into(),
            spec: spec.into(),
            definitions_version: release.definitions_version.clone(),
            nomenclatures_version: release.nomenclatures_version.clone(),
            licence: licence.into(),
            notes: release.notes.iter().map(Into::into).collect(),
            dimensions: view
                .axes
                .iter()
                .map(|axis| DatasetDimension::with(axis.dimension, axis.values.iter().copied()))
                .collect(),
            table: table(view),
        }
    }
}

impl From<&document::Label> for DatasetLabel {
    fn from(label: &document::Label) -> Self {
        Self { fr: label.fr.clone(), en: label.en.clone() }
    }
}

impl From<&document::Policy> for DatasetPolicy {
    fn from(policy: &document::Policy) -> Self {
        Self {
            threshold: policy.threshold,
            household_threshold: policy.household_threshold,
            without_two_referrers: policy.without_two_referrers,
            reason: policy.reason.clone(),
            classes: policy.classes.as_ref().map(|classes| DatasetClasses {
                version: classes.version.clone(),
                decided_by: (&classes.decided_by).into(),
                reason: (&classes.reason).into(),
            }),
        }
    }
}

impl From<&document::SpecReference> for DatasetSpec {
    fn from(spec: &document::SpecReference) -> Self {
        Self { code: spec.code.clone(), version: spec.version, sha256: spec.sha256.clone() }
    }
}

impl From<&document::Licence> for DatasetLicence {
    fn from(licence: &document::Licence) -> Self {
        Self { name: licence.name.clone(), url: licence.url.clone() }
    }
}

impl From<&document::Value> for DatasetValue {
    fn from(value: &document::Value) -> Self {
        Self {
            code: value.code.clone(),
            label: (&value.label).into(),
            level: value.level.clone(),
            parts: value.parts.clone(),
        }
    }
}

impl From<&document::Dimension> for DatasetDimension {
    fn from(dimension: &document::Dimension) -> Self {
        Self::with(dimension, dimension.values.iter())
    }
}

impl DatasetDimension {
    fn with<'a>(dimension: &document::Dimension, values: impl Iterator<Item = &'a document::Value>) -> Self {
        Self {
            id: dimension.id.clone(),
            label: (&dimension.label).into(),
            definition: (&dimension.definition).into(),
            values: values.map(Into::into).collect(),
        }
    }
}

fn table(view: &View<'_>) -> DatasetTable {
    let cell = |cell: &&document::Cell| DatasetCell {
        coordinates: cell.coordinates.clone(),
        value: cell.value,
        status: super::status_code(cell.status),
        at_least: cell.at_least,
        at_most: cell.at_most,
    };
    DatasetTable {
        id: view.table.id.clone(),
        label: (&view.table.label).into(),
        population: view.table.population.clone(),
        class: view.table.class.map(super::metadata::class),
        dimensions: view.table.dimensions.clone(),
        cells: view.cells.iter().map(cell).collect(),
    }
}
