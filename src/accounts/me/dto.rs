//! One's own account in the contract.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::auth::Permission;
use crate::db::Id;

/// Who the token is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "administrator": false, "second_factor": true,
    "services": [{"service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c61", "permissions": ["referrals:read"]}]
}))]
pub struct Me {
    /// The principal, as authors are written.
    pub id: String,
    /// Whether it administers the deployment.
    pub administrator: bool,
    /// Whether signing in asks for a code of an authenticator application; false for a client.
    pub second_factor: bool,
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

/// A change of one's own password.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "une phrase assez longue", "new_password": "une autre phrase assez longue"}))]
pub struct PasswordChange {
    /// The present password.
    #[schema(max_length = 256, format = Password)]
    pub current_password: String,
    /// The new one: any phrase of 12 characters or more.
    #[schema(min_length = 12, max_length = 256, format = Password)]
    pub new_password: String,
}

/// A second factor that is asked for.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "une phrase assez longue"}))]
pub struct SecondFactorRequest {
    /// One's own password.
    #[schema(max_length = 256, format = Password)]
    pub password: String,
}

/// The secret of an authenticator application, shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "uri": "otpauth://totp/Passerelle:coordinatrice%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Passerelle"
}))]
pub struct SecondFactorSecret {
    /// The secret, in Base32, to be typed into the application.
    pub secret: String,
    /// The same as an address, to be shown as a QR code.
    pub uri: String,
}

/// The proof that the application knows the secret.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"otp": "123456"}))]
pub struct SecondFactorProof {
    /// The six digits that the application shows.
    #[schema(min_length = 1, max_length = 32)]
    pub otp: String,
}

/// Codes for the day on which the application is lost, shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"codes": ["3f2a-91bc-77d0-5e18"]}))]
pub struct RecoveryCodes {
    /// Ten codes; each works once, as `otp`.
    pub codes: Vec<String>,
}

/// The end of a second factor.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "une phrase assez longue", "otp": "123456"}))]
pub struct SecondFactorRemoval {
    /// One's own password.
    #[schema(max_length = 256, format = Password)]
    pub password: String,
    /// A code of the application, or a recovery code.
    #[schema(max_length = 32)]
    pub otp: Option<String>,
}
