//! Recording and reading placements.

use chrono::NaiveDate;

use super::dto::{Placement, PlacementFilter, PlacementInput, PlacementPage};
use super::found::refuse_conflict;
use super::model::{PlacementStage, too_long_ago, weekdays_text};
use super::reviews::plan;
use super::store::{self, PlacementRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, in_path, record_read, require_action, touch};
use crate::cases::model::{self, CaseAction, Subject};
use crate::cases::steps;
use crate::cases::store as cases;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults, Text};
use crate::http::Field;
use crate::http::page::List;
use crate::naming::ops::named;
use crate::nomenclatures::codes::{ChildcareAdaptation, ChildcareType};
use crate::organisations;
use crate::organisations::store::OrganisationRow;
use crate::services;
use crate::services::public::model::childcare;
use crate::trail::Resource;
use crate::work::Work;

pub use crate::cases::common::{FoundCase, find_case};

/// Records a placement: planned if its first day is in the future, otherwise started. One that started during the case also
/// records the step `effective_placement`.
pub fn record(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    FoundCase(found): &FoundCase,
    new: &PlacementInput,
) -> Result<Placement, ApiError> {
    let case = &found.case;
    let today = require_action(work, scope, case, CaseAction::RecordPlacement)?;
    let stage = if new.starts_on > today { PlacementStage::Planned } else { PlacementStage::Started };
    faults(work, found, new, stage, today)?.finish()?;
    // This also locks the case: between concurrent requests, the second one finds the placement of the first.
    touch(work, scope, case, &Field::Keep)?;
    let mut row = PlacementRow {
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
        stage,
        cancelled_on: None,
        cancel_reason: None,
        weekly_minutes: new.weekly_minutes,
        weekdays: weekdays_text(&new.weekdays),
        adaptations: adaptations_text(&new.adaptations),
        is_main: new.is_main.unwrap_or(false),
        end_reason: new.end_reason.clone(),
    };
    let others = store::others(work.conn, &row)?;
    refuse_conflict(&row, &others, true)?;
    row.is_main = new.is_main.unwrap_or(others.main.is_none());
    let step = if row.facts().is_effective(case.opened_on) {
        let step = steps::ops::row(work, case, model::EFFECTIVE_PLACEMENT, row.starts_on, None)?;
        Some(steps::store::StepRow { placement_id: Some(row.id), ..step })
    } else {
        None
    };
    let reviews = plan::rows(work, case, &row, &[])?;
    store::insert(work.conn, &row, step.as_slice(), &reviews)?;
    work.created_in(case.id, Resource::Placement, row.service_id, row.id);
    Ok(row.shown(case.opened_on, today))
}

/// The text of a row for some adaptations.
pub(super) fn adaptations_text<'a>(codes: impl IntoIterator<Item = &'a ChildcareAdaptation>) -> String {
    codes.into_iter().map(ChildcareAdaptation::as_str).collect::<Vec<_>>().join(" ")
}

/// The faults of a placement, those that need the database included.
pub(super) fn faults(
    work: &mut Work<'_>,
    around: &Around,
    new: &PlacementInput,
    stage: PlacementStage,
    today: NaiveDate,
) -> Result<Faults, ApiError> {
    let case = &around.case;
    let mut faults = Faults::default();
    if case.subject != Subject::Child {
        let message = Text::new(
            "Ce suivi concerne une structure : seul un enfant peut avoir un accueil.",
            "This case is about a structure: only a child can have a placement.",
        );
        faults.add([Fault::new("", "not_a_child_case", message)]);
    }
    let starts_on = new.starts_on;
    let before_birth = around.birth_faults([("/starts_on", Some(starts_on))]);
    match stage {
        PlacementStage::Started => {
            faults.add(dates::not_in_the_future("/starts_on", starts_on, today));
            // A day before the birth is told as such.
            faults.add(too_long_ago(starts_on, case.opened_on).filter(|_| before_birth.is_empty()));
            let closed_on = case.closed_on;
            faults.add(closed_on.and_then(|last| dates::not_after("/starts_on", starts_on, last, "after_closing")));
        }
        PlacementStage::Planned | PlacementStage::Cancelled => {
            faults.add(dates::not_before("/starts_on", starts_on, case.opened_on, "before_opening"));
            faults.add(dates::not_too_far_ahead("/starts_on", starts_on, today));
        }
    }
    faults.add(before_birth);
    faults.add(new.ends_on.and_then(|last| dates::not_too_far_ahead("/ends_on", last, today)));
    if new.end_reason.is_some() && new.ends_on.is_none() {
        let message = Text::new(
            "Un motif de fin suppose un dernier jour : l'indiquer (`ends_on`), ou retirer le motif.",
            "A reason for the end requires a last day: give it (`ends_on`), or remove the reason.",
        );
        faults.add([Fault::new("/end_reason", "without_end", message)]);
    }
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

/// A page of the placements of a case.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    list: &List<PlacementFilter>,
) -> Result<PlacementPage, ApiError> {
    let case = in_path(work, scope, case)?;
    record_read(work, &case);
    let today = services::ops::today(work, case.service_id)?;
    let (rows, info) = store::list(work.conn, scope, case.id, &list.filter, &list.page)?;
    let data: Vec<Placement> = rows.into_iter().map(|row| row.shown(case.opened_on, today)).collect();
    Ok(PlacementPage { data: named(work, data)?, page: info })
}

/// One placement in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Placement, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let case = cases::get(work.conn, scope, row.case_id)?;
    record_read(work, &case);
    let today = services::ops::today(work, case.service_id)?;
    Ok(row.shown(case.opened_on, today))
}
