//! Password hashing: argon2id with the OWASP parameters, at most two hashes at a time.
//!
//! A password is hashed in its compatibility form (NFKC), so that an accented phrase matches whatever keyboard typed it. Hashes
//! that were made before that are of the password as it was typed: such a hash matches too, and is to be renewed.

use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use passerelle_base::error::{ApiError, Code};
use passerelle_base::text::compatible;

/// OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Permits to hash. A hash takes 19 MiB and tens of milliseconds: a flood of sign-ins must not starve other requests.
static PERMITS: Semaphore = Semaphore::const_new(2);

/// Slots in the queue for a permit, enough for a few seconds. A request beyond it is a 503.
static QUEUE: Semaphore = Semaphore::const_new(64);

/// Verified if the account does not exist, so that the duration does not reveal its absence.
static DUMMY: LazyLock<String> = LazyLock::new(|| hash_blocking("no such account").unwrap_or_default());

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default())
}

/// Hashes a password on the current thread, for the command line and the demo.
pub fn hash_blocking(password: &str) -> Result<String, ApiError> {
    let hash = hasher().hash_password(compatible(password).as_bytes()).map_err(|error| {
        log::error!("a password could not be hashed: {error}");
        ApiError::new(Code::Internal)
    })?;
    Ok(hash.to_string())
}

/// Hashes a password.
pub async fn hash(password: String) -> Result<String, ApiError> {
    with_permit(move || hash_blocking(&password)).await?
}

/// The outcome of verifying a password.
#[derive(Debug, Default)]
pub struct Verified {
    /// Whether it matches.
    pub matches: bool,
    /// The hash to store instead, if the stored one is of the password as it was typed.
    pub renewed: Option<String>,
}

/// Whether a password matches a stored hash. `None` (no such account) takes the same time and never matches.
pub async fn verify(password: String, stored: Option<String>) -> Result<Verified, ApiError> {
    with_permit(move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| DUMMY.clone());
        let is = |form: &str| hasher().verify_password(form.as_bytes(), stored.as_str()).is_ok();
        let normal = compatible(&password);
        if is(&normal) {
            return Ok(Verified { matches: known, renewed: None });
        }
        if normal == password || !is(&password) || !known {
            return Ok(Verified::default());
        }
        Ok(Verified { matches: true, renewed: Some(hash_blocking(&password)?) })
    })
    .await?
}

async fn with_permit<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    let busy = || ApiError::new(Code::Unavailable).retry_after(1);
    let _slot = QUEUE.try_acquire().map_err(|_| busy())?;
    let _permit = PERMITS.acquire().await.map_err(|_| busy())?;
    tokio::task::spawn_blocking(f).await.map_err(|_| ApiError::new(Code::Internal))
}

#[cfg(test)]
mod tests {
    use crate::auth::password::*;

    #[actix_web::test]
    async fn a_password_matches_its_own_hash() {
        let stored = hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let matches = async |password: &str, stored: Option<&str>| {
            verify(password.into(), stored.map(str::to_owned)).await.unwrap().matches
        };
        assert!(matches("correct horse", Some(&stored)).await);
        assert!(!matches("wrong horse", Some(&stored)).await);
        assert!(!matches("no such account", None).await);
    }

    #[actix_web::test]
    async fn a_password_matches_whatever_keyboard_typed_it() {
        let (composed, decomposed) = ("une clé\u{e9}\u{a0}!", "une cle\u{301}e\u{301} !");
        let stored = hash(composed.into()).await.unwrap();
        let typed = verify(decomposed.into(), Some(stored)).await.unwrap();
        assert!(typed.matches && typed.renewed.is_none());
        // A hash of the password as it was typed, from before: it matches that form only, and is renewed.
        let raw = hasher().hash_password(decomposed.as_bytes()).unwrap().to_string();
        assert!(!verify(composed.into(), Some(raw.clone())).await.unwrap().matches);
        let typed = verify(decomposed.into(), Some(raw)).await.unwrap();
        let renewed = verify(composed.into(), typed.renewed).await.unwrap();
        assert!(typed.matches && renewed.matches && renewed.renewed.is_none());
    }
}
