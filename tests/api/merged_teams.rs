//! The teams, the histories and the identifiers of two cases that became one.

use std::collections::BTreeSet;

use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::cases::{accept, coordinator, interview, refer, with};
use crate::child_merges::{followed, merge, recorded};
use crate::child_merges_undone::{assert_same, dump, undo};
use crate::harness::lending_service::LendingService;
use crate::harness::{Caller, Response, TestApp};

/// The current parts in the team of a case: `user capacity`.
pub(crate) async fn team(caller: &Caller, case: &str) -> BTreeSet<String> {
    let page = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
    let current = page.rows().iter().filter(|row| row["ends_on"].is_null());
    current.map(|row| format!("{} {}", row["user_id"].as_str().unwrap(), row["capacity"].as_str().unwrap())).collect()
}

/// Makes the référent of a case one of its members too, as hand-overs once did.
fn referent_and_member(app: &TestApp, case: &str) {
    let twice = format!(
        "INSERT INTO case_members SELECT '{}', service_id, case_id, user_id, 'member', starts_on, NULL, author, 1, created_at, \
         updated_at FROM case_members WHERE case_id = '{case}' AND capacity = 'referent' AND ends_on IS NULL",
        uuid::Uuid::now_v7()
    );
    app.database.execute(&twice).unwrap();
}

pub(crate) async fn dry(caller: &Caller, survivor: &str, absorbed: &str) -> Response {
    caller.post(&format!("/v1/children/{survivor}/merge?dry_run=true"), json!({"absorbed_id": absorbed})).await
}

/// The first fault: its place, its code, and the survivor that it names.
fn named(refused: &Response) -> (String, String, String) {
    let fault = &refused["errors"][0];
    let text = |field: &str| fault[field].as_str().unwrap_or_default().to_owned();
    (text("pointer"), text("code"), text("merged_into"))
}

on_both_databases! {
    async fn who_has_two_parts_in_a_team_has_one_after_the_merge(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Coordinator).await;
        let (me, them) = (caller.bare_id().to_string(), colleague.bare_id().to_string());
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&colleague, service, "Zelie", "2026-02-02").await;
        referent_and_member(&app, &other);
        let (before, counts) = (dump(&app), app.database.counts());
        let tried = dry(&caller, &stays.child, &goes.child).await.expect(200);
        assert_same(&before, &dump(&app), "a dry run writes nothing");
        assert_eq!(app.database.count("changes"), counts.iter().find(|(table, _)| table == "changes").unwrap().1);
        assert!(tried["author_name"].is_string(), "{}", tried.text());
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        for field in ["author_name", "moved", "differs", "counted_in", "survivor_case_id"] {
            assert_eq!(tried[field], done[field], "{field}");
        }
        assert_eq!(team(&caller, &case).await, BTreeSet::from([format!("{me} referent"), format!("{them} member")]));
        // The part that is gone is told, with the one that stays.
        let feed = caller.get("/v1/changes?limit=500").await.expect(200);
        let gone: Vec<&Value> = feed.rows().iter().filter(|event| event["resource"] == "case_member" && event["merged_into"].is_string()).collect();
        assert_eq!(gone.len(), 1, "{}", feed.text());
        undo(&caller, &done).await.expect(200);
        assert_same(&before, &dump(&app), "undone");
    }

    async fn a_referent_stays_the_referent_of_a_case_that_has_none(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Coordinator).await;
        let them = colleague.bare_id().to_string();
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&colleague, service, "Zelie", "2026-02-02").await;
        let own = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200).rows()[0]["id"].as_str().unwrap().to_owned();
        caller.post(&format!("/v1/case-members/{own}/end"), json!({})).await.expect(200);
        caller.post(&format!("/v1/cases/{case}/team"), json!({"user_id": them})).await.expect(201);
        let before = dump(&app);
        dry(&caller, &stays.child, &goes.child).await.expect(200);
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        assert_eq!(team(&caller, &case).await, BTreeSet::from([format!("{them} referent")]));
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await.expect(200)["referent_id"], them.as_str());
        undo(&caller, &done).await.expect(200);
        assert_same(&before, &dump(&app), "undone");
        // Who joined again since has one part after the undo.
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        let hand_over = json!({"case_ids": [case], "referent_id": caller.bare_id()});
        caller.post("/v1/cases/hand-over", hand_over).await.expect(200);
        caller.post(&format!("/v1/cases/{case}/team"), json!({"user_id": them})).await.expect(201);
        undo(&caller, &done).await.expect(200);
        assert_eq!(team(&caller, &case).await, BTreeSet::from([format!("{} referent", caller.bare_id()), format!("{them} member")]));
        assert_eq!(team(&caller, &other).await, BTreeSet::from([format!("{them} referent")]), "as before the merge");
    }

    async fn the_history_of_a_case_has_the_merge_and_its_undo(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-02").await;
        let actions = async |case: &str| {
            let page = caller.get(&format!("/v1/cases/{case}/history")).await.expect(200);
            let of_merge = |event: &&Value| event["object_kind"] == "child_merge" && event["case_id"] == case;
            let text = |event: &Value| format!("{} {}", event["action"].as_str().unwrap(), event["object_id"].as_str().unwrap());
            page.rows().iter().filter(of_merge).map(text).collect::<Vec<_>>()
        };
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        let id = done.id();
        assert_eq!(actions(&case).await, [format!("merge {id}")]);
        let page = caller.get(&format!("/v1/cases/{case}/history")).await.expect(200);
        let event = page.rows().iter().find(|event| event["action"] == "merge").unwrap();
        let joined = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!((&event["version"], &event["happened_on"]), (&joined["version"], &json!("2026-03-02")));
        assert_eq!((&event["author"], &event["changes"], &event["outcome"]), (&done["author"], &Value::Null, &Value::Null));
        undo(&caller, &done).await.expect(200);
        assert_eq!(actions(&case).await, [format!("merge {id}"), format!("undo_merge {id}")]);
        let both = [format!("merge {id}"), format!("undo_merge {id}")];
        assert_eq!(actions(&other).await, both);
        // A case that goes on for another record of the child says so too.
        let twin = recorded(&caller, service, "Noah", "2026-02-02").await;
        let again = merge(&caller, &twin.child, &goes.child).await.expect(200);
        let then = format!("merge {}", again.id());
        assert_eq!(actions(&other).await, [both[0].clone(), both[1].clone(), then.clone()]);
        undo(&caller, &again).await.expect(200);
        assert_eq!(actions(&other).await, [both[0].clone(), both[1].clone(), then, format!("undo_merge {}", again.id())]);
    }

    async fn every_case_of_the_child_says_that_it_was_merged_and_separated(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let actions = async |case: &str| {
            let page = caller.get(&format!("/v1/cases/{case}/history")).await.expect(200);
            let own = page.rows().iter().filter(|event| event["case_id"] == case && event["object_kind"] == "child_merge");
            own.map(|event| event["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-02").await;
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        app.advance(chrono::Duration::days(1));
        undo(&caller, &done).await.expect(200);
        for one in [&case, &other] {
            assert_eq!(actions(one).await, ["merge", "undo_merge"]);
        }
        let page = caller.get(&format!("/v1/cases/{other}/history")).await.expect(200);
        let event = page.rows().iter().find(|event| event["action"] == "merge").unwrap();
        assert_eq!((&event["author"], &event["created_at"], &event["happened_on"]), (&done["author"], &done["merged_at"], &json!("2026-03-02")));
        // The case of the child that stays is in no other, and says so too; so does one that is closed.
        let alone = recorded(&caller, service, "Noah", "2026-02-02").await;
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "need_met"})).await.expect(200);
        let again = merge(&caller, &stays.child, &alone.child).await.expect(200);
        undo(&caller, &again).await.expect(200);
        assert_eq!(actions(&case).await, ["merge", "undo_merge", "merge", "undo_merge"]);
    }

    async fn a_request_that_names_what_was_merged_is_told_the_survivor(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-02").await;
        merge(&caller, &stays.child, &goes.child).await.expect(200);
        let expected = |pointer: &str, code: &str, into: &str| (pointer.to_owned(), code.to_owned(), into.to_owned());
        let work = with(with(interview("2026-02-12"), "case_ids", json!([other])), "service_id", json!(service));
        let refused = caller.post("/v1/interventions", work).await.expect(422).problem("rule_broken");
        assert_eq!(named(&refused), expected("/case_ids/0", "unknown_case", &case));
        assert!(refused["errors"][0]["message"].as_str().unwrap().contains(&case), "{}", refused.text());
        let note = json!([{"case_id": other, "note": "x"}]);
        let work = with(with(interview("2026-02-12"), "case_ids", json!([case])), "service_id", json!(service));
        let refused = caller.post("/v1/interventions", with(work, "notes", note)).await.expect(422);
        assert_eq!(named(&refused), expected("/notes/0/case_id", "unknown_case", &case));
        let planned = json!({
            "service_id": service, "type": "family_interview", "planned_on": "2026-03-12", "starts_at": "09:30", "minutes": 60,
            "place": "family_home", "case_ids": [other]
        });
        let refused = caller.post("/v1/appointments", planned).await.expect(422);
        assert_eq!(named(&refused), expected("/case_ids/0", "unknown_case", &case));
        let shelf = LendingService::of(&app, service, 1).await;
        let family = json!({"kind": "household", "household_id": goes.household});
        let loan = with(with(shelf.request("2026-03-09"), "borrower", family), "case_id", json!(other));
        let refused = caller.post("/v1/reservations", loan).await.expect(422);
        let told: BTreeSet<(&str, &str)> = refused["errors"].as_array().unwrap().iter()
            .map(|fault| (fault["pointer"].as_str().unwrap(), fault["merged_into"].as_str().unwrap())).collect();
        assert_eq!(told, BTreeSet::from([("/borrower/household_id", stays.household.as_str()), ("/case_id", case.as_str())]));
        let request = |about: Value| {
            let new = json!({"service_id": service, "origin": "pmi", "channel": "phone", "needs": ["find_childcare"], "subject": "child"});
            about.as_object().unwrap().iter().fold(new, |new, (field, value)| with(new, field, value.clone()))
        };
        let refused = caller.post("/v1/referrals", request(json!({"child_id": goes.child}))).await.expect(422);
        assert_eq!(named(&refused), expected("/child_id", "unknown_child", &stays.child));
        let sibling = json!({"identity": {"family_name": "Quenouillard", "expected_on": "2026-05-05"}, "household_id": goes.household});
        let refused = caller.post("/v1/referrals", request(json!({"child": sibling}))).await.expect(422);
        assert_eq!(named(&refused), expected("/child/household_id", "unknown_household", &stays.household));
        let alone = recorded(&caller, service, "Noah", "2026-02-02").await;
        let refused = merge(&caller, &alone.child, &goes.child).await.expect(422);
        assert_eq!(named(&refused), expected("/absorbed_id", "unknown_child", &stays.child));
        // A call about several cases names the item.
        let report = caller.post("/v1/cases/hand-over", json!({"case_ids": [case, other], "referent_id": caller.bare_id()})).await.expect(200);
        let problem = &report["data"][1]["problem"];
        assert_eq!((&problem["code"], &problem["merged_into"], &problem["errors"][0]["pointer"]), (&json!("not_found"), &json!(case), &json!("/case_ids/1")));
        // Whoever works elsewhere learns nothing.
        let (elsewhere, stranger) = coordinator(&app).await;
        let work = with(with(interview("2026-02-12"), "case_ids", json!([other])), "service_id", json!(elsewhere));
        let refused = stranger.post("/v1/interventions", work).await.expect(422);
        assert_eq!(named(&refused), expected("/case_ids/0", "unknown_case", ""));
    }

    async fn a_list_that_is_asked_for_what_was_merged_names_the_survivor(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-02").await;
        merge(&caller, &stays.child, &goes.child).await.expect(200);
        let stranger = coordinator(&app).await.1;
        for (path, parameter, gone, into) in [
            ("interventions", "case_id", &other, &case), ("appointments", "case_id", &other, &case),
            ("reservations", "case_id", &other, &case), ("referrals", "case_id", &other, &case),
            ("referrals", "child_id", &goes.child, &stays.child), ("cases", "child_id", &goes.child, &stays.child),
            ("referrals", "household_id", &goes.household, &stays.household),
            ("cases", "household_id", &goes.household, &stays.household),
            ("reservations", "household_id", &goes.household, &stays.household),
        ] {
            let list = format!("/v1/{path}?{parameter}={gone}");
            let refused = caller.get(&list).await.expect(400).problem("invalid_parameters");
            assert_eq!(named(&refused), (parameter.to_owned(), "merged".to_owned(), into.clone()), "{list}");
            caller.get(&format!("/v1/{path}?{parameter}={into}")).await.expect(200);
            assert!(stranger.get(&list).await.expect(200).rows().is_empty(), "{list}");
        }
    }

    async fn a_member_who_takes_a_case_over_has_one_part(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let (me, them) = (caller.bare_id().to_string(), colleague.bare_id().to_string());
        let referral = refer(&caller, service, "2026-02-09", crate::cases::child("Exemple")).await;
        let case = accept(&caller, &referral, "2026-02-09").await;
        let member = caller.post(&format!("/v1/cases/{case}/team"), json!({"user_id": them, "starts_on": "2026-02-16"})).await.expect(201).id();
        let member = format!("/v1/case-members/{member}");
        let hand_over = |to: &str, on: &str| json!({"case_ids": [case], "referent_id": to, "starts_on": on});
        caller.post("/v1/cases/hand-over", hand_over(&them, "2026-02-20")).await.expect(200);
        assert_eq!(team(&caller, &case).await, BTreeSet::from([format!("{them} referent")]));
        let ended = caller.get(&member).await.expect(200);
        assert_eq!((&ended["ends_on"], &ended["version"]), (&json!("2026-02-20"), &json!(2)));
        let feed = caller.get("/v1/changes?limit=500").await.expect(200);
        let told = feed.rows().iter().filter(|event| event["object_id"] == ended["id"]).count();
        assert_eq!(told, 2, "created and ended");
        // The change of hands is re-dated, and undone: the part as a member follows.
        let parts = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
        let part = parts.rows().iter().find(|row| row["capacity"] == "referent" && row["user_id"] == them.as_str()).unwrap();
        let part = format!("/v1/case-members/{}", part["id"].as_str().unwrap());
        caller.patch(&part, json!({"starts_on": "2026-02-24"})).await.expect(200);
        assert_eq!(caller.get(&member).await.expect(200)["ends_on"], "2026-02-24");
        caller.delete(&format!("{part}?reason=entered_by_mistake")).await.expect(204);
        assert_eq!(team(&caller, &case).await, BTreeSet::from([format!("{me} referent"), format!("{them} member")]));
        // Handed over from a day before they joined: the part as a member is that day alone.
        caller.post("/v1/cases/hand-over", hand_over(&them, "2026-02-12")).await.expect(200);
        assert_eq!(caller.get(&member).await.expect(200)["ends_on"], "2026-02-16");
    }

    async fn a_day_out_of_order_is_refused_where_it_was_sent(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (one, other) = (app.user(service, Role::Professional).await, app.user(service, Role::Professional).await);
        let referral = refer(&caller, service, "2026-02-09", crate::cases::child("Exemple")).await;
        let case = accept(&caller, &referral, "2026-02-09").await;
        for (to, on) in [(&one, "2026-02-16"), (&other, "2026-02-20")] {
            let body = json!({"case_ids": [case], "referent_id": to.bare_id(), "starts_on": on});
            caller.post("/v1/cases/hand-over", body).await.expect(200);
        }
        let parts = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
        let middle = parts.rows().iter().find(|row| row["user_id"] == json!(one.bare_id())).unwrap()["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/case-members/{middle}");
        caller.patch(&path, json!({"starts_on": "2026-02-21"})).await.breaks("/starts_on", "after_end");
        caller.patch(&path, json!({"ends_on": "2026-02-15"})).await.breaks("/ends_on", "before_start");
        // The first day is after the new last day, and after the recorded one.
        let both = caller.patch(&path, json!({"starts_on": "2026-02-21", "ends_on": "2026-02-19"})).await.expect(400);
        let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(both.faults(), [fault("/ends_on", "ends_before_start"), fault("/starts_on", "after_end")]);
        caller.patch(&path, json!({"starts_on": "2026-02-19"})).await.expect(200);
    }
}
