//! A nullable member of a response is always there: it is required.
//!
//! The derive of the schemas makes every `Option` optional. Our responses write `null` for what is unknown and leave a member
//! out only when its type cannot be null, so that a client never has to tell the two apart. What requests take is left alone:
//! there, absent and null are two things.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema;

/// Adds the nullable members of the schemas that no request uses to their `required`.
pub(super) fn require(document: &mut Value) {
    let requested = requested(document);
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| !requested.contains(*name)) {
        require_in(schema);
    }
}

/// The names of the schemas that a request body uses, directly or not.
pub(super) fn requested(document: &Value) -> BTreeSet<String> {
    let operations = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    let operations = operations.filter_map(Value::as_object).flat_map(|path| path.values());
    let mut waiting = Vec::new();
    operations.for_each(|operation| schema::references(&operation["requestBody"], &mut waiting));
    let mut found = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if found.insert(name.clone()) {
            schema::references(&document["components"]["schemas"][&name], &mut waiting);
        }
    }
    found
}

fn require_in(schema: &mut Value) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let is_required = |name: &String, property: &Value| {
        let nullable = property["type"].as_array().is_some_and(|types| types.iter().any(|one| one == "null"));
        nullable || required.iter().any(|one| one == name)
    };
    let names: Vec<Value> = properties
        .iter()
        .filter(|(name, property)| is_required(name, property))
        .map(|(name, _)| name.clone().into())
        .collect();
    if !names.is_empty() {
        schema["required"] = names.into();
    }
}

#[cfg(test)]
mod tests {
    use super::require;
    use serde_json::json;

    #[test]
    fn a_nullable_member_is_required_in_responses_only() {
        let member = || json!({"type": ["string", "null"]});
        let object = || json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "note": member(), "total": {"type": "integer"}}});
        let mut document = json!({
            "paths": {"/a": {"post": {"requestBody": {"schema": {"$ref": "#/components/schemas/New"}}}}},
            "components": {"schemas": {
                "Shown": object(), "Part": object(),
                "New": {"type": "object", "properties": {"part": {"$ref": "#/components/schemas/Part"}, "note": member()}},
            }},
        });
        require(&mut document);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Shown"]["required"], json!(["id", "note"]));
        assert_eq!(schemas["Part"]["required"], json!(["id"]), "a request uses it");
        assert_eq!(schemas["New"].get("required"), None);
    }
}
