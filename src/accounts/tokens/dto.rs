//! Requests and responses about tokens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::auth::{Permission, PublicKey};
use crate::db::text_enum;

/// A request to the token endpoint (RFC 6749). A client may also send its credentials as HTTP `Basic`.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"grant_type": "password", "username": "coordinatrice@example.org", "password": "…"}))]
pub struct TokenRequest {
    /// `client_credentials` for programs and institutions, `password` for users, `refresh_token` to renew a session
    /// without the password.
    #[schema(max_length = 64, example = "client_credentials")]
    pub grant_type: String,
    /// The client's identifier.
    #[schema(max_length = 64)]
    pub client_id: Option<String>,
    /// The client's secret.
    #[schema(max_length = 128, format = Password)]
    pub client_secret: Option<String>,
    /// The user's e-mail address.
    #[schema(max_length = 254)]
    pub username: Option<String>,
    /// The user's password.
    #[schema(max_length = 256, format = Password)]
    pub password: Option<String>,
    /// With `password`, for a user who has a second factor: a six-digit code from their authenticator application, or
    /// one of their recovery codes.
    #[schema(max_length = 64, example = "123456")]
    pub otp: Option<String>,
    /// With `password`: the device token that the last sign-in of this user on this device returned. With it, the failed
    /// attempts of others on the account do not count. A token that is unknown or too old is ignored.
    #[schema(max_length = 128)]
    pub device_token: Option<String>,
    /// With `refresh_token`: the refresh token that came with the last access token.
    #[schema(max_length = 128, format = Password)]
    pub refresh_token: Option<String>,
    /// Accepted and ignored: a token always has the rights of its principal.
    #[schema(max_length = 1000)]
    #[allow(dead_code, reason = "OAuth clients send it")]
    pub scope: Option<String>,
}

text_enum! {
    /// How a token is used.
    pub enum TokenType {
        /// `Authorization: Bearer …`.
        Bearer = "Bearer",
    }
}

/// An access token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyOiJ9.c2ln", "token_type": "Bearer",
    "expires_in": 600, "scope": "referrals:read referrals:write", "refresh_token": "ref_…", "device_token": "dev_…"
}))]
pub struct Token {
    /// The token: a JWT signed with EdDSA. Treat it as opaque: its form may change.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: TokenType,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// The permissions of the token, separated by spaces.
    pub scope: String,
    /// Only for users. It works once, within 24 hours, and returns a new access token with the next refresh token. A
    /// session lasts at most seven days. Using a refresh token twice ends the session, because one of the two callers
    /// has stolen it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub refresh_token: Option<String>,
    /// Only with `grant_type=password`. Keep it on this device and send it with the next sign-in of the same user: failed
    /// attempts of others on the account then do not lock this device out. It is valid for 180 days, and gives no access.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub device_token: Option<String>,
}

/// A token to revoke (RFC 7009).
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "ref_…", "token_type_hint": "refresh_token"}))]
pub struct RevocationRequest {
    /// An access token or a refresh token.
    #[schema(min_length = 1, max_length = 2048, format = Password)]
    pub token: String,
    /// Accepted and ignored: the service recognises the kind of token.
    #[schema(max_length = 64, example = "refresh_token")]
    #[allow(dead_code, reason = "OAuth clients send it")]
    pub token_type_hint: Option<String>,
    /// Accepted and ignored: any caller that has a token may revoke it.
    #[schema(max_length = 64)]
    #[allow(dead_code, reason = "OAuth clients send it")]
    pub client_id: Option<String>,
}

/// The token is not valid, whether or not it was valid before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct Revoked {}

/// The public keys that verify access tokens (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicKeys {
    /// The keys in use.
    pub keys: Vec<PublicKey>,
}

/// Metadata of the authorization server (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "issuer": "https://api.example", "token_endpoint": "https://api.example/oauth/token",
    "revocation_endpoint": "https://api.example/oauth/revoke",
    "jwks_uri": "https://api.example/.well-known/jwks.json",
    "grant_types_supported": ["client_credentials", "password", "refresh_token"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    "revocation_endpoint_auth_methods_supported": ["none"],
    "scopes_supported": ["referrals:read"]
}))]
pub struct AuthorizationServer {
    /// The issuer of the tokens.
    pub issuer: String,
    /// Address of the token endpoint.
    pub token_endpoint: String,
    /// Address of the revocation endpoint.
    pub revocation_endpoint: String,
    /// Address of the public keys.
    pub jwks_uri: String,
    /// The supported grant types.
    pub grant_types_supported: Vec<&'static str>,
    /// How a client authenticates at the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// How a caller authenticates at the revocation endpoint: not at all, having the token is enough.
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// The permissions that a token can have.
    pub scopes_supported: Vec<Permission>,
}
