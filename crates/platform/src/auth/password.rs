//! Password hashing: argon2id with the OWASP parameters, at most two hashes at a time.

use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use super::hashing_queue::Queue;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::subscriber::Subscriber;

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
    let hash = hasher().hash_password(password.as_bytes()).map_err(|error| {
        log::error!("a password could not be hashed: {error}");
        ApiError::new(Code::Internal)
    })?;
    Ok(hash.to_string())
}

/// Hashes a password, in the turn of the caller's subscriber.
pub async fn hash(caller: Option<Subscriber>, password: String) -> Result<String, ApiError> {
    in_turn(caller, move || hash_blocking(&password)).await?
}

/// Whether a password matches a stored hash, in the turn of the caller's subscriber. `None` (no such account) takes the
/// same time and never matches.
pub async fn verify(caller: Option<Subscriber>, password: String, stored: Option<String>) -> Result<bool, ApiError> {
    in_turn(caller, move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| DUMMY.clone());
        let matches = hasher().verify_password(password.as_bytes(), stored.as_str()).is_ok();
        known && matches
    })
    .await
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
        assert!(verify(None, "correct horse".into(), Some(stored.clone())).await.unwrap());
        assert!(!verify(None, "wrong horse".into(), Some(stored)).await.unwrap());
        assert!(!verify(None, "no such account".into(), None).await.unwrap());
    }
}
