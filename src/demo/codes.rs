//! Codes of the story as the types of the API.

use std::str::FromStr;

use crate::error::{ApiError, Code};

/// Parses a code of the story.
pub(super) fn code<T: FromStr>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| {
        log::error!("the story has {text:?}, which is not a valid code");
        ApiError::new(Code::Internal)
    })
}
