//! The only row of `deployment`: the check value of the master key that the database was created with. It also says whether
//! the rows that give rights have a MAC.
//!
//! A database of an earlier version has another check value. Its rows get their MAC once, whoever wrote them, and the check
//! value is replaced in the same transaction. From then on a row without a MAC gives nothing. To have other rows vouched
//! for, somebody would need the first value, which a new database never had, and remove the event of the journal, which its
//! heads know.

use diesel::prelude::*;

use crate::auth::{KeyRing, PrincipalId, forged, vouch_for_all};
use crate::journal;
use crate::privacy::same_bytes;
use crate::trail::Call;
use crate::transactions::Transactions;
use crate::work::Work;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::startup::StartupError;
use passerelle_database::SystemScope;
use passerelle_database::schema::{clients, deployment, users};

/// The operation of the journal's event.
const OPERATION: &str = "vouch for rows";

/// Records the check value of the master key at the first start and compares it at later ones, then loads the signing
/// keys, creating the first one. Of two concurrent first starts the primary key lets one win. The keys of a database of an
/// earlier version are loaded once they are vouched for.
pub fn prepare(transactions: &Transactions, keys: &KeyRing) -> Result<(), StartupError> {
    let prepared = transactions.write_blocking(SystemScope::Deployment, |work| {
        if record_check(work)? { state(work) } else { Ok(State::Removed) }
    });
    // The loser of two concurrent first starts finds the winner's row.
    let found = match prepared {
        Ok(found) => found,
        Err(_) => transactions.read_blocking(SystemScope::Deployment, state).map_err(|error| unreadable(&error))?,
    };
    match found {
        State::Vouched => {}
        State::Earlier => return Ok(()),
        State::AnotherKey => return Err(another_key()),
        State::Removed => {
            return Err(StartupError::new(
                "the database has accounts, but no longer says which master key it belongs to: somebody has changed it; \
                 restore a backup",
            ));
        }
    }
    let stored =
        transactions.write_blocking(SystemScope::Deployment, |work| KeyRing::ensure(work.conn, work.vault, work.now));
    let stored = match stored {
        Ok(stored) => stored,
        Err(_) => transactions
            .db
            .read_blocking(SystemScope::Deployment, KeyRing::stored)
            .map_err(|error| unreadable(&error))?,
    };
    keys.install(&stored, &transactions.vault).map_err(|error| unreadable(&error))
}

/// What the only row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The rows that give rights have a MAC.
    Vouched,
    /// They have none yet.
    Earlier,
    /// The database was created with another master key.
    AnotherKey,
    /// There is no row, and there are accounts.
    Removed,
}

/// Compares the master key with the one that the database was created with, without writing.
pub fn check_key(work: &mut Work<'_>) -> Result<(), StartupError> {
    match state(work).map_err(|error| unreadable(&error))? {
        State::Vouched | State::Earlier => Ok(()),
        State::AnotherKey | State::Removed => Err(another_key()),
    }
}

fn another_key() -> StartupError {
    StartupError::new(
        "this is not the master key that the database was created with: configure the original key, without which nothing can be read",
    )
}

/// Gives the rows of an earlier version that give rights their MAC, once, and records it in the journal. The journal must have
/// been compared with its heads before. Refuses to do it again.
pub fn vouch_for_rows(transactions: &Transactions) -> Result<(), StartupError> {
    let found = transactions.read_blocking(SystemScope::Deployment, state).map_err(|error| unreadable(&error))?;
    if found != State::Earlier {
        return Ok(());
    }
    let call = Call { operation: OPERATION.into(), ..Call::from(PrincipalId::Local) };
    transactions.write_blocking(call, vouch).map_err(|error| startup(&error))
}

/// The rows that give rights and that the program did not write, each with its table; none of a database of an earlier
/// version, whose rows have no MAC yet.
pub fn forged_rows(work: &mut Work<'_>) -> Result<Vec<(&'static str, String)>, ApiError> {
    if state(work)? != State::Vouched {
        return Ok(Vec::new());
    }
    Ok(forged(work.conn, work.vault.authority_key())?)
}

fn vouch(work: &mut Work<'_>) -> Result<(), ApiError> {
    // First, so that of two instances one does it and the other waits for it.
    let first = deployment::table.filter(deployment::master_key_check.eq(work.vault.check().as_slice()));
    let after = deployment::master_key_check.eq(work.vault.vouched_check().as_slice());
    if diesel::update(first).set(after).execute(work.conn)? == 0 {
        return Ok(());
    }
    if journal::has_done(work.conn, OPERATION)? {
        return Err(ApiError::new(Code::Conflict).detail(
            "La base a été ramenée à un état d'avant l'authentification des comptes, des rôles et des clients, mais son journal \
             dit qu'elle a eu lieu : quelqu'un l'a modifiée. Restaurer une sauvegarde.",
            "The database was put back to before its accounts, roles and clients were vouched for, but its journal says that \
             they were: somebody has changed it. Restore a backup.",
        ));
    }
    let rows = vouch_for_all(work.conn, work.vault.authority_key())?;
    log::info!("{rows} row(s) of accounts, roles, clients and their like now have a MAC");
    work.trail.consult(None);
    Ok(())
}

/// Records the check value if there is none. False if there are accounts already.
fn record_check(work: &mut Work<'_>) -> Result<bool, ApiError> {
    let known: i64 = deployment::table.count().get_result(work.conn)?;
    if known == 0 {
        let users: i64 = users::table.count().get_result(work.conn)?;
        let clients: i64 = clients::table.count().get_result(work.conn)?;
        if users + clients > 0 {
            return Ok(false);
        }
        diesel::insert_into(deployment::table)
            .values((
                deployment::id.eq(1),
                deployment::master_key_check.eq(work.vault.vouched_check().as_slice()),
                deployment::created_at.eq(work.now),
            ))
            .execute(work.conn)?;
    }
    Ok(true)
}

fn state(work: &mut Work<'_>) -> Result<State, ApiError> {
    let stored = stored_check(work)?;
    Ok(if same_bytes(&stored, work.vault.vouched_check()) {
        State::Vouched
    } else if same_bytes(&stored, work.vault.check()) {
        State::Earlier
    } else {
        State::AnotherKey
    })
}

fn stored_check(work: &mut Work<'_>) -> Result<Vec<u8>, ApiError> {
    Ok(deployment::table.select(deployment::master_key_check).first(work.conn)?)
}

fn startup(error: &ApiError) -> StartupError {
    match &error.detail {
        Some(detail) => StartupError::new(detail.en.clone()),
        None => unreadable(error),
    }
}

fn unreadable(error: &ApiError) -> StartupError {
    StartupError::new(format!("the database cannot be prepared: {error}"))
}
