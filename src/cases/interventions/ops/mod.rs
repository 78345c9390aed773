//! Recording and reading interventions.

pub(super) mod checks;
pub(super) mod record;

use super::dto::act::{ActInput, ActsInput, ActsReport};
use super::dto::filter::{InterventionFilter, WorkFilter, WorkPage};
use super::dto::{Intervention, InterventionInput, InterventionPage};
use super::show::{show, show_one};
use super::store::context::named_cases;
use super::store::{self, InterventionRow, pages};
use crate::cases::common::{own_faults, record_read};
use crate::cases::model::viewer::Viewer;
use crate::cases::store::{self as cases, CaseRow};
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Faults, Text};
use crate::http::bulk::create_all;
use crate::http::page::List;
use crate::services;
use crate::work::Work;

pub use checks::{about_fault, around_school};
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
        match found.iter().find(|case| case.id() == *id) {
            Some(case) => of_act.push(case.clone()),
            None => faults.add([unknown_case(rank, *id)]),
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

fn unknown_case(rank: usize, id: Id) -> Fault {
    let message = Text::new(
        format!("Le service n'a pas de suivi {id} : corriger l'identifiant."),
        format!("The service has no case {id}: correct the identifier."),
    );
    Fault::new(format!("/case_ids/{rank}"), "unknown_case", message)
}

/// Records several acts, each with a result of its own. A dry run reports the same, and records nothing. `base` is the URL under
/// which clients know the API.
pub fn record_all(
    work: &mut Work<'_>,
    viewer: &Viewer,
    base: &str,
    asked: ActsInput,
    dry_run: bool,
) -> Result<ActsReport, ApiError> {
    let each = |work: &mut Work<'_>| -> Result<ActsReport, ApiError> {
        create_all(work, base, asked.items, |work, new: ActInput| {
            // The rules of one act do not refuse the others.
            let mut faults = Faults::default();
            faults.add(own_faults(&new));
            let rows = record_asked(work, viewer, &new, faults)?;
            Ok(rows.iter().map(|row| row.id).collect::<Vec<Id>>())
        })
    };
    if !dry_run {
        return each(work);
    }
    let mut report = None;
    // The refusal of the whole part takes back everything that it wrote.
    let outcome = work.attempt(|work| {
        report = Some(each(work)?);
        Err::<(), ApiError>(ApiError::new(Code::Conflict))
    })?;
    match (report, outcome) {
        (Some(report), _) => Ok(report.of_dry_run()),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Err(ApiError::new(Code::Internal)),
    }
}

/// A page of the interventions of a case.
pub fn list(
    work: &mut Work<'_>,
    viewer: &Viewer,
    case: Id,
    list: &List<InterventionFilter>,
) -> Result<InterventionPage, ApiError> {
    let case = cases::get(work.conn, &viewer.scope, case)?;
    record_read(work, &case);
    let (rows, page) = pages::list_of_case(work.conn, &viewer.scope, case.id, &list.filter, &list.page)?;
    Ok(InterventionPage { data: show(work, viewer, rows)?, page })
}

/// A page of the interventions of the scope, with sums over the whole list.
pub fn list_work(work: &mut Work<'_>, viewer: &Viewer, list: &List<WorkFilter>) -> Result<WorkPage, ApiError> {
    let scope = viewer.scope.within(list.filter.service_id);
    let (rows, page) = pages::list(work.conn, &scope, &list.filter, &list.page)?;
    let totals = pages::totals(work.conn, &scope, &list.filter)?;
    Ok(WorkPage { data: show(work, viewer, rows)?, page, totals })
}

/// One intervention in scope.
pub fn get(work: &mut Work<'_>, viewer: &Viewer, id: Id) -> Result<Intervention, ApiError> {
    let row = store::get(work.conn, &viewer.scope, id)?;
    show_one(work, viewer, row)
}
