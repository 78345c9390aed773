//! The address of a caller: that of the connection, or the one that a trusted proxy forwards.

use std::io::{Read, Write};

use crate::harness::Database;
use crate::harness::process::{Server, program};

/// Two trusted proxies in a chain.
const TRUSTED: (&str, &str) = ("PASSERELLE_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8");

fn status(server: &Server, forwarded: &str) -> u16 {
    server.call("GET", "/", &[("X-Forwarded-For", forwarded)], "").0
}

#[test]
fn a_forged_address_does_not_change_the_rate_limit() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_RATE_ADDRESS", "60:3")]);
    let forged: Vec<u16> = (1..=4).map(|last| status(&server, &format!("198.51.100.{last}"))).collect();
    assert_eq!(forged, [200, 200, 200, 429], "all requests come from one caller");
}

#[test]
fn callers_behind_a_trusted_proxy_have_separate_rate_limits() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_RATE_ADDRESS", "60:3"), TRUSTED]);
    let same: Vec<u16> = (0..4).map(|_| status(&server, "198.51.100.1")).collect();
    assert_eq!(same, [200, 200, 200, 429]);
    assert_eq!(status(&server, "198.51.100.2"), 200, "another caller behind the same proxy");
    // Addresses that the caller put before those of the proxies are ignored.
    assert_eq!(status(&server, "198.51.100.77, 198.51.100.1, 10.0.0.2"), 429);
    // The proxies do not write this header: it is not the caller's word that counts, but theirs.
    let forged = [("Forwarded", "for=198.51.100.77"), ("X-Forwarded-For", "198.51.100.1")];
    assert_eq!(server.call("GET", "/", &forged, "").0, 429);
    // The metrics are for this machine only. A request through its proxy is not local.
    let metrics = |forwarded: &str| server.call("GET", "/metrics", &[("X-Forwarded-For", forwarded)], "").0;
    assert_eq!((metrics("198.51.100.1"), metrics("127.0.0.1")), (404, 200));
}

/// What each proxy sends for a caller at 198.51.100.1 who forges both headers. The heads were recorded from the proxies,
/// with the addresses of this example: nginx 1.22 with `$remote_addr` and with `$proxy_add_x_forwarded_for`, `HAProxy` 2.6
/// with `option forwardfor`, Caddy 2.6, Traefik 3.7. All pass `Forwarded` on.
const HEADS: &[(&str, &str)] = &[
    (
        "nginx",
        "Host: a\r\nX-Forwarded-For: 198.51.100.1\r\nConnection: close\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nForwarded: for=127.0.0.1\r\n",
    ),
    (
        "nginx, appending",
        "X-Forwarded-For: 127.0.0.1, 198.51.100.1\r\nHost: 127.0.0.1:9100\r\nConnection: close\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nForwarded: for=127.0.0.1\r\n",
    ),
    (
        "HAProxy",
        "host: a\r\nuser-agent: curl/7.88.1\r\naccept: */*\r\nx-forwarded-for: 127.0.0.1\r\nforwarded: for=127.0.0.1\r\nx-forwarded-for: 198.51.100.1\r\n",
    ),
    (
        "Caddy",
        "Host: a\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nForwarded: for=127.0.0.1\r\nX-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Host: a\r\nX-Forwarded-Proto: http\r\nAccept-Encoding: gzip\r\n",
    ),
    (
        "Traefik",
        "Host: a\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nForwarded: for=127.0.0.1\r\nX-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Host: a\r\nX-Forwarded-Port: 9104\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Server: vm\r\nX-Real-Ip: 198.51.100.1\r\nAccept-Encoding: gzip\r\n",
    ),
];

#[test]
fn a_caller_does_not_forge_their_address_behind_any_proxy() {
    let status = |server: &Server, head: &str| {
        let mut stream = server.connect();
        // The last header closes the connection, as `read_to_end` needs.
        let request = format!("GET /metrics HTTP/1.1\r\n{head}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).unwrap();
        String::from_utf8_lossy(&response)[9..12].to_owned()
    };
    // `/metrics` tells whom the program takes the caller for.
    for (from, expected) in [("198.51.100.1", "200"), ("127.0.0.1", "404")] {
        let data = tempfile::tempdir().unwrap();
        let server = Server::start_with(&data, &[TRUSTED, ("PASSERELLE_METRICS_FROM", from)]);
        for (proxy, head) in HEADS {
            assert_eq!(status(&server, head), expected, "{proxy}, metrics from {from}");
            // The same caller over IPv6, and a proxy in front of the proxy.
            let chained = head.replace("198.51.100.1", "198.51.100.1, 10.0.0.7");
            assert_eq!(status(&server, &chained), expected, "{proxy}, metrics from {from}");
        }
    }
    // HAProxy 2.8 with `option forwarded`. A forged X-Forwarded-For is passed on.
    let forwarded = "host: a\r\nx-forwarded-for: 127.0.0.1\r\nforwarded: for=127.0.0.1\r\nforwarded: proto=http;for=198.51.100.1\r\n";
    let data = tempfile::tempdir().unwrap();
    let settings = [TRUSTED, ("PASSERELLE_METRICS_FROM", "198.51.100.1"), ("PASSERELLE_CALLER_HEADER", "Forwarded")];
    assert_eq!(status(&Server::start_with(&data, &settings), forwarded), "200");
    let data = tempfile::tempdir().unwrap();
    let settings = [TRUSTED, ("PASSERELLE_CALLER_HEADER", "Forwarded")];
    let server = Server::start_with(&data, &settings);
    assert_eq!(status(&server, forwarded), "404");
    // Without the header that is configured, the caller is not local, whatever another header says.
    assert_eq!(status(&server, "host: a\r\nx-forwarded-for: 127.0.0.1\r\n"), "404");
    assert_eq!(status(&server, "host: a\r\n"), "200");
}

for_both_engines! {
    fn the_journal_records_the_address_of_the_caller(engine: Engine) {
        for (proxies, expected) in [("", "127.0.0.1"), (TRUSTED.1, "198.51.100.1")] {
            let (data, database) = (tempfile::tempdir().unwrap(), Database::empty(engine));
            let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
            let (url, key) = (database.address(), key.trim().to_owned());
            let settings = [("DATABASE_URL", &*url), ("PASSERELLE_MASTER_KEY", &*key), (TRUSTED.0, proxies)];
            let server = Server::start_with(&data, &settings);
            let forged = ("Forwarded", "for=203.0.113.1");
            let headers = [("Authorization", "Bearer forged"), ("X-Forwarded-For", "198.51.100.1"), forged];
            assert_eq!(server.call("GET", "/v1/services", &headers, "").0, 401);
            let sql = "SELECT address AS text FROM audit_events WHERE code = 'unauthenticated'";
            assert_eq!(database.texts(sql), [expected], "trusted: {proxies:?}");
        }
    }
}
