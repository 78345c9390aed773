//! Services, as seen by administrators, managers and callers without access.

use std::collections::BTreeSet;

use passerelle::auth::{Permission, Role};
use serde_json::json;

on_both_databases! {
    async fn an_administrator_creates_a_service_and_reads_it_back(app: TestApp) {
        let administrator = app.administrator().await;
        let new = json!({
            "name": "Pôle Ressources Handicap de l'Orne", "time_zone": "Europe/Paris", "departements": ["61"],
            "age_lower_birthday": 0, "age_upper_birthday": 18, "childcare_groups": ["eaje"], "opened_on": "2022-09-01"
        });
        let created = administrator.post("/v1/services", new).await.expect(201);
        assert_eq!(created["departements"], json!(["61"]));
        assert_eq!(created["created_at"], "2026-03-02T08:15:00.000000Z");
        let read = administrator.get(created.header("location")).await.expect(200);
        assert_eq!(read.json, created.json);
    }

    async fn the_service_of_another_tenant_and_a_missing_service_get_the_same_error(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let manager = app.user(own, Role::Manager).await;
        manager.get(&format!("/v1/services/{own}")).await.expect(200);
        let hidden = manager.get(&format!("/v1/services/{other}")).await.expect(404).problem("not_found");
        let missing = manager.get("/v1/services/0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60").await.expect(404);
        let without_address = |mut problem: serde_json::Value| {
            let fields = problem.as_object_mut().unwrap();
            fields.remove("request_id");
            fields.remove("instance");
            problem
        };
        assert_eq!(without_address(hidden.json), without_address(missing.json));
    }

    async fn the_search_for_stored_texts_finds_a_text_in_clear(app: TestApp) {
        app.assert_never_stored(&["Ornithorynque"]);
        app.service_with(|new| new.name = "Pôle Ornithorynque".into()).await;
        assert!(!app.traces_of(&["Ornithorynque"]).is_empty(), "the search would never find anything");
    }
}

on_both_databases! {
    async fn only_an_administrator_creates_a_service(app: TestApp) {
        let service = app.service().await;
        let new = json!({
            "name": "Autre", "time_zone": "Europe/Paris", "departements": ["03"], "age_lower_birthday": 3,
            "age_upper_birthday": 18, "childcare_groups": ["individual"], "opened_on": "2026-01-01"
        });
        let manager = app.user(service, Role::Manager).await;
        manager.post("/v1/services", new.clone()).await.expect(403).problem("forbidden");
        app.user(service, Role::Coordinator).await.post("/v1/services", new).await.expect(403);
        assert_eq!(app.database.count("services"), 1);
    }

    async fn a_list_contains_the_services_of_the_caller(app: TestApp) {
        let (first, second, third) = (app.service().await, app.service().await, app.service().await);
        let client = app.client_of(&[first, third], &[Permission::ServicesRead]).await;
        let listed = client.get("/v1/services").await.expect(200);
        let ids: BTreeSet<String> = listed.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids, BTreeSet::from([first.to_string(), third.to_string()]));
        assert_eq!(app.administrator().await.get("/v1/services").await.expect(200).rows().len(), 3);
        client.get(&format!("/v1/services/{second}/positions")).await.expect(404).problem("not_found");
    }

    async fn the_pages_of_a_list_return_every_row_once(app: TestApp) {
        let administrator = app.administrator().await;
        let service = app.service().await;
        let path = format!("/v1/services/{service}/positions");
        // Several positions start on the same day: the identifier is the second sort key.
        let mut expected = Vec::new();
        for n in 0..11 {
            let starts_on = format!("2026-01-{:02}", 1 + n / 4);
            let new = json!({"title": format!("Poste {n}"), "fte_percent": 50, "starts_on": starts_on, "counted": n % 2 == 0});
            let made = administrator.post(&path, new).await.expect(201);
            expected.push((starts_on, made.id()));
        }
        expected.sort();
        for limit in [1, 2, 3, 10, 11, 12] {
            let mut seen = Vec::new();
            let mut next = format!("{path}?limit={limit}");
            let mut pages = 0;
            loop {
                let page = administrator.get(&next).await.expect(200);
                assert_eq!(page["page"]["limit"], limit);
                assert!(page.rows().len() <= limit);
                let key = |row: &serde_json::Value| (row["starts_on"].as_str().unwrap().to_owned(), row["id"].as_str().unwrap().to_owned());
                seen.extend(page.rows().iter().map(key));
                pages += 1;
                let link = page.header("link").to_owned();
                match page["page"]["next_cursor"].as_str() {
                    None => {
                        assert_eq!(link, "");
                        break;
                    }
                    Some(cursor) => {
                        let address = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
                        assert!(address.unwrap().contains(cursor), "{link}");
                        address.unwrap().clone_into(&mut next);
                    }
                }
            }
            assert_eq!(seen, expected, "limit {limit}");
            assert_eq!(pages, 11_usize.div_ceil(limit), "limit {limit}");
        }
    }

    async fn pages_neither_skip_nor_repeat_rows_while_rows_are_added(app: TestApp) {
        let administrator = app.administrator().await;
        let service = app.service().await;
        let path = format!("/v1/services/{service}/positions");
        let position = |day: u32| json!({"title": "Poste", "fte_percent": 50, "starts_on": format!("2026-01-{day:02}"), "counted": true});
        for day in [10, 20, 30] {
            administrator.post(&path, position(day)).await.expect(201);
        }
        let first = administrator.get(&format!("{path}?limit=2")).await.expect(200);
        for day in [5, 15, 25] {
            administrator.post(&path, position(day)).await.expect(201);
        }
        let cursor = first["page"]["next_cursor"].as_str().unwrap();
        let rest = administrator.get(&format!("{path}?cursor={cursor}")).await.expect(200);
        let starts: Vec<&str> = rest.rows().iter().map(|row| row["starts_on"].as_str().unwrap()).collect();
        assert_eq!(starts, ["2026-01-25", "2026-01-30"]);
    }

    async fn a_position_ends_after_it_starts(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let path = format!("/v1/services/{service}/positions");
        let new = |end: &str| json!({"title": "Éducatrice", "fte_percent": 80, "starts_on": "2026-03-01", "ends_on": end, "counted": true});
        manager.post(&path, new("2026-02-28")).await.breaks("/ends_on", "ends_before_start");
        assert_eq!(app.database.count("positions"), 0);
        let made = manager.post(&path, new("2026-03-01")).await.expect(201);
        assert_eq!(made["ends_on"], "2026-03-01");
        let read = manager.get(made.header("location")).await.expect(200);
        assert_eq!(read.json, made.json);
        let listed = manager.get(&path).await.expect(200);
        assert_eq!(listed.rows(), [made.json]);
    }
}
