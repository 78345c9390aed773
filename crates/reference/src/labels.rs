//! Short titles of the fields of requests, for forms: what stands before a field on a screen, in French and in English.
//!
//! A field has the same title wherever it is; `Schema.field` gives it another one in one schema.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The title of a field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

static EMBEDDED: LazyLock<BTreeMap<String, Label>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the binary and the tests load it")]
    serde_json::from_slice(include_bytes!("../../../data/labels.json")).expect("the embedded labels are valid")
});

/// The title of a field of a schema; none if it has none.
pub fn label(schema: &str, field: &str) -> Option<&'static Label> {
    EMBEDDED.get(&format!("{schema}.{field}")).or_else(|| EMBEDDED.get(field))
}

/// Every name that has a title: a field, or `Schema.field`.
pub fn names() -> impl Iterator<Item = &'static str> {
    EMBEDDED.keys().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use crate::labels::*;

    #[test]
    fn titles_are_short_and_in_both_languages() {
        for (name, label) in EMBEDDED.iter() {
            for text in [&label.fr, &label.en] {
                assert!((1..=50).contains(&text.chars().count()) && text.trim() == text, "{name}: {text:?}");
                assert!(!text.ends_with('.'), "{name}: {text:?} is a title");
            }
        }
    }

    #[test]
    fn a_field_has_a_title() {
        assert_eq!(label("ReferralInput", "commune_code").map(|label| label.fr.as_str()), Some("Commune"));
        assert_eq!(label("ReferralInput", "nothing"), None);
    }
}
