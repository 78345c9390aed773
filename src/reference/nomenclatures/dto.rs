//! Code lists in the contract.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::db::text_enum;
use crate::nomenclatures::model;

/// A code list without its codes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CodeListSummary {
    /// Name of the list, as in the `x-nomenclature` of the fields that hold its codes.
    #[schema(example = "referral_origin")]
    pub name: &'static str,
    /// Version of the list. It changes when a code is added or a label is corrected. Codes are never removed.
    #[schema(example = "2026.1")]
    pub version: &'static str,
    /// Purpose of the list, in French.
    #[schema(example = "Qui saisit le pôle")]
    pub description_fr: &'static str,
    /// Purpose of the list, in English.
    #[schema(example = "Who refers the case to the resource centre")]
    pub description_en: &'static str,
    /// Whether its codes reveal something about a person's health or private life (GDPR, article 9).
    #[schema(example = false)]
    pub special_category_data: bool,
    /// Number of codes.
    #[schema(example = 28)]
    pub code_count: usize,
    /// The codes, in display order; absent without `expand=codes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Code>, required = false)]
    pub codes: Option<Vec<Code>>,
}

text_enum! {
    /// What a code list can carry besides its row.
    pub enum CodeListExpand {
        /// Its codes.
        Codes = "codes",
    }
}

/// Which code lists, and what to add to them.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct CodeListFilter {
    /// `codes`: each list has its codes. With `limit=500`, one call reads all lists.
    #[param(style = Form, explode = false, min_items = 1, max_items = 1, example = json!(["codes"]))]
    pub expand: Option<Vec<CodeListExpand>>,
}

crate::page! {
    /// A page of code lists.
    CodeListPage of CodeListSummary
}

/// A code list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CodeList {
    /// Name of the list, as in the `x-nomenclature` of the fields that hold its codes.
    #[schema(example = "referral_origin")]
    pub name: &'static str,
    /// Version of the list. It changes when a code is added or a label is corrected. Codes are never removed.
    #[schema(example = "2026.1")]
    pub version: &'static str,
    /// Purpose of the list, in French.
    #[schema(example = "Qui saisit le pôle")]
    pub description_fr: &'static str,
    /// Purpose of the list, in English.
    #[schema(example = "Who refers the case to the resource centre")]
    pub description_en: &'static str,
    /// Whether its codes reveal something about a person's health or private life (GDPR, article 9).
    #[schema(example = false)]
    pub special_category_data: bool,
    /// Other attributes of the list: `basis` (its source documents), `group_code_list` (the list that the `group` of
    /// its codes belongs to), `mapping_status` and notes. Names and values depend on the list.
    #[schema(example = json!({"basis": ["prh_specification"], "group_code_list": "referral_origin_group"}))]
    pub attributes: BTreeMap<&'static str, Value>,
    /// The codes, in display order.
    pub codes: Vec<Code>,
}

/// A code and its labels.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Code {
    /// Stable code, used in requests and responses.
    #[schema(example = "pmi")]
    pub code: &'static str,
    /// Label in French.
    #[schema(example = "Protection maternelle et infantile")]
    pub label_fr: &'static str,
    /// Label in English.
    #[schema(example = "Mother and child health service (PMI)")]
    pub label_en: &'static str,
    /// Other attributes of the code: `group`, `mode`, `rank`, `min_age`, `max_age`, `maps_to` (codes of official systems)…
    /// Names and values depend on the list. Empty for most codes.
    #[schema(example = json!({"group": "health"}))]
    pub attributes: BTreeMap<&'static str, Value>,
}

impl From<&'static model::CodeList> for CodeListSummary {
    fn from(list: &'static model::CodeList) -> Self {
        Self {
            name: &list.name,
            version: &list.version,
            description_fr: &list.description_fr,
            description_en: &list.description_en,
            special_category_data: list.is_special_category(),
            code_count: list.codes().len(),
            codes: None,
        }
    }
}

impl CodeListSummary {
    /// The list with its codes.
    pub fn with_codes(list: &'static model::CodeList) -> Self {
        Self { codes: Some(list.codes().iter().map(Code::from).collect()), ..list.into() }
    }
}

impl From<&'static model::CodeList> for CodeList {
    fn from(list: &'static model::CodeList) -> Self {
        let mut attributes = borrowed(&list.attributes);
        attributes.remove("special_category_data");
        Self {
            name: &list.name,
            version: &list.version,
            description_fr: &list.description_fr,
            description_en: &list.description_en,
            special_category_data: list.is_special_category(),
            attributes,
            codes: list.codes().iter().map(Code::from).collect(),
        }
    }
}

impl From<&'static model::Code> for Code {
    fn from(code: &'static model::Code) -> Self {
        Self {
            code: &code.code,
            label_fr: &code.label_fr,
            label_en: &code.label_en,
            attributes: borrowed(&code.attributes),
        }
    }
}

fn borrowed(attributes: &'static BTreeMap<String, Value>) -> BTreeMap<&'static str, Value> {
    attributes.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use crate::nomenclatures::{list, lists};
    use crate::reference::nomenclatures::dto::*;

    #[test]
    fn a_list_has_its_codes() {
        let shown = serde_json::to_value(CodeList::from(list(lists::CASE_STEP).unwrap())).unwrap();
        assert_eq!(shown["name"], "case_step");
        assert_eq!(shown["attributes"]["basis"][0], "prh_specification");
        assert_eq!(
            shown["codes"][2],
            serde_json::json!({
                "code": "childcare_search", "label_fr": "Recherche d'un mode d'accueil", "label_en": "Childcare search",
                "attributes": {"in_sources": true, "rank": 3},
            })
        );
    }

    #[test]
    fn special_category_data_is_a_field_and_not_an_attribute() {
        let shown = CodeList::from(list(lists::NEED_DOMAIN).unwrap());
        assert!(shown.special_category_data);
        assert!(!shown.attributes.contains_key("special_category_data"));
        let summary = CodeListSummary::from(list(lists::NEED_DOMAIN).unwrap());
        assert!(summary.special_category_data);
        assert_eq!(summary.code_count, 14);
    }
}
