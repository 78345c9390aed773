//! The network between the program and PostgreSQL drops all packets: every call ends in bounded time, readiness fails
//! within a second, and the program recovers by itself.
//!
//! Twice: with a proxy that stops forwarding, whose TCP connections stay healthy, and, in the long version as root, with
//! packets that are really dropped.

use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::cluster::Cluster;
use super::database::Seen;
use super::http::{Connection, bearer};
use super::proxy::Proxy;
use super::world::{Store, World};
use super::{assert_none, is_long, percentile, print_figures, short_or_long, spread, wait_until};

/// Calls before, during and after the drop, with what it does to the network.
fn scenario(name: &str, world: &World, address: &str, drop_packets: &dyn Fn(), let_pass: &dyn Fn()) {
    let dropped = Duration::from_secs(short_or_long(4, 60));
    let patience = Duration::from_secs(short_or_long(25, 120));
    let [reads, writes, readiness] = [(); 3].map(|()| Seen::default());
    let (stop, started) = (AtomicBool::new(false), Instant::now());
    let authorization = bearer(&world.token);
    let (from, to) = std::thread::scope(|threads| {
        for caller in 0..8 {
            let (reads, writes, stop, world, authorization) = (&reads, &writes, &stop, world, &authorization);
            threads.spawn(move || {
                let mut connection = Connection::to(address).with_patience(patience);
                let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
                while !stop.load(Ordering::Relaxed) {
                    let begun = started.elapsed();
                    if caller % 2 == 0 {
                        reads.note(begun, connection.get("/v1/organisations", &world.token));
                    } else {
                        let new = json!({"service_id": world.service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63300"});
                        writes.note(begun, connection.call("POST", "/v1/organisations", &headers, &new.to_string()));
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
            });
        }
        let probe = threads.spawn(|| {
            let mut connection = Connection::to(address).with_patience(patience);
            while !stop.load(Ordering::Relaxed) {
                let begun = started.elapsed();
                readiness.note(begun, connection.call("GET", "/health/ready", &[], ""));
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        std::thread::sleep(Duration::from_secs(1));
        drop_packets();
        let from = started.elapsed();
        std::thread::sleep(dropped);
        // In the short version a call that has no deadline ends only because the network is well again.
        let_pass();
        let to = started.elapsed();
        std::thread::sleep(Duration::from_secs(short_or_long(2, 5)));
        stop.store(true, Ordering::Relaxed);
        drop(probe);
        (from, to)
    });
    let mut connection = Connection::to(address).with_patience(patience);
    let recovered = wait_until(Duration::from_secs(30), || {
        connection.status("/health/ready") == 200
            && connection.get("/v1/organisations", &world.token).is_some_and(|answer| answer.status == 200)
    });
    let all = |seen: &Seen| -> Vec<Duration> {
        [200, 201, 500, 503].iter().flat_map(|status| seen.times(*status, Duration::ZERO, Duration::MAX)).collect()
    };
    let unready = readiness.times(503, from, to);
    let figures = [
        ("dropped for", format!("{dropped:?}")),
        ("reads", format!("{}; {}", reads.outcomes(), spread(&all(&reads)))),
        ("writes", format!("{}; {}", writes.outcomes(), spread(&all(&writes)))),
        ("readiness", format!("{}; {}", readiness.outcomes(), spread(&all(&readiness)))),
        ("readiness that fails takes", spread(&unready)),
        ("well after the packets pass again", format!("{recovered:?}")),
    ];
    print_figures(name, &figures);
    let mut faults = [reads.faults("a read"), writes.faults("a write"), readiness.faults("readiness")].concat();
    let slowest = percentile(&[all(&reads), all(&writes)].concat(), 100);
    if slowest > Duration::from_secs(15) {
        faults.push(format!("a call took {slowest:?}"));
    }
    let slowest = percentile(&all(&readiness), 100);
    if slowest > Duration::from_secs(short_or_long(5, 2)) {
        faults.push(format!("readiness took {slowest:?}"));
    }
    if unready.is_empty()
        || percentile(&unready, short_or_long(50, 100)) > Duration::from_millis(short_or_long(1800, 1200))
    {
        faults.push(format!("readiness did not fail in time: {}", spread(&unready)));
    }
    if recovered.is_none() {
        faults.push("it did not recover".to_owned());
    }
    assert_none(&faults);
}

#[test]
fn a_connection_that_stalls_is_given_up() {
    let Some(cluster) = Cluster::start() else { return };
    let proxy = Proxy::to(cluster.port);
    let through = Cluster::url_at("127.0.0.1", proxy.port);
    let (world, server) = World::begin(Store::Server(cluster.superuser_url()), &through, 1, &[]);
    scenario("database: a connection stalls", &world, &server.address, &|| proxy.stall(), &|| proxy.go_on());
}

/// A pair of virtual interfaces: the server is reached through it, and packets to this machine can be thrown away.
struct Link;

const HERE: &str = "10.213.17.1";
const THERE: &str = "10.213.17.2";

fn ip(arguments: &str) -> bool {
    let done = Command::new("ip").args(arguments.split(' ')).output();
    done.is_ok_and(|output| output.status.success())
}

impl Link {
    fn make() -> Option<Self> {
        let made = ip("netns add soak")
            && ip("link add soak0 type veth peer name soak1 netns soak")
            && ip(&format!("addr add {HERE}/30 dev soak0"))
            && ip("link set soak0 up")
            && ip(&format!("netns exec soak ip addr add {THERE}/30 dev soak1"))
            && ip("netns exec soak ip link set soak1 up")
            && ip("netns exec soak ip link set lo up");
        let link = Self;
        if made {
            return Some(link);
        }
        eprintln!("skipped: this user may not make a network interface");
        None
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        ip("link del soak0");
        ip("netns del soak");
    }
}

/// The process that forwards; it ends with the test, also with one that fails.
struct Forwarder(Child);

impl Drop for Forwarder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn dropped_packets_are_not_waited_for() {
    if !is_long() {
        return;
    }
    let (Some(cluster), Some(_link)) = (Cluster::start(), Link::make()) else { return };
    // A forwarder in the other namespace, so that the packets to the server pass the link.
    let there = cluster.port;
    let socket = cluster.socket_directory();
    let forwarder = Command::new("ip")
        .args(["netns", "exec", "soak", "socat"])
        .arg(format!("TCP-LISTEN:{there},fork,reuseaddr"))
        .arg(format!("UNIX-CONNECT:{socket}/.s.PGSQL.{there}"))
        .spawn();
    let Ok(forwarder) = forwarder.map(Forwarder) else {
        eprintln!("skipped: socat is not installed");
        return;
    };
    std::thread::sleep(Duration::from_secs(1));
    let (world, server) = World::begin(Store::Server(cluster.superuser_url()), &Cluster::url_at(THERE, there), 1, &[]);
    // Answers have no way back; what is sent gets no acknowledgement.
    let cut = || assert!(ip(&format!("netns exec soak ip route add blackhole {HERE}/32")));
    let mend = || assert!(ip(&format!("netns exec soak ip route del blackhole {HERE}/32")));
    scenario("database: packets are dropped", &world, &server.address, &cut, &mend);
    drop(forwarder);
}
