//! Answers of the database that cannot become untrue, kept in memory under questions that say all that they depend on.
//!
//! Only for rows that are never changed nor removed, and only for a yes: what is refused is asked again each time, since it
//! may be granted later, and since what is not there and what may not be seen must cost the same.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Bytes that questions and answers have together at most.
const ALL: u64 = 8 << 20;

/// How many there are, about; some thousands of callers with a handful of releases each.
const EXPECTED: usize = 8192;

/// What an entry costs beside its texts, about.
const OVERHEAD: u64 = 128;

/// The answers given lately. A handle, cheap to clone.
#[derive(Clone)]
pub struct LookupCache(Arc<Cache<String, Arc<str>, Weigh>>);

#[derive(Clone)]
struct Weigh;

impl Weighter<String, Arc<str>> for Weigh {
    fn weight(&self, question: &String, answer: &Arc<str>) -> u64 {
        u64::try_from(question.len() + answer.len()).unwrap_or(u64::MAX).saturating_add(OVERHEAD)
    }
}

impl Default for LookupCache {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(EXPECTED, ALL, Weigh)))
    }
}

impl LookupCache {
    /// What the database answered, if it was asked lately.
    pub fn get(&self, question: &str) -> Option<Arc<str>> {
        self.0.get(question)
    }

    /// Keeps what the database has just answered.
    pub fn put(&self, question: String, answer: &str) {
        self.0.insert(question, answer.into());
    }

    /// How many there are.
    pub fn held(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use crate::http::lookup_cache::*;

    #[test]
    fn answers_are_found_by_the_whole_question_and_do_not_grow_without_end() {
        let settled = LookupCache::default();
        settled.put("a b".into(), "yes");
        assert_eq!(settled.get("a b").as_deref(), Some("yes"));
        assert_eq!((settled.get("a"), settled.get("a b ")), (None, None));
        for number in 0..20_000 {
            settled.put(format!("{number} {}", "x".repeat(1000)), "yes");
        }
        assert!(settled.held() > 100 && settled.0.weight() <= ALL, "{} of {}", settled.0.weight(), settled.held());
    }
}
