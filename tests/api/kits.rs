//! Kits: catalogue, items, copies, checks, defects and lending settings.

use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::harness::Caller;
use crate::harness::lending_service::LendingService;

async fn titles(caller: &Caller, query: &str) -> Vec<String> {
    let list = caller.get(&format!("/v1/kits?{query}")).await.expect(200);
    list.rows().iter().map(|row| row["title_fr"].as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn a_kit_has_its_items_and_copies(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        let kit = shelf.staff.get(&format!("/v1/kits/{}", shelf.kit)).await.expect(200);
        assert_eq!(kit["themes"], json!(["senses"]));
        assert_eq!(kit["audiences"], json!(["early_childhood_professional", "family"]));
        let items: Vec<_> = kit["items"].as_array().unwrap().iter().map(|item| (&item["label_fr"], &item["quantity"])).collect();
        assert_eq!(items, [(&json!("Balle à picots"), &json!(3)), (&json!("Livre tactile"), &json!(1))]);
        let labels: Vec<_> = kit["copies"].as_array().unwrap().iter().map(|copy| &copy["label"]).collect();
        assert_eq!(labels, ["1", "2"]);
        let patch = json!({"title_en": "Sensory", "themes": ["senses", "relaxation"], "loan_days": 14});
        let patched = shelf.staff.patch(&format!("/v1/kits/{}", shelf.kit), patch).await.expect(200);
        assert_eq!(patched["themes"], json!(["relaxation", "senses"]));
        assert_eq!(patched["audiences"], kit["audiences"], "what is absent stays");
        assert_eq!((&patched["title_en"], &patched["loan_days"]), (&json!("Sensory"), &json!(14)));
        assert!(patched["version"].as_i64() > kit["version"].as_i64());
        // A change of an item changes its kit, so that clients that follow the catalogue see it.
        let before = patched["updated_at"].as_str().unwrap().to_owned();
        app.advance(chrono::Duration::seconds(1));
        shelf.staff.patch(&format!("/v1/kit-items/{}", shelf.items[0]), json!({"quantity": 4})).await.expect(200);
        let after = shelf.staff.get(&format!("/v1/kits/{}", shelf.kit)).await.expect(200);
        assert!(after["updated_at"].as_str().unwrap() > before.as_str());
    }

    async fn a_website_reads_and_caches_the_catalogue(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        shelf.ask(shelf.request_of_family("2026-03-02")).await.expect(201);
        let site = app.client(shelf.service, &[Permission::CatalogueRead]).await;
        let days = "from=2026-03-02&to=2026-03-31";
        for path in [
            "/v1/kits".to_owned(),
            format!("/v1/kits/{}", shelf.kit),
            format!("/v1/kit-items/{}", shelf.items[0]),
            format!("/v1/kit-copies/{}", shelf.copies[0]),
            format!("/v1/kits/{}/availability?{days}", shelf.kit),
        ] {
            let read = site.get(&path).await.expect(200);
            if !path.contains("availability") {
                assert_eq!(read.header("cache-control"), "private, max-age=300", "{path}");
            }
            site.clone().with_header("If-None-Match", read.header("etag")).get(&path).await.expect(304);
            for secret in [&shelf.household, "Camille", "63300"] {
                assert!(!read.text().contains(secret), "{path} shows {secret}");
            }
        }
        // Day by day, the past would count the loans of a kit.
        let over = site.get(&format!("/v1/kits/{}/availability?from=2026-03-01&to=2026-03-31", shelf.kit)).await.expect(400);
        assert_eq!(over.faults(), [("from".to_owned(), "in_the_past".to_owned())]);
        let over = site.get("/v1/kits?free_from=2026-03-01&free_to=2026-03-31").await.expect(400);
        assert_eq!(over.faults(), [("free_from".to_owned(), "in_the_past".to_owned())]);
        site.get("/v1/kits?free_from=2026-03-02&free_to=2026-03-31").await.expect(200);
        for path in [format!("/v1/kits/{}/availability?from=2026-03-01&to=2026-03-31", shelf.kit), "/v1/kits?free_from=2026-03-01&free_to=2026-03-31".to_owned()] {
            shelf.staff.get(&path).await.expect(200);
        }
        site.get("/v1/reservations").await.expect(403).problem("forbidden");
        site.get("/v1/kit-defects").await.expect(403).problem("forbidden");
        app.anonymous().get("/v1/kits").await.expect(401);
    }

    async fn the_catalogue_is_searched(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let sleep = json!({
            "service_id": shelf.service, "title_fr": "Sommeil d'été", "themes": ["sleeping", "daily_life"], "audiences": ["family"]
        });
        shelf.staff.post("/v1/kits", sleep).await.expect(201);
        let all = ["Sensorielle", "Sommeil d'été"];
        assert_eq!(titles(&shelf.staff, "").await, all);
        assert_eq!(titles(&shelf.staff, "sort=-title_fr").await, [all[1], all[0]]);
        assert_eq!(titles(&shelf.staff, "theme=eating,sleeping").await, [all[1]]);
        assert_eq!(titles(&shelf.staff, "audience=early_childhood_professional").await, [all[0]]);
        assert_eq!(titles(&shelf.staff, "title=ETE%20sommeil").await, [all[1]]);
        assert!(titles(&shelf.staff, "title=%25").await.is_empty());
        // A kit without a copy is never free.
        assert_eq!(titles(&shelf.staff, "free_from=2026-03-09&free_to=2026-03-13").await, [all[0]]);
        let taken = shelf.lent("2026-03-02").await;
        assert!(titles(&shelf.staff, "free_from=2026-03-23&free_to=2026-03-23").await.is_empty());
        assert_eq!(titles(&shelf.staff, "free_from=2026-03-25&free_to=2026-03-27").await, [all[0]], "the buffer is over");
        app.advance(chrono::Duration::days(24));
        assert!(titles(&shelf.staff, "free_from=2026-03-27&free_to=2026-04-03").await.is_empty(), "it is overdue");
        shelf.take_back(&taken).await;
        assert_eq!(titles(&shelf.staff, "free_from=2026-03-30&free_to=2026-04-03").await, [all[0]]);
        for (query, pointer, code) in [
            ("free_from=2026-03-09", "free_to", "required"),
            ("free_to=2026-03-09", "free_from", "required"),
            ("free_from=2026-03-09&free_to=2026-03-08", "free_to", "ends_before_start"),
        ] {
            let refused = shelf.staff.get(&format!("/v1/kits?{query}")).await.expect(400).problem("invalid_parameters");
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
    }

    async fn a_row_that_others_reference_is_not_deleted(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let why = "?reason=entered_by_mistake";
        shelf.staff.delete(&format!("/v1/kits/{}{why}", shelf.kit)).await.expect(409).problem("conflict");
        let empty = shelf.add_kit("Vide").await;
        shelf.staff.delete(&format!("/v1/kits/{empty}{why}")).await.expect(204);
        let check = shelf.counted([2, 1]);
        shelf.staff.post(&format!("/v1/kit-copies/{}/inspect", shelf.copies[0]), check).await.expect(200);
        shelf.staff.delete(&format!("/v1/kit-items/{}{why}", shelf.items[0])).await.expect(409).problem("conflict");
        shelf.staff.delete(&format!("/v1/kit-items/{}{why}", shelf.items[1])).await.expect(204);
        shelf.requested("2026-03-02").await;
        let organisation = format!("/v1/organisations/{}{why}", shelf.organisation);
        shelf.staff.delete(&organisation).await.expect(409).problem("conflict");
    }

    async fn a_label_is_unique_among_the_copies_of_a_kit(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        let duplicate = json!({"label": "1", "condition": "good", "home_site": "Issoire"});
        let refused = shelf.staff.post(&format!("/v1/kits/{}/copies", shelf.kit), duplicate).await.expect(409);
        assert_eq!(refused["existing_id"], shelf.copies[0].as_str());
        let patch = json!({"label": "1"});
        shelf.staff.patch(&format!("/v1/kit-copies/{}", shelf.copies[1]), patch.clone()).await.expect(409);
        shelf.staff.patch(&format!("/v1/kit-copies/{}", shelf.copies[0]), patch).await.expect(200);
        let lost = json!({"label": "3", "condition": "lost", "home_site": "Issoire"});
        let refused = shelf.staff.post(&format!("/v1/kits/{}/copies", shelf.kit), lost).await;
        refused.breaks("/condition", "not_to_be_lent");
    }

    async fn a_check_counts_every_item_and_finds_defects(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let inspect = format!("/v1/kit-copies/{}/inspect", shelf.copies[0]);
        let (ball, book) = (&shelf.items[0], &shelf.items[1]);
        let bad = json!({"condition": "good", "items": [
            {"item_id": ball, "present": 4}, {"item_id": ball, "present": 1},
            {"item_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "present": 1}
        ]});
        let refused = shelf.staff.post(&inspect, bad).await.expect(422).problem("rule_broken");
        let faults = [("/items/0/present", "too_many"), ("/items/1/item_id", "counted_twice"), ("/items/2/item_id", "unknown_item"), ("/items", "not_counted")];
        assert_eq!(refused.faults(), faults.map(|(at, code)| (at.to_owned(), code.to_owned())));
        assert!(refused.text().contains("Livre tactile"));
        let worse = json!({"condition": "good", "items": [{"item_id": ball, "present": 1, "damaged": 2}, {"item_id": book, "present": 1}]});
        shelf.staff.post(&inspect, worse).await.breaks("/items/0/damaged", "more_damaged_than_present");
        assert_eq!(app.database.count("kit_checks"), 0);

        let found = json!({"condition": "incomplete", "items": [{"item_id": ball, "present": 2, "damaged": 1}, {"item_id": book, "present": 0}]});
        let copy = shelf.staff.post(&inspect, found.clone()).await.expect(200);
        assert_eq!(copy["condition"], "incomplete");
        let shopping = format!("/v1/kit-defects?copy_id={}&status=to_buy&sort=found_on", shelf.copies[0]);
        let what = |rows: &[Value]| {
            let mut found: Vec<String> = rows.iter().map(|row| {
                let item = if row["item_id"] == ball.as_str() { "ball" } else { "book" };
                format!("{} {} {item}", row["quantity"], row["kind"].as_str().unwrap())
            }).collect();
            found.sort();
            found
        };
        let to_buy = shelf.staff.get(&shopping).await.expect(200);
        assert_eq!(what(to_buy.rows()), ["1 damaged ball", "1 missing ball", "1 missing book"]);
        // An identical check finds nothing new.
        shelf.staff.post(&inspect, found).await.expect(200);
        assert_eq!(app.database.count("kit_defects"), 3);
        // The missing ball is written off, the other parts are replaced.
        for row in to_buy.rows() {
            let status = if row["kind"] == "missing" && row["item_id"] == ball.as_str() { "written_off" } else { "replaced" };
            let settled = shelf.staff.post(&format!("/v1/kit-defects/{}/settle", row["id"].as_str().unwrap()), json!({"status": status})).await.expect(200);
            assert_eq!((&settled["status"], &settled["settled_on"]), (&json!(status), &json!("2026-03-02")));
            let twice = shelf.staff.post(&format!("/v1/kit-defects/{}/settle", row["id"].as_str().unwrap()), json!({"status": status})).await;
            assert_eq!(twice.expect(409).problem("wrong_state")["state"], status);
        }
        shelf.staff.post(&inspect, shelf.counted([2, 1])).await.expect(200);
        assert!(shelf.staff.get(&shopping).await.expect(200).rows().is_empty());
        // One more ball is missing, then it is back.
        shelf.staff.post(&inspect, shelf.counted([1, 1])).await.expect(200);
        assert_eq!(what(shelf.staff.get(&shopping).await.expect(200).rows()), ["1 missing ball"]);
        shelf.staff.post(&inspect, shelf.counted([2, 1])).await.expect(200);
        let resolved = shelf.staff.get("/v1/kit-defects?status=resolved").await.expect(200);
        assert_eq!(what(resolved.rows()), ["1 missing ball"]);
        let history = shelf.staff.get(&format!("/v1/kit-copies/{}/checks", shelf.copies[0])).await.expect(200);
        let sums: Vec<_> = history.rows().iter().map(|row| (row["missing"].as_i64().unwrap(), row["damaged"].as_i64().unwrap())).collect();
        assert_eq!(sums, [(1, 0), (2, 0), (1, 0), (2, 1), (2, 1)], "newest first");
    }

    async fn a_defect_is_split_when_some_of_its_parts_are_back(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let inspect = format!("/v1/kit-copies/{}/inspect", shelf.copies[0]);
        shelf.staff.post(&inspect, shelf.counted([0, 1])).await.expect(200);
        shelf.staff.post(&inspect, shelf.counted([2, 1])).await.expect(200);
        let quantity = async |status: &str| {
            let rows = shelf.staff.get(&format!("/v1/kit-defects?status={status}")).await.expect(200);
            rows.rows().iter().map(|row| row["quantity"].as_i64().unwrap()).sum::<i64>()
        };
        assert_eq!((quantity("to_buy").await, quantity("resolved").await), (1, 2));
    }

    async fn a_lost_copy_is_out_of_service_until_it_is_put_back(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let path = format!("/v1/kit-copies/{}", shelf.copies[0]);
        let mut lost = shelf.counted([3, 1]);
        lost["condition"] = "lost".into();
        let copy = shelf.staff.post(&format!("{path}/inspect"), lost).await.expect(200);
        assert_eq!((&copy["out_of_service_since"], &copy["out_of_service_reason"]), (&json!("2026-03-02"), &json!("Perdue")));
        let refused = shelf.ask(shelf.request("2026-03-09")).await.expect(409).problem("kit_taken");
        assert_eq!((&refused["obstacles"], &refused["next_free"]), (&json!([]), &json!([])));
        let mut named = shelf.request("2026-03-09");
        named["copy_id"] = shelf.copies[0].clone().into();
        shelf.ask(named).await.breaks("/copy_id", "out_of_service");
        let twice = shelf.staff.post(&format!("{path}/withdraw"), json!({"reason": "Encore"})).await.expect(409);
        assert_eq!(twice.problem("wrong_state")["available_actions"], json!(["put-back"]));
        shelf.staff.post(&format!("{path}/put-back"), json!({"condition": "retired"})).await.breaks("/condition", "not_to_be_lent");
        let back = shelf.staff.post(&format!("{path}/put-back"), json!({"condition": "worn"})).await.expect(200);
        assert_eq!((&back["condition"], &back["out_of_service_since"]), (&json!("worn"), &Value::Null));
        shelf.staff.post(&format!("{path}/put-back"), json!({"condition": "worn"})).await.expect(409).problem("wrong_state");
        shelf.requested("2026-03-09").await;
    }

    async fn lending_settings_are_read_and_corrected(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let manager = app.user(shelf.service, Role::Manager).await;
        let path = format!("/v1/services/{}/kit-settings", shelf.service);
        let usual = manager.get(&path).await.expect(200);
        assert_eq!((&usual["loan_days"], &usual["buffer_days"], &usual["closed_weekdays"]), (&json!(21), &json!(1), &json!([6, 7])));
        assert_eq!((&usual["version"], &usual["updated_at"]), (&json!(1), &Value::Null));
        let summer = json!([{"starts_on": "2026-08-03", "ends_on": "2026-08-21"}]);
        let changed = manager.patch(&path, json!({"buffer_days": 2, "closings": summer, "closed_weekdays": [7]})).await.expect(200);
        assert_eq!((&changed["closings"], &changed["loan_days"], &changed["version"]), (&summer, &json!(21), &json!(2)));
        manager.clone().with_header("If-Match", "\"1\"").patch(&path, json!({"buffer_days": 3})).await.expect(412);
        let again = manager.patch(&path, json!({"buffer_days": 0})).await.expect(200);
        assert_eq!((&again["closings"], &again["closed_weekdays"], &again["version"]), (&summer, &json!([7]), &json!(3)));
        for (patch, pointer, rule) in [
            (json!({"loan_days": 60}), "/longest_loan_days", "shorter_than_usual"),
            (json!({"closings": [{"starts_on": "2026-08-03", "ends_on": "2026-08-02"}]}), "/closings/0/ends_on", "ends_before_start"),
            (
                json!({"closings": [{"starts_on": "2026-08-10", "ends_on": "2026-08-20"}, {"starts_on": "2026-08-03", "ends_on": "2026-08-10"}]}),
                "/closings", "overlapping",
            ),
        ] {
            manager.patch(&path, patch).await.breaks(pointer, rule);
        }
        // One closing is too long, and so are all together.
        let long = manager.patch(&path, json!({"closings": [{"starts_on": "2026-08-03", "ends_on": "2028-08-02"}]})).await;
        let too_long = |pointer: &str| (pointer.to_owned(), "too_long".to_owned());
        assert_eq!(long.faults(), [too_long("/closings/0/ends_on"), too_long("/closings")]);
        let every_day = json!({"closed_weekdays": [1, 2, 3, 4, 5, 6, 7]});
        manager.patch(&path, every_day).await.expect(400).problem("invalid_body");
        let professional = app.user(shelf.service, Role::Professional).await;
        professional.get(&path).await.expect(200);
        professional.patch(&path, json!({"buffer_days": 1})).await.expect(403).problem("forbidden");
    }

    async fn of_concurrent_first_settings_one_wins(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let second = app.second_instance().await;
        let path = format!("/v1/services/{}/kit-settings", shelf.service);
        let elsewhere = shelf.staff.clone().at(&second);
        // None is the default, which would change nothing.
        let calls = (2..10).map(|days| {
            let caller = if days % 2 == 0 { &shelf.staff } else { &elsewhere };
            let (caller, path) = (caller.clone().with_header("If-Match", "\"1\""), path.clone());
            async move { caller.patch(&path, json!({"buffer_days": days})).await }
        });
        let mut statuses: Vec<u16> = futures_util::future::join_all(calls).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200);
        assert!(statuses[1..].iter().all(|status| [409, 412].contains(status)), "{statuses:?}");
        assert_eq!(app.database.count("kit_settings"), 1);
    }
}
