//! The examples of the contract: every JSON body has one.
//!
//! A type's own example is used as it is. A type without one (a page, a list of keys) gets one made of
//! the examples of its properties. A test holds all of them to their schemas.

use serde_json::{Map, Value, json};

/// Gives an example to each request body and each successful answer that has none.
pub(super) fn complete(document: &mut Value) {
    let known = document.clone();
    for item in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Some(body) = operation.get_mut("requestBody") {
                fill(body, &known);
            }
            for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                if status.starts_with('2') {
                    fill(response, &known);
                }
            }
        }
    }
}

fn fill(body: &mut Value, document: &Value) {
    for content in body.get_mut("content").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        if content.get("example").is_none()
            && let Some(example) = example_of(&content["schema"], document)
        {
            content["example"] = example;
        }
    }
}

/// The example of a schema: its own, or one made of its parts.
fn example_of(schema: &Value, document: &Value) -> Option<Value> {
    if let Some(own) = schema.get("examples").and_then(|all| all.get(0)).or_else(|| schema.get("example")) {
        return Some(own.clone());
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
        return example_of(document.pointer(target)?, document);
    }
    if let Some(first) = schema["enum"].get(0) {
        return Some(first.clone());
    }
    match schema["type"].as_str().or_else(|| schema["type"].get(0)?.as_str())? {
        "object" => {
            let properties = schema["properties"].as_object()?.iter();
            let made = properties.filter_map(|(name, part)| Some((name.clone(), example_of(part, document)?)));
            Some(Value::Object(made.collect()))
        }
        "array" => Some(example_of(&schema["items"], document).map_or_else(|| json!([]), |item| json!([item]))),
        // A nullable value without an example of its own.
        _ => schema["type"].as_array().map(|_| Value::Null),
    }
}
