//! Every problem code is provoked by a real request: a code that no request can provoke should not exist.

use std::collections::BTreeMap;
use std::time::Duration;

use passerelle::auth::{Permission, Role};
use passerelle::db::DbOptions;
use passerelle::error::Code;
use serde_json::{Value, json};

use crate::harness::lending_service::LendingService;
use crate::harness::{Caller, PASSWORD, Response, TestApp};
use crate::second_factor::WITH_SECOND_FACTOR;

/// The codes that other tests provoke, because they need a real server or a broken one.
const ELSEWHERE: &[(&str, &str)] = &[
    ("request_timeout", "edge.rs: a body that stalls"),
    ("malformed_request", "edge.rs: bytes that are not HTTP"),
    ("too_many_requests", "edge.rs: needs an instance with rate limits"),
    ("too_many_exports", "edge/exports.rs of the platform: needs exports that last"),
    ("storage_full", "full_disk.rs: the disk must be full"),
    ("outcome_unknown", "outcome.rs: the connection is lost during a commit"),
    ("internal", "harness/contract.rs: any 500 fails its test"),
];

fn a_referral(service: &str) -> Value {
    json!({
        "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
        "child": {"identity": {"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"}},
        "needs": ["find_childcare"], "external_id": "one"
    })
}

async fn with_body(caller: &Caller, body: &str) -> Response {
    caller.post_bytes("/v1/services", "application/json", body.to_owned()).await
}

/// One request per code.
async fn provoke(app: &TestApp) -> Vec<Response> {
    let service = app.service().await;
    let manager = app.user(service, Role::Manager).await;
    let administrator = app.administrator().await;
    let anonymous = app.anonymous();
    let made = manager.post("/v1/referrals", a_referral(&service.to_string())).await.expect(201);
    let referral = made.header("location").to_owned();
    let keyed = manager.clone().with_header("Idempotency-Key", "a-key");
    let household = |commune: &str| json!({"service_id": service, "commune_code": commune});
    keyed.post("/v1/households", household("63300")).await.expect(201);
    let mut responses = vec![
        with_body(&administrator, "{").await,
        with_body(&administrator, "{}").await,
        with_body(&administrator, &format!("\"{}\"", "x".repeat(1 << 20))).await,
        manager.get("/v1/services?colour=blue").await,
        manager.get("/v1/services?cursor=a.b").await,
        manager.clone().with_header("Accept", "text/html").get("/v1/services").await,
        anonymous
            .post_form("/oauth/token", &[("grant_type", "password"), ("username", "a@b.fr"), ("password", "x")])
            .await,
        anonymous.post_form("/oauth/token", &[("grant_type", "implicit")]).await,
        anonymous
            .post_form(
                "/oauth/token",
                &[("grant_type", "client_credentials"), ("client_id", "x"), ("client_secret", "x")],
            )
            .await,
        anonymous.get("/v1/me").await,
        app.client(service, &[Permission::CasesRead]).await.get("/v1/referrals").await,
        manager.clone().at(&app.instance_under(WITH_SECOND_FACTOR).await).get("/v1/users").await,
        manager.get(&format!("/v1/referrals/{}", uuid::Uuid::now_v7())).await,
        manager.get("/v1/nothing").await,
        manager.delete("/v1/me").await,
        manager.post("/v1/referrals", a_referral(&service.to_string())).await,
        manager.post(&format!("{referral}/reopen"), json!({})).await,
        manager.clone().with_header("If-Match", "\"9\"").post(&format!("{referral}/accept"), json!({})).await,
        manager.clone().with_header("If-Match", "").post(&format!("{referral}/accept"), json!({})).await,
        keyed.post("/v1/households", household("63032")).await,
        manager.post_bytes("/v1/referrals", "text/plain", "x").await,
        manager.post("/v1/referrals", a_referral(&uuid::Uuid::now_v7().to_string())).await,
        manager.get(&format!("/v1/services?cursor={}", "x".repeat(9_000))).await,
        manager.clone().with_header("X-Padding", &"x".repeat(17_000)).get("/v1/services").await,
    ];
    let shelf = LendingService::new(app, 0).await;
    responses.push(shelf.ask(shelf.request("2026-03-02")).await);
    responses.push(after_a_restore(app, &manager).await);
    responses.push(second_factor(app, &manager).await);
    responses.push(guessing(app).await);
    responses.push(saturated(app, &manager).await);
    responses.push(concurrent_request(app, &manager, &household("63300")).await);
    responses
}

/// The feed after a cursor that is past the point to which the database was restored.
async fn after_a_restore(app: &TestApp, manager: &Caller) -> Response {
    let feed = manager.get("/v1/changes").await.expect(200);
    let now = app.context().now();
    app.sql(move |conn| {
        let id = passerelle::db::Id::next(now);
        let key = passerelle::privacy::MacKey::new(&crate::harness::MASTER_KEY, "a test");
        passerelle::restores::record(conn, &key, (id, now), 0, Vec::new())
    })
    .await;
    manager.get(&format!("/v1/changes?cursor={}", feed["page"]["next_cursor"].as_str().unwrap())).await
}

/// A sign-in without a code, by a user who has an authenticator.
async fn second_factor(app: &TestApp, manager: &Caller) -> Response {
    let authenticator = app.second_factor_of(manager.bare_id()).await;
    let proof = json!({"otp": authenticator.code(app.now())});
    manager.post("/v1/me/second-factor/confirm", proof).await.expect(200);
    let fields = [("grant_type", "password"), ("username", manager.email.as_str()), ("password", PASSWORD)];
    app.anonymous().post_form("/oauth/token", &fields).await
}

/// The first sign-in attempt above the limit.
async fn guessing(app: &TestApp) -> Response {
    let fields = [("grant_type", "password"), ("username", "guessed@example.org"), ("password", "x")];
    for _ in 0..10 {
        app.anonymous().post_form("/oauth/token", &fields).await.expect(400);
    }
    app.anonymous().post_form("/oauth/token", &fields).await
}

/// A request to an instance whose only database connection is taken.
async fn saturated(app: &TestApp, manager: &Caller) -> Response {
    let options = DbOptions { connections: 1, permit_timeout: Duration::from_millis(50), ..crate::harness::options() };
    let instance = app.second_instance_with(options).await;
    let (release, until_then) = std::sync::mpsc::channel::<()>();
    let (taken, wait) = tokio::sync::oneshot::channel();
    let db = instance.context().db.clone();
    let holder = actix_web::rt::spawn(async move {
        let hold = move |_: &mut passerelle::db::AnyConn| {
            let _ = taken.send(());
            let _ = until_then.recv();
            Ok::<_, passerelle::error::ApiError>(())
        };
        db.read(passerelle::db::SystemScope::Operator, hold).await
    });
    wait.await.unwrap();
    let response = manager.clone().at(&instance).get("/v1/services").await;
    release.send(()).unwrap();
    holder.await.unwrap().unwrap();
    response
}

/// A request while another one with the same idempotency key is running. SQLite has one writer, so there the other
/// request has always ended.
async fn concurrent_request(app: &TestApp, manager: &Caller, body: &Value) -> Response {
    let keyed = manager.clone().with_header("Idempotency-Key", "twins");
    let calls = (0..16).map(|_| {
        let (keyed, body) = (keyed.clone(), body.clone());
        async move { keyed.post("/v1/households", body).await }
    });
    let responses = futures_util::future::join_all(calls).await;
    let refused = responses.iter().find(|response| response.status == 409).cloned();
    match app.database.as_ref() {
        crate::harness::Database::Postgres { .. } => refused.expect("one of sixteen concurrent requests is refused"),
        crate::harness::Database::Sqlite { .. } => responses[0].clone(),
    }
}

on_both_databases! {
    async fn every_problem_code_is_provoked(app: TestApp) {
        let mut met: BTreeMap<String, u16> = BTreeMap::new();
        for response in provoke(&app).await.into_iter().filter(|response| response.status >= 400) {
            let code = response["code"].as_str().unwrap().to_owned();
            assert_eq!(response.header("content-type"), "application/problem+json", "{}", response.asked);
            met.insert(code, response.status);
        }
        let only_on_postgres = matches!(app.database.as_ref(), crate::harness::Database::Sqlite { .. });
        for code in Code::ALL {
            let elsewhere = ELSEWHERE.iter().any(|(name, _)| *name == code.as_str());
            let not_here = only_on_postgres && code.as_str() == "request_in_progress";
            match met.get(code.as_str()) {
                Some(status) => assert_eq!(*status, code.status().as_u16(), "{}", code.as_str()),
                None => assert!(elsewhere || not_here, "{} is never provoked: add a request to tests/api/codes.rs", code.as_str()),
            }
            // The page of the code, as JSON and as HTML.
            let page = app.anonymous().get(&format!("/problems/{}", code.as_str())).await.expect(200);
            assert_eq!(page["code"], code.as_str());
            let html = app.anonymous().with_header("Accept", "text/html").get(&format!("/problems/{}", code.as_str())).await;
            let html = html.expect(200).text().replace("&#39;", "'");
            assert!(html.contains(code.title().0), "{}", code.as_str());
        }
    }
}
