//! The matrix of rights: every operation of the contract, called by every kind of caller.
//!
//! The contract lists the operations, and [`recipes`] has a valid call for each. The test fails if an operation has no
//! recipe, so that no right stays untested.

mod actions;
mod courses;
mod figures;
pub mod fixture;
mod network;
mod pairs;
pub mod recipes;
pub mod shared;
mod treaties;

use passerelle::auth::{Permission, Role, client_permissions, partner_permissions};
use serde_json::{Value, json};

use crate::harness::contract::{Operation, operations};
use crate::harness::{Caller, Counter, Response};
use recipes::{Elsewhere, Recipe, recipe};
use shared::Shared;

/// The members of a problem that identify the request.
const REQUEST_MEMBERS: &[&str] = &["request_id", "instance"];

/// Calls an operation by its recipe.
pub async fn call(caller: &Caller, operation: &Operation, recipe: &Recipe, id: Option<&str>) -> Response {
    let path = recipe.path(operation, id);
    match (&recipe.body, operation.method.as_str()) {
        (Some(form), "POST") if recipe.is_form => {
            let fields: Vec<(&str, &str)> = form
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
                .collect();
            caller.post_form(&path, &fields).await
        }
        (Some(changes), "PATCH") => caller.patch(&path, changes.clone()).await,
        (body, method) => caller.call(method, &path, body.clone()).await,
    }
}

/// The body of a problem, without the members that identify the request.
fn bare(response: &Response) -> Value {
    let mut body = response.json.clone();
    for member in REQUEST_MEMBERS {
        body.as_object_mut().unwrap().remove(*member);
    }
    body
}

/// The number of rows of each table, except those of the journal, because refusals are journaled.
fn counts(counter: &Counter) -> Vec<(String, i64)> {
    counter.counts().into_iter().filter(|(table, _)| !table.starts_with("audit")).collect()
}

on_both_databases! {
    async fn every_operation_is_allowed_to_the_callers_in_the_contract_only(app: TestApp) {
        let mut shared = Shared::new(&app).await;
        let administrator = shared.administrator().clone();
        // Refused calls change nothing, so one fixture has the objects of them all.
        let fixture = shared.everything();
        let counter = app.database.counter();
        let counts = || counts(&counter);
        for operation in operations() {
            let name = format!("{} {}", operation.method, operation.path);
            let Some(recipe) = recipe(operation.said["operationId"].as_str().unwrap(), &fixture) else {
                panic!("{name} has no recipe: add one to tests/api/matrix/recipes.rs")
            };
            let id = recipe.id.as_deref();

            // Without a token.
            if !operation.is_public() {
                call(&app.anonymous(), &operation, &recipe, id).await.expect(401).problem("unauthenticated");
                let forged = app.anonymous().with_header("Authorization", "Bearer a.b.c");
                call(&forged, &operation, &recipe, id).await.expect(401).problem("unauthenticated");
            }

            if let Some(permission) = operation.permission() {
                let permission: Permission = permission.parse().unwrap();
                // A caller in the right service with every permission except the required one.
                let lacking = if client_permissions().contains(permission) {
                    let others: Vec<Permission> = client_permissions().iter().filter(|other| *other != permission).collect();
                    app.client(fixture.service, &others).await
                } else {
                    app.user(fixture.service, Role::Coordinator).await
                };
                let created = counts();
                let refused = call(&lacking, &operation, &recipe, id).await.expect(403).problem("forbidden");
                assert_eq!(refused["required_permission"], permission.as_str(), "{name}");
                // The administrator has no right to any child's data.
                if !passerelle::auth::administrator_permissions().contains(permission) {
                    call(&administrator, &operation, &recipe, id).await.expect(403).problem("forbidden");
                }
                assert_eq!(counts(), created, "{name}: a refused request stored something");

                // A caller with every permission, in another service.
                let elsewhere = app.user(app.service().await, Role::Manager).await;
                let partner = app.partner(app.service().await).await;
                let there = counts();
                let response = call(&elsewhere, &operation, &recipe, id).await;
                match recipe.elsewhere {
                    Elsewhere::Hidden => {
                        let missing = "0197c2a0-6d3e-7b1c-9f42-000000000000";
                        let missing = call(&elsewhere, &operation, &recipe, Some(missing)).await.expect(404);
                        let hidden = response.expect(404).problem("not_found");
                        assert_eq!(bare(&hidden), bare(&missing), "{name}: hidden and missing differ");
                        let headers = |response: &Response| {
                            let mut names: Vec<String> = response.headers.keys().map(ToString::to_string).collect();
                            names.sort();
                            names
                        };
                        assert_eq!(headers(&hidden), headers(&missing), "{name}: hidden and missing differ in a header");
                    }
                    Elsewhere::UnknownService => {
                        let response = response.expect(422).problem("rule_broken");
                        assert_eq!(response.faults()[0].1, "unknown_service", "{name}");
                    }
                    Elsewhere::AllRefused => {
                        let response = response.expect(200);
                        let done = response.json.get("created").or(response.json.get("changed"));
                        assert_eq!((done, &response["refused"]), (Some(&json!(0)), &json!(1)), "{name}");
                    }
                    Elsewhere::Nothing => {
                        let response = response.expect(200);
                        for id in fixture.ids() {
                            assert!(!response.text().contains(&id), "{name}: {id} of another service is returned");
                        }
                    }
                    Elsewhere::Forbidden => drop(response.expect(403)),
                }
                // A partner's client of another service.
                let response = call(&partner, &operation, &recipe, id).await;
                if partner_permissions().contains(permission) {
                    assert!([200, 404].contains(&response.status), "{name}: {}", response.text());
                    let text = if response.status == 200 { response.text() } else { bare(&response).to_string() };
                    assert!(fixture.ids().iter().all(|id| !text.contains(id)), "{name} shows another service to a partner");
                } else {
                    response.expect(403).problem("forbidden");
                }
                let stored: Vec<_> = counts().into_iter().filter(|(table, _)| table != "stored_replies").collect();
                let there: Vec<_> = there.into_iter().filter(|(table, _)| table != "stored_replies").collect();
                assert_eq!(stored, there, "{name}: a request from another service stored something");
            }
        }
        // Allowed callers.
        let operations = Shared::ordered(operations());
        for operation in &operations {
            shared.allowed(operation, async |caller, recipe| call(caller, operation, recipe, recipe.id.as_deref()).await).await;
        }
        eprintln!("{} fixtures for {} operations", shared.made(), operations.len());
    }
}
