//! Writers of several kinds, the ledger of what was acknowledged to them, and its comparison with what is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::{Answer, Connection, bearer};
use super::world::World;

/// A kind of write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Referral,
    Accept,
    Intervention,
    Payment,
    Reservation,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Referral, Self::Accept, Self::Intervention, Self::Payment, Self::Reservation];

    /// The table to which it adds one row.
    pub fn table(self) -> &'static str {
        match self {
            Self::Referral => "referrals",
            Self::Accept => "cases",
            Self::Intervention => "interventions",
            Self::Payment => "payments",
            Self::Reservation => "reservations",
        }
    }

    /// The identifier of that row, from the response.
    fn id(self, response: &Value) -> String {
        let id = match self {
            Self::Referral => &response["referral"]["id"],
            Self::Accept => &response["case_id"],
            _ => &response["id"],
        };
        id.as_str().unwrap_or_else(|| panic!("no identifier in {response}")).to_owned()
    }
}

/// A write with its key, which can be sent again.
#[derive(Clone)]
pub struct Request {
    pub kind: Kind,
    path: String,
    key: String,
    body: String,
}

impl Request {
    pub fn send(&self, caller: &mut Connection, token: &str) -> Option<Answer> {
        let authorization = bearer(token);
        let mut headers = vec![
            ("Content-Type", "application/json"),
            ("Authorization", &authorization),
            ("Idempotency-Key", &self.key),
        ];
        if self.kind == Kind::Accept {
            headers.push(("If-Match", "*"));
        }
        caller.call("POST", &self.path, &headers, &self.body)
    }
}

/// What the writers were told.
#[derive(Default)]
pub struct Ledger {
    pub acknowledged: BTreeMap<Kind, BTreeSet<String>>,
    /// The connection broke, or the program said that it does not know.
    pub unknown: Vec<Request>,
    /// How many responses of each outcome: `201`, `503 storage_full`; `broken` for a connection that broke.
    pub outcomes: BTreeMap<String, usize>,
    pub refusals: Vec<Duration>,
    /// Refusals that must say when to try again, and do not.
    pub without_retry_after: usize,
    pub faults: Vec<String>,
}

impl Ledger {
    /// Writes down the outcome of a request.
    fn note(&mut self, request: &Request, answer: Option<Answer>) {
        let outcome = answer.as_ref().map_or_else(|| "broken".to_owned(), Answer::outcome);
        *self.outcomes.entry(outcome.clone()).or_default() += 1;
        match answer {
            Some(answer) if answer.status == 200 || answer.status == 201 => {
                let id = request.kind.id(&answer.json);
                if !self.acknowledged.entry(request.kind).or_default().insert(id.clone()) {
                    self.faults.push(format!("{:?} {id} was acknowledged for two requests", request.kind));
                }
            }
            Some(answer) if answer.status == 503 => {
                self.refusals.push(answer.took);
                self.without_retry_after += usize::from(!answer.has_retry_after());
                if answer.code() == "outcome_unknown" {
                    self.unknown.push(request.clone());
                }
            }
            // Another writer paid the same instalment at the same time.
            Some(answer) if answer.status == 409 && answer.code() == "conflict" => {}
            Some(answer) => self.faults.push(format!("{:?}: {outcome}: {}", request.kind, answer.json)),
            None => self.unknown.push(request.clone()),
        }
    }

    fn merge(&mut self, other: Self) {
        for (kind, ids) in other.acknowledged {
            for id in ids {
                if !self.acknowledged.entry(kind).or_default().insert(id.clone()) {
                    self.faults.push(format!("{kind:?} {id} was acknowledged to two writers"));
                }
            }
        }
        for (outcome, number) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += number;
        }
        self.unknown.extend(other.unknown);
        self.refusals.extend(other.refusals);
        self.without_retry_after += other.without_retry_after;
        self.faults.extend(other.faults);
    }

    pub fn total(&self) -> usize {
        self.acknowledged.values().map(BTreeSet::len).sum()
    }

    /// How many responses had this status.
    pub fn count(&self, status: &str) -> usize {
        self.outcomes.iter().filter(|(outcome, _)| outcome.starts_with(status)).map(|(_, number)| number).sum()
    }

    pub fn outcomes(&self) -> String {
        self.outcomes.iter().map(|(outcome, number)| format!("{outcome}: {number}")).collect::<Vec<_>>().join(", ")
    }

    /// Starts with what is stored already.
    pub fn of_stored(world: &World) -> Self {
        let stored = |kind: &Kind| (*kind, stored(world, *kind).into_iter().collect());
        Self { acknowledged: Kind::ALL.iter().map(stored).collect(), ..Self::default() }
    }

    /// Sends the requests of unknown outcome again, with their keys, until each has an outcome.
    pub fn settle(&mut self, world: &World, address: &str) {
        let mut caller = Connection::to(address);
        for request in std::mem::take(&mut self.unknown) {
            let deadline = Instant::now() + Duration::from_secs(20);
            let mut last = "broken".to_owned();
            let id = loop {
                match request.send(&mut caller, &world.token) {
                    Some(answer) if answer.status == 200 || answer.status == 201 => {
                        break Some(request.kind.id(&answer.json));
                    }
                    // Another writer came first: it had no effect.
                    Some(answer) if answer.status == 409 && answer.code() == "conflict" => break None,
                    answer => last = answer.map_or(last, |answer| answer.outcome()),
                }
                if Instant::now() > deadline {
                    self.faults.push(format!("{:?} sent again: {last}", request.kind));
                    break None;
                }
                std::thread::sleep(Duration::from_millis(50));
            };
            // A request that was acknowledged before the connection broke gets the same response again.
            self.acknowledged.entry(request.kind).or_default().extend(id);
        }
    }

    /// Compares with what is stored: nothing acknowledged is missing, and nothing else is there.
    pub fn compare(&mut self, world: &World, when: &str) -> (usize, usize) {
        let (mut lost, mut unsaid) = (0, 0);
        for kind in Kind::ALL {
            let rows = stored(world, kind);
            let acknowledged = self.acknowledged.entry(kind).or_default();
            let stored: BTreeSet<String> = rows.into_iter().collect();
            let (missing, more): (Vec<String>, Vec<String>) = (
                acknowledged.difference(&stored).cloned().collect(),
                stored.difference(acknowledged).cloned().collect(),
            );
            if !missing.is_empty() {
                self.faults
                    .push(format!("{when}: {} {kind:?} acknowledged and not stored: {missing:?}", missing.len()));
            }
            if !more.is_empty() {
                self.faults.push(format!("{when}: {} {kind:?} refused or sent once, and stored: {more:?}", more.len()));
            }
            (lost, unsaid) = (lost + missing.len(), unsaid + more.len());
            // Each is reported once.
            *acknowledged = stored;
        }
        (lost, unsaid)
    }
}

fn stored(world: &World, kind: Kind) -> Vec<String> {
    world.store.texts(&format!("SELECT id AS text FROM {}", kind.table()))
}

/// Runs the writers until `stop` is set or `most` requests were sent by each.
pub fn write(world: &World, address: &str, stop: &AtomicBool, most: usize) -> Ledger {
    static NUMBER: AtomicU64 = AtomicU64::new(1000);
    let writer = |writer: usize| {
        let desk = writer % world.desks.len();
        let mut ledger = Ledger::default();
        let mut caller = Connection::to(address);
        let mut referral: Option<String> = None;
        for round in writer.. {
            if stop.load(Ordering::Relaxed) || round - writer >= most {
                break;
            }
            let at = &world.desks[desk];
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let (kind, path, mut body) = match (round % 5, referral.take()) {
                (1, Some(id)) => (Kind::Accept, format!("/v1/referrals/{id}/accept"), json!({})),
                (2, _) => (Kind::Intervention, format!("/v1/cases/{}/interventions", at.case), World::intervention()),
                (3, _) => {
                    (Kind::Payment, format!("/v1/instalments/{}/payments", at.instalment), json!({"amount_cents": 1}))
                }
                (4, _) => (Kind::Reservation, "/v1/reservations".to_owned(), world.reservation(desk)),
                _ => (Kind::Referral, "/v1/referrals".to_owned(), world.referral(number)),
            };
            if world.has_long_texts && [Kind::Referral, Kind::Intervention].contains(&kind) {
                let field = if kind == Kind::Referral { "description" } else { "note" };
                body[field] = "é".repeat(4000).into();
            }
            let key = format!("{}-{number}", std::process::id());
            let request = Request { kind, path, key, body: body.to_string() };
            let answer = request.send(&mut caller, &world.token);
            if let Some(answer) = answer.as_ref().filter(|answer| kind == Kind::Referral && answer.status == 201) {
                referral = Some(kind.id(&answer.json));
            }
            let is_refused = answer.as_ref().is_none_or(|answer| answer.status >= 500);
            ledger.note(&request, answer);
            if is_refused {
                // As a caller that waits a little before the next request.
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        ledger
    };
    std::thread::scope(|threads| {
        let writers: Vec<_> = (0..world.writers).map(|rank| threads.spawn(move || writer(rank))).collect();
        let mut all = Ledger::default();
        for writer in writers {
            all.merge(writer.join().unwrap());
        }
        all
    })
}

/// Runs the writers for some time while something else happens.
pub fn write_during<T>(world: &World, address: &str, happens: impl FnOnce() -> T) -> (Ledger, T) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let writers = threads.spawn(|| write(world, address, &stop, usize::MAX));
        let result = happens();
        stop.store(true, Ordering::Relaxed);
        (writers.join().unwrap(), result)
    })
}

impl Ledger {
    /// Adds what was written since.
    pub fn add(&mut self, more: Self) {
        self.merge(more);
    }
}
