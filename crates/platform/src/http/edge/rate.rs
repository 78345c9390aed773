//! Requests a minute: of an address before anything is checked, of a principal once it is known.
//!
//! Counted by this process alone (several instances allow several times as much), with the generic cell rate
//! algorithm: a bucket of `burst` requests that fills again at `per_minute`. Headers as in
//! draft-ietf-httpapi-ratelimit-headers.

use std::fmt::Write;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::RwLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage, web};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::Edge;
use crate::auth::PrincipalId;
use passerelle_base::error::{ApiError, Code};

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

/// Where a caller stands in its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    remaining: u32,
    /// Seconds until the bucket is full again.
    reset: u64,
}

/// Left in the request for the headers of its answer: the standing of its address, then of its principal.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::http) struct Standings([Option<Standing>; 2]);

const NAMES: [&str; 2] = ["address", "principal"];
const ADDRESS: usize = 0;
const PRINCIPAL: usize = 1;

/// The limits and who came lately.
pub(in crate::http) struct Rates {
    address: Option<Limiter<IpAddr>>,
    principal: Option<Limiter<PrincipalId>>,
    /// The value of `RateLimit-Policy`; empty without limits.
    policy: String,
}

impl Rates {
    pub(super) fn new(address: RateLimit, principal: RateLimit) -> Self {
        let mut policy = String::new();
        for (name, limit) in NAMES.iter().zip([address, principal]) {
            if let Some(quota) = limit.0 {
                let _ = write!(policy, "{}\"{name}\";q={};w={}", comma(&policy), quota.burst_size(), window(quota));
            }
        }
        Self { address: address.0.map(Limiter::new), principal: principal.0.map(Limiter::new), policy }
    }

    /// The value of `RateLimit-Policy`.
    pub(in crate::http) fn policy(&self) -> Option<&str> {
        Some(self.policy.as_str()).filter(|policy| !policy.is_empty())
    }
}

/// Counts a request against its address. Health checks and the reading of metrics are not counted.
pub(in crate::http) fn of_address(edge: &Edge, req: &ServiceRequest) -> Result<(), ApiError> {
    let Some(limiter) = &edge.rates.address else { return Ok(()) };
    if is_free(req.path()) {
        return Ok(());
    }
    let Some(address) = crate::http::address::client_address(req.request()) else { return Ok(()) };
    note(edge, req, ADDRESS, limiter.check(&subscriber(address)))
}

/// Counts a request against the principal that makes it.
pub fn of_principal(req: &ServiceRequest, principal: PrincipalId) -> Result<(), ApiError> {
    let Some(edge) = req.app_data::<web::Data<Edge>>() else { return Ok(()) };
    let Some(limiter) = &edge.rates.principal else { return Ok(()) };
    if is_free(req.path()) {
        return Ok(());
    }
    note(edge, req, PRINCIPAL, limiter.check(&principal))
}

/// What a monitor asks for must answer when everything else is refused.
fn is_free(path: &str) -> bool {
    path.starts_with("/health/") || path == "/metrics"
}

fn note(edge: &Edge, req: &ServiceRequest, which: usize, checked: Result<Standing, Refused>) -> Result<(), ApiError> {
    let (standing, outcome) = match checked {
        Ok(standing) => (standing, Ok(())),
        Err(refused) => {
            edge.metrics.limited(NAMES[which]);
            let seconds = seconds_up(refused.wait).max(1);
            let error = ApiError::new(Code::TooManyRequests)
                .detail(
                    format!("Trop de requêtes : réessayer dans {seconds} s."),
                    format!("Too many requests: try again in {seconds} s."),
                )
                .with("limit", NAMES[which])
                .retry_after(u32::try_from(seconds).unwrap_or(u32::MAX));
            (Standing { remaining: 0, reset: refused.reset }, Err(error))
        }
    };
    let mut extensions = req.extensions_mut();
    let mut standings = extensions.get::<Standings>().copied().unwrap_or_default();
    standings.0[which] = Some(standing);
    extensions.insert(standings);
    outcome
}

impl Standings {
    /// The value of `RateLimit`.
    pub(in crate::http) fn header(self) -> String {
        let mut value = String::with_capacity(48);
        for (name, standing) in NAMES.iter().zip(self.0) {
            if let Some(Standing { remaining, reset }) = standing {
                let _ = write!(value, "{}\"{name}\";r={remaining};t={reset}", comma(&value));
            }
        }
        value
    }
}

/// An IPv6 subscriber has a network of 2^64 addresses, and is counted as one.
fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

fn comma(before: &str) -> &'static str {
    if before.is_empty() { "" } else { ", " }
}

fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Seconds in which an empty bucket fills.
fn window(quota: Quota) -> u64 {
    seconds_up(quota.replenish_interval() * quota.burst_size().get())
}

type Buckets<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Every so many requests, those who have a full bucket again are forgotten.
const SWEEP: usize = 8192;
/// More callers than that in a minute are an attack: the table starts anew rather than grow.
const CAPACITY: usize = 100_000;

struct Refused {
    wait: Duration,
    reset: u64,
}

/// The buckets of one kind of caller, bounded in memory.
struct Limiter<K: Hash + Eq + Clone> {
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

    fn check(&self, key: &K) -> Result<Standing, Refused> {
        if self.counted.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
            self.sweep();
        }
        let full = self.quota.burst_size().get();
        // A poisoned lock still guards a usable table.
        let buckets = self.buckets.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        match buckets.check_key(key) {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                let missing = full.saturating_sub(remaining);
                Ok(Standing { remaining, reset: seconds_up(self.quota.replenish_interval() * missing) })
            }
            Err(refused) => Err(Refused { wait: refused.wait_time_from(self.clock.now()), reset: window(self.quota) }),
        }
    }

    fn sweep(&self) {
        let buckets = self.buckets.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        buckets.retain_recent();
        if buckets.len() > CAPACITY {
            drop(buckets);
            *self.buckets.write().unwrap_or_else(std::sync::PoisonError::into_inner) = self::buckets(self.quota);
        }
    }
}

fn buckets<K: Hash + Eq + Clone>(quota: Quota) -> Buckets<K> {
    RateLimiter::keyed(quota).with_middleware()
}

#[cfg(test)]
mod tests {
    use crate::http::edge::rate::*;

    #[test]
    fn a_bucket_empties_by_its_burst_and_says_where_it_stands() {
        let quota = "60:3".parse::<RateLimit>().unwrap().0.unwrap();
        let limiter = Limiter::new(quota);
        let standing = limiter.check(&1).ok().unwrap();
        assert_eq!((standing.remaining, standing.reset), (2, 1));
        assert!(limiter.check(&1).is_ok() && limiter.check(&1).is_ok());
        let refused = limiter.check(&1).err().unwrap();
        assert!(refused.wait <= Duration::from_secs(1) && refused.reset == 3, "{:?}", refused.wait);
        assert!(limiter.check(&2).is_ok(), "each has its own");
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
    fn a_flood_of_callers_does_not_grow_the_table_without_end() {
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
            Rates::new("600:100".parse().unwrap(), "120".parse().unwrap()).policy,
            "\"address\";q=100;w=10, \"principal\";q=120;w=60"
        );
        for bad in ["", "0", "-1", "10:", "10:0", "ten", "1:2:3"] {
            assert!(bad.parse::<RateLimit>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_ipv6_subscriber_is_one_caller() {
        let one: IpAddr = "2001:db8:1:2:3::4".parse().unwrap();
        assert_eq!(subscriber(one).to_string(), "2001:db8:1:2::");
        assert_eq!(subscriber("192.0.2.7".parse().unwrap()).to_string(), "192.0.2.7");
    }
}
