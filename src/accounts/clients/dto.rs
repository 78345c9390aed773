//! API clients in the contract.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::store::ClientRow;
use crate::auth::{Permission, client_permissions, partner_permissions};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::body::broken;
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
use crate::networks::Networks;
use crate::nomenclatures::codes::OrganisationKind;
use crate::territories::TerritoryKey;

/// An API client to be created.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "rules_of_a_client", skip_on_field_errors = false))]
#[schema(example = json!({
    "name": "Formulaire du site", "service_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60"],
    "permissions": ["referrals:write"], "expires_at": "2027-03-01T00:00:00Z", "networks": ["192.0.2.0/24"]
}))]
pub struct NewClient {
    /// What the client is.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The services in which its permissions hold.
    #[schema(min_items = 1, max_items = 100)]
    pub service_ids: BTreeSet<Id>,
    /// What it may do: any permission but `accounts:write`; a partner's, `services:read`,
    /// `statements:read` and `statistics:read`.
    #[schema(min_items = 1, max_items = 64)]
    pub permissions: BTreeSet<Permission>,
    /// From when on it does not work any more; never when absent.
    pub expires_at: Option<UtcTs>,
    /// Addresses and networks that it may call from (`192.0.2.7`, `2001:db8::/48`); any when absent.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 20)]
    pub networks: Option<Vec<Network>>,
    /// The institution whose client it is, when it is one.
    #[serde(default)]
    #[schema(value_type = Partner, required = false)]
    pub partner: Option<Partner>,
}

/// The institution whose client it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Caf du Puy-de-Dôme", "kind": "caf", "territory": "departement:63"}))]
pub struct Partner {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// The territory that it answers for.
    pub territory: TerritoryKey,
}

crate::db::text_newtype! {
    /// An address, or a network in CIDR notation.
    pub struct Network: utoipa::openapi::schema::ObjectBuilder::new()
        .description(Some("An IPv4 or IPv6 address, or a network in CIDR notation."))
        .min_length(Some(2))
        .max_length(Some(43))
        .pattern(Some("^[0-9a-fA-F.:]+(/[0-9]{1,3})?$"))
        .examples([serde_json::json!("192.0.2.0/24")])
}

fn rules_of_a_client(new: &NewClient) -> Result<(), ValidationError> {
    check_permissions(&new.permissions, new.partner.is_some())?;
    check_networks(new.networks.as_deref().unwrap_or_default())
}

/// What a client may be given.
fn check_permissions(permissions: &BTreeSet<Permission>, is_partner: bool) -> Result<(), ValidationError> {
    let given = |allowed: crate::auth::Permissions| permissions.iter().all(|given| allowed.contains(*given));
    if !given(client_permissions()) {
        return Err(broken(
            "permission_for_people",
            "permissions",
            "accounts:write est réservé aux personnes.",
            "accounts:write is for people only.",
        ));
    }
    if is_partner && !given(partner_permissions()) {
        return Err(broken(
            "permission_for_staff",
            "permissions",
            "Le client d'un partenaire n'a droit qu'à services:read, statements:read et statistics:read : il lit ce qui est publié pour lui et le relevé de sa convention.",
            "A partner's client may hold services:read, statements:read and statistics:read: it reads what is published for it and the statement of its convention.",
        ));
    }
    Ok(())
}

fn check_networks(networks: &[Network]) -> Result<(), ValidationError> {
    if networks.iter().all(|network| network.as_str().parse::<Networks>().is_ok()) {
        return Ok(());
    }
    Err(broken(
        "network",
        "networks",
        "Une de ces valeurs n'est ni une adresse IP ni un réseau (192.0.2.0/24).",
        "One of these is neither an IP address nor a network (192.0.2.0/24).",
    ))
}

/// An API client, with its secret: shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", "name": "Formulaire du site",
    "client_secret": "sec_…", "permissions": ["referrals:write"]
}))]
pub struct CreatedClient {
    /// Identifier: the `client_id` of the token endpoint.
    pub id: Id,
    /// What the client is.
    pub name: String,
    /// The secret. It cannot be read again.
    pub client_secret: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

impl Located for CreatedClient {
    fn location(&self) -> String {
        format!("/v1/clients/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(1)
    }
}

/// A correction of a client, as a merge patch: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"expires_at": null, "permissions": ["referrals:read", "referrals:write"]}))]
pub struct ClientPatch {
    /// What the client is.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// What it may do.
    #[serde(default)]
    #[schema(value_type = BTreeSet<Permission>, required = false, min_items = 1, max_items = 64)]
    pub permissions: Option<BTreeSet<Permission>>,
    /// From when on it does not work any more; null is never.
    #[serde(default)]
    #[schema(value_type = Option<UtcTs>)]
    pub expires_at: Field<UtcTs>,
    /// Addresses and networks that it may call from; null is any.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Network>>, min_items = 1, max_items = 20)]
    pub networks: Field<Vec<Network>>,
}

/// How long the former secret goes on working.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_hours": 24}))]
pub struct SecretChange {
    /// Hours for which the former secret works beside the new one, so that a program can be given the new one without a
    /// cut; 0 when the former one is known to others.
    #[schema(minimum = 0, maximum = 168)]
    pub overlap_hours: i64,
}

/// A new secret of a client: shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"client_secret": "sec_…", "former_secret_until": "2026-03-03T08:15:00.000000Z"}))]
pub struct ClientSecret {
    /// The secret. It cannot be read again.
    pub client_secret: String,
    /// Until when the former one works too; null when it does not any more.
    pub former_secret_until: Option<UtcTs>,
}

/// An API client. (Named so: generated libraries have a `Client` of their own.)
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", "name": "Formulaire du site",
    "service_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60"], "permissions": ["referrals:write"], "disabled": false,
    "expires_at": "2027-03-01T00:00:00.000000Z", "networks": ["192.0.2.0/24"],
    "last_used_at": "2026-03-02T08:15:00.000000Z", "created_at": "2026-03-02T08:15:00.000000Z",
    "updated_at": "2026-03-02T08:15:00.000000Z", "version": 1
}))]
pub struct ApiClient {
    /// Identifier: the `client_id` of the token endpoint.
    pub id: Id,
    /// What the client is.
    pub name: String,
    /// The services in which its permissions hold, of those that the caller looks after.
    pub service_ids: Vec<Id>,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// Whether it is disabled.
    pub disabled: bool,
    /// From when on it does not work any more.
    pub expires_at: Option<UtcTs>,
    /// Addresses and networks that it may call from; any when null.
    pub networks: Option<Vec<Network>>,
    /// The institution whose client it is; absent when it is none's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Partner, required = false)]
    pub partner: Option<Partner>,
    /// When it last got a token: it was at work ten minutes longer at most.
    pub last_used_at: Option<UtcTs>,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it was last changed.
    pub updated_at: UtcTs,
    /// Version of the row.
    pub version: i32,
}

crate::versioned!(ApiClient);

impl ApiClient {
    pub(super) fn new(row: ClientRow, service_ids: Vec<Id>) -> Self {
        Self {
            id: row.id,
            name: row.name,
            service_ids,
            permissions: row.permissions.split_whitespace().filter_map(|word| word.parse().ok()).collect(),
            disabled: row.disabled_at.is_some(),
            expires_at: row.expires_at,
            networks: row.networks.map(|networks| networks.split(',').filter_map(|one| one.parse().ok()).collect()),
            partner: match (row.partner_name, row.partner_kind, row.partner_territory.map(|key| key.parse())) {
                (Some(name), Some(kind), Some(Ok(territory))) => Some(Partner { name, kind, territory }),
                _ => None,
            },
            last_used_at: row.last_used_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

crate::page! {
    /// A page of API clients.
    ClientPage of ApiClient
}

text_enum! {
    /// Order of the list of clients.
    pub enum ClientSort {
        /// The first created first.
        CreatedAt = "created_at",
        /// The last created first.
        CreatedAtDesc = "-created_at",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Which clients.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ClientFilter {
    /// Of partner institutions, or of programs.
    #[param(example = true)]
    pub(super) partner: Option<bool>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub(super) updated_since: Option<UtcTs>,
    /// Order, the first created first unless said.
    pub(super) sort: Option<ClientSort>,
}

impl QueryParams for ClientFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<UtcTs>();
        description.reference::<ClientSort>();
    }
}
