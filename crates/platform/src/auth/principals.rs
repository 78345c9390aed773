//! The cache of principals: rights are read from the database at most every five seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::principal::{Principal, PrincipalId};

/// How long rights stay cached: the longest time a revoked principal keeps a right.
const FRESH: Duration = Duration::from_secs(5);
/// More principals than a deployment has; past it the cache starts anew rather than grow.
const CAPACITY: usize = 10_000;

/// Principals read recently.
#[derive(Default)]
pub struct Principals {
    cache: Mutex<HashMap<PrincipalId, Read>>,
}

/// What was read, and when.
struct Read {
    at: Instant,
    principal: Option<Arc<Principal>>,
}

impl Principals {
    /// A principal read in the last five seconds; `Some(None)` when it was then inactive.
    #[allow(clippy::option_option, reason = "not read lately, read and inactive, read and active: three answers")]
    pub fn get(&self, id: PrincipalId) -> Option<Option<Arc<Principal>>> {
        let cache = self.cache.lock().ok()?;
        cache.get(&id).filter(|read| read.at.elapsed() < FRESH).map(|read| read.principal.clone())
    }

    /// Keeps what was just read.
    pub fn put(&self, id: PrincipalId, principal: Option<Arc<Principal>>) {
        if let Ok(mut cache) = self.cache.lock() {
            if cache.len() >= CAPACITY {
                cache.clear();
            }
            cache.insert(id, Read { at: Instant::now(), principal });
        }
    }

    /// Forgets a principal whose rights this instance has just changed.
    pub fn forget(&self, id: PrincipalId) {
        if let Ok(mut cache) = self.cache.lock() {
            cache.remove(&id);
        }
    }
}
