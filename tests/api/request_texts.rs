//! What a request may say: texts, identifiers, dates and ranges, in every operation of the contract.

use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::harness::Response;
use crate::harness::contract::{DOCUMENT, operations};
use crate::matrix::fixture::{Contents, Fixture};

const LINES: [&str; 4] = ["line", "visible-line", "lines", "visible-lines"];

/// The text members of the schemas of request bodies: the schema, the name of the member, its schema.
fn texts() -> Vec<(String, String, &'static Value)> {
    let mut names = Vec::new();
    for operation in operations() {
        for content in operation.said["requestBody"]["content"].as_object().into_iter().flatten() {
            references(&content.1["schema"], &mut names);
        }
    }
    let schemas = &DOCUMENT["components"]["schemas"];
    let mut rank = 0;
    while rank < names.len() {
        references(&schemas[&names[rank]], &mut names);
        rank += 1;
    }
    let mut found = Vec::new();
    for schema in names {
        for (member, property) in schemas[&schema]["properties"].as_object().into_iter().flatten() {
            let own = ["enum", "const", "x-nomenclature", "x-territory", "$ref"]
                .iter()
                .any(|keyword| property.get(*keyword).is_some());
            let is_text = property["type"] == "string"
                || property["type"].as_array().is_some_and(|types| types.contains(&json!("string")));
            if is_text && !own {
                found.push((schema.clone(), member.clone(), property));
            }
        }
    }
    found
}

/// Adds the names of the schemas that a part of the document refers to.
fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        Value::Object(fields) => {
            let referred =
                fields.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/components/schemas/"));
            if let Some(name) = referred.filter(|name| !names.iter().any(|known| known == name)) {
                names.push((*name).to_owned());
            }
            fields.values().for_each(|field| references(field, names));
        }
        _ => {}
    }
}

fn codes(response: &Response) -> Vec<(String, String)> {
    response.faults()
}

/// The fault at a place: a control character, or a blank text.
fn at(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

#[test]
fn every_text_of_a_request_has_a_format_and_every_name_must_show_something() {
    let texts = texts();
    assert!(texts.len() > 150, "{}", texts.len());
    let mut names = 0;
    for (schema, member, property) in &texts {
        let format = property["format"].as_str();
        assert!(format.is_some() || property.get("pattern").is_some(), "{schema}/{member} takes any character");
        assert_ne!(property["pattern"], "\\S", "{schema}/{member}");
        let base = member.trim_end_matches("_fr").trim_end_matches("_en");
        if matches!(base, "name" | "title" | "label") || base.ends_with("_name") {
            assert_eq!(format, Some("visible-line"), "{schema}/{member}");
            names += 1;
        }
    }
    assert!(names > 40, "{names}");
    // Several lines are the exception, and are said.
    let several: Vec<_> = texts
        .iter()
        .filter(|(_, _, property)| property["format"].as_str().is_some_and(|format| format.ends_with("lines")))
        .collect();
    for (schema, member, _) in &several {
        let long = [
            "comment",
            "decision",
            "note",
            "description_fr",
            "description_en",
            "description",
            "address",
            "reason",
            "summary",
            "text",
        ];
        assert!(long.contains(&member.as_str()), "{schema}/{member} has several lines");
    }
    assert!(several.len() > 15 && LINES.len() == 4, "{}", several.len());
}

on_both_databases! {
    async fn a_title_is_one_line_and_a_name_is_not_blank(app: TestApp) {
        let fixture = Fixture::new(&app, Contents::Lending).await;
        let kit = |title: &str| json!({"service_id": fixture.service, "title_fr": title, "themes": ["senses"], "audiences": ["family"]});
        for title in ["Sons\r\net rythmes", "Sons\net", "Sons\tet", "Sons\u{85}et", "Sons\u{2028}et", "\u{202e}Sons", "a\u{2066}b"] {
            let refused = fixture.manager.post("/v1/kits", kit(title)).await.expect(400).problem("invalid_body");
            assert_eq!(codes(&refused), [at("/title_fr", "control_character")], "{title:?}");
        }
        for blank in [" ", "\u{a0}", "\u{200b}", "\u{301}", "\u{ad}\u{2060}", "\u{fe0f}\u{200d}"] {
            let refused = fixture.manager.post("/v1/kits", kit(blank)).await.expect(400).problem("invalid_body");
            assert_eq!(codes(&refused), [at("/title_fr", "blank")], "{blank:?}");
            let child = json!({"given_name": blank, "family_name": blank, "birth_date": "2023-04-05"});
            let refused = fixture.manager.post(&format!("/v1/households/{}/children", fixture.household), child).await.expect(400);
            assert_eq!(codes(&refused), [at("/family_name", "blank"), at("/given_name", "blank")], "{blank:?}");
            let contact = json!({"relation": "parent", "name": blank});
            let refused = fixture.manager.post(&format!("/v1/households/{}/contacts", fixture.household), contact).await.expect(400);
            assert_eq!(codes(&refused), [at("/name", "blank")], "{blank:?}");
            fixture.manager.patch(&format!("/v1/contacts/{}", fixture.contact), json!({"name": blank})).await.expect(400);
        }
        for name in ["Zoé", "李", "E\u{301}lodie", "D'Almeida‑Núñez"] {
            fixture.manager.patch(&format!("/v1/contacts/{}", fixture.contact), json!({"name": name})).await.expect(200);
        }
        // Texts of several lines keep them; characters that hide others are refused there too.
        let path = format!("/v1/households/{}", fixture.household);
        let address = "12 rue des Lilas\nBâtiment B\r\n63000 Clermont-Ferrand";
        assert_eq!(fixture.manager.patch(&path, json!({"address": address})).await.expect(200)["address"], address);
        fixture.manager.patch(&path, json!({"address": "a\u{202e}b"})).await.expect(400);
        // A parameter too.
        let refused = fixture.manager.get("/v1/organisations?name=a%0Ab").await.expect(400).problem("invalid_parameters");
        assert_eq!(codes(&refused), [at("name", "control_character")]);
        assert!(fixture.manager.get("/v1/organisations?name=%20").await.expect(200).rows().is_empty());
    }

    async fn an_identifier_has_one_form_in_paths_queries_and_bodies(app: TestApp) {
        let fixture = Fixture::new(&app, Contents::Basic).await;
        let id = &fixture.organisation;
        let upper = id.to_uppercase();
        assert_eq!(fixture.manager.get(&format!("/v1/organisations/{upper}")).await.expect(200)["id"], *id);
        let plain = id.replace('-', "");
        for alias in [format!("urn:uuid:{id}"), format!("%7B{id}%7D"), plain.clone()] {
            let refused = fixture.manager.get(&format!("/v1/organisations/{alias}")).await.expect(400).problem("invalid_parameters");
            assert_eq!(codes(&refused), [at("id", "uuid")], "{alias}");
        }
        fixture.manager.get("/v1/organisations/nonsense").await.expect(404);
        let service = fixture.service.as_str();
        for alias in [format!("urn:uuid:{service}"), format!("%7B{service}%7D"), service.replace('-', "")] {
            let refused = fixture.manager.get(&format!("/v1/organisations?service_id={alias}")).await.expect(400);
            assert_eq!(codes(&refused), [at("service_id", "uuid")], "{alias}");
        }
        let new = |service: String| json!({"service_id": service, "kind": "eaje", "name": "Les Elfes", "commune_code": "63113"});
        for alias in [format!("urn:uuid:{service}"), format!("{{{service}}}"), service.replace('-', "")] {
            let refused = fixture.manager.post("/v1/organisations", new(alias.clone())).await.expect(400);
            assert_eq!(codes(&refused), [at("/service_id", "uuid")], "{alias}");
        }
        let made = fixture.manager.post("/v1/organisations", new(service.to_uppercase())).await.expect(201);
        assert_eq!(made["service_id"], service);
    }

    async fn an_inverted_range_is_one_400_with_one_wording(app: TestApp) {
        let fixture = Fixture::new(&app, Contents::Everything).await;
        let manager = &fixture.manager;
        let service = fixture.service;
        let message = "La date de fin précède la date de début.";
        let is_inverted = |response: Response, pointer: &str| {
            let response = response.expect(400);
            let errors = response["errors"].as_array().unwrap();
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert_eq!(errors[0], json!({"pointer": pointer, "code": "ends_before_start", "message": message}));
        };
        // Each range of the queries of the contract.
        let mut walked = 0;
        for operation in operations().iter().filter(|operation| operation.method == "GET") {
            let names: Vec<&str> = operation.said["parameters"].as_array().into_iter().flatten()
                .filter(|parameter| parameter["schema"]["format"] == "date").filter_map(|parameter| parameter["name"].as_str()).collect();
            for end in names.iter().filter(|name| **name == "to" || name.ends_with("_to")) {
                let start = if *end == "to" { "from".to_owned() } else { format!("{}_from", end.strip_suffix("_to").unwrap()) };
                let Some(recipe) = crate::matrix::recipes::recipe(operation.said["operationId"].as_str().unwrap(), &fixture) else { continue };
                let path = recipe.path(operation, recipe.id.as_deref());
                let path = path.split('?').next().unwrap().to_owned();
                is_inverted(manager.get(&format!("{path}?{start}=2026-03-02&{end}=2026-03-01")).await, end);
                walked += 1;
            }
        }
        assert!(walked >= 8, "{walked}");
        let position = json!({"title": "Coordination", "fte_percent": 10, "starts_on": "2026-03-02", "ends_on": "2026-03-01", "counted": true});
        is_inverted(manager.post(&format!("/v1/services/{service}/positions"), position).await, "/ends_on");
        is_inverted(manager.patch(&format!("/v1/positions/{}", fixture.position), json!({"ends_on": "1999-01-01"})).await, "/ends_on");
        is_inverted(manager.patch(&format!("/v1/services/{service}"), json!({"closed_on": "1999-01-01"})).await, "/closed_on");
        let closings = json!({"closings": [{"starts_on": "2026-08-03", "ends_on": "2026-08-02"}]});
        is_inverted(manager.patch(&format!("/v1/services/{service}/kit-settings"), closings).await, "/closings/0/ends_on");
        let english = manager.clone().with_header("Accept-Language", "en");
        let refused = english.patch(&format!("/v1/services/{service}"), json!({"closed_on": "1999-01-01"})).await.expect(400);
        assert_eq!(refused["errors"][0]["message"], "The end date is before the start date.");
    }

    async fn null_for_a_plain_list_of_values_is_one_fault(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        let refused = caller.post("/v1/referrals", json!({"service_id": service, "subject": null, "origin": "pmi", "channel": "phone", "commune_code": "63113", "needs": ["find_childcare"]})).await.expect(400);
        assert_eq!(codes(&refused), [at("/subject", "type")]);
        let refused = caller.get("/v1/organisations?updated_since=0000-01-01T00:00:00Z").await.expect(400);
        assert_eq!(codes(&refused), [at("updated_since", "date_time")]);
    }
}
