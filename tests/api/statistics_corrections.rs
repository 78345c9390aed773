//! Corrected records: a release that replaces a published one, and what comparing both must not reveal.

use std::collections::BTreeMap;

use passerelle::db::Id;
use passerelle_disclosure::document::Release;
use passerelle_disclosure::verify::verify;
use serde_json::json;

use crate::cases::{accept, child, refer};
use crate::harness::Caller;
use crate::statistics_releases::{build, cell, last, publish, service};

/// A child of a commune with a need and a case open from a day on. Returns the case and the referral.
async fn followed(caller: &Caller, service: Id, (commune, need): (&str, &str), on: &str) -> (String, String) {
    let mut about = child(&format!("Enfant {}", uuid::Uuid::now_v7().simple()));
    about["commune_code"] = commune.into();
    about["need_domain"] = need.into();
    about["origin"] = "family".into();
    let referral = refer(caller, service, on, about).await;
    (accept(caller, &referral, on).await, referral)
}

/// The count of each cell, by table and coordinates.
fn cells(release: &Release) -> BTreeMap<(String, Vec<String>), Option<u64>> {
    let of = |table: &passerelle_disclosure::document::Table| {
        let id = table.id.clone();
        table.cells.iter().map(move |cell| ((id.clone(), cell.coordinates.clone()), cell.value)).collect::<Vec<_>>()
    };
    release.tables.iter().flat_map(of).collect()
}

/// The counts of a cell in any two of these releases are equal or differ by at least the threshold.
fn nothing_by_difference(releases: &[&Release], threshold: u64) {
    for (number, one) in releases.iter().enumerate() {
        let before = cells(one);
        for other in &releases[number + 1..] {
            // Totals of the whole service are public, and so are their differences.
            let restricted =
                |(place, _): &((String, Vec<String>), Option<u64>)| place.1[1..].iter().any(|code| code != "_T");
            for (place, after) in cells(other).into_iter().filter(restricted) {
                if let (Some(Some(before)), Some(after)) = (before.get(&place), after) {
                    assert!(
                        before.abs_diff(after) == 0 || before.abs_diff(after) >= threshold,
                        "{place:?} {before} {after}"
                    );
                }
            }
        }
    }
}

/// What the first release hides, the second hides too.
fn still_hidden(before: &Release, after: &Release) {
    let after = cells(after);
    for (place, value) in cells(before) {
        assert!(value.is_some() || after.get(&place).is_none_or(Option::is_none), "{place:?}");
    }
}

/// Chooses a specification of children by need and EPCI, by quarter.
async fn by_quarter(manager: &Caller, service: Id) {
    let table = |code: &str, dimensions: &[&str]| {
        json!({"code": code, "label_fr": code, "label_en": code, "population": "children", "dimensions": dimensions,
               "frequency": "quarterly"})
    };
    let tables = [
        table("children", &[]),
        table("children_territory", &["territory"]),
        table("children_need_domain", &["need_domain"]),
    ];
    let spec = json!({"code": "by_quarter", "label_fr": "Par trimestre", "label_en": "By quarter",
                      "territory_levels": ["epci"], "tables": tables});
    manager.post(&format!("/v1/services/{service}/statistics-specs"), spec).await.expect(201);
    let choice = json!({"spec_code": "by_quarter", "reason": "Par trimestre"});
    manager.patch(&format!("/v1/services/{service}/statistics-settings"), choice).await.expect(200);
}

on_both_databases! {
    async fn a_release_is_replaced_from_corrected_records(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 12), ("63300", 12), ("63178", 14)], "2025-02-10").await;
        by_quarter(&manager, service).await;
        let mut of_sleep = Vec::new();
        for _ in 0..12 {
            of_sleep.push(followed(&manager, service, ("63113", "sleep"), "2025-02-10").await);
        }
        publish(&app, &manager, service, 2025, 1).await;
        let first = last(&manager, "partner").await;
        assert_eq!(cell(&first, "children", &["2025-Q1"]), Some(50));
        assert_eq!(cell(&first, "children_need_domain", &["2025-Q1", "sleep"]), Some(12));

        // One child's commune and need were wrong, and one was recorded late.
        let (case, referral) = of_sleep.remove(0);
        let household = manager.get(&format!("/v1/cases/{case}")).await.expect(200)["household_id"].clone();
        let household = format!("/v1/households/{}", household.as_str().unwrap());
        manager.patch(&household, json!({"commune_code": "63300"})).await.expect(200);
        manager.patch(&format!("/v1/referrals/{referral}"), json!({"need_domain": "motor"})).await.expect(200);
        followed(&manager, service, ("63300", "motor"), "2025-03-03").await;
        app.advance(chrono::Duration::seconds(1));

        // With `kept` records, the figures are those that were published.
        let kept = json!({"year": 2025, "quarter": 1, "reason": "Autres réglages"});
        let draft = build(&app, &manager, service, kept).await;
        let draft = manager.get(&format!("{draft}/preview?tier=partner")).await.expect(200);
        let draft: Release = serde_json::from_slice(&draft.body).unwrap();
        assert_eq!(cells(&draft), cells(&first));

        let request = json!({"year": 2025, "quarter": 1, "reason": "Saisies erronées", "records": "corrected"});
        let draft = build(&app, &manager, service, request.clone()).await;
        let ready = manager.get(&draft).await.expect(200);
        assert_eq!((&ready["status"], &ready["records"]), (&json!("ready"), &json!("corrected")), "{}", ready.text());
        // A change after the build blocks the publication: the figures would not match the records.
        manager.patch(&household, json!({"commune_code": "63124"})).await.expect(200);
        manager.act(&format!("{draft}/publish")).await.expect(409);
        manager.patch(&household, json!({"commune_code": "63300"})).await.expect(200);
        manager.act(&format!("{draft}/publish")).await.expect(200);

        let mut seen = Vec::new();
        for (tier, threshold) in [("open", 11), ("partner", 5)] {
            let releases = manager.get(&format!("/v1/statistics/releases?tier={tier}&sort=published_at")).await.expect(200);
            let mut of_tier = Vec::new();
            for entry in releases.rows() {
                let id = entry["id"].as_str().unwrap();
                let document = manager.get(&format!("/v1/statistics/releases/{id}")).await.expect(200);
                of_tier.push(serde_json::from_slice::<Release>(&document.body).unwrap());
            }
            let [before, after] = &of_tier[..] else { panic!("two releases") };
            let supersedes = after.supersedes.clone().expect("it replaces the first");
            assert_eq!((supersedes.id.as_str(), supersedes.reason.as_str()), (before.id.as_str(), "Saisies erronées"));
            assert!(after.certificates.iter().all(|proof| proof.replaces));
            let checked = verify(after).expect("the certificate holds");
            assert!(checked.published > 0 && checked.already_disclosed == 0, "{checked:?}");
            nothing_by_difference(&[before, after], threshold);
            still_hidden(before, after);
            // One child was added. The total says so, and nothing says where.
            assert_eq!(cell(after, "children", &["2025-Q1"]), Some(51));
            assert_eq!(cell(after, "children_need_domain", &["2025-Q1", "sleep"]), None);
            seen.push(of_tier);
        }
        // Records cannot be corrected twice.
        let twice = manager.post(&format!("/v1/services/{service}/statistics-builds"), request.clone()).await.expect(422);
        assert_eq!(twice.faults(), [("/records".to_owned(), "corrected_already".to_owned())]);

        // Later releases take everything published before into account.
        for _ in 0..12 {
            followed(&manager, service, ("63300", "motor"), "2025-05-05").await;
        }
        publish(&app, &manager, service, 2025, 2).await;
        for (of_tier, (tier, threshold)) in seen.iter_mut().zip([("open", 11), ("partner", 5)]) {
            let next = last(&manager, tier).await;
            verify(&next).expect("the certificate holds");
            assert!(next.supersedes.is_none() && next.certificates.iter().all(|proof| proof.replaces));
            nothing_by_difference(&[&of_tier[0], &of_tier[1], &next], threshold);
            for before in of_tier.iter() {
                still_hidden(before, &next);
            }
            of_tier.push(next);
        }
        // So does a release that replaces the last one with the same records.
        let again = build(&app, &manager, service, json!({"year": 2025, "quarter": 2, "reason": "Un fait"})).await;
        manager.act(&format!("{again}/publish")).await.expect(200);
        publish(&app, &manager, service, 2025, 4).await;
        for (of_tier, tier) in seen.iter().zip(["open", "partner"]) {
            let whole = last(&manager, tier).await;
            verify(&whole).expect("the certificate holds");
            for before in of_tier {
                still_hidden(before, &whole);
            }
        }
        // The links from records to their sources are deleted.
        let request = json!({"year": 2025, "quarter": 4, "reason": "Saisies erronées", "records": "corrected"});
        let late = manager.post(&format!("/v1/services/{service}/statistics-builds"), request).await.expect(422);
        assert_eq!(late.faults(), [("/records".to_owned(), "records_unlinked".to_owned())]);
    }

    async fn records_are_corrected_only_with_a_replacement(app: TestApp) {
        let (service, manager) = service(&app, &[("63113", 1)], "2025-02-10").await;
        let builds = format!("/v1/services/{service}/statistics-builds");
        let request = json!({"year": 2025, "quarter": 1, "records": "corrected"});
        let refused = manager.post(&builds, request).await.expect(422);
        assert_eq!(refused.faults(), [("/records".to_owned(), "nothing_to_replace".to_owned())]);
        // An unpublished correction does not change the records.
        publish(&app, &manager, service, 2025, 1).await;
        let request = json!({"year": 2025, "quarter": 1, "reason": "Saisies erronées", "records": "corrected"});
        let draft = build(&app, &manager, service, request).await;
        manager.act(&format!("{draft}/cancel")).await.expect(200);
        publish(&app, &manager, service, 2025, 2).await;
        assert!(last(&manager, "open").await.certificates.iter().all(|proof| !proof.replaces));
    }
}
