//! The SQL of API clients.

use std::collections::HashMap;
use std::ops::Deref;

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::dto::{ApiClient, ClientFilter, ClientSort, Network, Partner};
use crate::auth::{Permission, Permissions, ServiceScope, Vouched, VouchedClient, VouchedService};
use crate::db::schema::{client_services, clients};
use crate::db::{AnyConn, Id, UtcTs, columns, insert_together, sorted_page, together};
use crate::http::page::{PageInfo, PageRequest};
use crate::privacy::MacKey;

/// A row of `clients`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = clients)]
pub struct ClientRow {
    /// The columns that give rights.
    #[diesel(embed)]
    pub(super) vouched: VouchedClient,
    pub(super) name: String,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    pub(super) last_used_at: Option<UtcTs>,
}

impl Deref for ClientRow {
    type Target = VouchedClient;

    fn deref(&self) -> &VouchedClient {
        &self.vouched
    }
}

crate::versioned!(ClientRow);

impl ClientRow {
    /// The permissions that the row names. One that this version does not know is not held.
    pub(super) fn named(&self) -> Permissions {
        self.permissions.split_whitespace().filter_map(|word| word.parse::<Permission>().ok()).collect()
    }

    /// The rights that it gives, as the journal writes them; none if it is disabled.
    pub(super) fn rights(&self) -> Option<String> {
        self.disabled_at.is_none().then(|| rights_code(self.named(), self.requested_by.is_some()))
    }

    pub(super) fn into_client(self, held: Held) -> ApiClient {
        let permissions = self.named().iter().collect();
        let vouched = self.vouched;
        let kind = vouched.partner_kind.and_then(|kind| kind.parse().ok());
        ApiClient {
            id: vouched.id,
            name: self.name,
            service_ids: held.service_ids,
            permissions,
            disabled: vouched.disabled_at.is_some(),
            expires_at: vouched.expires_at,
            networks: vouched.networks.map(|networks| networks.split(',').filter_map(|one| one.parse().ok()).collect()),
            partner: match (vouched.partner_name, kind, vouched.partner_territory.map(|key| key.parse())) {
                (Some(name), Some(kind), Some(Ok(territory))) => Some(Partner { name, kind, territory }),
                _ => None,
            },
            made_by: vouched.made_by,
            made_by_name: None,
            pending: vouched.requested_by.is_some(),
            maker_may_manage: held.maker_may_manage,
            last_used_at: self.last_used_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: vouched.version,
        }
    }
}

/// What belongs to a client: its services, those of a scope, and whether its maker could make it today.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) service_ids: Vec<Id>,
    pub(super) maker_may_manage: bool,
}

/// Rights as the journal writes them. Those that wait for a second person begin with a word that says so.
pub(super) fn rights_code(held: Permissions, pending: bool) -> String {
    let code = held.to_string().replace(' ', ",");
    if pending { format!("requested,{code}") } else { code }
}

type Boxed<'a> = clients::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// Networks as the column stores them.
pub(super) fn joined(networks: &[Network]) -> String {
    networks.iter().map(Network::as_str).collect::<Vec<_>>().join(",")
}

/// Writes a new client, with its services.
pub(super) fn insert(
    conn: &mut AnyConn,
    client: &VouchedClient,
    services: &[VouchedService],
    name: &str,
    now: UtcTs,
) -> QueryResult<()> {
    let values = (client, clients::name.eq(name), clients::created_at.eq(now), clients::updated_at.eq(now));
    diesel::insert_into(clients::table).values(values).execute(conn)?;
    insert_together!(conn, client_services => services)
}

/// The clients with a permission in a service of the scope.
fn visible(scope: &ServiceScope) -> Boxed<'_> {
    let query = clients::table.into_boxed();
    let ServiceScope::Only(services) = scope else { return query };
    let in_scope =
        client_services::table.filter(client_services::service_id.eq_any(services)).select(client_services::client_id);
    query.filter(clients::id.eq_any(in_scope))
}

/// Whether the maker of a client could make it today: the command line, an administrator, or a manager of all its
/// services.
fn maker_may_manage() -> SqlLiteral<Bool> {
    sql(
        "COALESCE(clients.made_by = 'local' OR EXISTS (SELECT 1 FROM users WHERE users.id = substr(clients.made_by, 6) \
         AND users.disabled_at IS NULL AND (users.administrator OR NOT EXISTS (SELECT 1 FROM client_services AS held \
         WHERE held.client_id = clients.id AND NOT EXISTS (SELECT 1 FROM memberships \
         WHERE memberships.user_id = users.id AND memberships.service_id = held.service_id \
         AND memberships.role = 'manager' AND memberships.requested_by IS NULL)))), FALSE)",
    )
}

/// The clients in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &ClientFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    match filter.partner {
        Some(true) => query = query.filter(clients::partner_name.is_not_null()),
        Some(false) => query = query.filter(clients::partner_name.is_null()),
        None => {}
    }
    if let Some(may) = filter.maker_may_manage {
        query = query.filter(maker_may_manage().eq(may));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(clients::updated_at.ge(since));
    }
    query
}

pub(super) fn get(conn: &mut AnyConn, key: &MacKey, scope: &ServiceScope, id: Id) -> QueryResult<ClientRow> {
    let row: ClientRow = visible(scope).filter(clients::id.eq(id)).select(ClientRow::as_select()).first(conn)?;
    // A row that the program did not write is not found.
    if row.is_genuine(key) { Ok(row) } else { Err(diesel::NotFound) }
}

/// A page of clients, oldest first by default.
pub(super) fn list(
    conn: &mut AnyConn,
    key: &MacKey,
    scope: &ServiceScope,
    filter: &ClientFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ClientRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ClientSort::CreatedAt);
    let (mut rows, info) = sorted_page!(conn, page, filtered(scope, filter), clients as ClientRow, sort: ClientSort {
        CreatedAt | CreatedAtDesc => created_at as UtcTs,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    });
    rows.retain(|row| row.is_genuine(key));
    Ok((rows, info))
}

/// Every client, oldest first.
pub(super) fn all(conn: &mut AnyConn) -> QueryResult<Vec<ClientRow>> {
    clients::table.order(clients::id).select(ClientRow::as_select()).load(conn)
}

/// What belongs to several clients, with the services of a scope.
pub(super) fn held(
    conn: &mut AnyConn,
    key: &MacKey,
    scope: &ServiceScope,
    clients: &[Id],
) -> QueryResult<HashMap<Id, Held>> {
    let mut query = client_services::table.filter(client_services::client_id.eq_any(clients)).into_boxed();
    if let ServiceScope::Only(services) = scope {
        query = query.filter(client_services::service_id.eq_any(services));
    }
    let (services, makers) = together!(
        conn,
        query
            .order((client_services::client_id, client_services::service_id))
            .select(columns::<VouchedService>()) => VouchedService,
        clients::table
            .filter(clients::id.eq_any(clients).and(maker_may_manage()))
            .select((clients::id, clients::version)) => (Id, i32),
    )?;
    let mut by_client: HashMap<Id, Held> = HashMap::new();
    for VouchedService { client_id, service_id, .. } in services.into_iter().filter(|row| row.is_genuine(key)) {
        by_client.entry(client_id).or_default().service_ids.push(service_id);
    }
    for (client, _) in makers {
        by_client.entry(client).or_default().maker_may_manage = true;
    }
    Ok(by_client)
}

/// Whether a client has permissions in other services than these.
pub(super) fn serves_others(conn: &mut AnyConn, client: Id, services: &[Id]) -> QueryResult<bool> {
    let outside = client_services::client_id.eq(client).and(client_services::service_id.ne_all(services));
    let found: i64 = client_services::table.filter(outside).count().get_result(conn)?;
    Ok(found > 0)
}

/// Every service of a client.
pub(super) fn every_service(conn: &mut AnyConn, client: Id) -> QueryResult<Vec<Id>> {
    client_services::table
        .filter(client_services::client_id.eq(client))
        .order(client_services::service_id)
        .select(client_services::service_id)
        .load(conn)
}

/// Replaces the version that was read. Returns false if another writer was first.
pub(super) fn update(conn: &mut AnyConn, row: &ClientRow, new: &ClientRow) -> QueryResult<bool> {
    let version_read = clients::id.eq(row.id).and(clients::version.eq(row.version));
    let values = (&new.vouched, clients::name.eq(&new.name), clients::updated_at.eq(new.updated_at));
    Ok(diesel::update(clients::table.filter(version_read)).set(values).execute(conn)? == 1)
}
