//! A cache of query results that never become invalid, under keys that state everything they depend on.
//!
//! Only for rows that are never changed or removed, and only for positive results. A refusal is queried again each
//! time, because access may be granted later, and because a missing row and a hidden one must take the same time.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Maximum size of all keys and values together, in bytes.
const MAX_BYTES: u64 = 8 << 20;

/// Expected number of entries: some thousands of callers with a handful of releases each.
const EXPECTED_ENTRIES: usize = 8192;

/// Approximate overhead of an entry, in bytes.
const OVERHEAD: u64 = 128;

/// The results of recent queries. A handle, cheap to clone.
#[derive(Clone)]
pub struct LookupCache(Arc<Cache<String, Arc<str>, ByBytes>>);

#[derive(Clone)]
struct ByBytes;

impl Weighter<String, Arc<str>> for ByBytes {
    fn weight(&self, key: &String, value: &Arc<str>) -> u64 {
        u64::try_from(key.len() + value.len()).unwrap_or(u64::MAX).saturating_add(OVERHEAD)
    }
}

impl Default for LookupCache {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(EXPECTED_ENTRIES, MAX_BYTES, ByBytes)))
    }
}

impl LookupCache {
    /// The cached result, if there is one.
    pub fn get(&self, key: &str) -> Option<Arc<str>> {
        self.0.get(key)
    }

    /// Caches the result of a query.
    pub fn put(&self, key: String, value: &str) {
        self.0.insert(key, value.into());
    }

    /// The number of entries.
    pub fn entries(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use crate::http::lookup_cache::*;

    #[test]
    fn results_are_found_by_the_whole_key_and_the_cache_is_bounded() {
        let cache = LookupCache::default();
        cache.put("a b".into(), "yes");
        assert_eq!(cache.get("a b").as_deref(), Some("yes"));
        assert_eq!((cache.get("a"), cache.get("a b ")), (None, None));
        for number in 0..20_000 {
            cache.put(format!("{number} {}", "x".repeat(1000)), "yes");
        }
        assert!(cache.entries() > 100 && cache.0.weight() <= MAX_BYTES, "{} of {}", cache.0.weight(), cache.entries());
    }
}
