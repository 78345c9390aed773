//! The program is killed (SIGKILL) under load, again and again, and PostgreSQL is restarted under it: everything that was
//! acknowledged is there, once, in the tables and in the feed, and the journal is whole.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::harness::process::Server;

use super::cluster::Cluster;
use super::http::Connection;
use super::ledger::{Kind, Ledger, write_during};
use super::world::{Store, World};
use super::{assert_none, print_figures, rounds, short_or_long, spread, wait_until};

fn writers() -> usize {
    short_or_long(4, 16)
}

/// How long the writers write before a fault.
fn load(round: usize) -> Duration {
    Duration::from_millis(short_or_long(500, 1000) + 137 * (round as u64 % 7))
}

/// The feed has each referral once, as created. A reader numbers one step of a backlog, and the background job the rest
/// of it, so the reader continues from its cursor until it has seen every referral.
fn check_feed(world: &World, address: &str, ledger: &mut Ledger) {
    let mut caller = Connection::to(address);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut cursor = String::new();
    let expected = &ledger.acknowledged[&Kind::Referral];
    wait_until(Duration::from_secs(20), || {
        loop {
            let path = format!("/v1/changes?resource=referral&limit=500{cursor}");
            let page = caller.get(&path, &world.token).expect("the feed responds");
            assert_eq!(page.status, 200, "{}", page.json);
            for row in page.json["data"].as_array().unwrap().iter().filter(|row| row["kind"] == "created") {
                *seen.entry(row["object_id"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            cursor = format!("&cursor={}", page.json["page"]["next_cursor"].as_str().unwrap());
            if page.json["page"]["has_more"] == false {
                break;
            }
        }
        expected.iter().all(|id| seen.contains_key(id))
    });
    let mut faults = Vec::new();
    for id in expected {
        let times = seen.remove(id).unwrap_or_default();
        if times != 1 {
            faults.push(format!("the creation of the referral {id} is in the feed {times} times"));
        }
    }
    faults.extend(seen.into_keys().map(|id| format!("the feed creates {id}, which is not stored")));
    ledger.faults.extend(faults);
}

/// The journal is whole once its last events are chained.
fn check_journal(world: &World, ledger: &mut Ledger) {
    let mut said = (None, String::new());
    wait_until(Duration::from_secs(20), || {
        said = world.command(&["audit", "verify"]);
        said.0 == Some(0) && said.1.contains(" 0 event(s) not chained yet")
    });
    if said.0 != Some(0) {
        ledger.faults.push(format!("audit verify: {said:?}"));
    }
}

pub fn finish(name: &str, world: &World, server: &Server, ledger: &mut Ledger, figures: &[(&str, String)]) {
    check_feed(world, &server.address, ledger);
    check_journal(world, ledger);
    let mut all = vec![("acknowledged", ledger.total().to_string()), ("responses", ledger.outcomes())];
    all.extend(figures.iter().cloned());
    print_figures(name, &all);
    assert_none(&ledger.faults);
    assert!(ledger.total() > 20 && ledger.acknowledged.values().all(|ids| ids.len() > 1), "nothing was written");
}

for_both_engines! {
    fn a_kill_loses_nothing_and_doubles_nothing(engine: Engine) {
        let (mut world, mut server) = World::on(engine, writers(), &[]);
        let mut ledger = Ledger::of_stored(&world);
        let (mut ready, mut kills, mut sent_again) = (Vec::new(), 0, 0);
        for round in rounds(3) {
            if round % 20 == 19 {
                world.renew(&server);
            }
            let address = server.address.clone();
            let (written, ()) = write_during(&world, &address, || {
                std::thread::sleep(load(round));
                server.signal("-KILL");
            });
            ledger.add(written);
            kills += 1;
            let started = Instant::now();
            server = world.start();
            ready.push(started.elapsed());
            sent_again += ledger.unknown.len();
            ledger.settle(&world, &server.address);
            ledger.compare(&world, &format!("kill {kills}"));
        }
        let figures = [
            ("kills", kills.to_string()),
            ("cut off, and sent again with their keys", sent_again.to_string()),
            ("ready after a kill", spread(&ready)),
        ];
        finish(&format!("crash: {engine:?}"), &world, &server, &mut ledger, &figures);
    }
}

#[test]
fn a_restart_of_postgresql_loses_nothing() {
    let Some(mut cluster) = Cluster::start() else { return };
    let url = cluster.url();
    let (mut world, server) = World::begin(Store::Server(cluster.superuser_url()), &url, writers(), &[]);
    let mut ledger = Ledger::of_stored(&world);
    let (mut back, mut restarts) = (Vec::new(), 0);
    for round in rounds(2) {
        if round % 20 == 19 {
            world.renew(&server);
        }
        let (written, ()) = write_during(&world, &server.address, || {
            std::thread::sleep(load(round));
            cluster.stop();
            cluster.go_on();
            let mut caller = Connection::to(&server.address);
            let until_back = wait_until(Duration::from_mins(1), || caller.status("/health/ready") == 200);
            back.push(until_back.expect("the program is ready again"));
            std::thread::sleep(Duration::from_millis(300));
        });
        restarts += 1;
        ledger.add(written);
        ledger.settle(&world, &server.address);
        ledger.compare(&world, &format!("restart {restarts}"));
    }
    let figures = [
        ("restarts", restarts.to_string()),
        ("ready after PostgreSQL is back", spread(&back)),
        ("refusals", spread(&ledger.refusals)),
        ("refusals without Retry-After", ledger.without_retry_after.to_string()),
    ];
    finish("crash: PostgreSQL restarted under the program", &world, &server, &mut ledger, &figures);
}
