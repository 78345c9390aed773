//! The SQL of reading notices.

use diesel::prelude::*;

use super::dto::{AccountNotice, NoticeFilter};
use crate::db::schema::notices;
use crate::db::{AnyConn, Expiring, Id, UtcTs, from_row};
use crate::http::page::{PageInfo, PageRequest};
use crate::notices::NoticeKind;

/// A row of `notices`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = notices)]
pub(super) struct NoticeRow {
    id: Id,
    service_id: Option<Id>,
    kind: NoticeKind,
    about: String,
    author: String,
    rights_before: Option<String>,
    rights_after: Option<String>,
    created_at: UtcTs,
}

from_row!(row: NoticeRow => AccountNotice {
    id, kind, service_id, about, author, created_at;
    before: row.rights_before.map(|codes| codes.replace(',', " ")),
    after: row.rights_after.map(|codes| codes.replace(',', " ")),
    about_name: None,
    author_name: None,
});

/// Who reads notices.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) user: Id,
    /// The services that they manage.
    pub(super) services: Vec<Id>,
    /// Whether they may confirm what waits for a second person, in every service.
    pub(super) confirms: bool,
}

type Boxed<'a> = notices::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The notices for a reader that match a filter.
fn filtered<'a>(reader: &'a Reader, filter: &NoticeFilter) -> Boxed<'a> {
    let own = notices::user_id.eq(reader.user).assume_not_null();
    let managed = notices::service_id.eq_any(&reader.services).assume_not_null();
    let requests: &[NoticeKind] = if reader.confirms { &NoticeKind::REQUESTS } else { &[] };
    // A null column makes its term unknown: the condition is true only if another term is.
    let mut query = notices::table.filter(own.or(managed).or(notices::kind.eq_any(requests))).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(notices::kind.eq(kind));
    }
    if let Some(service) = filter.service_id {
        query = query.filter(notices::service_id.eq(service).assume_not_null());
    }
    query
}

/// A page of notices, latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    reader: &Reader,
    filter: &NoticeFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<NoticeRow>, PageInfo)> {
    let mut query = filtered(reader, filter);
    if let Some(id) = page.after::<Id>() {
        query = query.filter(notices::id.lt(id));
    }
    let query = query.order(notices::id.desc()).limit(page.fetch());
    let (rows, info) = page.cut(query.select(NoticeRow::as_select()).load(conn)?, |row: &NoticeRow| row.id);
    let info = page.counted(info, || filtered(reader, filter).count().get_result(conn))?;
    Ok((rows, info))
}

/// Deletes the oldest notices up to an instant, at most `limit`.
pub(super) fn delete_before(conn: &mut AnyConn, instant: UtcTs, limit: usize) -> QueryResult<usize> {
    Expiring { table: "notices", column: "created_at", at_once: true }.delete(conn, instant, limit)
}
