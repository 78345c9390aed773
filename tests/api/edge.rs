//! The network edge: limits, rate limits, CORS origins, headers and counters, in the application and on a real socket.

use std::io::{Read, Write};
use std::time::Duration;

use passerelle::app::Shared;
use passerelle::application;
use passerelle::auth::Permission;
use passerelle::http::edge::EdgeOptions;
use serde_json::{Value, json};

use crate::harness::contract::operations;
use crate::harness::process::Server;

/// Sends raw bytes and reads until the connection closes. Returns the head and the body of the last response.
fn raw(server: &Server, parts: &[&[u8]]) -> (String, Value) {
    let mut stream = server.connect();
    for part in parts {
        // The server may have refused and closed the connection already.
        let _ = stream.write_all(part);
    }
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response);
    let response = String::from_utf8_lossy(&response).into_owned();
    let last = &response[response.rfind("HTTP/1.1 ").unwrap_or_else(|| panic!("not a response: {response:?}"))..];
    let (head, body) = last.split_once("\r\n\r\n").unwrap_or_else(|| panic!("not a response: {last:?}"));
    (head.to_ascii_lowercase(), serde_json::from_str(body).unwrap_or_default())
}

#[track_caller]
fn is_problem(response: &(String, Value), status: u16, code: &str) {
    let (head, body) = response;
    assert!(head.starts_with(&format!("http/1.1 {status} ")), "{head}");
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    assert!(head.contains("x-content-type-options: nosniff") && head.contains("cache-control: no-store"), "{head}");
    assert_eq!(body["code"], code, "{body}");
    let id = body["request_id"].as_str().unwrap();
    assert!(!id.is_empty() && head.contains(&format!("x-request-id: {id}")), "{head}");
}

#[test]
fn responses_of_the_framework_itself_are_problem_documents_too() {
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
    // It does not come back: the path is no part of the response.
    let (_, refused) = raw(&server, &[long.replace("/?", "/").as_bytes()]);
    assert_eq!((&refused["code"], &refused["instance"]), (&"uri_too_long".into(), &"".into()));
    let stalled = server.head("POST", "/oauth/token", &[("Content-Type", "application/x-www-form-urlencoded")], 50);
    is_problem(&raw(&server, &[stalled.as_bytes(), b"grant"]), 408, "request_timeout");
    // A body that arrives byte by byte gets no more time than one that does not arrive.
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
    // HEAD returns the headers of GET, without the body.
    let (head, body) = raw(&server, &[server.head("HEAD", "/health/live", &[], 0).as_bytes()]);
    assert!(head.starts_with("http/1.1 200") && head.contains("content-length: 15") && body.is_null(), "{head}");
}

#[test]
fn a_message_without_one_clear_length_is_not_served() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data);
    let head = "POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    for lengths in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 3\r\nContent-Length: 5\r\n",
        "Content-Length: +3\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
    ] {
        let request = format!("{head}{lengths}\r\n3\r\na=b\r\n0\r\n\r\n");
        is_problem(&raw(&server, &[request.as_bytes()]), 400, "malformed_request");
    }
}

#[test]
fn an_address_over_its_rate_gets_429_but_health_checks_do_not() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_RATE_ADDRESS", "60:3")]);
    for _ in 0..3 {
        assert_eq!(server.call("GET", "/", &[], "").0, 200);
    }
    let response = raw(&server, &[server.head("GET", "/", &[("Authorization", "Bearer x")], 0).as_bytes()]);
    is_problem(&response, 429, "too_many_requests");
    assert_eq!(response.1["limit"], "address");
    for said in ["retry-after: 1", "ratelimit: \"address\";r=0;t=3", "ratelimit-policy: \"address\";q=3;w=3"] {
        assert!(response.0.contains(said), "{said}: {}", response.0);
    }
    assert_eq!(server.call("GET", "/health/ready", &[], "").0, 200);
    // 600 a minute by default.
    let policy = raw(&server, &[server.head("GET", "/health/live", &[], 0).as_bytes()]).0;
    assert!(policy.contains("ratelimit: \"health\";r=59") && policy.contains("\"health\";q=600;w=60"), "{policy}");
    let (head, _) = raw(&server, &[server.head("GET", "/metrics", &[], 0).as_bytes()]);
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    let (forwarded, _) = server.call("GET", "/metrics", &[("X-Forwarded-For", "127.0.0.1")], "");
    assert_eq!(forwarded, 404, "a request through an untrusted proxy is not local");
}

#[test]
fn health_checks_are_not_a_way_to_flood_the_database() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_RATE_HEALTH", "60:3")]);
    for path in ["/health/ready", "/health/live", "/metrics"] {
        assert_eq!(server.call("GET", path, &[], "").0, 200, "{path}");
    }
    let response = raw(&server, &[server.head("GET", "/health/ready", &[], 0).as_bytes()]);
    is_problem(&response, 429, "too_many_requests");
    assert_eq!(response.1["limit"], "health");
    assert_eq!(server.call("GET", "/", &[], "").0, 200, "other requests have their own limit");
}

#[test]
fn a_head_with_bare_lfs_is_not_served() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data);
    let good = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
    for bad in [
        "GET /health/live HTTP/1.1\nHost: a\n\n",
        "GET /health/live HTTP/1.1\r\nHost: a\nX-Other: b\r\n\r\n",
        "GET /health/live HTTP/1.1\r\nHost: a\r\n\n",
        "\nGET /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        is_problem(&raw(&server, &[bad.as_bytes()]), 400, "malformed_request");
        // A request that follows another, in the same packet or after its response.
        is_problem(&raw(&server, &[good.as_bytes(), bad.as_bytes()]), 400, "malformed_request");
        is_problem(&raw(&server, &[format!("{good}{bad}").as_bytes()]), 400, "malformed_request");
        let chunked = "POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                       Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n";
        is_problem(&raw(&server, &[format!("{chunked}{bad}").as_bytes()]), 400, "malformed_request");
    }
    // A body may have them.
    let (status, problem) =
        server.call("POST", "/v1/invitations/accept", &[("Content-Type", "application/json")], "{\n\n}");
    assert_eq!((status, &problem["code"]), (400, &json!("invalid_body")), "{problem}");
}

on_both_databases! {
    async fn responses_not_declared_cacheable_have_no_store(app: TestApp) {
        for operation in operations() {
            let response = app.anonymous().call(&operation.method, &operation.concrete_path(), None).await;
            let declared = &operation.said["responses"][response.status.to_string()]["headers"]["Cache-Control"];
            if declared.is_null() {
                assert_eq!(response.header("cache-control"), "no-store", "{}", response.asked);
                assert!(response.header("vary").contains("Authorization"), "{}", response.asked);
            }
            assert_eq!(response.header("x-content-type-options"), "nosniff", "{}", response.asked);
            let policy = response.header("content-security-policy");
            for directive in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
                assert!(policy.contains(directive), "{}: {policy}", response.asked);
            }
            assert_eq!(response.header("referrer-policy"), "no-referrer", "{}", response.asked);
            assert_eq!(response.header("strict-transport-security"), "max-age=31536000; includeSubDomains", "{}", response.asked);
            if operation.method == "GET" {
                let head = app.anonymous().call("HEAD", &operation.concrete_path(), None).await;
                assert_eq!(head.status, response.status, "HEAD {}", operation.path);
            }
        }
    }

    async fn no_file_of_the_documentation_lacks_its_charset(app: TestApp) {
        for (file, kind) in [("", "html"), ("start.js", "javascript"), ("licence.txt", "plain")] {
            let said = app.anonymous().get(&format!("/docs/{file}")).await.expect(200).header("content-type").to_owned();
            assert_eq!(said, format!("text/{kind}; charset=utf-8"));
        }
    }

    async fn options_returns_the_methods_of_a_path(app: TestApp) {
        let response = app.anonymous().call("OPTIONS", "/v1/services", None).await.expect(204);
        assert_eq!(response.header("allow"), "GET, HEAD, OPTIONS, POST");
        app.anonymous().call("OPTIONS", "/v1/nothing", None).await.expect(404).problem("unknown_path");
    }

    async fn a_path_that_is_not_utf_8_is_refused(app: TestApp) {
        let caller = app.administrator().await;
        caller.get("/v1/services?cursor=%ff").await.expect(400).problem("invalid_parameters");
        caller.get("/v1/services/%C3").await.expect(400).problem("malformed_request");
    }

    async fn a_problem_lists_a_hundred_faults_and_counts_the_others(app: TestApp) {
        let caller = app.administrator().await;
        let fields: serde_json::Map<String, Value> = (0..150).map(|n| (format!("unknown_{n}"), json!(1))).collect();
        let response = caller.post("/v1/services", fields.into()).await.expect(400).problem("invalid_body");
        assert_eq!((response.faults().len(), response["errors_omitted"].as_u64()), (100, Some(57)));
    }

    async fn a_problem_code_has_an_html_page(app: TestApp) {
        let page = app.anonymous().with_header("Accept", "text/html").get("/problems/not_found").await.expect(200);
        assert!(page.text().contains("<h1>Introuvable</h1>") && page.text().contains("Que faire"), "{}", page.text());
        let english = app.anonymous().with_header("Accept", "text/html").with_header("Accept-Language", "en");
        assert!(english.get("/problems/not_found").await.expect(200).text().contains("<h1>Not found</h1>"));
    }
}

#[test]
fn a_principal_has_a_rate_limit_and_an_allowed_origin_gets_cors_headers() {
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
            let response = call(reader.request("GET", "/v1/services")).await;
            assert_eq!(response.status(), 200);
            let said = response.headers().get("ratelimit").unwrap().to_str().unwrap();
            assert!(said.starts_with(&format!("\"principal\";r={left};")), "{said}");
            assert_eq!(response.headers().get("access-control-allow-origin").unwrap(), "https://app.example");
            assert!(response.headers().get("vary").unwrap().to_str().unwrap().contains("Origin"));
        }
        let refused = call(reader.request("GET", "/v1/services")).await;
        assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (429, true));
        assert!(refused.headers().contains_key("access-control-allow-origin"), "the page can read the refusal");
        let asks =
            app.anonymous().request("OPTIONS", "/v1/services").insert_header(("Access-Control-Request-Method", "POST"));
        let preflight = call(asks).await;
        assert_eq!(preflight.status(), 204);
        assert!(preflight.headers().contains_key("access-control-allow-methods"));
        for secret in
            ["/", "/v1/nomenclatures", "/v1/invitations/accept", "/calendars/abc", "/agendas/abc", "/oauth/token"]
        {
            for method in ["GET", "OPTIONS", "POST"] {
                let stranger = app.anonymous().request(method, secret);
                let stranger = stranger.insert_header(("Origin", "https://evil.example"));
                let stranger = stranger.insert_header(("Access-Control-Request-Method", "GET")).to_request();
                let response = actix_web::test::call_service(&service, stranger).await;
                assert!(!response.headers().contains_key("access-control-allow-origin"), "{method} {secret}");
            }
        }
    });
}

/// Open data is open: any page may read it, whatever the settings. Nothing else is.
#[test]
fn every_origin_may_read_open_data() {
    crate::harness::run(crate::harness::Engine::Sqlite, |app| async move {
        let stranger = app.anonymous().with_header("origin", "https://press.example");
        let open = [
            ("/v1/open-data/releases", 200),
            ("/v1/open-data/releases/nothing", 404),
            ("/openapi.json", 200),
            ("/v1/statistics/keys", 200),
            ("/.well-known/jwks.json", 200),
            ("/problems/not_found", 200),
        ];
        for (path, status) in open {
            let response = stranger.get(path).await.expect(status);
            assert_eq!(response.header("access-control-allow-origin"), "*", "{path}");
            assert_eq!(response.header("cross-origin-resource-policy"), "cross-origin", "{path}");
            assert!(!response.header("vary").contains("Origin"), "{path}");
        }
        let asks = stranger.clone().with_header("access-control-request-method", "GET");
        let preflight = asks.call("OPTIONS", "/v1/open-data/releases", None).await;
        assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (204, "GET, HEAD"));
        assert!(!preflight.header("access-control-allow-headers").contains("Authorization"));
        for closed in ["/v1/nomenclatures", "/v1/services", "/v1/statistics-releases", "/health/live"] {
            let response = stranger.get(closed).await;
            assert!(response.headers.get("access-control-allow-origin").is_none(), "{closed}");
        }
    });
}
