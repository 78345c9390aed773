//! The operation of quotas.

use actix_web::web::Data;

use super::dto::{QuotaFilter, UsedUpQuotaPage};
use super::ops;
use crate::auth::grants::ConventionsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::Path;
use crate::http::listed::Listed;
use crate::http::page::List;

/// List the used-up quotas
///
/// Returns the complementary services for which a convention has no action left in the given year, counting planned
/// actions. A used-up quota does not block any action; an amendment of the convention can raise it.
#[utoipa::path(get, path = "/v1/services/{id}/used-up-quotas")]
pub(super) async fn list_used_up_quotas(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<QuotaFilter>,
) -> Result<Listed<UsedUpQuotaPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::used_up(work, &can.scope, id.0, list)).await
}
