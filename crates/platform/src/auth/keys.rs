//! Signing keys: Ed25519, kept sealed in the database so that every instance signs with the same.

use std::sync::{Arc, RwLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation};
use serde::Serialize;

use super::claims::{AUDIENCE, Claims, TOKEN_SECONDS};
use super::store::{self, StoredKey};
use super::verified::Verified;
use crate::privacy::{Place, Vault, sha256};
use passerelle_base::error::{ApiError, Code};
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::AnyConn;

/// An instance reads the keys again at least that often: a new key signs, and a retired one is not taken any more.
pub const KEYS_READ_EVERY: chrono::Duration = chrono::Duration::seconds(30);

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

/// The keys that verify, and what they verified.
#[derive(Default)]
struct Verifying {
    keys: Vec<Key>,
    verified: Verified,
}

/// The keys in use: the newest signs, all that are not retired verify.
pub struct KeyRing {
    verifying: RwLock<Verifying>,
    signing: RwLock<Option<(String, EncodingKey)>>,
    issuer: String,
}

impl KeyRing {
    /// An empty ring for an issuer; [`Self::load`] fills it.
    pub fn new(issuer: impl Into<String>) -> Self {
        Self { verifying: RwLock::default(), signing: RwLock::default(), issuer: issuer.into() }
    }

    /// Reads the stored keys, making the first one if there is none. Runs in a write transaction; of
    /// two instances that start at once both may make one, and both are then used.
    pub fn ensure(conn: &mut AnyConn, vault: &Vault, now: UtcTs) -> Result<Vec<StoredKey>, ApiError> {
        let mut stored = store::signing_keys(conn)?;
        if stored.is_empty() {
            let key = generate(vault)?;
            store::insert_signing_key(conn, &key, now)?;
            stored.push(key);
        }
        Ok(stored)
    }

    /// Reads the stored keys.
    pub fn stored(conn: &mut AnyConn) -> Result<Vec<StoredKey>, ApiError> {
        Ok(store::signing_keys(conn)?)
    }

    /// Makes a new key. Each instance signs with it once it has read the keys again; the former ones still verify.
    pub fn rotate(conn: &mut AnyConn, vault: &Vault, now: UtcTs) -> Result<String, ApiError> {
        let key = generate(vault)?;
        store::insert_signing_key(conn, &key, now)?;
        Ok(key.kid)
    }

    /// Retires a key: its tokens are not taken any more. Not the one that signs; and, unless at once, not one that may
    /// have signed a token that is still valid.
    pub fn retire(conn: &mut AnyConn, kid: &str, at_once: bool, now: UtcTs) -> Result<(), ApiError> {
        let keys = store::list_keys(conn)?;
        let in_use: Vec<_> = keys.iter().filter(|(_, _, retired)| retired.is_none()).collect();
        let at = in_use.iter().position(|(known, ..)| known == kid).ok_or_else(|| {
            ApiError::not_found()
                .detail("Aucune clé en service n'a cet identifiant.", "No key in use has this identifier.")
        })?;
        let Some((_, successor_since, _)) = in_use.get(at + 1) else {
            return Err(ApiError::new(Code::Conflict).detail(
                "Cette clé est celle qui signe : en faire une nouvelle d'abord.",
                "This key is the one that signs: make a new one first.",
            ));
        };
        let free_from = successor_since.plus(chrono::Duration::seconds(TOKEN_SECONDS) + KEYS_READ_EVERY);
        if !at_once && now < free_from {
            return Err(ApiError::new(Code::Conflict).detail(
                format!("Des jetons signés par cette clé valent jusqu'à {free_from}."),
                format!("Tokens signed by this key are valid until {free_from}."),
            ));
        }
        store::retire_key(conn, kid, now)?;
        Ok(())
    }

    /// Puts stored keys in use.
    pub fn install(&self, stored: &[StoredKey], vault: &Vault) -> Result<(), ApiError> {
        let mut keys = Vec::new();
        for key in stored {
            let x = URL_SAFE_NO_PAD.encode(&key.public_key);
            keys.push(Key {
                decoding: DecodingKey::from_ed_components(&x).map_err(|_| unusable())?,
                public: PublicKey { kty: "OKP", crv: "Ed25519", x, kid: key.kid.clone(), usage: "sig", alg: "EdDSA" },
            });
        }
        if let Some(newest) = stored.last() {
            let der = vault.open_deployment_secret(private_key_at(&newest.kid), &newest.sealed_private_key)?;
            *self.signing.write().map_err(|_| unusable())? = Some((newest.kid.clone(), EncodingKey::from_ed_der(&der)));
        }
        // A key that is withdrawn takes with it what it verified.
        *self.verifying.write().map_err(|_| unusable())? = Verifying { keys, verified: Verified::default() };
        Ok(())
    }

    /// The public halves, for `/.well-known/jwks.json`.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        let public = |ring: &Verifying| ring.keys.iter().map(|key| key.public.clone()).collect();
        self.verifying.read().map(|ring| public(&ring)).unwrap_or_default()
    }

    /// Whether a token names a key of the ring: another instance may have made a newer one.
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
        // Held to the end: what is kept was verified by the keys that it is kept with.
        let ring = self.verifying.read().ok()?;
        let claims = if let Some(claims) = ring.verified.get(&digest) {
            claims
        } else {
            let claims = Arc::new(self.claims(&ring.keys, token)?);
            ring.verified.put(digest, &claims);
            claims
        };
        (claims.exp > now.to_utc().timestamp()).then_some(claims)
    }

    /// What a token says, whenever it expires.
    fn claims(&self, keys: &[Key], token: &str) -> Option<Claims> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = keys.iter().find(|key| key.public.kid == kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        // Expiry is ours to check: the clock is injectable.
        validation.validate_exp = false;
        let TokenData { claims, .. } = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).ok()?;
        Some(claims)
    }
}

fn generate(vault: &Vault) -> Result<StoredKey, ApiError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| unusable())?;
    let public_key = pair.public_key().as_ref().to_vec();
    let kid = URL_SAFE_NO_PAD.encode(sha256(&public_key));
    let der = pair.to_pkcs8().map_err(|_| unusable())?;
    let sealed_private_key = vault.seal_deployment_secret(private_key_at(&kid), der.as_ref())?;
    Ok(StoredKey { kid, public_key, sealed_private_key })
}

fn private_key_at(kid: &str) -> Place<'_> {
    Place { table: "signing_keys", column: "sealed_private_key", row: kid }
}

fn unusable() -> ApiError {
    log::error!("no usable signing key");
    ApiError::new(Code::Internal)
}
