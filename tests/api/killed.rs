//! A process that is killed (SIGKILL) loses nothing that it acknowledged, and creates nothing twice.

use std::io::{Read, Write};
use std::sync::mpsc::channel;

use serde_json::{Value, json};

use crate::harness::Database;
use crate::harness::process::{Server, head, program};
use crate::main_job::{Accounts, accounts};

/// A request on its own connection; `None` if the connection closed before the response was complete.
fn try_call(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<(u16, Value)> {
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    stream.write_all(head(address, method, path, headers, body.len()).as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut response = String::new();
    stream.read_to_string(&mut response).ok()?;
    let (head, body) = response.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, serde_json::from_str(body).ok()?))
}

for_both_engines! {
    fn a_kill_during_concurrent_creations_and_edits_loses_nothing(engine: Engine) {
        let (data, database) = (tempfile::tempdir().unwrap(), Database::empty(engine));
        let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
        let settings = [
            ("DATABASE_URL", database.address()), ("PASSERELLE_MASTER_KEY", key.trim().to_owned()),
            // The issuer of the tokens must be the same after the restart.
            ("PASSERELLE_PUBLIC_URL", "https://api.example".to_owned()),
        ];
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut server = Server::start_with(&data, &settings);
        let Accounts { service, coordinator, .. } = accounts(&mut server);
        let authorization = format!("Bearer {coordinator}");
        let body = json!({
            "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
            "child": {"identity": {"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"}},
            "needs": ["find_childcare"]
        }).to_string();
        let common = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
        let keyed = [common[0], common[1], ("Idempotency-Key", "twins")];

        // Identical concurrent requests. The process is killed at the first response.
        let (send, responses) = channel();

        let first = std::thread::scope(|threads| {
            for _ in 0..64 {
                let (send, address, keyed, body) = (send.clone(), &server.address, &keyed, &body);
                threads.spawn(move || send.send(try_call(address, "POST", "/v1/referrals", keyed, body)));
            }
            let first = responses.recv().unwrap();
            server.signal("-KILL");
            first
        });
        drop(send);
        let created = std::iter::once(first).chain(responses).flatten().filter(|(status, _)| *status == 201);
        let ids: Vec<Value> = created.map(|(_, response)| response["referral"]["id"].clone()).collect();
        let server = Server::start_with(&data, &settings);
        let (status, again) = server.call("POST", "/v1/referrals", &keyed, &body);
        assert_eq!(status, 201, "{again}");
        let id = &again["referral"]["id"];
        assert!(ids.iter().all(|acknowledged| acknowledged == id), "{ids:?} were acknowledged, and then {id}");
        assert_eq!(database.count("referrals"), 1);

        // Concurrent editors: each repeatedly adds its mark to the text that it read, until the process is killed.
        let path = format!("/v1/referrals/{}", id.as_str().unwrap());
        let (send, marks) = channel();
        let mut seen: Vec<(i32, i32)> = Vec::new();
        std::thread::scope(|threads| {
            for editor in 0..8 {
                let (send, address, path, common) = (send.clone(), &server.address, &path, &common);
                threads.spawn(move || {
                    for round in 0..1000 {
                        let Some((200, read)) = try_call(address, "GET", path, &common[1..], "") else { return };
                        let mark = format!("[{editor}.{round}]");
                        let text = read["description"].as_str().unwrap_or_default();
                        // Only the latest mark of each editor is kept: it proves that the earlier ones were read.
                        let kept: Vec<&str> =
                            text.split_inclusive(']').filter(|mark| !mark.starts_with(&format!("[{editor}."))).collect();
                        let changes = json!({"description": kept.concat() + &mark}).to_string();
                        let version = format!("\"{}\"", read["version"]);
                        let headers = [("Content-Type", "application/merge-patch+json"), common[1], ("If-Match", version.as_str())];
                        match try_call(address, "PATCH", path, &headers, &changes) {
                            Some((200, _)) => send.send((editor, round)).unwrap(),
                            Some(_) => {}
                            None => return,
                        }
                    }
                });
            }
            seen.extend(marks.iter().take(40));
            server.signal("-KILL");
        });
        drop(send);
        let server = Server::start_with(&data, &settings);
        let read = server.get(&path, &coordinator);
        let text = read["description"].as_str().unwrap();
        let mut acknowledged = std::collections::BTreeMap::new();
        for (editor, round) in seen.into_iter().chain(marks) {
            let last = acknowledged.entry(editor).or_insert(round);
            *last = round.max(*last);
        }
        assert!(!acknowledged.is_empty());
        for (editor, round) in acknowledged {
            let marks = text.split(['[', ']']).filter_map(|mark| mark.split_once('.'));
            let stored = marks.filter(|(who, _)| who.parse() == Ok(editor)).filter_map(|(_, round)| round.parse::<i32>().ok()).max();
            // The last change may be committed without its response being received, but none may be missing.
            assert!(stored.is_some_and(|stored| stored >= round), "editor {editor}: {round} acknowledged, {stored:?} stored");
        }
    }
}
