//! The matrix of rights: every operation of the contract, called by everybody.
//!
//! The contract is the list of operations; [`recipes`] says how each is called rightly. An operation that
//! has no recipe fails the test: a right that nobody tests is nobody's right.

mod actions;
mod estate;
mod figures;
mod network;
mod pairs;
mod recipes;
mod treaties;

use passerelle::auth::{Permission, Role, client_permissions, partner_permissions};
use serde_json::{Value, json};

use crate::harness::contract::{Operation, operations};
use crate::harness::{Answer, Caller, TestApp};
use estate::{Estate, Extent};
use recipes::{Elsewhere, Recipe, recipe};

/// What says which request it was, and nothing of what was asked for.
const OF_THE_REQUEST: &[&str] = &["request_id", "instance"];

/// Calls an operation as its recipe says.
async fn call(caller: &Caller, operation: &Operation, recipe: &Recipe, id: Option<&str>) -> Answer {
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

/// The body of a problem, without what names the request.
fn bare(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    for member in OF_THE_REQUEST {
        body.as_object_mut().unwrap().remove(*member);
    }
    body
}

/// The rows of each table but the journal's, which a refusal adds to.
fn counts(app: &TestApp) -> Vec<(String, i64)> {
    app.database.counts().into_iter().filter(|(table, _)| !table.starts_with("audit")).collect()
}

on_both_databases! {
    async fn every_operation_is_for_those_whom_the_contract_names(app: TestApp) {
        let administrator = app.administrator().await;
        // What is only read may be read again.
        let read = Estate::new(&app, Extent::Everything).await;
        for operation in operations() {
            let name = format!("{} {}", operation.method, operation.path);
            let fresh;
            let estate = if operation.method == "GET" {
                &read
            } else {
                let tag = operation.said["tags"][0].as_str().unwrap();
                fresh = Estate::new(&app, Extent::of_tag(tag)).await;
                &fresh
            };
            let Some(recipe) = recipe(operation.said["operationId"].as_str().unwrap(), estate) else {
                panic!("{name} has no recipe: say in tests/api/matrix/recipes.rs how it is called")
            };
            let id = recipe.id.as_deref();
            let before = counts(&app);

            // Without a token.
            if !operation.is_public() {
                call(&app.anonymous(), &operation, &recipe, id).await.expect(401).problem("unauthenticated");
                let forged = app.anonymous().with_header("Authorization", "Bearer a.b.c");
                call(&forged, &operation, &recipe, id).await.expect(401).problem("unauthenticated");
            }

            if let Some(permission) = operation.permission() {
                let permission: Permission = permission.parse().unwrap();
                // In the right service with every other permission.
                let lacking = if client_permissions().contains(permission) {
                    let others: Vec<Permission> = client_permissions().iter().filter(|other| *other != permission).collect();
                    app.client(estate.service, &others).await
                } else {
                    app.user(estate.service, Role::Coordinator).await
                };
                let created = counts(&app);
                let refused = call(&lacking, &operation, &recipe, id).await.expect(403).problem("forbidden");
                assert_eq!(refused["required_permission"], permission.as_str(), "{name}");
                // The administrator of the deployment sees no child.
                if !passerelle::auth::administrator_permissions().contains(permission) {
                    call(&administrator, &operation, &recipe, id).await.expect(403).problem("forbidden");
                }
                assert_eq!(counts(&app), created, "{name}: a refusal left a trace");

                // With every permission, in another service.
                let elsewhere = app.user(app.service().await, Role::Manager).await;
                let partner = app.partner(app.service().await).await;
                let there = counts(&app);
                let answer = call(&elsewhere, &operation, &recipe, id).await;
                match recipe.elsewhere {
                    Elsewhere::Hidden => {
                        let missing = "0197c2a0-6d3e-7b1c-9f42-000000000000";
                        let missing = call(&elsewhere, &operation, &recipe, Some(missing)).await.expect(404);
                        let hidden = answer.expect(404).problem("not_found");
                        assert_eq!(bare(&hidden), bare(&missing), "{name}: hidden and missing differ");
                        let headers = |answer: &Answer| {
                            let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
                            names.sort();
                            names
                        };
                        assert_eq!(headers(&hidden), headers(&missing), "{name}: hidden and missing differ in a header");
                    }
                    Elsewhere::UnknownService => {
                        let answer = answer.expect(422).problem("rule_broken");
                        assert_eq!(answer.faults()[0].1, "unknown_service", "{name}");
                    }
                    Elsewhere::AllRefused => {
                        let answer = answer.expect(200);
                        assert_eq!((&answer["created"], &answer["refused"]), (&json!(0), &json!(1)), "{name}");
                    }
                    Elsewhere::Nothing => {
                        let answer = answer.expect(200);
                        for id in estate.ids() {
                            assert!(!answer.text().contains(&id), "{name}: {id} of another service is shown");
                        }
                    }
                    Elsewhere::Forbidden => drop(answer.expect(403)),
                }
                // An institution that pulls figures, of another service.
                let answer = call(&partner, &operation, &recipe, id).await;
                if partner_permissions().contains(permission) {
                    assert!([200, 404].contains(&answer.status), "{name}: {}", answer.text());
                    let shown = if answer.status == 200 { answer.text() } else { bare(&answer).to_string() };
                    assert!(estate.ids().iter().all(|id| !shown.contains(id)), "{name} shows a partner another service");
                } else {
                    answer.expect(403).problem("forbidden");
                }
                let stored: Vec<_> = counts(&app).into_iter().filter(|(table, _)| table != "stored_replies").collect();
                let there: Vec<_> = there.into_iter().filter(|(table, _)| table != "stored_replies").collect();
                assert_eq!(stored, there, "{name}: a call from another service left a trace");
            }
            assert!(counts(&app).len() == before.len());

            // The right principal.
            let right = if recipe.by_administrator { &administrator } else { &estate.manager };
            let right = if operation.is_public() { &app.anonymous() } else { right };
            let answer = call(right, &operation, &recipe, id).await;
            assert_eq!(answer.status, recipe.status, "{name}: {}", answer.text());
        }
    }
}
