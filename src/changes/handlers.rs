//! The operation of changes.

use actix_web::web::Data;

use super::dto::{ChangeFilter, ChangePage};
use super::ops;
use crate::auth::grants::ChangesRead;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::Reply;
use crate::http::page::List;
use crate::outbox;

/// Follow the changes
///
/// Every object that was created, changed or deleted since a cursor, oldest first, in the services of the token and of
/// the kinds that its other permissions allow to read. Begin without a cursor, keep `page.next_cursor`, and come back
/// with it: it is always there, and `page.has_more` says whether to ask again at once. No change comes twice and none is
/// skipped, however long it took to write. Changes are kept for ever and hold no personal data. Rights that are gained
/// later show what happens from then on: begin again without a cursor for what was before.
#[utoipa::path(get, path = "/v1/changes")]
pub(super) async fn list_changes(
    can: Can<ChangesRead>,
    context: Data<Context>,
    list: List<ChangeFilter>,
) -> Result<Reply<ChangePage>, ApiError> {
    // What was committed before this call is in its answer.
    outbox::publish(&context.db).await?;
    context.read(can.call(), move |work| ops::list(work, &can.principal, &list.filter, &list.page)).await.map(Reply)
}
