//! Recording and reading interventions.

pub(super) mod checks;
pub(super) mod record;

use super::dto::act::{ActInput, ActsInput, ActsReport};
use super::dto::filter::{InterventionFilter, WorkFilter, WorkPage};
use super::dto::{Intervention, InterventionInput, InterventionPage};
use super::show::{show, show_one};
use super::store::context::named_cases;
use super::store::{self, InterventionRow, pages};
use crate::cases::common::{in_path, own_faults, record_read};
use crate::cases::model::viewer::Viewer;
use crate::cases::store::CaseRow;
use crate::db::Id;
use crate::error::{ApiError, Faults};
use crate::households::absorbed::ops::refuse_merged;
use crate::http::bulk::{Broken, Run, create_all};
use crate::http::page::List;
use crate::services;
use crate::work::Work;

pub use checks::{about_fault, around_school, names_child, with_child_fault};
pub use record::{Act, record_act};

/// Records an intervention of one case.
pub fn record(
    work: &mut Work<'_>,
    viewer: &Viewer,
    case: &CaseRow,
    new: &InterventionInput,
) -> Result<Intervention, ApiError> {
    let cases = std::slice::from_ref(case);
    let act = Act { service: case.service_id, cases, work: new, notes: &[], named: None, checked: &[] };
    let rows = record_act(work, &act, Faults::default())?;
    show_first(work, viewer, rows)
}

/// Records work about several cases of a service, or about none. The first share is returned.
pub fn record_work(work: &mut Work<'_>, viewer: &Viewer, new: &ActInput) -> Result<Intervention, ApiError> {
    let rows = record_asked(work, viewer, new, Faults::default())?;
    show_first(work, viewer, rows)
}

fn show_first(work: &mut Work<'_>, viewer: &Viewer, rows: Vec<InterventionRow>) -> Result<Intervention, ApiError> {
    let first = rows.into_iter().next().ok_or_else(ApiError::not_found)?;
    show_one(work, viewer, first)
}

/// Records an act of a request. `faults` are those of its own rules.
fn record_asked(
    work: &mut Work<'_>,
    viewer: &Viewer,
    new: &ActInput,
    mut faults: Faults,
) -> Result<Vec<InterventionRow>, ApiError> {
    services::ops::require(work, &viewer.scope, new.service_id, "/service_id")?;
    let found = match new.case_ids.as_slice() {
        [] => Vec::new(),
        ids => named_cases(work.conn, new.service_id, ids)?,
    };
    let mut of_act = Vec::with_capacity(found.len());
    for (rank, id) in new.case_ids.iter().enumerate() {
        if let Some(case) = found.iter().find(|case| case.id() == *id) {
            of_act.push(case.clone());
        } else {
            let pointer = format!("/case_ids/{rank}");
            faults.add([crate::cases::ops::unknown(work, new.service_id, pointer, *id)?]);
        }
    }
    let asked = new.work();
    let act = Act {
        service: new.service_id,
        cases: &of_act,
        work: &asked,
        notes: &new.notes,
        named: Some(&new.case_ids),
        checked: &[],
    };
    record_act(work, &act, faults)
}

/// Records several acts, each with a result of its own.
pub fn record_all(
    work: &mut Work<'_>,
    viewer: &Viewer,
    run: &Run,
    asked: Vec<Result<ActInput, Broken<ActInput>>>,
) -> Result<ActsReport, ApiError> {
    create_all::<ActsInput, _>(work, run, asked, |work, new| {
        // The rules of one act do not refuse the others.
        let mut faults = Faults::default();
        faults.add(own_faults(&new));
        let rows = record_asked(work, viewer, &new, faults)?;
        Ok(rows.iter().map(|row| row.id).collect::<Vec<Id>>())
    })
}

/// A page of the interventions of a case.
pub fn list(
    work: &mut Work<'_>,
    viewer: &Viewer,
    case: Id,
    list: &List<InterventionFilter>,
) -> Result<InterventionPage, ApiError> {
    let case = in_path(work, &viewer.scope, case)?;
    record_read(work, &case);
    let (rows, page) = pages::list_of_case(work.conn, &viewer.scope, case.id, &list.filter, &list.page)?;
    Ok(InterventionPage { data: show(work, viewer, rows)?, page })
}

/// A page of the interventions of the scope, with sums over the whole list.
pub fn list_work(work: &mut Work<'_>, viewer: &Viewer, list: &List<WorkFilter>) -> Result<WorkPage, ApiError> {
    let scope = viewer.scope.within(list.filter.service_id);
    let (rows, page) = pages::list(work.conn, &scope, &list.filter, &list.page)?;
    refuse_merged(work, &scope, rows.len(), &[("case_id", list.filter.case_id)])?;
    let totals = pages::totals(work.conn, &scope, &list.filter)?;
    Ok(WorkPage { data: show(work, viewer, rows)?, page, totals })
}

/// One intervention in scope.
pub fn get(work: &mut Work<'_>, viewer: &Viewer, id: Id) -> Result<Intervention, ApiError> {
    let row = store::get(work.conn, &viewer.scope, id)?;
    show_one(work, viewer, row)
}
