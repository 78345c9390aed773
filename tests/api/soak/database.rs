//! PostgreSQL goes away under a hundred callers, and one row is locked for a long time: refusals come in time and say when
//! to try again, what does not need the failed part goes on, and all is well at once when it is back.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use serde_json::json;

use crate::harness::Engine;

use super::cluster::Cluster;
use super::http::{Answer, Connection, bearer};
use super::world::{Store, World};
use super::{assert_none, percentile, print_figures, short_or_long, spread, wait_until};

/// The responses of one kind of call.
#[derive(Default)]
pub struct Seen {
    /// When the response came, since the callers began, and the response.
    answers: Mutex<Vec<(Duration, Option<Answer>)>>,
}

impl Seen {
    pub fn note(&self, at: Duration, answer: Option<Answer>) {
        self.answers.lock().unwrap().push((at, answer));
    }

    pub fn outcomes(&self) -> String {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (_, answer) in &*self.answers.lock().unwrap() {
            let outcome = answer.as_ref().map_or_else(|| "no response".to_owned(), Answer::outcome);
            *counts.entry(outcome).or_default() += 1;
        }
        counts.iter().map(|(outcome, number)| format!("{outcome}: {number}")).collect::<Vec<_>>().join(", ")
    }

    /// The times of the responses with this status that came in a period.
    pub fn times(&self, status: u16, from: Duration, to: Duration) -> Vec<Duration> {
        let answers = self.answers.lock().unwrap();
        let chosen =
            answers.iter().filter(|(at, _)| (from..=to).contains(at)).filter_map(|(_, answer)| answer.as_ref());
        chosen.filter(|answer| answer.status == status).map(|answer| answer.took).collect()
    }

    /// What no response may be: a 500, a 503 that does not say when to try again, none at all, another refusal.
    pub fn faults(&self, who: &str) -> Vec<String> {
        let answers = self.answers.lock().unwrap();
        let fault = |answer: &Option<Answer>| match answer {
            None => Some(format!("{who}: no response")),
            Some(answer) if answer.status == 503 && !answer.has_retry_after() => {
                Some(format!("{who}: 503 without Retry-After"))
            }
            Some(answer) if answer.status < 300 || answer.status == 503 => None,
            Some(answer) => Some(format!("{who}: {} after {:?}", answer.outcome(), answer.took)),
        };
        answers.iter().filter_map(|(_, answer)| fault(answer)).collect()
    }
}

#[test]
fn a_server_that_is_away_is_a_quick_503_and_back_at_once() {
    let Some(mut cluster) = Cluster::start() else { return };
    let url = cluster.url();
    let (world, server) = World::begin(Store::Server(cluster.superuser_url()), &url, 1, &[]);
    let address = server.address.as_str();
    let referral = format!("/v1/referrals/{}", world.store.texts("SELECT id AS text FROM referrals")[0]);
    let callers = short_or_long(40, 100);
    let (seen, readiness, stop) = (Seen::default(), Seen::default(), AtomicBool::new(false));
    let started = Instant::now();
    let (away, back) = std::thread::scope(|threads| {
        for caller in 0..callers {
            let (seen, stop, world, referral) = (&seen, &stop, &world, &referral);
            threads.spawn(move || {
                let mut connection = Connection::to(address);
                while !stop.load(Ordering::Relaxed) {
                    let path = if caller % 2 == 0 { referral.as_str() } else { "/v1/organisations" };
                    seen.note(started.elapsed(), connection.get(path, &world.token));
                    std::thread::sleep(Duration::from_millis(short_or_long(100, 50)));
                }
            });
        }
        threads.spawn(|| {
            let mut connection = Connection::to(address);
            while !stop.load(Ordering::Relaxed) {
                readiness.note(started.elapsed(), connection.call("GET", "/health/ready", &[], ""));
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        std::thread::sleep(Duration::from_secs(1));
        cluster.stop();
        let away = started.elapsed();
        std::thread::sleep(Duration::from_secs(short_or_long(7, 30)));
        cluster.go_on();
        let back = started.elapsed();
        std::thread::sleep(Duration::from_secs(short_or_long(2, 5)));
        stop.store(true, Ordering::Relaxed);
        (away, back)
    });
    // The time stamps are those of the start of a call.
    let refusals = seen.times(503, away.saturating_sub(Duration::from_secs(1)), back + Duration::from_mins(2));
    let last_refusal = seen
        .answers
        .lock()
        .unwrap()
        .iter()
        .filter(|(_, answer)| answer.as_ref().is_none_or(|answer| answer.status != 200))
        .map(|(at, answer)| *at + answer.as_ref().map_or(Duration::ZERO, |answer| answer.took))
        .max()
        .unwrap_or_default();
    let until_well = last_refusal.saturating_sub(back);
    let figures = [
        ("callers", callers.to_string()),
        ("responses", seen.outcomes()),
        ("refusals while it is away", spread(&refusals)),
        ("last refusal after it accepts connections again", format!("{until_well:.1?}")),
        ("readiness", readiness.outcomes()),
        ("readiness that fails takes", spread(&readiness.times(503, Duration::ZERO, Duration::MAX))),
    ];
    print_figures("database: PostgreSQL is away", &figures);
    assert_none(&[seen.faults("a caller"), readiness.faults("readiness")].concat());
    assert!(!refusals.is_empty() && !readiness.times(503, away, back).is_empty(), "it was not away");
    let limit = Duration::from_millis(short_or_long(5000, 2500));
    assert!(percentile(&refusals, 100) < limit, "a refusal took {:?}", percentile(&refusals, 100));
    let limit = Duration::from_secs(short_or_long(3, 1));
    assert!(until_well <= limit, "refusals for {until_well:?} after it was back");
}

/// A call that is repeated.
type Probe = Box<dyn Fn(&mut Connection) -> Option<Answer> + Send>;

#[test]
fn a_locked_row_stops_only_those_who_write_it() {
    let (world, server) = World::on(Engine::Postgres, 1, &[]);
    let address = server.address.as_str();
    let id = world.store.texts("SELECT id AS text FROM referrals").remove(0);
    let path = format!("/v1/referrals/{id}");
    let Store::Own(database) = &world.store else { unreachable!("it is on a database of the tests") };
    let mut holder = database.connect();
    holder.batch_execute(&format!("BEGIN; SELECT id FROM referrals WHERE id = '{id}' FOR UPDATE")).unwrap();
    let started = Instant::now();
    let held = Duration::from_secs(short_or_long(5, 40));
    let stop = AtomicBool::new(false);
    let [waiters, reads, tokens, readiness] = [(); 4].map(|()| Seen::default());
    std::thread::scope(|threads| {
        for waiter in 0..20 {
            let (waiters, stop, world, path) = (&waiters, &stop, &world, &path);
            threads.spawn(move || {
                let mut connection = Connection::to(address);
                let authorization = bearer(&world.token);
                let headers = [
                    ("Content-Type", "application/merge-patch+json"),
                    ("Authorization", authorization.as_str()),
                    ("If-Match", "*"),
                ];
                while !stop.load(Ordering::Relaxed) {
                    let body = json!({"description": format!("Par {waiter}.")}).to_string();
                    let answer = connection.call("PATCH", path, &headers, &body);
                    waiters.note(started.elapsed(), answer);
                    std::thread::sleep(Duration::from_millis(200));
                }
            });
        }
        let probe = |seen, call: Probe| {
            let stop = &stop;
            let seen: &Seen = seen;
            threads.spawn(move || {
                let mut connection = Connection::to(address);
                // The waiters take their places first.
                std::thread::sleep(Duration::from_millis(500));
                while !stop.load(Ordering::Relaxed) {
                    seen.note(started.elapsed(), call(&mut connection));
                    std::thread::sleep(Duration::from_millis(50));
                }
            });
        };
        let token = world.token.clone();
        probe(&reads, Box::new(move |connection| connection.get("/v1/organisations", &token)));
        let (client, secret) = world.client.clone();
        probe(&tokens, Box::new(move |connection| connection.token(&client, &secret)));
        probe(&readiness, Box::new(|connection| connection.call("GET", "/health/ready", &[], "")));
        std::thread::sleep(held);
        stop.store(true, Ordering::Relaxed);
        // Those who still wait are refused, or wait for the end of the lock.
        std::thread::sleep(Duration::from_secs(short_or_long(4, 3)));
        holder.batch_execute("ROLLBACK").unwrap();
    });
    let whole = |seen: &Seen, status| seen.times(status, Duration::ZERO, Duration::MAX);
    let figures = [
        ("those who write the row", waiters.outcomes()),
        ("they are refused after", spread(&whole(&waiters, 503))),
        ("unrelated reads", format!("{}; {}", reads.outcomes(), spread(&whole(&reads, 200)))),
        ("tokens", format!("{}; {}", tokens.outcomes(), spread(&whole(&tokens, 200)))),
        ("readiness", format!("{}; {}", readiness.outcomes(), spread(&whole(&readiness, 200)))),
    ];
    print_figures("database: one row is locked", &figures);
    let mut faults = waiters.faults("a writer of the row");
    // Those who waited for the row and were let in at once.
    faults.retain(|fault| !fault.contains("409 conflict"));
    for (who, seen) in [("an unrelated read", &reads), ("a token", &tokens), ("readiness", &readiness)] {
        faults.extend(seen.faults(who));
        let refused = whole(seen, 503).len();
        if refused > 0 {
            faults.push(format!("{who}: refused {refused} times"));
        }
        let slowest = percentile(&whole(seen, 200), 99);
        if slowest > Duration::from_millis(short_or_long(2000, 200)) {
            faults.push(format!("{who}: {slowest:?}"));
        }
    }
    let refusals = whole(&waiters, 503);
    if refusals.is_empty() || percentile(&refusals, 100) > Duration::from_millis(short_or_long(4500, 2600)) {
        faults.push(format!("those who wait for the row: {}", spread(&refusals)));
    }
    let mut caller = Connection::to(address);
    let is_well = || caller.get(&path, &world.token).is_some_and(|answer| answer.status == 200);
    assert!(wait_until(Duration::from_secs(5), is_well).is_some());
    assert_none(&faults);
}
