//! A database that was restored from a backup: it is older than the heads of its journal.
//!
//! The program does not start on it before the operator confirms the restore on the machine. A database that somebody
//! replaced by an older copy, to hide what happened since, is thus refused too.
//!
//! The confirmation is a record in the database, so that one is enough for all instances, and an event of the journal.

use crate::auth::PrincipalId;
use crate::journal::{self, Gap, HeadFile, KnownHeads, describe};
use crate::outbox;
use crate::restores::{self, Restore};
use crate::trail::Call;
use crate::transactions::Transactions;
use passerelle_base::error::ApiError;
use passerelle_base::startup::StartupError;
use passerelle_base::values::Id;
use passerelle_database::Lock;
use std::path::Path;

/// The operation of the journal's event.
const OPERATION: &str = "restore confirm";

/// Refuses a database that lacks what its heads know.
pub fn refuse_older(transactions: &Transactions, known: &KnownHeads, file: &Path) -> Result<(), StartupError> {
    let gaps = transactions.journal.gaps(known).map_err(|error| unreadable(&error))?;
    if gaps.is_empty() {
        return Ok(());
    }
    Err(StartupError::new(format!(
        "{}. If you restored a backup, stop every instance and run `passerelle restore confirm`; otherwise this is not \
         the right database, or it was tampered with",
        describe(&gaps, file)
    )))
}

/// Records that a backup was restored, whatever the heads say: the file may have been restored too. Returns what the
/// database lacks.
pub fn confirm(transactions: &Transactions, file: &mut HeadFile) -> Result<(Restore, Vec<Gap>), ApiError> {
    let gaps = transactions.journal.gaps(file.known())?;
    let id = Id::next(transactions.now());
    let call = Call { operation: OPERATION.into(), target_id: Some(id), ..Call::from(PrincipalId::Local) };
    let restore = transactions.write_blocking(call, move |work| {
        work.conn.lock(Lock::Publish)?;
        work.conn.lock(Lock::Chain)?;
        let (feed_position, kept) = (outbox::head(work.conn)?, journal::kept(work.conn)?);
        // The journal records it as an event of the deployment.
        work.trail.consult(None);
        restores::record(work.conn, work.vault.journal_key(), (id, work.now), feed_position, kept)
    })?;
    transactions.journal.mark_restores(file)?;
    Ok((restore, gaps))
}

fn unreadable(error: &ApiError) -> StartupError {
    StartupError::new(format!("the audit journal cannot be compared with its heads: {error}"))
}
