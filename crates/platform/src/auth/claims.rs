//! The claims of an access token, and its lifetime.

use serde::{Deserialize, Serialize};

/// Lifetime of an access token, in seconds.
pub const TOKEN_SECONDS: i64 = 600;

/// The audience of every access token.
pub const AUDIENCE: &str = "passerelle";

/// The claims of an access token. It holds no rights: they are read from the database, so that removing one takes
/// effect within seconds.
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
    /// The session of a user; ending it revokes all its tokens.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<String>,
}
