//! Requests and responses about invitations.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::auth::Role;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::body::broken_rule;
use crate::http::reply::Located;

/// An invitation to create: for a member of a service, or for an administrator.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "check_role", skip_on_field_errors = false))]
#[schema(example = json!({"service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "role": "coordinator"}))]
pub struct InvitationInput {
    /// The service in which the role holds.
    pub service_id: Option<Id>,
    /// The role in that service.
    pub role: Option<Role>,
    /// Invites an administrator of the deployment.
    #[serde(default)]
    pub administrator: bool,
}

fn check_role(new: &InvitationInput) -> Result<(), ValidationError> {
    if new.service_id.is_some() != new.role.is_some() {
        return Err(broken_rule(
            "role_and_service",
            "role",
            "Indiquer à la fois le rôle et le service.",
            "Give both the role and the service.",
        ));
    }
    if !new.administrator && new.role.is_none() {
        return Err(broken_rule(
            "nothing_invited",
            "role",
            "Indiquer un rôle dans un service, ou `administrator`.",
            "Give a role in a service, or `administrator`.",
        ));
    }
    Ok(())
}

/// A created invitation. The token is returned only once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "token": "inv_…", "expires_at": "2026-03-09T08:15:00.000000Z"
}))]
pub struct Invitation {
    /// Identifier.
    pub id: Id,
    /// The secret to hand over to the invited person. It works once.
    pub token: String,
    /// When the invitation expires.
    pub expires_at: UtcTs,
}

impl Located for Invitation {
    fn location(&self) -> String {
        "/v1/invitations/accept".into()
    }
}

/// An invitation that has not been accepted yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "role": "coordinator", "administrator": false, "issued_by": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "issued_by_name": "Dominique Exemple",
    "created_at": "2026-03-02T08:15:00.000000Z",
    "expires_at": "2026-03-09T08:15:00.000000Z", "version": 1
}))]
pub struct OpenInvitation {
    /// Identifier.
    pub id: Id,
    /// The service in which the role will hold.
    pub service_id: Option<Id>,
    /// The role in that service.
    pub role: Option<Role>,
    /// Whether it invites an administrator of the deployment.
    pub administrator: bool,
    /// Who issued it: `user:…`, or `local` for a command on the server. The invitation works as long as they could issue
    /// it again.
    #[schema(max_length = 64)]
    pub issued_by: Option<String>,
    /// Their name; null for `local`, and for API clients that read it.
    pub issued_by_name: Option<String>,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it expires.
    pub expires_at: UtcTs,
    /// Always 1: an invitation can be withdrawn but not changed.
    pub version: i32,
}

crate::page! {
    /// A page of open invitations.
    InvitationPage of OpenInvitation
}

text_enum! {
    /// Order of the list of invitations.
    pub enum InvitationSort {
        /// Oldest first.
        CreatedAt = "created_at",
        /// Newest first.
        CreatedAtDesc = "-created_at",
    }
}

/// Order of the list of invitations.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct InvitationFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub(super) id: Option<Vec<Id>>,
    /// Order of the list; oldest first by default.
    pub(super) sort: Option<InvitationSort>,
}

/// What an invited person sends to accept an invitation.
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
    /// The e-mail address to sign in with. If an account already has this address, send its current password: the
    /// account gets the role of the invitation.
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    /// The name that colleagues see.
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: String,
    /// The password: any phrase of at least 12 characters, counted in its compatibility form (NFKC), that is
    /// neither common nor the name of the person. For an account
    /// that already exists: its current password.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
    /// For an account that already exists and has a second factor: a code from its authenticator application, or one of
    /// its recovery codes.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 64, example = "123456")]
    pub otp: Option<String>,
}
