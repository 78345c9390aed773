//! The deployment's one row: which master key this database belongs to.

use diesel::prelude::*;

use crate::auth::{KeyRing, PrincipalId};
use crate::transactions::Transactions;
use crate::work::Work;
use passerelle_base::error::ApiError;
use passerelle_base::startup::StartupError;
use passerelle_database::schema::deployment;

/// Records the master key's check value at the first start, compares it at the next ones, and loads
/// the signing keys (making the first). Two first starts at once: the row's primary key decides.
pub fn prepare(transactions: &Transactions, keys: &KeyRing) -> Result<(), StartupError> {
    let prepared = transactions.write_blocking(PrincipalId::Local, |work| {
        record(work)?;
        matches(work)
    });
    // The loser of a race between two first starts finds the winner's row.
    let same = match prepared {
        Ok(same) => same,
        Err(_) => transactions.read_blocking(PrincipalId::Local, matches).map_err(|error| unreadable(&error))?,
    };
    if !same {
        return Err(StartupError::new(
            "the master key is not the one this database was created with: give the original key, nothing can be read without it",
        ));
    }
    let stored =
        transactions.write_blocking(PrincipalId::Local, |work| KeyRing::ensure(work.conn, work.vault, work.now));
    let stored = match stored {
        Ok(stored) => stored,
        Err(_) => transactions.db.read_blocking(KeyRing::stored).map_err(|error| unreadable(&error))?,
    };
    keys.install(&stored, &transactions.vault).map_err(|error| unreadable(&error))
}

fn record(work: &mut Work<'_>) -> Result<(), ApiError> {
    let known: i64 = deployment::table.count().get_result(work.conn)?;
    if known == 0 {
        diesel::insert_into(deployment::table)
            .values((
                deployment::id.eq(1),
                deployment::master_key_check.eq(work.vault.check().as_slice()),
                deployment::created_at.eq(work.now),
            ))
            .execute(work.conn)?;
    }
    Ok(())
}

fn matches(work: &mut Work<'_>) -> Result<bool, ApiError> {
    let stored: Vec<u8> = deployment::table.select(deployment::master_key_check).first(work.conn)?;
    Ok(crate::privacy::same_bytes(&stored, work.vault.check()))
}

fn unreadable(error: &ApiError) -> StartupError {
    StartupError::new(format!("the database cannot be prepared: {error}"))
}
