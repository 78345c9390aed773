//! The SQL of authentication: signing keys, revocations, and the current rights of a principal.

use std::collections::HashSet;

use diesel::prelude::*;

use super::claims::TOKEN_SECONDS;
use super::permission::{Permission, Permissions, administrator_permissions, client_permissions};
use super::principal::{Principal, PrincipalId};
use super::vouching::{
    Vouched, VouchedClient, VouchedKey, VouchedMembership, VouchedRevocation, VouchedService, VouchedUser,
};
use crate::privacy::MacKey;
use passerelle_base::networks::Networks;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::schema::{client_services, clients, memberships, revocations, signing_keys, users};
use passerelle_database::{AnyConn, Expiring, Writes};

/// The keys that are not retired, oldest first, whoever wrote them.
pub(super) fn signing_keys(conn: &mut AnyConn) -> QueryResult<Vec<VouchedKey>> {
    signing_keys::table
        .filter(signing_keys::retired_at.is_null())
        .order((signing_keys::created_at, signing_keys::kid))
        .select(VouchedKey::as_select())
        .load(conn)
}

pub(super) fn insert_signing_key(conn: &mut AnyConn, key: &VouchedKey) -> QueryResult<()> {
    diesel::insert_into(signing_keys::table).values(key).execute(conn).map(drop)
}

/// A principal with its current rights; `None` if it does not exist, is disabled or has expired.
pub fn principal(conn: &mut AnyConn, key: &MacKey, id: PrincipalId, now: UtcTs) -> QueryResult<Option<Principal>> {
    match id {
        PrincipalId::User(user) => user_principal(conn, key, user),
        PrincipalId::Client(client) => client_principal(conn, key, client, now),
        PrincipalId::Local => Ok(None),
    }
}

fn user_principal(conn: &mut AnyConn, key: &MacKey, user: Id) -> QueryResult<Option<Principal>> {
    let rows: Vec<(VouchedUser, String, Option<VouchedMembership>)> = users::table
        // A role that waits for a second person gives no right.
        .left_join(memberships::table.on(memberships::user_id.eq(users::id).and(memberships::requested_by.is_null())))
        .filter(users::id.eq(user).and(users::disabled_at.is_null()))
        .select((VouchedUser::as_select(), users::display_name, Option::<VouchedMembership>::as_select()))
        .load(conn)?;
    let Some((account, name, _)) = rows.first().filter(|(account, ..)| account.is_genuine(key)) else {
        return Ok(None);
    };
    let everywhere = if account.administrator { administrator_permissions() } else { Permissions::default() };
    let held = rows.iter().filter_map(|(.., held)| held.as_ref()).filter(|held| held.is_genuine(key));
    let grants: Vec<(Id, Permissions)> = held.map(|held| (held.service_id, held.role.permissions())).collect();
    let manages = grants.iter().any(|(_, held)| held.contains(Permission::AccountsWrite));
    let second_factor = account.totp_confirmed_at.is_some();
    Ok(Some(Principal {
        id: PrincipalId::User(user),
        display_name: Some(name.clone()),
        grants,
        everywhere,
        networks: None,
        lacks_second_factor: (account.administrator || manages) && !second_factor,
        partner: None,
    }))
}

fn client_principal(conn: &mut AnyConn, key: &MacKey, id: Id, now: UtcTs) -> QueryResult<Option<Principal>> {
    let unexpired = clients::expires_at.is_null().or(clients::expires_at.gt(now).assume_not_null());
    let rows: Vec<(VouchedClient, VouchedService)> = clients::table
        .inner_join(client_services::table)
        .filter(clients::id.eq(id).and(clients::disabled_at.is_null()).and(clients::requested_by.is_null()))
        .filter(unexpired)
        .select((VouchedClient::as_select(), VouchedService::as_select()))
        .load(conn)?;
    let Some((client, _)) = rows.first().filter(|(client, _)| client.is_genuine(key)) else { return Ok(None) };
    // A permission that this version does not know is not held.
    let held: Permissions = client.permissions.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let held: Permissions = held.iter().filter(|permission| client_permissions().contains(*permission)).collect();
    let services = rows.iter().map(|(_, service)| service).filter(|service| service.is_genuine(key));
    let grants: Vec<(Id, Permissions)> = services.map(|service| (service.service_id, held)).collect();
    if grants.is_empty() {
        return Ok(None);
    }
    // An unreadable territory fails the call: better that than returning the statement of another partner.
    let partner = client.partner_territory.as_deref().map(str::parse).transpose();
    let partner = partner.map_err(|error: String| diesel::result::Error::DeserializationError(error.into()))?;
    Ok(Some(Principal {
        id: PrincipalId::Client(id),
        display_name: None,
        grants,
        everywhere: Permissions::default(),
        networks: client.networks.as_deref().map(Networks::stored),
        lacks_second_factor: false,
        partner,
    }))
}

/// The tokens and the sessions that are revoked. An entry that the program did not write revokes too, since that is the safe
/// side, and is reported.
pub(super) fn revoked(conn: &mut AnyConn, key: &MacKey, now: UtcTs) -> QueryResult<HashSet<String>> {
    let list: Vec<VouchedRevocation> =
        revocations::table.filter(revocations::until.gt(now)).select(VouchedRevocation::as_select()).load(conn)?;
    for entry in &list {
        entry.is_genuine(key);
    }
    Ok(list.into_iter().map(|entry| entry.revoked).collect())
}

/// Revokes a token or the tokens of a session, by identifier. The entry stays for the lifetime of a token issued now. On
/// PostgreSQL it is written `later`, with the record of the work.
pub fn revoke(
    conn: &mut AnyConn,
    later: &mut Writes<'static>,
    key: &MacKey,
    revoked: &str,
    now: UtcTs,
) -> QueryResult<()> {
    let until = now.plus(chrono::Duration::seconds(TOKEN_SECONDS));
    let row = VouchedRevocation { revoked: revoked.to_owned(), until, mac: None }.vouched(key);
    // Idempotent. An entry that somebody wrote with an end in the past must not stay.
    macro_rules! entry {
        () => {
            diesel::insert_into(revocations::table)
                .values(row.clone())
                .on_conflict(revocations::revoked)
                .do_update()
                .set((revocations::until.eq(row.until), revocations::mac.eq(row.mac)))
        };
    }
    match conn {
        AnyConn::Pg(_) => later.add(entry!()),
        AnyConn::Sqlite(sqlite) => drop(entry!().execute(sqlite)?),
    }
    Ok(())
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
pub(super) fn retire_key(conn: &mut AnyConn, vouches: &MacKey, kid: &str, now: UtcTs) -> QueryResult<bool> {
    let keys = signing_keys(conn)?.into_iter();
    let Some(read) = keys.filter(|key| key.is_genuine(vouches)).find(|key| key.kid == kid) else { return Ok(false) };
    let key = VouchedKey { retired_at: Some(now), ..read.clone() }.vouched(vouches);
    let one = signing_keys::table.filter(signing_keys::kid.eq(kid).and(signing_keys::mac.eq(read.mac)));
    Ok(diesel::update(one).set(&key).execute(conn)? == 1)
}
