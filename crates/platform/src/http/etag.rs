//! Entity tags (RFC 9110 § 8.8.3): which version of an object, in which representation.
//!
//! A tag is `"<version>-<digest>"`, or `"<digest>"` for what has no version (a list, open data). The
//! digest is of the very bytes of the answer, so two representations never share a tag, whatever made
//! them differ: language, sparse fields, the day, another row. `If-None-Match` compares the whole;
//! `If-Match` compares the version alone, because it is about the object and not about how it was shown:
//! `"3"` does as well as the tag that a read gave.

use actix_web::HttpRequest;
use actix_web::http::header::{ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};

use crate::privacy::MacKey;
use passerelle_base::error::{ApiError, Code, Fault, Text};

use super::faults::text;

/// Characters that `If-Match` and `If-None-Match` may have: some thirty tags.
pub(super) const LONGEST: usize = 1024;

/// An object that has versions: each change gives it the next number.
pub trait Versioned {
    /// The number, from 1.
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

/// The tag of an answer. The digest is a MAC: whoever sees a tag in a proxy's log cannot test a guess.
pub fn tag(key: &MacKey, version: Option<i32>, body: &[u8]) -> String {
    let digest = key.tag(&[b"etag", body])[..8].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    match version {
        Some(version) => format!("\"{version}-{digest}\""),
        None => format!("\"{digest}\""),
    }
}

/// What `If-Match` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// The header is missing.
    Absent,
    /// `*`: whatever the version.
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
            let message = text(
                "Un ETag de cette ressource, entre guillemets, ou *.",
                "An ETag of this resource, in double quotes, or *.",
            );
            ApiError::faults(Code::InvalidParameters, vec![Fault::new("If-Match", "entity_tag", message)])
        })
    }

    /// Holds the header against the object's version: 428 without it, 412 when it is stale.
    pub fn check(&self, version: i32) -> Result<(), ApiError> {
        match self {
            Self::Absent => Err(ApiError::new(Code::PreconditionRequired)),
            Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&version) => Ok(()),
            Self::Versions(_) => Err(ApiError::new(Code::VersionMismatch).with("version", version)),
        }
    }
}

/// The version that a tag names. A weak tag or one without a version matches no object: version 0.
fn version_of(tag: &str) -> Option<i32> {
    let weak = tag.starts_with("W/");
    let inner = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    let sane = inner.bytes().all(|byte| byte == 0x21 || (0x23..=0x7e).contains(&byte));
    let number = inner.split('-').next().and_then(|number| number.parse::<i32>().ok()).filter(|number| *number > 0);
    sane.then(|| if weak { 0 } else { number.unwrap_or(0) })
}

/// What is wrong with `If-None-Match`. A tag that is none of ours is only another tag.
pub(super) fn fault_of_known(headers: &HeaderMap) -> Option<Fault> {
    too_long("If-None-Match", &joined(headers, &IF_NONE_MATCH)?)
}

fn too_long(name: &'static str, value: &str) -> Option<Fault> {
    let (fr, en) = (format!("Au plus {LONGEST} caractères."), format!("At most {LONGEST} characters."));
    (value.len() > LONGEST).then(|| Fault::new(name, "too_long", Text::new(fr, en)))
}

/// The tag that the caller has, when `If-None-Match` names this representation, packed or not: the answer
/// is then 304. Weak comparison, as RFC 9110 asks.
pub(super) fn known(req: &HttpRequest, tag: &str) -> Option<String> {
    let value = joined(req.headers(), &IF_NONE_MATCH)?;
    if value.trim() == "*" {
        return Some(tag.to_owned());
    }
    let plain = tag.trim_end_matches('"');
    let same = |one: &&str| *one == tag || one.strip_prefix(plain).is_some_and(|rest| rest.starts_with(PACKED));
    value.split(',').map(|one| one.trim().trim_start_matches("W/")).find(same).map(str::to_owned)
}

/// What follows the digest in the tag of a packed answer: another encoding is another representation.
const PACKED: char = '+';

/// Says in the tag of an answer how it is packed.
pub(super) fn mark_encoding(headers: &mut HeaderMap, encoding: &str) {
    let Some(plain) = headers.get(ETAG).and_then(|tag| tag.to_str().ok()?.strip_suffix('"')) else { return };
    if let Ok(marked) = HeaderValue::from_str(&format!("{plain}{PACKED}{encoding}\"")) {
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
    fn another_body_has_another_tag() {
        let key = MacKey::new(&crate::privacy::MasterKey::generate(), "test");
        assert_eq!(tag(&key, Some(2), b"a"), tag(&key, Some(2), b"a"));
        assert_ne!(tag(&key, Some(2), b"a"), tag(&key, Some(2), b"b"));
        assert!(tag(&key, Some(2), b"a").starts_with("\"2-") && !tag(&key, None, b"a").contains('-'));
    }
}
