//! The example of a body, assembled from the examples of its types.
//!
//! A type gives its example once: on the struct or on each field. The example of a page has one row, that of an object
//! has the examples of its fields. A body with a required field that has no example has none, which a test of the
//! contract reports.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The example of a schema, looked up by name in `schemas` where it refers to them.
pub(super) fn of(schema: &Value, schemas: &BTreeMap<String, Value>) -> Option<Value> {
    if let Some(own) = schema.get("example").or_else(|| schema.get("examples").and_then(|all| all.get(0))) {
        return Some(own.clone());
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
    fn the_example_of_a_page_has_one_row() {
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
    fn a_required_field_without_an_example_leaves_none() {
        let body = json!({"properties": {"name": {"type": "string"}}, "required": ["name"]});
        assert_eq!(of(&body, &BTreeMap::new()), None);
    }
}
