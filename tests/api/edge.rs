//! The edge: limits, rates, origins, headers and counters, on the application and on a real socket.

use std::io::{Read, Write};
use std::time::Duration;

use passerelle::app::Shared;
use passerelle::application;
use passerelle::auth::Permission;
use passerelle::http::edge::EdgeOptions;
use serde_json::{Value, json};

use crate::harness::contract::operations;
use crate::harness::process::Server;

/// Sends bytes as they are and reads until the connection ends: the head of the last answer and its body.
fn raw(server: &Server, parts: &[&[u8]]) -> (String, Value) {
    let mut stream = server.connect();
    for part in parts {
        // A server that has refused already may have closed.
        let _ = stream.write_all(part);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("not an answer: {answer:?}"));
    (head.to_ascii_lowercase(), serde_json::from_str(body).unwrap_or_default())
}

#[track_caller]
fn is_problem(answer: &(String, Value), status: u16, code: &str) {
    let (head, body) = answer;
    assert!(head.starts_with(&format!("http/1.1 {status} ")), "{head}");
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    assert!(head.contains("x-content-type-options: nosniff") && head.contains("cache-control: no-store"), "{head}");
    assert_eq!(body["code"], code, "{body}");
    let id = body["request_id"].as_str().unwrap();
    assert!(!id.is_empty() && head.contains(&format!("x-request-id: {id}")), "{head}");
}

#[test]
fn what_the_framework_answers_by_itself_is_a_problem_document_too() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_HEAD_SECONDS", "1"), ("PASSERELLE_BODY_SECONDS", "1")]);
    is_problem(&raw(&server, &[b"GET / HTTP/1.1\r\nHost: a\r\nX-Half"]), 408, "request_timeout");
    is_problem(&raw(&server, &[b"NONSENSE\r\n\r\n"]), 400, "malformed_request");
    is_problem(&raw(&server, &[b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n"]), 400, "malformed_request");
    let many = "X-A: b\r\n".repeat(200);
    is_problem(
        &raw(&server, &[format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n").as_bytes()]),
        431,
        "headers_too_large",
    );
    let large = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-A: {}\r\n\r\n", "b".repeat(100_000));
    is_problem(&raw(&server, &[large.as_bytes()]), 431, "headers_too_large");
    let long = format!("GET /?{} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "b".repeat(9_000));
    is_problem(&raw(&server, &[long.as_bytes()]), 414, "uri_too_long");
    let stalled = server.head("POST", "/oauth/token", &[("Content-Type", "application/x-www-form-urlencoded")], 50);
    is_problem(&raw(&server, &[stalled.as_bytes(), b"grant"]), 408, "request_timeout");
    // A body that comes byte by byte has no more time than one that does not come.
    let mut stream = server.connect();
    stream.write_all(stalled.as_bytes()).unwrap();
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(3) && stream.write_all(b"a").is_ok() {
        std::thread::sleep(Duration::from_millis(100));
        stream.set_nonblocking(true).unwrap();
        if stream.peek(&mut [0]).is_ok() {
            break;
        }
        stream.set_nonblocking(false).unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "a trickling body holds its connection");
    // HEAD says what GET would, without the body.
    let (head, body) = raw(&server, &[server.head("HEAD", "/health/live", &[], 0).as_bytes()]);
    assert!(head.starts_with("http/1.1 200") && head.contains("content-length: 15") && body.is_null(), "{head}");
}

#[test]
fn an_address_over_its_rate_waits_and_health_does_not() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_RATE_ADDRESS", "60:3")]);
    for _ in 0..3 {
        assert_eq!(server.call("GET", "/", &[], "").0, 200);
    }
    let answer = raw(&server, &[server.head("GET", "/", &[("Authorization", "Bearer x")], 0).as_bytes()]);
    is_problem(&answer, 429, "too_many_requests");
    assert_eq!(answer.1["limit"], "address");
    for said in ["retry-after: 1", "ratelimit: \"address\";r=0;t=3", "ratelimit-policy: \"address\";q=3;w=3"] {
        assert!(answer.0.contains(said), "{said}: {}", answer.0);
    }
    assert_eq!(server.call("GET", "/health/ready", &[], "").0, 200);
    let (head, _) = raw(&server, &[server.head("GET", "/metrics", &[], 0).as_bytes()]);
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    let (forwarded, _) = server.call("GET", "/metrics", &[("X-Forwarded-For", "127.0.0.1")], "");
    assert_eq!(forwarded, 404, "a proxy that nobody declared is not this machine");
}

on_both_databases! {
    async fn what_is_not_declared_cacheable_is_not_to_be_stored(app: TestApp) {
        for operation in operations() {
            let answer = app.anonymous().call(&operation.method, &operation.concrete_path(), None).await;
            let declared = &operation.said["responses"][answer.status.to_string()]["headers"]["Cache-Control"];
            if declared.is_null() {
                assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.asked);
                assert!(answer.header("vary").contains("Authorization"), "{}", answer.asked);
            }
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{}", answer.asked);
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{}", answer.asked);
            assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{}", answer.asked);
            if operation.method == "GET" {
                let head = app.anonymous().call("HEAD", &operation.concrete_path(), None).await;
                assert_eq!(head.status, answer.status, "HEAD {}", operation.path);
            }
        }
    }

    async fn options_says_the_methods_of_a_path(app: TestApp) {
        let answer = app.anonymous().call("OPTIONS", "/v1/services", None).await.expect(204);
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS, POST");
        app.anonymous().call("OPTIONS", "/v1/nothing", None).await.expect(404).problem("unknown_path");
    }

    async fn an_address_that_is_not_utf_8_is_refused(app: TestApp) {
        let caller = app.administrator().await;
        caller.get("/v1/services?cursor=%ff").await.expect(400).problem("invalid_parameters");
        caller.get("/v1/services/%C3").await.expect(400).problem("malformed_request");
    }

    async fn a_hundred_faults_are_told_and_the_others_counted(app: TestApp) {
        let caller = app.administrator().await;
        let fields: serde_json::Map<String, Value> = (0..150).map(|n| (format!("unknown_{n}"), json!(1))).collect();
        let answer = caller.post("/v1/services", fields.into()).await.expect(400).problem("invalid_body");
        assert_eq!((answer.faults().len(), answer["errors_omitted"].as_u64()), (100, Some(57)));
    }

    async fn a_person_reads_a_page_about_a_code(app: TestApp) {
        let page = app.anonymous().with_header("Accept", "text/html").get("/problems/not_found").await.expect(200);
        assert!(page.text().contains("<h1>Introuvable</h1>") && page.text().contains("Que faire"), "{}", page.text());
        let english = app.anonymous().with_header("Accept", "text/html").with_header("Accept-Language", "en");
        assert!(english.get("/problems/not_found").await.expect(200).text().contains("<h1>Not found</h1>"));
    }
}

#[test]
fn a_principal_has_a_rate_and_an_origin_is_let_in() {
    crate::harness::run(crate::harness::Engine::Sqlite, |app| async move {
        let service = app.service().await;
        let reader = app.client(service, &[Permission::ServicesRead]).await;
        let options = EdgeOptions {
            rate_principal: "60:2".parse().unwrap(),
            cors_origins: "https://app.example".parse().unwrap(),
            ..EdgeOptions::default()
        };
        let (url, clock) = (app.database.url(), app.clock.clone());
        let context = std::thread::spawn(move || {
            let db = passerelle::db::Db::open(&url, &crate::harness::options()).unwrap();
            let vault = passerelle::privacy::Vault::new(&crate::harness::MASTER_KEY).unwrap();
            passerelle::http::Context::new(db, vault, clock, crate::harness::PUBLIC_URL).unwrap()
        });
        let shared = Shared::behind(options, context.join().unwrap());
        let service = actix_web::test::init_service(application!(shared)).await;
        let call = |request: actix_web::test::TestRequest| {
            actix_web::test::call_service(
                &service,
                request.insert_header(("Origin", "https://app.example")).to_request(),
            )
        };
        for left in ["1", "0"] {
            let answer = call(reader.request("GET", "/v1/services")).await;
            assert_eq!(answer.status(), 200);
            let said = answer.headers().get("ratelimit").unwrap().to_str().unwrap();
            assert!(said.starts_with(&format!("\"principal\";r={left};")), "{said}");
            assert_eq!(answer.headers().get("access-control-allow-origin").unwrap(), "https://app.example");
            assert!(answer.headers().get("vary").unwrap().to_str().unwrap().contains("Origin"));
        }
        let refused = call(reader.request("GET", "/v1/services")).await;
        assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (429, true));
        assert!(refused.headers().contains_key("access-control-allow-origin"), "the page may read the refusal");
        let asks =
            app.anonymous().request("OPTIONS", "/v1/services").insert_header(("Access-Control-Request-Method", "POST"));
        let preflight = call(asks).await;
        assert_eq!(preflight.status(), 204);
        assert!(preflight.headers().contains_key("access-control-allow-methods"));
        let stranger =
            app.anonymous().request("GET", "/").insert_header(("Origin", "https://evil.example")).to_request();
        let answer = actix_web::test::call_service(&service, stranger).await;
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    });
}
