//! Transactions: use cases run in one, and what they did is recorded in it or before the answer leaves.
//!
//! A write is recorded in the change feed and the journal by its own transaction; a read that opened personal data is
//! journaled before its result is returned.

use crate::journal::{self, Journal};
use crate::outbox;
use crate::privacy::Vault;
use crate::trail::Call;
use crate::work::Work;
use passerelle_base::clock::Clock;
use passerelle_base::error::ApiError;
use passerelle_base::values::UtcTs;
use passerelle_database::{AnyConn, Db};

/// Runs use cases, each in a transaction of its own.
pub struct Transactions {
    /// The database.
    pub db: Db,
    /// Keys of personal data.
    pub vault: Vault,
    /// The clock.
    pub clock: Clock,
    /// The audit journal.
    pub journal: Journal,
}

impl Transactions {
    /// Runs use cases on a migrated database.
    pub fn new(db: Db, vault: Vault, clock: Clock) -> Self {
        let journal = Journal::new(db.clone(), vault.journal_key().clone());
        Self { db, vault, clock, journal }
    }

    /// The present instant.
    pub fn now(&self) -> UtcTs {
        self.clock.now()
    }

    /// Runs a use case that reads. Whose personal data it opens is in the journal before the result is returned.
    pub async fn read<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (vault, now, call) = (self.vault.clone(), self.now(), call.into());
        let read = move |conn: &mut AnyConn| {
            let mut work = Work::new(conn, &vault, now, call);
            let value = f(&mut work)?;
            Ok::<_, ApiError>((value, journal::of_read(&work)))
        };
        let (value, events) = self.db.read(read).await?;
        self.journal.append(events).await?;
        Ok(value)
    }

    /// Runs a use case in one write transaction, with its changes for the feed and its event for the journal.
    pub async fn write<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (vault, now, call) = (self.vault.clone(), self.now(), call.into());
        self.db.write(move |conn| recorded(Work::new(conn, &vault, now, call), f)).await
    }

    /// [`Self::write`] for programs without an event loop.
    pub fn write_blocking<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (vault, now, call) = (self.vault.clone(), self.now(), call.into());
        self.db.write_blocking(move |conn| recorded(Work::new(conn, &vault, now, call), f))
    }

    /// [`Self::read`] for programs without an event loop. It is not journaled.
    pub fn read_blocking<T>(
        &self,
        call: impl Into<Call>,
        f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let (vault, now, call) = (self.vault.clone(), self.now(), call.into());
        self.db.read_blocking(move |conn| f(&mut Work::new(conn, &vault, now, call)))
    }
}

/// Runs a use case, then records what it changed and opened.
pub fn recorded<T>(mut work: Work<'_>, f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>) -> Result<T, ApiError> {
    let value = f(&mut work)?;
    outbox::record(&mut work)?;
    journal::record(&mut work)?;
    Ok(value)
}
