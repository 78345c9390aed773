//! Another process holds the write lock of the embedded database: callers get their refusal in time, and what does not
//! write goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use passerelle::db::AnyConn;
use serde_json::json;

use crate::harness::Engine;

use super::database::Seen;
use super::http::{Connection, bearer};
use super::world::{Store, World};
use super::{assert_none, percentile, print_figures, short_or_long, spread, wait_until};

#[test]
fn a_foreign_lock_is_a_quick_503() {
    let (world, server) = World::on(Engine::Sqlite, 1, &[]);
    let address = server.address.as_str();
    let Store::Own(database) = &world.store else { unreachable!("it is on a database of the tests") };
    let AnyConn::Sqlite(mut holder) = database.connect() else { unreachable!("it is SQLite") };
    let held = Duration::from_secs(short_or_long(7, 35));
    let [writers, reads, readiness] = [(); 3].map(|()| Seen::default());
    let stop = AtomicBool::new(false);
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    std::thread::scope(|threads| {
        for writer in 0..20 {
            let (writers, stop, world) = (&writers, &stop, &world);
            threads.spawn(move || {
                let mut connection = Connection::to(address);
                let authorization = bearer(&world.token);
                let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
                let name = format!("Crèche {writer}");
                let new = json!({"service_id": world.service, "kind": "eaje", "name": name, "commune_code": "63300"});
                while !stop.load(Ordering::Relaxed) {
                    let begun = started.elapsed();
                    writers.note(begun, connection.call("POST", "/v1/organisations", &headers, &new.to_string()));
                    std::thread::sleep(Duration::from_millis(200));
                }
            });
        }
        for (seen, path) in [(&reads, "/v1/organisations"), (&readiness, "/health/ready")] {
            let (stop, world) = (&stop, &world);
            threads.spawn(move || {
                let mut connection = Connection::to(address);
                while !stop.load(Ordering::Relaxed) {
                    let begun = started.elapsed();
                    seen.note(begun, connection.get(path, &world.token));
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
        }
        std::thread::sleep(held);
        holder.batch_execute("ROLLBACK").unwrap();
        std::thread::sleep(Duration::from_millis(500));
        stop.store(true, Ordering::Relaxed);
    });
    let mut caller = Connection::to(address);
    let authorization = bearer(&world.token);
    let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
    let new =
        json!({"service_id": world.service, "kind": "eaje", "name": "Après", "commune_code": "63300"}).to_string();
    let well = wait_until(Duration::from_secs(30), || {
        caller.call("POST", "/v1/organisations", &headers, &new).is_some_and(|answer| answer.status == 201)
    });
    // Calls that began while the lock was held, and could not end well before it was released.
    let during = |status| writers.times(status, Duration::ZERO, held.saturating_sub(Duration::from_secs(3)));
    let (refused, waited) = (during(503), during(201));
    let figures = [
        ("held for", format!("{held:?}")),
        ("writers", writers.outcomes()),
        ("refused after", spread(&refused)),
        ("waited for the lock and succeeded after", spread(&waited)),
        ("reads", format!("{}; {}", reads.outcomes(), spread(&reads.times(200, Duration::ZERO, Duration::MAX)))),
        ("readiness", readiness.outcomes()),
        ("a write succeeds after the release", format!("{well:.1?}")),
    ];
    print_figures("overload: another process holds the write lock of SQLite", &figures);
    let mut faults = [writers.faults("a writer"), reads.faults("a read"), readiness.faults("readiness")].concat();
    let slowest = percentile(&[refused.clone(), waited].concat(), 100);
    if refused.is_empty() || slowest > Duration::from_millis(short_or_long(3800, 2500)) {
        faults.push(format!("a writer waited {slowest:?}, {} were refused", refused.len()));
    }
    if percentile(&reads.times(200, Duration::ZERO, Duration::MAX), 99) > Duration::from_secs(2) {
        faults.push("reads took too long".to_owned());
    }
    if well.is_none() {
        faults.push("writes did not recover".to_owned());
    }
    assert_none(&faults);
}
