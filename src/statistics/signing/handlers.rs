//! The operations of the keys of releases.

use actix_web::web::Data;

use super::dto::StatisticsKeys;
use super::ops;
use crate::db::SystemScope;
use crate::error::ApiError;
use crate::http::Context;
use crate::http::Public;
use crate::http::Tagged;

/// List the public keys of releases
///
/// Returns every key that ever signed a release of statistics (RFC 7517), to verify releases. No token needed. Keys
/// rotate, and former keys stay in the list. Read the list again if a signature has a `keyid` that you do not know.
#[utoipa::path(get, path = "/v1/statistics/keys")]
pub(super) async fn list_statistics_keys(
    _: Public,
    context: Data<Context>,
) -> Result<Tagged<StatisticsKeys>, ApiError> {
    let keys = context.read(SystemScope::Deployment, ops::all).await?;
    Ok(Tagged(StatisticsKeys { keys: keys.into_iter().map(Into::into).collect() }))
}
