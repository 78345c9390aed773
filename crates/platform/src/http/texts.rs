//! The formats of the texts of requests, added to their schemas: a text is one line unless its schema says `lines`.
//!
//! - `line`: one line, without control characters, separators of lines or characters of direction;
//! - `visible-line`: such a line with something to see. Names of people and things have it, what asks for `\S`, and in a body
//!   what asks for one character at least;
//! - `lines`, `visible-lines`: the same with ends of lines and tabs.
//!
//! Texts with a pattern, a list of values or a format of their own have none of these. The schemas of responses say
//! nothing of the kind: what was recorded earlier is returned as it is.

use serde_json::{Map, Value};

use super::nullable;
use passerelle_base::lines::FORMATS;

/// The pattern by which a schema asks for something to see. The format replaces it.
const VISIBLE: &str = r"\S";

/// Adds the formats to the schemas of the document that request bodies use, and to the parameters of queries.
pub(super) fn add(document: &mut Value) {
    let requested = nullable::requested(document);
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas
            .iter_mut()
            .filter(|(name, _)| requested.contains(*name))
            .for_each(|(_, schema)| walk(schema, false, In::Body));
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, operations) in paths {
        for (_, operation) in operations.as_object_mut().into_iter().flatten() {
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
                if let Some(schema) = parameter.get_mut("schema") {
                    walk(schema, false, In::Query);
                }
            }
        }
    }
}

/// Adds the formats to the object that the parameters of a query form. A search by name may be blank: it finds nothing.
pub(super) fn add_to_query(query: &mut Value) {
    let properties = query.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
    properties.for_each(|(_, property)| walk(property, false, In::Query));
}

/// Where a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum In {
    Body,
    Query,
}

/// `named`: whether the schema is that of a name.
fn walk(value: &mut Value, named: bool, place: In) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, false, place)),
        Value::Object(schema) => {
            format(schema, named, place);
            for (keyword, inner) in schema.iter_mut() {
                match (keyword.as_str(), inner) {
                    ("example" | "examples" | "enum" | "const", _) => {}
                    ("properties", Value::Object(properties)) => {
                        properties.iter_mut().for_each(|(name, property)| walk(property, is_name(name), place));
                    }
                    (_, inner) => walk(inner, false, place),
                }
            }
        }
        _ => {}
    }
}

fn format(schema: &mut Map<String, Value>, named: bool, place: In) {
    let is_text = match schema.get("type") {
        Some(Value::String(only)) => only == "string",
        Some(Value::Array(several)) => several.iter().any(|one| one == "string"),
        _ => false,
    };
    let own = ["enum", "const", "x-nomenclature", "x-territory"].iter().any(|keyword| schema.contains_key(*keyword));
    let is_asked = schema.get("pattern").is_some_and(|pattern| pattern == VISIBLE);
    let asks_to_see = is_asked || (place == In::Body && schema.get("minLength").is_some_and(|least| *least != 0));
    let several_lines = match schema.get("format").and_then(Value::as_str) {
        None => false,
        Some("lines") => true,
        Some(_) => return,
    };
    if !is_text || own || (schema.contains_key("pattern") && !is_asked) {
        return;
    }
    let wanted = |visible| FORMATS.iter().find(|one| one.several_lines == several_lines && one.visible == visible);
    if let Some(format) = wanted(named || asks_to_see) {
        schema.remove("pattern");
        schema.insert("format".into(), format.name.into());
    }
}

/// Whether a member is the name of a person or a thing, which nobody finds if nobody sees it.
fn is_name(member: &str) -> bool {
    let base = member.strip_suffix("_fr").or_else(|| member.strip_suffix("_en")).unwrap_or(member);
    matches!(base, "name" | "title" | "label" | "role" | "capacity" | "reference" | "external_id")
        || base.ends_with("_name")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::http::texts::*;

    #[test]
    fn each_text_of_a_request_has_a_format_and_those_of_a_response_have_none() {
        let text = |more: Value| {
            let mut schema = json!({"type": "string"});
            schema.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            schema
        };
        let reference = json!({"$ref": "#/components/schemas/NewThing"});
        let mut document = json!({
            "paths": {"/v1/things": {"post": {
                "requestBody": {"content": {"application/json": {"schema": reference}}},
                "parameters": [{"in": "query", "schema": text(json!({}))}, {"in": "header", "schema": text(json!({}))}],
            }}},
            "components": {"schemas": {
                "Thing": {"type": "object", "properties": {"name": text(json!({}))}},
                "NewThing": {"type": "object", "properties": {
                    "family_name": text(json!({})), "title_fr": {"type": ["string", "null"]},
                    "comment": text(json!({"format": "lines"})), "summary": text(json!({"format": "lines", "pattern": "\\S"})),
                    "site": text(json!({"pattern": "\\S"})), "code": text(json!({"pattern": "^[a-z]+$"})),
                    "day": text(json!({"format": "date"})), "state": text(json!({"enum": ["open"]})), "place": text(json!({})),
                    "note": text(json!({"format": "lines", "minLength": 1})),
                }, "examples": [{"type": "string"}]},
            }},
        });
        add(&mut document);
        let format = |pointer: &str| document.pointer(pointer).unwrap()["format"].as_str().unwrap_or("none").to_owned();
        for (member, expected) in [
            ("family_name", "visible-line"),
            ("title_fr", "visible-line"),
            ("comment", "lines"),
            ("summary", "visible-lines"),
            ("site", "visible-line"),
            ("code", "none"),
            ("day", "date"),
            ("state", "none"),
            ("place", "line"),
            ("note", "visible-lines"),
        ] {
            assert_eq!(format(&format!("/components/schemas/NewThing/properties/{member}")), expected, "{member}");
        }
        assert_eq!(format("/components/schemas/Thing/properties/name"), "none");
        assert_eq!(format("/paths/~1v1~1things/post/parameters/0/schema"), "line");
        assert_eq!(format("/paths/~1v1~1things/post/parameters/1/schema"), "none");
        assert!(document.pointer("/components/schemas/NewThing/examples/0/format").is_none());
    }
}
