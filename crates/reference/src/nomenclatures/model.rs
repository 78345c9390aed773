//! Code lists: lists, codes, and the references between them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// Every list of one version.
#[derive(Debug, Deserialize)]
pub struct Nomenclatures {
    /// Version of the whole file, such as `2026.1`.
    pub version: String,
    /// The documents that the lists are based on.
    pub sources: Vec<Code>,
    /// The official systems that codes map to.
    pub mapped_systems: Vec<Code>,
    /// The degrees of certainty of a mapping.
    pub mapping_statuses: Vec<Code>,
    /// The lists, in the order of the file.
    pub code_lists: Vec<CodeList>,
    #[serde(skip)]
    by_name: HashMap<String, usize>,
}

/// The attribute of a closed list.
const CLOSED: &str = "closed";

/// The lists whose codes are an enum of the contract: states, actions and other choices of the program.
#[derive(Debug, Deserialize)]
struct ClosedLists {
    code_lists: Vec<CodeList>,
}

/// A list of codes. It can grow unless it is closed, so a client must accept codes that it does not know.
#[derive(Debug, Deserialize)]
pub struct CodeList {
    /// Name in the contract, such as `referral_origin`.
    #[serde(rename = "code_list")]
    pub name: String,
    /// Version of the file when the list last changed.
    pub version: String,
    /// Description in French.
    pub description_fr: String,
    /// Description in English.
    pub description_en: String,
    /// The codes, in display order.
    codes: Vec<Code>,
    /// Other attributes of the list: `basis`, `group_code_list`, `special_category_data`, mapping notes.
    #[serde(flatten)]
    pub attributes: BTreeMap<String, Value>,
    #[serde(skip)]
    by_code: HashMap<String, usize>,
}

/// One code and its labels.
#[derive(Debug, Deserialize)]
pub struct Code {
    /// The stable code.
    pub code: String,
    /// Label in French.
    pub label_fr: String,
    /// Label in English.
    pub label_en: String,
    /// Other attributes of the code: `group`, `mode`, `rank`, `min_age`, `maps_to`, …
    #[serde(flatten)]
    pub attributes: BTreeMap<String, Value>,
}

/// Why the file is invalid.
#[derive(Debug)]
pub(super) struct InvalidNomenclatures(String);

impl fmt::Display for InvalidNomenclatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidNomenclatures {}

impl Nomenclatures {
    /// Reads the lists that grow and the closed ones. Checks that lists and codes are unique, and that every reference has a
    /// target.
    pub(super) fn read(open: &[u8], closed: &[u8]) -> Result<Self, InvalidNomenclatures> {
        let invalid = |error: serde_json::Error| InvalidNomenclatures(error.to_string());
        let mut read: Self = serde_json::from_slice(open).map_err(invalid)?;
        let closed: ClosedLists = serde_json::from_slice(closed).map_err(invalid)?;
        read.code_lists.extend(closed.code_lists.into_iter().map(|mut list| {
            list.attributes.insert(CLOSED.to_owned(), Value::Bool(true));
            list
        }));
        for (rank, list) in read.code_lists.iter_mut().enumerate() {
            for (rank, code) in list.codes.iter().enumerate() {
                if list.by_code.insert(code.code.clone(), rank).is_some() {
                    return Err(InvalidNomenclatures(format!("{}: duplicate code {}", list.name, code.code)));
                }
            }
            if read.by_name.insert(list.name.clone(), rank).is_some() {
                return Err(InvalidNomenclatures(format!("duplicate list {}", list.name)));
            }
        }
        read.check_references()?;
        Ok(read)
    }

    /// The list with this name.
    pub fn list(&self, name: &str) -> Option<&CodeList> {
        self.by_name.get(name).and_then(|&rank| self.code_lists.get(rank))
    }

    /// Checks that the references between lists have a target. If a list has `group_code_list: referral_origin_group`,
    /// each of its codes must have a `group` that is a code of that list.
    fn check_references(&self) -> Result<(), InvalidNomenclatures> {
        for list in &self.code_lists {
            for (attribute, target) in list.references() {
                let known = |code: &Code| {
                    let value = code.text(attribute);
                    value.is_some_and(|value| self.list(target).is_some_and(|target| target.contains(value)))
                };
                if let Some(dangling) = list.codes.iter().find(|code| !known(code)) {
                    let (list, code) = (&list.name, &dangling.code);
                    return Err(InvalidNomenclatures(format!("{list}: the {attribute} of {code} is not in {target}")));
                }
            }
        }
        Ok(())
    }
}

impl CodeList {
    /// Whether the list has this code.
    pub fn contains(&self, code: &str) -> bool {
        self.by_code.contains_key(code)
    }

    /// The code with its labels and attributes, if the list has it.
    pub fn get(&self, code: &str) -> Option<&Code> {
        self.by_code.get(code).and_then(|&rank| self.codes.get(rank))
    }

    /// Every code, in display order.
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// Whether a value of this list is data about a person's health or private life (GDPR, article 9).
    pub fn is_special_category(&self) -> bool {
        self.attributes.get("special_category_data").and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether its codes are an enum of the contract.
    pub fn is_closed(&self) -> bool {
        self.attributes.get(CLOSED).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The attributes whose values are codes of another list: `("group", "referral_origin_group")`.
    pub fn references(&self) -> impl Iterator<Item = (&str, &str)> {
        (self.attributes.iter()).filter_map(|(name, target)| Some((name.strip_suffix("_code_list")?, target.as_str()?)))
    }
}

impl Code {
    /// The label in a language: English for `en`, French otherwise.
    pub fn label(&self, language: &str) -> &str {
        if language == "en" { &self.label_en } else { &self.label_fr }
    }

    /// The value of a text attribute.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).and_then(Value::as_str)
    }

    /// Whether the code has an attribute that is true.
    pub fn is_marked(&self, attribute: &str) -> bool {
        self.attributes.get(attribute).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The values of an attribute that is a list of texts; `None` without the attribute.
    pub fn texts(&self, attribute: &str) -> Option<Vec<&str>> {
        let values = self.attributes.get(attribute)?.as_array()?;
        Some(values.iter().filter_map(Value::as_str).collect())
    }

    /// The value of an integer attribute: `rank`, `min_age`, `max_age`, `value`, `capacity_min` or `capacity_max`.
    pub fn number(&self, attribute: &str) -> Option<i64> {
        self.attributes.get(attribute).and_then(Value::as_i64)
    }
}

#[cfg(test)]
mod tests {
    use crate::nomenclatures::model::*;

    fn reason(lists: &str) -> String {
        let json = format!(
            r#"{{"version": "1", "sources": [], "mapped_systems": [], "mapping_statuses": [], "code_lists": [{lists}]}}"#
        );
        refused(&json)
    }

    fn refused(json: &str) -> String {
        Nomenclatures::read(json.as_bytes(), br#"{"code_lists": []}"#).err().unwrap().0
    }

    fn list(name: &str, more: &str, codes: &str) -> String {
        format!(
            r#"{{"code_list": "{name}", "version": "1", "description_fr": "", "description_en": "", {more} "codes": [{codes}]}}"#
        )
    }

    fn code(code: &str, more: &str) -> String {
        format!(r#"{{"code": "{code}", "label_fr": "", "label_en": "" {more}}}"#)
    }

    #[test]
    fn a_file_with_a_duplicate_or_a_dangling_reference_is_refused() {
        let (a, b) = (code("a", r#", "group": "x""#), code("b", ""));
        let (grouped, group) = (r#""group_code_list": "g","#, list("g", "", &code("x", "")));
        assert_eq!(reason(&list("l", "", &format!("{b}, {b}"))), "l: duplicate code b");
        assert_eq!(reason(&format!("{group}, {group}")), "duplicate list g");
        assert_eq!(reason(&list("l", grouped, &a)), "l: the group of a is not in g");
        assert_eq!(
            reason(&format!("{group}, {}", list("l", grouped, &format!("{a}, {b}")))),
            "l: the group of b is not in g"
        );
        assert!(refused("{}").contains("missing field"));
    }
}
