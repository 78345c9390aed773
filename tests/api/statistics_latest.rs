//! The last full year at an address that stays, and what a release says.

use passerelle::auth::Role;
use serde_json::json;

use crate::pages::published;

on_both_databases! {
    async fn the_latest_year_is_the_newest_full_year_in_force(app: TestApp) {
        let (manager, open, partners) = published(&app).await;
        let service = manager.get("/v1/me").await.expect(200)["services"][0]["service_id"].as_str().unwrap().to_owned();
        let anybody = app.anonymous();
        for (caller, at, release) in [
            (&anybody, format!("/v1/open-data/services/{service}/latest-year"), format!("/v1/open-data/releases/{open}")),
            (&manager, format!("/v1/statistics/services/{service}/latest-year"), format!("/v1/statistics/releases/{partners}")),
        ] {
            for (latest, part) in [("", "/tables"), ("/file?kind=csv_zip", "/file?kind=csv_zip"), ("/tables/children", "/tables/children")] {
                let shown = caller.get(&format!("{at}{latest}")).await.expect(200);
                let same = caller.get(&format!("{release}{part}")).await.expect(200);
                assert_eq!(shown.body, same.body, "{at}{latest}");
                assert_eq!(shown.header("content-location"), format!("{release}{}", part.split('?').next().unwrap()));
                assert_eq!(shown.header("cache-control"), "no-cache");
                let known = caller.clone().with_header("If-None-Match", shown.header("etag"));
                known.get(&format!("{at}{latest}")).await.expect(304);
            }
            caller.get(&format!("{at}/tables/none")).await.expect(404);
            caller.get(&format!("{at}/file?kind=pdf")).await.expect(400);
        }
        // The year after, up to its first quarter, is not a full year. A replacement of the full year is.
        let builds = format!("/v1/services/{service}/statistics-builds");
        for (year, quarter, reason) in [(2026, 1, json!(null)), (2025, 4, json!("Une erreur de commune"))] {
            app.advance(chrono::Duration::days(60));
            let build = manager.post(&builds, json!({"year": year, "quarter": quarter, "reason": reason})).await.expect(202).id();
            app.make_releases();
            manager.act(&format!("/v1/statistics-builds/{build}/publish")).await.expect(200);
        }
        let latest = anybody.get(&format!("/v1/open-data/services/{service}/latest-year")).await.expect(200);
        let replaced = anybody.get(&format!("/v1/open-data/releases?service_id={service}&year=2025&limit=1")).await.expect(200);
        assert_eq!(latest["release_id"], replaced["data"][0]["id"]);
        assert_ne!(latest["release_id"], json!(open));
    }

    async fn a_service_without_a_full_year_has_none(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        for at in ["open-data", "statistics"] {
            manager.get(&format!("/v1/{at}/services/{service}/latest-year")).await.expect(404).problem("not_found");
        }
        let (_, _, partners) = published(&app).await;
        let release = manager.get(&format!("/v1/statistics/releases/{partners}")).await.expect(404);
        release.problem("not_found");
    }

    async fn a_release_says_what_it_contains(app: TestApp) {
        let (manager, open, partners) = published(&app).await;
        for (caller, release) in [
            (&app.anonymous(), format!("/v1/open-data/releases/{open}")),
            (&manager, format!("/v1/statistics/releases/{partners}")),
        ] {
            let document = caller.get(&release).await.expect(200).json;
            let tables = caller.get(&format!("{release}/tables")).await.expect(200);
            let figures = tables["key_figures"].as_array().unwrap();
            assert!(!figures.is_empty());
            for figure in figures {
                let table = document["tables"].as_array().unwrap().iter().find(|table| table["id"] == figure["table"]).unwrap();
                let cells = table["cells"].as_array().unwrap();
                let cell = cells.iter().find(|cell| cell["coordinates"] == figure["coordinates"]).unwrap();
                assert_eq!((&cell["value"], &cell["status"]), (&figure["value"], &json!("published")));
                let count = figure["value"].as_u64().unwrap().to_string();
                assert!(figure["text"]["fr"].as_str().unwrap().contains(&count) && figure["text"]["en"].as_str().unwrap().contains(&count));
            }
        }
        let page = app.anonymous().with_header("Accept", "text/html").get(&format!("/open-data/{open}")).await.expect(200);
        assert!(page.text().contains("<h2 id=\"chiffres-cles\">Chiffres clés</h2>"));
    }
}
