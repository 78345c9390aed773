//! Contributions: computed once, frozen, called, received; and the funding of a year.

use serde_json::{Value, json};

use crate::harness::convention_service::ConventionService;

const BEAUMONT: &str = "commune:63032";

/// A signed convention of Beaumont for 2026, with its contribution of 3,775.45 euros in two instalments.
async fn signed(pact: &ConventionService) -> (String, Vec<String>) {
    let convention = pact.draft(BEAUMONT, "2026-01-01", "2026-12-31").await;
    let made = pact.contribution(&convention, 2026).await.expect(201);
    pact.sign(&convention).await;
    let ids = made["instalments"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
    (convention, ids.collect())
}

on_both_databases! {
    async fn a_contribution_is_the_rate_times_the_population_by_month(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let convention = pact.draft(BEAUMONT, "2026-01-01", "2026-12-31").await;
        let whole = pact.contribution(&convention, 2026).await.expect(201);
        assert_eq!((&whole["population"], &whole["population_vintage"]), (&json!(10_787), &json!(2026)));
        assert_eq!((&whole["yearly_cents"], &whole["amount_cents"]), (&json!(377_545), &json!(377_545)));
        assert_eq!(whole["formula_en"], "10,787 inhabitants × €0.35 = €3,775.45 per year; from January to December, 12 of 12 months: €3,775.45");
        let parts: Vec<&Value> = whole["instalments"].as_array().unwrap().iter().map(|one| &one["amount_cents"]).collect();
        assert_eq!(parts, [&json!(188_773), &json!(188_772)]);
        assert_eq!(whole["frozen_on"], Value::Null);
        // A collectivity that joins in mid-July pays for July.
        let late = pact.draft("commune:63019", "2026-07-15", "2026-12-31").await;
        let half = pact.contribution(&late, 2026).await.expect(201);
        assert_eq!((&half["first_month"], &half["months_due"]), (&json!(7), &json!(6)));
        assert_eq!((&half["yearly_cents"], &half["amount_cents"]), (&json!(144_445), &json!(72_222)));
        // A flat sum.
        let flat = json!({"year": 2026, "basis": "flat", "flat_cents": 100_001, "instalments": [
            {"due_on": "2026-12-01"}, {"due_on": "2026-04-01"}, {"due_on": "2026-08-01"}]});
        let third = pact.draft("commune:63014", "2026-01-01", "2027-12-31").await;
        let flat = pact.staff.post(&format!("/v1/conventions/{third}/contributions"), flat).await.expect(201);
        let dated: Vec<_> = flat["instalments"].as_array().unwrap().iter().map(|one| (&one["due_on"], &one["amount_cents"])).collect();
        assert_eq!(
            dated,
            [
                (&json!("2026-04-01"), &json!(33_334)),
                (&json!("2026-08-01"), &json!(33_333)),
                (&json!("2026-12-01"), &json!(33_334)),
            ]
        );
        assert!(flat["formula_fr"].as_str().unwrap().starts_with("forfait de"));
        // Each year is computed once.
        let second = pact.contribution(&third, 2026).await.expect(409).problem("conflict");
        assert_eq!(second["existing_id"], flat["id"]);
        pact.contribution(&third, 2027).await.expect(201);
        let list = pact.staff.get("/v1/contributions?year=2026&include_total=true").await.expect(200);
        assert_eq!(list["page"]["total"], 3);
    }

    async fn the_signature_freezes_contributions(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let convention = pact.draft(BEAUMONT, "2026-01-01", "2027-12-31").await;
        let made = pact.contribution(&convention, 2026).await.expect(201);
        // The period from which a contribution was computed cannot change.
        let moved = json!({"ends_on": "2026-06-30"});
        pact.staff.patch(&format!("/v1/conventions/{convention}"), moved).await.expect(409).problem("conflict");
        pact.staff.patch(&format!("/v1/conventions/{convention}"), json!({"reference": "7"})).await.expect(200);
        // No instalment is called before the signature.
        let instalment = made["instalments"][0]["id"].as_str().unwrap();
        pact.staff.post(&format!("/v1/instalments/{instalment}/call"), json!({})).await.expect(409).problem("wrong_state");
        pact.act(&convention, "propose", json!({})).await.expect(200);
        pact.act(&convention, "sign", json!({"signed_on": "2026-03-02"})).await.expect(200);
        let path = format!("/v1/contributions/{}", made.id());
        let frozen = pact.staff.get(&path).await.expect(200);
        assert_eq!(frozen["frozen_on"], "2026-03-02");
        assert_eq!(frozen["amount_cents"], made["amount_cents"]);
        let refused = pact.staff.delete(&format!("{path}?reason=obsolete")).await.expect(409).problem("wrong_state");
        assert_eq!(refused["state"], "frozen");
        // A contribution computed after the signature is frozen at once.
        let next = pact.contribution(&convention, 2027).await.expect(201);
        assert_eq!(next["frozen_on"], "2026-03-02");
        // A trigger of the database refuses to change it too.
        for sql in ["UPDATE contributions SET amount_cents = 1", "DELETE FROM contributions"] {
            let tried = app.sql(move |conn| Ok(diesel::RunQueryDsl::execute(diesel::sql_query(sql), conn)));
            assert!(tried.await.is_err(), "{sql}");
        }
    }

    async fn a_population_of_another_year_is_given_with_its_source(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let convention = pact.draft(BEAUMONT, "2025-01-01", "2026-12-31").await;
        let path = format!("/v1/conventions/{convention}/contributions");
        let of = |year: i32, more: Value| {
            let mut body = json!({"year": year, "basis": "per_inhabitant", "population_kind": "municipal", "rate_cents": 35});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        for (body, fault) in [
            (of(2025, json!({})), ("/population_vintage", "vintage_after_year")),
            (of(2026, json!({"population": 10_000})), ("/population", "not_of_this_vintage")),
            (of(2026, json!({"population": 10_000, "population_vintage": 2023})), ("/population_source", "required")),
            (of(2027, json!({})), ("/year", "outside_the_period")),
            (of(2026, json!({"flat_cents": 5})), ("/flat_cents", "not_for_this_basis")),
            (json!({"year": 2026, "basis": "flat"}), ("/flat_cents", "required")),
            (of(2026, json!({"instalments": [{"due_on": "2029-01-01"}]})), ("/instalments/0/due_on", "out_of_range")),
            (of(2026, json!({"instalments": [{"due_on": "2026-05-01", "amount_cents": 377_544}]})), ("/instalments", "does_not_add_up")),
            (of(2026, json!({"instalments": [{"due_on": "2026-05-01", "amount_cents": 5}, {"due_on": "2026-06-01"}]})),
             ("/instalments", "some_amounts_missing")),
        ] {
            let refused = pact.staff.post(&path, body).await.expect(422).problem("rule_broken");
            assert_eq!(refused.faults(), [(fault.0.to_owned(), fault.1.to_owned())]);
        }
        pact.staff.post(&path, of(2026, json!({"rate_cents": -1}))).await.expect(400).problem("invalid_body");
        let stated = json!({"population": 10_650, "population_vintage": 2025, "population_source": "Insee, populations légales 2022"});
        let stated = pact.staff.post(&path, of(2025, stated)).await.expect(201);
        assert_eq!((&stated["population"], &stated["population_vintage"]), (&json!(10_650), &json!(2025)));
        assert_eq!(stated["population_source"], "Insee, populations légales 2022");
        let given = json!({"instalments": [{"due_on": "2026-05-01", "amount_cents": 77_545}, {"due_on": "2026-06-01", "amount_cents": 300_000}]});
        pact.staff.post(&path, of(2026, given)).await.expect(201);
    }

    async fn an_instalment_is_called_and_received(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let (_, instalments) = signed(&pact).await;
        let path = format!("/v1/instalments/{}", instalments[0]);
        let unpaid = format!("/v1/services/{}/unpaid-instalments", pact.service);
        // Due at the end of February, and it is March.
        let late = pact.staff.get(&unpaid).await.expect(200);
        assert_eq!(late.rows().iter().map(|row| (&row["id"], &row["standing"])).collect::<Vec<_>>(), [(&json!(instalments[0]), &json!("planned"))]);
        pact.staff.post(&format!("{path}/payments"), json!({})).await.expect(409).problem("wrong_state");
        let called = pact.staff.post(&format!("{path}/call"), json!({"called_on": "2026-02-02", "reference": "T-114"})).await.expect(200);
        assert_eq!((&called["standing"], &called["available_actions"]), (&json!("overdue"), &json!(["receive", "waive"])));
        pact.staff.post(&format!("{path}/call"), json!({})).await.expect(409).problem("wrong_state");
        for (body, fault) in [
            (json!({"amount_cents": 188_774}), ("/amount_cents", "more_than_due")),
            (json!({"received_on": "2026-02-01"}), ("/received_on", "before_the_call")),
            (json!({"received_on": "2026-03-03"}), ("/received_on", "in_the_future")),
        ] {
            let refused = pact.staff.post(&format!("{path}/payments"), body).await.expect(422).problem("rule_broken");
            assert_eq!(refused.faults(), [(fault.0.to_owned(), fault.1.to_owned())]);
        }
        let first = json!({"amount_cents": 100_000, "received_on": "2026-03-01", "reference": "Virement 1"});
        let paid = pact.staff.post(&format!("{path}/payments"), first).await.expect(201);
        assert_eq!(pact.staff.get(&path).await.expect(200)["remaining_cents"], 88_773);
        pact.staff.post(&format!("{path}/payments"), json!({})).await.expect(201);
        let settled = pact.staff.get(&path).await.expect(200);
        assert_eq!((&settled["standing"], &settled["remaining_cents"]), (&json!("received"), &json!(0)));
        assert!(pact.staff.get(&unpaid).await.expect(200).rows().is_empty());
        let payments = pact.staff.get(&format!("{path}/payments")).await.expect(200);
        assert_eq!(payments.rows().iter().map(|row| &row["amount_cents"]).collect::<Vec<_>>(), [100_000, 88_773]);
        // A payment recorded by mistake is deleted.
        pact.staff.delete(&format!("/v1/payments/{}?reason=entered_by_mistake", paid.id())).await.expect(204);
        assert_eq!(pact.staff.get(&path).await.expect(200)["remaining_cents"], 100_000);
        // The remaining amount is waived.
        let waived = pact.staff.post(&format!("{path}/waive"), json!({"reason": "agreed_by_both"})).await.expect(200);
        assert_eq!((&waived["waived_cents"], &waived["standing"]), (&json!(100_000), &json!("received")));
        pact.staff.post(&format!("{path}/waive"), json!({"reason": "other"})).await.expect(409).problem("wrong_state");
    }

    async fn payments_at_once_are_all_recorded_and_never_exceed_the_amount_due(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let (_, instalments) = signed(&pact).await;
        let path = format!("/v1/instalments/{}", instalments[0]);
        pact.staff.post(&format!("{path}/call"), json!({})).await.expect(200);
        let payments = format!("{path}/payments");
        let other = app.second_instance().await;
        let at_once = async |cents: i64, number: usize| {
            let calls = (0..number).map(|n| {
                let staff = if n % 2 == 0 { pact.staff.clone() } else { pact.staff.clone().at(&other) };
                let payments = &payments;
                async move { staff.post(payments, json!({"amount_cents": cents})).await.status }
            });
            let mut statuses = futures_util::future::join_all(calls).await;
            statuses.sort_unstable();
            statuses
        };
        // 1,887.73 euros are due.
        assert_eq!(at_once(10_000, 16).await, [201; 16]);
        assert_eq!(at_once(15_000, 6).await, [201, 422, 422, 422, 422, 422]);
        let read = pact.staff.get(&path).await.expect(200);
        assert_eq!((&read["received_cents"], &read["version"]), (&json!(175_000), &json!(2 + 17)));
        // With the same key, one payment.
        let again = pact.staff.clone().with_header("Idempotency-Key", "one");
        let replays = (0..6).map(|_| again.post(&payments, json!({"amount_cents": 1_000})));
        let replays = futures_util::future::join_all(replays).await;
        let ids: Vec<String> = replays.iter().filter(|one| one.status == 201).map(crate::harness::Response::id).collect();
        assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(pact.staff.get(&path).await.expect(200)["received_cents"], 176_000);
    }

    async fn the_funding_of_a_year_adds_up_or_lists_its_inconsistencies(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        signed(&pact).await;
        let line = |funder: &str, basis: &str, share: i32, planned: i64| json!({
            "service_id": pact.service, "year": 2026, "funder": funder, "basis": basis, "share_basis_points": share,
            "planned_cents": planned
        });
        let caf = pact.staff.post("/v1/fundings", line("caf", "grant", 8000, 1_510_180)).await.expect(201);
        pact.staff.post("/v1/fundings", line("local_authorities", "convention", 2000, 377_545)).await.expect(201);
        let path = format!("/v1/services/{}/funding-plan?year=2026", pact.service);
        let plan = pact.staff.get(&path).await.expect(200);
        assert_eq!((&plan["adds_up"], &plan["checks"]), (&json!(true), &json!([])));
        assert_eq!((&plan["planned_cents"], &plan["contributions_cents"]), (&json!(1_887_725), &json!(377_545)));
        assert_eq!(plan["received_cents"], Value::Null, "unknown is not zero");
        let second = pact.staff.post("/v1/fundings", line("caf", "grant", 10, 1)).await.expect(409).problem("conflict");
        assert_eq!(second["existing_id"], caf["id"]);
        let correction = json!({"share_basis_points": 7000, "received_cents": 755_090});
        pact.staff.patch(&format!("/v1/fundings/{}", caf.id()), correction).await.expect(200);
        let plan = pact.staff.get(&path).await.expect(200);
        assert_eq!((&plan["adds_up"], &plan["agreed_shares_basis_points"]), (&json!(false), &json!(9000)));
        assert_eq!(plan["checks"], json!(["shares_do_not_add_up", "planned_is_not_the_share"]));
        assert_eq!(plan["received_cents"], 755_090);
        pact.staff.delete(&format!("/v1/fundings/{}?reason=obsolete", caf.id())).await.expect(204);
        let list = pact.staff.get("/v1/fundings?year=2026").await.expect(200);
        assert_eq!(list.rows().len(), 1);
        pact.staff.post("/v1/fundings", line("caf", "grant", 10_001, -1)).await.expect(400).problem("invalid_body");
    }
}
