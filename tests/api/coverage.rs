//! Coverage: the conventions that cover a commune on a day, with boundary changes; figures and quotas.

use serde_json::{Value, json};

use crate::harness::convention_service::ConventionService;

const RIOM: &str = "epci:200070753";
/// Riom is in Riom Limagne et Volcans; Orcines is in Clermont Auvergne Métropole.
const COMMUNES: [&str; 2] = ["63300", "63263"];

fn change(pact: &ConventionService, from: Option<&str>, to: Option<&str>, on: &str) -> Value {
    let mut body = json!({"service_id": pact.service, "commune_code": "63300", "effective_on": on, "source": "Arrêté préfectoral"});
    for (field, epci) in [("from_epci", from), ("to_epci", to)] {
        if let Some(epci) = epci {
            body[field] = epci.into();
        }
    }
    body
}

on_both_databases! {
    async fn a_commune_is_covered_by_its_own_convention_or_its_epci_s(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let epci = pact.signed(RIOM, "2026-03-01", "2026-12-31").await;
        let orcines = pact.signed("commune:63263", "2026-01-01", "2026-12-31").await;
        assert_eq!(pact.covered_by("63300", "2026-06-01").await, [epci.as_str()]);
        assert_eq!(pact.covered_by("63263", "2026-06-01").await, [orcines]);
        for (commune, on) in [("63300", "2026-02-28"), ("63300", "2027-01-01"), ("63113", "2026-06-01"), ("63032", "2026-06-01")] {
            assert!(pact.covered_by(commune, on).await.is_empty(), "{commune} on {on}");
        }
        // Both at once: allowed, returned, and counted once.
        let own = pact.signed("commune:63300", "2026-06-01", "2026-12-31").await;
        assert_eq!(pact.covered_by("63300", "2026-05-31").await, [epci.as_str()]);
        assert_eq!(pact.covered_by("63300", "2026-06-01").await, [own.clone(), epci.clone()]);
        let both = pact.staff.get("/v1/coverage?commune=63300&on=2026-06-01").await.expect(200);
        assert_eq!(both["services"][0]["doubly_covered"], true);
        assert_eq!(both["services"][0]["by"][0]["through"], "own_convention");
        // Neither a draft nor a suspended convention covers any commune.
        pact.draft("commune:63113", "2026-01-01", "2026-12-31").await;
        assert!(pact.covered_by("63113", "2026-03-02").await.is_empty());
        pact.act(&epci, "suspend", json!({"reason": "non_payment", "starts_on": "2026-03-02"})).await.expect(200);
        assert_eq!(pact.covered_by("63300", "2026-03-01").await, [epci.as_str()]);
        assert!(pact.covered_by("63300", "2026-03-02").await.is_empty());
        pact.act(&epci, "resume", json!({})).await.expect(200);
        pact.act(&epci, "terminate", json!({"reason": "other", "last_day": "2026-04-30"})).await.expect(200);
        assert_eq!(pact.covered_by("63300", "2026-04-30").await, [epci]);
        assert!(pact.covered_by("63300", "2026-05-01").await.is_empty());
        // The conventions of another service are not visible.
        let other = ConventionService::new(&app).await;
        assert!(other.covered_by("63300", "2026-06-01").await.is_empty());
        pact.staff.get("/v1/coverage?commune=99999").await.expect(400).problem("invalid_parameters");
        pact.staff.get("/v1/coverage").await.expect(400).problem("invalid_parameters");
    }

    async fn held_and_planned_actions_use_up_a_quota(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let convention = pact.signed(RIOM, "2026-01-01", "2026-12-31").await;
        let list = format!("/v1/services/{}/used-up-quotas", pact.service);
        let day = async |on: &str| {
            let new = json!({
                "service_id": pact.service, "kind": "pedagogical_day", "title": "Journée", "held_on": on, "duration_minutes": 360,
                "place": "municipal_premises", "commune_code": "63300", "organiser_role": "pole_coordinator"
            });
            pact.staff.post("/v1/actions", new).await.expect(201).id()
        };
        let held = day("2026-02-10").await;
        let came = json!({"participants": [{"participant_type": "childcare_professional", "number": 12}]});
        pact.staff.post(&format!("/v1/actions/{held}/hold"), came).await.expect(200);
        assert!(pact.staff.get(&list).await.expect(200).rows().is_empty(), "one of two");
        day("2026-05-12").await;
        let used = pact.staff.get(&list).await.expect(200);
        let row = &used.rows()[0];
        assert_eq!((&row["convention_id"], &row["complementary_service"]), (&json!(convention), &json!("pedagogical_days")));
        assert_eq!((&row["delivered"], &row["planned"], &row["exceeded"]), (&json!(1), &json!(1), &json!(false)));
        // An exceeded quota refuses nothing: it is reported.
        day("2026-06-12").await;
        assert_eq!(pact.staff.get(&list).await.expect(200).rows()[0]["exceeded"], true);
        assert!(pact.staff.get(&format!("{list}?year=2025")).await.expect(200).rows().is_empty());
    }

    async fn a_boundary_change_moves_a_commune_on_its_day(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let riom = pact.signed(RIOM, "2026-01-01", "2027-12-31").await;
        let clermont = pact.signed("epci:246300701", "2026-01-01", "2027-12-31").await;
        let new = change(&pact, Some("200070753"), Some("246300701"), "2026-07-01");
        let made = pact.staff.post("/v1/boundary-changes", new.clone()).await.expect(201);
        assert_eq!(pact.covered_by("63300", "2026-06-30").await, [riom.as_str()]);
        assert_eq!(pact.covered_by("63300", "2026-07-01").await, [clermont]);
        // Other communes of the EPCI do not move.
        assert_eq!(pact.covered_by("63075", "2026-07-01").await.len(), 1);
        let second = pact.staff.post("/v1/boundary-changes", new).await.expect(409).problem("conflict");
        assert_eq!(second["existing_id"], made["id"]);
        for (body, fault) in [
            (change(&pact, Some("200070753"), Some("200067627"), "2027-01-01"), ("/from_epci", "not_where_it_is")),
            (change(&pact, Some("200067627"), Some("246300701"), "2025-01-01"), ("/to_epci", "does_not_chain")),
            (change(&pact, Some("246300701"), Some("246300701"), "2027-01-01"), ("/to_epci", "changes_nothing")),
        ] {
            let refused = pact.staff.post("/v1/boundary-changes", body).await.expect(422).problem("rule_broken");
            assert_eq!(refused.faults(), [(fault.0.to_owned(), fault.1.to_owned())]);
        }
        let out = pact.staff.post("/v1/boundary-changes", change(&pact, Some("246300701"), None, "2027-01-01")).await.expect(201);
        assert!(pact.covered_by("63300", "2027-01-01").await.is_empty());
        let why = "?reason=entered_by_mistake";
        pact.staff.delete(&format!("/v1/boundary-changes/{}{why}", made.id())).await.expect(409).problem("conflict");
        pact.staff.delete(&format!("/v1/boundary-changes/{}{why}", out.id())).await.expect(204);
        pact.staff.delete(&format!("/v1/boundary-changes/{}{why}", made.id())).await.expect(204);
        assert_eq!(pact.covered_by("63300", "2026-07-01").await, [riom]);
    }

    async fn a_map_and_figures_count_each_commune_once(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        pact.signed(RIOM, "2026-01-01", "2026-12-31").await;
        for commune in COMMUNES {
            pact.signed(&format!("commune:{commune}"), "2026-01-01", "2026-12-31").await;
        }
        let path = format!("/v1/services/{}/covered-communes", pact.service);
        let covered = pact.staff.get(&format!("{path}?covered=true&limit=500&include_total=true")).await.expect(200);
        assert_eq!(covered["page"]["total"], 32, "31 communes of the EPCI, Riom among them, and Orcines");
        let riom = covered.rows().iter().find(|row| row["commune_code"] == "63300").unwrap();
        assert_eq!((&riom["doubly_covered"], &riom["through"]), (&json!(true), &json!("own_convention")));
        let one = pact.staff.get(&format!("{path}?epci=200070753&limit=10")).await.expect(200);
        let next = one["page"]["next_cursor"].as_str().unwrap();
        let two = pact.staff.get(&format!("{path}?epci=200070753&limit=500&cursor={next}")).await.expect(200);
        assert_eq!(one.rows().len() + two.rows().len(), 31);
        let figures = pact.staff.get(&format!("/v1/services/{}/convention-figures?year=2026", pact.service)).await.expect(200);
        assert_eq!((&figures["conventions"], &figures["epci"], &figures["communes"]), (&json!(3), &json!(1), &json!(2)));
        assert_eq!((&figures["covered_communes"], &figures["doubly_covered_communes"]), (&json!(32), &json!(1)));
        // 68,319 inhabitants in the EPCI, Riom included, and 3,584 in Orcines.
        assert_eq!(figures["covered_population"], 71_903);
        assert_eq!(figures["on"], "2026-03-02");
        let before = pact.staff.get(&format!("/v1/services/{}/convention-figures?year=2025", pact.service)).await.expect(200);
        assert_eq!((&before["conventions"], &before["covered_population"], &before["on"]), (&json!(0), &json!(0), &json!("2025-12-31")));
    }
}
