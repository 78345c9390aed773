//! What a correction changed: the difference of two responses. Pure.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::dto::FieldChange;
use crate::privacy::Secret;

/// Members of a response that are not values of the record.
const NOT_VALUES: [&str; 24] = [
    "id",
    "service_id",
    "case_id",
    "referral_ids",
    "available_actions",
    "latest_step",
    "latest_step_on",
    "author",
    "version",
    "created_at",
    "updated_at",
    "counted_in",
    "status",
    "state",
    "is_effective",
    // Names and sums of what other members say.
    "child",
    "structure_name",
    "type_label",
    "organisation_name",
    "professional_names",
    "resource_person_names",
    "author_name",
    "act_id",
    "shares",
];

/// The values that differ between two responses about one record, in the order of their names. Without `after`, the record
/// is removed: all its values.
pub fn between<T: Serialize>(before: &T, after: Option<&T>) -> Vec<FieldChange> {
    let (before, after) = (members(before), after.map(members).unwrap_or_default());
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |name: &String| {
        let (was, is) = (before.get(name).and_then(text), after.get(name).and_then(text));
        (was != is).then(|| FieldChange { field: name.clone(), before: was, after: is })
    };
    names.into_iter().filter_map(change).collect()
}

fn members<T: Serialize>(record: &T) -> Map<String, Value> {
    let Ok(Value::Object(mut members)) = serde_json::to_value(record) else { return Map::new() };
    members.retain(|name, _| !NOT_VALUES.contains(&name.as_str()));
    members
}

/// A value as people read it; a list as JSON.
fn text(value: &Value) -> Option<Secret<String>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Secret::new(text.clone())),
        other => Some(Secret::new(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use crate::cases::corrections::difference::*;
    use serde_json::json;

    fn change(field: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
        let secret = |text: Option<&str>| text.map(|text| Secret::new(text.to_owned()));
        FieldChange { field: field.to_owned(), before: secret(before), after: secret(after) }
    }

    #[test]
    fn only_the_values_that_differ_are_listed() {
        let before =
            json!({"id": "a", "version": 1, "minutes": 750, "note": "Un mot", "place": "phone", "tags": ["a"]});
        let after = json!({"id": "a", "version": 2, "minutes": 75, "note": null, "place": "phone", "tags": ["a", "b"]});
        let expected = [
            change("minutes", Some("750"), Some("75")),
            change("note", Some("Un mot"), None),
            change("tags", Some(r#"["a"]"#), Some(r#"["a","b"]"#)),
        ];
        assert_eq!(between(&before, Some(&after)), expected);
        assert_eq!(between(&before, Some(&before)), []);
    }

    #[test]
    fn a_removal_lists_every_value_that_there_was() {
        let before = json!({"id": "a", "version": 3, "minutes": 75, "note": null, "on_school_time": false});
        let expected = [change("minutes", Some("75"), None), change("on_school_time", Some("false"), None)];
        assert_eq!(between(&before, None), expected);
    }
}
