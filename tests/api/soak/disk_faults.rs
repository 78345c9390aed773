//! The writes and flushes of the real program fail at many places, once or until the fault ends, because the disk is full
//! or broken: acknowledged is stored, nothing is a 500, and the program heals without a restart.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::harness::Engine;
use crate::harness::process::Server;

use super::faults::{DiskError, Fault, Faults};
use super::http::Connection;
use super::ledger::{Ledger, write};
use super::world::World;
use super::{assert_none, minutes, print_figures, short_or_long, spread, wait_until};

/// The faults, in an order that changes place, error and duration from one to the next.
fn plan() -> impl Iterator<Item = Fault> {
    // Steps that visit all places evenly, few or many.
    let place = |number: usize| (number * 37) % short_or_long(600, 2500);
    (0..).map(move |number| {
        let error = if number % 2 == 0 { DiskError::Full } else { DiskError::InputOutput };
        let times = [1, 0, 3, 8][number / 2 % 4];
        let operations = match (error, number / 8 % 3) {
            (DiskError::Full, 2) => "g",
            (DiskError::Full, _) | (DiskError::InputOutput, 0) => "w",
            (DiskError::InputOutput, 1) => "s",
            (DiskError::InputOutput, _) => "wst",
        };
        let skip = if operations == "s" { place(number) / 20 } else { place(number) };
        Fault { operations, skip, times, error }
    })
}

struct Scene {
    world: World,
    server: Server,
    faults: Faults,
    ledger: Ledger,
    healed: Vec<Duration>,
    /// How many faults ended without the program healing by itself.
    restarts: usize,
}

impl Scene {
    /// While the disk is full: readiness fails, and reads that need no journal go on.
    fn check_while_full(&mut self, fault: &Fault) {
        let mut caller = Connection::to(&self.server.address).with_patience(Duration::from_secs(10));
        let more = write(&self.world, &self.server.address, &AtomicBool::new(false), 1);
        // A write that does not make a file grow may succeed.
        if fault.error == DiskError::Full && more.total() == 0 {
            let is_unready = || caller.status("/health/ready") == 503;
            if wait_until(Duration::from_secs(3), is_unready).is_none() {
                self.ledger.faults.push(format!("{fault:?}: ready while the disk is full"));
            }
            if more.count("503 storage_full") == 0 {
                self.ledger.faults.push(format!("{fault:?}: nobody was told storage_full: {}", more.outcomes()));
            }
        }
        self.ledger.add(more);
        for path in ["/v1/nomenclatures", "/v1/services"] {
            let status = caller.get(path, &self.world.token).map_or(0, |answer| answer.status);
            if status != 200 {
                self.ledger.faults.push(format!("{fault:?}: GET {path} is {status}"));
            }
        }
    }

    /// The fault has ended: a write succeeds without a restart.
    fn heal(&mut self, fault: &Fault) {
        let started = Instant::now();
        let healed = wait_until(Duration::from_secs(10), || {
            let one = write(&self.world, &self.server.address, &AtomicBool::new(false), 1);
            let acknowledged = one.total();
            self.ledger.add(one);
            acknowledged > 0
        });
        let mut caller = Connection::to(&self.server.address).with_patience(Duration::from_secs(10));
        let is_ready =
            healed.is_some() && wait_until(Duration::from_secs(5), || caller.status("/health/ready") == 200).is_some();
        if is_ready {
            self.healed.push(started.elapsed());
        } else {
            self.ledger.faults.push(format!("{fault:?}: not healed {:?} after its end", started.elapsed()));
            self.restarts += 1;
            self.server = self.world.start();
        }
    }
}

#[test]
fn a_failing_write_loses_nothing_that_was_acknowledged() {
    let faults = Faults::build();
    let settings = faults.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (mut world, server) = World::on(Engine::Sqlite, 8, &settings);
    (world.writers, world.has_long_texts) = (24, true);
    let ledger = Ledger::of_stored(&world);
    let mut scene = Scene { world, server, faults, ledger, healed: Vec::new(), restarts: 0 };
    let end = Instant::now() + Duration::from_mins(minutes().unwrap_or_default());
    let (mut hit, mut lost, mut unsaid, mut tried) = (0, 0, 0, 0);
    for fault in plan() {
        if tried >= 12 && (Instant::now() > end || scene.restarts > 20) {
            break;
        }
        tried += 1;
        if tried % 200 == 0 {
            scene.world.renew(&scene.server);
        }
        scene.faults.arm(&fault);
        let written = write(&scene.world, &scene.server.address, &AtomicBool::new(false), short_or_long(6, 8));
        if scene.faults.hits() > 0 {
            hit += 1;
            if fault.times == 0 {
                scene.check_while_full(&fault);
            }
        }
        scene.ledger.add(written);
        scene.faults.clear();
        scene.heal(&fault);
        let address = scene.server.address.clone();
        scene.ledger.settle(&scene.world, &address);
        let found = scene.ledger.compare(&scene.world, &format!("{fault:?}"));
        (lost, unsaid) = (lost + found.0, unsaid + found.1);
    }
    // A new process reads the same.
    scene.server.signal("-KILL");
    scene.server = scene.world.start();
    let found = scene.ledger.compare(&scene.world, "a new process");
    lost += found.0;
    let path = format!("/v1/referrals?service_id={}&limit=1&include_total=true", scene.world.service);
    let total = scene.server.get(&path, &scene.world.token)["page"]["total"].clone();
    assert_eq!(total, scene.ledger.acknowledged[&super::ledger::Kind::Referral].len());
    let intact = scene.world.store.texts("SELECT integrity_check AS text FROM pragma_integrity_check");
    assert_eq!(intact, ["ok"]);
    let figures = [
        ("faults tried, and reached", format!("{tried}, {hit}")),
        ("acknowledged", scene.ledger.total().to_string()),
        ("responses", scene.ledger.outcomes()),
        ("acknowledged and not stored", lost.to_string()),
        ("refused and stored", unsaid.to_string()),
        ("refusals", spread(&scene.ledger.refusals)),
        ("refusals without Retry-After", scene.ledger.without_retry_after.to_string()),
        ("healed after the end of the fault", spread(&scene.healed)),
        ("did not heal without a restart", scene.restarts.to_string()),
    ];
    print_figures("disk: failing writes", &figures);
    assert!(hit * 2 >= tried, "only {hit} of {tried} faults were reached");
    assert_none(&scene.ledger.faults);
    assert_eq!(scene.ledger.without_retry_after, 0);
}
