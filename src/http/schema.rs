//! Normalising the generated document for the tools that read it.
//!
//! - `oneOf: [null, X]` breaks client generators: a nullable text or enum says `type: [string, null]`;
//!   a nullable object becomes plainly optional (the answer leaves it out).
//! - `example` of OpenAPI 3.0 becomes `examples` of JSON Schema inside schemas.
//! - Objects are closed (`additionalProperties: false`) unless they say otherwise.

use serde_json::{Value, json};

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
    let Some(options) = value.get("oneOf").and_then(Value::as_array) else { return };
    if options.len() != 2 || options[0] != json!({"type": "null"}) {
        return;
    }
    let mut inner = options[1].clone();
    let target = inner.get("$ref").and_then(Value::as_str).and_then(|r| document.pointer(r.trim_start_matches('#')));
    if let Some(target) = target.filter(|target| target["type"] == "string") {
        inner = target.clone();
        inner["type"] = json!(["string", "null"]);
        if let Some(values) = inner.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
    }
    if let (Some(outer), Some(inner)) = (value.as_object(), inner.as_object_mut()) {
        for (name, kept) in outer.iter().filter(|(name, _)| *name != "oneOf") {
            inner.insert(name.clone(), kept.clone());
        }
    }
    *value = inner;
}
