//! The idempotency key of a call, and its stored reply.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use passerelle_base::error::{ApiError, Code};
use passerelle_base::values::Id;

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

/// A reply as it is stored, without its body: deflated, as JSON, before a line feed and the body.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    location: Option<String>,
    etag: Option<String>,
    /// The services in which the caller needed the permission.
    services: Vec<Id>,
}

impl StoredReply {
    /// The bytes to store. They are compressed before they are sealed: sealed bytes cannot be compressed.
    pub(super) fn to_bytes(&self, services: &[Id]) -> Result<Vec<u8>, ApiError> {
        let (location, etag) = (self.location.clone(), self.etag.clone());
        let head = Head { status: self.status, location, etag, services: services.to_vec() };
        let head = serde_json::to_vec(&head).map_err(|_| ApiError::new(Code::Internal))?;
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        let written = [&head[..], b"\n", self.body.as_bytes()].iter().try_for_each(|part| deflated.write_all(part));
        written.and_then(|()| deflated.finish()).map_err(|_| ApiError::new(Code::Internal))
    }

    /// The reply, and the services in which its caller needed the permission.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<(Self, Vec<Id>), ApiError> {
        Self::parse(bytes).ok_or_else(|| ApiError::new(Code::Internal))
    }

    fn parse(bytes: &[u8]) -> Option<(Self, Vec<Id>)> {
        let mut text = String::new();
        DeflateDecoder::new(bytes).read_to_string(&mut text).ok()?;
        let (head, body) = text.split_once('\n')?;
        let head: Head = serde_json::from_str(head).ok()?;
        let reply = Self { status: head.status, location: head.location, etag: head.etag, body: body.to_owned() };
        Some((reply, head.services))
    }
}

/// Adds the services that a body names, at any depth.
pub(super) fn named_services(body: &Value, services: &mut BTreeSet<Id>) {
    match body {
        Value::Array(items) => items.iter().for_each(|item| named_services(item, services)),
        Value::Object(fields) => {
            let named = fields.get("service_id").and_then(Value::as_str).and_then(|id| id.parse::<Id>().ok());
            services.extend(named);
            fields.values().for_each(|field| named_services(field, services));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let services = [Id::from(uuid::Uuid::max())];
        for body in [body, String::new()] {
            let (location, etag) = (Some("/v1/referrals/1".to_owned()), Some("\"1-ab\"".to_owned()));
            let reply = StoredReply { status: 201, location, etag, body };
            let stored = reply.to_bytes(&services).unwrap();
            assert!(stored.len() < 260, "{}", stored.len());
            assert_eq!(StoredReply::from_bytes(&stored).unwrap(), (reply, services.to_vec()));
            assert!(StoredReply::from_bytes(&stored[..stored.len() - 1]).is_err());
        }
        assert!(StoredReply::from_bytes(b"").is_err());
    }

    #[test]
    fn the_services_that_a_body_names_are_found_at_any_depth() {
        let (one, other) = (Id::from(uuid::Uuid::nil()), Id::from(uuid::Uuid::max()));
        let body = serde_json::json!({"service_id": one, "grants": [{"service_id": other}], "name": "service_id"});
        let mut services = BTreeSet::new();
        named_services(&body, &mut services);
        assert_eq!(services, BTreeSet::from([one, other]));
    }
}
