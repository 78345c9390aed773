//! Recording, reading and ending placements.

use chrono::NaiveDate;

use super::dto::{Placement, PlacementEnd, PlacementFilter, PlacementInput, PlacementPage};
use super::store::{self, PlacementRow};
use crate::auth::ServiceScope;
use crate::cases::common::{day_faults, record_read, require_action, touch};
use crate::cases::model::{self, CaseAction, Subject};
use crate::cases::steps;
use crate::cases::store::{self as cases, CaseRow};
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Faults, Text};
use crate::http::Field;
use crate::http::page::List;
use crate::nomenclatures::codes::{CaseOutcome, ChildcareType};
use crate::organisations;
use crate::organisations::store::OrganisationRow;
use crate::services::public::model::childcare;
use crate::trail::Resource;
use crate::work::Work;

/// Records a placement, and the step `effective_placement`.
pub fn record(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    new: &PlacementInput,
) -> Result<Placement, ApiError> {
    let today = require_action(work, scope, case, CaseAction::RecordPlacement)?;
    faults(work, case, new, today)?.finish()?;
    // This also locks the case: between concurrent requests, the second one finds the placement of the first.
    touch(work, scope, case, &Field::Keep)?;
    refuse_recorded(work, case, new)?;
    let row = PlacementRow {
        id: Id::at(work.now),
        service_id: case.service_id,
        case_id: case.id,
        organisation_id: new.organisation_id,
        childcare_type: new.childcare_type.clone(),
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    let mut step = steps::ops::row(work, case, model::EFFECTIVE_PLACEMENT, row.starts_on, None)?;
    step.placement_id = Some(row.id);
    store::insert(work.conn, &row, &step)?;
    work.created_in(case.id, Resource::Placement, row.service_id, row.id);
    Ok(row.into())
}

/// The faults of a placement, those that need the database included.
pub(super) fn faults(
    work: &mut Work<'_>,
    case: &CaseRow,
    new: &PlacementInput,
    today: NaiveDate,
) -> Result<Faults, ApiError> {
    let mut faults = Faults::default();
    if case.subject != Subject::Child {
        let message = Text::new(
            "Ce suivi concerne une structure : seul un enfant peut avoir un accueil.",
            "This case is about a structure: only a child can have a placement.",
        );
        faults.add([Fault::new("", "not_a_child_case", message)]);
    }
    // Cnaf: a placement is effective, so it has started. A place that the child already had is on the referral.
    faults.add(day_faults("/starts_on", new.starts_on, (case.opened_on, "before_opening"), today, case));
    check_place(work, case.service_id, new.organisation_id, &new.childcare_type, &mut faults)?;
    Ok(faults)
}

/// Asks the rules of the public about a place: a known organisation, of a kind that offers this type of childcare.
fn check_place(
    work: &mut Work<'_>,
    service: Id,
    organisation: Id,
    kind: &ChildcareType,
    faults: &mut Faults,
) -> Result<(), ApiError> {
    let named = [("/organisation_id", Some(organisation))];
    let found = organisations::ops::find_named(work, service, &named, faults)?;
    let not_offered = |found: &OrganisationRow| childcare::placement_fault(kind, &found.kind, "/childcare_type");
    faults.add(found.values().filter_map(not_offered));
    Ok(())
}

/// Fails with a 409 that names it, if the case already has this placement. The caller has locked the case.
pub(super) fn refuse_recorded(work: &mut Work<'_>, case: &CaseRow, new: &PlacementInput) -> Result<(), ApiError> {
    let Some(existing) = store::recorded(work.conn, case.id, new.organisation_id, new.starts_on)? else {
        return Ok(());
    };
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Cet accueil est déjà enregistré (voir `existing_id`).",
            "This placement is already recorded: see `existing_id`.",
        )
        .with("existing_id", existing.as_str()))
}

/// Fails with a 409 that says the way out, if the case was closed as an effective placement and none would be left that is
/// current on the day of the closing.
pub(super) fn refuse_without_outcome(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    row: &PlacementRow,
    new: Option<&PlacementRow>,
) -> Result<(), ApiError> {
    let Some(closed_on) = case.closed_on.filter(|_| case.outcome.as_ref().is_some_and(is_effective_placement)) else {
        return Ok(());
    };
    let is_current =
        |row: &PlacementRow| row.starts_on <= closed_on && row.ends_on.is_none_or(|ends_on| ends_on >= closed_on);
    if !is_current(row) || new.is_some_and(is_current) {
        return Ok(());
    }
    if store::current_on(work.conn, scope, case.id, closed_on, Some(row.id))? {
        return Ok(());
    }
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Le suivi a été clos avec l'issue « accueil effectif », qui repose sur cet accueil. Corriger d'abord l'issue (`PATCH /v1/cases/{id}`), ou rouvrir le suivi.",
            "The case was closed with the outcome `effective_placement`, which relies on this placement. Correct the outcome first (`PATCH /v1/cases/{id}`), or reopen the case.",
        )
        .with("case_id", case.id.as_str()))
}

fn is_effective_placement(outcome: &CaseOutcome) -> bool {
    outcome.is(model::EFFECTIVE_PLACEMENT)
}

/// A page of the placements of a case.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    list: &List<PlacementFilter>,
) -> Result<PlacementPage, ApiError> {
    let case = cases::get(work.conn, scope, case)?;
    record_read(work, &case);
    let (rows, info) = store::list(work.conn, scope, case.id, &list.filter, &list.page)?;
    Ok(PlacementPage { data: rows.into_iter().map(Placement::from).collect(), page: info })
}

/// The row of a placement in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<PlacementRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One placement in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Placement, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let case = cases::get(work.conn, scope, row.case_id)?;
    record_read(work, &case);
    Ok(row.into())
}

/// Records the last day of a placement, whether its case is open or closed. A last day in the future can be corrected; one
/// that has passed cannot.
pub fn end(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    placement: &PlacementRow,
    end: &PlacementEnd,
) -> Result<Placement, ApiError> {
    let today = crate::services::ops::settings(work, scope, placement.service_id)?.date_of(work.now);
    let case = cases::get(work.conn, scope, placement.case_id)?;
    if let Some(ended) = placement.ends_on.filter(|ended| *ended < today) {
        return Err(ApiError::wrong_state("ended", std::iter::empty()).detail(
            format!("Cet accueil est terminé depuis le {}.", dates::french(ended)),
            format!("This placement ended on {ended}."),
        ));
    }
    ApiError::reject_if_any(dates::not_inverted("/ends_on", placement.starts_on, end.ends_on))?;
    let mut new = placement.clone();
    new.ends_on = Some(end.ends_on);
    new.version = placement.version + 1;
    new.updated_at = work.now;
    refuse_without_outcome(work, scope, &case, placement, Some(&new))?;
    ApiError::require_first(store::update(work.conn, placement, &new)?)?;
    work.changed_in(case.id, Resource::Placement, new.service_id, new.id);
    Ok(new.into())
}
