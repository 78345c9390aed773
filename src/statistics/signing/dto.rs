//! The public keys of releases in the contract.

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::UtcTs;

/// The public keys that verify releases (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"keys": [{
    "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "use": "sig", "alg": "EdDSA",
    "created_at": "2026-01-12T08:00:00.000000Z"
}]}))]
pub struct StatisticsKeys {
    /// Every key that ever signed, oldest first.
    pub keys: Vec<StatisticsKey>,
}

/// A public key of releases, as a JWK (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticsKey {
    /// `OKP`.
    #[schema(example = "OKP")]
    pub kty: &'static str,
    /// `Ed25519`.
    #[schema(example = "Ed25519")]
    pub crv: &'static str,
    /// The public key, base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    pub x: String,
    /// Key identifier. Signatures carry it as `keyid`.
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    pub kid: String,
    /// `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    pub usage: &'static str,
    /// `EdDSA`.
    #[schema(example = "EdDSA")]
    pub alg: &'static str,
    /// When it was created. It signed nothing before that.
    pub created_at: UtcTs,
}
