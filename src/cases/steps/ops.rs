//! Recording and reading steps.

use chrono::NaiveDate;

use super::dto::{CaseStepFilter, CaseStepPage, Step, StepInput};
use super::store::{self, StepRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, FoundCase, day_faults, in_path, reading_key, require_entry, touch};
use crate::cases::model::{self, CaseAction};
use crate::cases::store::CaseRow;
use crate::data_keys;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::households::model::STEPS_OF_A_CHILD;
use crate::http::Field;
use crate::http::page::List;
use crate::naming::ops::named;
use crate::privacy::{self, Place, Secret};
use crate::trail::Resource;
use crate::work::Work;

/// Records a step given by a caller.
pub fn record(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    FoundCase(around): &FoundCase,
    new: &StepInput,
) -> Result<Step, ApiError> {
    let case = &around.case;
    let today = require_entry(work, scope, case, CaseAction::RecordStep)?;
    ApiError::reject_if_any(faults(around, new.step.as_str(), new.reached_on, today))?;
    touch(work, scope, case, &Field::Keep)?;
    let row = insert(work, case, new.step.as_str(), new.reached_on, new.note.as_ref())?;
    named(work, to_step(row, new.note.clone()))
}

/// The faults of a step.
pub(super) fn faults(around: &Around, step: &str, reached_on: NaiveDate, today: NaiveDate) -> Vec<Fault> {
    let case = &around.case;
    let mut days = day_faults("/reached_on", reached_on, (case.opened_on, "before_opening"), today, case);
    if STEPS_OF_A_CHILD.contains(&step) {
        days.extend(around.birth_faults([("/reached_on", Some(reached_on))]));
    }
    recorded_elsewhere(step).into_iter().chain(days).collect()
}

pub(in crate::cases) fn to_step(row: StepRow, note: Option<Secret<String>>) -> Step {
    Step {
        id: row.id,
        case_id: row.case_id,
        step: row.step,
        reached_on: row.reached_on,
        note,
        placement_id: row.placement_id,
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        counted_in: None,
    }
}

/// The fault of a step that another operation records.
pub(super) fn recorded_elsewhere(step: &str) -> Option<Fault> {
    let (rule, call) = match step {
        model::EFFECTIVE_PLACEMENT => ("recorded_by_placement", "POST /v1/cases/{id}/placements"),
        model::CLOSURE => ("recorded_by_closing", "POST /v1/cases/{id}/close"),
        _ => return None,
    };
    let message =
        Text::new(format!("Cette étape est enregistrée par `{call}`."), format!("This step is recorded by `{call}`."));
    Some(Fault::new("/step", rule, message))
}

/// Adds a step to a case. The caller has checked the case and locked its row.
pub(in crate::cases) fn insert(
    work: &mut Work<'_>,
    case: &CaseRow,
    step: &str,
    reached_on: NaiveDate,
    note: Option<&Secret<String>>,
) -> Result<StepRow, ApiError> {
    let row = row(work, case, step, reached_on, note)?;
    store::insert(work.conn, &row)?;
    Ok(row)
}

/// A step to be added: see [`insert`].
pub(in crate::cases) fn row(
    work: &mut Work<'_>,
    case: &CaseRow,
    step: &str,
    reached_on: NaiveDate,
    note: Option<&Secret<String>>,
) -> Result<StepRow, ApiError> {
    let id = Id::at(work.now);
    let note = match note {
        Some(note) => Some(data_keys::data_key(work, case.key_owner())?.seal(note_at(&id), note)?),
        None => None,
    };
    let row = StepRow {
        id,
        service_id: case.service_id,
        case_id: case.id,
        step: step.parse().map_err(|_| ApiError::new(Code::Internal))?,
        reached_on,
        note,
        author: work.author(),
        created_at: work.now,
        version: 1,
        updated_at: work.now,
        placement_id: None,
    };
    work.created_in(case.id, Resource::CaseStep, row.service_id, id);
    Ok(row)
}

/// A page of the steps of a case.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    list: &List<CaseStepFilter>,
) -> Result<CaseStepPage, ApiError> {
    let case = in_path(work, scope, case)?;
    let (rows, info) = store::list(work.conn, scope, case.id, &list.filter, &list.page)?;
    let key = reading_key(work, &case)?;
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        let note = privacy::open_unless_erased(key.as_ref(), note_at(&row.id), row.note.as_deref())?;
        data.push(to_step(row, note));
    }
    Ok(CaseStepPage { data: named(work, data)?, page: info })
}

pub(super) fn note_at(id: &Id) -> Place<'_> {
    Place { table: "case_steps", column: "note", row: id.as_str() }
}

#[cfg(test)]
mod tests {
    use crate::cases::steps::ops::*;
    use crate::nomenclatures::{self, lists};

    #[test]
    fn callers_record_every_step_except_two() {
        let codes = nomenclatures::list(lists::CASE_STEP).unwrap().codes();
        let elsewhere: Vec<_> = codes.iter().filter(|code| recorded_elsewhere(&code.code).is_some()).collect();
        let elsewhere: Vec<_> = elsewhere.iter().map(|code| code.code.as_str()).collect();
        assert_eq!(elsewhere, [model::EFFECTIVE_PLACEMENT, model::CLOSURE]);
        assert!(STEPS_OF_A_CHILD.iter().all(|step| codes.iter().any(|code| code.code == *step)));
    }
}
