//! The only row of `deployment`: the check value of the master key that the database was created with.

use diesel::prelude::*;

use crate::auth::KeyRing;
use crate::transactions::Transactions;
use crate::work::Work;
use passerelle_base::error::ApiError;
use passerelle_base::startup::StartupError;
use passerelle_database::SystemScope;
use passerelle_database::schema::deployment;

/// Records the check value of the master key at the first start and compares it at later ones, then loads the signing
/// keys, creating the first one. Of two concurrent first starts the primary key lets one win.
pub fn prepare(transactions: &Transactions, keys: &KeyRing) -> Result<(), StartupError> {
    let prepared = transactions.write_blocking(SystemScope::Deployment, |work| {
        record_check(work)?;
        is_same_master_key(work)
    });
    // The loser of two concurrent first starts finds the winner's row.
    let same = match prepared {
        Ok(same) => same,
        Err(_) => transactions
            .read_blocking(SystemScope::Deployment, is_same_master_key)
            .map_err(|error| unreadable(&error))?,
    };
    if !same {
        return Err(another_key());
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

/// Compares the master key with the one that the database was created with, without writing.
pub fn check_key(work: &mut Work<'_>) -> Result<(), StartupError> {
    if is_same_master_key(work).map_err(|error| unreadable(&error))? { Ok(()) } else { Err(another_key()) }
}

fn another_key() -> StartupError {
    StartupError::new(
        "this is not the master key that the database was created with: configure the original key, without which nothing can be read",
    )
}

fn record_check(work: &mut Work<'_>) -> Result<(), ApiError> {
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

fn is_same_master_key(work: &mut Work<'_>) -> Result<bool, ApiError> {
    let stored: Vec<u8> = deployment::table.select(deployment::master_key_check).first(work.conn)?;
    Ok(crate::privacy::same_bytes(&stored, work.vault.check()))
}

fn unreadable(error: &ApiError) -> StartupError {
    StartupError::new(format!("the database cannot be prepared: {error}"))
}
