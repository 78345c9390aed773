//! Releases: from a draft to what partners pull, and who cannot read what.

use passerelle::auth::Role;
use passerelle::db::Id;
use passerelle_disclosure::document::{Release, Status};
use passerelle_disclosure::verify::verify;
use serde_json::{Value, json};

use crate::cases::{accept, child, refer};
use crate::harness::{Caller, TestApp};

/// A service with this number of children in each of these communes, with cases open from a day on, and its manager.
pub(crate) async fn service(app: &TestApp, communes: &[(&str, usize)], on: &str) -> (Id, Caller) {
    let service = app.service().await;
    let manager = app.user(service, Role::Manager).await;
    for (commune, children) in communes {
        for _ in 0..*children {
            let mut about = child(&format!("Enfant {}", uuid::Uuid::now_v7().simple()));
            about["commune_code"] = (*commune).into();
            about["origin"] = "family".into();
            let referral = refer(&manager, service, on, about).await;
            accept(&manager, &referral, on).await;
        }
    }
    (service, manager)
}

pub(crate) async fn build(app: &TestApp, manager: &Caller, service: Id, body: Value) -> String {
    let build = manager.post(&format!("/v1/services/{service}/statistics-builds"), body).await.expect(202).id();
    app.make_releases();
    app.advance(chrono::Duration::seconds(1));
    format!("/v1/statistics-builds/{build}")
}

pub(crate) async fn publish(app: &TestApp, manager: &Caller, service: Id, year: i32, quarter: i32) {
    let build = build(app, manager, service, json!({"year": year, "quarter": quarter})).await;
    manager.act(&format!("{build}/publish")).await.expect(200);
}

/// The last release of a tier, as a caller reads it.
pub(crate) async fn last(caller: &Caller, tier: &str) -> Release {
    let releases = caller.get(&format!("/v1/statistics/releases?tier={tier}&limit=1")).await.expect(200);
    let id = releases["data"][0]["id"].as_str().expect("a release").to_owned();
    let document = caller.get(&format!("/v1/statistics/releases/{id}")).await.expect(200);
    serde_json::from_slice(&document.body).expect("a release")
}

/// The cell of a table.
pub(crate) fn cell(release: &Release, table: &str, coordinates: &[&str]) -> Option<u64> {
    let table = release.tables.iter().find(|known| known.id == table).expect("the table");
    let cell = table.cells.iter().find(|cell| cell.coordinates == coordinates).expect("the cell");
    assert_eq!(cell.value.is_some(), cell.status == Status::Published);
    cell.value
}

/// Chooses a specification of children by EPCI and quarter.
async fn follow_by_quarter(manager: &Caller, service: Id) {
    let spec = json!({
        "code": "by_quarter", "label_fr": "Par trimestre", "label_en": "By quarter", "territory_levels": ["epci"],
        "tables": [{"code": "by_territory", "label_fr": "Enfants", "label_en": "Children", "population": "children",
                    "dimensions": ["territory"], "frequency": "quarterly"}]
    });
    manager.post(&format!("/v1/services/{service}/statistics-specs"), spec).await.expect(201);
    let choice = json!({"spec_code": "by_quarter", "reason": "Par trimestre"});
    manager.patch(&format!("/v1/services/{service}/statistics-settings"), choice).await.expect(200);
}

on_both_databases! {
    async fn groups_stay_the_same_within_a_year(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 1)], "2025-02-10").await;
        let grouped = async |members: Value| {
            let spec = json!({
                "code": "grouped", "label_fr": "Par groupe", "label_en": "By group", "territory_levels": ["group"],
                "groups": [{"code": "centre", "label_fr": "Centre", "label_en": "Centre", "members": members}],
                "tables": [{"code": "by_territory", "label_fr": "Enfants", "label_en": "Children", "population": "children",
                            "dimensions": ["territory"], "frequency": "quarterly"}]
            });
            manager.post(&format!("/v1/services/{service}/statistics-specs"), spec).await.expect(201);
        };
        grouped(json!(["246300701"])).await;
        let choice = json!({"spec_code": "grouped", "reason": "Par groupe"});
        manager.patch(&format!("/v1/services/{service}/statistics-settings"), choice).await.expect(200);
        publish(&app, &manager, service, 2025, 1).await;
        // The difference of the two groups would be one EPCI.
        grouped(json!(["246300701", "200070753"])).await;
        let builds = format!("/v1/services/{service}/statistics-builds");
        let refused = manager.post(&builds, json!({"year": 2025, "quarter": 2})).await.expect(409);
        assert!(refused["detail"].as_str().unwrap().contains("groupes"));
        let trial = json!({"year": 2025, "quarter": 2, "trial_spec": "grouped"});
        manager.post(&builds, trial).await.expect(409);
        grouped(json!(["246300701"])).await;
        publish(&app, &manager, service, 2025, 2).await;
    }

    async fn a_release_is_prepared_previewed_by_the_staff_published_and_pulled(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 14), ("63300", 3)], "2025-02-10").await;
        let builds = format!("/v1/services/{service}/statistics-builds");
        let asked = manager.post(&builds, json!({"year": 2025, "quarter": 4})).await.expect(202);
        let path = asked.header("location").to_owned();
        assert!(!asked.header("retry-after").is_empty());
        assert_eq!((&asked["status"], &asked["available_actions"]), (&json!("queued"), &json!(["cancel"])));
        manager.get(&format!("{path}/preview?tier=open")).await.expect(409);
        app.make_releases();
        let ready = manager.get(&path).await.expect(200);
        assert_eq!(ready["status"], "ready");
        let utility = ready["utility"].as_array().unwrap();
        let open = utility.iter().find(|one| one["tier"] == "open" && one["population"] == "children").unwrap();
        let hidden = open["primary"].as_u64().unwrap() + open["secondary"].as_u64().unwrap();
        assert_eq!(open["cells"].as_u64().unwrap(), open["published"].as_u64().unwrap() + hidden);
        // Nobody else can read anything yet.
        let partner = app.partner_of(service, "departement:63").await;
        assert_eq!(partner.get("/v1/statistics/releases").await.expect(200)["data"], json!([]));
        partner.get(&path).await.expect(403);
        let draft = manager.get(&format!("{path}/preview?tier=partner")).await.expect(200);
        assert_eq!((&draft["number"], &draft["id"]), (&json!(0), &json!("")));

        let published = manager.act(&format!("{path}/publish")).await.expect(200);
        assert_eq!((&published["status"], &published["available_actions"]), (&json!("published"), &json!([])));
        manager.act(&format!("{path}/publish")).await.expect(409);
        manager.act(&format!("{path}/cancel")).await.expect(409);

        for tier in ["open", "partner"] {
            let release = last(&partner, tier).await;
            assert_eq!((release.number, release.through.as_str()), (1, "2025-Q4"));
            let checked = verify(&release).expect("the certificate holds");
            assert!(checked.published > 0 && checked.proved > 0 && checked.already_disclosed == 0, "{checked:?}");
            let territory = release.tables.iter().find(|table| table.dimensions.contains(&"territory".to_owned()));
            let territory = territory.map(|table| table.id.clone()).expect("a table by territory");
            assert_eq!(cell(&release, &territory, &["2025", "_T"]), Some(17));
            // Three children of another EPCI are hidden, and so are the cells that would reveal their number.
            let hidden = release.tables.iter().find(|table| table.id == territory).unwrap();
            assert!(hidden.cells.iter().filter(|cell| cell.value.is_none()).count() > 2);
            // Everybody knows that a commune is always recorded.
            let small = hidden.cells.iter().filter(|cell| cell.value.is_some_and(|value| value < release.policy.threshold));
            assert!(small.into_iter().all(|cell| cell.coordinates[1] == "unknown" && cell.value == Some(0)));
        }
        // The bytes never change, and their digest is the ETag.
        let entry = partner.get("/v1/statistics/releases?tier=open").await.expect(200)["data"][0].clone();
        let address = format!("/v1/statistics/releases/{}", entry["id"].as_str().unwrap());
        let read = partner.get(&address).await.expect(200);
        assert_eq!(read.header("etag"), format!("\"{}\"", entry["sha256"].as_str().unwrap()));
        assert!(read.header("cache-control").contains("immutable"));
        let known = partner.clone().with_header("if-none-match", read.header("etag"));
        known.get(&address).await.expect(304);
        // A table in every format; a filter selects cells and does not add them up.
        let table = format!("{address}/tables/children_territory");
        let whole = partner.get(&table).await.expect(200);
        let few = partner.get(&format!("{table}?select=period:2025;territory:_T")).await.expect(200);
        assert_eq!(few["table"]["cells"], json!([{"coordinates": ["2025", "_T"], "value": 17, "status": "published"}]));
        assert!(whole["table"]["cells"].as_array().unwrap().len() > 4);
        for (format, media_type) in [
            ("csv", "text/csv"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("json_stat", "application/vnd.json-stat+json"),
            ("sdmx_csv", "application/vnd.sdmx.data+csv"),
            ("sdmx_json", "application/vnd.sdmx.data+json"),
        ] {
            let rendered = partner.get(&format!("{table}?format={format}")).await.expect(200);
            assert!(rendered.header("content-type").starts_with(media_type), "{format}");
        }
        let wrong = partner.get(&format!("{table}?select=colour:red")).await.expect(400);
        assert_eq!(wrong.faults(), [("select".to_owned(), "unknown_dimension".to_owned())]);
        let wrong = partner.get(&format!("{table}?select=territory:commune:63113")).await.expect(400);
        assert_eq!(wrong.faults(), [("select".to_owned(), "unknown_code".to_owned())]);
        partner.get(&format!("{address}/tables/nothing")).await.expect(404);
        // The signature names a public key.
        let envelope = partner.get(&format!("{address}/signed")).await.expect(200);
        let keys = app.anonymous().get("/v1/statistics/keys").await.expect(200);
        assert_eq!(envelope["signatures"][0]["keyid"], keys["keys"][0]["kid"]);
        // To a caller of another service, the release does not exist.
        let stranger = app.partner_of(app.service().await, "departement:63").await;
        stranger.get(&address).await.expect(404);
        assert_eq!(stranger.get("/v1/statistics/releases").await.expect(200)["data"], json!([]));
    }

    async fn a_quarter_is_prepared_after_its_end_and_published_once(app: TestApp) {
        // The test clock starts on 2 March 2026.
        let (service, manager) = service(&app, &[("63113", 1)], "2025-02-10").await;
        let builds = format!("/v1/services/{service}/statistics-builds");
        let refused = manager.post(&builds, json!({"year": 2026, "quarter": 1})).await.expect(422);
        assert_eq!(refused.faults(), [("/quarter".to_owned(), "quarter_not_closed".to_owned())]);
        let early = json!({"year": 2025, "quarter": 2, "reason": "Rien encore"});
        let refused = manager.post(&builds, early).await.expect(422);
        assert_eq!(refused.faults(), [("/reason".to_owned(), "nothing_to_replace".to_owned())]);
        let first = manager.post(&builds, json!({"year": 2025, "quarter": 1})).await.expect(202).id();
        let twice = manager.post(&builds, json!({"year": 2025, "quarter": 1})).await.expect(409);
        assert_eq!(twice["existing_id"], json!(first));
        manager.act(&format!("/v1/statistics-builds/{first}/cancel")).await.expect(200);
        app.make_releases();
        assert_eq!(manager.get(&format!("/v1/statistics-builds/{first}")).await.expect(200)["status"], "cancelled");
        // A new build cancels an unpublished draft.
        let draft = build(&app, &manager, service, json!({"year": 2025, "quarter": 1})).await;
        publish(&app, &manager, service, 2025, 2).await;
        assert_eq!(manager.get(&draft).await.expect(200)["status"], "cancelled");
        manager.post(&builds, json!({"year": 2025, "quarter": 1})).await.expect(409);
        manager.post(&builds, json!({"year": 2025, "quarter": 2})).await.expect(409);
        let again = build(&app, &manager, service, json!({"year": 2025, "quarter": 2, "reason": "Un fait de plus"})).await;
        manager.act(&format!("{again}/publish")).await.expect(200);
        let replacing = last(&manager, "open").await;
        let supersedes = replacing.supersedes.expect("it replaces the first");
        assert_eq!((replacing.number, supersedes.reason.as_str()), (2, "Un fait de plus"));
        assert_eq!(replacing.predecessor_sha256, Some(supersedes.sha256));
    }

    async fn a_draft_is_not_published_after_the_settings_changed(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 1)], "2025-02-10").await;
        let draft = build(&app, &manager, service, json!({"year": 2025, "quarter": 4})).await;
        let settings = format!("/v1/services/{service}/statistics-settings");
        manager.patch(&settings, json!({"partner_threshold": 11, "reason": "Plus sûr"})).await.expect(200);
        manager.act(&format!("{draft}/publish")).await.expect(409);
    }

    async fn published_cells_do_not_change_and_hidden_cells_stay_hidden(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 12)], "2025-02-10").await;
        follow_by_quarter(&manager, service).await;
        publish(&app, &manager, service, 2025, 1).await;
        let firsts = [last(&manager, "open").await, last(&manager, "partner").await];
        // Three more in the second quarter: the figures of the first quarter do not change.
        for _ in 0..3 {
            let mut about = child(&format!("Enfant {}", uuid::Uuid::now_v7().simple()));
            about["commune_code"] = "63300".into();
            about["origin"] = "family".into();
            let referral = refer(&manager, service, "2025-05-10", about).await;
            accept(&manager, &referral, "2025-05-10").await;
        }
        publish(&app, &manager, service, 2025, 2).await;
        let mut compared = 0;
        for (first, tier) in firsts.iter().zip(["open", "partner"]) {
            let second = last(&manager, tier).await;
            verify(&second).expect("the certificate holds");
            for table in &first.tables {
                for before in &table.cells {
                    let names: Vec<&str> = before.coordinates.iter().map(String::as_str).collect();
                    assert_eq!(cell(&second, &table.id, &names), before.value, "{tier} {} {names:?}", table.id);
                    compared += 1;
                }
            }
        }
        assert!(compared > 20);
        let second = last(&manager, "partner").await;
        // Twelve and fifteen are totals of the whole service. Where the three live is hidden.
        assert_eq!(cell(&second, "by_territory", &["2025-Q1", "_T"]), Some(12));
        assert_eq!(cell(&second, "by_territory", &["2025-S1", "_T"]), Some(15));
        assert_eq!(cell(&second, "by_territory", &["2025-S1", "epci:200070753"]), None);
        assert_eq!(cell(&second, "by_territory", &["2025-S1", "epci:246300701"]), None, "fifteen less twelve");
    }

    async fn a_build_that_never_ends_is_withheld(app: TestApp) {
        use diesel::prelude::*;
        use passerelle::db::schema::statistics_builds;
        let (service, manager) = service(&app, &[("63113", 1)], "2025-02-10").await;
        let asked = json!({"year": 2025, "quarter": 4});
        let build = manager.post(&format!("/v1/services/{service}/statistics-builds"), asked).await.expect(202).id();
        app.sql(|conn| {
            let begun = (statistics_builds::status.eq("running"), statistics_builds::attempts.eq(3), statistics_builds::seen_at.eq(statistics_builds::created_at.nullable()));
            diesel::update(statistics_builds::table).set(begun).execute(conn)?;
            Ok(())
        }).await;
        app.make_releases();
        let path = format!("/v1/statistics-builds/{build}");
        assert_eq!(manager.get(&path).await.expect(200)["status"], "running", "a worker may still be running it");
        app.advance(chrono::Duration::minutes(3));
        app.make_releases();
        let withheld = manager.get(&path).await.expect(200);
        assert_eq!((&withheld["status"], &withheld["available_actions"]), (&json!("withheld"), &json!([])));
        assert_eq!(withheld["refusal"], "La préparation a été commencée 3 fois sans jamais aboutir : consultez le journal du serveur.");
        let english = manager.clone().with_header("accept-language", "en");
        assert!(english.get(&path).await.expect(200)["refusal"].as_str().is_some_and(|why| why.contains("3 times")));
        let listed = english.get(&format!("/v1/services/{service}/statistics-builds")).await.expect(200);
        assert!(listed.rows()[0]["refusal"].as_str().is_some_and(|why| why.contains("3 times")));
    }

    async fn a_caller_who_runs_a_build_can_stop_it(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 3)], "2025-02-10").await;
        let context = app.context();
        let run = |continues: bool| {
            let new = serde_json::from_value(json!({"year": 2025, "quarter": 1})).unwrap();
            let make = || passerelle::statistics::releases::worker::run_now(context, service, new, &mut |_, _| continues);
            std::thread::scope(|scope| scope.spawn(make).join()).expect("the thread ended")
        };
        let stopped = run(false).unwrap();
        assert_eq!((stopped.status.as_str(), stopped.author.as_str()), ("cancelled", "local"));
        let made = run(true).unwrap();
        assert_eq!(made.status.as_str(), "ready");
        app.advance(chrono::Duration::seconds(1));
        manager.act(&format!("/v1/statistics-builds/{}/publish", made.id)).await.expect(200);
        let Err(published) = run(true) else { panic!("it is published") };
        assert_eq!(published.code, passerelle::error::Code::Conflict);
    }

    async fn a_release_cannot_be_changed(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 1)], "2025-02-10").await;
        publish(&app, &manager, service, 2025, 4).await;
        let changed = app.database.execute("UPDATE statistics_releases SET number = 9").map_err(|error| error.to_string());
        assert!(changed.is_err_and(|why| why.contains("append-only")));
    }

    async fn specifications_are_compared_before_one_is_chosen(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 14), ("63300", 3)], "2025-02-10").await;
        let draft = build(&app, &manager, service, json!({"year": 2025, "quarter": 4})).await;
        let mine = json!({
            "code": "mine", "label_fr": "La nôtre", "label_en": "Ours",
            "tables": [{"code": "children", "label_fr": "Enfants", "label_en": "Children", "population": "children",
                        "dimensions": [], "frequency": "yearly"}]
        });
        manager.post(&format!("/v1/services/{service}/statistics-specs"), mine).await.expect(201);
        let trial = json!({"year": 2025, "quarter": 4, "trial_spec": "mine"});
        let tried = build(&app, &manager, service, trial.clone()).await;
        let shown = manager.get(&tried).await.expect(200);
        assert_eq!((&shown["status"], &shown["trial_spec"]), (&json!("ready"), &json!("mine")));
        assert_eq!(shown["available_actions"], json!(["cancel"]));
        let cells = |build: &Value| -> u64 {
            let utility = build["utility"].as_array().unwrap().iter().filter(|one| one["tier"] == "open");
            utility.map(|one| one["cells"].as_u64().unwrap()).sum()
        };
        let before = manager.get(&draft).await.expect(200);
        assert!(cells(&shown.json) >= 1 && cells(&before.json) > cells(&shown.json));
        let preview = manager.get(&format!("{tried}/preview?tier=open")).await.expect(200);
        assert_eq!(preview["spec"]["code"], "mine");
        // A trial cannot be published; the draft did not change, and can.
        manager.act(&format!("{tried}/publish")).await.expect(409);
        manager.act(&format!("{draft}/publish")).await.expect(200);
        // A trial is possible for the last published quarter, but not with an unknown specification.
        manager.post(&format!("/v1/services/{service}/statistics-builds"), trial).await.expect(202);
        let unknown = json!({"year": 2024, "quarter": 4, "trial_spec": "nothing"});
        let refused = manager.post(&format!("/v1/services/{service}/statistics-builds"), unknown).await.expect(422);
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/trial_spec"), &json!("unknown_spec")));
        assert_eq!(last(&manager, "open").await.spec.code, "small");
    }
}
