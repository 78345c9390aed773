//! Writes: a repeated request has one effect and one response; a decision on a stale version has no effect.

use std::collections::BTreeSet;

use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::harness::{Caller, TestApp};

/// A referral of a child who is not known yet.
fn a_referral(service: &str, external_id: &str) -> Value {
    json!({
        "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
        "child": {"identity": {"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"}},
        "needs": ["find_childcare"], "external_id": external_id
    })
}

fn keyed(caller: &Caller, key: &str) -> Caller {
    caller.clone().with_header("Idempotency-Key", key)
}

/// The same caller, sending this version in `If-Match`.
fn knowing(caller: &Caller, version: &str) -> Caller {
    caller.clone().with_header("If-Match", version)
}

async fn coordinator(app: &TestApp) -> (String, Caller) {
    let service = app.service().await;
    (service.to_string(), app.user(service, Role::Coordinator).await)
}

on_both_databases! {
    async fn a_repeated_request_has_one_effect_and_one_response(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let caller = keyed(&caller, "a-key");
        let first = caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        assert_eq!(first.header("idempotency-replayed"), "");
        let second = caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        assert_eq!(second.header("idempotency-replayed"), "true");
        assert_eq!(second.body, first.body);
        for header in ["location", "etag", "content-type", "cache-control"] {
            assert_eq!(second.header(header), first.header(header), "{header}");
        }
        assert_eq!(app.database.count("referrals"), 1);
        // Another instance replays it too: the reply is in the database.
        let other = caller.clone().at(&app.second_instance().await);
        assert_eq!(other.post("/v1/referrals", a_referral(&service, "one")).await.expect(201).body, first.body);
        assert_eq!(app.database.count("referrals"), 1);
    }

    async fn an_idempotency_key_belongs_to_one_request(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let with_key = keyed(&caller, "a-key");
        with_key.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        with_key.post("/v1/referrals", a_referral(&service, "two")).await.expect(422).problem("idempotency_key_reused");
        // With another path the key is refused. With another key or caller it is another request.
        let household = json!({"service_id": service, "commune_code": "63300"});
        with_key.post("/v1/households", household.clone()).await.expect(422).problem("idempotency_key_reused");
        keyed(&caller, "b-key").post("/v1/households", household.clone()).await.expect(201);
        let other = app.user(service.parse().unwrap(), Role::Coordinator).await;
        keyed(&other, "b-key").post("/v1/households", household).await.expect(201);
        assert_eq!((app.database.count("referrals"), app.database.count("households")), (1, 3));
    }

    async fn an_idempotency_key_expires_after_a_day(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let caller = keyed(&caller, "a-key");
        let first = caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        app.advance(chrono::Duration::hours(24));
        let kept = caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        assert_eq!(kept["referral"]["id"], first["referral"]["id"]);
        app.advance(chrono::Duration::seconds(1));
        caller.post("/v1/referrals", a_referral(&service, "two")).await.expect(201);
        assert_eq!(app.database.count("referrals"), 2);
        app.advance(chrono::Duration::hours(25));
        let swept = app.local(passerelle::replays::delete_expired).await;
        assert_eq!((swept, app.database.count("stored_replies")), (1, 0));
    }

    async fn a_refusal_is_not_replayed(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let caller = keyed(&caller, "a-key");
        let mut bad = a_referral(&service, "one");
        bad["received_on"] = "2030-01-01".into();
        caller.post("/v1/referrals", bad).await.expect(422).problem("rule_broken");
        caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        assert_eq!(app.database.count("stored_replies"), 1);
    }

    async fn an_invalid_idempotency_key_is_refused(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        for bad in ["a b", "é", &"x".repeat(256)] {
            let response = keyed(&caller, bad).post("/v1/referrals", a_referral(&service, "one")).await.expect(400);
            assert_eq!(response.problem("invalid_parameters").faults(), [("Idempotency-Key".into(), "idempotency_key".into())]);
        }
        let twice = keyed(&caller, "a").request("POST", "/v1/referrals").append_header(("Idempotency-Key", "b"));
        let response = app.send(twice.set_json(a_referral(&service, "one")).to_request()).await.expect(400);
        response.problem("invalid_parameters");
        assert_eq!(app.database.count("referrals"), 0);
    }

    async fn sixty_four_identical_requests_create_one_referral(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let second = app.second_instance().await;
        let twins = (0..64).map(|number| {
            let caller = keyed(&caller, "twins");
            let caller = if number % 2 == 0 { caller } else { caller.at(&second) };
            let body = a_referral(&service, "twin");
            async move { caller.post("/v1/referrals", body).await }
        });
        let responses = futures_util::future::join_all(twins).await;
        let created: Vec<_> = responses.iter().filter(|response| response.status == 201).collect();
        let fresh = created.iter().filter(|response| response.header("idempotency-replayed").is_empty()).count();
        assert_eq!(fresh, 1);
        let ids: BTreeSet<String> = created.iter().map(|response| response["referral"]["id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
        for response in responses.iter().filter(|response| response.status != 201) {
            assert_eq!((response.status, response["code"].as_str()), (409, Some("request_in_progress")), "{}", response.text());
            assert_eq!(response.header("retry-after"), "1");
        }
        assert_eq!((app.database.count("referrals"), app.database.count("children")), (1, 1));
        keyed(&caller, "twins").post("/v1/referrals", a_referral(&service, "twin")).await.expect(201);
    }

    async fn an_action_requires_the_current_version(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let made = caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        let path = made.header("location").to_owned();
        let read = caller.get(&path).await.expect(200);
        assert!(read.header("etag").starts_with("\"1-"), "{}", read.header("etag"));
        let accept = format!("{path}/accept");
        let without = knowing(&caller, "").post(&accept, json!({})).await.expect(428);
        without.problem("precondition_required");
        knowing(&caller, "1").post(&accept, json!({})).await.expect(400).problem("invalid_parameters");
        let stale = knowing(&caller, "\"2\"").post(&accept, json!({})).await.expect(412).problem("version_mismatch");
        assert_eq!(stale["version"], 1);
        let accepted = knowing(&caller, read.header("etag")).post(&accept, json!({})).await.expect(200);
        assert!(accepted.header("etag").starts_with("\"2-"), "{}", accepted.header("etag"));
        assert_eq!(caller.get(&path).await.expect(200).header("etag"), accepted.header("etag"));
        // The version is checked before the state: the caller first learns that it has not read the current state.
        knowing(&caller, "\"1\"").post(&accept, json!({})).await.expect(412);
        knowing(&caller, "\"2\"").post(&accept, json!({})).await.expect(409).problem("wrong_state");
        // An object that the caller may not see gets a 404, whatever the version.
        let elsewhere = app.user(app.service().await, Role::Coordinator).await;
        for stranger in [knowing(&elsewhere, ""), knowing(&elsewhere, "\"9\"")] {
            stranger.post(&accept, json!({})).await.expect(404).problem("not_found");
        }
    }

    async fn a_retried_action_gets_its_first_response_and_not_a_412(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let made = caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        let accept = format!("{}/accept", made.header("location"));
        let call = keyed(&knowing(&caller, "\"1\""), "accept-once");
        let first = call.post(&accept, json!({})).await.expect(200);
        let again = call.post(&accept, json!({})).await.expect(200);
        assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
        assert_eq!(app.database.count("cases"), 1);
    }

    async fn a_current_entity_tag_gets_304(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let made = caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        for path in [made.header("location"), "/v1/referrals", "/v1/nomenclatures/need_domain"] {
            let read = caller.get(path).await.expect(200);
            let tag = read.header("etag").to_owned();
            let (packed, plain) = (format!("{}+gzip\"", tag.trim_end_matches('"')), tag.clone());
            for (known, shown) in [(plain, &tag), (format!("\"x\", W/{tag}"), &tag), ("*".into(), &tag), (packed.clone(), &packed)] {
                let same = caller.clone().with_header("If-None-Match", &known).get(path).await.expect(304);
                assert_eq!((same.header("etag"), same.body.len()), (shown.as_str(), 0), "{path}");
            }
            caller.clone().with_header("If-None-Match", "\"x\"").get(path).await.expect(200);
            let long = caller.clone().with_header("If-None-Match", &"\"x\",".repeat(300)).get(path).await;
            let long = long.expect(400).problem("invalid_parameters");
            assert_eq!(long.faults(), [("If-None-Match".to_owned(), "too_long".to_owned())]);
        }
        let packed = caller.clone().with_header("Accept-Encoding", "gzip").get("/v1/nomenclatures/need_domain").await.expect(200);
        assert_eq!((packed.header("content-encoding"), packed.header("etag").ends_with("+gzip\"")), ("gzip", true));
        // A change of the child changes the representation of the referral: the entity tag changes, the version does
        // not.
        let before = caller.get(made.header("location")).await.expect(200);
        let child = format!("/v1/children/{}", made["referral"]["child_id"].as_str().unwrap());
        caller.patch(&child, json!({"given_name": "Zoë"})).await.expect(200);
        let after = caller.get(made.header("location")).await.expect(200);
        assert_eq!(after["version"], before["version"]);
        assert_ne!(after.header("etag"), before.header("etag"));
    }

    async fn thirty_two_concurrent_editors_lose_no_update(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let second = app.second_instance().await;
        let made = caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        let path = made.header("location").to_owned();
        let editors = (0..32).map(|number| {
            let caller = if number % 2 == 0 { caller.clone() } else { caller.clone().at(&second) };
            let path = path.clone();
            async move {
                // Each editor adds a line to the text that it read: a lost update would lose a line.
                for _ in 0..200 {
                    let read = caller.get(&path).await.expect(200);
                    let text = read["description"].as_str().unwrap_or_default();
                    let changes = json!({"description": format!("{text}[{number}]")});
                    let response = knowing(&caller, read.header("etag")).patch(&path, changes).await;
                    if response.status == 200 {
                        return;
                    }
                    assert!([409, 412].contains(&response.status), "{}", response.text());
                }
                panic!("editor {number} never came through");
            }
        });
        futures_util::future::join_all(editors).await;
        let read = caller.get(&path).await.expect(200);
        let text = read["description"].as_str().unwrap();
        for number in 0..32 {
            assert!(text.contains(&format!("[{number}]")), "the line of {number} is lost: {text}");
        }
        assert_eq!(read["version"], 33);
    }

    async fn a_merge_patch_has_three_states(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let new = json!({"service_id": service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63032",
                         "siret": "73282932000074", "phone": "04 73 00 00 00"});
        let made = caller.post("/v1/organisations", new).await.expect(201);
        let path = made.header("location");
        let patched = caller.patch(path, json!({"name": "Les Petits Lutins", "phone": null})).await.expect(200);
        assert_eq!((&patched["name"], &patched["phone"]), (&json!("Les Petits Lutins"), &Value::Null));
        assert_eq!((&patched["siret"], &patched["kind"], &patched["version"]), (&made["siret"], &made["kind"], &json!(2)));
        // A patch that changes nothing does not change the version.
        assert_eq!(caller.patch(path, json!({"phone": null})).await.expect(200)["version"], 2);
        for (patch, fault) in [
            (json!({"name": null}), ("/name", "type")), (json!({"colour": "blue"}), ("/colour", "unknown_field")),
            (json!({"service_id": service}), ("/service_id", "unknown_field")), (json!([]), ("", "type")),
            (json!({"siret": "12345678901234"}), ("/siret", "siret")),
        ] {
            let response = caller.patch(path, patch).await.expect(400).problem("invalid_body");
            assert_eq!(response.faults(), [(fault.0.to_owned(), fault.1.to_owned())]);
        }
        let text = caller.request("PATCH", path).insert_header(("Content-Type", "text/plain"));
        let response = app.send(text.set_payload("{}").to_request()).await.expect(415).problem("unsupported_media_type");
        assert_eq!(response.header("accept-patch"), "application/merge-patch+json");
        assert_eq!(caller.get(path).await.expect(200).json, patched.json);
        // What generated clients send.
        let plain = caller.request("PATCH", path).set_json(json!({"name": "Le Relais"})).to_request();
        assert_eq!(app.send(plain).await.expect(200)["name"], "Le Relais");
    }

    async fn a_child_is_born(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let new = json!({"service_id": service, "commune_code": "63300",
                         "children": [{"family_name": "Exemple", "expected_on": "2026-04-20"}]});
        let household = caller.post("/v1/households", new).await.expect(201);
        let path = format!("/v1/children/{}", household["children"][0]["id"].as_str().unwrap());
        app.advance(chrono::Duration::days(60));
        caller.patch(&path, json!({"birth_date": "2026-04-18"})).await.breaks("/birth_date", "one_date");
        let born = json!({"birth_date": "2026-04-18", "expected_on": null});
        caller.patch(&path, born).await.breaks("/given_name", "given_name_required");
        let born = json!({"birth_date": "2026-04-18", "expected_on": null, "given_name": "Zélie"});
        let child = caller.patch(&path, born).await.expect(200);
        assert_eq!((&child["birth_date"], &child["version"]), (&json!("2026-04-18"), &json!(2)));
        let look = |given: &str, date: &str| {
            json!({"service_id": service, "given_name": given, "family_name": "Exemple", "birth_date": date})
        };
        let found = caller.post("/v1/children/look-up", look("Zélie", "2026-04-18")).await.expect(200);
        assert_eq!(found.rows().len(), 1);
        let gone = caller.post("/v1/children/look-up", look("Zélie", "2026-05-20")).await.expect(200);
        assert_eq!(gone.rows().len(), 0, "the tokens of the expected date are gone");
        assert_eq!(caller.get(household.header("location")).await.expect(200)["version"], 2);
        app.assert_never_stored(&["Zélie", "2026-04-18"]);
    }

    async fn a_household_and_its_contacts_are_corrected(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let new = json!({"service_id": service, "commune_code": "63300", "address": "1 rue des Exemples",
                         "contacts": [{"relation": "parent", "name": "Camille Exemple", "phone": "06 39 98 00 00"}]});
        let household = caller.post("/v1/households", new).await.expect(201);
        let path = household.header("location");
        let moved = caller.patch(path, json!({"commune_code": "63032", "address": null})).await.expect(200);
        assert_eq!((&moved["commune_code"], &moved["address"]), (&json!("63032"), &Value::Null));
        let contact = format!("/v1/contacts/{}", household["contacts"][0]["id"].as_str().unwrap());
        let changes = json!({"phone": null, "email": "camille@example.org", "holds_parental_authority": true});
        let corrected = caller.patch(&contact, changes).await.expect(200);
        assert_eq!((&corrected["phone"], &corrected["email"]), (&Value::Null, &json!("camille@example.org")));
        let child = json!({"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"});
        caller.post(&format!("{path}/children"), child).await.expect(201);
        let by = |field: &str, value: &str| json!({"service_id": service, field: value});
        let by_phone = caller.post("/v1/children/look-up", by("phone", "06 39 98 00 00")).await.expect(200);
        let by_email = caller.post("/v1/children/look-up", by("email", "camille@example.org")).await.expect(200);
        assert_eq!((by_phone.rows().len(), by_email.rows().len()), (0, 1));
        caller.delete(&contact).await.expect(400).problem("invalid_parameters");
        caller.delete(&format!("{contact}?reason=duplicate")).await.expect(204);
        caller.get(&contact).await.expect(404).problem("not_found");
        let by_email = caller.post("/v1/children/look-up", by("email", "camille@example.org")).await.expect(200);
        assert_eq!(by_email.rows().len(), 0);
        assert!(caller.get(path).await.expect(200)["contacts"].as_array().unwrap().is_empty());
    }

    async fn an_organisation_in_use_cannot_be_deleted(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let new = |name: &str| json!({"service_id": service, "kind": "eaje", "name": name, "commune_code": "63032"});
        let named = caller.post("/v1/organisations", new("Les Lutins")).await.expect(201);
        let free = caller.post("/v1/organisations", new("Les Farfadets")).await.expect(201);
        let referral = json!({"service_id": service, "subject": "structure", "origin": "eaje", "channel": "phone",
                              "organisation_id": named.id(), "needs": ["team_training_awareness"]});
        caller.post("/v1/referrals", referral).await.expect(201);
        let path = |made: &crate::harness::Response| format!("{}?reason=entered_by_mistake", made.header("location"));
        caller.delete(&path(&named)).await.expect(409).problem("conflict");
        caller.get(named.header("location")).await.expect(200);
        knowing(&caller, "\"2\"").delete(&path(&free)).await.expect(412);
        knowing(&caller, "").delete(&path(&free)).await.expect(428);
        knowing(&caller, "\"1\"").delete(&path(&free)).await.expect(204);
        caller.get(free.header("location")).await.expect(404);
    }

    async fn each_item_of_a_bulk_request_has_its_own_result(app: TestApp) {
        let service = app.service().await;
        let caller = app.client(service, &[Permission::ReferralsWrite, Permission::ReferralsRead]).await;
        let service = service.to_string();
        let mut to_come = a_referral(&service, "c");
        to_come["received_on"] = "2030-01-01".into();
        let items = json!({"items": [a_referral(&service, "a"), a_referral(&service, "a"), to_come, a_referral(&service, "b")]});
        let call = keyed(&caller, "bulk-1");
        let response = call.post("/v1/referrals/bulk", items.clone()).await.expect(200);
        assert_eq!((&response["created"], &response["refused"]), (&json!(2), &json!(2)));
        let statuses: Vec<_> = response.rows().iter().map(|item| item["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [201, 409, 422, 201]);
        let twin = &response.rows()[1]["problem"];
        assert_eq!(twin["existing_id"], response.rows()[0]["created"]["referral"]["id"]);
        assert_eq!(response.rows()[2]["problem"]["errors"][0]["pointer"], "/items/2/received_on");
        // A refused item stores nothing, not even its child.
        assert_eq!((app.database.count("referrals"), app.database.count("children")), (2, 2));
        assert_eq!(call.post("/v1/referrals/bulk", items).await.expect(200).body, response.body);
        assert_eq!(app.database.count("referrals"), 2);
        // So has one that breaks its schema.
        let bad = json!({"items": [a_referral(&service, "a"), {"service_id": service}]});
        let response = caller.post("/v1/referrals/bulk", bad).await.expect(200);
        let statuses: Vec<_> = response.rows().iter().map(|item| item["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [409, 400]);
        let many: Vec<Value> = (0..101).map(|number| a_referral(&service, &number.to_string())).collect();
        let response = caller.post("/v1/referrals/bulk", json!({"items": many})).await.expect(400).problem("invalid_body");
        assert_eq!(response.faults(), [("/items".to_owned(), "too_many".to_owned())]);
        assert_eq!(app.database.count("referrals"), 2);
    }

    async fn a_stored_reply_is_sealed_and_erased_with_the_household(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let caller = keyed(&caller, "a-key-of-mine");
        let mut new = a_referral(&service, "one");
        new["child"]["identity"]["family_name"] = "Zwicky-Canari".into();
        let made = caller.post("/v1/referrals", new.clone()).await.expect(201);
        app.assert_never_stored(&["Zwicky-Canari", "a-key-of-mine"]);
        // Erasing a household destroys its key, so the stored reply about it can no longer be read.
        let household = made["referral"]["household_id"].as_str().unwrap().to_owned();
        app.database.execute(&format!("DELETE FROM data_keys WHERE owner_id = '{household}'")).unwrap();
        caller.post("/v1/referrals", new).await.expect(404).problem("not_found");
        assert_eq!(app.database.count("referrals"), 1);
    }

    async fn a_correction_appears_in_the_history(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let made = caller.post("/v1/referrals", a_referral(&service, "one")).await.expect(201);
        let path = made.header("location").to_owned();
        let changes = json!({"received_on": "2026-03-03"});
        caller.patch(&path, changes).await.breaks("/received_on", "in_the_future");
        caller.post(&format!("{path}/qualify"), json!({})).await.expect(200);
        app.advance(chrono::Duration::days(3));
        caller.patch(&path, json!({"received_on": "2026-03-04"})).await.breaks("/received_on", "after_decision");
        let changes = json!({"received_on": "2026-03-01", "urgency": "urgent", "needs": ["support_current_placement"], "commune_code": "63032"});
        let corrected = caller.patch(&path, changes).await.expect(200);
        assert_eq!((&corrected["urgency"], &corrected["needs"], &corrected["version"]), (&json!("urgent"), &json!(["support_current_placement"]), &json!(3)));
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        let actions: Vec<_> = history.rows().iter().map(|event| event["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["record", "qualify", "correct"]);
    }

    async fn a_corrected_service_must_follow_the_rules_of_a_new_one(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let path = format!("/v1/services/{service}");
        manager.patch(&path, json!({"age_lower_birthday": 7})).await.breaks("/age_upper_birthday", "empty_age_range");
        manager.patch(&path, json!({"closed_on": "2020-01-01"})).await.breaks("/closed_on", "ends_before_start");
        let patched = manager.patch(&path, json!({"age_upper_birthday": 18, "departements": ["63", "03"]})).await.expect(200);
        assert_eq!((&patched["departements"], &patched["version"]), (&json!(["03", "63"]), &json!(2)));
        let position = json!({"title": "Éducatrice", "fte_percent": 80, "starts_on": "2026-03-01", "counted": true});
        let made = manager.post(&format!("{path}/positions"), position).await.expect(201);
        let position = made.header("location");
        manager.patch(position, json!({"ends_on": "2026-02-01"})).await.breaks("/ends_on", "ends_before_start");
        assert_eq!(manager.patch(position, json!({"ends_on": "2026-08-31"})).await.expect(200)["version"], 2);
        manager.delete(&format!("{position}?reason=entered_by_mistake")).await.expect(204);
        manager.get(position).await.expect(404);
    }
}
