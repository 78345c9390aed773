//! Exports and slow readers: what they take is bounded, and other callers do not notice them.

use std::io::{Cursor, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use calamine::{Data, Reader, Xlsx};
use flate2::read::GzDecoder;
use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::harness::process::Server;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A large export that needs no token: 10,000 territories.
const LARGE: &str = "/v1/territories";

/// The value of a metric.
fn metric(server: &Server, name: &str) -> u32 {
    let mut stream = server.connect();
    stream.write_all(server.head("GET", "/metrics", &[], 0).as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name}: {text}"));
    line.trim().parse().unwrap()
}

/// A request on a connection that is kept open.
fn kept_open(server: &Server, path: &str, accept: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: {accept}\r\n\r\n", server.address)
}

fn head_of(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().to_ascii_lowercase()
}

fn length_of(head: &str) -> usize {
    head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap()
}

#[test]
fn exports_that_are_turned_off_say_so_and_json_is_served() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_EXPORTS", "0")]);
    for format in ["text/csv", XLSX] {
        let mut stream = server.connect();
        stream.write_all(server.head("GET", LARGE, &[("Accept", format)], 0).as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 406 ") && !head.to_ascii_lowercase().contains("retry-after"), "{head}");
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!((&body["code"], &body["media_types"]), (&json!("not_acceptable"), &json!(["application/json"])));
        assert!(body["detail"].as_str().unwrap().contains("désactivés"), "{body}");
    }
    assert_eq!(server.call("GET", LARGE, &[], "").0, 200);
    assert_eq!(metric(&server, "passerelle_http_requests_limited_total{limit=\"exports\"}"), 0);
}

#[test]
fn a_reader_that_takes_nothing_is_cut_and_one_that_reads_is_not() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_STALL_SECONDS", "1"), ("PASSERELLE_EXPORTS", "1")]);
    // Only one export is written at once, but any number is read.
    let readers: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut reader = server.connect();
            reader.write_all(kept_open(&server, LARGE, "text/csv").as_bytes()).unwrap();
            let head = head_of(&mut reader);
            assert!(head.starts_with("http/1.1 200 "), "{head}");
            reader
        })
        .collect();
    let cut = "passerelle_http_connections_cut_total{reason=\"slow_reader\"}";
    let since = Instant::now();
    while metric(&server, cut) < 4 {
        assert!(since.elapsed() < Duration::from_secs(20), "{} were cut", metric(&server, cut));
        assert_eq!(server.call("GET", "/health/ready", &[], "").0, 200);
        std::thread::sleep(Duration::from_millis(50));
    }
    for mut reader in readers {
        let mut rest = Vec::new();
        let outcome = reader.read_to_end(&mut rest);
        assert!(outcome.is_err() || !rest.ends_with(b"\r\n"), "the response was whole");
    }
    // A client that pauses for less than the limit, and in all for longer, gets everything.
    let mut reader = server.connect();
    reader.write_all(kept_open(&server, LARGE, "text/csv").as_bytes()).unwrap();
    let head = head_of(&mut reader);
    let mut body = vec![0; length_of(&head)];
    for piece in body.chunks_mut(length_of(&head).div_ceil(5)) {
        std::thread::sleep(Duration::from_millis(500));
        reader.read_exact(piece).unwrap();
    }
    assert!(body.ends_with(b"\r\n") && metric(&server, cut) == 4);
}

#[test]
fn the_head_of_every_request_has_a_time_limit() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_with(&data, &[("PASSERELLE_HEAD_SECONDS", "1")]);
    let live = kept_open(&server, "/health/live", "*/*");
    let answer = |stream: &mut TcpStream| {
        let head = head_of(stream);
        assert!(head.starts_with("http/1.1 "), "{head}");
        let mut body = vec![0; length_of(&head)];
        stream.read_exact(&mut body).unwrap();
        head
    };
    // A second head that arrives byte by byte does not hold its connection.
    let mut slow = server.connect();
    slow.write_all(live.as_bytes()).unwrap();
    answer(&mut slow);
    let since = Instant::now();
    slow.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    for byte in live.bytes().cycle() {
        if slow.write_all(&[byte]).is_err() || matches!(slow.read(&mut [0]), Ok(0)) || since.elapsed().as_secs() > 10 {
            break;
        }
    }
    assert!((1..5).contains(&since.elapsed().as_secs()), "{:?}", since.elapsed());
    assert_eq!(metric(&server, "passerelle_http_connections_cut_total{reason=\"slow_head\"}"), 1);

    // An idle connection, and a body after an interim response, have more time.
    let mut kept = server.connect();
    kept.write_all(live.as_bytes()).unwrap();
    answer(&mut kept);
    std::thread::sleep(Duration::from_millis(1500));
    let form = "grant_type=implicit";
    let post = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    kept.write_all(post.as_bytes()).unwrap();
    assert_eq!(head_of(&mut kept), "http/1.1 100 continue\r\n\r\n");
    for part in [&form[..4], &form[4..]] {
        kept.write_all(part.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(800));
    }
    assert!(answer(&mut kept).starts_with("http/1.1 400 "));
    kept.write_all(live.as_bytes()).unwrap();
    assert!(answer(&mut kept).starts_with("http/1.1 200 "));
    assert_eq!(metric(&server, "passerelle_http_connections_cut_total{reason=\"slow_head\"}"), 1);
}

#[test]
fn a_spreadsheet_can_be_compressed_again() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(&data);
    let body = |encoding: &str| {
        let mut stream = server.connect();
        let headers = [("Accept", "text/csv"), ("Accept-Encoding", encoding)];
        stream.write_all(server.head("GET", LARGE, &headers, 0).as_bytes()).unwrap();
        let head = head_of(&mut stream);
        let mut body = Vec::new();
        stream.read_to_end(&mut body).unwrap();
        (head, body)
    };
    let (head, plain) = body("identity");
    assert_eq!((plain.len(), plain.ends_with(b"\r\n")), (length_of(&head), true));
    let (head, chunks) = body("gzip");
    assert!(head.contains("content-encoding: gzip") && head.contains("transfer-encoding: chunked"), "{head}");
    let mut compressed = Vec::new();
    let mut rest = &chunks[..];
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        compressed.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    let mut again = Vec::new();
    GzDecoder::new(&compressed[..]).read_to_end(&mut again).unwrap();
    assert!(again == plain);
}

on_both_databases! {
    async fn a_spreadsheet_read_in_steps_has_every_row_once_and_one_event(app: TestApp) {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        let manager = app.user(service, Role::Manager).await;
        // More than a step of 500 rows; many share their day.
        for batch in 0..6 {
            let items: Vec<Value> = (0..100)
                .map(|one| json!({
                    "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
                    "received_on": format!("2026-02-{:02}", 1 + one % 3), "needs": ["find_childcare"],
                    "child": {"identity": {"given_name": format!("Enfant{batch}x{one}"), "family_name": format!("Exemple{one}y{batch}"), "birth_date": "2023-04-05"}}
                }))
                .collect();
            let made = coordinator.post("/v1/referrals/bulk", json!({"items": items})).await.expect(200);
            assert_eq!(made["created"], 100, "{}", made.text());
        }
        let mut ids = Vec::new();
        let mut next = "/v1/referrals?limit=500".to_owned();
        loop {
            let page = coordinator.get(&next).await.expect(200);
            ids.extend(page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            next = format!("/v1/referrals?limit=500&cursor={cursor}");
        }
        assert_eq!(ids.len(), 600);

        let text = coordinator.clone().with_header("Accept", "text/csv").get("/v1/referrals").await.expect(200);
        let book = coordinator.clone().with_header("Accept", XLSX).get("/v1/referrals").await.expect(200);
        assert_eq!((text.header("link"), book.header("link")), ("", ""));
        let lines: Vec<csv::StringRecord> = csv::Reader::from_reader(&text.body[3..]).records().map(Result::unwrap).collect();
        assert!(lines.iter().map(|line| &line[0]).eq(ids.iter()), "{} lines", lines.len());
        let mut book = Xlsx::new(Cursor::new(book.body.to_vec())).unwrap();
        let cells = book.worksheet_range_at(0).unwrap().unwrap();
        assert!(cells.rows().skip(1).map(|row| row[0].to_string()).eq(ids.iter().cloned()), "{:?}", cells.get_size());
        assert_ne!(cells.get((1, 0)), Some(&Data::Empty));

        let events = manager.get("/v1/audit-events?limit=500").await.expect(200);
        let opened: Vec<usize> = events.rows().iter()
            .filter(|row| row["operation"] == "GET /v1/referrals" && row["principal"] == coordinator.id.unwrap().to_string())
            .map(|row| row["opened"].as_array().unwrap().len())
            .collect();
        // The spreadsheets are the latest, then the two pages.
        assert_eq!(opened, [600, 600, 100, 500]);
    }

    async fn a_spreadsheet_of_the_map_leads_to_the_rest(app: TestApp) {
        let anybody = app.anonymous().with_header("Accept", "text/csv");
        let first = anybody.get("/v1/territories").await.expect(200);
        let ids = |text: &[u8]| -> Vec<String> {
            csv::Reader::from_reader(&text[3..]).records().map(|line| line.unwrap().iter().take(3).collect::<Vec<_>>().join("|")).collect()
        };
        let before = ids(&first.body);
        assert_eq!(before.len(), 10_000);
        let next = first.header("link").trim_start_matches('<').split('>').next().unwrap().to_owned();
        let after = ids(&anybody.get(&next).await.expect(200).body);
        assert!(after.len() == 10_000 && !after.iter().any(|id| before.contains(id)));
    }
}
