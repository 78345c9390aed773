//! The titles of the fields of requests, added to their schemas as `x-label-fr` and `x-label-en`: a form is made from them.
//! The values of closed enums have their labels in a code list of the same name.

use serde_json::Value;

use super::nullable;
use super::reference_keywords::NOMENCLATURE;
use passerelle_reference::labels::label;
use passerelle_reference::nomenclatures;

/// Adds the titles to the schemas that request bodies use.
pub(super) fn add(document: &mut Value) {
    let requested = nullable::requested(document);
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    for (name, schema) in schemas.iter_mut().filter(|(name, _)| requested.contains(*name)) {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
        for (field, property) in properties {
            if let (Some(label), Some(property)) = (label(name, field), property.as_object_mut()) {
                property.insert("x-label-fr".into(), label.fr.as_str().into());
                property.insert("x-label-en".into(), label.en.as_str().into());
            }
        }
    }
}

/// Names the code list of each enum, before nullable ones are copied: that of `ReferralStatus` is `referral_status`.
pub(super) fn name_lists(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let mut named = Vec::new();
    for (name, schema) in schemas.iter_mut() {
        let (Some(list), Some(schema)) = (nomenclatures::list(&list_of(name)), schema.as_object_mut()) else {
            continue;
        };
        if let Some(values) = schema.get("enum").cloned() {
            schema.entry(NOMENCLATURE).or_insert_with(|| list.name.as_str().into());
            named.push((values, list.name.as_str()));
        }
    }
    if let Some(paths) = document.get_mut("paths") {
        name_copies(paths, &named);
    }
}

/// Names the lists of the enums that are written out in parameters of paths.
fn name_copies(value: &mut Value, named: &[(Value, &str)]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| name_copies(item, named)),
        Value::Object(fields) => {
            let list = fields.get("enum").and_then(|values| named.iter().find(|(known, _)| known == values));
            if let Some((_, list)) = list {
                fields.entry(NOMENCLATURE).or_insert_with(|| (*list).into());
            }
            fields.values_mut().for_each(|field| name_copies(field, named));
        }
        _ => {}
    }
}

/// The name of the list of an enum.
fn list_of(schema: &str) -> String {
    // The standing of a convention is its status on a day.
    if schema == "ConventionStanding" {
        return "convention_status".to_owned();
    }
    let mut name = String::new();
    for letter in schema.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
