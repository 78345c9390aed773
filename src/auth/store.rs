//! What authentication reads: signing keys, and a principal's rights as they are now.

use diesel::prelude::*;

use super::keys::StoredKey;
use super::permission::{Permissions, Role, administrator_permissions, client_permissions};
use super::principal::{Principal, PrincipalId};
use crate::db::schema::{client_services, clients, memberships, signing_keys, users};
use crate::db::{AnyConn, Id, UtcTs};

/// The keys that still verify tokens, oldest first.
pub(super) fn signing_keys(conn: &mut AnyConn) -> QueryResult<Vec<StoredKey>> {
    let rows: Vec<(String, Vec<u8>, Vec<u8>)> = signing_keys::table
        .filter(signing_keys::retired_at.is_null())
        .order((signing_keys::created_at, signing_keys::kid))
        .select((signing_keys::kid, signing_keys::public_key, signing_keys::sealed_private_key))
        .load(conn)?;
    let key = |(kid, public_key, sealed_private_key)| StoredKey { kid, public_key, sealed_private_key };
    Ok(rows.into_iter().map(key).collect())
}

pub(super) fn insert_signing_key(conn: &mut AnyConn, key: &StoredKey, now: UtcTs) -> QueryResult<()> {
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(&key.kid),
            signing_keys::public_key.eq(&key.public_key),
            signing_keys::sealed_private_key.eq(&key.sealed_private_key),
            signing_keys::created_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

/// A principal with its current rights; `None` when it does not exist or is disabled.
pub(crate) fn principal(conn: &mut AnyConn, id: PrincipalId) -> QueryResult<Option<Principal>> {
    match id {
        PrincipalId::User(user) => user_principal(conn, user),
        PrincipalId::Client(client) => client_principal(conn, client),
        PrincipalId::Local => Ok(None),
    }
}

fn user_principal(conn: &mut AnyConn, user: Id) -> QueryResult<Option<Principal>> {
    let rows: Vec<(bool, Option<(Id, Role)>)> = users::table
        .left_join(memberships::table)
        .filter(users::id.eq(user).and(users::disabled_at.is_null()))
        .select((users::administrator, (memberships::service_id, memberships::role).nullable()))
        .load(conn)?;
    let Some((administrator, _)) = rows.first() else { return Ok(None) };
    let everywhere = if *administrator { administrator_permissions() } else { Permissions::default() };
    let grants =
        rows.iter().filter_map(|(_, membership)| *membership).map(|(service, role)| (service, role.permissions()));
    Ok(Some(Principal { id: PrincipalId::User(user), grants: grants.collect(), everywhere }))
}

fn client_principal(conn: &mut AnyConn, client: Id) -> QueryResult<Option<Principal>> {
    let rows: Vec<(String, Id)> = clients::table
        .inner_join(client_services::table)
        .filter(clients::id.eq(client).and(clients::disabled_at.is_null()))
        .select((clients::permissions, client_services::service_id))
        .load(conn)?;
    let Some((text, _)) = rows.first() else { return Ok(None) };
    // A permission that this version no longer knows is not held.
    let held: Permissions = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let held: Permissions = held.iter().filter(|permission| client_permissions().contains(*permission)).collect();
    let grants = rows.iter().map(|(_, service)| (*service, held)).collect();
    Ok(Some(Principal { id: PrincipalId::Client(client), grants, everywhere: Permissions::default() }))
}
