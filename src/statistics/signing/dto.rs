//! The public keys of releases, as they are served.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::KeyRow;
use crate::db::UtcTs;

/// The public keys that verify releases (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"keys": [{
    "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "use": "sig", "alg": "EdDSA",
    "created_at": "2026-01-12T08:00:00.000000Z"
}]}))]
pub struct StatisticsKeys {
    /// Every key that ever signed, the oldest first.
    pub keys: Vec<StatisticsKey>,
}

/// The public key of releases, as a JWK (RFC 8037).
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
    /// Key identifier, as signatures name it.
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    pub kid: String,
    /// `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    pub usage: &'static str,
    /// `EdDSA`.
    #[schema(example = "EdDSA")]
    pub alg: &'static str,
    /// When it was made: nothing that it signed is older.
    pub created_at: UtcTs,
}

impl From<KeyRow> for StatisticsKey {
    fn from(row: KeyRow) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            x: URL_SAFE_NO_PAD.encode(&row.public_key),
            kid: row.kid,
            usage: "sig",
            alg: "EdDSA",
            created_at: row.created_at,
        }
    }
}
