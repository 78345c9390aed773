//! The SQL of the history of conventions, and how its rows appear in the contract.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::conventions::agreements::dto::actions::{ConventionEvent, ConventionEventAction};
use crate::db::schema::convention_events;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, row_writes};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::ConventionReason;

/// A row of `convention_events`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = convention_events, treat_none_as_default_value = false)]
pub struct EventRow {
    pub(in crate::conventions::agreements) id: Id,
    pub(in crate::conventions::agreements) service_id: Id,
    pub(in crate::conventions::agreements) convention_id: Id,
    pub(in crate::conventions::agreements) version: i32,
    pub(in crate::conventions::agreements) action: ConventionEventAction,
    pub(in crate::conventions::agreements) happened_on: NaiveDate,
    pub(in crate::conventions::agreements) reason: Option<ConventionReason>,
    pub(in crate::conventions::agreements) author: String,
    pub(in crate::conventions::agreements) created_at: UtcTs,
}

from_row!(row: EventRow => ConventionEvent { version, action, happened_on, reason, author, created_at; author_name: None });

row_writes!(convention_events: EventRow => pub(in crate::conventions::agreements) insert);

/// A page of the events of a convention, oldest first.
pub(in crate::conventions::agreements) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    convention: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<EventRow>, PageInfo)> {
    let own = || {
        let of = convention_events::convention_id.eq(convention);
        convention_events::table.filter(of.and(convention_events::service_id.among(scope.ids())))
    };
    let rows = own()
        .filter(convention_events::version.gt(page.after().unwrap_or(0)))
        .order(convention_events::version)
        .limit(page.fetch())
        .select(EventRow::as_select())
        .load(conn)?;
    let (rows, info) = page.cut(rows, |row| row.version);
    let info = page.counted(info, || own().count().get_result(conn))?;
    Ok((rows, info))
}
