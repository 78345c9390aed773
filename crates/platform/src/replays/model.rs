//! The idempotency key of a call, and its stored reply.

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl StoredReply {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, ApiError> {
        serde_json::to_vec(self).map_err(|_| ApiError::new(Code::Internal))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, ApiError> {
        serde_json::from_slice(bytes).map_err(|_| ApiError::new(Code::Internal))
    }
}

#[cfg(test)]
mod tests {
    use super::IdempotencyKey;

    #[test]
    fn a_key_is_visible_ascii() {
        assert!(IdempotencyKey::parse("0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60").is_some());
        for bad in ["", "a b", "é", "a\t", &"x".repeat(256)] {
            assert!(IdempotencyKey::parse(bad).is_none(), "{bad:?}");
        }
        assert!(IdempotencyKey::parse(&"x".repeat(255)).is_some());
    }
}
