//! The SQL of authentication: signing keys, revocations, and the current rights of a principal.

use std::collections::HashSet;

use diesel::prelude::*;

use super::claims::TOKEN_SECONDS;
use super::permission::{Permission, Permissions, Role, administrator_permissions, client_permissions};
use super::principal::{Principal, PrincipalId};
use passerelle_base::networks::Networks;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::schema::{client_services, clients, memberships, revocations, signing_keys, users};
use passerelle_database::{AnyConn, Expiring};

/// A stored key pair, its private half sealed.
pub struct StoredKey {
    pub(super) kid: String,
    pub(super) public_key: Vec<u8>,
    pub(super) sealed_private_key: Vec<u8>,
}

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

/// A principal with its current rights; `None` if it does not exist, is disabled or has expired.
pub fn principal(conn: &mut AnyConn, id: PrincipalId, now: UtcTs) -> QueryResult<Option<Principal>> {
    match id {
        PrincipalId::User(user) => user_principal(conn, user),
        PrincipalId::Client(client) => client_principal(conn, client, now),
        PrincipalId::Local => Ok(None),
    }
}

/// Whether a user administers the deployment, whether they have a second factor, and one of their roles.
type UserRights = (bool, bool, Option<(Id, Role)>);

fn user_principal(conn: &mut AnyConn, user: Id) -> QueryResult<Option<Principal>> {
    let rows: Vec<UserRights> = users::table
        // A role that waits for a second person gives no right.
        .left_join(memberships::table.on(memberships::user_id.eq(users::id).and(memberships::requested_by.is_null())))
        .filter(users::id.eq(user).and(users::disabled_at.is_null()))
        .select((
            users::administrator,
            users::totp_confirmed_at.is_not_null(),
            (memberships::service_id, memberships::role).nullable(),
        ))
        .load(conn)?;
    let Some((administrator, second_factor, _)) = rows.first() else { return Ok(None) };
    let everywhere = if *administrator { administrator_permissions() } else { Permissions::default() };
    let grants =
        rows.iter().filter_map(|(_, _, membership)| *membership).map(|(service, role)| (service, role.permissions()));
    let grants: Vec<(Id, Permissions)> = grants.collect();
    let manages = grants.iter().any(|(_, held)| held.contains(Permission::AccountsWrite));
    Ok(Some(Principal {
        id: PrincipalId::User(user),
        grants,
        everywhere,
        networks: None,
        lacks_second_factor: (*administrator || manages) && !second_factor,
        partner: None,
    }))
}

fn client_principal(conn: &mut AnyConn, client: Id, now: UtcTs) -> QueryResult<Option<Principal>> {
    let unexpired = clients::expires_at.is_null().or(clients::expires_at.gt(now).assume_not_null());
    let rows: Vec<(String, Option<String>, Option<String>, Id)> = clients::table
        .inner_join(client_services::table)
        .filter(clients::id.eq(client).and(clients::disabled_at.is_null()).and(clients::requested_by.is_null()))
        .filter(unexpired)
        .select((clients::permissions, clients::networks, clients::partner_territory, client_services::service_id))
        .load(conn)?;
    let Some((text, networks, territory, _)) = rows.first() else { return Ok(None) };
    let networks = networks.as_deref().map(Networks::stored);
    // A permission that this version does not know is not held.
    let held: Permissions = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let held: Permissions = held.iter().filter(|permission| client_permissions().contains(*permission)).collect();
    let grants = rows.iter().map(|(_, _, _, service)| (*service, held)).collect();
    let everywhere = Permissions::default();
    // An unreadable territory fails the call: better that than returning the statement of another partner.
    let partner = territory.as_deref().map(str::parse).transpose();
    let partner = partner.map_err(|error: String| diesel::result::Error::DeserializationError(error.into()))?;
    Ok(Some(Principal {
        id: PrincipalId::Client(client),
        grants,
        everywhere,
        networks,
        lacks_second_factor: false,
        partner,
    }))
}

/// The tokens and the sessions that are revoked.
pub(super) fn revoked(conn: &mut AnyConn, now: UtcTs) -> QueryResult<HashSet<String>> {
    let list: Vec<String> =
        revocations::table.filter(revocations::until.gt(now)).select(revocations::revoked).load(conn)?;
    Ok(list.into_iter().collect())
}

/// Revokes a token or the tokens of a session, by identifier. The entry stays for the lifetime of a token issued now.
pub fn revoke(conn: &mut AnyConn, revoked: &str, now: UtcTs) -> QueryResult<()> {
    let until = now.plus(chrono::Duration::seconds(TOKEN_SECONDS));
    let row = (revocations::revoked.eq(revoked), revocations::until.eq(until));
    // Idempotent.
    passerelle_database::each!(conn, c => diesel::insert_into(revocations::table).values(row).on_conflict_do_nothing().execute(c))
        .map(drop)
}

/// Deletes revocations whose tokens have all expired, at most `limit`, and returns their number.
pub fn delete_expired_revocations(conn: &mut AnyConn, now: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "revocations", column: "until", at_once: true }.delete(conn, now, limit)
}

/// The signing keys: identifier, when it was created, when it was retired.
pub fn list_keys(conn: &mut AnyConn) -> QueryResult<Vec<(String, UtcTs, Option<UtcTs>)>> {
    signing_keys::table
        .order((signing_keys::created_at, signing_keys::kid))
        .select((signing_keys::kid, signing_keys::created_at, signing_keys::retired_at))
        .load(conn)
}

/// Retires a key; false if there is no such key in use.
pub(super) fn retire_key(conn: &mut AnyConn, kid: &str, now: UtcTs) -> QueryResult<bool> {
    let one = signing_keys::kid.eq(kid).and(signing_keys::retired_at.is_null());
    let retired =
        diesel::update(signing_keys::table.filter(one)).set(signing_keys::retired_at.eq(now)).execute(conn)?;
    Ok(retired == 1)
}
