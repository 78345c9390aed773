//! The names of the contract never disappear: generated clients use its operations, types and fields by name.
//!
//! `openapi/names.txt` lists every name that was ever published. `WRITE_NAMES=1 cargo test --test api contract_names`
//! adds new names to it and removes none. The test fails if a name disappears from the contract. To withdraw a name on
//! purpose, delete its line.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::harness::contract::{DOCUMENT, operations};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/names.txt");

/// Every name with its type: a field whose type changes counts as another field.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for operation in operations() {
        let id = operation.said["operationId"].as_str().unwrap();
        names.insert(format!("operation {id}: {} {}", operation.method, operation.path));
        for parameter in operation.said["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            names.insert(format!("parameter {id}.{name}: {}", type_of(&parameter["schema"])));
        }
    }
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        names.insert(format!("schema {name}: {}", type_of(schema)));
        for (field, said) in schema["properties"].as_object().into_iter().flatten() {
            names.insert(format!("field {name}.{field}: {}", type_of(said)));
        }
    }
    names
}

fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.trim_start_matches("#/components/schemas/").to_owned();
    }
    match &schema["type"] {
        Value::String(one) if one == "array" => format!("array of {}", type_of(&schema["items"])),
        Value::String(one) => one.clone(),
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "anything".to_owned(),
    }
}

#[test]
fn no_name_of_the_contract_disappears() {
    let now = names();
    let published = std::fs::read_to_string(FILE).unwrap();
    let mut published: BTreeSet<String> = published.lines().map(str::to_owned).collect();
    if std::env::var_os("WRITE_NAMES").is_some() {
        published.extend(now.iter().cloned());
        let lines = published.iter().fold(String::new(), |text, name| text + name + "\n");
        std::fs::write(Path::new(FILE), lines).unwrap();
    }
    let gone: Vec<&String> = published.difference(&now).collect();
    assert!(
        gone.is_empty(),
        "clients use these names, and the contract no longer has them: keep them, or deprecate them first.\n{gone:#?}"
    );
    let new: Vec<&String> = now.difference(&published).collect();
    assert!(
        new.is_empty(),
        "these names are new. Published names never change, so check them first, then run \
         WRITE_NAMES=1 cargo test --test api contract_names\n{new:#?}"
    );
}
