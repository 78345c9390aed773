//! The operation of reminders.

use actix_web::web::Data;

use super::dto::ReferentReminderPage;
use super::ops;
use crate::auth::grants::ReferentsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::Path;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};

/// List the reminders of referents
///
/// The referents of a service with something left to do today, and by when: days of training, signatures of the charter,
/// this year's follow-up meeting or themed day. Lapsed referents are included. Least recently appointed first.
#[utoipa::path(get, path = "/v1/services/{id}/referent-reminders")]
pub(super) async fn list_referent_reminders(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<ReferentReminderPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, &list.page)).await
}
