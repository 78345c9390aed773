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
/// Returns every object created, changed or deleted since a cursor, in the order of the feed, oldest first. It covers
/// the caller's services and the kinds of object that their other permissions allow them to read. Start without a
/// cursor, store `page.next_cursor`, and send it with the next request: it is always present, and `page.has_more` says
/// whether to request the next page at once. No change appears twice and none is skipped, however long its transaction
/// took. Changes never expire and hold no personal data. A permission gained later applies to later changes only: start
/// again without a cursor to get the earlier ones.
///
/// After the database is restored from a backup, a cursor past the restored point gets a 410 `feed_restored`. Its
/// `next_cursor` is the end of the backup: continue with it, and no change is missed. A change that the backup held
/// unnumbered may appear again, with the same `id`. An object that was created after the backup is gone (404).
#[utoipa::path(get, path = "/v1/changes", responses((status = 410, description = "The database was restored to before the cursor (`feed_restored`): continue with `next_cursor`. `restored_at` is when the operator confirmed the restore.")))]
pub(super) async fn list_changes(
    can: Can<ChangesRead>,
    context: Data<Context>,
    list: List<ChangeFilter>,
) -> Result<Reply<ChangePage>, ApiError> {
    // So that the response includes what was committed just before this request.
    outbox::publish(&context.db, can.call().scope).await;
    context.read(can.call(), move |work| ops::list(work, &can.principal, &list.filter, &list.page)).await.map(Reply)
}
