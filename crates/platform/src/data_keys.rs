//! Data keys: their SQL, and the trail of the owners whose key is used.
//!
//! The owner of a data key is a household, or a referral or case about a structure.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::privacy::DataKey;
use crate::work::Work;
use passerelle_base::error::ApiError;
use passerelle_base::values::Id;
use passerelle_database::IsAmong;
use passerelle_database::schema::{data_keys, services};

/// Creates the data key of an owner.
pub fn create_data_key(work: &mut Work<'_>, service: Id, owner: Id) -> Result<DataKey, ApiError> {
    let service_key: Vec<u8> =
        services::table.filter(services::id.eq(service)).select(services::wrapped_key).get_result(work.conn)?;
    let (key, wrapped) = work.vault.new_data_key(service, &service_key, owner)?;
    diesel::insert_into(data_keys::table)
        .values((
            data_keys::owner_id.eq(owner),
            data_keys::service_id.eq(service),
            data_keys::wrapped_key.eq(wrapped),
            data_keys::created_at.eq(work.now),
        ))
        .execute(work.conn)?;
    work.trail.open(owner, service);
    Ok(key)
}

/// The data key of an owner; 404 if the owner was erased.
pub fn data_key(work: &mut Work<'_>, owner: Id) -> Result<DataKey, ApiError> {
    data_keys(work, &[owner])?.remove(&owner).ok_or_else(ApiError::not_found)
}

/// The data keys of several owners, in one query, for lists. Erased owners are absent.
pub fn data_keys(work: &mut Work<'_>, owners: &[Id]) -> Result<HashMap<Id, DataKey>, ApiError> {
    let rows: Vec<(Id, Id, Vec<u8>, Vec<u8>)> = data_keys::table
        .inner_join(services::table)
        .filter(data_keys::owner_id.among(owners))
        .select((data_keys::owner_id, data_keys::service_id, services::wrapped_key, data_keys::wrapped_key))
        .load(work.conn)?;
    let mut keys = HashMap::with_capacity(rows.len());
    for (owner, service, service_key, wrapped) in rows {
        work.trail.open(owner, service);
        keys.insert(owner, work.vault.data_key(service, &service_key, owner, &wrapped)?);
    }
    Ok(keys)
}

/// Destroys the data key of a deleted owner: values sealed with it can no longer be opened, backups included.
pub fn destroy_data_key(work: &mut Work<'_>, owner: Id) -> Result<(), ApiError> {
    diesel::delete(data_keys::table.filter(data_keys::owner_id.eq(owner))).execute(work.conn)?;
    Ok(())
}
