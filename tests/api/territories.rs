//! Territories: open data, found by code, parent, postal code and name.

use serde_json::json;

on_both_databases! {
    async fn anyone_can_read_and_cache_a_commune(app: TestApp) {
        let beaumont = app.anonymous().get("/v1/territories/commune/63032").await.expect(200);
        assert_eq!(beaumont["name"], "Beaumont");
        assert_eq!(beaumont["ancestors"][0]["code"], "246300701");
        assert_eq!((&beaumont["vintage"], &beaumont["licence"]), (&json!("2026"), &json!("Licence Ouverte 2.0")));
        assert_eq!(beaumont.header("cache-control"), "public, max-age=86400");
    }

    async fn a_territory_that_is_not_on_the_map_is_not_found_and_not_cached(app: TestApp) {
        for path in ["commune/63999", "commune/63", "departement/2a", "ctg_area/1", "Commune/63032", "epci/%20"] {
            let missing = app.anonymous().get(&format!("/v1/territories/{path}")).await.expect(404);
            assert_eq!(missing.problem("not_found").header("cache-control"), "no-store", "{path}");
        }
    }

    async fn all_the_given_filters_apply(app: TestApp) {
        let codes = async |query: &str| {
            let list = app.anonymous().get(&format!("/v1/territories?{query}")).await.expect(200);
            let codes = list.rows().iter().map(|row| row["code"].as_str().unwrap().to_owned());
            codes.collect::<Vec<_>>()
        };
        assert_eq!(codes("kind=region&limit=500").await.len(), 26);
        assert_eq!(codes("parent=epci:246300701").await.len(), 21);
        assert_eq!(codes("parent=region:94&kind=departement").await, ["2A", "2B"]);
        assert_eq!(codes("postal_code=63300").await, ["63138", "63151", "63430"]);
        assert_eq!(codes("postal_code=63300&name=thiers").await, ["63430"]);
        assert_eq!(codes("name=BEAUMONT&parent=departement:63&kind=commune").await[0], "63032");
        assert!(codes("name=%25_%3F").await.is_empty());
    }

    async fn the_pages_return_every_row(app: TestApp) {
        let reader = app.anonymous();
        let (mut path, mut codes) = ("/v1/territories?kind=epci,region&limit=400".to_owned(), Vec::new());
        loop {
            let page = reader.get(&path).await.expect(200);
            assert_eq!(page.header("cache-control"), "public, max-age=86400");
            codes.extend(page.rows().iter().map(|row| row["code"].as_str().unwrap().to_owned()));
            let link = page.header("link").to_owned();
            assert_eq!(link.is_empty(), page["page"]["next_cursor"].is_null());
            if link.is_empty() {
                break;
            }
            link[1..link.find('>').unwrap()].clone_into(&mut path);
        }
        assert_eq!(codes.len(), 26 + 1_255);
    }

    async fn a_cursor_is_valid_only_with_its_filter(app: TestApp) {
        let reader = app.anonymous();
        let page = reader.get("/v1/territories?kind=region&limit=2").await.expect(200);
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        reader.get(&format!("/v1/territories?kind=epci&cursor={cursor}")).await.expect(400).problem("invalid_cursor");
    }

    async fn every_fault_of_a_query_is_reported_at_once(app: TestApp) {
        let refused = app
            .anonymous()
            .get("/v1/territories?kind=ctg_area&parent=epci:246300700&postal_code=630&name=&colour=blue&limit=0")
            .await
            .expect(400)
            .problem("invalid_parameters");
        let mut faults = refused.faults();
        faults.sort();
        let faults: Vec<_> = faults.iter().map(|(at, code)| (at.as_str(), code.as_str())).collect();
        assert_eq!(
            faults,
            [
                ("colour", "unknown_field"),
                ("kind/0", "enum"),
                ("limit", "too_small"),
                ("name", "too_short"),
                ("parent", "unknown_territory"),
                ("postal_code", "pattern"),
            ]
        );
        for parent in ["63", "epci:", "ctg_area:1", "departement:2a", "epci:246300701:1"] {
            let refused = app.anonymous().get(&format!("/v1/territories?parent={parent}")).await.expect(400);
            assert_eq!(refused.faults(), [("parent".to_owned(), "pattern".to_owned())], "{parent}");
        }
    }
}
