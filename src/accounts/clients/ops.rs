//! Use cases of API clients.

use std::collections::BTreeSet;

use super::dto::{ApiClient, ClientFilter, ClientInput, ClientPage, ClientPatch, ClientSecret, CreatedClient};
use super::store::{self, Held};
use crate::accounts::authority;
use crate::accounts::names;
use crate::auth::{Permissions, ServiceScope, Vouched, VouchedClient, VouchedService};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::body::check_rules;
use crate::http::page::List;
use crate::notices::NoticeKind;
use crate::privacy::{random_token, sha256};
use crate::services;
use crate::trail::{ChangeKind, Resource};
use crate::work::Work;

pub use super::store::ClientRow;

/// Creates an API client. Its secret is returned once and stored as a plain SHA-256: it has 256 random bits, so no
/// dictionary attack reaches it and a slow hash would only cost time.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &ClientInput) -> Result<CreatedClient, ApiError> {
    for (index, service) in new.service_ids.iter().enumerate() {
        services::ops::require(work, scope, *service, &format!("/service_ids/{index}"))?;
    }
    let (id, client_secret) = (Id::at(work.now), random_token("sec"));
    let maker = work.author();
    let services: Vec<Id> = new.service_ids.iter().copied().collect();
    let held: Permissions = new.permissions.iter().copied().collect();
    let pending = authority::client_needs_second_person(work, &services, held)?;
    let client = VouchedClient {
        id,
        secret_hash: sha256(client_secret.as_bytes()),
        permissions: held.to_string(),
        disabled_at: None,
        version: 1,
        expires_at: new.expires_at,
        networks: new.networks.as_deref().map(store::joined),
        former_secret_hash: None,
        former_secret_until: None,
        partner_name: new.partner.as_ref().map(|partner| partner.name.clone()),
        partner_kind: new.partner.as_ref().map(|partner| partner.kind.to_string()),
        partner_territory: new.partner.as_ref().map(|partner| partner.territory.to_string()),
        requested_by: pending.then(|| maker.clone()),
        made_by: Some(maker),
        mac: None,
    };
    let key = work.vault.authority_key();
    let of = |service: &Id| VouchedService { client_id: id, service_id: *service, mac: None }.vouched(key);
    let rows: Vec<VouchedService> = services.iter().map(of).collect();
    store::insert(work.conn, &client.vouched(key), &rows, &new.name, work.now)?;
    work.account_changed(Resource::Client, id, ChangeKind::Created);
    let kind = told(NoticeKind::ClientCreated, pending);
    authority::client_changed(work, kind, id, &services, (None, Some(store::rights_code(held, pending))));
    Ok(CreatedClient {
        id,
        name: new.name.clone(),
        client_secret,
        permissions: new.permissions.iter().copied().collect(),
        pending,
    })
}

/// A page of the clients in scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, list: &List<ClientFilter>) -> Result<ClientPage, ApiError> {
    let (rows, info) = store::list(work.conn, work.vault.authority_key(), scope, &list.filter, &list.page)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut held = store::held(work.conn, work.vault.authority_key(), scope, &ids)?;
    let data = rows.into_iter().map(|row| {
        let held = held.remove(&row.id).unwrap_or_default();
        row.into_client(held)
    });
    let mut data: Vec<ApiClient> = data.collect();
    name_makers(work, &mut data)?;
    Ok(ClientPage { data, page: info })
}

/// Every client, for the command line.
pub fn all(work: &mut Work<'_>) -> Result<Vec<ApiClient>, ApiError> {
    Ok(store::all(work.conn)?.into_iter().map(|row| row.into_client(Held::default())).collect())
}

/// The row of a client in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ClientRow, ApiError> {
    Ok(store::get(work.conn, work.vault.authority_key(), scope, id)?)
}

/// One client in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ApiClient, ApiError> {
    let row = store::get(work.conn, work.vault.authority_key(), scope, id)?;
    let mut held = store::held(work.conn, work.vault.authority_key(), scope, &[id])?;
    let mut client = row.into_client(held.remove(&id).unwrap_or_default());
    name_makers(work, std::slice::from_mut(&mut client))?;
    Ok(client)
}

/// Gives clients the names of who made them.
fn name_makers(work: &mut Work<'_>, clients: &mut [ApiClient]) -> Result<(), ApiError> {
    let names = names::ops::read(work, clients.iter().filter_map(|client| client.made_by.as_deref()))?;
    for client in clients {
        client.made_by_name = client.made_by.as_deref().and_then(|maker| names.of(maker));
    }
    Ok(())
}

/// Corrects a client. The corrected client must follow the rules of a new one.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    row: &ClientRow,
    patch: ClientPatch,
) -> Result<ApiClient, ApiError> {
    require_management(work, scope, row)?;
    let before = row.clone().into_client(Held::default());
    let after = ClientInput {
        name: patch.name.unwrap_or(before.name),
        service_ids: BTreeSet::new(),
        permissions: patch.permissions.unwrap_or_else(|| before.permissions.into_iter().collect()),
        expires_at: patch.expires_at.over(before.expires_at),
        networks: patch.networks.over(before.networks),
        partner: before.partner,
    };
    check_rules(&after)?;
    let held: Permissions = after.permissions.into_iter().collect();
    // More rights of a client whose secret is known wait too.
    let more = held.without(row.named());
    let services = store::every_service(work.conn, row.id)?;
    let asks = authority::client_needs_second_person(work, &services, more)?;
    let vouched = VouchedClient {
        permissions: held.to_string(),
        expires_at: after.expires_at,
        networks: after.networks.as_deref().map(store::joined),
        // A client without such rights waits for nobody.
        requested_by: row
            .requested_by
            .clone()
            .or_else(|| asks.then(|| work.author()))
            .filter(|_| authority::concern_tenants(held)),
        ..row.vouched.clone()
    };
    let new = ClientRow { name: after.name, vouched, ..row.clone() };
    if new == *row {
        return get(work, scope, row.id);
    }
    let kind = told(NoticeKind::ClientRightsChanged, asks);
    record(work, kind, &services, row, &new);
    save(work, scope, row, new)
}

/// Gives a client a new secret. The previous one remains valid for `overlap_hours`.
pub fn change_secret(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    row: &ClientRow,
    overlap_hours: i64,
) -> Result<ClientSecret, ApiError> {
    require_management(work, scope, row)?;
    let client_secret = random_token("sec");
    let services = store::every_service(work.conn, row.id)?;
    // Whoever knows the secret has the rights.
    let asks = authority::client_needs_second_person(work, &services, row.named())?;
    // The secret of somebody who waits to be confirmed must not work once another is: they would confirm themselves.
    let overlaps = overlap_hours > 0 && !(asks && row.requested_by.is_some());
    let until = overlaps.then(|| work.now.plus(chrono::Duration::hours(overlap_hours)));
    let new = VouchedClient {
        secret_hash: sha256(client_secret.as_bytes()),
        former_secret_hash: until.map(|_| row.secret_hash.clone()),
        former_secret_until: until,
        requested_by: if asks { Some(work.author()) } else { row.requested_by.clone() },
        ..row.vouched.clone()
    };
    let new = replace(work, row, ClientRow { vouched: new, ..row.clone() })?;
    let kind = told(NoticeKind::ClientSecretChanged, asks);
    authority::client_changed(work, kind, row.id, &services, (row.rights(), new.rights()));
    Ok(ClientSecret { client_secret, former_secret_until: until, pending: new.requested_by.is_some() })
}

/// Disables a client.
pub fn disable(work: &mut Work<'_>, scope: &ServiceScope, row: &ClientRow) -> Result<ApiClient, ApiError> {
    require_management(work, scope, row)?;
    let disabled_at = row.disabled_at.or(Some(work.now));
    set_status(work, scope, row, VouchedClient { disabled_at, ..row.vouched.clone() })
}

/// Enables a client.
pub fn enable(work: &mut Work<'_>, scope: &ServiceScope, row: &ClientRow) -> Result<ApiClient, ApiError> {
    require_management(work, scope, row)?;
    set_status(work, scope, row, VouchedClient { disabled_at: None, ..row.vouched.clone() })
}

/// Confirms the rights of a client that another person asked for.
pub fn confirm(work: &mut Work<'_>, scope: &ServiceScope, row: &ClientRow) -> Result<ApiClient, ApiError> {
    require_management(work, scope, row)?;
    let Some(requester) = &row.requested_by else {
        return Err(ApiError::new(Code::Conflict)
            .detail("Ce client n'attend pas de confirmation.", "This client does not wait to be confirmed."));
    };
    if *requester == work.author() {
        return Err(ApiError::new(Code::Forbidden).detail(
            "Une seconde personne doit confirmer : une autre personne qui administre le déploiement, ou qui dirige le service.",
            "A second person must confirm: another administrator, or a manager of the service.",
        ));
    }
    set_status(work, scope, row, VouchedClient { requested_by: None, ..row.vouched.clone() })
}

fn set_status(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    row: &ClientRow,
    vouched: VouchedClient,
) -> Result<ApiClient, ApiError> {
    let new = ClientRow { vouched, ..row.clone() };
    let services = store::every_service(work.conn, row.id)?;
    record(work, NoticeKind::ClientRightsChanged, &services, row, &new);
    save(work, scope, row, new)
}

/// The kind of a notice: a request, if a second person must confirm.
fn told(kind: NoticeKind, pending: bool) -> NoticeKind {
    if pending { NoticeKind::ClientRequested } else { kind }
}

/// Records a change of the rights of a client, if there is one, and tells the managers of its services.
fn record(work: &mut Work<'_>, kind: NoticeKind, services: &[Id], row: &ClientRow, new: &ClientRow) {
    let rights = (row.rights(), new.rights());
    if rights.0 != rights.1 {
        authority::client_changed(work, kind, row.id, services, rights);
    }
}

fn save(work: &mut Work<'_>, scope: &ServiceScope, row: &ClientRow, new: ClientRow) -> Result<ApiClient, ApiError> {
    replace(work, row, new)?;
    get(work, scope, row.id)
}

/// Gives the row its next version.
fn replace(work: &mut Work<'_>, row: &ClientRow, new: ClientRow) -> Result<ClientRow, ApiError> {
    let vouched = VouchedClient { version: row.version + 1, ..new.vouched }.vouched(work.vault.authority_key());
    let new = ClientRow { vouched, updated_at: work.now, ..new };
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.account_changed(Resource::Client, row.id, ChangeKind::Updated);
    Ok(new)
}

/// Refuses a manager who changes a client that also has rights in other services.
fn require_management(work: &mut Work<'_>, scope: &ServiceScope, row: &ClientRow) -> Result<(), ApiError> {
    let ServiceScope::Only(services) = scope else { return Ok(()) };
    if !store::serves_others(work.conn, row.id, services)? {
        return Ok(());
    }
    Err(ApiError::new(Code::Forbidden).detail(
        "Ce client a des droits hors de vos services : s'adresser à l'administration du déploiement.",
        "This client has rights outside your services: only an administrator can change it.",
    ))
}
