//! Referrals: from the recording to the case, and the requests that are rejected.

use std::collections::HashSet;

use futures_util::future::join_all;
use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use passerelle::referrals::model::{ReferralAction, ReferralStatus, TRANSITIONS};
use serde_json::{Value, json};

use crate::harness::{Caller, Response, TestApp};

/// A referral about a new child who lives in Riom, in the age range of the default service.
pub fn referral(service: Id, given: &str, family: &str) -> Value {
    json!({
        "service_id": service.as_str(), "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
        "needs": ["find_childcare"],
        "child": {"identity": {"given_name": given, "family_name": family, "birth_date": "2023-04-05"}}
    })
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[field] = value;
    body
}

async fn coordinator(app: &TestApp) -> (Id, Caller) {
    let service = app.service().await;
    (service, app.user(service, Role::Coordinator).await)
}

async fn record(caller: &Caller, body: Value) -> String {
    let recorded = caller.post("/v1/referrals", body).await.expect(201);
    recorded["referral"]["id"].as_str().unwrap().to_owned()
}

async fn act(caller: &Caller, id: &str, action: &str, body: Value) -> Response {
    caller.post(&format!("/v1/referrals/{id}/{action}"), body).await
}

async fn organisation(caller: &Caller, service: Id) -> String {
    let new = json!({"service_id": service.as_str(), "kind": "camsp", "name": "CAMSP", "commune_code": "63113"});
    caller.post("/v1/organisations", new).await.expect(201).id()
}

/// The path and a minimal body of each action.
fn request_of(action: ReferralAction, partner: &str) -> (&'static str, Value) {
    match action {
        ReferralAction::Qualify => ("qualify", json!({})),
        ReferralAction::Accept => ("accept", json!({})),
        ReferralAction::PutOnWaitingList => ("waiting-list", json!({})),
        ReferralAction::Decline => ("decline", json!({"reason": "capacity"})),
        ReferralAction::Redirect => ("redirect", json!({"organisation_id": partner})),
        ReferralAction::Withdraw => ("withdraw", json!({})),
        ReferralAction::Reopen => ("reopen", json!({})),
        ReferralAction::Annul => ("annul", json!({})),
    }
}

async fn ids(caller: &Caller, query: &str) -> Vec<String> {
    let list = caller.get(&format!("/v1/referrals?{query}")).await.expect(200);
    list.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn a_referral_is_recorded_qualified_and_accepted_into_a_case(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let recorded = coordinator.post("/v1/referrals", referral(service, "Zoé", "Exemple")).await.expect(201);
        let id = recorded["referral"]["id"].as_str().unwrap().to_owned();
        assert_eq!(recorded.header("location"), format!("/v1/referrals/{id}"));
        assert_eq!(recorded["referral"]["received_on"], "2026-03-02");
        assert_eq!(recorded["referral"]["age_on_request"], 2);
        assert_eq!(recorded["possible_duplicates"], json!([]));

        app.advance(chrono::Duration::days(1));
        act(&coordinator, &id, "qualify", json!({"comment": "Appel à la famille."})).await.expect(200);
        let waiting = act(&coordinator, &id, "waiting-list", json!({})).await.expect(200);
        assert_eq!(waiting["waiting_since"], "2026-03-03");
        app.advance(chrono::Duration::days(10));
        let accepted = act(&coordinator, &id, "accept", json!({})).await.expect(200);
        assert_eq!(accepted["status"], "accepted");
        assert_eq!(accepted["reason"], "within_scope");
        assert!(accepted["waiting_since"].is_null());
        assert!(accepted["case_id"].is_string());
        assert_eq!(accepted["available_actions"], json!(["annul"]));
        assert_eq!(app.database.count("cases"), 1);

        let history = coordinator.get(&format!("/v1/referrals/{id}/history")).await.expect(200);
        let actions: Vec<_> = history.rows().iter().map(|event| event["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["record", "qualify", "put_on_waiting_list", "accept"]);
        assert_eq!(history.rows()[1]["comment"], "Appel à la famille.");
        assert_eq!(history.rows()[3]["happened_on"], "2026-03-13");
    }

    async fn each_state_allows_exactly_the_actions_of_the_table(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let partner = organisation(&coordinator, service).await;
        for from in ReferralStatus::ALL {
            for action in ReferralAction::ALL {
                let agreed = json!([{"purpose": "partner_contact", "given_by": "parent", "given_on": "2026-03-01"}]);
                let body = with(referral(service, "Zoé", "Exemple"), "/family_agreements", agreed);
                let id = record(&coordinator, body).await;
                if *from != ReferralStatus::Received {
                    let (_, by, _) = TRANSITIONS.iter().find(|(f, _, to)| *f == ReferralStatus::Received && to == from).unwrap();
                    let (address, body) = request_of(*by, &partner);
                    act(&coordinator, &id, address, body).await.expect(200);
                }
                let (address, body) = request_of(*action, &partner);
                let answer = act(&coordinator, &id, address, body).await;
                let read = coordinator.get(&format!("/v1/referrals/{id}")).await.expect(200);
                if let Some(to) = from.after(*action) {
                    assert_eq!(answer.expect(200)["status"], to.as_str(), "{from} {action}");
                    assert_eq!(read["version"].as_i64(), Some(if *from == ReferralStatus::Received { 2 } else { 3 }));
                } else {
                    let refused = answer.expect(409).problem("wrong_state");
                    assert_eq!(refused["state"], from.as_str());
                    assert_eq!(refused["available_actions"], read["available_actions"]);
                    assert_eq!(read["status"], from.as_str());
                }
            }
        }
    }

    async fn a_broken_rule_is_named_and_can_be_overridden_with_a_reason(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let body = with(referral(service, "Léo", "Exemple"), "/commune_code", "03190".into());
        let body = with(body, "/child/identity/birth_date", "2019-03-02".into());
        let id = record(&coordinator, with(body, "/concerns_school_time", true.into())).await;
        let read = coordinator.get(&format!("/v1/referrals/{id}")).await.expect(200);
        let rules = ["age_out_of_range", "out_of_territory", "school_time_not_covered"];
        assert_eq!(read["breached_rules"], json!(rules));

        let named = |answer: &Response| answer.faults().into_iter().map(|(_, code)| code).collect::<Vec<_>>();
        for action in ["accept", "waiting-list"] {
            assert_eq!(named(&act(&coordinator, &id, action, json!({})).await.expect(422)), rules);
        }
        let set_aside = |rules: &[&str]| {
            let overrides = rules.iter().map(|rule| json!({"rule": rule, "reason": "Fratrie déjà suivie."}));
            json!({"overrides": overrides.collect::<Vec<_>>()})
        };
        let refused = act(&coordinator, &id, "accept", set_aside(&rules[..2])).await.expect(422);
        assert_eq!(named(&refused), rules[2..]);
        assert_eq!(app.database.count("cases"), 0);
        let all = set_aside(&["family_agreement_missing", rules[0], rules[1], rules[2]]);
        act(&coordinator, &id, "accept", all).await.expect(200);
        let history = coordinator.get(&format!("/v1/referrals/{id}/history")).await.expect(200);
        let overridden = history.rows()[1]["overridden_rules"].as_array().unwrap();
        assert_eq!(overridden.len(), 3, "a rule that was not broken is not recorded as overridden");
        assert_eq!(overridden[0]["reason"], "Fratrie déjà suivie.");
    }

    async fn an_ineligible_referral_is_declined_with_its_reason(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let id = record(&coordinator, with(referral(service, "Léo", "Exemple"), "/origin", "school".into())).await;
        act(&coordinator, &id, "decline", json!({})).await.expect(400).problem("invalid_body");
        let declined = act(&coordinator, &id, "decline", json!({"reason": "school_time_not_covered"})).await.expect(200);
        assert_eq!(declined["reason"], "school_time_not_covered");
    }

    async fn a_bridge_to_school_is_in_scope(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let bridge = with(referral(service, "Léo", "Exemple"), "/needs", json!(["school_transition"]));
        let id = record(&coordinator, with(bridge, "/origin", "school".into())).await;
        act(&coordinator, &id, "accept", json!({})).await.expect(200);
    }

    async fn a_redirection_requires_the_agreement_of_the_family(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let partner = organisation(&coordinator, service).await;
        let id = record(&coordinator, referral(service, "Zoé", "Exemple")).await;
        let redirection = json!({"organisation_id": partner});
        let refused = act(&coordinator, &id, "redirect", redirection.clone()).await.expect(422);
        assert_eq!(refused.faults()[0].1, "family_agreement_missing");
        let to_come = json!({"purpose": "partner_contact", "given_by": "parent", "given_on": "2026-03-03"});
        act(&coordinator, &id, "agreements", to_come).await.expect(422).breaks("/given_on", "in_the_future");
        let agreed = json!({"purpose": "partner_contact", "given_by": "parent", "given_on": "2026-03-02"});
        let agreed = act(&coordinator, &id, "agreements", agreed).await.expect(200);
        assert_eq!(agreed["family_agreements"][0]["purpose"], "partner_contact");
        let redirected = act(&coordinator, &id, "redirect", redirection).await.expect(200);
        assert_eq!(redirected["redirected_to_id"], partner.as_str());
    }

    async fn a_second_accepted_referral_joins_the_child_s_open_case(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let first = record(&coordinator, referral(service, "Zoé", "Exemple")).await;
        let first = act(&coordinator, &first, "accept", json!({})).await.expect(200);
        let again = json!({
            "service_id": service.as_str(), "subject": "child", "child_id": first["child_id"], "origin": "family",
            "channel": "email", "needs": ["equipment_advice"]
        });
        let recorded = coordinator.post("/v1/referrals", again).await.expect(201);
        assert_eq!(recorded["referral"]["commune_code"], "63300", "the default is the commune of the household");
        assert_eq!(recorded["possible_duplicates"][0]["referral_ids"], json!([first["id"]]));
        let second = recorded["referral"]["id"].as_str().unwrap();
        let second = act(&coordinator, second, "accept", json!({})).await.expect(200);
        assert_eq!(second["case_id"], first["case_id"]);
        assert_eq!(app.database.count("cases"), 1);
    }

    async fn duplicates_are_proposed_and_block_nothing(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let mut body = referral(service, "Zoé", "Lefèvre");
        body["child"]["contacts"] = json!([{"relation": "parent", "name": "P. Lefèvre", "phone": "06 11 22 33 44"}]);
        let first = record(&coordinator, body).await;
        for (given, family, expected) in [
            ("ZOE", "LEFEVRE", "same"),
            ("Zoé", "Lefebvre", "likely"),
            ("Hugo", "Lefèvre", "sibling"),
        ] {
            let recorded = coordinator.post("/v1/referrals", referral(service, given, family)).await.expect(201);
            let proposed = recorded["possible_duplicates"].as_array().unwrap();
            let of_first = proposed.iter().find(|one| one["referral_ids"] == json!([first])).expect(given);
            assert_eq!(of_first["candidate"]["likelihood"], expected, "{given} {family}");
        }
        let mut neighbour = with(referral(service, "Ana", "Durand"), "/child/identity/birth_date", "2022-01-01".into());
        neighbour["child"]["contacts"] = json!([{"relation": "parent", "name": "B", "phone": "+33611223344"}]);
        let recorded = coordinator.post("/v1/referrals", neighbour).await.expect(201);
        assert_eq!(recorded["possible_duplicates"][0]["candidate"]["matched_on"], json!(["phone"]));
        let later = coordinator.get(&format!("/v1/referrals/{first}/duplicates")).await.expect(200);
        assert_eq!(later["data"].as_array().unwrap().len(), 4);
        assert_eq!(later["data"][0]["candidate"]["likelihood"], "same");
    }

    async fn a_caller_without_access_to_households_learns_of_none(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        record(&coordinator, referral(service, "Zoé", "Exemple")).await;
        let form = app.client(service, &[Permission::ReferralsWrite, Permission::ReferralsRead]).await;
        let recorded = form.post("/v1/referrals", referral(service, "Zoé", "Exemple")).await.expect(201);
        assert_eq!(recorded["possible_duplicates"], json!([]));
        assert!(recorded["referral"].get("child").is_none());
        assert_eq!(recorded["referral"]["age_on_request"], 2);
        form.get("/v1/referrals").await.expect(200);
        form.post(&format!("/v1/referrals/{}/accept", recorded["referral"]["id"].as_str().unwrap()), json!({}))
            .await
            .expect(403)
            .problem("forbidden");
    }

    async fn an_external_id_is_unique_per_author(app: TestApp) {
        let service = app.service().await;
        let writer = [Permission::ReferralsWrite, Permission::ReferralsRead];
        let (form, other) = (app.client(service, &writer).await, app.client(service, &writer).await);
        let body = with(referral(service, "Zoé", "Exemple"), "/external_id", "form-1".into());
        let answers = join_all((0..8).map(|_| form.post("/v1/referrals", body.clone()))).await;
        let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(created.len(), 1, "concurrent duplicates create one row");
        assert!(answers.iter().all(|answer| answer.status == 201 || answer.status == 409));
        assert_eq!((app.database.count("referrals"), app.database.count("children")), (1, 1));
        let again = form.post("/v1/referrals", body.clone()).await.expect(409).problem("conflict");
        assert_eq!(again["existing_id"], created[0]["referral"]["id"]);
        other.post("/v1/referrals", body).await.expect(201);
        assert_eq!(ids(&form, "external_id=form-1").await.len(), 2);
    }

    async fn one_of_several_concurrent_decisions_is_taken(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let id = record(&coordinator, referral(service, "Zoé", "Exemple")).await;
        let answers = join_all((0..8).map(|_| act(&coordinator, &id, "accept", json!({})))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 409), "never a 500");
        assert_eq!((app.database.count("cases"), app.database.count("referral_events")), (1, 2));
    }

    async fn the_list_is_filtered(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let structure = organisation(&coordinator, service).await;
        let body = |family: &str, changes: &[(&str, Value)]| {
            changes.iter().fold(referral(service, "Zoé", family), |body, (pointer, value)| with(body, pointer, value.clone()))
        };
        let a = record(&coordinator, body("Aaaa", &[("/received_on", "2026-01-10".into()), ("/urgency", "urgent".into())])).await;
        let b = record(&coordinator, body("Bbbb", &[("/received_on", "2026-02-10".into()), ("/origin", "family".into()), ("/commune_code", "63113".into())])).await;
        let c = record(&coordinator, json!({
            "service_id": service.as_str(), "subject": "structure", "organisation_id": structure, "origin": "eaje",
            "channel": "email", "needs": ["team_training_awareness", "equipment_advice"], "received_on": "2026-02-10"
        })).await;
        act(&coordinator, &b, "decline", json!({"reason": "other"})).await.expect(200);
        let child = coordinator.get(&format!("/v1/referrals/{a}")).await.expect(200);
        for (query, expected) in [
            (String::new(), vec![&c, &b, &a]),
            ("sort=received_on".into(), vec![&a, &b, &c]),
            ("status=received".into(), vec![&c, &a]),
            ("status=received,declined&subject=child".into(), vec![&b, &a]),
            ("origin=family,eaje".into(), vec![&c, &b]),
            ("origin_group=health".into(), vec![&a]),
            ("origin_group=health&origin=family".into(), vec![]),
            ("channel=email".into(), vec![&c]),
            ("urgency=urgent".into(), vec![&a]),
            ("need=equipment_advice".into(), vec![&c]),
            ("commune=63300".into(), vec![&a]),
            ("epci=246300701".into(), vec![&c, &b]),
            ("departement=63&received_from=2026-02-01".into(), vec![&c, &b]),
            ("departement=03".into(), vec![]),
            ("received_to=2026-01-31".into(), vec![&a]),
            (format!("organisation_id={structure}"), vec![&c]),
            (format!("child_id={}", child["child_id"].as_str().unwrap()), vec![&a]),
            (format!("household_id={}", child["household_id"].as_str().unwrap()), vec![&a]),
            (format!("service_id={service}"), vec![&c, &b, &a]),
            ("service_id=0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60".into(), vec![]),
        ] {
            let found: HashSet<_> = ids(&coordinator, &query).await.into_iter().collect();
            assert_eq!(found, expected.into_iter().cloned().collect(), "{query}");
        }
        assert_eq!(ids(&coordinator, "sort=received_on").await.first(), Some(&a));
        assert_eq!(ids(&coordinator, "").await.last(), Some(&a));
    }

    async fn pages_return_every_row_once_while_rows_are_added(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let mut expected = HashSet::new();
        for n in 0..7 {
            let day = format!("2026-02-{:02}", 10 + n / 3);
            let body = with(referral(service, "Zoé", &format!("Nom {n}")), "/received_on", day.into());
            expected.insert(record(&coordinator, body).await);
        }
        let mut path = "/v1/referrals?limit=2".to_owned();
        let mut found = Vec::new();
        loop {
            let page = coordinator.get(&path).await.expect(200);
            found.extend(page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            // A new row at the head of the list does not shift the next pages.
            record(&coordinator, referral(service, "Zoé", "Nouveau")).await;
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            assert!(page.header("link").contains("rel=\"next\""));
            path = format!("/v1/referrals?limit=2&cursor={cursor}");
        }
        assert_eq!(found.len(), 7);
        assert_eq!(found.into_iter().collect::<HashSet<_>>(), expected);
    }

    async fn a_cursor_belongs_to_its_list(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        for n in 0..2 {
            record(&coordinator, referral(service, "Zoé", &format!("Nom {n}"))).await;
        }
        let page = coordinator.get("/v1/referrals?limit=1").await.expect(200);
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        for other in [
            format!("/v1/referrals?limit=1&status=received&cursor={cursor}"),
            format!("/v1/organisations?limit=1&cursor={cursor}"),
            format!("/v1/referrals?cursor={}", cursor.replacen(|c: char| c.is_ascii_lowercase(), "A", 1)),
            "/v1/referrals?cursor=nonsense".to_owned(),
        ] {
            coordinator.get(&other).await.expect(400).problem("invalid_cursor");
        }
    }

    async fn the_waiting_list_is_ordered_by_urgency_then_by_waiting_time(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let mut put = Vec::new();
        for urgency in ["normal", "urgent", "normal", "priority"] {
            let body = with(referral(service, "Zoé", &format!("Nom {}", put.len())), "/urgency", urgency.into());
            let id = record(&coordinator, body).await;
            act(&coordinator, &id, "waiting-list", json!({})).await.expect(200);
            put.push(id);
            app.advance(chrono::Duration::days(1));
        }
        let mut listed = Vec::new();
        let mut path = format!("/v1/services/{service}/waiting-list?limit=3");
        loop {
            let page = coordinator.get(&path).await.expect(200);
            for row in page.rows() {
                listed.push((row["referral"]["id"].as_str().unwrap().to_owned(), row["days_waited"].as_i64().unwrap()));
            }
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            path = format!("/v1/services/{service}/waiting-list?limit=3&cursor={cursor}");
        }
        let expected = [(&put[1], 3), (&put[3], 1), (&put[0], 4), (&put[2], 2)];
        assert_eq!(listed, expected.map(|(id, days)| (id.clone(), days)));
    }

    async fn a_referral_of_another_service_is_not_found(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let id = record(&coordinator, referral(service, "Zoé", "Exemple")).await;
        let child = coordinator.get(&format!("/v1/referrals/{id}")).await.expect(200)["child_id"].clone();
        let elsewhere = app.service().await;
        let stranger = app.user(elsewhere, Role::Manager).await;
        for path in ["", "/history", "/duplicates"] {
            stranger.get(&format!("/v1/referrals/{id}{path}")).await.expect(404).problem("not_found");
        }
        for action in ReferralAction::ALL {
            let (address, body) = request_of(*action, &id);
            act(&stranger, &id, address, body).await.expect(404).problem("not_found");
        }
        stranger.get(&format!("/v1/services/{service}/waiting-list")).await.expect(404);
        assert_eq!(ids(&stranger, &format!("service_id={service}")).await, Vec::<String>::new());
        stranger.post("/v1/referrals", referral(service, "Zoé", "Exemple")).await.expect(422).breaks("/service_id", "unknown_service");
        let stolen = json!({
            "service_id": elsewhere.as_str(), "subject": "child", "child_id": child, "origin": "family",
            "channel": "email", "needs": ["other"]
        });
        stranger.post("/v1/referrals", stolen).await.expect(422).breaks("/child_id", "unknown_child");
        let administrator = app.administrator().await;
        administrator.get(&format!("/v1/referrals/{id}")).await.expect(403);
    }

    async fn invalid_requests_report_every_fault_and_write_nothing(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let before = app.database.counts();
        let wrong = json!({
            "service_id": service.as_str(), "subject": "child", "origin": "nobody", "channel": 3, "commune_code": "63999",
            "needs": [], "unknown": 1, "received_on": "2026-02-30",
            "child": {"identity": {"given_name": "", "family_name": "A\u{0}", "birth_date": "2023-04-05", "nir": "1"}}
        });
        let refused = coordinator.post("/v1/referrals", wrong).await.expect(400).problem("invalid_body");
        let faults: HashSet<_> = refused.faults().into_iter().collect();
        for (pointer, code) in [
            ("/origin", "unknown_code"), ("/channel", "type"), ("/commune_code", "unknown_territory"), ("/needs", "too_few"),
            ("/unknown", "unknown_field"), ("/received_on", "date"), ("/child/identity/given_name", "too_short"),
            ("/child/identity/family_name", "nul_character"), ("/child/identity/nir", "unknown_field"),
        ] {
            assert!(faults.contains(&(pointer.into(), code.into())), "{pointer} {code} in {faults:?}");
        }
        let valid = referral(service, "Zoé", "Exemple");
        let twice = with(valid.clone(), "/needs", json!(["other", "other"]));
        let answer = coordinator.post("/v1/referrals", twice).await.expect(400).problem("invalid_body");
        assert_eq!(answer.faults(), [("/needs".into(), "not_unique".into())]);
        for (pointer, value, at, rule) in [
            ("/received_on", json!("2026-03-03"), "/received_on", "in_the_future"),
            ("/child/identity/birth_date", json!("2026-03-03"), "/child/identity/birth_date", "birth_date_to_come"),
            ("/child/identity/expected_on", json!("2026-03-03"), "/child/identity/birth_date", "one_date"),
            ("/child_id", json!("0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60"), "/child", "one_child"),
            ("/subject", json!("structure"), "/child", "no_child"),
            ("/organisation_id", json!("0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60"), "/organisation_id", "unknown_organisation"),
            ("/child/household_id", json!("0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60"), "/child/household_id", "unknown_household"),
            ("/commune_code", Value::Null, "/commune_code", "commune_required"),
        ] {
            coordinator.post("/v1/referrals", with(valid.clone(), pointer, value)).await.expect(422).breaks(at, rule);
        }
        assert_eq!(app.database.counts(), before);
    }

    async fn the_date_of_a_decision_is_checked(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let id = record(&coordinator, with(referral(service, "Zoé", "Exemple"), "/received_on", "2026-02-10".into())).await;
        let on = |date: &str| json!({"decided_on": date});
        act(&coordinator, &id, "qualify", on("2026-02-09")).await.expect(422).breaks("/decided_on", "before_last_event");
        act(&coordinator, &id, "qualify", on("2026-03-03")).await.expect(422).breaks("/decided_on", "in_the_future");
        act(&coordinator, &id, "qualify", on("2026-02-20")).await.expect(200);
        act(&coordinator, &id, "accept", on("2026-02-19")).await.expect(422).breaks("/decided_on", "before_last_event");
        act(&coordinator, &id, "accept", on("2026-02-20")).await.expect(200);
    }

    async fn an_unborn_child_can_be_referred(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let unborn = json!({"family_name": "Exemple", "expected_on": "2026-08-01"});
        let id = record(&coordinator, with(referral(service, "", ""), "/child/identity", unborn)).await;
        assert_eq!(act(&coordinator, &id, "accept", json!({})).await.expect(200)["age_on_request"], 0);
    }

    async fn a_child_is_recorded_in_its_sibling_s_household(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let first = record(&coordinator, referral(service, "Zoé", "Exemple")).await;
        let household = coordinator.get(&format!("/v1/referrals/{first}")).await.expect(200)["household_id"].clone();
        let twin = with(referral(service, "Hugo", "Exemple"), "/child/household_id", household.clone());
        let recorded = coordinator.post("/v1/referrals", twin).await.expect(201);
        assert_eq!(recorded["referral"]["household_id"], household);
        assert_eq!((app.database.count("households"), app.database.count("children")), (1, 2));
    }

    async fn the_history_cannot_be_rewritten(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        record(&coordinator, referral(service, "Zoé", "Exemple")).await;
        for statement in ["UPDATE referral_events SET author = 'nobody'", "DELETE FROM referral_events"] {
            assert!(app.database.execute(statement).is_err(), "{statement}");
        }
        assert_eq!(app.database.count("referral_events"), 1);
    }

    async fn erasing_a_household_keeps_the_history_without_its_texts(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let id = record(&coordinator, with(referral(service, "Zoé", "Exemple"), "/description", "Texte".into())).await;
        act(&coordinator, &id, "decline", json!({"reason": "capacity", "comment": "Motif"})).await.expect(200);
        // Erasing a household destroys its key.
        assert_eq!(app.database.execute("DELETE FROM data_keys").unwrap(), 1);
        let read = coordinator.get(&format!("/v1/referrals/{id}")).await.expect(200);
        assert!(read["description"].is_null() && read.json.get("child").is_none() && read["age_on_request"].is_null());
        let history = coordinator.get(&format!("/v1/referrals/{id}/history")).await.expect(200);
        assert_eq!(history.rows()[1]["reason"], "capacity");
        assert!(history.rows()[1]["comment"].is_null());
    }
}
