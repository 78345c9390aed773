//! Runs each use case in a transaction and records what it did.
//!
//! The transaction of a write also records it in the change feed and the journal. A read that opens personal data is
//! journaled before its result is returned.

use crate::auth::AccountPolicy;
use crate::journal::{self, Journal};
use crate::privacy::Vault;
use crate::record;
use crate::trail::Call;
use crate::work::Work;
use passerelle_base::clock::Clock;
use passerelle_base::error::ApiError;
use passerelle_base::values::UtcTs;
use passerelle_database::{AnyConn, Db, ResultSlot};

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
    /// What the deployment requires of accounts.
    pub policy: AccountPolicy,
}

impl Transactions {
    /// For a migrated database.
    pub fn new(db: Db, vault: Vault, clock: Clock) -> Self {
        let journal = Journal::new(db.clone(), vault.journal_key().clone());
        Self { db, vault, clock, journal, policy: AccountPolicy::default() }
    }

    /// The current time.
    pub fn now(&self) -> UtcTs {
        self.clock.now()
    }

    /// Runs a use case that reads. The journal records whose personal data it opened before the result is returned.
    pub async fn read<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (use_case, result) = erased(f);
        self.run_read(call.into(), use_case, false).await?;
        result.take()
    }

    /// [`Self::read`] for sign-in: other requests cannot take its share of the database.
    pub async fn read_reserved<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (use_case, result) = erased(f);
        self.run_read(call.into(), use_case, true).await?;
        result.take()
    }

    /// Runs a use case in one write transaction, which also records its changes in the feed and its event in the
    /// journal.
    pub async fn write<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (use_case, result) = erased(f);
        self.run_write(call.into(), use_case, false).await?;
        result.take()
    }

    /// [`Self::write`] for sign-in: other requests cannot take its share of the database.
    pub async fn write_reserved<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (use_case, result) = erased(f);
        self.run_write(call.into(), use_case, true).await?;
        result.take()
    }

    /// Runs one statement that writes and opens no personal data, as a transaction of its own. Nothing is recorded. For
    /// sign-in.
    pub async fn write_statement<T, F>(&self, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut AnyConn, UtcTs) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let now = self.now();
        self.db.write_statement(move |conn| f(conn, now)).await
    }

    /// [`Self::write`] for programs without an event loop.
    pub fn write_blocking<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (use_case, result) = erased(f);
        let (vault, now, call, policy) = (self.vault.clone(), self.now(), call.into(), self.policy);
        let scope = call.scope.clone();
        let write = move |conn: &mut AnyConn| recorded(Work::new(conn, &vault, now, call).under(policy), use_case);
        self.db.write_blocking(scope, write)?;
        result.take()
    }

    /// [`Self::read`] for programs without an event loop. The read is not journaled.
    pub fn read_blocking<T>(
        &self,
        call: impl Into<Call>,
        f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let (vault, now, call) = (self.vault.clone(), self.now(), call.into());
        self.db.read_blocking(call.scope.clone(), move |conn| f(&mut Work::new(conn, &vault, now, call)))
    }

    async fn run_read(&self, call: Call, use_case: UseCase, reserved: bool) -> Result<(), ApiError> {
        let (vault, now, scope) = (self.vault.clone(), self.now(), call.scope.clone());
        let read = move |conn: &mut AnyConn| {
            let mut work = Work::new(conn, &vault, now, call);
            use_case(&mut work)?;
            Ok::<_, ApiError>(journal::of_read(&work))
        };
        let events =
            if reserved { self.db.read_reserved(scope, read).await? } else { self.db.read(scope, read).await? };
        self.journal.append(events).await
    }

    async fn run_write(&self, call: Call, use_case: UseCase, reserved: bool) -> Result<(), ApiError> {
        let (vault, now, policy, scope) = (self.vault.clone(), self.now(), self.policy, call.scope.clone());
        let write = move |conn: &mut AnyConn| recorded(Work::new(conn, &vault, now, call).under(policy), use_case);
        if reserved { self.db.write_reserved(scope, write).await } else { self.db.write(scope, write).await }
    }
}

/// A use case with its result type erased: what runs it is compiled once and not for each operation.
type UseCase = Box<dyn FnOnce(&mut Work<'_>) -> Result<(), ApiError> + Send>;

/// Erases the result type of a use case.
fn erased<T: Send + 'static>(
    f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
) -> (UseCase, ResultSlot<T>) {
    let (left, result) = ResultSlot::new();
    let use_case = move |work: &mut Work<'_>| {
        left.fill(f(work)?);
        Ok(())
    };
    (Box::new(use_case), result)
}

/// Runs a use case, then records what it changed and whose data it opened.
pub fn recorded<T>(mut work: Work<'_>, f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>) -> Result<T, ApiError> {
    let value = f(&mut work)?;
    record::write(&mut work)?;
    Ok(value)
}
