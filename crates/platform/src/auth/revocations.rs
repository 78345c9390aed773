//! Access tokens that are revoked before they expire: single ones, and those of a session that ended.
//!
//! A token states its own expiry. The revoked ones are a short list in the database, in which an entry stays for the
//! lifetime of a token (ten minutes). Every instance reads the list again every five seconds.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::claims::Claims;
use super::shared_read::SharedRead;
use super::store;
use crate::privacy::Vault;
use passerelle_base::error::ApiError;
use passerelle_base::values::UtcTs;
use passerelle_database::{Db, SystemScope};

/// How long the list stays cached: the longest time for which another instance accepts a revoked token.
const TTL: Duration = Duration::from_secs(5);

/// The recently read list of revoked tokens and sessions.
#[derive(Default)]
pub struct Revocations {
    cached: Mutex<Option<(Instant, HashSet<String>)>>,
    reload: SharedRead,
}

impl Revocations {
    /// Whether a token or its session was revoked.
    pub async fn include(&self, claims: &Claims, db: &Db, vault: &Vault, now: UtcTs) -> Result<bool, ApiError> {
        if let Some(revoked) = self.look_up(claims) {
            return Ok(revoked);
        }
        let reader = self.reload.wait().await?;
        if let Some(revoked) = self.look_up(claims) {
            return Ok(revoked);
        }
        let key = vault.authority_key().clone();
        let list = db.read_reserved(SystemScope::Deployment, move |conn| store::revoked(conn, &key, now)).await;
        let list = reader.share(list)?;
        let revoked = is_revoked(&list, claims);
        if let Ok(mut cached) = self.cached.lock() {
            *cached = Some((Instant::now(), list));
        }
        Ok(revoked)
    }

    /// Clears the cache: this instance has just added to the list.
    pub fn forget(&self) {
        if let Ok(mut cached) = self.cached.lock() {
            *cached = None;
        }
    }

    fn look_up(&self, claims: &Claims) -> Option<bool> {
        let cached = self.cached.lock().ok()?;
        cached.as_ref().filter(|(read_at, _)| read_at.elapsed() < TTL).map(|(_, list)| is_revoked(list, claims))
    }
}

fn is_revoked(list: &HashSet<String>, claims: &Claims) -> bool {
    list.contains(&claims.jti) || claims.sid.as_ref().is_some_and(|session| list.contains(session))
}
