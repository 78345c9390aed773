//! The contract as a document: committed, complete, closed, with examples that hold, and true to the
//! routes. (That answers follow it is checked by the harness, on every answer of every test.)

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::harness::contract::{DOCUMENT, compile, operations};

const COMMITTED: &str = include_str!("../../openapi/openapi.json");

#[test]
fn the_committed_contract_is_the_program_s() {
    let current = passerelle::cli::document();
    if COMMITTED.trim_end() != current.trim_end() {
        let (was, is) = COMMITTED.lines().zip(current.lines()).find(|(was, is)| was != is).unwrap_or_default();
        panic!(
            "openapi/openapi.json is not what the program says; first difference:\n  committed: {was}\n  program:   {is}\n\
             Read the difference as a client would, then regenerate: cargo run -- openapi > openapi/openapi.json"
        );
    }
}

#[test]
fn every_operation_says_what_it_is() {
    let tags: BTreeSet<&str> = DOCUMENT["tags"].as_array().unwrap().iter().map(text_of("name")).collect();
    let mut ids = BTreeSet::new();
    for operation in operations() {
        let (name, said) = (format!("{} {}", operation.method, operation.path), &operation.said);
        let summary = said["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty() && !summary.ends_with('.'), "{name}: the summary is a title: {summary:?}");
        let description = said["description"].as_str().unwrap_or_default();
        let own_words = description.split("\n\nPermission:").next().unwrap_or_default();
        assert!(own_words.len() > 20, "{name}: no description beside the summary");
        let tag = said["tags"][0].as_str().unwrap_or_default();
        assert!(tags.contains(tag), "{name}: tag {tag:?} is not described");
        let id = said["operationId"].as_str().unwrap_or_default();
        let camel = id.starts_with(|c: char| c.is_ascii_lowercase()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        assert!(camel, "{name}: operationId {id:?} is not camelCase");
        assert!(ids.insert(id.to_owned()), "{name}: operationId {id:?} is used twice");
        for parameter in said["parameters"].as_array().into_iter().flatten() {
            let description = parameter["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name}: parameter {} has no description", parameter["name"]);
        }
        for (status, response) in said["responses"].as_object().unwrap() {
            let description = response["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name}: {status} has no description");
            assert!(status.parse::<u16>().is_ok(), "{name}: {status} is not one status");
        }
    }
}

#[test]
fn an_operation_that_demands_a_token_says_so_and_what_it_answers_without() {
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        let declares = |status: &str| operation.said["responses"].get(status).is_some();
        assert!(operation.said["security"].is_array(), "{name}: no security");
        if !operation.is_public() {
            assert!(declares("401") && declares("403"), "{name}: 401 and 403 go with a token");
        }
        if let Some(permission) = operation.permission() {
            assert!(permission.parse::<passerelle::auth::Permission>().is_ok(), "{name}: {permission}");
        }
    }
}

#[test]
fn every_json_body_has_an_example_that_follows_its_schema() {
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        if let Some(body) = operation.said.get("requestBody") {
            check_examples(&format!("{name} request"), &body["content"]);
        }
        for (status, response) in operation.said["responses"].as_object().unwrap() {
            if status.starts_with('2') && response.get("content").is_some() {
                check_examples(&format!("{name} {status}"), &response["content"]);
            }
        }
    }
}

fn check_examples(name: &str, content: &Value) {
    for (media_type, content) in content.as_object().unwrap() {
        if media_type.contains("json") || media_type.contains("urlencoded") {
            let example = content.get("example").unwrap_or_else(|| panic!("{name}: no example"));
            assert_follows(name, &content["schema"], example);
        }
        if media_type == "text/csv" {
            let example = content["example"].as_str().unwrap_or_default();
            assert_eq!(example.matches("\r\n").count(), 2, "{name}: a header and a row: {example:?}");
        }
    }
}

#[test]
fn the_examples_of_schemas_and_parameters_follow_them() {
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert_follows(name, schema, example);
        }
    }
    each_schema(&mut |place, schema| {
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert_follows(place, schema, example);
        }
    });
    for operation in operations() {
        for parameter in operation.said["parameters"].as_array().into_iter().flatten() {
            if let Some(example) = parameter.get("example") {
                assert_follows(&format!("{} {}", operation.path, parameter["name"]), &parameter["schema"], example);
            }
        }
    }
}

fn assert_follows(name: &str, schema: &Value, example: &Value) {
    let faults: Vec<String> = compile(schema).iter_errors(example).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{name}: the example does not follow its schema: {faults:#?}\n{example:#}");
}

#[test]
fn every_object_is_closed_or_says_that_it_is_open() {
    each_schema(&mut |place, schema| {
        if schema["type"] == "object" {
            assert!(
                schema.get("additionalProperties").is_some(),
                "{place}: an object that does not say if it is closed"
            );
        }
    });
    // The one open object is a problem, whose code may bring members of its own.
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let open = schemas.iter().filter(|(_, schema)| schema["additionalProperties"] == true);
    assert_eq!(open.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Problem"]);
}

#[test]
fn nothing_is_one_of_something_and_null() {
    each_schema(&mut |place, schema| {
        for choice in ["oneOf", "anyOf"] {
            for option in schema[choice].as_array().into_iter().flatten() {
                assert_ne!(option["type"], "null", "{place}: {choice} with null breaks generated clients");
            }
        }
    });
}

#[test]
fn every_property_is_described() {
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        // A newtype such as an identifier is described where it is used.
        for (property, said) in schema["properties"].as_object().into_iter().flatten() {
            let description = said["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name}.{property} has no description");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let mut used = BTreeSet::new();
    references(&DOCUMENT, &mut used);
    let nowhere: Vec<_> = used.iter().filter(|name| DOCUMENT.pointer(&name[1..]).is_none()).collect();
    assert!(used.len() > 10 && nowhere.is_empty(), "references to nothing: {nowhere:?}");
}

fn references(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, used)),
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                used.insert(name.to_owned());
            }
            fields.values().for_each(|field| references(field, used));
        }
        _ => (),
    }
}

#[test]
fn two_types_never_share_the_name_of_a_schema() {
    let operations = passerelle::app::operations();
    assert_eq!(operations.collisions(), Vec::<String>::new(), "give one of them #[schema(as = …)]");
}

#[test]
fn the_routes_are_those_of_the_contract() {
    let routes = passerelle::app::operations().table();
    let unique: BTreeSet<_> = routes.iter().cloned().collect();
    assert_eq!(unique.len(), routes.len(), "an operation is routed twice: {routes:#?}");
    let declared = operations().into_iter().map(|operation| (operation.method, operation.path)).collect();
    assert_eq!(unique, declared);
}

on_both_databases! {
    async fn every_operation_of_the_contract_routes(app: TestApp) {
        let anonymous = app.anonymous();
        let mut answers: BTreeMap<u16, u32> = BTreeMap::new();
        for operation in operations() {
            let name = format!("{} {}", operation.method, operation.path);
            let answer = anonymous.call(&operation.method, &operation.concrete_path(), None).await;
            *answers.entry(answer.status).or_default() += 1;
            assert_ne!(answer["code"], "unknown_path", "{name}");
            assert_ne!(answer["code"], "method_not_allowed", "{name}");
            if !operation.is_public() {
                assert_eq!(answer.status, 401, "{name} without a token: {}", answer.text());
                assert!(answer.header("www-authenticate").starts_with("Bearer"), "{name}");
            }
        }
        assert!(answers[&200] >= 5 && answers[&401] >= 5, "{answers:?}");
    }

    async fn the_contract_that_is_served_is_the_one_that_is_committed(app: TestApp) {
        let served = app.anonymous().get("/openapi.json").await.expect(200);
        assert_eq!(served.json, *DOCUMENT);
    }

    async fn the_documentation_is_served_from_the_program(app: TestApp) {
        let anonymous = app.anonymous();
        let moved = anonymous.get("/docs").await.expect(308);
        assert_eq!(moved.header("location"), "/docs/");
        let page = anonymous.get("/docs/").await.expect(200).text();
        assert!(!page.contains("https://"), "the page loads something from elsewhere: {page}");
        assert!(anonymous.get("/docs/swagger-initializer.js").await.expect(200).text().contains("/openapi.json"));
    }
}

/// Calls `check` for every schema of the document, with its place.
fn each_schema(check: &mut impl FnMut(&str, &Value)) {
    fn walk(place: &str, value: &Value, check: &mut impl FnMut(&str, &Value)) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(place, item, check)),
            Value::Object(fields) => {
                let is_schema = ["type", "$ref", "allOf", "oneOf", "anyOf"].iter().any(|key| {
                    // A property may be called `type`: then its value is a schema, not a name.
                    fields.get(*key).is_some_and(|said| said.is_string() || said.is_array())
                });
                if is_schema {
                    check(place, value);
                }
                for (name, field) in fields.iter().filter(|(name, _)| !name.starts_with("example")) {
                    walk(&format!("{place}/{name}"), field, check);
                }
            }
            _ => (),
        }
    }
    walk("", &DOCUMENT["components"]["schemas"], check);
    walk("", &DOCUMENT["paths"], check);
}

fn text_of(field: &'static str) -> impl Fn(&Value) -> &str {
    move |value| value[field].as_str().unwrap_or_default()
}
