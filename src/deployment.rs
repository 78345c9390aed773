//! The deployment's one row: which master key this database belongs to.

use diesel::prelude::*;

use crate::auth::PrincipalId;
use crate::context::{Context, Work};
use crate::db::schema::deployment;
use crate::error::ApiError;
use crate::startup::StartupError;

/// Records the master key's check value at the first start, compares it at the next ones, and loads
/// the signing keys (making the first). Two first starts at once: the row's primary key decides.
pub fn check_master_key(context: &Context) -> Result<(), StartupError> {
    let prepared = context.write_blocking(PrincipalId::Local, |work| {
        record(work)?;
        matches(work)
    });
    // The loser of a race between two first starts finds the winner's row.
    let same = match prepared {
        Ok(same) => same,
        Err(_) => context.read_blocking(PrincipalId::Local, matches).map_err(|error| unreadable(&error))?,
    };
    if !same {
        return Err(StartupError::new(
            "the master key is not the one this database was created with: give the original key, nothing can be read without it",
        ));
    }
    let keys = context
        .write_blocking(PrincipalId::Local, |work| crate::auth::KeyRing::ensure(work.conn, work.vault, work.now));
    let keys = match keys {
        Ok(keys) => keys,
        Err(_) => context.db.read_blocking(crate::auth::KeyRing::stored).map_err(|error| unreadable(&error))?,
    };
    context.keys.install(&keys, &context.vault).map_err(|error| unreadable(&error))
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
