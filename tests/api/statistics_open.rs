//! Open data and the sandbox, readable without a token of the service; and the builds that a background job requests.

use passerelle::auth::Role;
use passerelle::db::Id;
use passerelle::statistics::sandbox;
use passerelle_disclosure::document::Release;
use passerelle_disclosure::verify::verify;
use serde_json::{Value, json};

use crate::cases::{accept, child, refer};
use crate::harness::{Caller, TestApp};

/// A service with this number of children of one commune, with cases open since a day, and its manager.
async fn service(app: &TestApp, children: usize, on: &str) -> (Id, Caller) {
    let service = app.service().await;
    let manager = app.user(service, Role::Manager).await;
    for _ in 0..children {
        let about = child(&format!("Enfant {}", uuid::Uuid::now_v7().simple()));
        let referral = refer(&manager, service, on, about).await;
        accept(&manager, &referral, on).await;
    }
    (service, manager)
}

/// The catalogue as a caller reads it.
async fn rows(caller: &Caller, path: &str) -> Vec<Value> {
    caller.get(path).await.expect(200).rows().to_vec()
}

fn id(row: &Value) -> &str {
    row["id"].as_str().expect("an identifier")
}

on_both_databases! {
    async fn only_open_releases_are_readable_without_a_token(app: TestApp) {
        let (service, manager) = service(&app, 3, "2025-02-10").await;
        let builds = format!("/v1/services/{service}/statistics-builds");
        let build = manager.post(&builds, json!({"year": 2025, "quarter": 4})).await.expect(202).id();
        app.make_releases();
        let anybody = app.anonymous();
        assert_eq!(rows(&anybody, "/v1/open-data/releases").await, Vec::<Value>::new());
        manager.act(&format!("/v1/statistics-builds/{build}/publish")).await.expect(200);

        let open = rows(&anybody, "/v1/open-data/releases").await;
        assert_eq!((open.len(), &open[0]["tier"]), (1, &json!("open")));
        assert_eq!(rows(&anybody, &format!("/v1/open-data/releases?service_id={service}&year=2025&quarter=4")).await, open);
        assert_eq!(rows(&anybody, "/v1/open-data/releases?year=2024").await, Vec::<Value>::new());
        let address = format!("/v1/open-data/releases/{}", id(&open[0]));
        let read = anybody.get(&address).await.expect(200);
        assert_eq!(read.header("cache-control"), "public, max-age=31536000, immutable");
        let release: Release = serde_json::from_slice(&read.body).expect("a release");
        verify(&release).expect("the certificate holds");
        let known = anybody.clone().with_header("if-none-match", read.header("etag"));
        assert_eq!(known.get(&address).await.expect(304).header("cache-control"), read.header("cache-control"));
        let signed = anybody.get(&format!("{address}/signed")).await.expect(200);
        assert_eq!(signed["signatures"].as_array().unwrap().len(), 1);
        let dictionary = anybody.get(&format!("{address}/dictionary")).await.expect(200);
        assert_eq!(dictionary["tables"].as_array().unwrap().len(), release.tables.len());
        assert_eq!(dictionary["dimensions"].as_array().unwrap().len(), release.dimensions.len());
        assert_ne!(dictionary.header("etag"), read.header("etag"));
        let table = anybody.get(&format!("{address}/tables/children?format=csv")).await.expect(200);
        assert!(table.header("content-type").starts_with("text/csv"));
        assert!(table.header("cache-control").starts_with("public"));
        // A caller with a token reads the same bytes.
        let theirs = manager.get(&format!("/v1/statistics/releases/{}", id(&open[0]))).await.expect(200);
        assert_eq!((theirs.body.to_vec(), theirs.header("etag")), (read.body.to_vec(), read.header("etag")));
        assert!(theirs.header("cache-control").starts_with("private"));

        let partner = rows(&manager, "/v1/statistics/releases?tier=partner").await;
        for path in ["", "/signed", "/dictionary", "/tables/children"] {
            anybody.get(&format!("/v1/open-data/releases/{}{path}", id(&partner[0]))).await.expect(404);
        }
        anybody.get(&format!("{address}/tables/nothing")).await.expect(404);
        anybody.get("/v1/open-data/releases?tier=partner").await.expect(400);
        anybody.get(&format!("{address}/tables/children?select=who:me")).await.expect(400);
    }

    async fn the_sandbox_publishes_what_is_due_and_is_listed_only_on_request(app: TestApp) {
        app.keep_sandbox_up();
        let (service, _) = service(&app, 1, "2025-02-10").await;
        let partner = app.partner_of(service, "departement:63").await;
        let sandbox = format!("service_id={}", sandbox::service());
        assert_eq!(rows(&partner, "/v1/statistics/releases").await, Vec::<Value>::new());
        let theirs = rows(&partner, &format!("/v1/statistics/releases?{sandbox}&sort=published_at")).await;
        let partners = theirs.iter().filter(|row| row["tier"] == "partner");
        let mut through: Vec<&str> = partners.map(|row| row["through"].as_str().unwrap()).collect();
        // The test clock does not move, so all have the same instant.
        through.sort_unstable();
        assert_eq!(through, ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]);
        assert_eq!(theirs.len(), 8);
        for row in &theirs {
            let read = partner.get(&format!("/v1/statistics/releases/{}", id(row))).await.expect(200);
            let release: Release = serde_json::from_slice(&read.body).expect("a release");
            let checked = verify(&release).expect("the certificate holds");
            assert!(checked.published > 0 && checked.already_disclosed == 0, "{checked:?}");
            // Breakdowns about persons are yearly: only the last quarter has something to hide.
            assert_eq!(checked.proved > 0, row["through"] == "2025-Q4", "{checked:?}");
            assert!(release.notes[0].fr.starts_with("Données de synthèse"));
        }
        let anybody = app.anonymous();
        assert_eq!(rows(&anybody, "/v1/open-data/releases").await, Vec::<Value>::new());
        assert_eq!(rows(&anybody, &format!("/v1/open-data/releases?{sandbox}")).await.len(), 4);
        // Nothing is due, so nothing is published. A quarter later, one more release is due.
        app.keep_sandbox_up();
        app.advance(chrono::Duration::days(60));
        assert_eq!(rows(&anybody, &format!("/v1/open-data/releases?{sandbox}")).await.len(), 4);
        app.keep_sandbox_up();
        let after = rows(&anybody, &format!("/v1/open-data/releases?{sandbox}")).await;
        assert_eq!((after.len(), &after[0]["through"]), (5, &json!("2026-Q1")));
    }

    async fn a_finished_quarter_is_prepared_once_and_not_published_automatically(app: TestApp) {
        let (followed, manager) = service(&app, 2, "2025-11-10").await;
        let (idle, other) = service(&app, 0, "2025-11-10").await;
        app.prepare_releases();
        app.prepare_releases();
        let builds = |service: Id| format!("/v1/services/{service}/statistics-builds");
        let asked = rows(&manager, &builds(followed)).await;
        assert_eq!(asked.len(), 1);
        assert_eq!((&asked[0]["year"], &asked[0]["quarter"], &asked[0]["status"]), (&json!(2025), &json!(4), &json!("queued")));
        assert_eq!(rows(&other, &builds(idle)).await, Vec::<Value>::new(), "no children to count");
        app.make_releases();
        assert_eq!(rows(&manager, "/v1/statistics/releases").await, Vec::<Value>::new());
        // A cancelled build is not requested again.
        manager.act(&format!("/v1/statistics-builds/{}/cancel", id(&asked[0]))).await.expect(200);
        app.prepare_releases();
        assert_eq!(rows(&manager, &builds(followed)).await.len(), 1);
        // The next quarter is a new build.
        app.advance(chrono::Duration::days(60));
        app.prepare_releases();
        let asked = rows(&manager, &builds(followed)).await;
        assert_eq!((asked.len(), &asked[0]["quarter"]), (2, &json!(1)));
    }

    async fn only_a_user_ends_a_draft(app: TestApp) {
        let (followed, manager) = service(&app, 2, "2026-01-10").await;
        app.advance(chrono::Duration::days(60));
        app.prepare_releases();
        app.make_releases();
        let builds = format!("/v1/services/{followed}/statistics-builds?year=2026");
        let draft = rows(&manager, &builds).await.remove(0);
        assert_eq!((&draft["quarter"], &draft["status"]), (&json!(1), &json!("ready")));
        // The next quarter is due, and waits.
        app.advance(chrono::Duration::days(90));
        for _ in 0..2 {
            app.prepare_releases();
            assert_eq!(rows(&manager, &builds).await, std::slice::from_ref(&draft));
        }
        manager.act(&format!("/v1/statistics-builds/{}/publish", id(&draft))).await.expect(200);
        app.prepare_releases();
        app.make_releases();
        let second = rows(&manager, &builds).await.remove(0);
        assert_eq!((&second["quarter"], &second["status"]), (&json!(2), &json!("ready")));
        // Cancelling the draft has the same effect.
        app.advance(chrono::Duration::days(90));
        app.prepare_releases();
        assert_eq!(rows(&manager, &builds).await.len(), 2);
        manager.act(&format!("/v1/statistics-builds/{}/cancel", id(&second))).await.expect(200);
        app.prepare_releases();
        let third = rows(&manager, &builds).await.remove(0);
        assert_eq!((&third["quarter"], &third["status"]), (&json!(3), &json!("queued")));
    }

    async fn a_failure_for_one_service_does_not_delay_others(app: TestApp) {
        let mut all = Vec::new();
        for _ in 0..3 {
            all.push(service(&app, 1, "2025-11-10").await);
        }
        let broken = all[1].0;
        // Every insert for this service fails: the least integer has no absolute value.
        let index = format!(
            "CREATE INDEX broken ON statistics_builds (abs(CASE WHEN service_id = '{broken}' THEN -9223372036854775807 - 1 ELSE 1 END))"
        );
        app.database.execute(&index).unwrap();
        app.prepare_releases();
        let mut asked = Vec::new();
        for (service, manager) in &all {
            asked.push(rows(manager, &format!("/v1/services/{service}/statistics-builds")).await.len());
        }
        assert_eq!(asked, [1, 0, 1]);
        // The next run tries again.
        app.database.execute("DROP INDEX broken").unwrap();
        app.prepare_releases();
        assert_eq!(rows(&all[1].1, &format!("/v1/services/{broken}/statistics-builds")).await.len(), 1);
    }

    async fn new_releases_and_those_they_replace_are_listed_with_updated_since(app: TestApp) {
        let (service, manager) = service(&app, 3, "2025-02-10").await;
        let builds = format!("/v1/services/{service}/statistics-builds");
        let publish = async |asked: Value| {
            let build = manager.post(&builds, asked).await.expect(202).id();
            app.make_releases();
            manager.act(&format!("/v1/statistics-builds/{build}/publish")).await.expect(200);
            app.advance(chrono::Duration::hours(1));
        };
        for quarter in 1..=2 {
            publish(json!({"year": 2025, "quarter": quarter})).await;
        }
        let since = app.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let partner = app.partner_of(service, "departement:63").await;
        let anybody = app.anonymous();
        let lists = [
            (&partner, "/v1/statistics/releases?tier=partner"),
            (&partner, "/v1/statistics/releases?tier=open"),
            (&anybody, "/v1/open-data/releases?year=2025"),
        ];
        for (caller, list) in lists {
            let before = rows(caller, list).await;
            assert_eq!(before.len(), 2);
            assert!(before.iter().all(|row| row.get("superseded_by").is_none()));
            assert_eq!(rows(caller, &format!("{list}&updated_since={since}")).await, Vec::<Value>::new());
        }
        publish(json!({"year": 2025, "quarter": 2, "reason": "Un fait de plus"})).await;
        let after = app.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        for (caller, list) in lists {
            let all = rows(caller, list).await;
            let changed = caller.get(&format!("{list}&updated_since={since}&include_total=true")).await.expect(200);
            assert_eq!((changed.rows(), &changed["page"]["total"]), (&all[..2], &json!(2)), "{list}");
            assert_eq!((&all[0]["supersedes"], &all[1]["superseded_by"]), (&all[1]["id"], &all[0]["id"]));
            assert_eq!((all.len(), all[0].get("superseded_by"), all[2].get("superseded_by")), (3, None, None));
            // With paging too.
            let first = caller.get(&format!("{list}&updated_since={since}&limit=1&sort=published_at")).await.expect(200);
            assert_eq!(first.rows(), &all[1..2]);
            let next = first["page"]["next_cursor"].as_str().expect("another page").to_owned();
            let next = format!("{list}&updated_since={since}&limit=1&sort=published_at&cursor={next}");
            assert_eq!(rows(caller, &next).await, &all[..1]);
            assert_eq!(rows(caller, &format!("{list}&updated_since={after}")).await, Vec::<Value>::new());
        }
        // A caller of another service sees none of them.
        let stranger = app.partner_of(app.service().await, "departement:63").await;
        let theirs = rows(&stranger, &format!("/v1/statistics/releases?updated_since={since}")).await;
        assert_eq!(theirs, Vec::<Value>::new());
    }

    /// What is replaced is the last release of its year, even if a release of another year came since. The reason is
    /// published.
    async fn a_release_is_replaced_after_one_of_another_year(app: TestApp) {
        let (service, manager) = service(&app, 3, "2024-02-10").await;
        let builds = format!("/v1/services/{service}/statistics-builds");
        let publish = async |asked: Value| {
            let build = manager.post(&builds, asked).await.expect(202).id();
            app.make_releases();
            manager.act(&format!("/v1/statistics-builds/{build}/publish")).await.expect(200);
            app.advance(chrono::Duration::hours(1));
        };
        publish(json!({"year": 2024, "quarter": 4})).await;
        publish(json!({"year": 2025, "quarter": 1})).await;
        for reason in ["Autres seuils", "Encore d'autres seuils"] {
            publish(json!({"year": 2024, "quarter": 4, "reason": reason})).await;
        }
        let anybody = app.anonymous();
        let all = rows(&anybody, &format!("/v1/open-data/releases?service_id={service}")).await;
        let [third, second, other, first] = &all[..] else { panic!("{all:?}") };
        assert_eq!((&second["supersedes"], &third["supersedes"]), (&first["id"], &second["id"]));
        assert_eq!((&first["superseded_by"], &second["superseded_by"]), (&second["id"], &third["id"]));
        assert_eq!((other.get("superseded_by"), other.get("supersedes"), third.get("superseded_by")), (None, None, None));
        let read = anybody.get(&format!("/v1/open-data/releases/{}", id(second))).await.expect(200);
        let release: Release = serde_json::from_slice(&read.body).expect("a release");
        assert_eq!(release.supersedes.expect("it replaces the first").reason, "Autres seuils");
        // The page leads from each replaced release to the one in force.
        let page = anybody.get("/open-data").await.expect(200).text();
        let to_last = format!("remplacée par <a href=\"/open-data/{}\">", id(third));
        assert_eq!(page.matches(&to_last).count(), 2, "{page}");
    }
}
