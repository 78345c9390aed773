//! What an undo of a merge gives back exactly: links of appointments, teams, days, shares, names, and what is about other children.

use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::cases::{accept, coordinator, interview, with};
use crate::child_merges::{followed, merge, recorded};
use crate::child_merges_undone::{assert_same, dump, obstacles, undo};
use crate::harness::Caller;
use crate::merged_teams::{dry, team};

/// An appointment about some cases that was held; its interventions.
async fn held(caller: &Caller, service: &str, cases: &[&String]) -> (String, Value) {
    let planned = json!({
        "service_id": service, "type": "family_interview", "planned_on": "2026-02-20", "starts_at": "09:30", "minutes": 50,
        "place": "family_home", "case_ids": cases
    });
    let appointment = format!("/v1/appointments/{}", caller.post("/v1/appointments", planned).await.expect(201).id());
    let held = caller.post(&format!("{appointment}/hold"), json!({"travel_minutes": 7})).await.expect(200);
    assert_eq!(held["interventions"].as_array().unwrap().len(), cases.len(), "{}", held.text());
    (appointment, held["interventions"].clone())
}

async fn hand_over(caller: &Caller, case: &str, to: &Caller, on: &str) {
    let body = json!({"case_ids": [case], "referent_id": to.bare_id(), "starts_on": on});
    assert_eq!(caller.post("/v1/cases/hand-over", body).await.expect(200)["changed"], 1);
}

/// The path of the current part of the référent of a case.
async fn in_charge(caller: &Caller, case: &str) -> String {
    let page = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
    let part = page.rows().iter().find(|row| row["ends_on"].is_null() && row["capacity"] == "referent").unwrap();
    format!("/v1/case-members/{}", part["id"].as_str().unwrap())
}

on_both_databases! {
    async fn a_held_appointment_names_the_intervention_of_each_case_again(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-10").await;
        for cases in [[&case, &other], [&other, &case]] {
            let (appointment, interventions) = held(&caller, service.as_str(), &cases).await;
            let before = dump(&app);
            let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
            undo(&caller, &done).await.expect(200);
            assert_same(&before, &dump(&app), "undone");
            let read = caller.get(&appointment).await.expect(200);
            assert_eq!(read["interventions"], interventions);

            // The act was removed since: there is nothing to name.
            let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
            let joined = caller.get(&appointment).await.expect(200);
            let act = joined["interventions"][0]["intervention_id"].as_str().unwrap().to_owned();
            caller.delete(&format!("/v1/interventions/{act}?reason=entered_by_mistake")).await.expect(200);
            undo(&caller, &done).await.expect(200);
            let read = caller.get(&appointment).await.expect(200);
            assert_eq!((&read["interventions"], &read["case_ids"]), (&json!([]), &json!(cases)));
        }
    }

    async fn an_appointment_that_was_deleted_since_stays_deleted(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-10").await;
        let planned = json!({
            "service_id": service, "type": "family_interview", "planned_on": "2026-03-12", "starts_at": "09:30", "minutes": 50,
            "place": "family_home", "case_ids": [case, other]
        });
        let appointment = format!("/v1/appointments/{}", caller.post("/v1/appointments", planned).await.expect(201).id());
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        caller.delete(&format!("{appointment}?reason=entered_by_mistake")).await.expect(204);
        undo(&caller, &done).await.expect(200);
        caller.get(&appointment).await.expect(404);
    }

    async fn a_change_of_hands_since_is_one_of_the_case_that_stays(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let (me, them) = (caller.bare_id().to_string(), colleague.bare_id().to_string());
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-10").await;
        hand_over(&caller, &other, &colleague, "2026-02-16").await;
        let of_other = caller.get(&format!("/v1/cases/{other}/team")).await.expect(200);
        let days = |page: &crate::harness::Response| -> Vec<Value> {
            page.rows().iter().map(|row| json!([row["id"], row["capacity"], row["starts_on"], row["ends_on"]])).collect()
        };
        // The second day is before they joined the case that goes.
        for on in ["2026-02-20", "2026-02-12"] {
            let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
            assert_eq!(team(&caller, &case).await, [format!("{me} referent"), format!("{them} member")].into());
            hand_over(&caller, &case, &colleague, on).await;
            assert_eq!(team(&caller, &case).await, [format!("{them} referent")].into());
            undo(&caller, &done).await.expect(200);
            assert_eq!(days(&caller.get(&format!("/v1/cases/{other}/team")).await.expect(200)), days(&of_other), "{on}");
            assert_eq!(team(&caller, &case).await, [format!("{them} referent")].into());
            caller.delete(&format!("{}?reason=entered_by_mistake", in_charge(&caller, &case).await)).await.expect(204);
            assert_eq!(team(&caller, &case).await, [format!("{me} referent")].into());
        }
        // Undone while the cases are one: the colleague is a member again.
        let before = dump(&app);
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        hand_over(&caller, &case, &colleague, "2026-02-12").await;
        caller.delete(&format!("{}?reason=entered_by_mistake", in_charge(&caller, &case).await)).await.expect(204);
        assert_eq!(team(&caller, &case).await, [format!("{me} referent"), format!("{them} member")].into());
        undo(&caller, &done).await.expect(200);
        assert_eq!(before["case_members"], dump(&app)["case_members"]);
    }

    async fn a_change_of_hands_is_undone_after_a_merge_as_before(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let (me, them) = (caller.bare_id().to_string(), colleague.bare_id().to_string());
        // Each order of the days, and the same day.
        for (mine, theirs) in [("2026-02-16", "2026-02-20"), ("2026-02-20", "2026-02-16"), ("2026-02-16", "2026-02-16")] {
            let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
            let (goes, other) = followed(&caller, service, "Zelie", "2026-02-10").await;
            hand_over(&caller, &case, &colleague, mine).await;
            hand_over(&caller, &other, &colleague, theirs).await;
            let before = dump(&app);
            let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
            undo(&caller, &done).await.expect(200);
            assert_same(&before, &dump(&app), "undone");
            let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
            caller.delete(&format!("{}?reason=entered_by_mistake", in_charge(&caller, &case).await)).await.expect(204);
            assert_eq!(team(&caller, &case).await, [format!("{me} referent")].into(), "{mine} {theirs}");
            undo(&caller, &done).await.expect(200);
            assert_eq!(team(&caller, &case).await, [format!("{me} referent")].into());
            assert_eq!(team(&caller, &other).await, [format!("{them} referent")].into());
        }
    }

    async fn a_day_that_nobody_gave_is_in_the_way(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let stays = recorded(&caller, service, "Zélie", "2026-02-15").await;
        let case = format!("/v1/cases/{}", accept(&caller, &stays.referral, "2026-02-20").await);
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-02").await;
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        caller.patch(&case, json!({"opened_on": "2026-02-10"})).await.expect(200);
        let refused = undo(&caller, &done).await.expect(409).problem("conflict");
        assert_eq!(obstacles(&refused), ["corrected_since case".to_owned()].into());
        caller.patch(&case, json!({"opened_on": "2026-02-02"})).await.expect(200);
        undo(&caller, &done).await.expect(200);
        assert_eq!(caller.get(&case).await.expect(200)["opened_on"], "2026-02-20");
        assert_eq!(caller.get(&format!("/v1/cases/{other}")).await.expect(200)["opened_on"], "2026-02-02");
        // A day that the case that stays can have is kept.
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        caller.patch(&case, json!({"opened_on": "2026-02-02"})).await.expect(200);
        undo(&caller, &done).await.expect(200);
        assert_eq!(caller.get(&case).await.expect(200)["opened_on"], "2026-02-20");
    }

    async fn an_act_that_was_corrected_since_is_shared_again_by_all_its_cases(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-10").await;
        let (_, third) = followed(&caller, service, "Hugo", "2026-02-10").await;
        let about = with(with(interview("2026-02-12"), "case_ids", json!([case, other, third])), "service_id", json!(service));
        let about = with(with(about, "minutes", 60.into()), "participants", json!([{"kind": "parent", "number": 3}]));
        let act = caller.post("/v1/interventions", about).await.expect(201);
        let ids: Vec<String> = act["shares"].as_array().unwrap().iter()
            .map(|share| format!("/v1/interventions/{}", share["intervention_id"].as_str().unwrap())).collect();
        let shares = async || {
            let mut shares = Vec::new();
            for path in &ids {
                let share = caller.get(path).await.expect(200);
                shares.push(json!([share["minutes"], share["participants"]]));
            }
            shares
        };
        let each = |minutes: i64, number: i64| vec![json!([minutes, [{"kind": "parent", "number": number}]]); 3];
        assert_eq!(shares().await, each(20, 1));
        // 80 minutes about two cases leave the share that stays with as many as the two shares had; then the first sum again.
        for (corrected, minutes) in [(90, 30), (60, 20), (120, 40)] {
            let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
            caller.patch(&ids[0], json!({"act_minutes": corrected + 3})).await.expect(200);
            caller.patch(&ids[0], json!({"act_minutes": corrected})).await.expect(200);
            undo(&caller, &done).await.expect(200);
            assert_eq!(shares().await, each(minutes, 1), "{corrected}");
        }
        for number in [6, 3] {
            let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
            caller.patch(&ids[0], json!({"act_participants": [{"kind": "parent", "number": number}]})).await.expect(200);
            undo(&caller, &done).await.expect(200);
            assert_eq!(shares().await, each(40, number / 3), "{number}");
        }
    }

    async fn the_feed_names_the_case_of_each_share(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-10").await;
        let (_, third) = followed(&caller, service, "Hugo", "2026-02-10").await;
        for about in [[&case, &other, &third], [&other, &case, &third]] {
            let about = with(with(interview("2026-02-12"), "case_ids", json!(about)), "service_id", json!(service));
            let act = caller.post("/v1/interventions", about).await.expect(201);
            let note = json!({"kind": "summary", "text": "Pangolin", "intervention_id": act["shares"][1]["intervention_id"]});
            let of_second = act["shares"][1]["case_id"].as_str().unwrap();
            caller.post(&format!("/v1/cases/{of_second}/notes"), note).await.expect(201);
        }
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        undo(&caller, &done).await.expect(200);
        let feed = caller.get("/v1/changes?limit=500").await.expect(200);
        let mut seen = 0;
        for (kind, records) in [("intervention", "interventions"), ("case_note", "notes"), ("case_member", "team")] {
            for of in [&case, &other, &third] {
                for row in caller.get(&format!("/v1/cases/{of}/{records}")).await.expect(200).rows() {
                    let last = feed.rows().iter().rfind(|event| event["resource"] == kind && event["object_id"] == row["id"]).unwrap();
                    assert_eq!(last["parent_id"], json!(of), "{last}");
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, 6 + 2 + 3);
        let touched = |act: &Value| feed.rows().iter().filter(|event| event["object_id"] == *act).count();
        for row in caller.get(&format!("/v1/cases/{third}/interventions")).await.expect(200).rows() {
            assert_eq!(touched(&row["id"]), 3, "recorded, joined, parted");
        }
    }

    async fn a_merge_and_its_dry_run_name_the_children(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, _) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, _) = followed(&caller, service, "Zelia", "2026-02-10").await;
        let tried = dry(&caller, &stays.child, &goes.child).await.expect(200);
        let names = |merge: &Value| json!([merge["survivor_child_name"], merge["absorbed_child_name"]]);
        assert_eq!(names(&tried.json), json!(["Zélie Quenouillard", "Zelia Quenouillard"]));
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        assert_eq!(done["survivor_child_name"], "Zélie Quenouillard");
        let read = caller.get(&format!("/v1/child-merges/{}", done.id())).await.expect(200);
        assert_eq!(names(&read.json), names(&done.json));
    }

    async fn what_is_about_a_sibling_is_about_neither_child(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, _) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, _) = followed(&caller, service, "Zelie", "2026-02-10").await;
        let sibling = json!({"given_name": "Lou", "family_name": "Quenouillard", "birth_date": "2022-01-05"});
        let sibling = caller.post(&format!("/v1/households/{}/children", goes.household), sibling).await.expect(201).id();
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        let request = json!({
            "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63113",
            "child_id": sibling, "needs": ["find_childcare"], "received_on": "2026-02-12", "description": "Tapir"
        });
        let request = caller.post("/v1/referrals", request).await.expect(201);
        let request = request["referral"]["id"].as_str().unwrap().to_owned();
        let case = accept(&caller, &request, "2026-02-12").await;
        let work = with(interview("2026-02-12"), "note", "Axolotl".into());
        let work = caller.post(&format!("/v1/cases/{case}/interventions"), work).await.expect(201).id();
        caller.patch(&format!("/v1/interventions/{work}"), json!({"note": "Wombat"})).await.expect(200);
        undo(&caller, &done).await.expect(200);
        let read = caller.get(&format!("/v1/referrals/{request}")).await.expect(200);
        assert_eq!((&read["household_id"], &read["description"]), (&json!(goes.household), &json!("Tapir")));
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await.expect(200)["household_id"], json!(goes.household));
        assert_eq!(caller.get(&format!("/v1/interventions/{work}")).await.expect(200)["note"], "Wombat");
        assert!(caller.get(&format!("/v1/interventions/{work}/history")).await.expect(200).text().contains("Axolotl"));
        // What is written next is sealed for the household that came back.
        caller.patch(&format!("/v1/referrals/{request}"), json!({"description": "Okapi"})).await.expect(200);
        caller.patch(&format!("/v1/interventions/{work}"), json!({"minutes": 61})).await.expect(200);
    }
}
