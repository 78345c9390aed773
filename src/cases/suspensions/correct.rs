//! Correcting a suspension, removing it, and its history.

use serde_json::{Value, json};

use super::dto::{CaseSuspension, CaseSuspensionPatch};
use super::model::{Period, given_back};
use super::ops::{planned_fault, show_one};
use super::store::{self, SuspensionRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::http::{Field, Versioned};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A suspension in scope, with what a correction of it needs.
#[derive(Debug)]
pub struct Found {
    row: SuspensionRow,
    around: Around,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A suspension in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let (row, case) = store::get(work.conn, scope, id)?;
    let around = around(work, row.service_id, case.id)?;
    Ok(Found { row, around })
}

/// Corrects a suspension. The result must meet the rules of a new one.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    patch: CaseSuspensionPatch,
) -> Result<CaseSuspension, ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    let first_alone = patch.resumed_on.is_none();
    let new = SuspensionRow {
        reason: patch.reason.unwrap_or_else(|| row.reason.clone()),
        starts_on: patch.starts_on.unwrap_or(row.starts_on),
        resumes_on: patch.resumes_on.over(row.resumes_on),
        resumed_on: patch.resumed_on.or(row.resumed_on),
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    let changes = between(&values(row), Some(&values(&new)));
    if changes.is_empty() {
        return show_one(work, row.clone());
    }
    if changes.iter().any(|change| change.field != "resumes_on") {
        corrector.require(work, row.service_id, &row.author)?;
    }
    let today = found.around.today(work)?;
    // This also locks the case: no other period is added meanwhile.
    touch(work, scope, case, &Field::Keep)?;
    let all = store::of_case(work.conn, scope, case.id)?;
    let others: Vec<Period> = all.iter().filter(|other| other.id != row.id).map(SuspensionRow::period).collect();
    let mut faults = new.period().faults(&others, case.opened_on, today, first_alone);
    let last =
        case.closed_on.and_then(|closed_on| dates::not_after("/starts_on", new.starts_on, closed_on, "after_closing"));
    faults.extend(last);
    if row.resumed_on.is_none() && new.resumed_on.is_some() {
        let message = Text::new(
            "Cette suspension est en cours : reprendre le suivi (`POST /v1/cases/{id}/resume`).",
            "This suspension is still in progress: resume the case (`POST /v1/cases/{id}/resume`).",
        );
        faults.push(Fault::new("/resumed_on", "not_resumed", message));
    }
    let planned = new.resumes_on.filter(|day| Some(*day) != row.resumes_on);
    faults.extend(planned.and_then(|day| planned_fault("/resumes_on", day, today)));
    ApiError::reject_if_any(faults)?;
    let correction = corrections::row(work, corrections::corrected(case, row, None), &changes)?;
    ApiError::require_first(store::correct(work.conn, row, &new, &correction)?)?;
    work.changed_in(case.id, Resource::CaseSuspension, row.service_id, row.id);
    show_one(work, new)
}

/// What a correction compares.
fn values(row: &SuspensionRow) -> Value {
    json!({
        "reason": row.reason, "starts_on": row.starts_on, "resumes_on": row.resumes_on, "resumed_on": row.resumed_on,
    })
}

/// Removes a suspension that was recorded by mistake. If it lasts, the case gets back its follow-up.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let changes = between(&values(row), None);
    let correction = corrections::row(work, corrections::corrected(case, row, Some(reason)), &changes)?;
    let lasts = row.resumed_on.is_none() && case.next_follow_up_on.is_none();
    let set_aside = row.follow_up_on.filter(|_| lasts);
    let today = found.around.today(work)?;
    let follow_up = given_back(set_aside, today).map_or(Field::Keep, Field::Set);
    touch(work, scope, case, &follow_up)?;
    ApiError::require_first(store::remove(work.conn, row, &correction)?)?;
    work.deleted_in(case.id, Resource::CaseSuspension, row.service_id, row.id, reason);
    Ok(())
}
