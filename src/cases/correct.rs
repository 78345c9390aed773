//! Correcting a case: its dates, its outcome, its commune.

use chrono::NaiveDate;

use super::common::{Around, around, in_path};
use super::corrections::difference::between;
use super::corrections::dto::CountedIn;
use super::corrections::ops::{self as corrections, Corrected};
use super::corrections::published::counted_in;
use super::dto::{Case, CasePatch};
use super::ending::placement_required;
use super::history::ops::{self as history, CORRECT};
use super::model;
use super::ops::{Viewer, next, to_case};
use super::placements::model::PlacementStage;
use super::steps;
use super::store::{self, CaseRow, Records};
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::http::Versioned;
use crate::services::{self, public};
use crate::trail::Resource;
use crate::work::Work;

/// A case in scope, with what a correction of it needs.
#[derive(Debug)]
pub struct Found(Around);

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.0.case.version
    }
}

/// A case in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let row = in_path(work, scope, id)?;
    around(work, row.service_id, id).map(Found)
}

/// Corrects a case. The result must meet the rules of an opening and of a closure.
pub fn correct(
    work: &mut Work<'_>,
    viewer: &Viewer,
    Found(around): &Found,
    patch: CasePatch,
) -> Result<Case, ApiError> {
    let case = &around.case;
    let wanted = CaseRow {
        opened_on: patch.opened_on.unwrap_or(case.opened_on),
        commune_code: patch.commune_code.unwrap_or_else(|| case.commune_code.clone()),
        closed_on: patch.closed_on.or(case.closed_on),
        outcome: patch.outcome.or_else(|| case.outcome.clone()),
        ..case.clone()
    };
    let changes = between(&values(case), Some(&values(&wanted)));
    if changes.is_empty() {
        return to_case(work, viewer, case.clone());
    }
    let records = store::records(work.conn, case)?;
    let today = around.today(work)?;
    let mut broken = faults(around, &wanted, &records, today);
    if wanted.commune_code != case.commune_code {
        let settings = services::ops::settings(work, &ServiceScope::one(case.service_id), case.service_id)?;
        let commune = wanted.commune_code.as_str();
        let outside = !settings.covers_commune(commune);
        broken.extend(outside.then(|| {
            Fault::new("/commune_code", "out_of_territory", public::model::out_of_territory(&settings, commune))
        }));
    }
    ApiError::reject_if_any(broken)?;
    let new = next(work, case, wanted);
    let of = Corrected {
        kind: Resource::Case,
        id: case.id,
        case,
        version: new.version,
        // Nobody's own: only callers with `cases:correct` correct it.
        entered_by: "",
        removed_for: None,
    };
    let correction = corrections::row(work, of, &changes)?;
    let moved = match (&records.closure, new.closed_on) {
        (Some(step), Some(closed_on)) if step.reached_on != closed_on => {
            Some(steps::correct::moved(work, case, step, closed_on)?)
        }
        _ => None,
    };
    let event = history::event(work, &new, CORRECT, today);
    let team: &[Id] = if new.opened_on == case.opened_on { &[] } else { &records.team };
    ApiError::require_first(store::correct(work.conn, case, &new, &event, &correction, moved.as_ref(), team)?)?;
    for member in team {
        work.changed_in(case.id, Resource::CaseMember, case.service_id, *member);
    }
    let published = published(work, case, &new, today)?;
    let mut after = to_case(work, viewer, new)?;
    after.counted_in = Some(published);
    Ok(after)
}

/// The values of a case that can be corrected.
pub(super) fn values(case: &CaseRow) -> serde_json::Value {
    serde_json::json!({
        "opened_on": case.opened_on, "closed_on": case.closed_on, "outcome": case.outcome, "commune_code": case.commune_code,
    })
}

/// The releases that counted the child while the case was open, before the correction or after it.
pub(super) fn published(
    work: &mut Work<'_>,
    before: &CaseRow,
    after: &CaseRow,
    today: NaiveDate,
) -> Result<Vec<CountedIn>, ApiError> {
    let last = |case: &CaseRow| case.closed_on.unwrap_or(today);
    let days = (before.opened_on.min(after.opened_on), last(before).max(last(after)));
    counted_in(work, before, days, before.created_at)
}

/// The faults of a corrected case. A date that does not change is not checked again.
fn faults(around: &Around, wanted: &CaseRow, records: &Records, today: NaiveDate) -> Vec<Fault> {
    let case = &around.case;
    let mut faults = Vec::new();
    if wanted.opened_on != case.opened_on {
        let opened_on = wanted.opened_on;
        faults.extend(dates::not_in_the_future("/opened_on", opened_on, today));
        let received = around.first_received_on;
        faults.extend(received.and_then(|first| dates::not_before("/opened_on", opened_on, first, "before_request")));
        let first = records.first;
        faults.extend(first.and_then(|first| dates::not_after("/opened_on", opened_on, first, "after_first_record")));
        faults.extend(existing_placement(records, case.opened_on, opened_on));
    }
    let Some(closed_on) = wanted.closed_on.filter(|_| case.closed_on.is_some()) else {
        let not_closed = |pointer: &str| {
            let message = Text::new("Ce suivi n'est pas clos.", "This case is not closed.");
            Fault::new(pointer, "not_closed", message)
        };
        faults.extend(wanted.closed_on.map(|_| not_closed("/closed_on")));
        faults.extend(wanted.outcome.as_ref().map(|_| not_closed("/outcome")));
        return faults;
    };
    if wanted.closed_on != case.closed_on {
        faults.extend(dates::not_in_the_future("/closed_on", closed_on, today));
        let last = records.last;
        faults.extend(last.and_then(|last| dates::not_before("/closed_on", closed_on, last, "before_last_record")));
    }
    let pointer = if wanted.closed_on == case.closed_on { "/opened_on" } else { "/closed_on" };
    if closed_on < wanted.opened_on {
        let message =
            Text::new("La clôture précède l'ouverture du suivi.", "The case would be closed before it was opened.");
        faults.push(Fault::new(pointer, "before_opening", message));
    }
    let not_of_this_case =
        wanted.outcome.as_ref().and_then(|outcome| model::outcome_fault(outcome, case.subject, "/outcome"));
    let effective = wanted.outcome.as_ref().is_some_and(|outcome| outcome.is(model::EFFECTIVE_PLACEMENT));
    let changed = (&wanted.outcome, wanted.closed_on) != (&case.outcome, case.closed_on);
    if effective
        && changed
        && not_of_this_case.is_none()
        && !records.has_effective_placement_on(closed_on, wanted.opened_on)
    {
        faults.push(placement_required(closed_on));
    }
    faults.extend(not_of_this_case.filter(|_| changed));
    faults
}

/// The fault of an opening moved before the start of a place that the child already had: it would become an effective
/// placement without anybody saying so.
fn existing_placement(records: &Records, former: NaiveDate, opened_on: NaiveDate) -> Option<Fault> {
    let existing = records.placements.iter().filter(|facts| facts.stage == PlacementStage::Started);
    let first = existing.map(|facts| facts.starts_on).filter(|day| *day < former && *day >= opened_on).min()?;
    let first_fr = dates::french(first);
    let message = Text::new(
        format!(
            "L'enfant avait déjà un accueil le {first_fr} : le suivi s'est ouvert après. Corriger la date de cet accueil, ou le supprimer puis l'enregistrer à nouveau."
        ),
        format!(
            "The child already had a place on {first}: the case was opened after it. Correct the date of this placement, or remove it and record it again."
        ),
    );
    Some(Fault::new("/opened_on", "existing_placement", message))
}
