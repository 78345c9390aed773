//! Answers that were made once and never change, kept in memory: [`CachedAnswer`] is one, [`AnswerCache`] has the last asked for.
//!
//! Whoever looks here knows already that the caller may read what the answer is of, from the database or from what it said that
//! cannot become untrue: nothing here knows of rights.

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
use super::presentation::JSON;
use crate::privacy::MacKey;
use passerelle_base::error::ApiError;

/// Bytes that all answers have together at most, with what names them.
const ALL: u64 = 64 << 20;

/// Bytes of the largest answer that is kept, with its packed ones: one that is larger would drive many others out.
const LARGEST: u64 = 12 << 20;

/// So few that the cache makes four parts of itself at most: each has room for the largest answer.
const EXPECTED: usize = 128;

/// What an entry costs beside its bytes and its name, about.
const OVERHEAD: u64 = 256;

/// How long somebody waits for another who makes the same answer, before making it too.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer that never changes.
#[derive(Debug)]
pub struct CachedAnswer {
    bytes: Bytes,
    /// With its quotes.
    tag: String,
    media_type: &'static str,
    disposition: Option<String>,
    packed: [OnceLock<Bytes>; PACKED.len()],
}

/// The encodings in which an answer is kept beside itself. What asks for others has them made each time.
const PACKED: [ContentEncoding; 2] = [ContentEncoding::Brotli, ContentEncoding::Gzip];

impl CachedAnswer {
    /// JSON that has a digest of its own for a tag, in hexadecimal.
    pub fn json(bytes: Vec<u8>, digest: &str) -> Self {
        Self::of(bytes, format!("\"{digest}\""), JSON, None)
    }

    /// A file to be saved under a name of ASCII letters, digits, points and hyphens. Its tag is a MAC of its bytes: some
    /// are few enough to be guessed by who sees a tag.
    pub fn file(key: &MacKey, bytes: Vec<u8>, media_type: &'static str, name: &str) -> Self {
        let tag = etag::tag(key, None, &bytes);
        let disposition = Some(format!("attachment; filename=\"{name}\""));
        Self::of(bytes, tag, media_type, disposition)
    }

    fn of(bytes: Vec<u8>, tag: String, media_type: &'static str, disposition: Option<String>) -> Self {
        Self { bytes: bytes.into(), tag, media_type, disposition, packed: Default::default() }
    }

    /// What it says.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says, as a body.
    pub(super) fn body(&self) -> Bytes {
        self.bytes.clone()
    }

    /// What it says in an encoding, if that is kept.
    pub(super) fn packed(&self, encoding: ContentEncoding) -> Option<Bytes> {
        self.place_of(encoding)?.get().cloned()
    }

    /// Keeps what it says in an encoding, unless that needs more room than [`weight`] has reckoned with.
    pub(super) fn keep_packed(&self, encoding: ContentEncoding, packed: &Bytes) {
        if let Some(place) = self.place_of(encoding).filter(|_| packed.len() <= self.bytes.len() / PACKED.len()) {
            // Refused when somebody else was faster: theirs says the same.
            let _ = place.set(packed.clone());
        }
    }

    fn place_of(&self, encoding: ContentEncoding) -> Option<&OnceLock<Bytes>> {
        PACKED.iter().position(|known| *known == encoding).and_then(|at| self.packed.get(at))
    }

    /// 200 with it, or 304.
    pub(super) fn respond(self: &Arc<Self>, req: &HttpRequest, cache_control: &'static str) -> HttpResponse {
        let known = etag::known(req, &self.tag);
        let status = if known.is_some() { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, cache_control));
        if let Some(known) = known {
            return response.insert_header((ETAG, known)).finish();
        }
        response.insert_header((ETAG, self.tag.as_str())).insert_header((CONTENT_TYPE, self.media_type));
        if let Some(disposition) = &self.disposition {
            response.insert_header((CONTENT_DISPOSITION, disposition.as_str()));
        }
        if req.headers().contains_key(ACCEPT_ENCODING) {
            // Where what packs it finds what was packed before.
            response.extensions_mut().insert(Arc::clone(self));
        }
        response.body(self.bytes.clone())
    }
}

/// The answers asked for lately, by a name that says all that they depend on. A handle, cheap to clone.
#[derive(Clone)]
pub struct AnswerCache(Arc<Cache<String, Arc<CachedAnswer>, Weigh>>);

#[derive(Clone)]
struct Weigh;

impl Weighter<String, Arc<CachedAnswer>> for Weigh {
    fn weight(&self, name: &String, answer: &Arc<CachedAnswer>) -> u64 {
        weight(name, answer)
    }
}

/// With the room that its packed bytes may take.
fn weight(name: &str, answer: &CachedAnswer) -> u64 {
    u64::try_from(name.len() + 2 * answer.bytes.len()).unwrap_or(u64::MAX).saturating_add(OVERHEAD)
}

impl Default for AnswerCache {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(EXPECTED, ALL, Weigh)))
    }
}

impl AnswerCache {
    /// The answer of a name, if it is there.
    pub fn get(&self, name: &str) -> Option<Arc<CachedAnswer>> {
        self.0.get(name)
    }

    /// How many there are.
    pub fn held(&self) -> usize {
        self.0.len()
    }

    /// The answer of a name, made when it is not there. Who asks for it meanwhile waits for it and does not make it too.
    pub fn or_make(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<CachedAnswer, ApiError>,
    ) -> Result<Arc<CachedAnswer>, ApiError> {
        match self.0.get_value_or_guard(name, Some(PATIENCE)) {
            GuardResult::Value(answer) => Ok(answer),
            GuardResult::Timeout => make().map(Arc::new),
            // What cannot be made, or is too large, leaves its place to the next who asks.
            GuardResult::Guard(place) => {
                let answer = Arc::new(make()?);
                if weight(name, &answer) <= LARGEST {
                    // Refused when somebody else was faster: theirs says the same.
                    drop(place.insert(Arc::clone(&answer)));
                }
                Ok(answer)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::http::answer_cache::*;
    use passerelle_base::error::Code;

    fn of(length: usize) -> CachedAnswer {
        CachedAnswer::json(vec![b'x'; length], "0a")
    }

    fn made_again(kept: &AnswerCache, name: &str, length: usize) -> bool {
        let mut made = false;
        let answer = kept.or_make(name, || {
            made = true;
            Ok(of(length))
        });
        assert_eq!(answer.unwrap().bytes().len(), length);
        made
    }

    #[test]
    fn an_answer_is_made_once_and_one_that_failed_again() {
        let kept = AnswerCache::default();
        let failed = kept.or_make("a", || Err(ApiError::not_found()));
        assert_eq!(failed.unwrap_err().code, Code::NotFound);
        assert!(made_again(&kept, "a", 10) && !made_again(&kept, "a", 10));
        assert!(made_again(&kept, "b", 20) && !made_again(&kept.clone(), "b", 20));
    }

    #[test]
    fn neither_one_answer_nor_all_are_larger_than_they_may_be() {
        let kept = AnswerCache::default();
        let largest = usize::try_from(LARGEST - OVERHEAD - 1).unwrap() / 2;
        assert!(made_again(&kept, "a", largest) && !made_again(&kept, "a", largest));
        assert!(made_again(&kept, "b", largest + 1) && made_again(&kept, "b", largest + 1));
        for number in 0..40 {
            made_again(&kept, &number.to_string(), 2 << 20);
        }
        assert!(kept.0.weight() <= ALL && kept.held() > 4, "{} bytes of {}", kept.0.weight(), kept.held());
    }

    #[test]
    fn who_asks_for_what_another_makes_waits_for_it() {
        let kept = AnswerCache::default();
        let times = std::sync::atomic::AtomicUsize::new(0);
        let make = || {
            times.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(50));
            Ok(of(10))
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert!(kept.or_make("a", make).is_ok()));
            }
        });
        assert_eq!(times.into_inner(), 1);
    }
}
