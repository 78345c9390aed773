//! Rate limiters: the generic cell rate algorithm, a bucket of `burst` requests that refills at `per_minute`.
//!
//! Each process counts its own requests: several instances together allow several times as many. Headers follow
//! draft-ietf-httpapi-ratelimit-headers.

use std::fmt::Write;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::auth::PrincipalId;
use passerelle_base::subscriber::Subscriber;

/// A limit on requests: `1200`, `1200:200` (with the burst) or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit(Option<Quota>);

impl RateLimit {
    /// No limit.
    pub const OFF: Self = Self(None);
}

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::OFF);
        }
        let number = |text: &str| text.parse::<NonZeroU32>().map_err(|_| "expected REQUESTS, REQUESTS:BURST or off");
        let (per_minute, burst) = match text.split_once(':') {
            Some((per_minute, burst)) => (number(per_minute)?, number(burst)?),
            None => (number(text)?, number(text)?),
        };
        Ok(Self(Some(Quota::per_minute(per_minute).allow_burst(burst))))
    }
}

/// The kind of caller that a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Address,
    Health,
    Principal,
}

impl Limit {
    const ALL: [Self; 3] = [Self::Address, Self::Health, Self::Principal];

    /// The name in headers, problems and metrics.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Health => "health",
            Self::Principal => "principal",
        }
    }
}

/// The bucket of one caller after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BucketState {
    remaining: u32,
    /// Seconds until the bucket is full again.
    reset: u64,
}

/// The state of each bucket that a request was counted in, left in the request for the headers of its response.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::http) struct BucketStates([Option<BucketState>; Limit::ALL.len()]);

impl BucketStates {
    pub(super) fn set(&mut self, limit: Limit, state: BucketState) {
        self.0[limit as usize] = Some(state);
    }

    /// The value of `RateLimit`.
    pub(in crate::http) fn header(self) -> String {
        let mut value = String::with_capacity(48);
        for (limit, state) in Limit::ALL.iter().zip(self.0) {
            if let Some(BucketState { remaining, reset }) = state {
                let _ = write!(value, "{}\"{}\";r={remaining};t={reset}", comma(&value), limit.name());
            }
        }
        value
    }
}

/// The limiters of this process.
pub(in crate::http) struct RateLimiters {
    pub(super) address: Option<Limiter<Subscriber>>,
    pub(super) health: Option<Limiter<Subscriber>>,
    pub(super) principal: Option<Limiter<PrincipalId>>,
    /// The value of `RateLimit-Policy`; empty without limits.
    policy: String,
}

impl RateLimiters {
    pub(super) fn new(address: RateLimit, health: RateLimit, principal: RateLimit) -> Self {
        let mut policy = String::new();
        for (limit, rate) in Limit::ALL.iter().zip([address, health, principal]) {
            if let Some(quota) = rate.0 {
                let (name, burst, window) = (limit.name(), quota.burst_size(), window(quota));
                let _ = write!(policy, "{}\"{name}\";q={burst};w={window}", comma(&policy));
            }
        }
        Self {
            address: address.0.map(Limiter::new),
            health: health.0.map(Limiter::new),
            principal: principal.0.map(Limiter::new),
            policy,
        }
    }

    /// The value of `RateLimit-Policy`.
    pub(in crate::http) fn policy(&self) -> Option<&str> {
        Some(self.policy.as_str()).filter(|policy| !policy.is_empty())
    }
}

fn comma(before: &str) -> &'static str {
    if before.is_empty() { "" } else { ", " }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Seconds in which an empty bucket fills.
fn window(quota: Quota) -> u64 {
    whole_seconds(quota.replenish_interval() * quota.burst_size().get())
}

type Buckets<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Requests between two sweeps; a sweep forgets the callers whose bucket is full again.
const SWEEP: usize = 8192;
/// More callers than this in a minute are an attack: the table is cleared rather than grow.
const CAPACITY: usize = 100_000;

/// A bucket is empty.
pub(super) struct Exceeded {
    /// Until the next request is allowed.
    wait: Duration,
    /// Seconds until the bucket is full again.
    reset: u64,
}

impl Exceeded {
    pub(super) fn retry_after_seconds(&self) -> u64 {
        whole_seconds(self.wait).max(1)
    }

    pub(super) fn state(&self) -> BucketState {
        BucketState { remaining: 0, reset: self.reset }
    }
}

/// The buckets of one kind of caller, bounded in memory.
pub(super) struct Limiter<K: Hash + Eq + Clone> {
    quota: Quota,
    clock: DefaultClock,
    buckets: RwLock<Buckets<K>>,
    counted: AtomicUsize,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    fn new(quota: Quota) -> Self {
        Self {
            quota,
            clock: DefaultClock::default(),
            buckets: RwLock::new(buckets(quota)),
            counted: AtomicUsize::new(1),
        }
    }

    pub(super) fn check(&self, key: &K) -> Result<BucketState, Exceeded> {
        if self.counted.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
            self.sweep();
        }
        let full = self.quota.burst_size().get();
        // A poisoned lock still guards a usable table.
        let buckets = self.buckets.read().unwrap_or_else(PoisonError::into_inner);
        match buckets.check_key(key) {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                let missing = full.saturating_sub(remaining);
                Ok(BucketState { remaining, reset: whole_seconds(self.quota.replenish_interval() * missing) })
            }
            Err(refused) => Err(Exceeded { wait: refused.wait_time_from(self.clock.now()), reset: window(self.quota) }),
        }
    }

    fn sweep(&self) {
        let buckets = self.buckets.read().unwrap_or_else(PoisonError::into_inner);
        buckets.retain_recent();
        if buckets.len() > CAPACITY {
            drop(buckets);
            *self.buckets.write().unwrap_or_else(PoisonError::into_inner) = self::buckets(self.quota);
        }
    }
}

fn buckets<K: Hash + Eq + Clone>(quota: Quota) -> Buckets<K> {
    RateLimiter::keyed(quota).with_middleware()
}

#[cfg(test)]
mod tests {
    use crate::http::edge::limiter::*;

    #[test]
    fn a_bucket_empties_by_its_burst_and_reports_its_state() {
        let quota = "60:3".parse::<RateLimit>().unwrap().0.unwrap();
        let limiter = Limiter::new(quota);
        let state = limiter.check(&1).ok().unwrap();
        assert_eq!((state.remaining, state.reset), (2, 1));
        assert!(limiter.check(&1).is_ok() && limiter.check(&1).is_ok());
        let exceeded = limiter.check(&1).err().unwrap();
        assert!(exceeded.wait <= Duration::from_secs(1) && exceeded.reset == 3, "{:?}", exceeded.wait);
        assert!(limiter.check(&2).is_ok(), "each caller has its own bucket");
    }

    #[test]
    fn callers_that_come_once_are_forgotten() {
        let limiter = Limiter::new("6000000".parse::<RateLimit>().unwrap().0.unwrap());
        for caller in 0..SWEEP * 2 {
            let _ = limiter.check(&caller);
        }
        std::thread::sleep(Duration::from_millis(5));
        limiter.sweep();
        assert_eq!(limiter.buckets.read().unwrap().len(), 0);
    }

    #[test]
    fn a_flood_of_callers_does_not_grow_the_table_without_bound() {
        let limiter = Limiter::new("1:1".parse::<RateLimit>().unwrap().0.unwrap());
        for caller in 0..CAPACITY + 2 * SWEEP {
            let _ = limiter.check(&caller);
        }
        assert!(limiter.buckets.read().unwrap().len() <= 2 * SWEEP);
    }

    #[test]
    fn a_limit_is_a_number_a_pair_or_off() {
        assert_eq!("off".parse(), Ok(RateLimit::OFF));
        assert_eq!(
            RateLimiters::new("600:100".parse().unwrap(), "60".parse().unwrap(), "120".parse().unwrap()).policy,
            "\"address\";q=100;w=10, \"health\";q=60;w=60, \"principal\";q=120;w=60"
        );
        for bad in ["", "0", "-1", "10:", "10:0", "ten", "1:2:3"] {
            assert!(bad.parse::<RateLimit>().is_err(), "{bad}");
        }
    }
}
