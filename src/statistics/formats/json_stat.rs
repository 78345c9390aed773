//! A table as a JSON-stat 2.0 dataset, and a release as a collection of datasets.
//!
//! The values are in the order of the cells, with `null` for a hidden cell. A parallel list has the status of every
//! cell, so that a client that drops the nulls still sees that cells are hidden.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::{Cell, Dimension, PERIOD, Release};
use super::{Axis, Lang, View, metadata, status_code, text};

/// The dimension of space.
pub(super) const TERRITORY: &str = "territory";

/// A JSON-stat dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dataset {
    /// Version of JSON-stat.
    pub version: &'static str,
    /// `dataset`.
    pub class: &'static str,
    /// The name of the table.
    pub label: String,
    /// The service whose figures these are.
    pub source: String,
    /// Instant of signature of the release.
    pub updated: String,
    /// Notes on how to read the figures, and what a hidden cell means.
    pub note: Vec<String>,
    /// The dimensions, in the order of the values.
    pub id: Vec<String>,
    /// The number of values of each dimension.
    pub size: Vec<usize>,
    /// Which dimensions are time and space.
    pub role: Role,
    /// The dimensions.
    pub dimension: BTreeMap<String, DatasetDimension>,
    /// The counts, the last dimension fastest; `null` where hidden.
    pub value: Vec<Option<u64>>,
    /// The status of each count: `published` or `suppressed`.
    pub status: Vec<&'static str>,
    /// What JSON-stat has no field for.
    pub extension: Extension,
}

/// Which dimensions are time and space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    /// Periods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub time: Vec<String>,
    /// Territories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub geo: Vec<String>,
}

/// A dimension of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatasetDimension {
    /// Its name.
    pub label: String,
    /// What the dimension describes.
    pub note: Vec<String>,
    /// Its values.
    pub category: Category,
}

/// The values of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Category {
    /// Their codes, in order.
    pub index: Vec<String>,
    /// Their names by code.
    pub label: BTreeMap<String, String>,
}

/// What JSON-stat has no field for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extension {
    /// Identifier of the release.
    pub release: String,
    /// Its number.
    pub release_number: u32,
    /// Who may read it: `open` or `partner`.
    pub tier: &'static str,
    /// The population.
    pub population: String,
    /// The cut-off: what was recorded until this instant is counted.
    pub cut_off: String,
    /// The protection policy.
    pub policy: super::document::Policy,
    /// The reuse licence.
    pub licence: super::document::Licence,
    /// Version of the definitions of what is counted.
    pub definitions_version: String,
    /// Version of the code lists.
    pub nomenclatures_version: String,
    /// The specification.
    pub spec: super::document::SpecReference,
    /// What the statuses mean.
    pub status: BTreeMap<&'static str, &'static str>,
    /// The least that each hidden count can be, in the order of the values; `null` for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Vec<Option<u64>>>,
    /// The most that each hidden count can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Vec<Option<u64>>>,
}

/// A JSON-stat collection: all tables of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Collection {
    /// Version of JSON-stat.
    pub version: &'static str,
    /// `collection`.
    pub class: &'static str,
    /// The service and the period.
    pub label: String,
    /// Instant of signature of the release.
    pub updated: String,
    /// The tables, by relation.
    pub link: Links,
}

/// The tables of a collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Links {
    /// The tables themselves, not links to them.
    pub item: Vec<Dataset>,
}

/// The dataset of a table.
pub fn dataset(view: &View<'_>, language: Lang) -> Dataset {
    let release = view.release;
    let with = |id: &str| view.axes.iter().map(|axis| axis.dimension.id.clone()).filter(|own| own == id).collect();
    let notes = release.notes.iter().map(|note| text(note, language)).chain([metadata::hidden(language)]);
    let notes = notes.chain(release.has_ranges().then(|| metadata::ranges(language)));
    Dataset {
        version: "2.0",
        class: "dataset",
        label: text(&view.table.label, language).to_owned(),
        source: release.service_name.clone(),
        updated: release.signed_at.clone(),
        note: notes.map(str::to_owned).collect(),
        id: view.table.dimensions.clone(),
        size: view.axes.iter().map(|axis| axis.values.len()).collect(),
        role: Role { time: with(PERIOD), geo: with(TERRITORY) },
        dimension: view.axes.iter().map(|axis| named(axis.dimension, axis, language)).collect(),
        value: view.cells.iter().map(|cell| cell.value).collect(),
        status: view.cells.iter().map(|cell| status_code(cell.status)).collect(),
        extension: extension(view, language),
    }
}

/// The collection of the tables of a release.
pub fn collection(release: &Release, views: &[View<'_>], language: Lang) -> Collection {
    Collection {
        version: "2.0",
        class: "collection",
        label: format!("{} {}", release.service_name, release.through),
        updated: release.signed_at.clone(),
        link: Links { item: views.iter().map(|view| dataset(view, language)).collect() },
    }
}

fn named(dimension: &Dimension, axis: &Axis<'_>, language: Lang) -> (String, DatasetDimension) {
    let label = |value: &&super::document::Value| (value.code.clone(), text(&value.label, language).to_owned());
    let category = Category {
        index: axis.values.iter().map(|value| value.code.clone()).collect(),
        label: axis.values.iter().map(label).collect(),
    };
    let note = vec![text(&dimension.definition, language).to_owned()];
    (dimension.id.clone(), DatasetDimension { label: text(&dimension.label, language).to_owned(), note, category })
}

fn extension(view: &View<'_>, language: Lang) -> Extension {
    let release = view.release;
    let ends = |end: fn(&&Cell) -> Option<u64>| release.has_ranges().then(|| view.cells.iter().map(end).collect());
    Extension {
        release: release.id.clone(),
        release_number: release.number,
        tier: metadata::tier(release),
        population: view.table.population.clone(),
        cut_off: release.cut_off.clone(),
        policy: release.policy.clone(),
        licence: release.licence.clone(),
        definitions_version: release.definitions_version.clone(),
        nomenclatures_version: release.nomenclatures_version.clone(),
        spec: release.spec.clone(),
        status: BTreeMap::from([("published", metadata::shown(language)), ("suppressed", metadata::hidden(language))]),
        at_least: ends(|cell| cell.at_least),
        at_most: ends(|cell| cell.at_most),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{release, select, whole};
    use super::super::views;
    use crate::statistics::formats::json_stat::*;
    use serde_json::json;

    #[test]
    fn a_table_is_a_dataset() {
        let release = release();
        let selection = select(&release, [("territory", "63001,_T"), ("period", "2025-Q1,2025-Q2")]);
        let view = View::new(&release, "by_territory", &selection).unwrap();
        let data = serde_json::to_value(dataset(&view, Lang::Fr)).unwrap();
        assert_eq!((&data["version"], &data["class"]), (&json!("2.0"), &json!("dataset")));
        assert_eq!(data["id"], json!(["period", "territory"]));
        assert_eq!(data["size"], json!([2, 2]));
        assert_eq!(data["role"], json!({"time": ["period"], "geo": ["territory"]}));
        assert_eq!(data["value"], json!([40, null, 38, 0]));
        assert_eq!(data["status"], json!(["published", "suppressed", "published", "published"]));
        assert_eq!(
            data["dimension"]["territory"]["category"],
            json!({"index": ["_T", "63001"], "label": {"_T": "Ensemble", "63001": "Bourg, le Haut"}})
        );
        assert_eq!(data["extension"]["policy"]["threshold"], json!(5));
        assert_eq!(data["extension"]["at_least"], json!([null, 0, null, null]));
        assert_eq!(data["extension"]["at_most"], json!([null, 28, null, null]));
        assert_eq!((&data["updated"], &data["source"]), (&json!("2025-07-11T08:00:00Z"), &json!("Pôle ressources")));
    }

    #[test]
    fn a_release_is_a_collection() {
        let release = release();
        let all = views(&release, &select(&release, [])).unwrap();
        let data = collection(&release, &all, Lang::En);
        assert_eq!(
            data.link.item.iter().map(|item| item.label.as_str()).collect::<Vec<_>>(),
            ["Children by territory", "Children by territory and age",]
        );
        assert_eq!(data.link.item[1], dataset(&whole(&release, "by_territory_and_age"), Lang::En));
    }
}
