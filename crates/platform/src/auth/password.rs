//! Password hashing: argon2id with the OWASP parameters, at most two hashes at a time.
//!
//! A password is hashed in its compatibility form (NFKC), so that an accented phrase matches whatever keyboard typed it. Hashes
//! that were made before that are of the password as it was typed: such a hash matches too, and is to be renewed.

use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use super::hashing_queue::Queue;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::subscriber::Subscriber;
use passerelle_base::text::compatible;

/// OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Two hashes run at once: a hash takes 19 MiB and tens of milliseconds, and a flood of sign-ins must not starve other
/// requests. 64 wait, which takes a few seconds; a request beyond that is a 503.
static QUEUE: Queue = Queue::new(2, 64);

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

/// Hashes a password, in the turn of the caller's subscriber.
pub async fn hash(caller: Option<Subscriber>, password: String) -> Result<String, ApiError> {
    in_turn(caller, move || hash_blocking(&password)).await?
}

/// The outcome of verifying a password.
#[derive(Debug, Default)]
pub struct Verified {
    /// Whether it matches.
    pub matches: bool,
    /// The hash to store instead, if the stored one is of the password as it was typed.
    pub renewed: Option<String>,
}

/// Whether a password matches a stored hash, in the turn of the caller's subscriber. `None` (no such account) takes the
/// same time and never matches.
pub async fn verify(
    caller: Option<Subscriber>,
    password: String,
    stored: Option<String>,
) -> Result<Verified, ApiError> {
    in_turn(caller, move || {
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

async fn in_turn<T: Send + 'static>(
    caller: Option<Subscriber>,
    f: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let permit = QUEUE.permit(caller).await.ok_or_else(|| ApiError::new(Code::Unavailable).retry_after(1))?;
    // The permit belongs to the thread that hashes: a caller that leaves does not end that work.
    let hashed = tokio::task::spawn_blocking(move || {
        let hashed = f();
        drop(permit);
        hashed
    });
    hashed.await.map_err(|_| ApiError::new(Code::Internal))
}

#[cfg(test)]
mod tests {
    use crate::auth::password::*;

    #[actix_web::test]
    async fn a_password_matches_its_own_hash() {
        let stored = hash(None, "correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let matches = async |password: &str, stored: Option<&str>| {
            verify(None, password.into(), stored.map(str::to_owned)).await.unwrap().matches
        };
        assert!(matches("correct horse", Some(&stored)).await);
        assert!(!matches("wrong horse", Some(&stored)).await);
        assert!(!matches("no such account", None).await);
    }

    #[actix_web::test]
    async fn a_password_matches_whatever_keyboard_typed_it() {
        let (composed, decomposed) = ("une clé\u{e9}\u{a0}!", "une cle\u{301}e\u{301} !");
        let stored = hash(None, composed.into()).await.unwrap();
        let typed = verify(None, decomposed.into(), Some(stored)).await.unwrap();
        assert!(typed.matches && typed.renewed.is_none());
        // A hash of the password as it was typed, from before: it matches that form only, and is renewed.
        let raw = hasher().hash_password(decomposed.as_bytes()).unwrap().to_string();
        assert!(!verify(None, composed.into(), Some(raw.clone())).await.unwrap().matches);
        let typed = verify(None, decomposed.into(), Some(raw)).await.unwrap();
        let renewed = verify(None, composed.into(), typed.renewed).await.unwrap();
        assert!(typed.matches && renewed.matches && renewed.renewed.is_none());
    }
}
