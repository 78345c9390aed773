//! The bounds of what a type leaves open: no text, number or array of the contract is without end.
//!
//! A generated client sizes its buffers and columns by them, and a gateway can refuse what passes them. A field with a
//! bound of its own keeps it.

use serde_json::{Map, Value};

/// The longest text that any request may hold.
const LONGEST_TEXT: u64 = 4000;
/// More rows than any answer has: pages stop at 500, code lists and figures are shorter than this.
const LONGEST_ARRAY: u64 = 10_000;
/// The longest text of a path or query parameter.
const LONGEST_IN_ADDRESS: u64 = 200;
/// The most values that a filter lists.
const MOST_IN_ADDRESS: u64 = 100;
/// The largest integer that every JSON reader keeps exact (2^53 - 1).
const LARGEST_INTEGER: i64 = 9_007_199_254_740_991;

/// Adds the missing bounds of one schema. Counts are never negative: what can be says its own minimum.
pub(super) fn add(schema: &mut Map<String, Value>) {
    if is(schema, "string") && !schema.contains_key("enum") && !schema.contains_key("const") {
        let longest = longest(schema.get("format").and_then(Value::as_str).unwrap_or_default());
        schema.entry("maxLength").or_insert_with(|| longest.into());
    }
    if is(schema, "integer") && !schema.contains_key("enum") {
        let short = schema.get("format").is_some_and(|format| format == "int32");
        let largest = if short { i32::MAX.into() } else { LARGEST_INTEGER };
        schema.entry("format").or_insert_with(|| "int64".into());
        schema.entry("minimum").or_insert_with(|| 0.into());
        schema.entry("maximum").or_insert_with(|| largest.into());
    }
    if is(schema, "array") {
        schema.entry("maxItems").or_insert_with(|| LONGEST_ARRAY.into());
    }
}

/// Adds the bounds of a parameter of an address, which is read in one piece and much shorter than a body.
pub(super) fn add_in_address(parameter: &mut Value) {
    let Some(schema) = parameter.get_mut("schema").and_then(Value::as_object_mut) else { return };
    if is(schema, "string") && !schema.contains_key("enum") && !schema.contains_key("format") {
        schema.entry("maxLength").or_insert_with(|| LONGEST_IN_ADDRESS.into());
    }
    if is(schema, "array") {
        schema.entry("maxItems").or_insert_with(|| MOST_IN_ADDRESS.into());
    }
}

/// Whether a schema admits values of a type.
fn is(schema: &Map<String, Value>, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(names)) => names.iter().any(|one| one == name),
        _ => false,
    }
}

/// The longest text that a format can be.
fn longest(format: &str) -> u64 {
    match format {
        "date" => 10,
        "date-time" => 35,
        "uuid" => 36,
        "email" => 254,
        // The longest request line that the server reads.
        "uri" | "uri-reference" => 65_536,
        _ => LONGEST_TEXT,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::http::bounds::*;

    fn bounded(mut schema: Value) -> Value {
        add(schema.as_object_mut().unwrap());
        schema
    }

    #[test]
    fn what_is_open_is_bounded_by_its_type_and_format() {
        let day = bounded(json!({"type": ["string", "null"], "format": "date"}));
        assert_eq!(day, json!({"type": ["string", "null"], "format": "date", "maxLength": 10}));
        assert_eq!(bounded(json!({"type": "string"}))["maxLength"], LONGEST_TEXT);
        assert_eq!(bounded(json!({"type": "array", "items": {}}))["maxItems"], LONGEST_ARRAY);
        let count = bounded(json!({"type": "integer", "format": "int32"}));
        assert_eq!((&count["minimum"], &count["maximum"]), (&json!(0), &json!(i32::MAX)));
    }

    #[test]
    fn a_bound_of_its_own_stays_and_an_enum_needs_none() {
        let own = json!({"type": "integer", "format": "int64", "minimum": -5, "maximum": 5});
        assert_eq!(bounded(own.clone()), own);
        let state = json!({"type": "string", "enum": ["open"]});
        assert_eq!(bounded(state.clone()), state);
    }
}
