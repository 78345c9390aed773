//! Use cases of targets.

use super::dto::{
    IndicatorTarget, IndicatorTargetFilter, IndicatorTargetInput, IndicatorTargetPage, IndicatorTargetPatch,
};
use super::store::{self, TargetRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::http::page::List;
use crate::indicators::model::in_force;
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Sets a target. One per indicator and year: the next is a change of it.
pub fn create(work: &mut Work<'_>, service: Id, new: &IndicatorTargetInput) -> Result<IndicatorTarget, ApiError> {
    if in_force(&new.indicator).is_none() {
        let message = Text::new("Cet indicateur n'existe pas.", "There is no such indicator.");
        return Err(ApiError::rule("/indicator", "unknown_indicator", message));
    }
    let known = store::of_indicator(work.conn, &ServiceScope::one(service), &new.indicator)?;
    if let Some(existing) = known.iter().find(|row| row.year == new.year) {
        return Err(ApiError::new(Code::Conflict)
            .detail(
                "Cet indicateur a déjà un objectif pour cette année (voir `existing_id`) : le modifier.",
                "This indicator already has a target for this year: change it. See `existing_id`.",
            )
            .with("existing_id", existing.id.as_str()));
    }
    let row = TargetRow {
        id: Id::at(work.now),
        service_id: service,
        indicator: new.indicator.clone(),
        year: new.year,
        value: new.value,
        note: new.note.clone(),
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::IndicatorTarget, service, row.id);
    Ok(row.into())
}

/// The row of a target in scope, for a change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<TargetRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One target in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<IndicatorTarget, ApiError> {
    Ok(find(work, scope, id)?.into())
}

/// A page of the targets of a service in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    list: &List<IndicatorTargetFilter>,
) -> Result<IndicatorTargetPage, ApiError> {
    services::ops::settings(work, scope, service)?;
    let (rows, page) = store::list(work.conn, &scope.within(Some(service)), &list.filter, &list.page)?;
    Ok(IndicatorTargetPage { data: rows.into_iter().map(Into::into).collect(), page })
}

/// Changes a target.
pub fn correct(work: &mut Work<'_>, row: &TargetRow, patch: IndicatorTargetPatch) -> Result<IndicatorTarget, ApiError> {
    let mut new = row.clone();
    new.value = patch.value.unwrap_or(new.value);
    new.note = patch.note.over(new.note);
    if new == *row {
        return Ok(new.into());
    }
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.changed(Resource::IndicatorTarget, row.service_id, row.id);
    Ok(new.into())
}

/// Removes a target.
pub fn delete(work: &mut Work<'_>, row: &TargetRow, reason: DeletionReason) -> Result<(), ApiError> {
    ApiError::require_first(store::delete(work.conn, row)?)?;
    work.deleted(Resource::IndicatorTarget, row.service_id, row.id, reason);
    Ok(())
}
