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

/// Words that a generator cannot use, or silently renames, as the name of a type: the keywords that begin with a capital, and
/// the types that each file of the language sees without an import. `Override` broke every Java client.
const RESERVED: &[(&str, &[&str])] = &[
    (
        "Java (java.lang)",
        &[
            "Boolean",
            "Byte",
            "Character",
            "Class",
            "Comparable",
            "Deprecated",
            "Double",
            "Enum",
            "Error",
            "Exception",
            "Float",
            "FunctionalInterface",
            "Integer",
            "Iterable",
            "Long",
            "Math",
            "Module",
            "Number",
            "Object",
            "Override",
            "Package",
            "Process",
            "Record",
            "Runnable",
            "Runtime",
            "Short",
            "String",
            "System",
            "Thread",
            "Throwable",
            "Void",
        ],
    ),
    (
        "C# (System)",
        &[
            "Array",
            "Attribute",
            "Boolean",
            "Buffer",
            "Byte",
            "Char",
            "Console",
            "Convert",
            "DateTime",
            "Decimal",
            "Delegate",
            "Double",
            "Enum",
            "Environment",
            "Exception",
            "Func",
            "Guid",
            "Half",
            "Index",
            "Lazy",
            "Math",
            "Nullable",
            "Object",
            "Random",
            "Range",
            "Single",
            "String",
            "Task",
            "Tuple",
            "Type",
            "Uri",
            "Version",
        ],
    ),
    (
        "TypeScript",
        &[
            "Array",
            "Boolean",
            "Date",
            "Error",
            "Function",
            "JSON",
            "Map",
            "Math",
            "Number",
            "Object",
            "Partial",
            "Pick",
            "Promise",
            "Proxy",
            "Readonly",
            "RegExp",
            "Set",
            "String",
            "Symbol",
            "Omit",
            "Exclude",
            "Extract",
            "Awaited",
            "Parameters",
            "Request",
            "Response",
            "Headers",
            "Blob",
            "File",
            "FormData",
        ],
    ),
    (
        "Python",
        &[
            "False",
            "None",
            "True",
            "Ellipsis",
            "Exception",
            "Warning",
            "Any",
            "Dict",
            "List",
            "Optional",
            "Union",
            "Literal",
        ],
    ),
    (
        "Rust",
        &[
            "Self", "Box", "Clone", "Copy", "Debug", "Default", "Drop", "Err", "Fn", "None", "Ok", "Option", "Result",
            "Some", "Vec",
        ],
    ),
];

/// Constructors that Go generates beside a type: `NewReferral` makes a `Referral`.
const CONSTRUCTOR: &str = "New";

fn pascal_case(field: &str) -> String {
    let capitalised = |word: &str| word.get(..1).map_or_else(String::new, |first| first.to_uppercase() + &word[1..]);
    field.split('_').map(capitalised).collect()
}

/// Whether generators make a type of their own for this field, named after the object and the field: an enum, an object, a
/// choice, or a list of one.
fn is_inline(field: &Value) -> bool {
    let choice = ["oneOf", "anyOf", "allOf"].iter().any(|key| field[*key].is_array());
    choice
        || field["enum"].is_array()
        || field["properties"].is_object()
        || field["items"].is_object() && is_inline(&field["items"])
}

/// The names of types that do not compile in one of the languages.
fn faults_of_names(schemas: &serde_json::Map<String, Value>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, schema) in schemas {
        for (language, words) in RESERVED {
            if words.contains(&name.as_str()) {
                faults.push(format!("{name} is a word of {language}"));
            }
        }
        if name.strip_prefix(CONSTRUCTOR).is_some_and(|rest| schemas.contains_key(rest)) {
            faults.push(format!("{name} is the constructor of another type in Go"));
        }
        for (field, said) in schema["properties"].as_object().into_iter().flatten() {
            let inline = format!("{name}{}", pascal_case(field));
            if is_inline(said) && schemas.contains_key(&inline) {
                faults.push(format!("{inline} is also the generated type of {name}.{field}"));
            }
        }
    }
    faults
}

#[test]
fn the_names_of_types_compile_in_all_languages() {
    let faults = faults_of_names(DOCUMENT["components"]["schemas"].as_object().unwrap());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_name_that_does_not_compile_is_found() {
    let schemas = serde_json::json!({
        "Override": { "type": "object" },
        "Referral": { "type": "object", "properties": { "status": { "enum": ["open"] }, "origin": { "$ref": "#/Origin" } } },
        "NewReferral": { "type": "object" },
        "ReferralStatus": { "type": "string" },
        "ReferralOrigin": { "type": "string" },
        "NewsItem": { "type": "object" },
    });
    let faults = faults_of_names(schemas.as_object().unwrap());
    assert_eq!(
        faults,
        [
            "NewReferral is the constructor of another type in Go",
            "Override is a word of Java (java.lang)",
            "ReferralStatus is also the generated type of Referral.status",
        ]
    );
}
