//! The week of a coordinator, from a first call to the correction of a mistake, as one story: each piece of work is recorded
//! once, counted once, and found again.

use chrono::Duration;
use serde_json::{Value, json};

use crate::cases::{accept, case_of, refer, with};
use crate::harness::action_service::came;
use crate::harness::lending_service::LendingService;

/// Work on a case, of three quarters of an hour.
fn work(kind: &str, held_on: &str, place: &str) -> Value {
    json!({"type": kind, "held_on": held_on, "minutes": 45, "travel_minutes": 30, "place": place})
}

on_both_databases! {
    async fn the_week_of_a_coordinator_is_recorded_once_and_found_again(app: TestApp) {
        let service = app.service().await;
        let shelf = LendingService::of(&app, service, 1).await;
        let me = &shelf.staff;
        let followed = [case_of(me, service, "Martin", "2026-02-02").await, case_of(me, service, "Durand", "2026-02-09").await];

        // Monday: a father calls. His daughter is at the nursery already.
        let about = json!({
            "subject": "child", "origin": "family", "commune_code": "63300", "needs": ["support_current_placement"],
            "child": {"identity": {"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"}}
        });
        let referral = refer(me, service, "2026-03-02", about).await;
        let case = accept(me, &referral, "2026-03-02").await;
        let path = format!("/v1/cases/{case}");
        let place = json!({"organisation_id": shelf.organisation, "childcare_type": "creche", "starts_on": "2026-01-12"});
        let there = me.post(&format!("{path}/placements"), place).await.expect(201);
        assert_eq!(there["state"], "existing");

        // Tuesday: an observation at the nursery, and the file for the MDPH.
        app.advance(Duration::days(1));
        let observation = with(work("on_site_observation", "2026-03-03", "childcare_setting"), "next_action_on", "2026-06-03".into());
        let observation = me.post(&format!("{path}/interventions"), observation).await.expect(201).id();
        let file = json!({"kind": "mdph_file", "filed_on": "2026-03-03", "next_on": "2026-06-15"});
        me.post(&format!("{path}/procedures"), file).await.expect(201);

        // Wednesday: a bridge to school for another child, a café with parents, a kit for the nursery.
        app.advance(Duration::days(1));
        let bridge = with(work("school_bridge", "2026-03-04", "school"), "on_school_time", true.into());
        me.post(&format!("/v1/cases/{}/interventions", followed[0]), bridge).await.expect(201);
        let gathering = json!({
            "service_id": service, "kind": "parent_cafe", "title": "Café parents", "held_on": "2026-03-04",
            "duration_minutes": 120, "place": "municipal_premises", "commune_code": "63300", "organiser_role": "pole_coordinator"
        });
        let gathering = me.post("/v1/actions", gathering).await.expect(201).id();
        let parents = json!({"participants": [came("parent", 9)]});
        me.post(&format!("/v1/actions/{gathering}/hold"), parents).await.expect(200);
        me.post("/v1/reservations", shelf.request("2026-03-09")).await.expect(201);

        // Thursday: a meeting about three children. A family does not come.
        app.advance(Duration::days(1));
        let meeting = json!({
            "service_id": service, "case_ids": [case, followed[0], followed[1]], "type": "team_meeting",
            "held_on": "2026-03-05", "minutes": 50, "place": "pole_office"
        });
        me.post("/v1/interventions", meeting).await.expect(201);
        let appointment = json!({
            "service_id": service, "type": "family_interview", "planned_on": "2026-03-05", "starts_at": "14:00", "minutes": 60,
            "place": "pole_office", "case_ids": [followed[1]]
        });
        let appointment = me.post("/v1/appointments", appointment).await.expect(201).id();
        me.post(&format!("/v1/appointments/{appointment}/miss"), json!({"excused": false})).await.expect(200);

        // Friday: the observation was on Monday, and took an hour.
        app.advance(Duration::days(1));
        let right = json!({"held_on": "2026-03-02", "minutes": 60});
        me.patch(&format!("/v1/interventions/{observation}"), right).await.expect(200);
        let history = me.get(&format!("/v1/interventions/{observation}/history")).await.expect(200);
        let changed: Vec<_> = history.rows()[0]["changes"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
        assert_eq!(changed, ["held_on", "minutes"]);

        // What the week was: three acts, one appointment that was missed, one café.
        let activity = me.get(&format!("/v1/services/{service}/activity?from=2026-03-02&to=2026-03-08")).await.expect(200);
        let acts = &activity["interventions"];
        assert_eq!((&acts["number"], &acts["minutes"], &acts["travel_minutes"]), (&json!(3), &json!(155), &json!(60)));
        assert_eq!(activity["appointments"]["missed_without_excuse"], 1);
        assert_eq!(activity["accompanied"]["children"], 3);
        let found = me.get("/v1/interventions?held_from=2026-03-02&held_to=2026-03-08").await.expect(200);
        assert_eq!(found["totals"], json!({"acts": 3, "minutes": 155, "travel_minutes": 60}));
        // What comes next: the follow-up in three months, the file, and whether the child is still there.
        assert_eq!(me.get(&path).await.expect(200)["next_follow_up_on"], "2026-06-03");
        let agenda = me.get("/v1/agenda?from=2026-06-01&to=2026-06-30").await.expect(200);
        let about_her: Vec<_> = agenda.rows().iter().filter(|row| row["cases"][0]["case_id"] == case).collect();
        let kinds: Vec<_> = about_her.iter().map(|row| row["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["placement_review", "follow_up", "procedure"]);

        // The PMI has recorded her a second time, without the accent: the two are one child.
        let about = json!({
            "subject": "child", "commune_code": "63300",
            "child": {"identity": {"given_name": "Zoe", "family_name": "Exemple", "birth_date": "2023-04-05"}}
        });
        let again = format!("/v1/referrals/{}", refer(me, service, "2026-03-05", about).await);
        let child = me.get(&path).await.expect(200)["child_id"].as_str().unwrap().to_owned();
        let twice = json!({"absorbed_id": me.get(&again).await.expect(200)["child_id"]});
        me.post(&format!("/v1/children/{child}/merge"), twice).await.expect(200);
        assert_eq!(me.get(&again).await.expect(200)["child_id"], child.as_str());
    }
}
