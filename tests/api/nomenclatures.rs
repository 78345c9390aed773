//! Code lists: open data, and what the contract's `x-nomenclature` refers to.

use std::collections::BTreeSet;

use passerelle::nomenclatures;
use serde_json::Value;

use crate::harness::contract::DOCUMENT;

/// The enums that are for programs, each with its reason. Those of `fields`, `expand` and `sort` are exempt too: they name
/// fields.
const TECHNICAL: &[(&str, &str)] = &[("TokenType", "a constant of OAuth 2.0 (RFC 6750)")];

/// The enums of the contract: where each of them is, with its schema.
fn enums() -> Vec<(String, &'static Value)> {
    fn walk(place: &str, value: &'static Value, found: &mut Vec<(String, &'static Value)>) {
        match value {
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| walk(&format!("{place}/{at}"), item, found));
            }
            // The parameter `fields` names fields.
            Value::Object(fields)
                if fields.get("name").is_some_and(|name| name == "fields") && fields.contains_key("in") => {}
            Value::Object(fields) => {
                if fields.get("enum").is_some_and(Value::is_array) {
                    found.push((place.to_owned(), value));
                }
                for (name, field) in fields.iter().filter(|(name, _)| !name.starts_with("example")) {
                    walk(&format!("{place}/{name}"), field, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", &DOCUMENT["components"]["schemas"], &mut found);
    walk("", &DOCUMENT["paths"], &mut found);
    found
}

#[test]
fn every_enum_that_people_see_is_a_list_with_labels() {
    let (mut seen, mut used, mut faults) = (0, BTreeSet::new(), Vec::new());
    for (place, schema) in enums() {
        let values: Vec<&str> = schema["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let name = place.rsplit('/').next().unwrap_or_default();
        let Some(list) = schema["x-nomenclature"].as_str() else {
            let names_fields = name.ends_with("Sort") || name.ends_with("Expand");
            if !names_fields && !TECHNICAL.iter().any(|(exempt, _)| *exempt == name) {
                faults.push(format!("{place} names no list: {values:?}"));
            }
            continue;
        };
        seen += 1;
        used.insert(list);
        let known = nomenclatures::list(list).unwrap_or_else(|| panic!("{place}: no list {list}"));
        let codes: Vec<&str> = known.codes().iter().map(|code| code.code.as_str()).collect();
        let (of_enum, of_list): (BTreeSet<_>, BTreeSet<_>) = (values.iter().collect(), codes.iter().collect());
        if !of_enum.is_subset(&of_list) || (known.is_closed() && of_enum != of_list) {
            faults.push(format!("{place}: {values:?} are not the codes of {list}: {codes:?}"));
        }
    }
    let closed = nomenclatures::nomenclatures().code_lists.iter().filter(|list| list.is_closed());
    faults.extend(
        closed.filter(|list| !used.contains(list.name.as_str())).map(|list| format!("{} is not used", list.name)),
    );
    assert!(seen > 80, "{seen} enums");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

on_both_databases! {
    async fn anyone_lists_the_code_lists(app: TestApp) {
        let lists = app.anonymous().get("/v1/nomenclatures?limit=500").await.expect(200);
        assert_eq!(lists.rows().len(), 129);
        assert_eq!(lists.rows()[0]["name"], "referral_origin_group");
        assert!(lists["page"]["next_cursor"].is_null());
        assert_eq!(lists.header("cache-control"), "public, max-age=86400");
    }

    async fn the_pages_of_lists_return_every_list(app: TestApp) {
        let (mut query, mut names) = ("limit=10".to_owned(), Vec::new());
        loop {
            let page = app.anonymous().get(&format!("/v1/nomenclatures?{query}")).await.expect(200);
            names.extend(page.rows().iter().map(|row| row["name"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            query = format!("limit=10&cursor={cursor}");
        }
        let all = &nomenclatures::nomenclatures().code_lists;
        assert_eq!(names, all.iter().map(|list| list.name.clone()).collect::<Vec<_>>());
    }

    async fn a_list_has_its_codes_in_order(app: TestApp) {
        let steps = app.anonymous().get("/v1/nomenclatures/case_step").await.expect(200);
        assert_eq!(steps["codes"][2]["code"], "childcare_search");
        assert_eq!(steps["codes"][2]["label_en"], "Childcare search");
        app.anonymous().get("/v1/nomenclatures/case_steps").await.expect(404).problem("not_found");
        app.anonymous().get("/v1/nomenclatures/case_step?lang=fr").await.expect(400).problem("invalid_parameters");
    }

    async fn every_list_named_in_the_contract_exists(app: TestApp) {
        let contract = app.anonymous().get("/openapi.json").await.expect(200);
        let mut named = Vec::new();
        let mut stack = vec![&contract.json];
        while let Some(value) = stack.pop() {
            match value {
                Value::Object(fields) => {
                    named.extend(fields.get("x-nomenclature").and_then(|list| list.as_str()));
                    stack.extend(fields.values());
                }
                Value::Array(items) => stack.extend(items),
                _ => {}
            }
        }
        assert!(named.contains(&"organisation_kind"));
        named.sort_unstable();
        named.dedup();
        for list in named {
            app.anonymous().get(&format!("/v1/nomenclatures/{list}")).await.expect(200);
        }
    }
}
