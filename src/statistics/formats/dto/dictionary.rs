//! The data dictionary of a release: every dimension, value, table and status, and how to read `null`.

use serde::Serialize;
use utoipa::ToSchema;

use super::{DatasetDimension, DatasetLabel, DatasetLicence, DatasetPolicy, DatasetSpec};
use crate::error::Lang;
use crate::statistics::formats::metadata;
use passerelle_disclosure::document::{Label, Policy, Release};

/// The meaning of the codes of a release.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsDictionary, example = json!({
    "release_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30", "definitions_version": "2026.1", "nomenclatures_version": "2026.3",
    "spec": {"code": "small", "version": 1, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    "policy": {"threshold": 5, "household_threshold": 5, "without_two_referrers": 3, "reason": "Seuils usuels."},
    "promise": {"fr": "Une case n'est publiée que si…", "en": "A cell is published only if…"},
    "licence": {"name": "Licence Ouverte 2.0 / Open Licence 2.0", "url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"},
    "notes": [{"fr": "Une case masquée n'est pas un zéro.", "en": "A suppressed cell is not a zero."}],
    "dimensions": [
        {"id": "period", "label": {"fr": "Période", "en": "Period"}, "definition": {"fr": "Trimestre", "en": "Quarter"},
         "values": [{"code": "2025-Q1", "label": {"fr": "1er trimestre 2025", "en": "First quarter of 2025"}, "parts": [1]}]}
    ],
    "tables": [{"id": "children", "label": {"fr": "Enfants accompagnés", "en": "Children accompanied"},
        "population": "children", "dimensions": ["period"], "cells": 1}],
    "statuses": [{"code": "suppressed", "meaning": {"fr": "Effectif masqué", "en": "Count suppressed"}}],
    "ranges": {"fr": "La fourchette d'une case masquée…", "en": "The range of a suppressed cell…"},
    "hidden_cells": [{"format": "csv", "reads": "value empty, status suppressed"}]
}))]
pub struct Dictionary {
    /// Identifier of the release.
    pub release_id: String,
    /// Version of the definitions of what is counted.
    pub definitions_version: String,
    /// Version of the code lists.
    pub nomenclatures_version: String,
    /// The specification.
    pub spec: DatasetSpec,
    /// The protection policy.
    pub policy: DatasetPolicy,
    /// The policy in words, with its promise.
    pub promise: DatasetLabel,
    /// Reuse licence.
    pub licence: DatasetLicence,
    /// Notes on how to read the figures.
    pub notes: Vec<DatasetLabel>,
    /// The dimensions, the period first, each with every value that a cell can have.
    pub dimensions: Vec<DatasetDimension>,
    /// The tables.
    pub tables: Vec<DictionaryTable>,
    /// The statuses of a cell.
    pub statuses: Vec<DictionaryStatus>,
    /// How to read the range of a suppressed cell. Releases made before December 2026 have no ranges.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DatasetLabel, required = false)]
    pub ranges: Option<DatasetLabel>,
    /// How each format shows a suppressed cell.
    pub hidden_cells: Vec<DictionaryFormat>,
}

/// A table.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsDictionaryTable, example = json!({
    "id": "children", "label": {"fr": "Enfants accompagnés", "en": "Children accompanied"}, "population": "children",
    "dimensions": ["period"], "cells": 1
}))]
pub struct DictionaryTable {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: DatasetLabel,
    /// The population: `children`, `loans`, `actions` or `participants`.
    pub population: String,
    /// Its dimensions, in the order of the coordinates.
    pub dimensions: Vec<String>,
    /// The number of its cells, hidden ones included.
    pub cells: usize,
}

/// A status of a cell.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsDictionaryStatus, example = json!({"code": "suppressed", "meaning": {"fr": "Effectif masqué", "en": "Count suppressed"}}))]
pub struct DictionaryStatus {
    /// Its code.
    pub code: &'static str,
    /// What it means.
    pub meaning: DatasetLabel,
}

/// How a format shows a suppressed cell.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsDictionaryFormat, example = json!({"format": "csv", "reads": "value empty, status suppressed"}))]
pub struct DictionaryFormat {
    /// The format.
    pub format: &'static str,
    /// What a suppressed cell contains.
    pub reads: &'static str,
}

impl Dictionary {
    /// The dictionary of a release.
    pub fn of(release: &Release) -> Self {
        let table = |table: &passerelle_disclosure::document::Table| DictionaryTable {
            id: table.id.clone(),
            label: (&table.label).into(),
            population: table.population.clone(),
            dimensions: table.dimensions.clone(),
            cells: table.cells.len(),
        };
        Self {
            release_id: release.id.clone(),
            definitions_version: release.definitions_version.clone(),
            nomenclatures_version: release.nomenclatures_version.clone(),
            spec: (&release.spec).into(),
            policy: (&release.policy).into(),
            promise: (&promise(&release.policy)).into(),
            licence: (&release.licence).into(),
            notes: release.notes.iter().map(Into::into).collect(),
            dimensions: release.dimensions.iter().map(Into::into).collect(),
            tables: release.tables.iter().map(table).collect(),
            statuses: vec![
                DictionaryStatus { code: "published", meaning: both(metadata::shown) },
                DictionaryStatus { code: "suppressed", meaning: both(metadata::hidden) },
            ],
            ranges: release.has_ranges().then(|| both(metadata::ranges)),
            hidden_cells: hidden_cells(release.has_ranges()),
        }
    }
}

/// What each format contains for a suppressed count.
const HIDDEN: [(&str, &str); 6] = [
    ("json", "\"value\": null, \"status\": \"suppressed\""),
    ("csv", "value empty, status suppressed"),
    ("xlsx", "value empty, status suppressed"),
    ("json_stat", "null in value, \"suppressed\" at the same place in status"),
    ("sdmx_csv", "OBS_VALUE NaN, OBS_STATUS Q, CONF_STATUS N"),
    ("sdmx_json", "\"NaN\", OBS_STATUS Q, CONF_STATUS N"),
];

/// What each format contains for a suppressed count with a range.
const HIDDEN_WITH_RANGE: [(&str, &str); 6] = [
    ("json", "\"value\": null, \"status\": \"suppressed\", the range in \"at_least\" and \"at_most\""),
    ("csv", "value empty, status suppressed, the range in at_least, at_most and range"),
    ("xlsx", "value empty, status suppressed, the range in at_least, at_most and range"),
    (
        "json_stat",
        "null in value, \"suppressed\" at the same place in status, the range in extension.at_least and at_most",
    ),
    ("sdmx_csv", "OBS_VALUE NaN, OBS_STATUS Q, CONF_STATUS N, the range in AT_LEAST and AT_MOST"),
    ("sdmx_json", "\"NaN\", OBS_STATUS Q, CONF_STATUS N, the range in AT_LEAST and AT_MOST"),
];

fn hidden_cells(ranges: bool) -> Vec<DictionaryFormat> {
    let reads = if ranges { HIDDEN_WITH_RANGE } else { HIDDEN };
    reads.into_iter().map(|(format, reads)| DictionaryFormat { format, reads }).collect()
}

fn both(text: fn(Lang) -> &'static str) -> DatasetLabel {
    DatasetLabel { fr: text(Lang::Fr).to_owned(), en: text(Lang::En).to_owned() }
}

/// The policy in words.
fn promise(policy: &Policy) -> Label {
    let Policy { threshold, household_threshold, without_two_referrers, classes, .. } = policy;
    let (fr, en) = match classes {
        Some(_) => (
            "Les faits du service et ses totaux sont publiés tels quels, et supposés connus de tous. Pour le reste : ",
            "Facts of the service and its totals are published as they are, and everybody is assumed to know them. For \
             all else: ",
        ),
        None => ("", ""),
    };
    let (may_fr, may_en) = match classes {
        Some(_) => (", autant que ces totaux le permettent", ", as far as those totals allow"),
        None => ("", ""),
    };
    Label {
        fr: format!(
            "{fr}Une case n'est publiée que si elle compte au moins {threshold} unités et {household_threshold} foyers, et \
             s'il reste au moins {without_two_referrers} unités sans compter celles des deux partenaires qui en ont \
             orienté le plus. D'après ce qui est publié, tout effectif protégé peut être nul et peut atteindre {threshold}{may_fr}."
        ),
        en: format!(
            "{en}A cell is published only if it counts at least {threshold} units and {household_threshold} households, \
             and if at least {without_two_referrers} units are left without those of the two partners that referred \
             most. Given everything published, every protected count can be zero and can reach {threshold}{may_en}."
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::formats::dto::dictionary::*;
    use crate::statistics::formats::fixtures::release;
    use serde_json::json;

    #[test]
    fn the_dictionary_explains_everything_that_a_release_uses() {
        let release = release();
        let data = serde_json::to_value(Dictionary::of(&release)).unwrap();
        for table in data["tables"].as_array().unwrap() {
            for id in table["dimensions"].as_array().unwrap() {
                assert!(data["dimensions"].as_array().unwrap().iter().any(|one| one["id"] == *id));
            }
        }
        assert_eq!(data["dimensions"][1]["values"][1]["label"]["fr"], json!("Bourg, le Haut"));
        assert_eq!(data["dimensions"][1]["values"][1]["level"], json!("commune"));
        assert_eq!(data["policy"]["threshold"], json!(5));
        assert!(data["promise"]["en"].as_str().unwrap().contains("at least 5 units"));
        assert!(data["statuses"][1]["meaning"]["fr"].as_str().unwrap().contains("ce n'est pas zéro"));
        assert_eq!(data["hidden_cells"].as_array().unwrap().len(), 6);
    }
}
