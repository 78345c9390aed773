//! Annulled referrals: recorded or accepted by mistake, they count nowhere, and the case that they opened goes with them.

use passerelle_disclosure::document::Release;
use serde_json::{Value, json};

use crate::cases::{accept, child, coordinator, interview, refer, with};
use crate::harness::{Caller, Response};
use crate::statistics_releases::{build, cell, last, publish, service};

async fn annul(caller: &Caller, referral: &str) -> Response {
    caller.post(&format!("/v1/referrals/{referral}/annul"), json!({"comment": "Ornithorynque"})).await
}

async fn ids(caller: &Caller, query: &str) -> Vec<String> {
    let list = caller.get(&format!("/v1/referrals?{query}")).await.expect(200);
    list.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn a_case_that_loses_its_first_referral_opens_with_the_next(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let first = refer(&caller, service, "2026-02-02", child("Exemple")).await;
        let case = accept(&caller, &first, "2026-02-03").await;
        let child = caller.get(&format!("/v1/cases/{case}")).await.expect(200)["child_id"].clone();
        let second = refer(&caller, service, "2026-02-16", json!({"subject": "child", "child_id": child})).await;
        accept(&caller, &second, "2026-02-17").await;
        let held = interview("2026-02-10");
        let held = caller.post(&format!("/v1/cases/{case}/interventions"), held).await.expect(201).id();
        annul(&caller, &first).await.expect(409).problem("conflict");
        caller.patch(&format!("/v1/interventions/{held}"), json!({"held_on": "2026-02-16"})).await.expect(200);
        caller.post(&format!("/v1/referrals/{first}/annul"), json!({"reason": "capacity"})).await.breaks("/reason", "not_a_reason_to_annul");
        annul(&caller, &first).await.expect(200);
        let read = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!(read["opened_on"], "2026-02-16");
        let history = caller.get(&format!("/v1/cases/{case}/history")).await.expect(200);
        assert_eq!(history.rows().last().unwrap()["action"], "correct");
    }

    async fn an_acceptance_by_mistake_goes_with_its_case_and_counts_nowhere(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let pushed = with(child("Exemple"), "external_id", "formulaire-1".into());
        let referral = refer(&caller, service, "2026-02-02", pushed.clone()).await;
        let case = accept(&caller, &referral, "2026-02-03").await;
        let figures = format!("/v1/services/{service}/activity?from=2026-01-01&to=2026-12-31");
        assert_eq!(caller.get(&figures).await["accompanied"]["children"], 1);
        let child_id = caller.get(&format!("/v1/cases/{case}")).await.expect(200)["child_id"].clone();

        let annulled = annul(&caller, &referral).await.expect(200);
        assert_eq!((&annulled["status"], &annulled["reason"]), (&json!("annulled"), &json!("entered_by_mistake")));
        assert_eq!((&annulled["available_actions"], &annulled["counted_in"]), (&json!([]), &json!([])));
        assert_eq!((&annulled["case_id"], &annulled["external_id"]), (&json!(null), &json!("formulaire-1")));
        caller.get(&format!("/v1/cases/{case}")).await.expect(404);
        assert_eq!(caller.get("/v1/cases").await.expect(200).rows().len(), 0);
        let activity = caller.get(&figures).await.expect(200);
        assert_eq!((&activity["accompanied"]["children"], &activity["referrals"]["received"]), (&json!(0), &json!(0)));
        assert!(!activity["referrals"]["by_status"].to_string().contains("annulled"));

        // It is listed where it is asked for, and to who follows changes.
        assert_eq!(ids(&caller, "").await, Vec::<String>::new());
        assert_eq!(ids(&caller, "status=withdrawn").await, Vec::<String>::new());
        assert_eq!(ids(&caller, "status=withdrawn,annulled").await, std::slice::from_ref(&referral));
        assert_eq!(ids(&caller, "updated_since=2026-01-01T00:00:00Z").await, std::slice::from_ref(&referral));
        assert_eq!(ids(&caller, "external_id=formulaire-1").await, Vec::<String>::new());

        // Its history says who, when and why; that of the case is still there.
        let history = caller.get(&format!("/v1/referrals/{referral}/history")).await.expect(200);
        let event = history.rows().last().unwrap();
        assert_eq!((&event["action"], &event["from_status"], &event["to_status"]), (&json!("annul"), &json!("accepted"), &json!("annulled")));
        assert_eq!((&event["reason"], &event["comment"]), (&json!("entered_by_mistake"), &json!("Ornithorynque")));
        let history = caller.get(&format!("/v1/cases/{case}/history")).await.expect(200);
        let actions: Vec<_> = history.rows().iter().map(|row| row["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["open", "annul"]);
        assert!(history.rows()[1]["changes"].to_string().contains("2026-02-03"));
        let (_, stranger) = coordinator(&app).await;
        stranger.get(&format!("/v1/cases/{case}/history")).await.expect(404);
        let feed = caller.get("/v1/changes?limit=500").await.expect(200);
        let deleted: Vec<&Value> = feed.rows().iter().filter(|row| row["kind"] == "deleted").collect();
        assert_eq!((deleted.len(), &deleted[0]["object_id"]), (1, &json!(case)));
        assert_eq!(deleted[0]["deletion_reason"], "entered_by_mistake");
        app.assert_never_stored(&["Ornithorynque"]);

        // It is final, and blocks nothing.
        for action in ["accept", "annul", "reopen"] {
            let refused = caller.post(&format!("/v1/referrals/{referral}/{action}"), json!({})).await.expect(409);
            assert_eq!(refused.problem("wrong_state")["state"], "annulled");
        }
        caller.patch(&format!("/v1/referrals/{referral}"), json!({"urgency": "urgent"})).await.expect(409).problem("wrong_state");
        let again = refer(&caller, service, "2026-02-02", json!({"subject": "child", "child_id": child_id, "external_id": "formulaire-1"})).await;
        let duplicates = caller.get(&format!("/v1/referrals/{again}/duplicates")).await.expect(200);
        assert_eq!(duplicates["data"], json!([]));
        assert_eq!(ids(&caller, "external_id=formulaire-1").await, std::slice::from_ref(&again));
        accept(&caller, &again, "2026-02-03").await;
    }

    async fn a_case_with_records_does_not_go_with_its_referral(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let referral = refer(&caller, service, "2026-02-02", child("Exemple")).await;
        let case = accept(&caller, &referral, "2026-02-02").await;
        let step = json!({"step": "childcare_search", "reached_on": "2026-02-10"});
        let step = caller.post(&format!("/v1/cases/{case}/steps"), step).await.expect(201).id();
        let mut works = Vec::new();
        for day in ["2026-02-10", "2026-02-11"] {
            works.push(caller.post(&format!("/v1/cases/{case}/interventions"), interview(day)).await.expect(201).id());
        }
        let refused = annul(&caller, &referral).await.expect(409).problem("conflict");
        assert_eq!(refused["hangs_on"], json!([{"kind": "intervention", "number": 2}, {"kind": "case_step", "number": 1}]));
        assert!(refused["detail"].as_str().unwrap().contains("interventions (2), étapes (1)"), "{}", refused.text());
        assert_eq!(caller.get(&format!("/v1/referrals/{referral}")).await["status"], "accepted");
        for work in works {
            caller.delete(&format!("/v1/interventions/{work}?reason=entered_by_mistake")).await.expect(200);
        }
        annul(&caller, &referral).await.expect(409);
        caller.delete(&format!("/v1/case-steps/{step}?reason=entered_by_mistake")).await.expect(200);
        annul(&caller, &referral).await.expect(200);
        // What was removed before the case went is still told.
        assert_eq!(caller.get(&format!("/v1/case-steps/{step}/history")).await.expect(200).rows().len(), 1);
    }

    async fn a_referral_that_joined_a_case_leaves_it_to_the_others(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let first = refer(&caller, service, "2026-02-02", child("Exemple")).await;
        let case = accept(&caller, &first, "2026-02-09").await;
        let path = format!("/v1/cases/{case}");
        let child_id = caller.get(&path).await.expect(200)["child_id"].clone();
        let second = refer(&caller, service, "2026-02-16", json!({"subject": "child", "child_id": child_id})).await;
        assert_eq!(accept(&caller, &second, "2026-02-16").await, case);
        let early = caller.post(&format!("{path}/interventions"), interview("2026-02-03")).await.expect(201).id();
        // The intake of the first referral would be earlier than any request.
        annul(&caller, &first).await.expect(409).problem("conflict");
        annul(&caller, &second).await.expect(200);
        let left = caller.get(&path).await.expect(200);
        assert_eq!((&left["status"], &left["referral_ids"]), (&json!("open"), &json!([first])));
        annul(&caller, &first).await.expect(409);
        caller.delete(&format!("/v1/interventions/{early}?reason=entered_by_mistake")).await.expect(200);
        annul(&caller, &first).await.expect(200);
        caller.get(&path).await.expect(404);
    }

    async fn a_published_release_keeps_what_a_corrected_one_changes(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 12), ("63300", 12), ("63178", 14)], "2025-02-10").await;
        let mut wrong = Vec::new();
        for rank in 0..12 {
            let about = with(with(child(&format!("Erreur {rank}")), "origin", "family".into()), "commune_code", "63113".into());
            let referral = refer(&manager, service, "2025-02-10", about).await;
            wrong.push((accept(&manager, &referral, "2025-02-10").await, referral));
        }
        let work = manager.post(&format!("/v1/cases/{}/interventions", wrong[0].0), interview("2025-02-12")).await.expect(201).id();
        publish(&app, &manager, service, 2025, 1).await;
        let catalogue = manager.get("/v1/statistics/releases").await.expect(200);
        let released: Vec<String> =
            catalogue.rows().iter().map(|row| format!("/v1/statistics/releases/{}", row["id"].as_str().unwrap())).collect();
        let mut bytes = Vec::new();
        for path in &released {
            bytes.push(manager.get(path).await.expect(200).body);
        }
        assert_eq!(cell(&last(&manager, "partner").await, "children", &["2025-Q1"]), Some(50));

        // Six cases were opened later than recorded, and six referrals were accepted by mistake.
        let through = |response: &Response| {
            let counted = response["counted_in"].as_array().unwrap().clone();
            assert!(counted.iter().all(|one| one["correctable"] == true));
            let text = |one: &Value| format!("{} {}", one["through"].as_str().unwrap(), one["tier"].as_str().unwrap());
            counted.iter().map(text).collect::<Vec<_>>()
        };
        let everywhere = ["2025-Q1 open", "2025-Q1 partner"];
        let intervention = format!("/v1/interventions/{work}");
        // What is recorded after a release is not counted in it.
        app.advance(chrono::Duration::seconds(1));
        let late = manager.post(&format!("/v1/cases/{}/interventions", wrong[0].0), interview("2025-02-13")).await.expect(201).id();
        let late = manager.delete(&format!("/v1/interventions/{late}?reason=entered_by_mistake")).await.expect(200);
        assert_eq!(late["counted_in"], json!([]));
        assert_eq!(through(&manager.patch(&intervention, json!({"minutes": 30})).await.expect(200)), everywhere);
        let removed = manager.delete(&format!("{intervention}?reason=entered_by_mistake")).await.expect(200);
        assert_eq!(through(&removed), everywhere);
        for (case, _) in &wrong[..6] {
            let corrected = manager.patch(&format!("/v1/cases/{case}"), json!({"opened_on": "2025-05-05"})).await.expect(200);
            assert_eq!(through(&corrected), everywhere);
        }
        for (_, referral) in &wrong[6..] {
            assert_eq!(through(&annul(&manager, referral).await.expect(200)), everywhere);
        }
        app.advance(chrono::Duration::seconds(1));
        let same = async |what: &str| {
            for (path, before) in released.iter().zip(&bytes) {
                assert!(manager.get(path).await.expect(200).body == *before, "{path} {what}");
            }
        };
        same("after the corrections").await;
        let request = json!({"year": 2025, "quarter": 1, "reason": "Saisies erronées", "records": "corrected"});
        let draft = build(&app, &manager, service, request).await;
        manager.act(&format!("{draft}/publish")).await.expect(200);
        same("after the corrected release").await;
        let after: Release = last(&manager, "partner").await;
        assert_eq!(cell(&after, "children", &["2025-Q1"]), Some(38));
        // The case is no longer counted in a release of that quarter.
        let back = manager.patch(&format!("/v1/cases/{}", wrong[0].0), json!({"opened_on": "2025-05-06"})).await.expect(200);
        assert_eq!(through(&back), Vec::<String>::new());
    }
}
