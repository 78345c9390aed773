//! The messages of faults, and the patterns of the contract.

use serde_json::json;

use crate::http::faults::*;

/// The messages of the faults of a value against a schema.
fn messages(schema: &Value, value: &Value, in_query: bool) -> Vec<Text> {
    let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
    validator.iter_errors(value).flat_map(|error| of(&error, in_query)).map(|fault| fault.message).collect()
}

fn only(schema: &Value, value: &Value) -> Text {
    let mut all = messages(schema, value, false);
    assert_eq!(all.len(), 1, "{schema} {value}");
    all.remove(0)
}

#[test]
fn no_message_contains_a_regular_expression_or_a_type_name() {
    let mut all = Vec::new();
    let types = ["null", "boolean", "integer", "number", "string", "array", "object"];
    for (name, wrong) in types.iter().zip([json!(1), json!(1), json!("a"), json!("a"), json!(1), json!(1), json!(1)]) {
        all.push(only(&json!({"type": name}), &wrong));
        if *name != "null" {
            all.push(only(&json!({"type": [name, "null"]}), &wrong));
        }
    }
    all.push(only(&json!({"type": ["integer", "string", "null"]}), &json!([])));
    for (pattern, ..) in PATTERNS {
        all.push(pattern_message(pattern));
    }
    all.push(only(&json!({"pattern": "^[a-f]{3}$"}), &json!("zzz")));
    for format in ["date", "date-time", "uuid", "email", SIRET, "ipv4", "uri-reference", "regex"] {
        all.push(format_fault(format).1);
    }
    let schema = json!({
        "properties": {
            "a": {"minLength": 1}, "b": {"maxLength": 2}, "c": {"minItems": 1}, "d": {"maxItems": 1},
            "e": {"minimum": 1}, "f": {"maximum": 1}, "g": {"uniqueItems": true}, "h": {"minProperties": 1},
            "i": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "j": {"enum": ["x", null]}, "k": {"const": "x"},
            "l": {"multipleOf": 2},
        },
        "required": ["m"], "additionalProperties": false
    });
    let value = json!({
        "a": "", "b": "abc", "c": [], "d": [1, 2], "e": 0, "f": 2, "g": [1, 1], "h": {}, "i": 1, "j": "y", "k": "y",
        "l": 3, "n": 1
    });
    let found = messages(&schema, &value, false);
    assert_eq!(found.len(), 14);
    all.extend(found);
    for Text { fr, en } in &all {
        for message in [fr, en] {
            assert!(!message.contains(['^', '$', '\\', '[', ']', '{', '}', '*', '?', '|']), "{message}");
            assert!(message.ends_with('.') && message.len() > 5, "{message}");
        }
        // "number" is an English word too.
        let named = |message: &str, name: &str| {
            message.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|word| word == name)
        };
        for name in types {
            assert!(!named(fr, name), "{fr}");
            assert!(name == "number" || !named(en, name), "{en}");
        }
    }
}

#[test]
fn messages_name_what_is_expected() {
    for (schema, value, fr, en) in [
        (json!({"type": "integer"}), json!("a"), "Nombre entier attendu.", "Expected a whole number."),
        (json!({"type": ["array", "null"]}), json!(1), "Liste attendue.", "Expected a list."),
        (
            json!({"type": ["integer", "string"]}),
            json!([]),
            "Valeur attendue : nombre entier ou texte.",
            "Expected a whole number or text.",
        ),
        (json!({"minItems": 1}), json!([]), "Au moins un élément.", "At least one item."),
        (json!({"maxItems": 2}), json!([1, 2, 3]), "Au plus 2 éléments.", "At most 2 items."),
        (json!({"minLength": 3}), json!("a"), "Au moins 3 caractères.", "At least 3 characters."),
        (json!({"minimum": 0.5}), json!(0), "Valeur minimale : 0,5.", "Minimum value: 0.5."),
        (json!({"maximum": 1440}), json!(1441), "Valeur maximale : 1\u{202f}440.", "Maximum value: 1,440."),
        (json!({"maximum": 50_000}), json!(60_000), "Valeur maximale : 50\u{202f}000.", "Maximum value: 50,000."),
        (
            json!({"pattern": "^[0-9]{5}$"}),
            json!("a"),
            "Code postal invalide : cinq chiffres attendus.",
            "Invalid postal code: expected five digits.",
        ),
        (json!({"pattern": "^x$"}), json!("a"), "Format invalide.", "Invalid format."),
    ] {
        assert_eq!(only(&schema, &value), text(fr, en));
    }
}

#[test]
fn years_have_no_thousands_separator() {
    for field in ["year", "population_vintage"] {
        let found = messages(&json!({"properties": {field: {"minimum": 2000}}}), &json!({field: 1}), false);
        assert_eq!(found, [text("Valeur minimale : 2000.", "Minimum value: 2000.")]);
    }
}

#[test]
fn parameters_are_not_called_fields() {
    let schema = json!({"properties": {"limit": {}}, "required": ["limit"], "additionalProperties": false});
    let found = messages(&schema, &json!({"colour": 1}), true);
    let mut french: Vec<&str> = found.iter().map(|message| &*message.fr).collect();
    french.sort_unstable();
    assert_eq!(french, ["Ce paramètre est inconnu.", "Ce paramètre est obligatoire."]);
}

#[test]
fn every_pattern_of_the_contract_has_a_message() {
    fn patterns<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("pattern").and_then(Value::as_str));
                fields.values().for_each(|field| patterns(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| patterns(item, found)),
            _ => {}
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/openapi.json");
    let contract: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut found = Vec::new();
    patterns(&contract["components"]["schemas"], &mut found);
    patterns(&contract["paths"], &mut found);
    assert!(found.len() > 50);
    for pattern in found {
        assert!(PATTERNS.iter().any(|(known, ..)| *known == pattern), "{pattern}");
    }
}
