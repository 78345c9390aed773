//! A correction that changes nothing keeps the version, `updated_at`, the feed and the history, in every resource.

use passerelle::auth::Role;
use serde_json::{Map, Value, json};

use crate::harness::contract::{DOCUMENT, Operation, operations};
use crate::harness::{Caller, TestApp};
use crate::matrix::call;
use crate::matrix::fixture::{Contents, Fixture};
use crate::matrix::recipes::recipe;

/// The number of rows of each table, and the version of the object. The journal records reads of personal data.
fn rows(app: &TestApp) -> Vec<(String, i64)> {
    app.database
        .counts()
        .into_iter()
        .filter(|(table, _)| !table.starts_with("audit") && table != "stored_replies")
        .collect()
}

/// The schema of the merge patch of an operation.
fn patch_schema(operation: &Operation) -> &'static Value {
    let content = &operation.said["requestBody"]["content"]["application/merge-patch+json"]["schema"];
    DOCUMENT.pointer(content["$ref"].as_str().unwrap().trim_start_matches('#')).unwrap()
}

/// The members that a patch cannot do without.
fn required(operation: &Operation) -> Map<String, Value> {
    let names = patch_schema(operation)["required"].as_array().cloned().unwrap_or_default();
    names.into_iter().map(|name| (name.as_str().unwrap().to_owned(), json!("Essai"))).collect()
}

/// A value of a response as a request sends it: the items of a list without the members that the program adds.
fn as_sent(schema: &Value, value: &Value) -> Value {
    let item = schema["items"]["$ref"].as_str().and_then(|item| DOCUMENT.pointer(item.trim_start_matches('#')));
    let (Some(sent), Some(items)) = (item.and_then(|item| item["properties"].as_object()), value.as_array()) else {
        return value.clone();
    };
    let as_sent = |item: &Value| {
        let members = item.as_object().into_iter().flatten().filter(|(name, _)| sent.contains_key(*name));
        Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    items.iter().map(as_sent).collect()
}

/// Sends a patch that changes nothing; `may_be_refused` for one whose member cannot change in the object's state.
async fn keeps(app: &TestApp, caller: &Caller, path: &str, body: Value, may_be_refused: bool) -> bool {
    let (before, tables) = (caller.get(path).await.expect(200), rows(app));
    app.advance(chrono::Duration::seconds(1));
    let answer = caller.patch(path, body.clone()).await;
    if may_be_refused && matches!(answer.status, 409 | 422) {
        return false;
    }
    let answer = answer.expect(200);
    let after = caller.get(path).await.expect(200);
    for member in ["version", "updated_at"] {
        assert_eq!(after[member], before[member], "{path} {body}: {member}");
        assert_eq!(answer[member], before[member], "{path} {body}: {member} of the response");
    }
    assert_eq!(after.header("etag"), before.header("etag"), "{path} {body}");
    assert_eq!(rows(app), tables, "{path} {body}: a row was added");
    true
}

on_both_databases! {
    async fn a_correction_that_changes_nothing_leaves_no_trace(app: TestApp) {
        let administrator = app.administrator().await;
        let mut walked = 0;
        // A team that began today has no other first day: its corrections have tests of their own.
        let corrects = |operation: &&Operation| operation.method == "PATCH" && operation.said["operationId"] != "updateCaseMember";
        for operation in operations().iter().filter(corrects) {
            let tag = operation.said["tags"][0].as_str().unwrap();
            let fixture = Fixture::new(&app, Contents::of_tag(tag)).await;
            let name = operation.said["operationId"].as_str().unwrap();
            let recipe = recipe(name, &fixture).unwrap();
            let caller = if recipe.by_administrator { &administrator } else { &fixture.manager };
            let path = recipe.path(operation, recipe.id.as_deref());
            // `{}`, or as little as the schema allows.
            let least = required(operation);
            assert!(keeps(&app, caller, &path, Value::Object(least.clone()), false).await);
            // A real change is one: what is compared above can differ.
            let before = caller.get(&path).await.expect(200)["version"].clone();
            call(caller, operation, &recipe, recipe.id.as_deref()).await.expect(recipe.status);
            let after = caller.get(&path).await.expect(200)["version"].clone();
            assert!(after.as_i64() > before.as_i64(), "{name}: {before} then {after}");
            // Each member as it is.
            let object = caller.get(&path).await.expect(200).json;
            let mut kept = 0;
            for (member, schema) in patch_schema(operation)["properties"].as_object().unwrap() {
                let Some(value) = object.get(member).filter(|value| !value.is_null() && **value != json!([])) else { continue };
                let mut body = least.clone();
                body.insert(member.clone(), as_sent(schema, value));
                kept += u32::from(keeps(&app, caller, &path, Value::Object(body), true).await);
            }
            assert!(kept > 0, "{name}: no member was tried");
            walked += 1;
        }
        assert!(walked >= 21, "{walked}");
    }

    async fn another_editor_is_not_disturbed_and_the_history_gets_no_line(app: TestApp) {
        let fixture = Fixture::new(&app, Contents::Basic).await;
        let path = format!("/v1/referrals/{}", fixture.referral);
        let colleague = app.user(fixture.service, Role::Coordinator).await;
        let (read, history) = (colleague.get(&path).await.expect(200), fixture.manager.get(&format!("{path}/history")).await.expect(200));
        fixture.manager.patch(&path, json!({"urgency": read["urgency"], "needs": read["needs"]})).await.expect(200);
        let conditional = colleague.with_header("If-Match", read.header("etag"));
        conditional.patch(&path, json!({"commune_code": "63032"})).await.expect(200);
        let after = fixture.manager.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(after.rows().len(), history.rows().len() + 1, "one line for the change, none for what changed nothing");
    }
}
