//! Forms: every field of every request has a title in both languages, and every operation with a body has its form.

use std::collections::BTreeSet;

use passerelle_reference::labels;
use serde_json::Value;

use crate::harness::contract::{DOCUMENT, operations};

/// The names of the schemas that a value refers to.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(members) => {
            let name =
                members.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix("#/components/schemas/"));
            found.extend(name);
            members.values().for_each(|member| references(member, found));
        }
        _ => {}
    }
}

#[test]
fn every_field_of_a_request_has_a_title() {
    let operations = operations();
    let mut waiting = Vec::new();
    for operation in &operations {
        references(&operation.said["requestBody"], &mut waiting);
    }
    let (mut seen, mut used, mut faults) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    while let Some(name) = waiting.pop() {
        if !seen.insert(name.to_owned()) {
            continue;
        }
        let schema = &DOCUMENT["components"]["schemas"][name];
        references(schema, &mut waiting);
        for (field, said) in schema["properties"].as_object().into_iter().flatten() {
            used.extend([field.clone(), format!("{name}.{field}")]);
            let has = |key: &str| said[key].as_str().is_some_and(|title| !title.is_empty());
            if !has("x-label-fr") || !has("x-label-en") {
                faults.push(format!("{name}.{field} has no title in data/labels.json"));
            }
        }
    }
    assert!(seen.len() > 200, "{} schemas", seen.len());
    faults.extend(labels::names().filter(|name| !used.contains(*name)).map(|name| format!("{name}: no such field")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

on_both_databases! {
    async fn every_operation_with_a_body_has_its_form(app: TestApp) {
        for operation in operations() {
            let id = operation.said["operationId"].as_str().unwrap();
            let answer = app.anonymous().get(&format!("/v1/forms/{id}")).await;
            let Some(contents) = operation.said["requestBody"]["content"].as_object() else {
                answer.expect(404);
                continue;
            };
            let form = answer.expect(200);
            assert_eq!((form["path"].as_str(), form["method"].as_str()), (Some(operation.path.as_str()), Some(operation.method.as_str())));
            assert!(contents.contains_key(form["media_type"].as_str().unwrap()), "{id}");
            assert!(!form["order"].as_array().unwrap().is_empty(), "{id}");
        }
        let form = app.anonymous().get("/v1/forms/createReferral").await.expect(200);
        let lists: Vec<&str> = form["lists"].as_array().unwrap().iter().map(|list| list["name"].as_str().unwrap()).collect();
        assert!(lists.contains(&"referral_origin") && lists.contains(&"referral_need"), "{lists:?}");
        let field = &form["schema"]["components"]["schemas"]["ReferralInput"]["properties"]["commune_code"];
        assert_eq!((&field["x-label-fr"], &field["x-label-en"]), (&"Commune".into(), &"Commune".into()));
        app.anonymous().get("/v1/forms/nothing").await.expect(404);
        app.anonymous().get("/v1/forms/createReferral?nothing=1").await.expect(400);
    }
}
