//! Requests and responses about API clients.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::auth::{Permission, client_permissions, partner_permissions};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::body::broken_rule;
use crate::http::reply::Located;
use crate::networks::Networks;
use crate::nomenclatures::codes::OrganisationKind;
use crate::territories::TerritoryKey;

/// An API client to create.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "check_client", skip_on_field_errors = false))]
#[schema(example = json!({
    "name": "Formulaire du site", "service_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60"],
    "permissions": ["referrals:write"], "expires_at": "2027-03-01T00:00:00Z", "networks": ["192.0.2.0/24"]
}))]
pub struct ClientInput {
    /// Name of the client.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The services in which its permissions hold.
    #[schema(min_items = 1, max_items = 100)]
    pub service_ids: BTreeSet<Id>,
    /// Its permissions: any except `accounts:write`. A partner's client may only have `services:read`,
    /// `statements:read` and `statistics:read`.
    #[schema(min_items = 1, max_items = 64)]
    pub permissions: BTreeSet<Permission>,
    /// When it expires. A client without this date never expires.
    pub expires_at: Option<UtcTs>,
    /// Addresses and networks from which it may call (`192.0.2.7`, `2001:db8::/48`). Without this list, it may call
    /// from anywhere.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 20)]
    pub networks: Option<Vec<Network>>,
    /// The partner institution that owns the client, if any.
    #[serde(default)]
    #[schema(value_type = Partner, required = false)]
    pub partner: Option<Partner>,
}

/// The partner institution that owns a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Caf du Puy-de-Dôme", "kind": "caf", "territory": "departement:63"}))]
pub struct Partner {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Its kind.
    pub kind: OrganisationKind,
    /// The territory that it is responsible for.
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

fn check_client(new: &ClientInput) -> Result<(), ValidationError> {
    check_permissions(&new.permissions, new.partner.is_some())?;
    check_networks(new.networks.as_deref().unwrap_or_default())
}

/// Refuses permissions that a client, or a partner's client, may not have.
fn check_permissions(permissions: &BTreeSet<Permission>, is_partner: bool) -> Result<(), ValidationError> {
    let within = |allowed: crate::auth::Permissions| permissions.iter().all(|permission| allowed.contains(*permission));
    if !within(client_permissions()) {
        return Err(broken_rule(
            "permission_for_people",
            "permissions",
            "Le droit accounts:write est réservé aux comptes de personnes.",
            "Only user accounts may have accounts:write.",
        ));
    }
    if is_partner && !within(partner_permissions()) {
        return Err(broken_rule(
            "permission_for_staff",
            "permissions",
            "Un client d'API partenaire ne peut avoir que les droits services:read, statements:read et statistics:read : il lit ce qui est publié pour lui et le relevé de sa convention.",
            "A partner's client may only have services:read, statements:read and statistics:read: it reads what is published for it and the statement of its convention.",
        ));
    }
    Ok(())
}

fn check_networks(networks: &[Network]) -> Result<(), ValidationError> {
    if networks.iter().all(|network| network.as_str().parse::<Networks>().is_ok()) {
        return Ok(());
    }
    Err(broken_rule(
        "network",
        "networks",
        "Une de ces valeurs n'est ni une adresse IP ni un réseau (192.0.2.0/24).",
        "One of these is neither an IP address nor a network (192.0.2.0/24).",
    ))
}

/// A created API client, with its secret. The secret is returned only once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", "name": "Formulaire du site",
    "client_secret": "sec_…", "permissions": ["referrals:write"], "pending": false
}))]
pub struct CreatedClient {
    /// Identifier: the `client_id` for the token endpoint.
    pub id: Id,
    /// Name of the client.
    pub name: String,
    /// The secret. It cannot be read again.
    pub client_secret: String,
    /// Its permissions.
    pub permissions: Vec<Permission>,
    /// Whether it waits for a second person and cannot sign in yet: `POST /v1/clients/{id}/confirm`.
    pub pending: bool,
}

impl Located for CreatedClient {
    fn location(&self) -> String {
        format!("/v1/clients/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(1)
    }
}

/// Changes to a client. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"expires_at": null, "permissions": ["referrals:read", "referrals:write"]}))]
pub struct ClientPatch {
    /// Name of the client.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// Its permissions.
    #[serde(default)]
    #[schema(value_type = BTreeSet<Permission>, required = false, min_items = 1, max_items = 64)]
    pub permissions: Option<BTreeSet<Permission>>,
    /// When it expires. With null, it never expires.
    #[serde(default)]
    #[schema(value_type = Option<UtcTs>)]
    pub expires_at: Field<UtcTs>,
    /// Addresses and networks from which it may call. With null, it may call from anywhere.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Network>>, min_items = 1, max_items = 20)]
    pub networks: Field<Vec<Network>>,
}

/// How long the previous secret remains valid.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_hours": 24}))]
pub struct SecretChange {
    /// Hours during which the previous secret also works, so that a program can switch to the new one without an
    /// interruption. Send 0 if the previous secret has leaked.
    #[schema(minimum = 0, maximum = 168)]
    pub overlap_hours: i64,
}

/// The new secret of a client. It is returned only once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"client_secret": "sec_…", "former_secret_until": "2026-03-03T08:15:00.000000Z", "pending": false}))]
pub struct ClientSecret {
    /// The secret. It cannot be read again.
    pub client_secret: String,
    /// When the previous secret expires; null if it no longer works.
    pub former_secret_until: Option<UtcTs>,
    /// Whether the client waits for a second person and cannot sign in until then: `POST /v1/clients/{id}/confirm`.
    pub pending: bool,
}

/// An API client: a program or a partner institution. The schema is not called `Client` because generated libraries
/// define a `Client` of their own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", "name": "Formulaire du site",
    "service_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60"], "permissions": ["referrals:write"], "disabled": false,
    "expires_at": "2027-03-01T00:00:00.000000Z", "networks": ["192.0.2.0/24"],
    "made_by": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "made_by_name": "Dominique Exemple", "maker_may_manage": true, "pending": false,
    "last_used_at": "2026-03-02T08:15:00.000000Z", "created_at": "2026-03-02T08:15:00.000000Z",
    "updated_at": "2026-03-02T08:15:00.000000Z", "version": 1
}))]
pub struct ApiClient {
    /// Identifier: the `client_id` for the token endpoint.
    pub id: Id,
    /// Name of the client.
    pub name: String,
    /// The services in which its permissions hold. Only the services that the caller manages are listed.
    pub service_ids: Vec<Id>,
    /// Its permissions.
    pub permissions: Vec<Permission>,
    /// Whether it is disabled.
    pub disabled: bool,
    /// When it expires; null if never.
    pub expires_at: Option<UtcTs>,
    /// Addresses and networks from which it may call; null if it may call from anywhere.
    pub networks: Option<Vec<Network>>,
    /// The partner institution that owns the client; absent for other clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Partner, required = false)]
    pub partner: Option<Partner>,
    /// Who made it: `user:…`, or `local` for a command on the server; null if the journal does not know it.
    #[schema(max_length = 64)]
    pub made_by: Option<String>,
    /// Their name; null for `local`, and for API clients that read it.
    pub made_by_name: Option<String>,
    /// Whether its maker could still make it. False if their account is disabled or lost its rights in one of the services:
    /// the client works on, and a manager decides whether it should.
    pub maker_may_manage: bool,
    /// Whether it waits for a second person and cannot sign in: an administrator, who knows its secret, asked for rights on
    /// the data of a service. Another administrator or a manager confirms it: `POST /v1/clients/{id}/confirm`.
    pub pending: bool,
    /// When it last obtained a token. It may have used that token for ten more minutes.
    pub last_used_at: Option<UtcTs>,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it was last changed.
    pub updated_at: UtcTs,
    /// Version of the row.
    pub version: i32,
}

crate::versioned!(ApiClient);

crate::page! {
    /// A page of API clients.
    ClientPage of ApiClient
}

text_enum! {
    /// Order of the list of clients.
    pub enum ClientSort {
        /// Oldest first.
        CreatedAt = "created_at",
        /// Newest first.
        CreatedAtDesc = "-created_at",
        /// Least recently changed first. Use it with `updated_since` to read what has changed.
        UpdatedAt = "updated_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Filters of the list of clients.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct ClientFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub(super) id: Option<Vec<Id>>,
    /// `true`: only clients of partner institutions. `false`: only the others.
    #[param(example = true)]
    pub(super) partner: Option<bool>,
    /// `false`: only clients whose maker is disabled or lost the right to make them. `true`: only the others.
    #[param(example = false)]
    pub(super) maker_may_manage: Option<bool>,
    /// Only those changed at this instant or later. A change becomes visible when it is committed, shortly after its
    /// instant: to miss none, start one minute earlier.
    pub(super) updated_since: Option<UtcTs>,
    /// Order of the list; oldest first by default.
    pub(super) sort: Option<ClientSort>,
}
