//! The contract as a document: committed, complete, with closed objects and valid examples, and consistent with the
//! routes. (The harness checks that every response of every test follows the contract.)

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::contract::{DOCUMENT, compile, operations};

const COMMITTED: &str = include_str!("../../openapi/openapi.json");

#[test]
fn the_committed_contract_is_that_of_the_program() {
    let current = passerelle::cli::document();
    if COMMITTED.trim_end() != current.trim_end() {
        let (was, is) = COMMITTED.lines().zip(current.lines()).find(|(was, is)| was != is).unwrap_or_default();
        panic!(
            "openapi/openapi.json differs from the contract of the program; first difference:\n  committed: {was}\n  \
             program:   {is}\nReview the difference as a client would, then run: cargo run -- openapi > openapi/openapi.json"
        );
    }
}

#[test]
fn every_operation_is_documented() {
    let tags: BTreeSet<&str> = DOCUMENT["tags"].as_array().unwrap().iter().map(text_of("name")).collect();
    let mut ids = BTreeSet::new();
    for operation in operations() {
        let (name, said) = (format!("{} {}", operation.method, operation.path), &operation.said);
        let summary = said["summary"].as_str().unwrap_or_default();
        assert!(
            !summary.is_empty() && !summary.ends_with('.'),
            "{name}: the summary must be a title without a period: {summary:?}"
        );
        let description = said["description"].as_str().unwrap_or_default();
        let own_words = description.split("\n\nPermission:").next().unwrap_or_default();
        assert!(own_words.len() > 20, "{name}: no description besides the summary");
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
            assert!(status.parse::<u16>().is_ok(), "{name}: {status} is not a single status");
        }
    }
}

#[test]
fn an_operation_that_requires_a_token_declares_401_and_403() {
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        let declares = |status: &str| operation.said["responses"].get(status).is_some();
        assert!(operation.said["security"].is_array(), "{name}: no security");
        if !operation.is_public() {
            assert!(declares("401") && declares("403"), "{name}: an operation with a token must declare 401 and 403");
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
fn every_object_schema_is_explicitly_closed_or_open() {
    each_schema(&mut |place, schema| {
        if schema["type"] == "object" {
            assert!(schema.get("additionalProperties").is_some(), "{place}: an object without additionalProperties");
        }
    });
    // The only open object is a problem, because its code may add members.
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let open = schemas.iter().filter(|(_, schema)| schema["additionalProperties"] == true);
    assert_eq!(open.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Problem"]);
}

#[test]
fn no_schema_is_a_choice_with_null() {
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
        // A newtype, such as an identifier, is described where it is used.
        for (property, said) in schema["properties"].as_object().into_iter().flatten() {
            let description = said["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name}.{property} has no description");
        }
    }
}

#[test]
fn every_reference_resolves() {
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
fn no_two_types_share_a_schema_name() {
    let operations = passerelle::app::operations();
    assert_eq!(operations.collisions(), Vec::<String>::new(), "give one of them #[schema(as = …)]");
}

#[test]
fn the_routes_match_the_contract() {
    let routes = passerelle::app::operations().table();
    let unique: BTreeSet<_> = routes.iter().cloned().collect();
    assert_eq!(unique.len(), routes.len(), "an operation is routed twice: {routes:#?}");
    let declared = operations().into_iter().map(|operation| (operation.method, operation.path)).collect();
    assert_eq!(unique, declared);
}

on_both_databases! {
    async fn every_operation_of_the_contract_has_a_route(app: TestApp) {
        let anonymous = app.anonymous();
        let mut responses: BTreeMap<u16, u32> = BTreeMap::new();
        for operation in operations() {
            let name = format!("{} {}", operation.method, operation.path);
            let response = anonymous.call(&operation.method, &operation.concrete_path(), None).await;
            *responses.entry(response.status).or_default() += 1;
            assert_ne!(response["code"], "unknown_path", "{name}");
            assert_ne!(response["code"], "method_not_allowed", "{name}");
            if !operation.is_public() {
                assert_eq!(response.status, 401, "{name} without a token: {}", response.text());
                assert!(response.header("www-authenticate").starts_with("Bearer"), "{name}");
            }
        }
        assert!(responses[&200] >= 5 && responses[&401] >= 5, "{responses:?}");
    }

    async fn the_served_contract_is_the_committed_one(app: TestApp) {
        let served = app.anonymous().get("/openapi.json").await.expect(200);
        assert_eq!(served.json, *DOCUMENT);
    }

    async fn a_section_has_the_operations_of_its_tag_and_their_schemas(app: TestApp) {
        let anonymous = app.anonymous();
        let mut operations = 0;
        for tag in DOCUMENT["tags"].as_array().unwrap() {
            let tag = tag["name"].as_str().unwrap();
            let section = anonymous.get(&format!("/openapi/{tag}.json")).await.expect(200).json;
            assert_eq!(section["tags"].as_array().unwrap().len(), 1, "{tag}");
            for (path, item) in section["paths"].as_object().unwrap() {
                for (method, operation) in item.as_object().unwrap() {
                    assert_eq!((&operation["tags"][0], operation), (&json!(tag), &DOCUMENT["paths"][path][method]));
                    operations += 1;
                }
            }
            let text = section.to_string();
            for (name, schema) in section["components"]["schemas"].as_object().unwrap() {
                assert_eq!(*schema, DOCUMENT["components"]["schemas"][name]);
                assert!(text.contains(&format!("#/components/schemas/{name}\"")), "{tag} does not use {name}");
            }
            for part in text.split("#/components/schemas/").skip(1) {
                let name = part.split('"').next().unwrap();
                assert!(!section["components"]["schemas"][name].is_null(), "{tag} lacks {name}");
            }
        }
        assert_eq!(operations, self::operations().len());
        anonymous.get("/openapi/nothing.json").await.expect(404).problem("not_found");
        anonymous.get("/openapi/cases").await.expect(404).problem("not_found");
    }

    async fn the_contract_is_not_sent_again_to_a_caller_that_has_it(app: TestApp) {
        for path in ["/openapi.json", "/openapi/cases.json", "/docs/contract.fr.json"] {
            let first = app.anonymous().with_header("Accept-Encoding", "br").get(path).await.expect(200);
            let tag = first.header("etag").to_owned();
            assert_eq!((first.header("content-encoding"), first.header("cache-control")), ("br", "no-cache"), "{path}");
            let again = app.anonymous().with_header("Accept-Encoding", "br").with_header("If-None-Match", &tag);
            again.get(path).await.expect(304);
        }
    }

    async fn the_documentation_is_served_from_the_program(app: TestApp) {
        let anonymous = app.anonymous();
        let moved = anonymous.get("/docs").await.expect(308);
        assert_eq!(moved.header("location"), "/docs/");
        let page = anonymous.get("/docs/").await.expect(200);
        let policy = page.header("content-security-policy").to_owned();
        assert!(policy.contains("script-src 'self';") && policy.contains("connect-src 'self';"), "{policy}");
        let page = page.text();
        for foreign in ["https://", "http://", "=\"//"] {
            assert!(!page.contains(foreign), "the page loads something from another site: {page}");
        }
        // What the page names is there.
        for name in page.split("src=\"").skip(1).map(|part| part.split('"').next().unwrap()) {
            let file = anonymous.get(&format!("/docs/{name}")).await.expect(200);
            assert_eq!(file.header("content-type"), "text/javascript; charset=utf-8");
        }
        assert!(anonymous.get("/docs/start.js").await.expect(200).text().contains("/docs/contract."));
        for lang in ["fr", "en"] {
            let contract = anonymous.get(&format!("/docs/contract.{lang}.json")).await.expect(200).json;
            assert_eq!(contract["paths"].as_object().unwrap().len(), DOCUMENT["paths"].as_object().unwrap().len());
        }
    }

    async fn the_script_of_the_documentation_is_served_packed(app: TestApp) {
        let path = "/docs/scalar-1.76.0.js";
        let packed = app.anonymous().with_header("Accept-Encoding", "gzip, br").get(path).await.expect(200);
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_eq!(packed.header("cache-control"), "public, max-age=31536000, immutable");
        let plain = app.anonymous().get(path).await.expect(200);
        assert_eq!(plain.header("content-encoding"), "");
        assert!(plain.text().contains("@scalar/api-reference 1.76.0"));
        app.anonymous().get("/docs/scalar-1.76.1.js").await.expect(404);
    }
}

/// Calls `check` for every schema of the document, with its path.
fn each_schema(check: &mut impl FnMut(&str, &Value)) {
    fn walk(place: &str, value: &Value, check: &mut impl FnMut(&str, &Value)) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(place, item, check)),
            Value::Object(fields) => {
                let is_schema = ["type", "$ref", "allOf", "oneOf", "anyOf"].iter().any(|key| {
                    // A property can be called `type`: then its value is a schema and not a type name.
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
