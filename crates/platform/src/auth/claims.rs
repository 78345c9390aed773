//! The claims of an access token, and how long one is valid.

use serde::{Deserialize, Serialize};

/// How long an access token is valid, in seconds.
pub const TOKEN_SECONDS: i64 = 600;

/// The audience of every access token.
pub const AUDIENCE: &str = "passerelle";

/// The claims of an access token. Rights are not in it: they are read from the database, so that
/// taking them away works at once.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer: the public URL.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// Principal: `user:…` or `client:…`.
    pub sub: String,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// Expires at.
    pub exp: i64,
    /// Identifier of the token.
    pub jti: String,
    /// The session of a user, which ends all its tokens when it ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<String>,
}
