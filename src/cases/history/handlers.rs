//! The operation of the history of a case.

use actix_web::web::Data;

use super::dto::CaseEventPage;
use super::ops;
use crate::auth::grants::CasesRead;
use crate::cases::corrections::ops::Corrector;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::Path;
use crate::http::listed::Listed;
use crate::http::page::{List, NoFilter};

/// List the history of a case
///
/// The openings, closures, reopenings and corrections of a case, the interventions removed from it, and the merges of its child
/// with another record of it, undone or not, oldest first: author, date and outcome; for callers with `cases:correct`, also the values before and after a correction. Events never change, and outlast a case that was removed with
/// its referral. With those of the cases that went into it when two children were merged: see `case_id`.
#[utoipa::path(get, path = "/v1/cases/{id}/history")]
pub(super) async fn list_case_history(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<NoFilter>,
) -> Result<Listed<CaseEventPage>, ApiError> {
    let (call, corrector) = (can.call(), Corrector::of(&can));
    list.read(&context, call, move |work, list| ops::list(work, &can.scope, &corrector, id.0, &list.page)).await
}
