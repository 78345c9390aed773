//! The operation of forms: open data, which need no token and no database.

use actix_web::web::Data;

use super::dto::OperationForm;
use super::ops;
use crate::error::ApiError;
use crate::http::Public;
use crate::http::contract::Contract;
use crate::http::{OpenData, Path, Tagged};

/// Get the form of an operation
///
/// What a front end needs to show the fields of a request: the schema of the body with the titles of its fields in French and
/// English, and the code lists of its fields with their labels. 404 if the operation takes no body. No token is needed.
#[utoipa::path(get, path = "/v1/forms/{operation}", params(("operation" = String, Path, description = "`operationId` of the operation.")))]
pub(super) async fn get_form(
    _: Public,
    contract: Data<Contract>,
    operation: Path<String>,
) -> Result<OpenData<Tagged<OperationForm>>, ApiError> {
    ops::form(contract.document(), &operation.0, |schema| contract.self_contained(schema)).map(Tagged).map(OpenData)
}
