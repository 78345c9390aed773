//! Complex situations, their collegial discussions, and the priority of a case.

use passerelle::auth::Role;
use serde_json::json;

use crate::cases::{case_of, coordinator, ids};

on_both_databases! {
    async fn a_situation_is_flagged_discussed_and_ended(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let other = case_of(&caller, service, "Autre", "2026-02-02").await;
        let situations = format!("/v1/cases/{case}/complex-situations");
        let flagged = json!({"grounds": ["several_partners", "child_protection"], "flagged_on": "2026-02-10"});
        let situation = caller.post(&situations, flagged.clone()).await.expect(201);
        assert_eq!(situation["grounds"], json!(["child_protection", "several_partners"]));
        assert_eq!(situation["grounds_labels"], json!(["Suivi en protection de l'enfance", "Plusieurs partenaires à coordonner"]));
        let refused = caller.post(&situations, flagged).await.expect(409);
        assert_eq!(refused["existing_id"], situation["id"]);
        let path = format!("/v1/complex-situations/{}", situation.id());
        let discussions = format!("{path}/discussions");
        let later = caller.post(&discussions, json!({"held_on": "2026-02-24", "decision": "Accueil à mi-temps."})).await.expect(201);
        let first = caller.post(&discussions, json!({"held_on": "2026-02-12", "decision": "Contacter la PMI."})).await.expect(201);
        let again = caller.post(&discussions, json!({"held_on": "2026-02-12", "decision": "Autre."})).await.expect(409);
        assert_eq!(again["existing_id"], first["id"]);
        let read = caller.get(&path).await.expect(200);
        assert_eq!(read["discussions"], json!([first.json, later.json]));
        assert_eq!(read["version"], 3, "a situation changes with its discussions");
        assert_eq!(caller.get(&situations).await.expect(200).rows()[0], read.json);
        let row = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!((&row["complex_since"], &row["complexity_grounds"]), (&json!("2026-02-10"), &read["grounds"]));
        assert!(!row["available_actions"].as_array().unwrap().contains(&json!("flag_complexity")), "it is flagged once");
        assert_eq!(ids(&caller, "/v1/cases?complex=true").await, std::slice::from_ref(&case));
        assert_eq!(ids(&caller, "/v1/cases?complex=false").await, std::slice::from_ref(&other));
        assert_eq!(ids(&caller, "/v1/cases?complexity_ground=child_protection,cross_sector").await, std::slice::from_ref(&case));
        assert_eq!(ids(&caller, "/v1/cases?complexity_ground=cross_sector").await.len(), 0);
        caller.patch(&path, json!({"ended_on": "2026-02-23"})).await.breaks("/ended_on", "before_last_discussion");
        caller.patch(&path, json!({"flagged_on": "2026-02-13"})).await.breaks("/flagged_on", "after_first_discussion");
        caller.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(409);
        caller.patch(&path, json!({"ended_on": "2026-02-28"})).await.expect(200);
        caller.post(&discussions, json!({"held_on": "2026-03-01", "decision": "Trop tard."})).await.breaks("/held_on", "after_end");
        assert!(caller.get(&format!("/v1/cases/{case}")).await["complex_since"].is_null());
        let second = caller.post(&situations, json!({"grounds": ["pathway_break"]})).await.expect(201);
        let refused = caller.patch(&path, json!({"ended_on": null})).await.expect(409);
        assert_eq!(refused["existing_id"], second["id"]);
    }

    async fn two_situations_share_no_day_and_bound_the_case(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let situations = format!("/v1/cases/{case}/complex-situations");
        let flag = |on: &str| json!({"grounds": ["pathway_break"], "flagged_on": on});
        let first = caller.post(&situations, flag("2026-02-10")).await.expect(201).id();
        let first = format!("/v1/complex-situations/{first}");
        caller.patch(&first, json!({"ended_on": "2026-02-20"})).await.expect(200);
        for day in ["2026-02-05", "2026-02-10", "2026-02-19"] {
            caller.post(&situations, flag(day)).await.expect(409).problem("conflict");
        }
        let second = caller.post(&situations, flag("2026-02-20")).await.expect(201).id();
        caller.patch(&first, json!({"ended_on": "2026-02-21"})).await.expect(409).problem("conflict");
        caller.patch(&format!("/v1/complex-situations/{second}"), json!({"flagged_on": "2026-02-19"})).await.expect(409);
        caller.patch(&format!("/v1/cases/{case}"), json!({"opened_on": "2026-02-11"})).await.expect(422);
        let close = json!({"outcome": "need_met", "closed_on": "2026-02-19"});
        caller.post(&format!("/v1/cases/{case}/close"), close).await.expect(422);
        let blank = json!({"held_on": "2026-02-24", "decision": " \n "});
        let refused = caller.post(&format!("/v1/complex-situations/{second}/discussions"), blank).await.expect(400);
        assert_eq!(refused.faults()[0].0, "/decision");
    }

    async fn every_fault_of_a_situation_is_told(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let situations = format!("/v1/cases/{case}/complex-situations");
        caller.post(&situations, json!({"grounds": []})).await.expect(400);
        caller.post(&situations, json!({"grounds": ["rich"]})).await.expect(400);
        caller.post(&situations, json!({"grounds": ["cross_sector"], "flagged_on": "2026-03-03"})).await.breaks("/flagged_on", "in_the_future");
        caller.post(&situations, json!({"grounds": ["cross_sector"], "flagged_on": "2026-02-01"})).await.breaks("/flagged_on", "before_opening");
        let path = format!("/v1/complex-situations/{}", caller.post(&situations, json!({"grounds": ["cross_sector"], "flagged_on": "2026-02-20"})).await.expect(201).id());
        let both = caller.patch(&path, json!({"flagged_on": "2026-02-01", "ended_on": "2026-03-03"})).await.expect(422);
        assert_eq!(both.faults(), [("/flagged_on", "before_opening"), ("/ended_on", "in_the_future")].map(|(at, rule)| (at.to_owned(), rule.to_owned())));
        let discussion = |on: &str| json!({"held_on": on, "decision": "Accueil à mi-temps."});
        caller.post(&format!("{path}/discussions"), discussion("2026-02-19")).await.breaks("/held_on", "before_start");
        caller.post(&format!("{path}/discussions"), discussion("2026-03-03")).await.breaks("/held_on", "in_the_future");
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "moved"})).await.expect(200);
        caller.post(&situations, json!({"grounds": ["cross_sector"]})).await.expect(409).problem("wrong_state");
    }

    async fn anybody_ends_a_situation_and_its_author_corrects_it(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let (author, colleague) = (app.user(service, Role::Professional).await, app.user(service, Role::Professional).await);
        let case = case_of(&coordinator, service, "Exemple", "2026-02-02").await;
        let situations = format!("/v1/cases/{case}/complex-situations");
        let path = format!("/v1/complex-situations/{}", author.post(&situations, json!({"grounds": ["cross_sector"], "flagged_on": "2026-02-10"})).await.expect(201).id());
        let decided = json!({"held_on": "2026-02-12", "decision": "Ornithorynque bleu"});
        let discussion = format!("/v1/case-discussions/{}", author.post(&format!("{path}/discussions"), decided).await.expect(201).id());
        colleague.patch(&path, json!({"grounds": ["cross_sector", "pathway_break"], "ended_on": "2026-03-01"})).await.expect(200);
        colleague.patch(&path, json!({"grounds": ["pathway_break"]})).await.expect(403);
        colleague.patch(&path, json!({"ended_on": null})).await.expect(403);
        colleague.patch(&discussion, json!({"held_on": "2026-02-13"})).await.expect(403);
        author.patch(&path, json!({"grounds": ["pathway_break"]})).await.expect(200);
        author.patch(&discussion, json!({"decision": "Ornithorynque vert"})).await.expect(200);
        app.assert_never_stored(&["Ornithorynque"]);
        let history = author.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(history.rows().len(), 2);
        assert_eq!(history.rows()[1]["changes"], json!([{"field": "grounds", "before": "[\"cross_sector\",\"pathway_break\"]", "after": "[\"pathway_break\"]"}]));
        let history = coordinator.get(&format!("{discussion}/history")).await.expect(200);
        assert_eq!(history.rows()[0]["changes"][0]["before"], "Ornithorynque bleu");
        colleague.get(&format!("{discussion}/history")).await.expect(403);
        author.delete(&format!("{discussion}?reason=entered_by_mistake")).await.expect(204);
        author.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(204);
        assert_eq!(author.get(&format!("{path}/history")).await.expect(200).rows().len(), 3);
        assert_eq!(author.get(&format!("{discussion}/history")).await.expect(200).rows().len(), 2);
    }

    async fn cases_are_sorted_by_priority(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let mut cases = Vec::new();
        for (name, priority) in [("Un", "normal"), ("Deux", "high"), ("Trois", "low")] {
            let case = case_of(&caller, service, name, "2026-02-02").await;
            let set = caller.post(&format!("/v1/cases/{case}/priority"), json!({"priority": priority})).await.expect(200);
            assert_eq!(set["priority"], priority);
            cases.push(case);
        }
        let [normal, high, low]: [String; 3] = cases.try_into().unwrap();
        assert_eq!(ids(&caller, "/v1/cases?sort=-priority&limit=2").await, [high.clone(), normal.clone()]);
        assert_eq!(ids(&caller, "/v1/cases?sort=priority").await, [low.clone(), normal.clone(), high.clone()]);
        assert_eq!(ids(&caller, "/v1/cases?priority=high,low&sort=priority").await, [low, high.clone()]);
        caller.post(&format!("/v1/cases/{high}/priority"), json!({"priority": "urgent"})).await.expect(400);
        caller.post(&format!("/v1/cases/{high}/close"), json!({"outcome": "moved"})).await.expect(200);
        caller.post(&format!("/v1/cases/{high}/priority"), json!({"priority": "low"})).await.expect(409).problem("wrong_state");
    }
}
