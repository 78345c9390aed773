//! Responses that can be stored and replayed: their status, headers and bytes.

use serde::Serialize;

use super::etag::{self, Versioned};
use super::reply::{Accepted, Created, Current, Located, NoContent, Reply};
use crate::privacy::MacKey;
use crate::replays::StoredReply;
use passerelle_base::error::{ApiError, Code};

/// A response that can be stored.
pub trait Storable {
    /// The response as it is sent.
    fn to_stored(&self, key: &MacKey) -> Result<StoredReply, ApiError>;
}

fn body_of<T: Serialize>(value: &T) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| {
        log::error!("a response could not be written as JSON: {:?}", error.classify());
        ApiError::new(Code::Internal)
    })
}

fn located<T: Serialize + Located>(status: u16, object: &T, key: &MacKey) -> Result<StoredReply, ApiError> {
    let body = body_of(object)?;
    let etag = object.version().map(|version| etag::tag(key, Some(version), body.as_bytes()));
    Ok(StoredReply { status, location: Some(object.location()), etag, body })
}

impl<T: Serialize + Located> Storable for Created<T> {
    fn to_stored(&self, key: &MacKey) -> Result<StoredReply, ApiError> {
        located(201, &self.0, key)
    }
}

impl<T: Serialize + Located> Storable for Accepted<T> {
    fn to_stored(&self, key: &MacKey) -> Result<StoredReply, ApiError> {
        located(202, &self.0, key)
    }
}

impl<T: Serialize + Versioned> Storable for Current<T> {
    fn to_stored(&self, key: &MacKey) -> Result<StoredReply, ApiError> {
        let body = body_of(&self.0)?;
        let etag = Some(etag::tag(key, Some(self.0.version()), body.as_bytes()));
        Ok(StoredReply { status: 200, location: None, etag, body })
    }
}

impl<T: Serialize> Storable for Reply<T> {
    fn to_stored(&self, _: &MacKey) -> Result<StoredReply, ApiError> {
        Ok(StoredReply { status: 200, location: None, etag: None, body: body_of(&self.0)? })
    }
}

impl Storable for NoContent {
    fn to_stored(&self, _: &MacKey) -> Result<StoredReply, ApiError> {
        Ok(StoredReply { status: 204, location: None, etag: None, body: String::new() })
    }
}
