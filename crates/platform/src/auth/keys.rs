//! Signing keys: Ed25519, stored sealed in the database so that all instances sign with the same key.

use std::sync::{Arc, RwLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation};
use serde::Serialize;

use super::claims::{AUDIENCE, Claims, TOKEN_SECONDS};
use super::store;
use super::verified::VerifiedTokens;
use super::vouching::{Vouched, VouchedKey};
use crate::privacy::{Place, Vault, sha256};
use passerelle_base::error::{ApiError, Code};
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::AnyConn;

/// Maximum time between two reads of the keys by an instance: it then signs with a new key and refuses a retired one.
pub const KEY_RELOAD_INTERVAL: chrono::Duration = chrono::Duration::seconds(30);

/// A public key as a JWK (RFC 8037).
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PublicKey {
    /// `OKP`.
    #[schema(example = "OKP")]
    pub kty: &'static str,
    /// `Ed25519`.
    #[schema(example = "Ed25519")]
    pub crv: &'static str,
    /// The public key, base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    pub x: String,
    /// Key identifier, as in the header of a token.
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    pub kid: String,
    /// `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    pub usage: &'static str,
    /// `EdDSA`.
    #[schema(example = "EdDSA")]
    pub alg: &'static str,
}

struct Key {
    public: PublicKey,
    decoding: DecodingKey,
}

/// The keys that verify tokens, and the tokens that they verified.
#[derive(Default)]
struct VerifyingKeys {
    keys: Vec<Key>,
    verified: VerifiedTokens,
}

/// The keys in use: the newest one signs, all that are not retired verify.
pub struct KeyRing {
    verifying: RwLock<VerifyingKeys>,
    signing: RwLock<Option<(String, EncodingKey)>>,
    issuer: String,
}

impl KeyRing {
    /// An empty ring for an issuer; [`Self::install`] fills it.
    pub fn new(issuer: impl Into<String>) -> Self {
        Self { verifying: RwLock::default(), signing: RwLock::default(), issuer: issuer.into() }
    }

    /// Reads the stored keys, and creates the first one if there is none. Runs in a write transaction. Two instances
    /// that start at the same time may both create one; both are then used.
    pub fn ensure(conn: &mut AnyConn, vault: &Vault, now: UtcTs) -> Result<Vec<VouchedKey>, ApiError> {
        let mut stored = store::signing_keys(conn)?;
        if !stored.iter().any(|key| key.is_vouched(vault.authority_key())) {
            let key = generate(vault, now)?;
            store::insert_signing_key(conn, &key)?;
            stored.push(key);
        }
        Ok(stored)
    }

    /// Reads the stored keys.
    pub fn stored(conn: &mut AnyConn) -> Result<Vec<VouchedKey>, ApiError> {
        Ok(store::signing_keys(conn)?)
    }

    /// Creates a new key. Each instance signs with it once it has read the keys again; the older keys still verify.
    pub fn rotate(conn: &mut AnyConn, vault: &Vault, now: UtcTs) -> Result<String, ApiError> {
        let key = generate(vault, now)?;
        store::insert_signing_key(conn, &key)?;
        Ok(key.kid)
    }

    /// Retires a key: its tokens are refused from then on. Fails with 409 for the key that signs and, unless `at_once`,
    /// for a key that may have signed a token that is still valid.
    pub fn retire(conn: &mut AnyConn, vault: &Vault, kid: &str, at_once: bool, now: UtcTs) -> Result<(), ApiError> {
        let keys = store::list_keys(conn)?;
        let in_use: Vec<_> = keys.iter().filter(|(_, _, retired)| retired.is_none()).collect();
        let at = in_use.iter().position(|(known, ..)| known == kid).ok_or_else(|| {
            ApiError::not_found()
                .detail("Aucune clé en service n'a cet identifiant.", "No key in use has this identifier.")
        })?;
        let Some((_, successor_since, _)) = in_use.get(at + 1) else {
            return Err(ApiError::new(Code::Conflict).detail(
                "Cette clé est celle qui signe les jetons : en créer une nouvelle d'abord.",
                "This key signs the tokens: create a new one first.",
            ));
        };
        let unused_from = successor_since.plus(chrono::Duration::seconds(TOKEN_SECONDS) + KEY_RELOAD_INTERVAL);
        if !at_once && now < unused_from {
            let until = unused_from.to_utc().format("%d/%m/%Y à %H:%M:%S UTC");
            return Err(ApiError::new(Code::Conflict).detail(
                format!("Des jetons signés par cette clé sont valides jusqu'au {until}."),
                format!("Tokens signed by this key are valid until {unused_from}."),
            ));
        }
        store::retire_key(conn, vault.authority_key(), kid, now)?;
        Ok(())
    }

    /// Replaces the keys in use by those of the stored ones that the program wrote: with a key of somebody else, their tokens
    /// would be accepted.
    pub fn install(&self, stored: &[VouchedKey], vault: &Vault) -> Result<(), ApiError> {
        let genuine: Vec<&VouchedKey> = stored.iter().filter(|key| key.is_genuine(vault.authority_key())).collect();
        let mut keys = Vec::new();
        for key in &genuine {
            let x = URL_SAFE_NO_PAD.encode(&key.public_key);
            keys.push(Key {
                decoding: DecodingKey::from_ed_components(&x).map_err(|_| unusable())?,
                public: PublicKey { kty: "OKP", crv: "Ed25519", x, kid: key.kid.clone(), usage: "sig", alg: "EdDSA" },
            });
        }
        if let Some(newest) = genuine.last() {
            let der = vault.open_deployment_secret(private_key_at(&newest.kid), &newest.sealed_private_key)?;
            *self.signing.write().map_err(|_| unusable())? = Some((newest.kid.clone(), EncodingKey::from_ed_der(&der)));
        }
        // The cache of verified tokens is replaced too: a retired key may have verified some of them.
        *self.verifying.write().map_err(|_| unusable())? = VerifyingKeys { keys, verified: VerifiedTokens::default() };
        Ok(())
    }

    /// The public keys, for `/.well-known/jwks.json`.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        let public = |ring: &VerifyingKeys| ring.keys.iter().map(|key| key.public.clone()).collect();
        self.verifying.read().map(|ring| public(&ring)).unwrap_or_default()
    }

    /// Whether the ring has the key of a token. If not, another instance may have created a newer key.
    pub fn knows_key_of(&self, token: &str) -> bool {
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
        let Ok(ring) = self.verifying.read() else { return false };
        kid.is_some_and(|kid| ring.keys.iter().any(|key| key.public.kid == kid))
    }

    /// Signs an access token for a principal, in a session if it has one.
    pub fn sign(&self, subject: &str, session: Option<Id>, now: UtcTs) -> Result<String, ApiError> {
        let issued = now.to_utc().timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.into(),
            sub: subject.to_owned(),
            iat: issued,
            exp: issued + TOKEN_SECONDS,
            jti: uuid::Uuid::now_v7().to_string(),
            sid: session.map(|session| session.to_string()),
        };
        let signing = self.signing.read().map_err(|_| unusable())?;
        let (kid, key) = signing.as_ref().ok_or_else(unusable)?;
        let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, key).map_err(|_| unusable())
    }

    /// Verifies a token: signature by a key of the ring, issuer, audience, expiry at `now`.
    pub fn verify(&self, token: &str, now: UtcTs) -> Option<Arc<Claims>> {
        let digest = sha256(token.as_bytes());
        // Locked to the end, so that a token is cached only beside the keys that verified it.
        let ring = self.verifying.read().ok()?;
        let claims = if let Some(claims) = ring.verified.get(&digest) {
            claims
        } else {
            let claims = Arc::new(self.decode(&ring.keys, token)?);
            ring.verified.put(digest, &claims);
            claims
        };
        (claims.exp > now.to_utc().timestamp()).then_some(claims)
    }

    /// The claims of a token whose signature, issuer and audience are valid, even if it has expired.
    fn decode(&self, keys: &[Key], token: &str) -> Option<Claims> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = keys.iter().find(|key| key.public.kid == kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        // The caller checks the expiry, against the injectable clock.
        validation.validate_exp = false;
        let TokenData { claims, .. } = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).ok()?;
        Some(claims)
    }
}

fn generate(vault: &Vault, now: UtcTs) -> Result<VouchedKey, ApiError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| unusable())?;
    let public_key = pair.public_key().as_ref().to_vec();
    let kid = URL_SAFE_NO_PAD.encode(sha256(&public_key));
    let der = pair.to_pkcs8().map_err(|_| unusable())?;
    let sealed_private_key = vault.seal_deployment_secret(private_key_at(&kid), der.as_ref())?;
    let key = VouchedKey { kid, public_key, sealed_private_key, created_at: now, retired_at: None, mac: None };
    Ok(key.vouched(vault.authority_key()))
}

fn private_key_at(kid: &str) -> Place<'_> {
    Place { table: "signing_keys", column: "sealed_private_key", row: kid }
}

fn unusable() -> ApiError {
    log::error!("no usable signing key");
    ApiError::new(Code::Internal)
}
