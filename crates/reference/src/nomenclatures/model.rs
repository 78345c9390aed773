//! Code lists as data: what a list and a code are, and how they refer to one another.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// Every list of one version.
#[derive(Debug, Deserialize)]
pub struct Nomenclatures {
    /// Version of the whole, such as `2026.1`.
    pub version: String,
    /// The documents that lists name as their basis.
    pub sources: Vec<Code>,
    /// The official systems that codes map to.
    pub mapped_systems: Vec<Code>,
    /// How sure a mapping is.
    pub mapping_statuses: Vec<Code>,
    /// The lists, in the order of the file.
    pub code_lists: Vec<CodeList>,
    #[serde(skip)]
    by_name: HashMap<String, usize>,
}

/// A list of codes that can grow: a client shows what it does not know.
#[derive(Debug, Deserialize)]
pub struct CodeList {
    /// Its name in the contract, such as `referral_origin`.
    #[serde(rename = "code_list")]
    pub name: String,
    /// Its own version.
    pub version: String,
    /// What it is for, in French.
    pub description_fr: String,
    /// What it is for, in English.
    pub description_en: String,
    /// The codes, in the order to show.
    codes: Vec<Code>,
    /// What else the file says of the list: `basis`, `group_code_list`, `special_category_data`, mapping notes.
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
    /// What else the file says of the code: `group`, `mode`, `rank`, `min_age`, `maps_to`, …
    #[serde(flatten)]
    pub attributes: BTreeMap<String, Value>,
}

/// Why the file cannot be used.
#[derive(Debug)]
pub(super) struct InvalidNomenclatures(String);

impl fmt::Display for InvalidNomenclatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidNomenclatures {}

impl Nomenclatures {
    /// Reads the file and checks that lists and codes are unique and that what they refer to exists.
    pub(super) fn read(json: &[u8]) -> Result<Self, InvalidNomenclatures> {
        let mut read: Self = serde_json::from_slice(json).map_err(|error| InvalidNomenclatures(error.to_string()))?;
        for (rank, list) in read.code_lists.iter_mut().enumerate() {
            for (rank, code) in list.codes.iter().enumerate() {
                if list.by_code.insert(code.code.clone(), rank).is_some() {
                    return Err(InvalidNomenclatures(format!("{}: {} is there twice", list.name, code.code)));
                }
            }
            if read.by_name.insert(list.name.clone(), rank).is_some() {
                return Err(InvalidNomenclatures(format!("{} is there twice", list.name)));
            }
        }
        read.check_references()?;
        Ok(read)
    }

    /// The list of this name.
    pub fn list(&self, name: &str) -> Option<&CodeList> {
        self.by_name.get(name).and_then(|&rank| self.code_lists.get(rank))
    }

    /// A list says `group_code_list: referral_origin_group`; then each of its codes has a `group` of that list.
    fn check_references(&self) -> Result<(), InvalidNomenclatures> {
        for list in &self.code_lists {
            for (attribute, target) in list.references() {
                let known = |code: &Code| {
                    let value = code.text(attribute);
                    value.is_some_and(|value| self.list(target).is_some_and(|target| target.contains(value)))
                };
                if let Some(lost) = list.codes.iter().find(|code| !known(code)) {
                    let (list, code) = (&list.name, &lost.code);
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

    /// The code, with its labels and attributes.
    pub fn get(&self, code: &str) -> Option<&Code> {
        self.by_code.get(code).and_then(|&rank| self.codes.get(rank))
    }

    /// Every code, in the order to show.
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// Whether a value of this list says something of a person's health or private life (GDPR, article 9).
    pub fn is_special_category(&self) -> bool {
        self.attributes.get("special_category_data").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The attributes whose values are codes of another list: `("group", "referral_origin_group")`.
    pub fn references(&self) -> impl Iterator<Item = (&str, &str)> {
        (self.attributes.iter()).filter_map(|(name, target)| Some((name.strip_suffix("_code_list")?, target.as_str()?)))
    }
}

impl Code {
    /// The label in the language asked for: English for `en`, French otherwise.
    pub fn label(&self, language: &str) -> &str {
        if language == "en" { &self.label_en } else { &self.label_fr }
    }

    /// An attribute that is a text.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).and_then(Value::as_str)
    }

    /// An attribute that is a whole number: `rank`, `min_age`, `max_age`, `value`, `capacity_min`, `capacity_max`.
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
        Nomenclatures::read(json.as_bytes()).err().unwrap().0
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
    fn a_file_that_repeats_or_refers_to_nothing_is_refused() {
        let (a, b) = (code("a", r#", "group": "x""#), code("b", ""));
        let (grouped, group) = (r#""group_code_list": "g","#, list("g", "", &code("x", "")));
        assert_eq!(reason(&list("l", "", &format!("{b}, {b}"))), "l: b is there twice");
        assert_eq!(reason(&format!("{group}, {group}")), "g is there twice");
        assert_eq!(reason(&list("l", grouped, &a)), "l: the group of a is not in g");
        assert_eq!(
            reason(&format!("{group}, {}", list("l", grouped, &format!("{a}, {b}")))),
            "l: the group of b is not in g"
        );
        assert!(reason("{}").contains("missing field"));
    }
}
