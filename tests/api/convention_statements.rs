//! Statements of conventions: amounts, deliveries, and who may read them.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use serde_json::json;

use crate::harness::convention_service::ConventionService;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

on_both_databases! {
    async fn a_statement_gives_the_amounts_and_the_services_delivered(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let convention = pact.draft("commune:63032", "2026-01-01", "2026-12-31").await;
        let made = pact.contribution(&convention, 2026).await.expect(201);
        let path = format!("/v1/conventions/{convention}/statement?year=2026");
        pact.staff.get(&path).await.expect(404);
        pact.sign(&convention).await;
        let instalment = format!("/v1/instalments/{}", made["instalments"][0]["id"].as_str().unwrap());
        pact.staff.post(&format!("{instalment}/call"), json!({"called_on": "2026-02-02"})).await.expect(200);
        pact.staff.post(&format!("{instalment}/payments"), json!({"amount_cents": 100_000, "reference": "=1+1"})).await.expect(201);
        let statement = pact.staff.get(&path).await.expect(200);
        assert_eq!(statement["collectivity_name"], "Beaumont");
        let sums = ["due_cents", "received_cents", "remaining_cents", "overdue_cents"].map(|sum| statement[sum].as_i64().unwrap());
        assert_eq!(sums, [377_545, 100_000, 277_545, 88_773]);
        assert_eq!(statement["payments"][0]["amount_cents"], 100_000);
        let services: Vec<_> = statement["services"].as_array().unwrap().iter()
            .map(|one| (&one["complementary_service"], &one["yearly_quota"], &one["delivered"], &one["remaining"])).collect();
        assert_eq!(services[1], (&json!("pedagogical_days"), &json!(2), &json!(0), &json!(2)));
        for (year, status) in [("2025", 400), ("2027", 400), ("99", 400)] {
            pact.staff.get(&format!("/v1/conventions/{convention}/statement?year={year}")).await.expect(status);
        }
        // A page to print, in the language of the call.
        let page = pact.staff.clone().with_header("Accept", "text/html").with_header("Accept-Language", "en").get(&path).await.expect(200);
        assert!(page.header("content-type").starts_with("text/html"));
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
        assert!(page.text().contains("Statement of convention 2026") && page.text().contains("€3,775.45"));
        // A workbook, in which no text becomes a formula.
        let book = pact.staff.clone().with_header("Accept", XLSX).get(&path).await.expect(200);
        assert!(book.header("content-disposition").contains("commune-63032-2026.xlsx"));
        let mut sheets: Xlsx<_> = Xlsx::new(Cursor::new(book.body.to_vec())).unwrap();
        assert_eq!(sheets.sheet_names(), ["Contribution", "Échéances", "Paiements", "Prestations complémentaires"]);
        let payments = sheets.worksheet_range("Paiements").unwrap();
        assert_eq!(payments.get((1, 1)), Some(&Data::Float(1000.0)));
        assert_eq!(payments.get((1, 2)), Some(&Data::String("'=1+1".into())));
        pact.staff.clone().with_header("Accept", "image/png").get(&path).await.expect(406);
    }

    async fn a_partner_reads_its_own_statements_only(app: TestApp) {
        let pact = ConventionService::new(&app).await;
        let beaumont = pact.signed("commune:63032", "2026-01-01", "2026-12-31").await;
        let riom = pact.signed("epci:200070753", "2026-01-01", "2027-12-31").await;
        pact.draft("commune:63014", "2026-01-01", "2026-12-31").await;
        let everything = pact.staff.get("/v1/statements?include_total=true").await.expect(200);
        assert_eq!(everything["page"]["total"], 3, "two years of the EPCI, one of the commune, no draft");
        let town = app.partner_of(pact.service, "commune:63032").await;
        let list = town.get("/v1/statements").await.expect(200);
        assert_eq!(list.rows().iter().map(|row| &row["convention_id"]).collect::<Vec<_>>(), [&json!(beaumont)]);
        let own = list.rows()[0]["url"].as_str().unwrap().to_owned();
        assert_eq!(town.get(&own).await.expect(200)["collectivity"], "commune:63032");
        town.clone().with_header("Accept", "text/html").get(&own).await.expect(200);
        let hidden = town.get(&format!("/v1/conventions/{riom}/statement?year=2026")).await.expect(404).problem("not_found");
        assert!(!hidden.text().contains("Riom"));
        // Aubière has only a draft, the Caf has signed nothing, and the last one is a client of another service.
        for (territory, service) in [
            ("commune:63014", pact.service), ("departement:63", pact.service), ("commune:63032", app.service().await),
        ] {
            let other = app.partner_of(service, territory).await;
            assert!(other.get("/v1/statements").await.expect(200).rows().is_empty(), "{territory}");
            other.get(&own).await.expect(404);
        }
        for path in [format!("/v1/conventions/{beaumont}"), "/v1/conventions".into(), "/v1/instalments".into(), "/v1/coverage?commune=63032".into()] {
            town.get(&path).await.expect(403).problem("forbidden");
        }
        let filtered = pact.staff.get("/v1/statements?year=2027&collectivity=epci:200070753").await.expect(200);
        assert_eq!(filtered.rows().len(), 1);
    }
}
