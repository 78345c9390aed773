//! Requests and responses about users.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::auth::Role;
use crate::db::{Id, UtcTs, text_enum};

/// A user account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "email": "coordinatrice@example.org",
    "display_name": "La coordinatrice", "administrator": false, "disabled": false, "second_factor": true,
    "memberships": [{"service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "role": "coordinator", "pending": false}],
    "last_signed_in_at": "2026-03-02T08:15:00.000000Z", "created_at": "2026-02-02T08:15:00.000000Z",
    "updated_at": "2026-02-02T08:15:00.000000Z", "version": 1
}))]
pub struct User {
    /// Identifier.
    pub id: Id,
    /// The e-mail address to sign in with.
    pub email: String,
    /// The name that colleagues see.
    pub display_name: String,
    /// Whether it administers the deployment.
    pub administrator: bool,
    /// Whether it is disabled: it cannot sign in, and its tokens are refused.
    pub disabled: bool,
    /// Whether signing in requires a code from an authenticator application.
    pub second_factor: bool,
    /// Its roles in the services that the caller manages.
    pub memberships: Vec<Membership>,
    /// The password reset that is waiting to be used; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = OpenReset, required = false)]
    pub open_reset: Option<OpenReset>,
    /// When it last signed in with its password.
    pub last_signed_in_at: Option<UtcTs>,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it was last changed.
    pub updated_at: UtcTs,
    /// Version of the row.
    pub version: i32,
}

/// A role in a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "role": "coordinator", "pending": false}))]
pub struct Membership {
    /// The service.
    pub service_id: Id,
    /// The role in it.
    pub role: Role,
    /// Whether it waits for a second person and gives no right yet: an administrator asked for it for themselves. Another
    /// administrator or a manager of the service confirms it by setting the same role.
    pub pending: bool,
}

/// A password reset that is waiting to be used. It is withdrawn if the role, the status, the password or the second factor
/// of the user changes, or if its issuer loses the right to issue it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "issued_by": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c64", "issued_by_name": "Dominique Exemple", "expires_at": "2026-03-03T08:15:00.000000Z"
}))]
pub struct OpenReset {
    /// Who issued it: `user:…`, or `local` for a command on the server.
    #[schema(max_length = 64)]
    pub issued_by: Option<String>,
    /// Their name; null for `local`, and for API clients that read it.
    pub issued_by_name: Option<String>,
    /// When it expires.
    pub expires_at: UtcTs,
}

crate::resource!(User at "/v1/users/");

crate::page! {
    /// A page of users.
    UserPage of User
}

text_enum! {
    /// Order of the list of users.
    pub enum UserSort {
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

/// Filters of the list of users.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct UserFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub(super) id: Option<Vec<Id>>,
    /// Only those with a role in this service.
    pub(super) service_id: Option<Id>,
    /// `true`: only disabled users. `false`: only the others.
    #[param(example = false)]
    pub(super) disabled: Option<bool>,
    /// Only those changed at this instant or later. A change becomes visible when it is committed, shortly after its
    /// instant: to miss none, start one minute earlier.
    pub(super) updated_since: Option<UtcTs>,
    /// Order of the list; oldest first by default.
    pub(super) sort: Option<UserSort>,
}

/// Changes to a user. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"display_name": "La nouvelle coordinatrice"}))]
pub struct UserPatch {
    /// The name that colleagues see.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub display_name: Option<String>,
    /// Whether it administers the deployment. Only administrators can change this.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub administrator: Option<bool>,
}

/// The role to give to a user in a service, or to take away.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "role": "manager"}))]
pub struct RoleChange {
    /// The service.
    pub service_id: Id,
    /// The role; null removes it.
    pub role: Option<Role>,
}

/// A one-time token to set a new password. It is returned only once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"token": "res_…", "expires_at": "2026-03-03T08:15:00.000000Z"}))]
pub struct PasswordReset {
    /// The secret to hand over to the user. It works once. A later token replaces it.
    pub token: String,
    /// When it expires.
    pub expires_at: UtcTs,
}

/// A new password, set with a one-time token.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "res_…", "password": "une autre phrase assez longue"}))]
pub struct PasswordResetAnswer {
    /// The token from `POST /v1/users/{id}/password-reset`.
    #[schema(max_length = 128, format = Password)]
    pub token: String,
    /// The new password: any phrase of at least 12 characters, counted in its compatibility form (NFKC), that is
    /// neither common nor the name of the person.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
    /// For an account that has a second factor: a code from its authenticator application, or one of its recovery codes.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 64, example = "123456")]
    pub otp: Option<String>,
}
