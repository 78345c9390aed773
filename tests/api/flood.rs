//! A flood of sign-ins against the real program. Each sign-in costs a slow hash.

use std::io::Write;
use std::net::TcpStream;

use serde_json::json;

use crate::harness::process::{Server, head, program, read_response};
use crate::harness::{Database, PASSWORD};

/// More sign-ins than the queue for hashing holds.
const FLOOD: usize = 90;

fn is_answered(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let answered = stream.peek(&mut [0]).is_ok();
    stream.set_nonblocking(false).unwrap();
    answered
}

for_both_engines! {
    fn a_flood_of_sign_ins_does_not_delay_other_requests(engine: Engine) {
        let (data, database) = (tempfile::tempdir().unwrap(), Database::empty(engine));
        let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
        let settings = [("DATABASE_URL", &*database.address()), ("PASSERELLE_MASTER_KEY", key.trim())];
        let server = Server::start_with(&data, &settings);
        let body = json!({
            "token": server.invitation(), "email": "administration@example.org", "display_name": "A", "password": PASSWORD
        });
        server.post("/v1/invitations/accept", "", &body);
        let fields = [("grant_type", "password"), ("username", "administration@example.org"), ("password", PASSWORD)];
        let token = server.token(&fields);

        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let flood: Vec<TcpStream> = (0..FLOOD)
            .map(|one| {
                let body = format!("grant_type=password&username=nobody-{one}%40example.org&password=x");
                let mut stream = server.connect();
                let request = head(&server.address, "POST", "/oauth/token", &[form], body.len()) + &body;
                stream.write_all(request.as_bytes()).unwrap();
                stream
            })
            .collect();
        // Other requests get their response while most of the flood waits: only two hashes run concurrently.
        for _ in 0..10 {
            server.get("/v1/services", &token);
        }
        let (answered, waiting): (Vec<_>, Vec<_>) = flood.into_iter().partition(is_answered);
        assert!(!waiting.is_empty(), "ten reads waited for {FLOOD} sign-ins");
        // A sign-in gets a 503 if the queue is full, and a refusal otherwise.
        let all = answered.into_iter().chain(waiting);
        let statuses: Vec<u16> = all.map(|stream| read_response(stream).0).collect();
        assert!(statuses.iter().all(|status| [400, 503].contains(status)), "{statuses:?}");
        assert!(statuses.contains(&503), "the queue has no limit: {statuses:?}");
    }

    fn a_flood_from_one_network_does_not_refuse_the_sign_ins_of_others(engine: Engine) {
        let (data, database) = (tempfile::tempdir().unwrap(), Database::empty(engine));
        let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
        let settings = [
            ("DATABASE_URL", &*database.address()), ("PASSERELLE_MASTER_KEY", key.trim()),
            ("PASSERELLE_TRUSTED_PROXIES", "127.0.0.1"),
        ];
        let server = Server::start_with(&data, &settings);
        let sign_in = |address: &str, one: usize| {
            let form = [("Content-Type", "application/x-www-form-urlencoded"), ("X-Forwarded-For", address)];
            let body = format!("grant_type=password&username=nobody-{one}%40example.org&password=x");
            let mut stream = server.connect();
            let request = head(&server.address, "POST", "/oauth/token", &form, body.len()) + &body;
            stream.write_all(request.as_bytes()).unwrap();
            stream
        };
        let flood: Vec<TcpStream> = (0..FLOOD).map(|one| sign_in(&format!("2001:db8:1:2::{one}"), one)).collect();
        let others: Vec<TcpStream> = (1..9).map(|one| sign_in(&format!("198.51.100.{one}"), 1000 + one)).collect();
        let statuses: Vec<u16> = others.into_iter().map(|stream| read_response(stream).0).collect();
        assert_eq!(statuses, [400; 8], "a sign-in of another caller was refused");
        let statuses: Vec<u16> = flood.into_iter().map(|stream| read_response(stream).0).collect();
        assert!(statuses.contains(&503), "the queue has no limit: {statuses:?}");
    }
}
