//! The example of a body, from the examples of what it is made of.
//!
//! A type says its example once: on the struct, or on each field. A page shows one row, an object what its fields show;
//! a body with a required field that nobody illustrates has no example, which the contract's test reports.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The example of a schema, looked up by name in `schemas` where it refers to them.
pub(super) fn of(schema: &Value, schemas: &BTreeMap<String, Value>) -> Option<Value> {
    if let Some(said) = schema.get("example").or_else(|| schema.get("examples").and_then(|all| all.get(0))) {
        return Some(said.clone());
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return of(schemas.get(name.rsplit('/').next()?)?, schemas);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.first().cloned();
    }
    if let Some(items) = schema.get("items") {
        return Some(json!([of(items, schemas)?]));
    }
    let properties = schema.get("properties").and_then(Value::as_object)?;
    let required = schema.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut example = Map::new();
    for (name, property) in properties {
        match of(property, schemas) {
            Some(value) => drop(example.insert(name.clone(), value)),
            None if required.iter().any(|one| one == name) => return None,
            None => {}
        }
    }
    Some(Value::Object(example))
}

#[cfg(test)]
mod tests {
    use crate::http::examples::*;

    #[test]
    fn a_page_shows_one_row() {
        let row = json!({"type": "object", "properties": {"id": {"examples": ["a"]}, "note": {"type": "string"}}, "required": ["id"]});
        let schemas = BTreeMap::from([("Row".to_owned(), row)]);
        let page = json!({"properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
            "limit": {"type": "integer", "example": 50},
            "next": {"type": ["string", "null"], "example": null},
        }, "required": ["data"]});
        assert_eq!(of(&page, &schemas), Some(json!({"data": [{"id": "a"}], "limit": 50, "next": null})));
    }

    #[test]
    fn a_required_field_that_nobody_illustrates_leaves_none() {
        let body = json!({"properties": {"name": {"type": "string"}}, "required": ["name"]});
        assert_eq!(of(&body, &BTreeMap::new()), None);
    }
}
