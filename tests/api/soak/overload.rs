//! Four times as many creations arrive as the embedded database can take: it goes on with its work, refuses the rest at
//! once, and other calls do not wait behind it.
//!
//! The load generator runs on the same machine as the program and takes a part of its processors, more for refusals than
//! for creations, so that the figures say what both together do.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::harness::Engine;

use super::database::Seen;
use super::http::{Connection, bearer, head};
use super::load::{Make, Shot, closed, open};
use super::world::World;
use super::{assert_none, percentile, print_figures, short_or_long, spread, wait_until};

/// Creations per second that were acknowledged within this time.
fn goodput(shots: &[Shot], duration: Duration) -> f64 {
    let good = shots.iter().filter(|shot| shot.status == 201 && shot.end <= duration).count();
    f64::from(u32::try_from(good).unwrap()) / duration.as_secs_f64()
}

fn times(shots: &[Shot], status: u16) -> Vec<Duration> {
    shots.iter().filter(|shot| shot.status == status).map(|shot| shot.took).collect()
}

fn statuses(shots: &[Shot]) -> String {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for shot in shots {
        *counts.entry(shot.status).or_default() += 1;
    }
    counts.iter().map(|(status, number)| format!("{status}: {number}")).collect::<Vec<_>>().join(", ")
}

/// The resident memory of a process, in megabytes.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}

/// Makes the creation of a referral from its number. Only the names and days of the children change.
fn creations(world: &World, address: &str) -> Make {
    let (template, address, authorization) = (world.referral(0), address.to_owned(), bearer(&world.token));
    let children: Vec<_> = (0..50_000).map(|number| world.referral(number + 10)["child"].clone()).collect();
    Rc::new(move |number| {
        let mut referral = template.clone();
        referral["child"] = children[usize::try_from(number).unwrap() % children.len()].clone();
        let body = referral.to_string();
        let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
        (head(&address, "POST", "/v1/referrals", &headers, body.len()) + &body).into_bytes()
    })
}

#[test]
fn four_times_the_capacity_is_refused_at_once_and_the_rest_goes_on() {
    let (world, server) = World::on(Engine::Sqlite, 1, &[("PASSERELLE_WORKERS", "2")]);
    let address = server.address.clone();
    let referral = format!("/v1/referrals/{}", world.store.texts("SELECT id AS text FROM referrals")[0]);
    let make = creations(&world, &address);
    let measured = Duration::from_secs(short_or_long(2, 15));
    closed(&address, 16, measured / 4, 0, &make);
    let before = closed(&address, 32, measured, 5_000, &make);
    let capacity = goodput(&before, measured);

    let overloaded = Duration::from_secs(short_or_long(4, 60));
    let [reads, tokens, readiness] = [(); 3].map(|()| Seen::default());
    let (memory, stop, process) = (Mutex::new(Vec::new()), AtomicBool::new(false), server.child.id());
    let started = Instant::now();
    let (shots, unsent) = std::thread::scope(|threads| {
        for (seen, kind) in [(&reads, 0), (&tokens, 1), (&readiness, 2)] {
            let (stop, world, address, referral) = (&stop, &world, &address, &referral);
            threads.spawn(move || {
                let mut connection = Connection::to(address);
                while !stop.load(Ordering::Relaxed) {
                    let begun = started.elapsed();
                    let answer = match kind {
                        0 => connection.get(referral, &world.token),
                        1 => connection.token(&world.client.0, &world.client.1),
                        _ => connection.call("GET", "/health/ready", &[], ""),
                    };
                    seen.note(begun, answer);
                    std::thread::sleep(Duration::from_millis(50));
                }
            });
        }
        threads.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                memory.lock().unwrap().push(resident(process));
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let result = open(&address, capacity * 4.0, overloaded, 4000, 20_000, &make);
        stop.store(true, Ordering::Relaxed);
        result
    });
    let until_well = wait_until(Duration::from_mins(1), || {
        let mut caller = Connection::to(&address);
        caller
            .get(&referral, &world.token)
            .is_some_and(|answer| answer.status == 200 && answer.took < Duration::from_millis(500))
    });
    let after = goodput(&closed(&address, 32, measured / 2, 40_000, &make), measured / 2);
    let (good, accepted, refused) = (goodput(&shots, overloaded), times(&shots, 201), times(&shots, 503));
    let memory = memory.into_inner().unwrap();
    let (most, rest) = (memory.iter().max().copied().unwrap_or_default(), resident(process));
    let late: Vec<Duration> = shots.iter().map(|shot| shot.late).collect();
    let whole =
        |seen: &Seen| format!("{}; {}", seen.outcomes(), spread(&seen.times(200, Duration::ZERO, Duration::MAX)));
    let without = shots.iter().filter(|shot| shot.status == 503 && !shot.has_retry_after).count();
    let figures = [
        ("capacity: 32 callers, before and after", format!("{capacity:.0} and {after:.0} creations per second")),
        ("arrivals", format!("{:.0} per second for {overloaded:?}, {unsent} not sent", capacity * 4.0)),
        ("responses", statuses(&shots)),
        ("goodput", format!("{good:.0} per second, {:.0} % of the capacity before", 100.0 * good / capacity)),
        ("accepted after", spread(&accepted)),
        ("refused after", spread(&refused)),
        ("refusals without Retry-After", without.to_string()),
        ("the generator was late by", spread(&late)),
        ("reads of one referral", whole(&reads)),
        ("tokens", whole(&tokens)),
        ("readiness", whole(&readiness)),
        (
            "memory",
            format!(
                "{} MB before, {most} MB at most, {rest} MB at the end",
                memory.first().copied().unwrap_or_default()
            ),
        ),
        ("a read is quick again after", format!("{until_well:.1?}")),
    ];
    print_figures("overload: four times the capacity, SQLite", &figures);

    let mut faults = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            faults.push(what.to_owned());
        }
    };
    check(shots.iter().all(|shot| [201, 429, 503].contains(&shot.status)), "a response that is no 201, 429 or 503");
    check(without == 0, "a refusal without Retry-After");
    check(readiness.times(503, Duration::ZERO, Duration::MAX).is_empty(), "not ready, and only overloaded");
    check(most < 500, "more than 500 MB of memory");
    let slowest = Duration::from_millis(short_or_long(6000, 2000));
    check(percentile(&accepted, 99) <= slowest, "what is accepted took too long");
    check(good >= capacity * short_or_long(0.2, 0.8), "the goodput fell");
    for (seen, what) in
        [(&reads, "reads took too long"), (&tokens, "tokens took too long"), (&readiness, "readiness took too long")]
    {
        check(percentile(&seen.times(200, Duration::ZERO, Duration::MAX), 99) <= slowest, what);
        check(!seen.times(200, Duration::ZERO, Duration::MAX).is_empty(), "none succeeded");
    }
    check(percentile(&refused, 99) <= Duration::from_millis(short_or_long(3000, 100)), "refusals took too long");
    assert_none(&faults);
}
