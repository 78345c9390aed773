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
use crate::http::page::{List, Listed};

/// List the quotas that are used up
///
/// Complementary services of which a convention has no action left this year, or in the year said, those that are planned
/// counted. Nothing is refused for a quota: an amendment raises it.
#[utoipa::path(get, path = "/v1/services/{id}/used-up-quotas")]
pub(super) async fn list_used_up_quotas(
    can: Can<ConventionsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<QuotaFilter>,
) -> Result<Listed<UsedUpQuotaPage>, ApiError> {
    context.read(can.call(), move |work| ops::used_up(work, &can.scope, id.0, &list)).await.map(Listed)
}
