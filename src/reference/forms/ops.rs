//! The form of an operation, from the contract.

use std::collections::BTreeSet;

use serde_json::Value;

use super::dto::OperationForm;
use crate::error::ApiError;
use crate::nomenclatures::list;
use crate::reference::nomenclatures::dto::CodeList;

/// The form of an operation; 404 if there is none, or if it takes no body.
pub fn form(document: &Value, operation: &str, whole: impl Fn(&Value) -> Value) -> Result<OperationForm, ApiError> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, said)| (path.as_str(), method.as_str(), said))
    });
    let (path, method, said) =
        operations.into_iter().find(|(_, _, said)| said["operationId"] == operation).ok_or_else(ApiError::not_found)?;
    let contents = said["requestBody"]["content"].as_object().ok_or_else(ApiError::not_found)?;
    let (media_type, content) = contents.iter().next().ok_or_else(ApiError::not_found)?;
    let schema = whole(&content["schema"]);
    let mut names = BTreeSet::new();
    lists_of(&schema, &mut names);
    Ok(OperationForm {
        operation_id: operation.to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        media_type: media_type.clone(),
        order: order(&schema),
        lists: names.into_iter().filter_map(list).map(CodeList::from).collect(),
        schema: schema.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect(),
    })
}

/// The fields of the first level, those that are required first.
fn order(schema: &Value) -> Vec<String> {
    let root = match schema["$ref"].as_str().and_then(|at| at.strip_prefix('#')) {
        Some(at) => schema.pointer(at).unwrap_or(schema),
        None => schema,
    };
    let required = |name: &str| root["required"].as_array().into_iter().flatten().any(|one| one == name);
    let mut fields: Vec<String> =
        root["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    fields.sort_by_key(|name| !required(name));
    fields
}

/// The code lists that a schema names.
fn lists_of<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| lists_of(item, found)),
        Value::Object(members) => {
            found.extend(members.get("x-nomenclature").and_then(Value::as_str));
            members.values().for_each(|member| lists_of(member, found));
        }
        _ => {}
    }
}
