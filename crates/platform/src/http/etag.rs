//! Entity tags (RFC 9110 § 8.8.3): the version of an object and the digest of a representation.
//!
//! A tag is `"<version>-<digest>"`, or `"<digest>"` for a response without a version (a list, open data). The digest
//! covers the bytes of the response, so different representations have different tags, whatever the reason: language,
//! sparse fields, the day, another row. `If-None-Match` compares the whole tag. `If-Match` compares only the version,
//! because it concerns the object and not its representation: `"3"` is equivalent to the tag that a read returned.

use actix_web::HttpRequest;
use actix_web::http::header::{
    ETAG, EntityTag, Header, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, IfNoneMatch,
};

use super::faults::at_most;
use crate::privacy::MacKey;
use passerelle_base::error::{ApiError, Code, Fault, Text};
use passerelle_base::text::hex;

/// Maximum length of `If-Match` and `If-None-Match`: about thirty tags.
pub(super) const MAX_LENGTH: usize = 1024;

/// An object with a version, which each change increments.
pub trait Versioned {
    /// The version, from 1.
    fn version(&self) -> i32;
}

/// [`Versioned`] for types with a field `version`.
#[macro_export]
macro_rules! versioned {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::http::Versioned for $type {
            fn version(&self) -> i32 {
                self.version
            }
        }
    )+};
}

/// The tag of a response. The digest is a MAC, so that a tag in the log of a proxy does not allow testing a guess of
/// the body.
pub fn tag(key: &MacKey, version: Option<i32>, body: &[u8]) -> String {
    let digest = hex(&key.tag(&[b"etag", body])[..8]);
    match version {
        Some(version) => format!("\"{version}-{digest}\""),
        None => format!("\"{digest}\""),
    }
}

/// The value of `If-Match`. actix's type of that name drops a malformed tag; here it is a fault of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// The header is absent.
    Absent,
    /// `*`: any version.
    Any,
    /// One of these versions.
    Versions(Vec<i32>),
}

impl IfMatch {
    /// Reads the header; a malformed one is a fault of the request.
    pub fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        let Some(value) = joined(headers, &IF_MATCH) else { return Ok(Self::Absent) };
        if let Some(fault) = too_long("If-Match", &value) {
            return Err(ApiError::faults(Code::InvalidParameters, vec![fault]));
        }
        if value.trim() == "*" {
            return Ok(Self::Any);
        }
        let versions = value.split(',').map(|one| version_of(one.trim())).collect::<Option<Vec<i32>>>();
        versions.map(Self::Versions).ok_or_else(|| {
            let message = Text::new(
                "Un ETag de cette ressource, entre guillemets doubles, ou *.",
                "An ETag of this resource, in double quotes, or *.",
            );
            ApiError::faults(Code::InvalidParameters, vec![Fault::new("If-Match", "entity_tag", message)])
        })
    }

    /// Checks the header against the object's version: 428 if it is absent, 412 if it is stale.
    pub fn check(&self, version: i32) -> Result<(), ApiError> {
        match self {
            Self::Absent => Err(ApiError::new(Code::PreconditionRequired)),
            Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&version) => Ok(()),
            Self::Versions(_) => Err(ApiError::new(Code::VersionMismatch).with("version", version)),
        }
    }
}

/// The version in a tag; `None` if it is malformed. A weak tag or one without a version is version 0, which no object
/// has.
fn version_of(tag: &str) -> Option<i32> {
    let tag: EntityTag = tag.parse().ok()?;
    let number = tag.tag().split('-').next().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
    Some(if tag.weak { 0 } else { number.unwrap_or(0) })
}

/// The fault of an `If-None-Match` that is too long. An unknown tag is not a fault: it does not match.
pub(super) fn if_none_match_fault(headers: &HeaderMap) -> Option<Fault> {
    too_long("If-None-Match", &joined(headers, &IF_NONE_MATCH)?)
}

fn too_long(name: &'static str, value: &str) -> Option<Fault> {
    let is_too_long = value.len() > MAX_LENGTH;
    is_too_long.then(|| Fault::new(name, "too_long", at_most(MAX_LENGTH as u64, "caractère", "character")))
}

/// The caller's tag, if `If-None-Match` names this representation, compressed or not: the response is then a 304. The
/// comparison is weak, as RFC 9110 requires.
pub(super) fn matching(req: &HttpRequest, tag: &str) -> Option<String> {
    let tags = match IfNoneMatch::parse(req).ok()? {
        IfNoneMatch::Any => return Some(tag.to_owned()),
        IfNoneMatch::Items(tags) => tags,
    };
    let plain = tag.trim_matches('"');
    let matches = |one: &&EntityTag| one.tag().split(ENCODING_SEPARATOR).next() == Some(plain);
    tags.iter().find(matches).map(|one| format!("\"{}\"", one.tag()))
}

/// Separates the digest from the encoding in the tag of a compressed response: each encoding is another representation.
const ENCODING_SEPARATOR: char = '+';

/// Adds the encoding to the tag of a compressed response.
pub(super) fn mark_encoding(headers: &mut HeaderMap, encoding: &str) {
    let Some(plain) = headers.get(ETAG).and_then(|tag| tag.to_str().ok()?.strip_suffix('"')) else { return };
    if let Ok(marked) = HeaderValue::from_str(&format!("{plain}{ENCODING_SEPARATOR}{encoding}\"")) {
        headers.insert(ETAG, marked);
    }
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).map(|value| value.to_str().unwrap_or("?")).collect();
    (!values.is_empty()).then(|| values.join(","))
}

#[cfg(test)]
mod tests {
    use crate::http::etag::*;

    fn if_match(value: &str) -> Result<IfMatch, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_str(value).unwrap());
        IfMatch::read(&headers)
    }

    #[test]
    fn a_version_is_read_from_a_tag_and_from_a_bare_number() {
        for (header, version) in
            [("\"3\"", 3), ("\"3-0011aabb\"", 3), ("\"3-x\", \"4\"", 4), (" \"12-a-b\" ", 12), ("*", 9)]
        {
            assert!(if_match(header).unwrap().check(version).is_ok(), "{header}");
        }
        for header in ["\"3\"", "W/\"4-a\"", "\"a\"", "\"\"", "\"0\"", "\"-4\"", "\"99999999999\""] {
            assert_eq!(if_match(header).unwrap().check(4).unwrap_err().code, Code::VersionMismatch, "{header}");
        }
        for header in ["3", "\"3", "3\"", "", "\"3\",", "\"a b\"", "*, \"3\"", &"\"3\",".repeat(300)] {
            assert_eq!(if_match(header).unwrap_err().code, Code::InvalidParameters, "{header}");
        }
        assert_eq!(IfMatch::Absent.check(1).unwrap_err().code, Code::PreconditionRequired);
    }

    #[test]
    fn different_bodies_have_different_tags() {
        let key = MacKey::new(&crate::privacy::MasterKey::generate(), "test");
        assert_eq!(tag(&key, Some(2), b"a"), tag(&key, Some(2), b"a"));
        assert_ne!(tag(&key, Some(2), b"a"), tag(&key, Some(2), b"b"));
        assert!(tag(&key, Some(2), b"a").starts_with("\"2-") && !tag(&key, None, b"a").contains('-'));
    }
}
