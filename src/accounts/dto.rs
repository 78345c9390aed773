//! Accounts in the contract.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::store::ClientRow;
use crate::auth::{Permission, PublicKey, Role};
use crate::db::{Id, UtcTs, text_enum};
use crate::http::body::broken;
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;

/// A request of the token endpoint (RFC 6749). Credentials of a client may also come as `Basic`.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"grant_type": "password", "username": "coordinatrice@example.org", "password": "…"}))]
pub struct TokenRequest {
    /// `client_credentials` for programs and institutions, `password` for users.
    #[schema(max_length = 64, example = "client_credentials")]
    pub grant_type: String,
    /// The client's identifier.
    #[schema(max_length = 64)]
    pub client_id: Option<String>,
    /// The client's secret.
    #[schema(max_length = 128, format = Password)]
    pub client_secret: Option<String>,
    /// The user's e-mail address.
    #[schema(max_length = 254)]
    pub username: Option<String>,
    /// The user's password.
    #[schema(max_length = 256, format = Password)]
    pub password: Option<String>,
    /// Accepted and ignored: a token always carries the rights of its principal.
    #[schema(max_length = 1000)]
    #[allow(dead_code, reason = "OAuth clients send it")]
    pub scope: Option<String>,
}

text_enum! {
    /// How a token is used.
    pub enum TokenType {
        /// `Authorization: Bearer …`.
        Bearer = "Bearer",
    }
}

/// An access token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjbGllbnQ6In0.c2ln", "token_type": "Bearer",
    "expires_in": 600, "scope": "referrals:read referrals:write"
}))]
pub struct Token {
    /// The token: a JWT signed with EdDSA. Do not read it; it may change form.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: TokenType,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// The permissions that it carries, separated by spaces.
    pub scope: String,
}

/// The public keys that verify access tokens (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicKeys {
    /// The keys in use.
    pub keys: Vec<PublicKey>,
}

/// Where a client finds what it needs to sign in (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "issuer": "https://api.example", "token_endpoint": "https://api.example/oauth/token",
    "jwks_uri": "https://api.example/.well-known/jwks.json",
    "grant_types_supported": ["client_credentials", "password"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    "scopes_supported": ["referrals:read"]
}))]
pub struct AuthorizationServer {
    /// The issuer of the tokens.
    pub issuer: String,
    /// Where tokens are asked for.
    pub token_endpoint: String,
    /// Where the public keys are.
    pub jwks_uri: String,
    /// The grants that it takes.
    pub grant_types_supported: Vec<&'static str>,
    /// How a client proves itself.
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// The permissions.
    pub scopes_supported: Vec<Permission>,
}

/// Who the token is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "administrator": false,
    "services": [{"service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c61", "permissions": ["referrals:read"]}]
}))]
pub struct Me {
    /// The principal, as authors are written.
    pub id: String,
    /// Whether it administers the deployment.
    pub administrator: bool,
    /// Its permissions in each service.
    pub services: Vec<ServicePermissions>,
}

/// What a principal may do in one service.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServicePermissions {
    /// The service.
    pub service_id: Id,
    /// The permissions.
    pub permissions: Vec<Permission>,
}

/// An invitation to be made: of a member of a service, or of an administrator.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "a_role_in_a_service", skip_on_field_errors = false))]
#[schema(example = json!({"service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "role": "coordinator"}))]
pub struct NewInvitation {
    /// The service in which the role holds.
    pub service_id: Option<Id>,
    /// The role in that service.
    pub role: Option<Role>,
    /// Invites an administrator of the deployment instead.
    #[serde(default)]
    pub administrator: bool,
}

fn a_role_in_a_service(new: &NewInvitation) -> Result<(), ValidationError> {
    if new.service_id.is_some() != new.role.is_some() {
        return Err(broken(
            "role_and_service",
            "role",
            "Le rôle et le service vont ensemble.",
            "Role and service go together.",
        ));
    }
    if !new.administrator && new.role.is_none() {
        return Err(broken(
            "nothing_invited",
            "role",
            "Indiquer un rôle dans un service, ou administrator.",
            "Give a role in a service, or administrator.",
        ));
    }
    Ok(())
}

/// An invitation. The token is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "token": "inv_…", "expires_at": "2026-03-09T08:15:00.000000Z"
}))]
pub struct Invitation {
    /// Identifier.
    pub id: Id,
    /// The secret to hand over; it works once.
    pub token: String,
    /// Until when.
    pub expires_at: UtcTs,
}

impl Located for Invitation {
    fn location(&self) -> String {
        "/v1/invitations/accept".into()
    }
}

/// What an invited person answers.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "inv_…", "email": "coordinatrice@example.org", "display_name": "La coordinatrice",
    "password": "une phrase assez longue"
}))]
pub struct InvitationAnswer {
    /// The token of the invitation.
    #[schema(max_length = 128)]
    pub token: String,
    /// The e-mail address to sign in with.
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    /// The name that colleagues see.
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: String,
    /// The password: any phrase of 12 characters or more.
    #[schema(min_length = 12, max_length = 256, format = Password)]
    pub password: String,
}

/// A user, as just created.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "email": "coordinatrice@example.org", "display_name": "La coordinatrice"
}))]
pub struct User {
    /// Identifier.
    pub id: Id,
    /// The e-mail address to sign in with.
    pub email: String,
    /// The name that colleagues see.
    pub display_name: String,
}

impl Located for User {
    fn location(&self) -> String {
        "/v1/me".into()
    }
}

/// An API client to be created.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "only_client_permissions", skip_on_field_errors = false))]
#[schema(example = json!({
    "name": "Formulaire du site", "service_ids": ["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60"],
    "permissions": ["referrals:write"]
}))]
pub struct NewClient {
    /// What the client is.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The services in which its permissions hold.
    #[schema(min_items = 1, max_items = 100)]
    pub service_ids: BTreeSet<Id>,
    /// What it may do: any permission but `accounts:write`.
    #[schema(min_items = 1, max_items = 20)]
    pub permissions: BTreeSet<Permission>,
}

fn only_client_permissions(new: &NewClient) -> Result<(), ValidationError> {
    if new.permissions.iter().all(|permission| crate::auth::client_permissions().contains(*permission)) {
        return Ok(());
    }
    Err(broken(
        "permission_for_people",
        "permissions",
        "accounts:write est réservé aux personnes.",
        "accounts:write is for people only.",
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
        "/v1/clients".into()
    }
}

/// An API client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", "name": "Formulaire du site", "permissions": ["referrals:write"],
    "disabled": false, "created_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct Client {
    /// Identifier: the `client_id` of the token endpoint.
    pub id: Id,
    /// What the client is.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// Whether it is disabled.
    pub disabled: bool,
    /// When it was created.
    pub created_at: UtcTs,
}

impl From<ClientRow> for Client {
    fn from(row: ClientRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            permissions: row.permissions.split_whitespace().filter_map(|word| word.parse().ok()).collect(),
            disabled: row.disabled_at.is_some(),
            created_at: row.created_at,
        }
    }
}

crate::page! {
    /// A page of API clients.
    ClientPage of Client
}

text_enum! {
    /// Order of the list of clients.
    pub enum ClientSort {
        /// The first created first.
        CreatedAt = "created_at",
        /// The last created first.
        CreatedAtDesc = "-created_at",
    }
}

/// Which clients.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ClientFilter {
    /// Order, the first created first unless said.
    pub(super) sort: Option<ClientSort>,
}

impl QueryParams for ClientFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<ClientSort>();
    }
}
