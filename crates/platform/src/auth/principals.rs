//! The cache of principals: rights are read from the database at most every five seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::principal::{Principal, PrincipalId};

/// How long rights stay cached: the longest time for which a removed right still works.
const TTL: Duration = Duration::from_secs(5);
/// More principals than a deployment has: a full cache is cleared instead of growing.
const CAPACITY: usize = 10_000;

/// The recently read principals.
#[derive(Default)]
pub struct Principals {
    cache: Mutex<HashMap<PrincipalId, Entry>>,
}

struct Entry {
    read_at: Instant,
    principal: Option<Arc<Principal>>,
}

impl Principals {
    /// A principal read in the last five seconds; `Some(None)` if it was inactive.
    #[allow(clippy::option_option, reason = "three cases: not cached, cached as inactive, cached as active")]
    pub fn get(&self, id: PrincipalId) -> Option<Option<Arc<Principal>>> {
        let cache = self.cache.lock().ok()?;
        cache.get(&id).filter(|entry| entry.read_at.elapsed() < TTL).map(|entry| entry.principal.clone())
    }

    /// Caches a principal that was just read.
    pub fn put(&self, id: PrincipalId, principal: Option<Arc<Principal>>) {
        if let Ok(mut cache) = self.cache.lock() {
            if cache.len() >= CAPACITY {
                cache.clear();
            }
            cache.insert(id, Entry { read_at: Instant::now(), principal });
        }
    }

    /// Removes a principal whose rights this instance has just changed.
    pub fn forget(&self, id: PrincipalId) {
        if let Ok(mut cache) = self.cache.lock() {
            cache.remove(&id);
        }
    }
}
