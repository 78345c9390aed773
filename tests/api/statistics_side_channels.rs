//! Side channels: two services whose hidden counts differ must not differ in anything that they publish.

use std::collections::BTreeSet;

use passerelle::auth::{Permission, Role, partner_permissions};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{accept, child, refer};
use crate::harness::lending_service::LendingService;
use crate::harness::{Caller, TestApp, logs};

/// Communes of two EPCI with few children. Their counts are hidden, and their sum is the same in both services.
const FEW: [&str; 2] = ["63300", "63430"];

/// Members that identify the release and are not part of its content.
const NAMES: [&str; 6] = ["id", "service_id", "service_name", "cut_off", "signed_at", "predecessor_sha256"];

const DAY: &str = "2025-02-10";

/// Publishes a release of a service with fourteen children in one place and few in two others.
async fn publishes(app: &TestApp, few: [usize; 2]) -> (Id, Caller) {
    let service = app.service().await;
    let manager = app.user(service, Role::Manager).await;
    for (commune, children) in [("63113", 14), (FEW[0], few[0]), (FEW[1], few[1])] {
        for _ in 0..children {
            let mut about = child(&format!("Enfant {}", uuid::Uuid::now_v7().simple()));
            about["commune_code"] = commune.into();
            about["origin"] = "family".into();
            let referral = refer(&manager, service, DAY, about).await;
            accept(&manager, &referral, DAY).await;
        }
    }
    let builds = format!("/v1/services/{service}/statistics-builds");
    let build = manager.post(&builds, json!({"year": 2025, "quarter": 4})).await.expect(202).id();
    app.make_releases();
    manager.act(&format!("/v1/statistics-builds/{build}/publish")).await.expect(200);
    (service, app.partner_of(service, "departement:63").await)
}

/// The release of a tier without its identifying members, with its address.
async fn release(partner: &Caller, tier: &str) -> (Value, String) {
    let rows = partner.get(&format!("/v1/statistics/releases?tier={tier}&include_total=true")).await.expect(200);
    assert_eq!(rows["page"]["total"], 1, "the total is the number of releases");
    let address = format!("/v1/statistics/releases/{}", rows["data"][0]["id"].as_str().unwrap());
    let mut document = partner.get(&address).await.expect(200).json.clone();
    for name in NAMES {
        document.as_object_mut().unwrap().remove(name);
    }
    (document, address)
}

on_both_databases! {
    async fn hidden_counts_do_not_change_anything_published(app: TestApp) {
        let (_, one) = publishes(&app, [3, 1]).await;
        let (_, other) = publishes(&app, [1, 3]).await;
        for tier in ["open", "partner"] {
            let ((first, here), (second, there)) = (release(&one, tier).await, release(&other, tier).await);
            // What is published, what is hidden, in which order, and the proof.
            assert_eq!(first, second, "{tier}");
            let tables = first["tables"].as_array().unwrap();
            let hidden = |table: &Value| table["cells"].as_array().unwrap().iter().any(|cell| cell["value"].is_null());
            assert!(tables.iter().any(hidden));
            for path in ["", "/signed", "/dictionary"] {
                let (one, other) = (one.get(&format!("{here}{path}")).await, other.get(&format!("{there}{path}")).await);
                assert_eq!(one.expect(200).body.len(), other.expect(200).body.len(), "{tier} {path}");
            }
            for table in tables.iter().map(|table| table["id"].as_str().unwrap()) {
                for format in ["json", "csv", "json_stat", "sdmx_csv", "sdmx_json"] {
                    let path = format!("/tables/{table}?format={format}");
                    let (one, other) = (one.get(&format!("{here}{path}")).await, other.get(&format!("{there}{path}")).await);
                    let (one, other) = (one.expect(200), other.expect(200));
                    assert_eq!(one.body.len(), other.body.len(), "{tier} {path}");
                    assert_eq!(one.header("etag").len(), other.header("etag").len());
                }
            }
        }
    }

    async fn a_hidden_cell_is_listed_and_looks_the_same_whatever_its_count(app: TestApp) {
        let (service, partner) = publishes(&app, [3, 0]).await;
        let (_, address) = release(&partner, "partner").await;
        let table = partner.get(&format!("{address}/tables/children_territory")).await.expect(200);
        let values = table["dimensions"][1]["values"].as_array().unwrap();
        let places: BTreeSet<&str> = values.iter().map(|value| value["code"].as_str().unwrap()).collect();
        assert!(places.len() > 4, "most of them have few children or none");
        // No child, or three: the same response, never 404 and never 0.
        let (mut responses, mut ranges) = (BTreeSet::new(), BTreeSet::new());
        for place in places.iter().filter(|place| place.starts_with("epci_size:")) {
            let select = format!("{address}/tables/children_territory?select=period:2025;territory:{place}");
            let cells = partner.get(&select).await.expect(200)["table"]["cells"].clone();
            assert_eq!(cells.as_array().unwrap().len(), 1);
            responses.insert((cells[0]["status"].to_string(), cells[0]["value"].is_null()));
            if cells[0]["value"].is_null() {
                ranges.insert((cells[0]["at_least"].to_string(), cells[0]["at_most"].to_string()));
            }
        }
        // Three, none, and fourteen in the third place, which is suppressed to protect them, have the same range.
        assert_eq!(ranges, [("0".to_owned(), "17".to_owned())].into());
        assert!(responses.contains(&("\"suppressed\"".to_owned(), true)));
        assert!(responses.iter().all(|(status, null)| (status == "\"suppressed\"") == *null), "{responses:?}");
        // A place that is not in the release is an invalid parameter, whatever its count.
        let other = format!("{address}/tables/children_territory?select=territory:epci:000000000");
        partner.get(&other).await.expect(400);
        // No feed reveals when a count changes.
        partner.get(&format!("/v1/changes?service_id={service}")).await.expect(403);
        // A cell has a count and a status, and no percentage, mean or rank that would reveal more.
        let names: BTreeSet<&str> =
            table["table"]["cells"][0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["coordinates", "status", "value"].into());
    }

    async fn the_log_does_not_mention_what_is_counted(app: TestApp) {
        let (service, partner) = publishes(&app, [2, 1]).await;
        let (_, address) = release(&partner, "partner").await;
        partner.get(&format!("{address}/tables/children_territory")).await.expect(200);
        for place in FEW {
            assert_eq!(logs::lines_with(&format!("commune:{place}")), Vec::<String>::new());
        }
        for line in logs::lines_with(service.as_str()) {
            assert!(!line.contains("passerelle::statistics"), "{line}");
        }
        assert!(!logs::lines_with("/v1/statistics/releases").is_empty(), "the log was not captured");
    }
}

/// A partner reads no live figure: this list has every operation that a partner may call. To add one, explain why it
/// counts no child.
#[test]
fn a_partner_reads_no_other_counts_than_releases() {
    let contract: Value = serde_json::from_str(include_str!("../../openapi/openapi.json")).unwrap();
    let held: BTreeSet<String> = partner_permissions().iter().map(|permission| permission.to_string()).collect();
    let mut may = BTreeSet::new();
    for operations in contract["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            if operation["x-permission"].as_str().is_some_and(|permission| held.contains(permission)) {
                may.insert(operation["operationId"].as_str().unwrap());
            }
        }
    }
    let expected = [
        // The service: its name, its territory, its positions.
        "getPosition",
        "getService",
        "listPositions",
        "listServices",
        // What a local authority owes, which depends on its population, and what it paid.
        "getConventionStatement",
        "listStatements",
        // Specifications: they contain no count.
        "getStatisticsSpec",
        "listStatisticsSpecs",
        // Releases.
        "getLatestYearFile",
        "getLatestYearTable",
        "getSignedStatisticsRelease",
        "getStatisticsDictionary",
        "getStatisticsFile",
        "getStatisticsRelease",
        "getStatisticsTable",
        "listLatestYearTables",
        "listStatisticsReleases",
        "listStatisticsTables",
    ];
    assert_eq!(may, expected.into());
}

on_both_databases! {
    /// The past days of the availability are shut. A version or an event for each return would count the loans again.
    async fn a_loan_that_changes_nothing_leaves_no_trace_in_the_catalogue(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let website = app.client(shelf.service, &[Permission::CatalogueRead, Permission::ChangesRead]).await;
        shelf
            .staff
            .post(&format!("/v1/kit-copies/{}/inspect", shelf.copies[0]), shelf.counted([3, 1]))
            .await
            .expect(200);
        let addresses = [format!("/v1/kits/{}", shelf.kit), format!("/v1/kit-copies/{}", shelf.copies[0])];
        let mut before = Vec::new();
        for address in &addresses {
            let seen = website.get(address).await.expect(200);
            before.push((seen.header("etag").to_owned(), seen.json.clone()));
        }
        let events = website.get("/v1/changes").await.expect(200).rows().len();
        let id = shelf.lent("2026-03-02").await;
        app.advance(chrono::Duration::days(7));
        let back = json!({"check": shelf.counted([3, 1])});
        shelf.act(&id, "return", Some(back)).await.expect(200);
        for (address, (etag, body)) in addresses.iter().zip(&before) {
            let seen = website.get(address).await.expect(200);
            assert_eq!((seen.header("etag"), &seen.json), (etag.as_str(), body), "{address}");
        }
        assert_eq!(website.get("/v1/changes").await.expect(200).rows().len(), events);
        // What changes the copy is news.
        shelf.staff.post(&format!("{}/inspect", addresses[1]), shelf.counted([2, 1])).await.expect(200);
        assert_ne!(website.get(&addresses[1]).await.expect(200).header("etag"), before[1].0);
    }
}
