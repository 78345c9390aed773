//! How the program stops: not ready first, then a grace period, then the running requests; at once at a second signal. A
//! build of statistics is handed back.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use passerelle::statistics::releases::worker::Worker;
use serde_json::json;

use crate::harness::process::{PATIENCE, Server, program, read_response};
use crate::harness::{Database, Engine, TestApp, run};
use crate::statistics_releases::service;

/// The head of a creation whose body has not arrived: a request that is running when the program stops.
fn begin(server: &Server) -> std::net::TcpStream {
    let headers = [("Content-Type", "application/json"), ("Expect", "100-continue")];
    let mut stream = server.connect();
    stream.write_all(server.head("POST", "/v1/invitations/accept", &headers, 2).as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[test]
fn a_stop_is_announced_before_connections_are_refused() {
    for signal in ["-TERM", "-INT"] {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start_with(&data, &[("PASSERELLE_GRACE_SECONDS", "3")]);
        assert_eq!(server.call("GET", "/health/ready", &[], "").0, 200);
        let mut running = begin(&server);
        let stopped = Instant::now();
        server.signal(signal);
        server.wait_for("not ready any more");
        let (status, problem) = server.call("GET", "/health/ready", &[], "");
        assert_eq!((status, &problem["code"]), (503, &"unavailable".into()), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("arrêter")), "{problem}");
        // It is alive, and new requests are served.
        assert_eq!(server.call("GET", "/health/live", &[], "").0, 200);
        assert_eq!(server.call("GET", "/", &[], "").0, 200);
        assert!(stopped.elapsed() < Duration::from_secs(3), "the checks took too long: {:?}", stopped.elapsed());
        server.wait_for("no more connections");
        assert!(stopped.elapsed() >= Duration::from_secs(3), "{:?}", stopped.elapsed());
        // A request that is running ends with its response.
        running.write_all(b"{}").unwrap();
        assert_eq!(read_response(running).0, 400);
        let (code, logged, _) = server.end();
        assert_eq!(code, Some(0), "{logged:#?}");
        assert!(stopped.elapsed() < Duration::from_secs(10), "{:?}", stopped.elapsed());
    }
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    // In the grace period, and while running requests can finish.
    for (grace, reached) in [("300", "not ready any more"), ("0", "no more connections")] {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start_with(&data, &[("PASSERELLE_GRACE_SECONDS", grace)]);
        let running = begin(&server);
        server.signal("-TERM");
        server.wait_for(reached);
        let again = Instant::now();
        server.signal("-TERM");
        let (code, logged, _) = server.end();
        assert_eq!(code, Some(1), "{logged:#?}");
        assert!(logged.iter().any(|line| line.contains("second signal")), "{logged:#?}");
        assert!(again.elapsed() < Duration::from_secs(3), "{:?}", again.elapsed());
        drop(running);
    }
}

for_both_engines! {
    fn a_build_is_handed_back_at_the_stop_and_kept_at_a_kill(engine: Engine) {
        let (data, database) = (tempfile::tempdir().unwrap(), Database::empty(engine));
        let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
        let (url, key) = (database.address(), key.trim().to_owned());
        // The builds of the sandbox begin at the start.
        let settings = [("DATABASE_URL", &*url), ("PASSERELLE_MASTER_KEY", &*key), ("PASSERELLE_SANDBOX", "true")];
        for (signal, status, attempts) in [("-TERM", "queued", "0"), ("-KILL", "running", "1")] {
            let server = Server::start_with(&data, &settings);
            wait_until_running(&database);
            server.signal(signal);
            let stopped = Instant::now();
            let (code, logged, _) = server.end();
            let expected = (signal == "-TERM").then_some(0);
            assert_eq!(code, expected, "{logged:#?}");
            assert!(stopped.elapsed() < Duration::from_secs(20), "{:?}", stopped.elapsed());
            assert_eq!(last_build(&database), [format!("{status} {attempts}")], "{logged:#?}");
            let handed_back = logged.iter().any(|line| line.contains("handed back"));
            assert_eq!(handed_back, signal == "-TERM", "{logged:#?}");
        }
    }
}

/// The state and the attempts of the build that is in progress.
fn last_build(database: &Database) -> Vec<String> {
    database.texts(
        "SELECT status || ' ' || CAST(attempts AS TEXT) AS text FROM statistics_builds \
         WHERE status IN ('queued', 'running') ORDER BY created_at",
    )
}

fn wait_until_running(database: &Database) {
    let begun = Instant::now();
    // Some work is done: the worker is proving.
    let proving = "SELECT status AS text FROM statistics_builds WHERE status = 'running' AND to_prove > 0";
    while database.texts(proving).is_empty() {
        assert!(begun.elapsed() < PATIENCE, "no build was ever running");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The instance reads the records of the build: it has not begun to prove.
#[test]
fn a_build_whose_records_are_being_read_is_handed_back_at_once() {
    run(Engine::Postgres, async |app: TestApp| {
        let (service, manager) = service(&app, &[("63113", 1)], "2025-02-10").await;
        let asked = json!({"year": 2025, "quarter": 4});
        let build = manager.post(&format!("/v1/services/{service}/statistics-builds"), asked).await.expect(202).id();
        let build = format!("/v1/statistics-builds/{build}");
        // The reader waits for this lock.
        let mut other = app.database.connect();
        let lock = format!("BEGIN; SELECT pg_advisory_xact_lock(10, hashtext('{service}'))");
        other.batch_execute(&lock).unwrap();
        let (worker, context) = (Worker::default(), app.context());
        std::thread::scope(|scope| {
            let running = scope.spawn(|| worker.run_queued(context));
            let begun = Instant::now();
            let waits = format!(
                "SELECT 'waits' AS text FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND classid = 10 \
                 AND objid::bigint = hashtext('{service}')::bigint & 4294967295"
            );
            while app.database.texts(&waits).is_empty() {
                assert!(begun.elapsed() < PATIENCE, "nobody ever read the records");
                std::thread::sleep(Duration::from_millis(2));
            }
            assert!(worker.hand_back(context).expect("it is written"), "there was a build");
            assert_eq!(last_build(&app.database), ["queued 0"]);
            other.batch_execute("ROLLBACK").unwrap();
            running.join().expect("the thread ended").expect("an interruption is no failure");
        });
        assert!(app.database.texts("SELECT 'cut' AS text FROM statistics_years").is_empty(), "nothing is kept of it");
        assert_eq!(manager.get(&build).await.expect(200)["status"], "queued");
        let other = app.second_instance().await;
        other.make_releases();
        assert_eq!(manager.at(&other).get(&build).await.expect(200)["status"], "ready");
    });
}
