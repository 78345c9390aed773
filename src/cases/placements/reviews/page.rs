//! The list of the reviews of placements, each row with what a screen shows.

use std::collections::HashMap;

use super::dto::{PlacementReviewFilter, PlacementReviewRow, PlacementReviewRowPage};
use super::model::state;
use super::store;
use crate::cases::dto::Case;
use crate::cases::model::viewer::Viewer;
use crate::cases::ops::to_cases;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::List;
use crate::privacy::Secret;
use crate::services;
use crate::services::model::by_day;
use crate::work::Work;

/// A page of the reviews of placements that the caller can access.
pub fn list(
    work: &mut Work<'_>,
    viewer: &Viewer,
    list: &List<PlacementReviewFilter>,
) -> Result<PlacementReviewRowPage, ApiError> {
    let scope = viewer.scope.within(list.filter.service_id);
    let days = services::ops::days(work, scope.ids())?;
    let (rows, info) = store::list(work.conn, &scope, &list.filter, &by_day(days.clone()), &list.page)?;
    if rows.is_empty() {
        return Ok(PlacementReviewRowPage { data: Vec::new(), page: info });
    }
    let (case_rows, places) = store::related(work.conn, &scope, &rows)?;
    let cases: HashMap<Id, Case> = to_cases(work, viewer, case_rows)?.into_iter().map(|case| (case.id, case)).collect();
    let places: HashMap<Id, store::PlaceColumns> = places.into_iter().map(|place| (place.0, place)).collect();
    let lang = work.call.lang;
    let utc = work.now.to_utc().date_naive();
    let row = |row: store::ReviewRow| {
        let (case, place) = (cases.get(&row.case_id), places.get(&row.placement_id));
        let today = days.get(&row.service_id).copied().unwrap_or(utc);
        PlacementReviewRow {
            state: state(row.answer.is_some(), row.due_on, today),
            answer_label: row.answer.as_ref().and_then(|answer| answer.label(lang)),
            organisation_id: place.map(|place| place.1),
            organisation_name: place.filter(|_| viewer.directory.contains(row.service_id)).map(|place| place.2.clone()),
            childcare_type: place.map(|place| place.3.clone()),
            starts_on: place.map(|place| place.4),
            case_status: case.map(|case| case.status),
            child_id: case.and_then(|case| case.child_id),
            child_name: case.and_then(child_name),
            commune_code: case.map(|case| case.commune_code.clone()),
            commune_name: case.and_then(|case| case.commune_name),
            referent_id: case.and_then(|case| case.referent_id),
            referent_name: case.and_then(|case| case.referent_name.clone()),
            id: row.id,
            service_id: row.service_id,
            months: row.months,
            due_on: row.due_on,
            answer: row.answer,
            answered_on: row.answered_on,
            placement_id: row.placement_id,
            case_id: row.case_id,
            updated_at: row.updated_at,
        }
    };
    Ok(PlacementReviewRowPage { data: rows.into_iter().map(row).collect(), page: info })
}

fn child_name(case: &Case) -> Option<Secret<String>> {
    let child = case.child.as_ref()?;
    let given = child.given_name.as_ref().map(|name| format!("{} ", name.reveal())).unwrap_or_default();
    Some(Secret::new(given + child.family_name.reveal()))
}
