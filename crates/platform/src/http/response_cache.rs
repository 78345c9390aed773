//! A cache of responses that never change: [`CachedResponse`] is one, [`ResponseCache`] holds the recently requested
//! ones.
//!
//! The caches know nothing of rights. Code that reads them must know that the caller may read the response: from the
//! database, or from an earlier result of it that cannot become invalid.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ContentEncoding, ETAG,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use quick_cache::Weighter;
use quick_cache::sync::{Cache, GuardResult};

use super::etag;
use super::media_type::JSON;
use crate::privacy::{MacKey, sha256};
use passerelle_base::error::ApiError;
use passerelle_base::text::hex;

/// Maximum size of the whole cache, keys included, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Maximum size of one cached response with its compressed bodies, in bytes: a larger one would evict many others.
const MAX_ENTRY_BYTES: u64 = 12 << 20;

/// Few enough that the cache has at most four shards, each with room for the largest response.
const EXPECTED_ENTRIES: usize = 128;

/// Approximate overhead of an entry, in bytes.
const OVERHEAD: u64 = 256;

/// Maximum time to wait for a concurrent request that builds the same response, before building it too.
const WAIT_TIMEOUT: Duration = Duration::from_secs(5);

/// A response that never changes.
#[derive(Debug)]
pub struct CachedResponse {
    bytes: Bytes,
    /// With its quotes.
    tag: String,
    media_type: &'static str,
    disposition: Option<String>,
    compressed: [OnceLock<Bytes>; CACHED_ENCODINGS.len()],
}

/// The encodings whose compressed body is cached. For other encodings the body is compressed per request.
const CACHED_ENCODINGS: [ContentEncoding; 2] = [ContentEncoding::Brotli, ContentEncoding::Gzip];

impl CachedResponse {
    /// JSON, with a digest in hexadecimal as its tag.
    pub fn json(bytes: Vec<u8>, digest: &str) -> Self {
        Self::new(bytes, format!("\"{digest}\""), JSON, None)
    }

    /// A JSON document that does not depend on the caller, with a digest of its bytes as its tag. `None` if it cannot be
    /// serialised.
    pub fn document(document: &serde_json::Value) -> Option<Self> {
        let bytes = serde_json::to_vec(document).ok()?;
        let digest = hex(&sha256(&bytes));
        Some(Self::json(bytes, &digest))
    }

    /// A page, with a text of its own as its tag.
    pub fn page(html: String, tag: &str) -> Self {
        Self::new(html.into_bytes(), format!("\"{tag}\""), "text/html; charset=utf-8", None)
    }

    /// A file to be saved under a name of ASCII letters, digits, dots and hyphens. Its tag is a MAC of its bytes: the
    /// content of a small table could be guessed from a plain digest.
    pub fn file(key: &MacKey, bytes: Vec<u8>, media_type: &'static str, name: &str) -> Self {
        let tag = etag::tag(key, None, &bytes);
        let disposition = Some(format!("attachment; filename=\"{name}\""));
        Self::new(bytes, tag, media_type, disposition)
    }

    fn new(bytes: Vec<u8>, tag: String, media_type: &'static str, disposition: Option<String>) -> Self {
        Self { bytes: bytes.into(), tag, media_type, disposition, compressed: Default::default() }
    }

    /// The body, not compressed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The body, not compressed, as shared bytes.
    pub(super) fn body(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The compressed body, if it is cached.
    pub(super) fn compressed(&self, encoding: ContentEncoding) -> Option<Bytes> {
        self.slot(encoding)?.get().cloned()
    }

    /// Caches the compressed body, unless it is larger than [`weight`] allows for.
    pub(super) fn cache_compressed(&self, encoding: ContentEncoding, body: &Bytes) {
        let max = self.bytes.len() / CACHED_ENCODINGS.len();
        if let Some(slot) = self.slot(encoding).filter(|_| body.len() <= max) {
            // Fails if a concurrent request was faster: its body is the same.
            let _ = slot.set(body.clone());
        }
    }

    fn slot(&self, encoding: ContentEncoding) -> Option<&OnceLock<Bytes>> {
        CACHED_ENCODINGS.iter().position(|known| *known == encoding).and_then(|at| self.compressed.get(at))
    }

    /// 200 with the body, or 304.
    pub(super) fn respond(self: &Arc<Self>, req: &HttpRequest, cache_control: &'static str) -> HttpResponse {
        let matching = etag::matching(req, &self.tag);
        let status = if matching.is_some() { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, cache_control));
        if let Some(tag) = matching {
            return response.insert_header((ETAG, tag)).finish();
        }
        response.insert_header((ETAG, self.tag.as_str())).insert_header((CONTENT_TYPE, self.media_type));
        if let Some(disposition) = &self.disposition {
            response.insert_header((CONTENT_DISPOSITION, disposition.as_str()));
        }
        if req.headers().contains_key(ACCEPT_ENCODING) {
            // The compression step finds the cached compressed bodies here.
            response.extensions_mut().insert(Arc::clone(self));
        }
        response.body(self.bytes.clone())
    }
}

/// The recently requested responses, under keys that state everything they depend on. A handle, cheap to clone.
#[derive(Clone)]
pub struct ResponseCache(Arc<Cache<String, Arc<CachedResponse>, ByBytes>>);

#[derive(Clone)]
struct ByBytes;

impl Weighter<String, Arc<CachedResponse>> for ByBytes {
    fn weight(&self, key: &String, response: &Arc<CachedResponse>) -> u64 {
        weight(key, response)
    }
}

/// The size of an entry, with the room that its compressed bodies may take.
fn weight(key: &str, response: &CachedResponse) -> u64 {
    u64::try_from(key.len() + 2 * response.bytes.len()).unwrap_or(u64::MAX).saturating_add(OVERHEAD)
}

impl Default for ResponseCache {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(EXPECTED_ENTRIES, MAX_BYTES, ByBytes)))
    }
}

impl ResponseCache {
    /// The cached response of a key.
    pub fn get(&self, key: &str) -> Option<Arc<CachedResponse>> {
        self.0.get(key)
    }

    /// The number of entries.
    pub fn entries(&self) -> usize {
        self.0.len()
    }

    /// The response of a key, built if it is not cached. Concurrent requests for the same key wait for one build.
    pub fn get_or_build(
        &self,
        key: &str,
        build: impl FnOnce() -> Result<CachedResponse, ApiError>,
    ) -> Result<Arc<CachedResponse>, ApiError> {
        match self.0.get_value_or_guard(key, Some(WAIT_TIMEOUT)) {
            GuardResult::Value(response) => Ok(response),
            GuardResult::Timeout => build().map(Arc::new),
            // After a failed build or a response that is too large, the next request builds again.
            GuardResult::Guard(guard) => {
                let response = Arc::new(build()?);
                if weight(key, &response) <= MAX_ENTRY_BYTES {
                    // Fails if a concurrent request was faster: its response is the same.
                    drop(guard.insert(Arc::clone(&response)));
                }
                Ok(response)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::http::response_cache::*;
    use passerelle_base::error::Code;

    fn of(length: usize) -> CachedResponse {
        CachedResponse::json(vec![b'x'; length], "0a")
    }

    /// Whether the cache had to build the response.
    fn is_built(cache: &ResponseCache, key: &str, length: usize) -> bool {
        let mut built = false;
        let response = cache.get_or_build(key, || {
            built = true;
            Ok(of(length))
        });
        assert_eq!(response.unwrap().bytes().len(), length);
        built
    }

    #[test]
    fn a_response_is_built_once_and_again_after_a_failure() {
        let cache = ResponseCache::default();
        let failed = cache.get_or_build("a", || Err(ApiError::not_found()));
        assert_eq!(failed.unwrap_err().code, Code::NotFound);
        assert!(is_built(&cache, "a", 10) && !is_built(&cache, "a", 10));
        assert!(is_built(&cache, "b", 20) && !is_built(&cache.clone(), "b", 20));
    }

    #[test]
    fn each_response_and_the_whole_cache_are_bounded() {
        let cache = ResponseCache::default();
        let largest = usize::try_from(MAX_ENTRY_BYTES - OVERHEAD - 1).unwrap() / 2;
        assert!(is_built(&cache, "a", largest) && !is_built(&cache, "a", largest));
        assert!(is_built(&cache, "b", largest + 1) && is_built(&cache, "b", largest + 1));
        for number in 0..40 {
            is_built(&cache, &number.to_string(), 2 << 20);
        }
        assert!(
            cache.0.weight() <= MAX_BYTES && cache.entries() > 4,
            "{} bytes of {}",
            cache.0.weight(),
            cache.entries()
        );
    }

    #[test]
    fn concurrent_requests_for_one_key_wait_for_one_build() {
        let cache = ResponseCache::default();
        let builds = std::sync::atomic::AtomicUsize::new(0);
        let build = || {
            builds.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(50));
            Ok(of(10))
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert!(cache.get_or_build("a", build).is_ok()));
            }
        });
        assert_eq!(builds.into_inner(), 1);
    }
}
