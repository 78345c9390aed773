//! Access tokens that end before they expire: those of a session that was ended, and single ones.
//!
//! A token says by itself until when it is valid. What is revoked meanwhile is a short list in the database, each entry
//! for the ten minutes that a token lives, which every instance reads again every five seconds.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::claims::Claims;
use super::store;
use passerelle_base::error::ApiError;
use passerelle_base::values::UtcTs;
use passerelle_database::Db;

/// How long the list stays cached: the longest time a revoked token is taken by another instance.
const FRESH: Duration = Duration::from_secs(5);

/// The revoked tokens and sessions, as read lately.
#[derive(Default)]
pub struct Revocations {
    known: Mutex<Option<(Instant, HashSet<String>)>>,
    /// One read for all who find the list stale.
    turn: tokio::sync::Mutex<()>,
}

impl Revocations {
    /// Whether a token was revoked, or its session.
    pub async fn include(&self, claims: &Claims, db: &Db, now: UtcTs) -> Result<bool, ApiError> {
        if let Some(answer) = self.look_up(claims) {
            return Ok(answer);
        }
        let _turn = self.turn.lock().await;
        if let Some(answer) = self.look_up(claims) {
            return Ok(answer);
        }
        let list = db.read(move |conn| Ok::<_, ApiError>(store::revoked(conn, now)?)).await?;
        let answer = names(&list, claims);
        if let Ok(mut known) = self.known.lock() {
            *known = Some((Instant::now(), list));
        }
        Ok(answer)
    }

    /// Has the list read again: this instance has just added to it.
    pub fn forget(&self) {
        if let Ok(mut known) = self.known.lock() {
            *known = None;
        }
    }

    fn look_up(&self, claims: &Claims) -> Option<bool> {
        let known = self.known.lock().ok()?;
        known.as_ref().filter(|(read, _)| read.elapsed() < FRESH).map(|(_, list)| names(list, claims))
    }
}

fn names(list: &HashSet<String>, claims: &Claims) -> bool {
    list.contains(&claims.jti) || claims.sid.as_ref().is_some_and(|session| list.contains(session))
}
