//! Default bounds: every text, integer and array of the contract has one.
//!
//! A generated client can size its buffers and columns by them, and a gateway can refuse values that exceed them. A
//! field with a bound of its own keeps it.

use serde_json::{Map, Value};

/// Maximum length of a text.
const MAX_TEXT: u64 = 4000;
/// Maximum length of an array, more than any response has: pages stop at 500, code lists and figures are shorter.
const MAX_ARRAY: u64 = 10_000;
/// Maximum length of a text in a path or query parameter.
const MAX_PARAMETER_TEXT: u64 = 200;
/// Maximum number of values in a query parameter.
const MAX_PARAMETER_VALUES: u64 = 100;
/// The largest integer that every JSON reader represents exactly (2^53 - 1).
const MAX_INTEGER: i64 = 9_007_199_254_740_991;

/// Adds the missing bounds of one schema. The default minimum of an integer is 0: one that can be negative must state
/// its own.
pub(super) fn add(schema: &mut Map<String, Value>) {
    if is(schema, "string") && !schema.contains_key("enum") && !schema.contains_key("const") {
        let max = max_length(schema.get("format").and_then(Value::as_str).unwrap_or_default());
        schema.entry("maxLength").or_insert_with(|| max.into());
    }
    if is(schema, "integer") && !schema.contains_key("enum") {
        let is_int32 = schema.get("format").is_some_and(|format| format == "int32");
        let max = if is_int32 { i32::MAX.into() } else { MAX_INTEGER };
        schema.entry("format").or_insert_with(|| "int64".into());
        schema.entry("minimum").or_insert_with(|| 0.into());
        schema.entry("maximum").or_insert_with(|| max.into());
    }
    if is(schema, "array") {
        schema.entry("maxItems").or_insert_with(|| MAX_ARRAY.into());
    }
}

/// Adds the missing bounds of a path or query parameter, which are lower than those of a body.
pub(super) fn add_to_parameter(parameter: &mut Value) {
    let Some(schema) = parameter.get_mut("schema").and_then(Value::as_object_mut) else { return };
    if is(schema, "string") && !schema.contains_key("enum") && !schema.contains_key("format") {
        schema.entry("maxLength").or_insert_with(|| MAX_PARAMETER_TEXT.into());
    }
    if is(schema, "array") {
        schema.entry("maxItems").or_insert_with(|| MAX_PARAMETER_VALUES.into());
    }
}

/// Whether a schema accepts values of a type.
fn is(schema: &Map<String, Value>, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(names)) => names.iter().any(|one| one == name),
        _ => false,
    }
}

/// The maximum length of a text in a format.
fn max_length(format: &str) -> u64 {
    match format {
        "date" => 10,
        "date-time" => 35,
        "uuid" => 36,
        "email" => 254,
        // The longest request line that the server reads.
        "uri" | "uri-reference" => 65_536,
        _ => MAX_TEXT,
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
    fn a_missing_bound_comes_from_the_type_and_the_format() {
        let day = bounded(json!({"type": ["string", "null"], "format": "date"}));
        assert_eq!(day, json!({"type": ["string", "null"], "format": "date", "maxLength": 10}));
        assert_eq!(bounded(json!({"type": "string"}))["maxLength"], MAX_TEXT);
        assert_eq!(bounded(json!({"type": "array", "items": {}}))["maxItems"], MAX_ARRAY);
        let count = bounded(json!({"type": "integer", "format": "int32"}));
        assert_eq!((&count["minimum"], &count["maximum"]), (&json!(0), &json!(i32::MAX)));
    }

    #[test]
    fn an_existing_bound_is_kept_and_an_enum_needs_none() {
        let own = json!({"type": "integer", "format": "int64", "minimum": -5, "maximum": 5});
        assert_eq!(bounded(own.clone()), own);
        let state = json!({"type": "string", "enum": ["open"]});
        assert_eq!(bounded(state.clone()), state);
    }
}
