//! Corrections: what was typed by mistake leaves the live figures, and its former values stay readable to who may correct.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, interview, nursery, structure_case, with};
use crate::harness::{Caller, Response};

/// Records an intervention and returns its path.
async fn intervened(caller: &Caller, case: &str, body: Value) -> String {
    let made = caller.post(&format!("/v1/cases/{case}/interventions"), body).await.expect(201);
    let path = format!("/v1/interventions/{}", made.id());
    assert_eq!(made.header("location"), path);
    path
}

async fn stepped(caller: &Caller, case: &str, body: Value) -> String {
    let made = caller.post(&format!("/v1/cases/{case}/steps"), body).await.expect(201);
    format!("/v1/case-steps/{}", made.id())
}

async fn placed(caller: &Caller, case: &str, organisation: &str, starts_on: &str) -> String {
    let place = json!({"organisation_id": organisation, "childcare_type": "creche", "starts_on": starts_on});
    format!("/v1/placements/{}", caller.post(&format!("/v1/cases/{case}/placements"), place).await.expect(201).id())
}

async fn activity(caller: &Caller, service: Id) -> Response {
    caller.get(&format!("/v1/services/{service}/activity?from=2026-01-01&to=2026-12-31")).await.expect(200)
}

/// The steps of a case, with their days.
async fn steps(caller: &Caller, case: &str) -> Vec<(String, String)> {
    let list = caller.get(&format!("/v1/cases/{case}/steps")).await.expect(200);
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    list.rows().iter().map(|row| (text(row, "step"), text(row, "reached_on"))).collect()
}

/// The changes of the last event of a history, as `field: before → after`.
fn last_changes(history: &Response) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| "∅".to_owned(), str::to_owned);
    let changes = history.rows().last().expect("an event")["changes"].as_array().expect("its changes").clone();
    let line = |one: &Value| format!("{}: {} → {}", text(&one["field"]), text(&one["before"]), text(&one["after"]));
    changes.iter().map(line).collect()
}

/// `kind resource` of the latest changes that name a case as parent, in the order of the feed.
async fn feed_of(caller: &Caller, case: &str) -> Vec<String> {
    let feed = caller.get("/v1/changes?limit=500").await.expect(200);
    let of_case = feed.rows().iter().filter(|row| row["parent_id"] == case);
    of_case.map(|row| format!("{} {}", row["kind"].as_str().unwrap(), row["resource"].as_str().unwrap())).collect()
}

on_both_databases! {
    async fn a_typo_in_minutes_leaves_the_live_figures(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = intervened(&caller, &case, with(interview("2026-02-10"), "minutes", 750.into())).await;
        assert_eq!(activity(&caller, service).await["interventions"]["minutes"], 750);
        let version = caller.get(&format!("/v1/cases/{case}")).await["version"].as_i64().unwrap();
        let read = caller.get(&path).await.expect(200);
        assert_eq!((&read["version"], &read["minutes"]), (&json!(1), &json!(750)));

        app.advance(chrono::Duration::minutes(5));
        let etag = read.header("etag").to_owned();
        let stale = caller.clone().with_header("If-Match", "\"7\"");
        stale.patch(&path, json!({"minutes": 75})).await.expect(412).problem("version_mismatch");
        let careful = caller.clone().with_header("If-Match", &etag);
        let corrected = careful.patch(&path, json!({"minutes": 75})).await.expect(200);
        assert_eq!((&corrected["version"], &corrected["minutes"]), (&json!(2), &json!(75)));
        assert_eq!(corrected["counted_in"], json!([]));
        assert_ne!(corrected["updated_at"], corrected["created_at"]);
        assert_eq!(activity(&caller, service).await["interventions"]["minutes"], 75);
        let after = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert_eq!((after["version"].as_i64(), &after["updated_at"]), (Some(version + 1), &corrected["updated_at"]));
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(last_changes(&history), ["minutes: 750 → 75"]);
        assert_eq!(history.rows()[0]["author"], caller.id.unwrap().to_string());

        // Removed: the figures forget it, and its history stays.
        let removed = caller.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(200);
        assert_eq!(removed["counted_in"], json!([]));
        caller.get(&path).await.expect(404);
        assert_eq!(activity(&caller, service).await["interventions"]["minutes"], 0);
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(history.rows().len(), 2);
        assert_eq!((&history.rows()[1]["kind"], &history.rows()[1]["reason"]), (&json!("remove"), &json!("entered_by_mistake")));
        assert!(last_changes(&history).contains(&"minutes: 75 → ∅".to_owned()), "{:?}", last_changes(&history));
        let of_case = feed_of(&caller, &case).await;
        assert_eq!(of_case, ["created case_member", "created intervention", "updated intervention", "deleted intervention"]);
    }

    async fn a_correction_obeys_the_rules_of_a_creation_and_reports_every_fault_at_once(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = intervened(&caller, &case, interview("2026-02-10")).await;
        let before = app.database.counts();
        let wrong = json!({
            "held_on": "2026-03-03", "next_action_on": "2026-02-01", "on_school_time": true,
            "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
            "participants": [{"kind": "parent", "number": 1}, {"kind": "parent", "number": 2}]
        });
        let mut faults = caller.patch(&path, wrong).await.expect(422).problem("rule_broken").faults();
        faults.sort();
        let expected = [
            ("/held_on", "in_the_future"), ("/next_action_on", "next_action_before"), ("/on_school_time", "school_time_not_covered"),
            ("/organisation_id", "unknown_organisation"), ("/participants", "not_unique"),
        ];
        assert_eq!(faults, expected.map(|(at, rule)| (at.to_owned(), rule.to_owned())));
        caller.patch(&path, json!({"held_on": "2026-02-01"})).await.breaks("/held_on", "before_request");
        caller.patch(&path, json!({"minutes": 1441})).await.expect(400).problem("invalid_body");
        caller.patch(&path, json!({"minutes": null})).await.expect(400).problem("invalid_body");

        let step = stepped(&caller, &case, json!({"step": "childcare_search", "reached_on": "2026-02-10"})).await;
        caller.patch(&step, json!({"reached_on": "2026-02-01"})).await.breaks("/reached_on", "before_opening");
        caller.patch(&step, json!({"step": "closure"})).await.breaks("/step", "recorded_by_closing");
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let place = placed(&caller, &case, &lutins, "2026-02-16").await;
        caller.patch(&place, json!({"starts_on": "2006-02-01"})).await.breaks("/starts_on", "before_birth");
        caller.patch(&place, json!({"ends_on": "2026-02-15"})).await.breaks("/ends_on", "ends_before_start");
        caller.patch(&place, json!({"childcare_type": "none"})).await.breaks("/childcare_type", "not_a_placement");
        placed(&caller, &case, &lutins, "2026-02-20").await;
        let twice = caller.patch(&place, json!({"starts_on": "2026-02-20"})).await.expect(409).problem("conflict");
        assert!(twice["existing_id"].is_string());
        let corrections = |counts: &[(String, i64)]| counts.iter().find(|(table, _)| table == "corrections").map(|(_, n)| *n);
        assert_eq!(corrections(&app.database.counts()), corrections(&before), "a refusal keeps nothing");

        // The next follow-up of the case follows the intervention that had set it.
        caller.patch(&path, json!({"next_action_on": "2026-04-01"})).await.expect(200);
        caller.patch(&path, json!({"next_action_on": "2026-04-15"})).await.expect(200);
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await["next_follow_up_on"], "2026-04-15");
        caller.patch(&path, json!({"type": "partner_contact"})).await.breaks("/type", "family_agreement_missing");
        let kind = caller.patch(&path, json!({"type": "funding_support"})).await.expect(200);
        assert_eq!(kind["mode"], "indirect", "the mode of the new type");
    }

    async fn work_that_is_typed_late_or_removed_loses_no_follow_up(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let planned = async || caller.get(&format!("/v1/cases/{case}")).await["next_follow_up_on"].clone();
        let with_next = |held_on: &str, next: &str| with(interview(held_on), "next_action_on", next.into());
        let first = intervened(&caller, &case, with_next("2026-02-10", "2026-04-10")).await;
        let second = intervened(&caller, &case, with_next("2026-02-20", "2026-04-20")).await;
        assert_eq!(planned().await, "2026-04-20");
        // An earlier visit, typed after a later one.
        let late = intervened(&caller, &case, with_next("2026-02-15", "2026-02-28")).await;
        assert_eq!(planned().await, "2026-04-20");
        caller.delete(&format!("{late}?reason=entered_by_mistake")).await.expect(200);
        assert_eq!(planned().await, "2026-04-20");
        // Nor does an action that is added to an earlier visit.
        let bare = intervened(&caller, &case, interview("2026-02-15")).await;
        caller.patch(&bare, json!({"next_action_on": "2026-02-28"})).await.expect(200);
        assert_eq!(planned().await, "2026-04-20");
        caller.delete(&format!("{bare}?reason=entered_by_mistake")).await.expect(200);
        caller.delete(&format!("{second}?reason=entered_by_mistake")).await.expect(200);
        assert_eq!(planned().await, "2026-04-10", "that of the intervention that is left");
        caller.patch(&first, json!({"next_action_on": null})).await.expect(200);
        assert!(planned().await.is_null());
    }

    async fn a_professional_corrects_their_own_entries_and_a_coordinator_all(app: TestApp) {
        let (service, chief) = coordinator(&app).await;
        let case = case_of(&chief, service, "Exemple", "2026-02-02").await;
        let (own, other) = (app.user(service, Role::Professional).await, app.user(service, Role::Professional).await);
        let manager = app.user(service, Role::Manager).await;
        let (_, stranger) = coordinator(&app).await;
        let lutins = nursery(&own, service, "Les Lutins").await;
        let entries = [
            (intervened(&own, &case, interview("2026-02-10")).await, json!({"held_on": "2026-02-11"})),
            (
                stepped(&own, &case, json!({"step": "childcare_search", "reached_on": "2026-02-10"})).await,
                json!({"reached_on": "2026-02-11"}),
            ),
            (placed(&own, &case, &lutins, "2026-02-16").await, json!({"ends_on": "2026-02-20"})),
        ];
        for (path, patch) in &entries {
            let english = other.clone().with_header("Accept-Language", "en");
            let refused = english.patch(path, patch.clone()).await.expect(403).problem("forbidden");
            assert_eq!(refused["required_permission"], "cases:correct");
            assert!(refused["detail"].as_str().unwrap().starts_with("This record is not yours"), "{}", refused.text());
            other.delete(&format!("{path}?reason=duplicate")).await.expect(403).problem("forbidden");
            other.get(&format!("{path}/history")).await.expect(403).problem("forbidden");
            other.get(path).await.expect(200);
            for (method, at) in [("GET", path.clone()), ("GET", format!("{path}/history")), ("DELETE", format!("{path}?reason=duplicate"))] {
                stranger.call(method, &at, None).await.expect(404);
            }
            stranger.patch(path, patch.clone()).await.expect(404);
            own.patch(path, patch.clone()).await.expect(200);
            assert_eq!(own.get(&format!("{path}/history")).await.expect(200).rows().len(), 1);
            assert_eq!(manager.get(&format!("{path}/history")).await.expect(200).rows().len(), 1);
        }
        for (path, _) in &entries[..2] {
            chief.delete(&format!("{path}?reason=duplicate")).await.expect(200);
            own.get(&format!("{path}/history")).await.expect(200);
            other.get(&format!("{path}/history")).await.expect(403);
            stranger.get(&format!("{path}/history")).await.expect(404);
        }
        let commune = json!({"commune_code": "63300"});
        let refused = own.patch(&format!("/v1/cases/{case}"), commune.clone()).await.expect(403).problem("forbidden");
        assert_eq!(refused["required_permission"], "cases:correct");
        chief.patch(&format!("/v1/cases/{case}"), commune).await.expect(200);
        let changes = |history: Response| history.expect(200).rows().last().unwrap()["changes"].clone();
        assert!(changes(own.get(&format!("/v1/cases/{case}/history")).await).is_null());
        let expected = json!([{"field": "commune_code", "before": "63113", "after": "63300"}]);
        assert_eq!(changes(chief.get(&format!("/v1/cases/{case}/history")).await), expected);
    }

    async fn a_wrong_placement_is_removed_with_its_step_unless_the_closure_relies_on_it(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let place = placed(&caller, &case, &lutins, "2026-02-16").await;
        caller.patch(&place, json!({"starts_on": "2026-02-17"})).await.expect(200);
        assert_eq!(steps(&caller, &case).await, [("effective_placement".into(), "2026-02-17".into())]);
        let list = caller.get(&format!("/v1/cases/{case}/steps")).await.expect(200);
        let step = format!("/v1/case-steps/{}", list.rows()[0]["id"].as_str().unwrap());
        let named = list.rows()[0]["placement_id"].clone();
        assert!(place.ends_with(named.as_str().unwrap()));
        assert_eq!(last_changes(&caller.get(&format!("{step}/history")).await.expect(200)), ["reached_on: 2026-02-16 → 2026-02-17"]);
        // The step is not corrected by itself.
        assert_eq!(caller.patch(&step, json!({"reached_on": "2026-02-18"})).await.expect(409)["placement_id"], named);
        caller.delete(&format!("{step}?reason=duplicate")).await.expect(409).problem("conflict");

        let path = format!("/v1/cases/{case}");
        caller.post(&format!("{path}/close"), json!({"outcome": "effective_placement", "closed_on": "2026-02-20"})).await.expect(200);
        let refused = caller.delete(&format!("{place}?reason=entered_by_mistake")).await.expect(409).problem("conflict");
        assert_eq!(refused["case_id"], case);
        assert!(refused["detail"].as_str().unwrap().contains("PATCH /v1/cases/{id}"), "the way out");
        caller.patch(&place, json!({"ends_on": "2026-02-19"})).await.expect(409);
        caller.post(&format!("{place}/end"), json!({"ends_on": "2026-02-19"})).await.expect(409);
        caller.patch(&place, json!({"ends_on": "2026-02-20"})).await.expect(200);
        caller.patch(&path, json!({"outcome": "need_met"})).await.expect(200);
        assert_eq!(activity(&caller, service).await["placements"]["started"], 1);
        caller.delete(&format!("{place}?reason=entered_by_mistake")).await.expect(200);
        assert_eq!(activity(&caller, service).await["placements"]["started"], 0);
        assert_eq!(steps(&caller, &case).await, [("closure".into(), "2026-02-20".into())]);
        for gone in [&place, &step] {
            caller.get(gone).await.expect(404);
            assert_eq!(caller.get(&format!("{gone}/history")).await.expect(200).rows().last().unwrap()["kind"], "remove");
        }
        // An outcome needs a placement that is current on the day of the closure.
        caller.patch(&path, json!({"outcome": "effective_placement"})).await.breaks("/outcome", "placement_required");
    }

    async fn a_placement_that_has_ended_closes_no_case_as_effective(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let place = placed(&caller, &case, &lutins, "2026-02-16").await;
        caller.post(&format!("{place}/end"), json!({"ends_on": "2026-02-20"})).await.expect(200);
        let close = format!("/v1/cases/{case}/close");
        caller.post(&close, json!({"outcome": "effective_placement"})).await.breaks("/outcome", "placement_required");
        caller.post(&close, json!({"outcome": "effective_placement", "closed_on": "2026-02-20"})).await.expect(200);
    }

    async fn the_dates_and_the_outcome_of_a_case_are_corrected_within_the_rules(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}");
        stepped(&caller, &case, json!({"step": "childcare_search", "reached_on": "2026-02-10"})).await;
        intervened(&caller, &case, interview("2026-02-12")).await;
        for (patch, at, rule) in [
            (json!({"opened_on": "2026-03-03"}), vec!["/opened_on", "/opened_on"], vec!["in_the_future", "after_first_record"]),
            (json!({"opened_on": "2026-02-01"}), vec!["/opened_on"], vec!["before_request"]),
            (json!({"closed_on": "2026-02-20", "outcome": "moved"}), vec!["/closed_on", "/outcome"], vec!["not_closed", "not_closed"]),
        ] {
            let faults = caller.patch(&path, patch).await.expect(422).problem("rule_broken").faults();
            let expected: Vec<_> = at.iter().zip(&rule).map(|(at, rule)| ((*at).to_owned(), (*rule).to_owned())).collect();
            assert_eq!(faults, expected);
        }
        caller.patch(&path, json!({"opened_on": "2026-02-09"})).await.expect(200);
        caller.post(&format!("{path}/close"), json!({"outcome": "moved", "closed_on": "2026-02-25"})).await.expect(200);
        caller.patch(&path, json!({"closed_on": "2026-02-11"})).await.breaks("/closed_on", "before_last_record");
        caller.patch(&path, json!({"closed_on": null})).await.expect(400).problem("invalid_body");
        let corrected = caller.patch(&path, json!({"closed_on": "2026-02-20", "outcome": "need_met"})).await.expect(200);
        assert_eq!((&corrected["closed_on"], &corrected["outcome"]), (&json!("2026-02-20"), &json!("need_met")));
        assert_eq!(corrected["counted_in"], json!([]));
        assert_eq!(steps(&caller, &case).await.last().unwrap(), &("closure".to_owned(), "2026-02-20".to_owned()));
        let history = caller.get(&format!("{path}/history")).await.expect(200);
        let actions: Vec<_> = history.rows().iter().map(|row| row["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["open", "correct", "close", "correct"]);
        assert_eq!(last_changes(&history), ["closed_on: 2026-02-25 → 2026-02-20", "outcome: moved → need_met"]);
        assert_eq!(history.rows()[2]["outcome"], "moved", "an event never changes");
        let closure = caller.get(&format!("{path}/steps")).await.expect(200).rows().last().unwrap()["id"].clone();
        let closure = format!("/v1/case-steps/{}", closure.as_str().unwrap());
        caller.patch(&closure, json!({"reached_on": "2026-02-21"})).await.expect(409).problem("conflict");
    }

    async fn a_case_that_is_closed_again_has_one_closure(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}");
        caller.post(&format!("{path}/close"), json!({"outcome": "moved", "closed_on": "2026-02-20"})).await.expect(200);
        let undone = caller.get(&format!("{path}/steps")).await.expect(200).rows()[0]["id"].as_str().unwrap().to_owned();
        caller.act(&format!("{path}/reopen")).await.expect(200);
        assert_eq!(steps(&caller, &case).await, []);
        let history = caller.get(&format!("/v1/case-steps/{undone}/history")).await.expect(200);
        assert_eq!(last_changes(&history), ["reached_on: 2026-02-20 → ∅", "step: closure → ∅"]);
        caller.post(&format!("{path}/close"), json!({"outcome": "need_met", "closed_on": "2026-02-23"})).await.expect(200);
        assert_eq!(steps(&caller, &case).await, [("closure".into(), "2026-02-23".into())]);
        assert!(feed_of(&caller, &case).await.contains(&"deleted case_step".to_owned()));
    }

    async fn former_values_are_sealed_and_erased_with_the_key(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let about_child = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let about_structure = structure_case(&caller, service, "2026-02-02").await;
        let mut paths = Vec::new();
        for case in [&about_child, &about_structure] {
            let work = with(interview("2026-02-10"), "note", "Ornithorynque vert".into());
            let work = intervened(&caller, case, work).await;
            let corrected = caller.patch(&work, json!({"note": "Ornithorynque bleu", "minutes": 61})).await.expect(200);
            assert_eq!(corrected["note"], "Ornithorynque bleu");
            assert_eq!(caller.get(&work).await.expect(200)["note"], "Ornithorynque bleu");
            let step = json!({"step": "childcare_search", "reached_on": "2026-02-10", "note": "Ornithorynque vert"});
            let step = stepped(&caller, case, step).await;
            caller.patch(&step, json!({"note": null})).await.expect(200);
            caller.delete(&format!("{step}?reason=duplicate")).await.expect(200);
            for (path, expected) in [
                (&work, vec!["minutes: 60 → 61", "note: Ornithorynque vert → Ornithorynque bleu"]),
                (&step, vec!["reached_on: 2026-02-10 → ∅", "step: childcare_search → ∅"]),
            ] {
                assert_eq!(last_changes(&caller.get(&format!("{path}/history")).await.expect(200)), expected);
            }
            paths.extend([work, step]);
        }
        app.assert_never_stored(&["Ornithorynque"]);
        for statement in ["UPDATE corrections SET author = 'nobody'", "DELETE FROM corrections"] {
            assert!(app.database.execute(statement).is_err(), "{statement}");
        }
        // Without the key of the owner, nothing of the former values can be read.
        app.database.execute("DELETE FROM data_keys").unwrap();
        for path in &paths {
            let history = caller.get(&format!("{path}/history")).await.expect(200);
            assert!(!history.rows().is_empty() && history.rows().iter().all(|row| row["changes"].is_null()));
            assert!(!history.text().contains("Ornithorynque") && !history.text().contains("2026-02-10"));
        }
        // Nothing can be corrected without keeping what it was.
        caller.patch(&paths[0], json!({"minutes": 62})).await.expect(409).problem("conflict");
        assert_eq!(caller.get(&paths[0]).await.expect(200)["minutes"], 61);
    }

    async fn of_two_concurrent_corrections_one_gets_a_conflict(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = intervened(&caller, &case, interview("2026-02-10")).await;
        let (one, other) = futures_util::future::join(
            caller.patch(&path, json!({"minutes": 61})),
            caller.patch(&path, json!({"minutes": 62})),
        ).await;
        // `*` matches any version: one after the other, both succeed.
        let statuses = [one.status, other.status];
        assert!(statuses.contains(&200) && statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
        let won = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(caller.get(&format!("{path}/history")).await.expect(200).rows().len(), won);
    }

    async fn work_done_before_the_closing_is_recorded_for_sixty_days(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}");
        caller.post(&format!("{path}/close"), json!({"outcome": "need_met", "closed_on": "2026-02-20"})).await.expect(200);
        // 60 days after 20 February: 21 April.
        app.advance(chrono::Duration::days(50));
        assert_eq!(caller.get(&path).await["available_actions"], json!(["reopen", "record_step", "record_intervention"]));
        let (works, milestones) = (format!("{path}/interventions"), format!("{path}/steps"));
        let step = |on: &str| json!({"step": "childcare_search", "reached_on": on});
        caller.post(&works, interview("2026-02-21")).await.breaks("/held_on", "after_closing");
        caller.post(&milestones, step("2026-02-21")).await.breaks("/reached_on", "after_closing");
        let planned = with(interview("2026-02-20"), "next_action_on", "2026-05-01".into());
        caller.post(&works, planned).await.breaks("/next_action_on", "case_closed");
        let work = caller.post(&works, interview("2026-02-20")).await.expect(201).id();
        caller.post(&milestones, step("2026-02-12")).await.expect(201);
        let read = caller.get(&path).await.expect(200);
        assert_eq!((&read["status"], &read["closed_on"]), (&json!("closed"), &json!("2026-02-20")));
        assert!(read["next_follow_up_on"].is_null(), "a closed case has no follow-up");
        assert_eq!(activity(&caller, service).await["interventions"]["number"], 1);

        app.advance(chrono::Duration::days(1));
        assert_eq!(caller.get(&path).await["available_actions"], json!(["reopen"]));
        for (at, body) in [(&works, interview("2026-02-20")), (&milestones, step("2026-02-12"))] {
            let late = caller.post(at, body).await.expect(409).problem("wrong_state");
            assert_eq!((&late["state"], &late["available_actions"]), (&json!("closed"), &json!(["reopen"])));
            assert!(late["detail"].as_str().unwrap().contains("21/04/2026"), "{}", late.text());
        }
        // A correction has no such limit.
        caller.patch(&format!("/v1/interventions/{work}"), json!({"minutes": 30})).await.expect(200);
        caller.patch(&format!("/v1/interventions/{work}"), json!({"held_on": "2026-02-21"})).await.breaks("/held_on", "after_closing");

        let manager = app.user(service, Role::Manager).await;
        let setting = format!("/v1/services/{service}");
        assert_eq!(manager.get(&setting).await.expect(200)["late_entry_days"], 60);
        manager.patch(&setting, json!({"late_entry_days": 61})).await.expect(200);
        caller.post(&works, interview("2026-02-20")).await.expect(201);
        manager.patch(&setting, json!({"late_entry_days": 367})).await.expect(400);
    }
}
