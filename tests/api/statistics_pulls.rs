//! Pulls of releases: each response is made once, never changes, and is still refused to callers who may not read it.

use std::time::Duration;

use diesel::prelude::*;
use passerelle::auth::Role;
use passerelle::db::DbOptions;
use passerelle::db::schema::client_services;
use serde_json::json;

use crate::cases::{accept, child, refer};
use crate::harness::{Caller, Response, TestApp, options};

/// A service with one child, its manager, and a build of the year that is ready.
async fn prepared(app: &TestApp) -> (passerelle::db::Id, Caller, String) {
    let service = app.service().await;
    let manager = app.user(service, Role::Manager).await;
    let referral = refer(&manager, service, "2025-02-10", child("Lou Martin")).await;
    accept(&manager, &referral, "2025-02-10").await;
    let builds = format!("/v1/services/{service}/statistics-builds");
    let build = manager.post(&builds, json!({"year": 2025, "quarter": 4})).await.expect(202).id();
    app.make_releases();
    (service, manager, format!("/v1/statistics-builds/{build}"))
}

/// The release of a tier.
async fn id_of(caller: &Caller, tier: &str) -> String {
    let rows = caller.get(&format!("/v1/statistics/releases?tier={tier}")).await.expect(200);
    rows.rows()[0]["id"].as_str().expect("an identifier").to_owned()
}

/// The body and the headers of a response that do not depend on the single request.
fn content(answer: &Response) -> (Vec<u8>, [String; 4]) {
    let header = |name: &str| answer.header(name).to_owned();
    (answer.body.to_vec(), ["etag", "content-type", "content-disposition", "cache-control"].map(header))
}

/// Every part of a release except its document.
const PARTS: [&str; 10] = [
    "/signed",
    "/dictionary",
    "/tables/children",
    "/tables/children_territory",
    "/tables/children?select=period:2025",
    "/tables/children?format=csv",
    "/tables/children?format=xlsx",
    "/tables/children?format=json_stat",
    "/tables/children?format=sdmx_csv",
    "/tables/children?format=sdmx_json",
];

on_both_databases! {
    async fn a_second_pull_equals_the_first_on_every_instance(app: TestApp) {
        let (service, manager, build) = prepared(&app).await;
        manager.act(&format!("{build}/publish")).await.expect(200);
        let partner = app.partner_of(service, "departement:63").await;
        let elsewhere = partner.clone().at(&app.second_instance().await);
        let (of_partners, open) = (id_of(&partner, "partner").await, id_of(&partner, "open").await);
        let places = [
            (&partner, format!("/v1/statistics/releases/{of_partners}")),
            (&partner, format!("/v1/statistics/releases/{open}")),
            (&app.anonymous(), format!("/v1/open-data/releases/{open}")),
        ];
        let mut tags = std::collections::BTreeSet::new();
        for (caller, release) in places {
            for part in [&[""], &PARTS[..]].concat() {
                let address = format!("{release}{part}");
                let first = caller.get(&address).await.expect(200);
                assert_eq!(content(&caller.get(&address).await.expect(200)), content(&first), "{address}");
                if caller.id.is_some() {
                    // The other instance renders it again.
                    assert_eq!(content(&elsewhere.get(&address).await.expect(200)), content(&first), "{address}");
                    assert!(tags.insert(first.header("etag").to_owned()), "{address} has the ETag of another response");
                } else {
                    assert!(tags.contains(first.header("etag")), "{address} equals the response to a caller with a token");
                }
                let head = caller.call("HEAD", &address, None).await.expect(200);
                assert_eq!(head.header("etag"), first.header("etag"));
                let has_it = caller.clone().with_header("if-none-match", first.header("etag"));
                let unchanged = has_it.get(&address).await.expect(304);
                assert!(unchanged.body.is_empty());
                for header in ["etag", "cache-control"] {
                    assert_eq!(unchanged.header(header), first.header(header), "{address}");
                }
            }
        }
    }

    async fn another_language_format_or_selection_is_another_response(app: TestApp) {
        let (service, manager, build) = prepared(&app).await;
        manager.act(&format!("{build}/publish")).await.expect(200);
        let partner = app.partner_of(service, "departement:63").await;
        let table = format!("/v1/statistics/releases/{}/tables/actions_territory", id_of(&partner, "partner").await);
        let english = partner.clone().with_header("accept-language", "en");
        let as_csv = partner.clone().with_header("accept", "text/csv");
        let mut answers = std::collections::BTreeSet::new();
        for _ in 0..2 {
            for answer in [
                partner.get(&table).await,
                partner.get(&format!("{table}?format=csv")).await,
                english.get(&format!("{table}?format=csv")).await,
                partner.get(&format!("{table}?format=csv&select=period:2025")).await,
                english.get(&format!("{table}?format=csv&select=period:2025")).await,
                partner.get(&format!("{table}?select=period:2025")).await,
                partner.get(&format!("{table}?select=period:2025;territory:_T")).await,
                partner.get(&format!("{table}?format=json_stat")).await,
                english.get(&format!("{table}?format=json_stat")).await,
            ] {
                answers.insert(content(&answer.expect(200)));
            }
            assert_eq!(answers.len(), 9);
        }
        // `Accept` has the same effect as the parameter, which takes precedence.
        let csv = partner.get(&format!("{table}?format=csv")).await.expect(200);
        assert_eq!(content(&as_csv.get(&table).await.expect(200)), content(&csv));
        let json = partner.get(&table).await.expect(200);
        assert_eq!(content(&as_csv.get(&format!("{table}?format=json")).await.expect(200)), content(&json));
    }

    async fn cached_responses_are_only_for_callers_who_may_read_them(app: TestApp) {
        let (service, manager, build) = prepared(&app).await;
        let cached_responses = || app.context().responses.entries();
        // A draft may still change, so it is not cached.
        let preview = manager.get(&format!("{build}/preview?tier=partner")).await.expect(200);
        assert_eq!((preview.header("cache-control"), cached_responses()), ("no-store", 0));
        manager.act(&format!("{build}/publish")).await.expect(200);
        let partner = app.partner_of(service, "departement:63").await;
        let (of_partners, open) = (id_of(&partner, "partner").await, id_of(&partner, "open").await);
        let release = format!("/v1/statistics/releases/{of_partners}");
        partner.get(&format!("{release}/tables/children")).await.expect(200);
        // The document that it was rendered from is cached too.
        assert_eq!(cached_responses(), 2);
        for part in [&[""], &PARTS[..]].concat() {
            partner.get(&format!("{release}{part}")).await.expect(200);
            partner.get(&format!("{release}{part}")).await.expect(200);
        }
        assert_eq!(cached_responses(), PARTS.len() + 1);
        // A cached response is not returned to another caller.
        let cached_permissions = app.context().lookups.entries();
        let stranger = app.partner_of(app.service().await, "departement:63").await;
        for part in [&[""], &PARTS[..]].concat() {
            stranger.get(&format!("{release}{part}")).await.expect(404);
            let tagged = stranger.clone().with_header("if-none-match", "*");
            tagged.get(&format!("{release}{part}")).await.expect(404);
            app.anonymous().get(&format!("{release}{part}")).await.expect(401);
            app.anonymous().get(&format!("/v1/open-data/releases/{of_partners}{part}")).await.expect(404);
            // Open releases of other services are only under `/v1/open-data`.
            stranger.get(&format!("/v1/statistics/releases/{open}{part}")).await.expect(404);
        }
        // Refusals are not cached.
        partner.get(&format!("{release}/tables/nothing")).await.expect(404);
        partner.get(&format!("{release}/tables/children?select=who:me")).await.expect(400);
        assert_eq!(cached_responses(), PARTS.len() + 1);
        assert_eq!(app.context().lookups.entries(), cached_permissions);
    }

    async fn a_revoked_right_ends_the_pulls(app: TestApp) {
        let (service, manager, build) = prepared(&app).await;
        manager.act(&format!("{build}/publish")).await.expect(200);
        let partner = app.partner_of(service, "departement:63").await;
        let release = format!("/v1/statistics/releases/{}", id_of(&partner, "partner").await);
        for part in [&[""], &PARTS[..]].concat() {
            partner.get(&format!("{release}{part}")).await.expect(200);
        }
        let (client, other) = (partner.bare_id(), app.service().await);
        app.sql(move |conn| {
            let of_client = client_services::table.filter(client_services::client_id.eq(client));
            Ok(diesel::update(of_client).set(client_services::service_id.eq(other)).execute(conn)?)
        }).await;
        // The row is written as the program writes it.
        app.vouched("DELETE FROM client_services WHERE client_id = 'nobody'").await;
        // The cached client expires after five seconds, or at once by this call. Cached permissions depend on it.
        app.context().principals.forget(partner.id.unwrap());
        for part in [&[""], &PARTS[..]].concat() {
            partner.get(&format!("{release}{part}")).await.expect(404);
        }
        app.sql(move |conn| {
            let of_client = client_services::table.filter(client_services::client_id.eq(client));
            Ok(diesel::delete(of_client).execute(conn)?)
        }).await;
        app.context().principals.forget(partner.id.unwrap());
        partner.get(&format!("{release}/tables/children")).await.expect(401);
    }

    async fn a_second_pull_does_not_query_the_database_but_every_refusal_does(app: TestApp) {
        let (service, manager, build) = prepared(&app).await;
        manager.act(&format!("{build}/publish")).await.expect(200);
        let options = DbOptions { connections: 1, permit_timeout: Duration::from_millis(50), ..options() };
        let instance = app.second_instance_with(options).await;
        let partner = app.partner_of(service, "departement:63").await.at(&instance);
        let stranger = app.partner_of(app.service().await, "departement:63").await.at(&instance);
        let (of_partners, open) = (id_of(&partner, "partner").await, id_of(&partner, "open").await);
        let pulls = [
            (&partner, format!("/v1/statistics/releases/{of_partners}/tables/children")),
            (&instance.anonymous(), format!("/v1/open-data/releases/{open}/tables/children")),
        ];
        for (caller, pull) in &pulls {
            caller.get(pull).await.expect(200);
        }
        let nothing = format!("/v1/statistics/releases/{}/tables/children", passerelle::db::Id::at(app.context().now()));
        for hidden in [&pulls[0].1, &nothing] {
            stranger.get(hidden).await.expect(404);
        }
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (taken, has_taken) = tokio::sync::oneshot::channel();
        let db = instance.context().db.clone();
        let holder = actix_web::rt::spawn(async move {
            let hold = move |_: &mut passerelle::db::AnyConn| {
                let _ = taken.send(());
                let _ = released.recv();
                Ok::<_, passerelle::error::ApiError>(())
            };
            db.read(passerelle::db::SystemScope::Operator, hold).await
        });
        has_taken.await.unwrap();
        for (caller, pull) in &pulls {
            caller.get(pull).await.expect(200);
        }
        // A release that the caller may not read costs the same query as one that does not exist.
        for hidden in [&pulls[0].1, &nothing] {
            stranger.get(hidden).await.expect(503);
        }
        instance.anonymous().get(&pulls[0].1.replace("statistics", "open-data")).await.expect(503);
        release.send(()).unwrap();
        holder.await.unwrap().unwrap();
    }

    async fn compressed_and_plain_responses_are_the_same_document(app: TestApp) {
        let (service, manager, build) = prepared(&app).await;
        manager.act(&format!("{build}/publish")).await.expect(200);
        let partner = app.partner_of(service, "departement:63").await;
        let (of_partners, open) = (id_of(&partner, "partner").await, id_of(&partner, "open").await);
        for (caller, release) in [
            (&partner, format!("/v1/statistics/releases/{of_partners}")),
            (&app.anonymous(), format!("/v1/open-data/releases/{open}")),
        ] {
            for part in ["", "/signed", "/tables/children_territory", "/tables/children_territory?format=csv"] {
                let address = format!("{release}{part}");
                let plain = caller.get(&address).await.expect(200);
                assert_eq!(plain.header("content-encoding"), "");
                let tag = plain.header("etag").trim_end_matches('"').to_owned();
                for encoding in ["gzip", "br", "deflate"] {
                    let asks = caller.clone().with_header("accept-encoding", encoding);
                    for _ in 0..2 {
                        let compressed = asks.get(&address).await.expect(200);
                        assert_eq!((compressed.header("content-encoding"), &compressed.body), (encoding, &plain.body), "{address}");
                        assert_eq!(compressed.header("etag"), format!("{tag}+{encoding}\""));
                        for header in ["vary", "content-type", "content-disposition", "cache-control"] {
                            assert_eq!(compressed.header(header), plain.header(header), "{address}");
                        }
                        let known = asks.clone().with_header("if-none-match", compressed.header("etag"));
                        assert_eq!(known.get(&address).await.expect(304).header("etag"), compressed.header("etag"));
                        asks.call("HEAD", &address, None).await.expect(200);
                    }
                }
                let again = caller.get(&address).await.expect(200);
                assert_eq!(content(&again), content(&plain), "{address}");
            }
            // Workbooks are not compressed.
            let asks = caller.clone().with_header("accept-encoding", "br");
            let workbook = asks.get(&format!("{release}/tables/children?format=xlsx")).await.expect(200);
            assert_eq!(workbook.header("content-encoding"), "");
        }
    }
}
