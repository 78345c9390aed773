//! What happens between a merge of two children and its undoing: texts, teams and dates that change, acts about both children,
//! referrals that are annulled.

use passerelle::auth::Role;
use serde_json::json;

use crate::cases::{coordinator, interview, with};
use crate::child_merges::{followed, merge, recorded};
use crate::child_merges_undone::{assert_same, dump, obstacles, undo};

on_both_databases! {
    async fn what_changed_since_goes_back_with_its_text_and_its_history(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-02").await;
        let record = async |note: Option<&str>| {
            let new = interview("2026-02-12");
            let new = note.map_or(new.clone(), |note| with(new, "note", note.into()));
            format!("/v1/interventions/{}", caller.post(&format!("/v1/cases/{other}/interventions"), new).await.expect(201).id())
        };
        let (noted, bare, gone) = (record(Some("Axolotl")).await, record(None).await, record(Some("Tatou")).await);
        let goal = json!({"title": "Une matinée seul", "set_on": "2026-02-12"});
        let goal = format!("/v1/goals/{}", caller.post(&format!("/v1/cases/{other}/goals"), goal).await.expect(201).id());
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);

        caller.patch(&noted, json!({"note": "Wombat", "minutes": 61})).await.expect(200);
        caller.patch(&bare, json!({"minutes": 61})).await.expect(200);
        caller.delete(&format!("{gone}?reason=entered_by_mistake")).await.expect(200);
        caller.patch(&goal, json!({"title": "Deux matinées seul"})).await.expect(200);
        let review = json!({"reviewed_on": "2026-02-13", "attainment": 2, "comment": "Pangolin"});
        let review = format!("/v1/goal-reviews/{}", caller.post(&format!("{goal}/reviews"), review).await.expect(201).id());
        let colleague = app.user(service, Role::Professional).await;
        let hand_over = json!({"case_ids": [case], "referent_id": colleague.bare_id()});
        assert_eq!(caller.post("/v1/cases/hand-over", hand_over).await.expect(200)["changed"], 1);

        undo(&caller, &done).await.expect(200);
        let read = caller.get(&noted).await.expect(200);
        assert_eq!((&read["case_id"], &read["note"], &read["minutes"]), (&json!(other), &json!("Wombat"), &json!(61)));
        let history = caller.get(&format!("{noted}/history")).await.expect(200);
        assert!(history.text().contains("Axolotl"), "{}", history.text());
        assert_eq!(caller.get(&bare).await.expect(200)["minutes"], 61);
        caller.get(&gone).await.expect(404);
        assert!(caller.get(&format!("{gone}/history")).await.expect(200).text().contains("Tatou"));
        assert_eq!(caller.get(&goal).await.expect(200)["title"], "Deux matinées seul");
        assert_eq!(caller.get(&review).await.expect(200)["comment"], "Pangolin");
        let case = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!(case["opened_on"], "2026-02-10");
        assert_eq!(case["referent_id"], json!(colleague.bare_id()));
        caller.patch(&noted, json!({"note": "Lama"})).await.expect(200);
    }

    async fn an_act_about_both_children_is_one_share_and_then_two_again(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-10").await;
        let (_, third) = followed(&caller, service, "Hugo", "2026-02-10").await;
        let totals = async || {
            let read = caller.get("/v1/interventions?limit=1").await.expect(200);
            (read["totals"].clone(), read["data"][0]["act_minutes"].clone())
        };
        // The share of the first case is the first row of an act: it stays in both orders.
        for about in [json!([case, other, third]), json!([other, third, case])] {
            let about_both = with(with(interview("2026-02-12"), "case_ids", about), "service_id", json!(service));
            let about_both = with(with(about_both, "minutes", 62.into()), "participants", json!([{"kind": "parent", "number": 4}]));
            let notes = json!([{"case_id": case, "note": "Axolotl"}, {"case_id": other, "note": "Wombat"}]);
            caller.post("/v1/interventions", with(about_both, "notes", notes)).await.expect(201);
        }
        let (before, counted) = (dump(&app), totals().await);
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        assert_eq!(totals().await, counted, "the work is the same");
        let shares = caller.get(&format!("/v1/cases/{case}/interventions")).await.expect(200);
        assert_eq!(shares.rows().len(), 2);
        for share in shares.rows() {
            assert_eq!(share["act_minutes"], 62);
            assert!([41, 42].contains(&share["minutes"].as_i64().unwrap()), "{share}");
            let note = share["note"].as_str().unwrap();
            assert!(note.contains("Axolotl") && note.contains("Wombat"), "{note}");
        }
        undo(&caller, &done).await.expect(200);
        assert_same(&before, &dump(&app), "undone");

        // Corrected since: the act says what it says now, and is divided again.
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        let share = caller.get(&format!("/v1/cases/{case}/interventions")).await.expect(200);
        let path = format!("/v1/interventions/{}", share["data"][0]["id"].as_str().unwrap());
        caller.patch(&path, json!({"act_minutes": 30, "held_on": "2026-02-13", "note": "Lama"})).await.expect(200);
        let now = totals().await;
        undo(&caller, &done).await.expect(200);
        assert_eq!(totals().await, now);
        for case in [&case, &other, &third] {
            let shares = caller.get(&format!("/v1/cases/{case}/interventions")).await.expect(200);
            assert_eq!(shares.rows().len(), 2, "{}", shares.text());
            assert!(shares.rows().iter().any(|share| share["act_minutes"] == 30 && share["held_on"] == "2026-02-13"));
        }
    }

    async fn a_case_does_not_come_back_without_a_referral(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, _) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, _) = followed(&caller, service, "Zelie", "2026-02-02").await;
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        caller.post(&format!("/v1/referrals/{}/annul", goes.referral), json!({})).await.expect(200);
        let refused = undo(&caller, &done).await.expect(409).problem("conflict");
        assert_eq!(obstacles(&refused), ["annulled_since case".to_owned()].into());
        assert!(refused["obstacles"][0]["message"].as_str().unwrap().contains("`POST /v1/referrals`"), "{}", refused.text());
    }

    async fn a_referral_that_was_annulled_is_not_in_the_way(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, _) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let goes = recorded(&caller, service, "Zelie", "2026-02-02").await;
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        let again = json!({
            "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63113",
            "child_id": stays.child, "needs": ["find_childcare"]
        });
        let again = caller.post("/v1/referrals", again).await.expect(201);
        let again = again["referral"]["id"].as_str().unwrap();
        let refused = undo(&caller, &done).await.expect(409).problem("conflict");
        assert_eq!(obstacles(&refused), ["created_since referral".to_owned()].into());
        assert!(refused["obstacles"][0]["message"].as_str().unwrap().contains("/annul"));
        caller.post(&format!("/v1/referrals/{again}/annul"), json!({})).await.expect(200);
        undo(&caller, &done).await.expect(200);
    }

    async fn a_merge_says_what_differs_and_loses_no_birth_date(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let stays = recorded(&caller, service, "Zélie", "2026-02-10").await;
        let goes = recorded(&caller, service, "ZELIE", "2026-02-02").await;
        for child in [&stays, &goes] {
            let path = format!("/v1/referrals/{}/waiting-list", child.referral);
            caller.post(&path, json!({"decided_on": "2026-02-12"})).await.expect(200);
        }
        caller.patch(&stays.path(), json!({"birth_date": null, "expected_on": "2026-04-05"})).await.expect(200);
        let refused = merge(&caller, &stays.child, &goes.child).await.expect(409).problem("conflict");
        let expected = ["two_waiting_referrals referral", "birth_date_lost child"];
        assert_eq!(obstacles(&refused), expected.map(str::to_owned).into());
        caller.patch(&stays.path(), json!({"birth_date": "2023-04-06", "expected_on": null})).await.expect(200);
        caller.post(&format!("/v1/referrals/{}/annul", goes.referral), json!({"reason": "duplicate"})).await.expect(200);
        let merge = format!("{}/merge", stays.path());
        let asked = json!({"absorbed_id": goes.child});
        let dry = caller.post(&format!("{merge}?dry_run=true"), asked.clone()).await.expect(200);
        assert_eq!(dry["differs"], json!(["birth_date"]), "the names differ in case and accents only");
        let done = caller.post(&merge, asked).await.expect(200);
        assert_eq!(done["differs"], json!(["birth_date"]));
        assert!(caller.get(&format!("/v1/child-merges/{}", done.id())).await.expect(200)["differs"].is_null());
    }
}
