//! The data dictionary of a release: every dimension, value, table and status, and how to read `null`.

use serde::Serialize;

use super::document::{Label, Licence, Policy, Release, SpecReference};
use super::{Lang, metadata};

/// The dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dictionary {
    /// Identifier of the release.
    pub release: String,
    /// Version of the definitions.
    pub definitions_version: String,
    /// Version of the code lists.
    pub nomenclatures_version: String,
    /// The specification.
    pub spec: SpecReference,
    /// The licence of reuse.
    pub licence: Licence,
    /// What the figures say and do not say.
    pub notes: Vec<Label>,
    /// The dimensions.
    pub dimensions: Vec<DimensionEntry>,
    /// The tables.
    pub tables: Vec<TableEntry>,
    /// The statuses of a cell.
    pub statuses: Vec<StatusEntry>,
    /// The rule of protection.
    pub policy: PolicyEntry,
    /// How each format shows a hidden cell.
    pub hidden_cells: Vec<Explanation>,
}

/// A dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DimensionEntry {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: Label,
    /// What it says of a unit.
    pub definition: Label,
    /// Its values, in their order.
    pub values: Vec<ValueEntry>,
}

/// A value of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueEntry {
    /// Its code.
    pub code: String,
    /// Its name.
    pub label: Label,
    /// The level of a territory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The smallest parts that it holds: two values overlap if they share one.
    pub parts: Vec<u32>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableEntry {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: Label,
    /// What is counted.
    pub population: String,
    /// Its dimensions, in the order of the coordinates.
    pub dimensions: Vec<String>,
}

/// A status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusEntry {
    /// Its code.
    pub code: &'static str,
    /// What it means.
    pub meaning: Label,
}

/// The rule of protection, explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyEntry {
    /// The rule.
    #[serde(flatten)]
    pub policy: Policy,
    /// What it promises.
    pub explanation: Label,
}

/// How one format shows a hidden cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The format.
    pub format: &'static str,
    /// What stands there.
    pub reads: &'static str,
}

/// The dictionary of a release.
pub fn dictionary(release: &Release) -> Dictionary {
    let dimensions = release.dimensions.iter().map(|dimension| DimensionEntry {
        id: dimension.id.clone(),
        label: dimension.label.clone(),
        definition: dimension.definition.clone(),
        values: dimension.values.iter().map(value).collect(),
    });
    let tables = release.tables.iter().map(|table| TableEntry {
        id: table.id.clone(),
        label: table.label.clone(),
        population: table.population.clone(),
        dimensions: table.dimensions.clone(),
    });
    Dictionary {
        release: release.id.clone(),
        definitions_version: release.definitions_version.clone(),
        nomenclatures_version: release.nomenclatures_version.clone(),
        spec: release.spec.clone(),
        licence: release.licence.clone(),
        notes: release.notes.clone(),
        dimensions: dimensions.collect(),
        tables: tables.collect(),
        statuses: vec![
            StatusEntry { code: "published", meaning: both(metadata::shown) },
            StatusEntry { code: "suppressed", meaning: both(metadata::hidden) },
        ],
        policy: PolicyEntry { policy: release.policy.clone(), explanation: explanation(&release.policy) },
        hidden_cells: HIDDEN.iter().map(|(format, reads)| Explanation { format, reads }).collect(),
    }
}

/// What stands for a hidden count in each format.
const HIDDEN: [(&str, &str); 6] = [
    ("json", "\"value\": null, \"status\": \"suppressed\""),
    ("csv", "value empty, status suppressed"),
    ("xlsx", "value empty, status suppressed"),
    ("json-stat", "null in value, \"suppressed\" at the same place in status"),
    ("sdmx-csv", "OBS_VALUE NaN, OBS_STATUS Q, CONF_STATUS N"),
    ("sdmx-json", "\"NaN\", OBS_STATUS Q, CONF_STATUS N"),
];

fn value(value: &super::document::Value) -> ValueEntry {
    ValueEntry {
        code: value.code.clone(),
        label: value.label.clone(),
        level: value.level.clone(),
        parts: value.parts.clone(),
    }
}

fn both(text: fn(Lang) -> &'static str) -> Label {
    Label { fr: text(Lang::Fr).to_owned(), en: text(Lang::En).to_owned() }
}

/// The rule in words.
fn explanation(policy: &Policy) -> Label {
    let Policy { threshold, household_threshold, without_two_referrers, .. } = policy;
    Label {
        fr: format!(
            "Une case n'est publiée que si elle compte au moins {threshold} unités et {household_threshold} foyers, et \
             s'il en reste au moins {without_two_referrers} sans les deux partenaires qui ont orienté le plus. Ce qui \
             est publié laisse à chaque effectif protégé la possibilité d'être nul et celle d'atteindre {threshold}."
        ),
        en: format!(
            "A cell is published only if it counts at least {threshold} units and {household_threshold} households, \
             and if at least {without_two_referrers} are left without the two partners that referred most. What is \
             published leaves it possible for every protected count to be zero, and to reach {threshold}."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::release;
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_that_a_release_uses_is_explained() {
        let release = release();
        let data = serde_json::to_value(dictionary(&release)).unwrap();
        for table in data["tables"].as_array().unwrap() {
            for id in table["dimensions"].as_array().unwrap() {
                assert!(data["dimensions"].as_array().unwrap().iter().any(|one| one["id"] == *id));
            }
        }
        assert_eq!(data["dimensions"][1]["values"][1]["label"]["fr"], json!("Bourg, le Haut"));
        assert_eq!(data["dimensions"][1]["values"][1]["level"], json!("commune"));
        assert_eq!(data["policy"]["threshold"], json!(5));
        assert!(data["policy"]["explanation"]["en"].as_str().unwrap().contains("at least 5 units"));
        assert!(data["statuses"][1]["meaning"]["fr"].as_str().unwrap().contains("ce n'est pas zéro"));
        assert_eq!(data["hidden_cells"].as_array().unwrap().len(), 6);
    }
}
