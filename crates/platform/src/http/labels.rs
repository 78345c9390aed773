//! The titles of the fields of requests, added to their schemas as `x-label-fr` and `x-label-en`: a form is made from them.

use serde_json::Value;

use super::nullable;
use passerelle_reference::labels::label;

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
