//! Signs releases, and manages the signing keys.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::store::{self, KeyRow};
use crate::error::{ApiError, Code};
use crate::privacy::{Place, Vault, sha256};
use crate::work::Work;
use passerelle_disclosure::envelope::{Signature, VerifyingKey, pae};

/// The key that signs. The first one is created when it is needed. Two instances may both create one at the same time;
/// both keys then verify.
pub fn current(work: &mut Work<'_>) -> Result<KeyRow, ApiError> {
    if let Some(newest) = all(work)?.pop() {
        return Ok(newest);
    }
    make(work)
}

/// Creates a new key, which signs from now on. Returns its identifier.
pub fn rotate(work: &mut Work<'_>) -> Result<String, ApiError> {
    make(work).map(|key| key.kid)
}

/// Signs the [`pae`] encoding of bytes. Needs a transaction that may write.
pub fn sign(work: &mut Work<'_>, bytes: &[u8]) -> Result<Signature, ApiError> {
    let key = current(work)?;
    let pair = pair(work.vault, &key)?;
    Ok(Signature { bytes: pair.sign(&pae(bytes)).as_ref().to_vec(), key_id: key.kid })
}

/// Every key, oldest first. One whose sealed half does not fit is left out: somebody wrote it to have releases of their own
/// verified.
pub fn all(work: &mut Work<'_>) -> Result<Vec<KeyRow>, ApiError> {
    let mut keys = store::all(work.conn)?;
    keys.retain(|key| {
        let fits = pair(work.vault, key).is_ok_and(|pair| pair.public_key().as_ref() == key.public_key);
        if !fits {
            log::error!("the program did not write the row {} of statistics_keys: it is ignored", key.kid);
        }
        fits
    });
    Ok(keys)
}

fn pair(vault: &Vault, key: &KeyRow) -> Result<Ed25519KeyPair, ApiError> {
    let der = vault.open_deployment_secret(private_key_at(&key.kid), &key.sealed_private_key)?;
    Ed25519KeyPair::from_pkcs8(&der).map_err(|_| unusable())
}

/// The public halves of all keys, oldest first.
pub fn verifying_keys(work: &mut Work<'_>) -> Result<Vec<VerifyingKey>, ApiError> {
    let key = |row: KeyRow| VerifyingKey { key_id: row.kid, public_key: row.public_key };
    Ok(all(work)?.into_iter().map(key).collect())
}

fn make(work: &mut Work<'_>) -> Result<KeyRow, ApiError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| unusable())?;
    let public_key = pair.public_key().as_ref().to_vec();
    let kid = URL_SAFE_NO_PAD.encode(sha256(&public_key));
    let der = pair.to_pkcs8().map_err(|_| unusable())?;
    let sealed_private_key = work.vault.seal_deployment_secret(private_key_at(&kid), der.as_ref())?;
    let row = KeyRow { kid, public_key, sealed_private_key, created_at: work.now };
    store::insert(work.conn, &row)?;
    Ok(row)
}

fn private_key_at(kid: &str) -> Place<'_> {
    Place { table: "statistics_keys", column: "sealed_private_key", row: kid }
}

fn unusable() -> ApiError {
    log::error!("the signing key of releases is unusable");
    ApiError::new(Code::Internal)
}
