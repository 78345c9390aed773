//! The idempotency key of a call, and its stored reply.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use passerelle_base::error::{ApiError, Code};

/// Maximum length of a key, in bytes.
const MAX_KEY: usize = 255;

/// An `Idempotency-Key`: visible ASCII, at most 255 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Parses the value of the header; `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        ((1..=MAX_KEY).contains(&text.len()) && visible).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A reply as it is sent, without the headers that every response has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReply {
    /// HTTP status.
    pub status: u16,
    /// Path of the new object.
    pub location: Option<String>,
    /// Its entity tag, with the quotes.
    pub etag: Option<String>,
    /// The JSON body; empty if there is none.
    pub body: String,
}

/// The first byte of the form in which replies are stored: deflated, the head as JSON, a line feed, the body. The first
/// byte of the former form, one JSON object, is a brace.
const DEFLATED: u8 = 1;

/// A reply as it is stored, without its body.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    location: Option<String>,
    etag: Option<String>,
    /// In the former form, the body.
    #[serde(default, skip_serializing)]
    body: Option<String>,
}

impl StoredReply {
    /// The bytes to store. They are compressed before they are sealed: sealed bytes cannot be compressed.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, ApiError> {
        let head = Head { status: self.status, location: self.location.clone(), etag: self.etag.clone(), body: None };
        let head = serde_json::to_vec(&head).map_err(|_| ApiError::new(Code::Internal))?;
        let mut deflated = DeflateEncoder::new(vec![DEFLATED], Compression::default());
        let written = [&head[..], b"\n", self.body.as_bytes()].iter().try_for_each(|part| deflated.write_all(part));
        written.and_then(|()| deflated.finish()).map_err(|_| ApiError::new(Code::Internal))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, ApiError> {
        Self::parse(bytes).ok_or_else(|| ApiError::new(Code::Internal))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, body) = if let Some(deflated) = bytes.strip_prefix(&[DEFLATED]) {
            let mut text = String::new();
            DeflateDecoder::new(deflated).read_to_string(&mut text).ok()?;
            let (head, body) = text.split_once('\n')?;
            (serde_json::from_str::<Head>(head).ok()?, body.to_owned())
        } else {
            let mut head: Head = serde_json::from_slice(bytes).ok()?;
            let body = head.body.take()?;
            (head, body)
        };
        Some(Self { status: head.status, location: head.location, etag: head.etag, body })
    }
}

#[cfg(test)]
mod tests {
    use super::{IdempotencyKey, StoredReply};

    #[test]
    fn a_key_is_visible_ascii() {
        assert!(IdempotencyKey::parse("0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60").is_some());
        for bad in ["", "a b", "é", "a\t", &"x".repeat(256)] {
            assert!(IdempotencyKey::parse(bad).is_none(), "{bad:?}");
        }
        assert!(IdempotencyKey::parse(&"x".repeat(255)).is_some());
    }

    #[test]
    fn a_reply_is_stored_compressed_and_read_back_unchanged() {
        let body = format!("{{\"data\":\"{}\\n\"}}\n", "Zoé ".repeat(500));
        for body in [body, String::new()] {
            let (location, etag) = (Some("/v1/referrals/1".to_owned()), Some("\"1-ab\"".to_owned()));
            let reply = StoredReply { status: 201, location, etag, body };
            let stored = reply.to_bytes().unwrap();
            assert!(stored.len() < 200, "{}", stored.len());
            assert_eq!(StoredReply::from_bytes(&stored).unwrap(), reply);
            assert!(StoredReply::from_bytes(&stored[..stored.len() - 1]).is_err());
        }
        assert!(StoredReply::from_bytes(b"").is_err());
    }

    #[test]
    fn a_reply_in_the_former_form_is_still_read() {
        let former = br#"{"status":200,"location":null,"etag":"\"2-cd\"","body":"{\"a\":\"\u00e9\"}"}"#;
        let reply = StoredReply::from_bytes(former).unwrap();
        let etag = Some("\"2-cd\"".to_owned());
        assert_eq!(reply, StoredReply { status: 200, location: None, etag, body: "{\"a\":\"é\"}".to_owned() });
    }
}
