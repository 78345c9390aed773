//! The SQL of the list of collective actions.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{ActionRow, Boxed, visible};
use crate::actions::dto::filter::{ActionFilter, ActionSort};
use crate::auth::ServiceScope;
use crate::db::schema::{action_speakers, actions};
use crate::db::{AnyConn, IsAmong, UtcTs, sorted_page};
use crate::http::page::{PageInfo, PageRequest};

/// The actions of the scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a ActionFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(kinds) = &filter.kind {
        query = query.filter(actions::kind.among(kinds));
    }
    if let Some(statuses) = &filter.status {
        query = query.filter(actions::status.among(statuses));
    }
    if let Some(commune) = &filter.commune_code {
        query = query.filter(actions::commune_code.eq(commune));
    }
    if let Some(convention) = filter.convention_id {
        query = query.filter(actions::convention_id.eq(convention));
    }
    if let Some(organisation) = filter.organisation_id {
        let with_speaker = action_speakers::table
            .filter(action_speakers::organisation_id.eq(organisation))
            .select(action_speakers::action_id);
        query = query
            .filter(actions::organiser_id.eq(organisation).or(actions::id.nullable().eq_any(with_speaker.nullable())));
    }
    match filter.reserved {
        Some(true) => query = query.filter(actions::convention_id.is_not_null()),
        Some(false) => query = query.filter(actions::convention_id.is_null()),
        None => {}
    }
    if let Some(from) = filter.held_from {
        query = query.filter(actions::held_on.ge(from));
    }
    if let Some(to) = filter.held_to {
        query = query.filter(actions::held_on.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(actions::updated_at.ge(since));
    }
    query
}

/// A page of the actions of the scope, by default latest day first.
pub(in crate::actions) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ActionFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ActionRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ActionSort::HeldOnDesc);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter), actions as ActionRow, sort: ActionSort {
        HeldOn | HeldOnDesc => held_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}
