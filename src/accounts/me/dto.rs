//! Requests and responses about the caller's own account.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::auth::{Permission, Role};
use crate::db::Id;

/// The principal of the access token: a user or an API client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "display_name": "Dominique Exemple", "administrator": false, "second_factor": true,
    "second_factor_missing": false,
    "services": [{
        "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c61", "service_name": "Pôle ressources du Puy-de-Dôme",
        "role": "coordinator", "permissions": ["referrals:read"]
    }]
}))]
pub struct Me {
    /// The principal, in the form used for authors: `user:…` or `client:…`.
    pub id: String,
    /// The name of the user, as colleagues see it, or of the client.
    pub display_name: String,
    /// Whether it administers the deployment.
    pub administrator: bool,
    /// Whether signing in requires a code from an authenticator application; false for a client.
    pub second_factor: bool,
    /// Whether the account must set up a second factor before it can call more than the operations on itself: this
    /// deployment requires one of administrators and managers.
    pub second_factor_missing: bool,
    /// Its permissions in each service.
    pub services: Vec<ServicePermissions>,
}

/// The permissions of a principal in one service.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServicePermissions {
    /// The service.
    pub service_id: Id,
    /// Its name.
    pub service_name: String,
    /// The role of a user in it; null for an API client.
    pub role: Option<Role>,
    /// The permissions.
    pub permissions: Vec<Permission>,
}

/// A change of the caller's own password.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "une phrase assez longue", "new_password": "une autre phrase assez longue"}))]
pub struct PasswordChange {
    /// The current password.
    #[schema(max_length = 256, format = Password)]
    pub current_password: String,
    /// The new password: any phrase of at least 12 characters, counted in its compatibility form (NFKC), that is
    /// neither common nor the name of the person.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub new_password: String,
    /// A code from the application, or a recovery code: required if the account has a second factor.
    #[schema(max_length = 64)]
    pub otp: Option<String>,
}

/// A request to set up a second factor.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "une phrase assez longue"}))]
pub struct SecondFactorRequest {
    /// The caller's password.
    #[schema(max_length = 256, format = Password)]
    pub password: String,
}

/// The secret for an authenticator application. It is returned only once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "uri": "otpauth://totp/Passerelle:coordinatrice%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Passerelle"
}))]
pub struct SecondFactorSecret {
    /// The secret in Base32, to type into the application.
    pub secret: String,
    /// The secret as a URI, to display as a QR code.
    pub uri: String,
}

/// Proof that the authenticator application has the secret.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"otp": "123456"}))]
pub struct SecondFactorProof {
    /// The six-digit code of the application.
    #[schema(min_length = 1, max_length = 32)]
    pub otp: String,
}

/// Codes to use if the authenticator application is lost. They are returned only once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"codes": ["3f2a-91bc-77d0-5e18-c604-2ab9-e7f3-015d"]}))]
pub struct RecoveryCodes {
    /// Ten codes. Each works once, as `otp`.
    pub codes: Vec<String>,
}

/// A request to remove the second factor.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "une phrase assez longue", "otp": "123456"}))]
pub struct SecondFactorRemoval {
    /// The caller's password.
    #[schema(max_length = 256, format = Password)]
    pub password: String,
    /// A code from the application, or a recovery code.
    #[schema(max_length = 64)]
    pub otp: Option<String>,
}
