//! Conventions: life cycle, calendar years, terms.

use passerelle::auth::{Permission, Role};
use serde_json::json;

use crate::harness::convention_service::ConventionService;

const RIOM: &str = "epci:200070753";
const BEAUMONT: &str = "commune:63032";

on_both_databases! {
    async fn a_convention_goes_from_draft_to_expired(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let id = pact.draft(RIOM, "2026-01-01", "2026-12-31").await;
        let draft = pact.read(&id).await;
        assert_eq!(draft["collectivity_name"], "CA Riom Limagne et Volcans");
        assert_eq!((&draft["status"], &draft["standing"]), (&json!("draft"), &json!("draft")));
        assert_eq!(draft["available_actions"], json!(["propose", "decline"]));
        assert_eq!(draft["services"].as_array().unwrap().len(), 3);
        // A signature before the proposal is not allowed in this state; after it, the dates must be in order.
        let early = pact.act(&id, "sign", json!({})).await.expect(409).problem("wrong_state");
        assert_eq!(early["state"], "draft");
        pact.act(&id, "propose", json!({"proposed_on": "2026-02-10"})).await.expect(200);
        let refused = pact.act(&id, "sign", json!({"signed_on": "2026-02-09"})).await.expect(422).problem("rule_broken");
        assert_eq!(refused.faults(), [("/signed_on".into(), "signed_before_proposal".into())]);
        let refused = pact.act(&id, "sign", json!({"signed_on": "2026-03-03"})).await.expect(422).problem("rule_broken");
        assert_eq!(refused.faults(), [("/signed_on".into(), "in_the_future".into())]);
        let signed = pact.act(&id, "sign", json!({"signed_on": "2026-02-20"})).await.expect(200);
        assert_eq!((&signed["status"], &signed["standing"]), (&json!("signed"), &json!("active")));
        assert_eq!(signed["terms"][0]["signed_on"], "2026-02-20");
        // The effect of time is computed.
        app.clock.set("2027-01-02T08:15:00Z".parse().unwrap());
        assert_eq!(pact.read(&id).await["standing"], "expired");
        let history = pact.staff.get(&format!("/v1/conventions/{id}/history")).await.expect(200);
        let events: Vec<_> = history.rows().iter().map(|event| (&event["action"], &event["happened_on"])).collect();
        assert_eq!(
            events,
            [(&json!("proposed"), &json!("2026-02-10")), (&json!("signed"), &json!("2026-02-20"))]
        );
    }

    async fn a_collectivity_has_one_convention_per_year(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let first = pact.draft(RIOM, "2026-01-01", "2027-12-31").await;
        let refused = pact.staff.post("/v1/conventions", pact.written(RIOM, "2027-06-01", "2028-12-31")).await;
        let refused = refused.expect(409).problem("conflict");
        assert_eq!((&refused["existing_id"], &refused["year"]), (&json!(first), &json!(2027)));
        assert_eq!(refused.faults(), [("/starts_on".into(), "year_taken".into())]);
        // Another collectivity, another year, another service: no conflict. Beaumont is a commune of another EPCI.
        pact.draft(BEAUMONT, "2026-01-01", "2026-12-31").await;
        let next = pact.draft(RIOM, "2028-01-01", "2028-12-31").await;
        ConventionService::new(&app).await.draft(RIOM, "2026-01-01", "2026-12-31").await;
        // A correction occupies other years, and releases its own.
        let path = format!("/v1/conventions/{next}");
        pact.staff.patch(&path, json!({"starts_on": "2027-06-01"})).await.expect(409);
        pact.staff.patch(&path, json!({"starts_on": "2029-01-01", "ends_on": "2029-12-31"})).await.expect(200);
        pact.draft(RIOM, "2028-01-01", "2028-12-31").await;
        // A declined convention releases its years.
        pact.act(&first, "decline", json!({"reason": "budget"})).await.expect(200);
        pact.draft(RIOM, "2026-01-01", "2026-12-31").await;
        let declined = pact.read(&first).await;
        assert_eq!((&declined["standing"], &declined["reason"]), (&json!("declined"), &json!("budget")));
    }

    async fn of_concurrent_conventions_for_a_year_one_is_recorded(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let attempts: Vec<_> =
            (0..8).map(|_| pact.staff.post("/v1/conventions", pact.written(RIOM, "2026-01-01", "2026-12-31"))).collect();
        let statuses: Vec<u16> = futures_util::future::join_all(attempts).await.iter().map(|response| response.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    }

    async fn a_signed_convention_is_amended_and_never_corrected(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let id = pact.signed(RIOM, "2026-01-01", "2026-12-31").await;
        let path = format!("/v1/conventions/{id}");
        let moved = json!({"ends_on": "2027-12-31", "services": []});
        let refused = pact.staff.patch(&path, moved).await.expect(422).problem("rule_broken");
        assert_eq!(refused.faults(), [("/ends_on".into(), "frozen".into()), ("/services".into(), "frozen".into())]);
        pact.staff.patch(&path, json!({"reference": "2026-03", "documents": [{"title": "Signée", "url": "https://example.org/c.pdf"}]})).await.expect(200);
        let amendment = json!({
            "effective_on": "2026-07-01", "signed_on": "2026-03-02", "summary": "Une journée de plus", "ends_on": "2027-12-31",
            "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 3}]
        });
        let amended = pact.act(&id, "amend", amendment).await.expect(200);
        assert_eq!(amended["ends_on"], "2027-12-31");
        let terms: Vec<_> = amended["terms"].as_array().unwrap().iter().map(|one| (&one["number"], &one["ends_on"])).collect();
        assert_eq!(terms, [(&json!(0), &json!("2026-12-31")), (&json!(1), &json!("2027-12-31"))]);
        // The initial terms are in effect until July.
        assert_eq!(amended["services"].as_array().unwrap().len(), 3);
        app.clock.set("2026-07-01T08:15:00Z".parse().unwrap());
        assert_eq!(pact.read(&id).await["services"], json!([{"complementary_service": "pedagogical_days", "yearly_quota": 3}]));
        // It occupies the year that it now overlaps.
        pact.staff.post("/v1/conventions", pact.written(RIOM, "2027-01-01", "2027-12-31")).await.expect(409);
        for (amendment, fault) in [
            (json!({"effective_on": "2026-06-30", "signed_on": "2026-06-01", "summary": "x", "services": []}), ("/effective_on", "before_the_terms")),
            (json!({"effective_on": "2028-01-01", "signed_on": "2026-06-01", "summary": "x", "services": []}), ("/effective_on", "after_the_end")),
            (json!({"effective_on": "2026-08-01", "signed_on": "2026-07-02", "summary": "x", "services": []}), ("/signed_on", "in_the_future")),
            (json!({"effective_on": "2026-08-01", "signed_on": "2026-03-01", "summary": "x", "services": []}), ("/signed_on", "signed_before_the_convention")),
            (json!({"effective_on": "2026-08-01", "signed_on": "2026-06-01", "summary": "x"}), ("/services", "changes_nothing")),
        ] {
            let refused = pact.act(&id, "amend", amendment).await.expect(422).problem("rule_broken");
            assert_eq!(refused.faults(), [(fault.0.to_owned(), fault.1.to_owned())]);
        }
        // A trigger of the database refuses it too.
        let frozen = app.sql(|conn| Ok(diesel::RunQueryDsl::execute(
            diesel::sql_query("UPDATE convention_terms SET ends_on = '2030-12-31' WHERE number = 0"), conn)));
        assert!(frozen.await.is_err());
    }

    async fn suspensions_and_terminations_check_their_dates(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let id = pact.signed(BEAUMONT, "2026-01-01", "2027-12-31").await;
        for (body, fault) in [
            (json!({"reason": "non_payment", "starts_on": "2025-12-31"}), "before_the_convention"),
            (json!({"reason": "non_payment", "starts_on": "2026-03-03"}), "in_the_future"),
        ] {
            let refused = pact.act(&id, "suspend", body).await.expect(422).problem("rule_broken");
            assert_eq!(refused.faults(), [("/starts_on".into(), fault.into())]);
        }
        pact.act(&id, "suspend", json!({"reason": "non_payment", "starts_on": "2026-02-10"})).await.expect(200);
        let suspended = pact.read(&id).await;
        assert_eq!((&suspended["standing"], &suspended["reason"]), (&json!("suspended"), &json!("non_payment")));
        assert_eq!(suspended["available_actions"], json!(["resume", "terminate"]));
        let refused = pact.act(&id, "resume", json!({"resumes_on": "2026-02-09"})).await.expect(422).problem("rule_broken");
        assert_eq!(refused.faults(), [("/resumes_on".into(), "before_the_suspension".into())]);
        let resumed = pact.act(&id, "resume", json!({"resumes_on": "2026-03-01"})).await.expect(200);
        assert_eq!(resumed["suspensions"], json!([{"starts_on": "2026-02-10", "ends_on": "2026-02-28"}]));
        let again = pact.act(&id, "suspend", json!({"reason": "budget", "starts_on": "2026-02-20"})).await.expect(422);
        assert_eq!(again.problem("rule_broken").faults(), [("/starts_on".into(), "suspended_already".into())]);
        // A suspension that is resumed on its first day is deleted.
        pact.act(&id, "suspend", json!({"reason": "budget"})).await.expect(200);
        let resumed = pact.act(&id, "resume", json!({})).await.expect(200);
        assert_eq!(resumed["suspensions"].as_array().unwrap().len(), 1);
        for (day, fault) in [("2025-12-31", "before_the_convention"), ("2028-01-01", "after_the_end")] {
            let body = json!({"reason": "agreed_by_both", "last_day": day});
            let refused = pact.act(&id, "terminate", body).await.expect(422).problem("rule_broken");
            assert_eq!(refused.faults(), [("/last_day".into(), fault.into())]);
        }
        let body = json!({"reason": "agreed_by_both", "last_day": "2026-06-30"});
        let terminated = pact.act(&id, "terminate", body).await.expect(200);
        assert_eq!((&terminated["status"], &terminated["standing"]), (&json!("terminated"), &json!("active")));
        app.clock.set("2026-07-01T08:15:00Z".parse().unwrap());
        assert_eq!(pact.read(&id).await["standing"], "terminated");
        // The year in which it ends stays occupied; the next one is released.
        pact.staff.post("/v1/conventions", pact.written(BEAUMONT, "2026-07-01", "2026-12-31")).await.expect(409);
        pact.draft(BEAUMONT, "2027-01-01", "2027-12-31").await;
    }

    async fn the_filter_on_standings_agrees_with_the_standings_returned(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        pact.draft("commune:63019", "2026-01-01", "2026-12-31").await;
        let proposed = pact.draft("commune:63014", "2026-01-01", "2026-12-31").await;
        pact.act(&proposed, "propose", json!({})).await.expect(200);
        let declined = pact.draft("commune:63075", "2026-01-01", "2026-12-31").await;
        pact.act(&declined, "decline", json!({"reason": "budget"})).await.expect(200);
        pact.signed("commune:63263", "2026-01-01", "2026-12-31").await;
        pact.signed("commune:63308", "2027-01-01", "2027-12-31").await;
        pact.signed(BEAUMONT, "2025-01-01", "2025-12-31").await;
        let suspended = pact.signed(RIOM, "2026-01-01", "2026-12-31").await;
        pact.act(&suspended, "suspend", json!({"reason": "budget"})).await.expect(200);
        for (key, last_day) in [("epci:200072098", "2026-02-28"), ("epci:200067627", "2026-09-30")] {
            let terminated = pact.signed(key, "2026-01-01", "2026-12-31").await;
            pact.act(&terminated, "terminate", json!({"reason": "other", "last_day": last_day})).await.expect(200);
        }
        let mut found = 0;
        for standing in ["draft", "proposed", "declined", "signed", "active", "suspended", "expired", "terminated"] {
            let list = pact.staff.get(&format!("/v1/conventions?standing={standing}")).await.expect(200);
            assert!(!list.rows().is_empty(), "{standing}");
            assert!(list.rows().iter().all(|row| row["standing"] == standing), "{standing}: {}", list.text());
            found += list.rows().len();
        }
        assert_eq!(found, 9);
        let several = pact.staff.get("/v1/conventions?standing=active,expired&include_total=true").await.expect(200);
        assert_eq!(several["page"]["total"], 3);
        let on = pact.staff.get("/v1/conventions?on=2026-10-01&status=signed,terminated").await.expect(200);
        assert_eq!(on.rows().len(), 1, "the terminated ones are no longer in effect: {}", on.text());
    }

    async fn a_convention_that_ends_soon_is_listed_until_it_is_renewed(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let ending = pact.signed(RIOM, "2026-01-01", "2026-05-31").await;
        pact.signed(BEAUMONT, "2026-01-01", "2026-12-31").await;
        let path = format!("/v1/services/{}/expiring-conventions", pact.service);
        let list = pact.staff.get(&path).await.expect(200);
        assert_eq!(list.rows().iter().map(|row| &row["id"]).collect::<Vec<_>>(), [&json!(ending)]);
        assert!(pact.staff.get(&format!("{path}?days=89")).await.expect(200).rows().is_empty());
        assert_eq!(pact.staff.get(&format!("{path}?days=365")).await.expect(200).rows().len(), 2);
        let mut renewal = pact.written(RIOM, "2027-01-01", "2027-12-31");
        renewal["renews_id"] = json!(ending);
        let renewal_id = pact.staff.post("/v1/conventions", renewal.clone()).await.expect(201).id();
        assert_eq!(pact.read(&ending).await["renewed_by_id"], renewal_id.as_str());
        assert!(pact.staff.get(&path).await.expect(200).rows().is_empty());
        // A convention is renewed once, by a convention of the same collectivity.
        renewal["starts_on"] = "2028-01-01".into();
        renewal["ends_on"] = "2028-12-31".into();
        let refused = pact.staff.post("/v1/conventions", renewal.clone()).await.expect(409).problem("conflict");
        assert_eq!(refused["existing_id"], renewal_id.as_str());
        renewal["collectivity"] = BEAUMONT.into();
        let refused = pact.staff.post("/v1/conventions", renewal).await.expect(422).problem("rule_broken");
        assert_eq!(refused.faults(), [("/renews_id".into(), "not_its_renewal".into())]);
        pact.act(&renewal_id, "decline", json!({"reason": "council_vote"})).await.expect(200);
        assert_eq!(pact.staff.get(&path).await.expect(200).rows().len(), 1, "a declined renewal does not count");
    }

    async fn only_a_draft_without_contributions_is_deleted(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let id = pact.draft(RIOM, "2026-01-01", "2026-12-31").await;
        let path = format!("/v1/conventions/{id}?reason=entered_by_mistake");
        let contribution = pact.contribution(&id, 2026).await.expect(201).id();
        pact.staff.delete(&path).await.expect(409).problem("conflict");
        pact.staff.delete(&format!("/v1/contributions/{contribution}?reason=entered_by_mistake")).await.expect(204);
        pact.staff.delete(&path).await.expect(204);
        let id = pact.draft(RIOM, "2026-01-01", "2026-12-31").await;
        pact.act(&id, "propose", json!({})).await.expect(200);
        let path = format!("/v1/conventions/{id}?reason=entered_by_mistake");
        pact.staff.delete(&path).await.expect(409).problem("wrong_state");
    }

    async fn an_invalid_convention_is_one_problem_with_all_its_faults(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let inverted = pact.written("commune:63032", "2026-06-01", "2026-05-31");
        pact.staff.post("/v1/conventions", inverted).await.breaks("/ends_on", "ends_before_start");
        let mut wrong = pact.written("departement:63", "2026-06-01", "2037-05-31");
        let service = json!({"complementary_service": "pedagogical_days"});
        wrong["services"] = json!([service, service]);
        let refused = pact.staff.post("/v1/conventions", wrong).await.expect(422).problem("rule_broken");
        let mut faults = refused.faults();
        faults.sort();
        assert_eq!(
            faults,
            [
                ("/collectivity".into(), "not_a_party".into()),
                ("/ends_on".into(), "period_too_long".into()),
                ("/services/1/complementary_service".into(), "repeated".into()),
            ]
        );
        for (field, value) in [
            ("collectivity", json!("epci:999999999")),
            ("collectivity", json!("Beaumont")),
            ("services", json!([{"complementary_service": "unknown"}])),
            ("services", json!([{"complementary_service": "pedagogical_days", "yearly_quota": 0}])),
            ("documents", json!([{"title": "x", "url": "javascript:alert(1)"}])),
            ("unknown", json!(1)),
        ] {
            let mut wrong = pact.written(RIOM, "2026-01-01", "2026-12-31");
            wrong[field] = value;
            pact.staff.post("/v1/conventions", wrong).await.expect(400).problem("invalid_body");
        }
        let elsewhere = pact.staff.post("/v1/conventions", pact.written("commune:07029", "2026-01-01", "2026-12-31")).await;
        assert_eq!(elsewhere.expect(422).problem("rule_broken").faults()[0].1, "outside_territory");
        // A professional may read but not write.
        let professional = app.user(pact.service, Role::Professional).await;
        professional.get("/v1/conventions").await.expect(200);
        let refused = professional.post("/v1/conventions", pact.written(RIOM, "2026-01-01", "2026-12-31")).await.expect(403);
        assert_eq!(refused["required_permission"], Permission::ConventionsWrite.as_str());
    }
}
