//! Activity: figures counted from the recorded data, with their definitions.

use serde_json::{Value, json};

use crate::cases::{accept, case_of, child, coordinator, interview, nursery, refer};
use crate::harness::{Caller, Response};
use passerelle::auth::{Permission, Role};
use passerelle::db::Id;

async fn activity(caller: &Caller, service: Id, from: &str, to: &str) -> Response {
    caller.get(&format!("/v1/services/{service}/activity?from={from}&to={to}")).await
}

async fn close(caller: &Caller, case: &str, on: &str) {
    let body = json!({"outcome": "moved", "closed_on": on});
    caller.post(&format!("/v1/cases/{case}/close"), body).await.expect(200);
}

on_both_databases! {
    async fn two_half_years_do_not_add_up_to_the_year(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        // One child in both halves, one in the first, one in the second.
        case_of(&caller, service, "Toujours", "2025-02-03").await;
        let first = case_of(&caller, service, "Printemps", "2025-02-03").await;
        close(&caller, &first, "2025-06-30").await;
        case_of(&caller, service, "Automne", "2025-07-01").await;
        let children = |response: Response| response.expect(200)["accompanied"]["children"].as_i64().unwrap();
        let spring = children(activity(&caller, service, "2025-01-01", "2025-06-30").await);
        let autumn = children(activity(&caller, service, "2025-07-01", "2025-12-31").await);
        let year = children(activity(&caller, service, "2025-01-01", "2025-12-31").await);
        assert_eq!((spring, autumn, year), (2, 2, 3));
        // No case counts before its first day; a case still counts on its last day.
        assert_eq!(children(activity(&caller, service, "2025-01-01", "2025-02-02").await), 0);
        assert_eq!(children(activity(&caller, service, "2025-06-30", "2025-06-30").await), 2);
    }

    async fn children_households_and_structures_are_distinct(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2025-02-03").await;
        let seen = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        // A second case of the same child, and a case of a sibling.
        close(&caller, &case, "2025-03-03").await;
        let back =
            refer(&caller, service, "2025-05-05", json!({"subject": "child", "child_id": seen["child_id"]})).await;
        accept(&caller, &back, "2025-05-05").await;
        let mut sibling = child("Exemple");
        sibling["child"]["household_id"] = seen["household_id"].clone();
        let sibling = refer(&caller, service, "2025-05-05", sibling).await;
        accept(&caller, &sibling, "2025-05-05").await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        for day in ["2025-02-03", "2025-05-05"] {
            let about =
                json!({"subject": "structure", "organisation_id": lutins, "needs": ["practice_change_support"]});
            let referral = refer(&caller, service, day, about).await;
            accept(&caller, &referral, day).await;
        }
        let year = activity(&caller, service, "2025-01-01", "2025-12-31").await.expect(200);
        assert_eq!(year["accompanied"], json!({"children": 2, "households": 1, "structures": 1}));
        assert_eq!(year["active_file"]["children"], 2);
    }

    async fn referrals_are_counted_by_origin_state_and_reason(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        case_of(&caller, service, "Un", "2025-02-03").await;
        let declined = refer(&caller, service, "2025-03-03", child("Deux")).await;
        let body = json!({"reason": "capacity", "decided_on": "2025-03-10"});
        caller.post(&format!("/v1/referrals/{declined}/decline"), body).await.expect(200);
        let mut family = child("Trois");
        family["origin"] = "family".into();
        refer(&caller, service, "2025-04-07", family).await;
        refer(&caller, service, "2026-01-01", child("Après")).await;
        let figures = activity(&caller, service, "2025-01-01", "2025-12-31").await.expect(200)["referrals"].clone();
        assert_eq!(figures["received"], 3);
        assert_eq!(
            figures["by_origin"],
            json!([{"origin": "family", "group": "family", "number": 1}, {"origin": "pmi", "group": "health", "number": 2}])
        );
        assert_eq!(
            figures["by_origin_group"],
            json!([{"group": "family", "number": 1}, {"group": "health", "number": 2}])
        );
        assert_eq!(figures["by_decline_reason"], json!([{"reason": "capacity", "number": 1}]));
        let of = |status: &str| {
            let rows = figures["by_status"].as_array().unwrap();
            rows.iter().find(|row| row["status"] == status).unwrap()["number"].as_i64().unwrap()
        };
        let counts =
            ["received", "qualified", "waiting_list", "accepted", "declined", "redirected", "withdrawn"].map(of);
        assert_eq!(counts, [1, 0, 0, 1, 1, 0, 0]);
    }

    async fn indirect_work_and_travel_are_counted(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let mut agreed = child("Exemple");
        agreed["family_agreements"] =
            json!([{"purpose": "partner_contact", "given_by": "parent", "given_on": "2025-02-03"}]);
        let referral = refer(&caller, service, "2025-02-03", agreed).await;
        let case = accept(&caller, &referral, "2025-02-03").await;
        let path = format!("/v1/cases/{case}/interventions");
        let work = |kind: &str, on: &str, minutes: i32, travel: i32, people: Value| {
            json!({"type": kind, "held_on": on, "minutes": minutes, "travel_minutes": travel, "place": "other", "participants": people})
        };
        let two_parents = json!([{"kind": "parent", "number": 2}]);
        for new in [
            work("family_interview", "2025-02-10", 60, 40, two_parents.clone()),
            work("family_interview", "2025-12-31", 45, 0, two_parents),
            work("partner_contact", "2025-03-10", 15, 0, json!([])),
            work("team_meeting", "2025-03-11", 90, 80, json!([{"kind": "childcare_professional", "number": 6}])),
        ] {
            caller.post(&path, new).await.expect(201);
        }
        caller.post(&path, interview("2026-01-05")).await.expect(201);
        let figures = activity(&caller, service, "2025-01-01", "2025-12-31").await.expect(200)["interventions"].clone();
        assert_eq!((&figures["number"], &figures["minutes"], &figures["travel_minutes"]), (&json!(4), &json!(210), &json!(120)));
        assert_eq!(
            figures["by_mode"],
            json!([
                {"mode": "collective", "number": 1, "minutes": 90, "travel_minutes": 80},
                {"mode": "indirect", "number": 1, "minutes": 15, "travel_minutes": 0},
                {"mode": "individual", "number": 2, "minutes": 105, "travel_minutes": 40},
            ])
        );
        assert_eq!(figures["by_type"][0], json!({"type": "family_interview", "number": 2, "minutes": 105, "travel_minutes": 40}));
        assert_eq!(
            figures["participants"],
            json!([{"kind": "childcare_professional", "number": 6}, {"kind": "parent", "number": 4}])
        );
    }

    async fn placements_of_the_period_and_their_children(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2025-02-03").await;
        for (name, on) in [("Les Lutins", "2025-03-03"), ("Les Farfadets", "2025-09-01"), ("Les Elfes", "2026-01-05")] {
            let organisation = nursery(&caller, service, name).await;
            let place = json!({"organisation_id": organisation, "childcare_type": "creche", "starts_on": on});
            caller.post(&format!("/v1/cases/{case}/placements"), place).await.expect(201);
        }
        let year = activity(&caller, service, "2025-01-01", "2025-12-31").await.expect(200);
        assert_eq!(year["placements"], json!({"started": 2, "children": 1}));
    }

    async fn the_active_file_is_compared_over_a_year_that_is_over(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        case_of(&manager, service, "Exemple", "2025-02-03").await;
        let unknown = activity(&manager, service, "2025-01-01", "2025-12-31").await.expect(200)["active_file"].clone();
        assert_eq!(unknown["counted_fte_hundredths"], 0);
        assert!(unknown["children_per_fte"].is_null() && unknown["reached"].is_null());
        for (percent, counted) in [(3, true), (100, false)] {
            let position =
                json!({"title": "Poste", "fte_percent": percent, "starts_on": "2021-01-04", "counted": counted});
            manager.post(&format!("/v1/services/{service}/positions"), position).await.expect(201);
        }
        let year = activity(&manager, service, "2025-01-01", "2025-12-31").await.expect(200);
        assert_eq!(
            year["active_file"],
            json!({
                "children": 1, "counted_fte_hundredths": 3, "children_per_fte": 33.33,
                "recommended_per_fte_per_year": 30, "reached": true
            })
        );
        for (from, to) in [("2025-01-01", "2025-06-30"), ("2025-07-01", "2026-06-30"), ("2024-01-01", "2025-12-31")] {
            let other = activity(&manager, service, from, to).await.expect(200);
            assert!(other["active_file"]["reached"].is_null(), "{from} {to}");
        }
    }

    async fn every_definition_points_to_a_figure(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let empty = activity(&caller, service, "2025-01-01", "2025-12-31").await.expect(200);
        assert_eq!(empty["definition_version"], "2026.4");
        assert_eq!(empty["accompanied"], json!({"children": 0, "households": 0, "structures": 0}));
        assert_eq!(empty["interventions"]["minutes"], 0);
        for definition in empty["definitions"].as_array().unwrap() {
            let figure = definition["figure"].as_str().unwrap();
            assert!(empty.json.pointer(figure).is_some(), "{figure}");
        }
    }

    async fn a_period_has_both_its_days(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        for (from, to, fault) in
            [("2025-02-01", "2025-01-31", "ends_before_start"), ("2020-01-01", "2025-01-01", "period_too_long")]
        {
            let refused = activity(&caller, service, from, to).await.expect(400).problem("invalid_parameters");
            assert_eq!(refused.faults(), [("to".to_owned(), fault.to_owned())]);
        }
        let path = format!("/v1/services/{service}/activity");
        for (query, faults) in [("", 2), ("?from=2025-01-01", 1), ("?from=2025-01-01&to=2025-02-30", 1)] {
            let refused = caller.get(&format!("{path}{query}")).await.expect(400).problem("invalid_parameters");
            assert_eq!(refused.faults().len(), faults, "{query}");
        }
        caller.get(&format!("{path}?from=2025-01-01&to=2025-12-31&by=week")).await.expect(400);
    }

    async fn figures_are_for_the_service_s_own_staff(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        case_of(&caller, service, "Exemple", "2025-02-03").await;
        let (elsewhere, stranger) = coordinator(&app).await;
        activity(&stranger, service, "2025-01-01", "2025-12-31").await.expect(404).problem("not_found");
        let theirs = activity(&stranger, elsewhere, "2025-01-01", "2025-12-31").await.expect(200);
        assert_eq!(theirs["accompanied"]["children"], 0);
        let partner = app.client(service, &[Permission::ReferralsWrite]).await;
        activity(&partner, service, "2025-01-01", "2025-12-31").await.expect(403).problem("forbidden");
        let administrator = app.administrator().await;
        activity(&administrator, service, "2025-01-01", "2025-12-31").await.expect(403);
    }
}
