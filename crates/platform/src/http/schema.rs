//! Normalises the generated document for the tools that read it.
//!
//! - `oneOf: [null, X]` breaks client generators: a nullable text or enum becomes `type: [string, null]`, and a
//!   nullable object becomes optional (the response omits it).
//! - Inside schemas, `example` of OpenAPI 3.0 becomes `examples` of JSON Schema.
//! - Texts, integers and arrays without bounds get default ones (`bounds`).
//! - Objects are closed (`additionalProperties: false`) unless they state otherwise.

use serde_json::{Map, Value, json};

use super::bounds;

/// Normalises every schema of the document, in the components and in the operations.
pub(super) fn normalise(document: &mut Value) {
    let before = document.clone();
    for part in ["paths", "components"] {
        if let Some(part) = document.get_mut(part) {
            walk(part, &before);
        }
    }
}

/// Normalises one schema against the document's components.
pub(super) fn normalise_schema(schema: &mut Value, document: &Value) {
    walk(schema, document);
}

fn walk(value: &mut Value, document: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, document)),
        Value::Object(_) => {
            flatten_nullable(value, document);
            if let Value::Object(fields) = value {
                // Inside a media type `example` is right; inside a schema it is `examples`.
                let is_schema = fields.contains_key("type") || fields.contains_key("allOf");
                if is_schema && let Some(example) = fields.remove("example") {
                    fields.insert("examples".into(), json!([example]));
                }
                if fields.get("type").is_some_and(|t| t == "object")
                    && fields.contains_key("properties")
                    && !fields.contains_key("additionalProperties")
                {
                    fields.insert("additionalProperties".into(), false.into());
                }
                bounds::add(fields);
                for (name, field) in fields.iter_mut() {
                    if name != "example" && name != "examples" {
                        walk(field, document);
                    }
                }
            }
        }
        _ => {}
    }
}

fn flatten_nullable(value: &mut Value, document: &Value) {
    let Some(non_null) = nullable(value) else { return };
    let target = non_null.get("$ref").and_then(Value::as_str).and_then(|r| document.pointer(r.trim_start_matches('#')));
    let mut inner = non_null.clone();
    if let Some(target) = target.filter(|target| target["type"] == "string") {
        inner = target.clone();
        inner["type"] = json!(["string", "null"]);
        if let Some(values) = inner.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
        overlay(&mut inner, non_null, "$ref");
    }
    overlay(&mut inner, value, "oneOf");
    *value = inner;
}

/// The other schema of a `oneOf` of `null` and one schema.
fn nullable(value: &Value) -> Option<&Value> {
    match value.get("oneOf")?.as_array()?.as_slice() {
        [null, inner] | [inner, null] if *null == json!({"type": "null"}) => Some(inner),
        _ => None,
    }
}

/// Copies every field of `from` but one: keywords beside a reference override those of the type.
fn overlay(inner: &mut Value, from: &Value, except: &str) {
    if let (Some(from), Some(inner)) = (from.as_object(), inner.as_object_mut()) {
        for (name, field) in from.iter().filter(|(name, _)| *name != except) {
            inner.insert(name.clone(), field.clone());
        }
    }
}

/// Removes the schemas without references, such as an enum that is only used as nullable and was copied.
pub(super) fn prune(document: &mut Value) {
    loop {
        let mut named = Vec::new();
        references(document, &mut named);
        let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
        let before = schemas.len();
        schemas.retain(|name, _| named.contains(name));
        if schemas.len() == before {
            return;
        }
    }
}

/// A schema of the document as a self-contained one: with the schemas that it refers to and no others, because each
/// validator keeps a copy of the schema that it is compiled from.
pub(super) fn self_contained(schema: &Value, document: &Value) -> Value {
    let all = &document["components"]["schemas"];
    let mut needed = Map::new();
    let mut named = Vec::new();
    references(schema, &mut named);
    while let Some(name) = named.pop() {
        if let (false, Some(found)) = (needed.contains_key(&name), all.get(&name)) {
            references(found, &mut named);
            needed.insert(name, found.clone());
        }
    }
    let mut root = schema.as_object().cloned().unwrap_or_default();
    root.insert("components".into(), json!({"schemas": needed}));
    Value::Object(root)
}

/// The names of the schemas that a part of the document refers to.
pub(super) fn references(value: &Value, named: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, named)),
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str);
            named.extend(reference.and_then(|r| r.strip_prefix("#/components/schemas/")).map(str::to_owned));
            fields.values().for_each(|field| references(field, named));
        }
        _ => {}
    }
}

/// A path or query parameter is present or absent, never null.
pub(super) fn never_null(parameter: &mut Value) {
    let Some(schema) = parameter.get_mut("schema") else { return };
    if let Some(inner) = nullable(schema) {
        *schema = inner.clone();
    }
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::http::schema::*;

    fn normalised(property: &Value) -> Value {
        let mut document = json!({"components": {"schemas": {
            "Code": {"type": "string", "pattern": "^[0-9]+$", "maxLength": 5, "description": "A code."},
            "State": {"type": "string", "enum": ["open"]},
            "Thing": {"type": "object", "properties": {}},
            "Owner": {"type": "object", "properties": {"it": property}},
        }}});
        normalise(&mut document);
        document["components"]["schemas"]["Owner"]["properties"]["it"].clone()
    }

    #[test]
    fn a_nullable_reference_is_a_nullable_text() {
        let reference = json!({"$ref": "#/components/schemas/Code", "description": "Of the owner."});
        let expected =
            json!({"type": ["string", "null"], "pattern": "^[0-9]+$", "maxLength": 5, "description": "Of the owner."});
        assert_eq!(normalised(&json!({"oneOf": [reference, {"type": "null"}]})), expected);
        assert_eq!(normalised(&json!({"oneOf": [{"type": "null"}, reference]})), expected);
        let state = json!({"$ref": "#/components/schemas/State"});
        assert_eq!(normalised(&json!({"oneOf": [state, {"type": "null"}]}))["enum"], json!(["open", null]));
        let thing = json!({"$ref": "#/components/schemas/Thing"});
        assert_eq!(normalised(&json!({"oneOf": [thing, {"type": "null"}]})), thing);
    }

    #[test]
    fn an_unreferenced_schema_is_removed_with_those_that_only_it_references() {
        let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let mut document = json!({"paths": {"/": reference("StoredReply")}, "components": {"schemas": {
            "StoredReply": {"type": "string"}, "Unused": reference("OfUnused"), "OfUnused": {"type": "string"},
        }}});
        prune(&mut document);
        assert_eq!(document["components"]["schemas"], json!({"StoredReply": {"type": "string"}}));
    }

    #[test]
    fn a_parameter_is_never_null() {
        for schema in [json!({"type": ["integer", "null"]}), json!({"oneOf": [{"type": "integer"}, {"type": "null"}]})]
        {
            let mut parameter = json!({"schema": schema});
            never_null(&mut parameter);
            assert_eq!(parameter, json!({"schema": {"type": "integer"}}));
        }
    }
}
