//! The header in which the trusted proxies report the caller. Exactly one: a proxy passes on what it does not write itself.

use std::str::FromStr;

use actix_web::http::header::HeaderName;

/// The header in which the trusted proxies report the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerHeader(pub(in crate::http) HeaderName);

impl Default for CallerHeader {
    fn default() -> Self {
        Self(HeaderName::from_static("x-forwarded-for"))
    }
}

impl FromStr for CallerHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| format!("{text:?} is not the name of a header, such as X-Forwarded-For"))
    }
}
