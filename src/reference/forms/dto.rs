//! Forms in the contract.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::reference::nomenclatures::dto::CodeList;

/// The form of an operation that takes a body.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OperationForm {
    /// The operation, as in the contract.
    #[schema(example = "createReferral")]
    pub operation_id: String,
    /// Its method.
    #[schema(example = "POST")]
    pub method: String,
    /// Its path, with its parameters.
    #[schema(example = "/v1/referrals")]
    pub path: String,
    /// The media type of the body.
    #[schema(example = "application/json")]
    pub media_type: String,
    /// The fields of the first level: those that are required first.
    #[schema(example = json!(["service_id", "needs"]))]
    pub order: Vec<String>,
    /// The JSON Schema of the body with all that it refers to. Each field has its title (`x-label-fr`, `x-label-en`), its
    /// description and its constraints.
    #[schema(example = json!({"type": "object"}))]
    pub schema: BTreeMap<String, Value>,
    /// The code lists that its fields take their codes from (`x-nomenclature`).
    pub lists: Vec<CodeList>,
}
