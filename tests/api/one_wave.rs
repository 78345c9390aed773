//! All faults of a request are told at once: those of the schema, of the rules of its type and those that need the database.

use serde_json::{Value, json};

use crate::harness::contract::{DOCUMENT, Operation, operations};
use crate::matrix::call;
use crate::matrix::fixture::{Contents, Fixture};
use crate::matrix::recipes::{Recipe, recipe};

/// An identifier of nothing.
const MISSING: &str = "0197c2a0-6d3e-7b1c-9f42-00000000dead";

/// References that are not refused at their own place, each with its reason.
const EXEMPT: &[(&str, &str)] = &[
    ("declareAbsence service_id", DEPENDS),
    ("declareAbsence user_id", DEPENDS),
    ("createReservation case_id", DEPENDS),
    ("createReservation copy_id", DEPENDS),
    ("createSurvey service_id", DEPENDS),
    ("updateCaseNote reader_ids", "the note of the body is not restricted, so it has no readers"),
    ("createReferral child_id", "the body has a new child, and a referral has one child"),
    ("handOverCases case_ids", REPORT),
    ("handOverCases from_referent_id", REPORT),
    ("handOverCases referent_id", REPORT),
    ("createReferentAttendances referent_ids", REPORT),
    ("checkReservation case_id", REPORT),
    ("checkReservation copy_id", REPORT),
    ("checkReservation kit_id", REPORT),
    ("checkReservation service_id", REPORT),
    ("lookUpChildren service_id", RIGHTS),
    ("createClient service_ids", RIGHTS),
    ("createInvitation service_id", RIGHTS),
];

/// The fault cannot be told while another field, which the rule needs, is not known.
const DEPENDS: &str = "the rule needs the field that is malformed";
const REPORT: &str = "a well-formed call succeeds, with a report on what was refused";
const RIGHTS: &str = "what the caller may do in the service is decided by the well-formed body";

fn resolve(schema: &'static Value) -> &'static Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| DOCUMENT.pointer(pointer)).unwrap_or(schema)
}

/// The schema of the JSON body of an operation with a permission.
fn body_schema(operation: &Operation) -> Option<&'static Value> {
    operation.permission()?;
    let content = &DOCUMENT["paths"][&operation.path][operation.method.to_ascii_lowercase()]["requestBody"]["content"];
    let (_, content) = content.as_object()?.iter().find(|(media_type, _)| media_type.ends_with("json"))?;
    Some(resolve(&content["schema"]))
}

/// The members of a body that name an object by its identifier, with a body that names nothing there.
fn references(schema: &'static Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let property = resolve(property);
        if property["format"] == "uuid" {
            found.push((name.clone(), format!("/{name}"), json!(MISSING)));
        } else if resolve(&property["items"])["format"] == "uuid" {
            found.push((name.clone(), format!("/{name}/0"), json!([MISSING])));
        }
    }
    found
}

/// A member of the body, other than the reference, that has a type other than an object.
fn other_member(body: &Value, reference: &str) -> Option<String> {
    let fields = body.as_object()?;
    fields
        .iter()
        .find(|(name, value)| *name != reference && *name != "service_id" && !value.is_object())
        .map(|(name, _)| name.clone())
}

on_both_databases! {
    async fn an_unknown_object_is_told_with_the_faults_of_the_schema(app: TestApp) {
        let administrator = app.administrator().await;
        let fixture = Fixture::new(&app, Contents::Everything).await;
        let before = app.database.counts();
        let (mut asked, mut missed) = (0, Vec::new());
        for operation in operations() {
            let id = operation.said["operationId"].as_str().unwrap();
            let Some(schema) = body_schema(&operation) else { continue };
            let recipe = recipe_of(id, &fixture);
            let caller = if recipe.by_administrator { &administrator } else { &fixture.manager };
            let valid = recipe.body.clone().unwrap();
            for (name, pointer, nothing) in references(schema) {
                let place = format!("{id} {name}");
                if EXEMPT.iter().any(|(exempt, _)| *exempt == place) {
                    continue;
                }
                let mut unknown = valid.clone();
                unknown[&name] = nothing;
                let mut bodies = vec![("alone", unknown.clone(), None)];
                let mut with_another = unknown.clone();
                with_another["colour"] = "blue".into();
                bodies.push(("with an unknown field", with_another, Some("/colour".to_owned())));
                if let Some(other) = other_member(&valid, &name) {
                    let mut with_wrong_type = unknown.clone();
                    with_wrong_type[&other] = json!({"of": "another type"});
                    bodies.push(("with a wrong type", with_wrong_type, Some(format!("/{other}"))));
                }
                for (how, body, other) in bodies {
                    let sent = Recipe { body: Some(body), ..recipe_of(id, &fixture) };
                    let response = call(caller, &operation, &sent, sent.id.as_deref()).await;
                    let faults = response.faults();
                    let has = |place: &str| faults.iter().any(|(at, _)| at == place);
                    if !has(&pointer) || other.as_ref().is_some_and(|other| !has(other)) {
                        missed.push(format!("{place} {how}: {} {}", response.status, response.text().chars().take(400).collect::<String>()));
                    }
                    asked += 1;
                }
            }
        }
        assert!(asked > 60, "{asked}");
        assert!(missed.is_empty(), "{} of {asked}:\n{}", missed.len(), missed.join("\n"));
        let tables = |counts: Vec<(String, i64)>| counts.into_iter().filter(|(table, _)| !table.starts_with("audit")).collect::<Vec<_>>();
        assert_eq!(tables(app.database.counts()), tables(before), "a refused request stored something");
    }

    async fn the_rules_of_an_empty_referral_are_told_at_once(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, passerelle::auth::Role::Manager).await;
        let before = app.database.counts();
        let body = json!({
            "service_id": service, "subject": "child", "received_on": "2999-01-01", "organisation_id": MISSING,
            "child": {"identity": {"family_name": "Martin", "birth_date": "2024-02-30"}},
        });
        let refused = manager.post("/v1/referrals", body.clone()).await;
        let refused = refused.expect(400).problem("invalid_body");
        let faults = refused.faults();
        for (pointer, code) in [
            ("/child/identity/birth_date", "date"),
            ("/origin", "required"),
            ("/needs", "required"),
            ("/commune_code", "commune_required"),
            ("/received_on", "in_the_future"),
            ("/organisation_id", "unknown_organisation"),
        ] {
            assert!(faults.contains(&(pointer.into(), code.into())), "{pointer} {code} is not in {faults:?}");
        }
        assert_eq!(app.database.counts(), before, "a rehearsal is rolled back");
        // The same for each item of a bulk call, whose other items are recorded.
        let mut item = body;
        item["service_id"] = json!(service);
        let report = manager.post("/v1/referrals/bulk", json!({"items": [item]})).await.expect(200);
        let told = report["data"][0]["problem"]["errors"].as_array().unwrap().clone();
        for (pointer, code) in [
            ("/items/0/child/identity/birth_date", "date"),
            ("/items/0/commune_code", "commune_required"),
            ("/items/0/organisation_id", "unknown_organisation"),
        ] {
            assert!(told.iter().any(|fault| fault["pointer"] == pointer && fault["code"] == code), "{pointer} {code}: {told:?}");
        }
    }

    async fn a_rehearsed_call_has_no_effect_and_no_stored_response(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, passerelle::auth::Role::Manager).await;
        let keyed = manager.clone().with_header("Idempotency-Key", "a-key");
        let mut new = json!({"service_id": service, "name": "Crèche des Lilas", "kind": "eaje", "commune_code": "63113", "colour": "blue"});
        let before = app.database.counts();
        let refused = keyed.post("/v1/organisations", new.clone()).await.expect(400).problem("invalid_body");
        assert_eq!(refused.faults(), [("/colour".to_owned(), "unknown_field".to_owned())]);
        assert_eq!(app.database.counts(), before);
        new.as_object_mut().unwrap().remove("colour");
        keyed.post("/v1/organisations", new).await.expect(201);
    }

    async fn a_rule_that_depends_on_a_faulty_field_is_not_told(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, passerelle::auth::Role::Manager).await;
        // Whether the absence is too long depends on its first day.
        let body = json!({"service_id": service, "starts_on": "2026-13-01", "ends_on": "2026-06-30", "user_id": MISSING});
        let refused = manager.post("/v1/absences", body).await.expect(400).problem("invalid_body");
        let expected = [("/starts_on", "date"), ("/user_id", "unknown_professional")];
        assert_eq!(refused.faults(), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
    }
}

/// The recipe of an operation, which has one.
fn recipe_of(operation: &str, fixture: &Fixture) -> Recipe {
    recipe(operation, fixture).expect("a recipe")
}
