//! Data keys: their SQL, and the trail of the owners whose key is used.
//!
//! The owner of a data key is a household, or a referral or case about a structure. Its holder opens with it: the owner, or the
//! household into which that was merged. What the holder has sealed and what came with a merge open with one [`DataKey`].

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use crate::privacy::DataKey;
use crate::work::{HeldKey, Work};
use passerelle_base::error::ApiError;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::IsAmong;
use passerelle_database::schema::{data_keys, services};

/// A row of `data_keys`.
#[derive(Debug, Insertable)]
#[diesel(table_name = data_keys, treat_none_as_default_value = false)]
pub struct DataKeyRow {
    owner_id: Id,
    service_id: Id,
    wrapped_key: Vec<u8>,
    created_at: UtcTs,
    holder_id: Id,
}

/// Creates the data key of an owner.
pub fn create_data_key(work: &mut Work<'_>, service: Id, owner: Id) -> Result<DataKey, ApiError> {
    let (key, row) = new_data_key(work, service, owner)?;
    diesel::insert_into(data_keys::table).values(row).execute(work.conn)?;
    Ok(key)
}

/// A new data key of an owner, and its row, which the caller inserts together with the first rows that need it.
pub fn new_data_key(work: &mut Work<'_>, service: Id, owner: Id) -> Result<(DataKey, DataKeyRow), ApiError> {
    let service_key: Vec<u8> = if work.vault.has_service_key(service) {
        Vec::new()
    } else {
        services::table.filter(services::id.eq(service)).select(services::wrapped_key).get_result(work.conn)?
    };
    let (key, wrapped_key) = work.vault.new_data_key(service, &service_key, owner)?;
    work.trail.open(owner, service);
    work.keys.insert(owner, HeldKey { holder: owner, service, key: key.clone() });
    Ok((key, DataKeyRow { owner_id: owner, service_id: service, wrapped_key, created_at: work.now, holder_id: owner }))
}

/// The data key of an owner; 404 if the owner was erased.
pub fn data_key(work: &mut Work<'_>, owner: Id) -> Result<DataKey, ApiError> {
    data_keys(work, &[owner])?.remove(&owner).ok_or_else(ApiError::not_found)
}

/// The data keys of several owners, in one query, for lists. Erased owners are absent. A key that this unit of work has
/// read before is not read again. For an owner that was merged into another, the key opens what it had sealed; the journal
/// names the holder.
pub fn data_keys(work: &mut Work<'_>, owners: &[Id]) -> Result<HashMap<Id, DataKey>, ApiError> {
    let unread: BTreeSet<Id> = owners.iter().filter(|owner| !work.keys.contains_key(owner)).copied().collect();
    if !unread.is_empty() {
        let unread: Vec<Id> = unread.into_iter().collect();
        let rows: Vec<WrappedKey> = crate::wrapped_keys!()
            .filter(data_keys::holder_id.among(&unread).or(data_keys::owner_id.among(&unread)))
            .load(work.conn)?;
        unwrap_keys(work, rows)?;
    }
    let mut keys = HashMap::with_capacity(owners.len());
    for owner in owners {
        if let Some(held) = work.keys.get(owner) {
            work.trail.open(held.holder, held.service);
            keys.insert(*owner, held.key.clone());
        }
    }
    Ok(keys)
}

/// The query of [`WrappedKey`]s, to be filtered by a store and loaded together with other rows. Filtered by `holder_id`: the
/// keys of a holder are read together.
#[macro_export]
macro_rules! wrapped_keys {
    () => {{
        use diesel::QueryDsl;
        use passerelle_database::schema::{data_keys, services};
        data_keys::table.inner_join(services::table).select((
            data_keys::holder_id,
            data_keys::owner_id,
            data_keys::service_id,
            services::wrapped_key,
            data_keys::wrapped_key,
        ))
    }};
}

/// A data key as it is stored: its holder, its owner, the service, the wrapped key of the service, the wrapped data key.
pub type WrappedKey = (Id, Id, Id, Vec<u8>, Vec<u8>);

/// Unwraps data keys that a store has read together with the rows they seal: [`data_key`] and [`data_keys`] then find
/// them without a query.
pub fn unwrap_keys(work: &mut Work<'_>, rows: Vec<WrappedKey>) -> Result<(), ApiError> {
    let mut absorbed: HashMap<Id, Vec<DataKey>> = HashMap::new();
    let mut own = Vec::new();
    let mut seen = BTreeSet::new();
    for (holder, owner, service, service_key, wrapped) in rows {
        // Two queries can read one key. A holder that is unwrapped twice would lose the keys that it absorbed.
        if !seen.insert((holder, owner)) {
            continue;
        }
        let key = work.vault.data_key(service, &service_key, owner, &wrapped)?;
        if holder == owner {
            own.push((holder, service, key));
        } else {
            absorbed.entry(holder).or_default().push(key.clone());
            work.keys.insert(owner, HeldKey { holder, service, key });
        }
    }
    // The key of a holder that was not read is read when it is asked for.
    for (holder, service, key) in own {
        let key = key.with_absorbed(absorbed.remove(&holder).unwrap_or_default());
        work.keys.insert(holder, HeldKey { holder, service, key });
    }
    Ok(())
}

/// Gives the keys of a holder to another, who opens with them from now on.
pub fn give_keys(work: &mut Work<'_>, from: Id, to: Id) -> Result<Vec<Id>, ApiError> {
    forget_keys(work, &[from, to]);
    let given = data_keys::table.filter(data_keys::holder_id.eq(from)).select(data_keys::owner_id).load(work.conn)?;
    diesel::update(data_keys::table.filter(data_keys::holder_id.eq(from)))
        .set(data_keys::holder_id.eq(to))
        .execute(work.conn)?;
    Ok(given)
}

/// Gives keys back to the holder that had them.
pub fn give_keys_back(work: &mut Work<'_>, owners: &[Id], from: Id, to: Id) -> Result<(), ApiError> {
    forget_keys(work, &[from, to]);
    diesel::update(data_keys::table.filter(data_keys::holder_id.eq(from)).filter(data_keys::owner_id.among(owners)))
        .set(data_keys::holder_id.eq(to))
        .execute(work.conn)?;
    Ok(())
}

fn forget_keys(work: &mut Work<'_>, holders: &[Id]) {
    work.keys.retain(|_, held| !holders.contains(&held.holder));
}

/// Destroys the data keys of a deleted owner, and those that it holds: values sealed with them can no longer be opened,
/// backups included.
pub fn destroy_data_key(work: &mut Work<'_>, owner: Id) -> Result<(), ApiError> {
    forget_keys(work, &[owner]);
    diesel::delete(data_keys::table.filter(data_keys::holder_id.eq(owner))).execute(work.conn)?;
    Ok(())
}
