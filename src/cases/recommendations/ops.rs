//! Recording and reading recommendations.

use chrono::NaiveDate;

use super::dto::{Recommendation, RecommendationFilter, RecommendationInput, RecommendationPage};
use super::model::adaptation_fault;
use super::store::{self, RecommendationRow};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, day_faults, in_path, reading_key, require_entry, touch, writing_key};
use crate::cases::model::CaseAction;
use crate::cases::store::CaseRow;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::http::Field;
use crate::http::page::List;
use crate::privacy::{self, DataKey, Place};
use crate::trail::Resource;
use crate::work::Work;

/// Records a recommendation. That of a closed case is taken for as long as work is.
pub fn create(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    new: &RecommendationInput,
) -> Result<Recommendation, ApiError> {
    let around = around(work, case.service(), case.id())?;
    let today = require_entry(work, scope, case, CaseAction::RecordIntervention)?;
    let id = Id::at(work.now);
    let row = RecommendationRow {
        id,
        service_id: case.service(),
        case_id: case.id(),
        intervention_id: new.intervention_id,
        text: writing_key(work, case)?.seal(text_at(&id), &new.text)?,
        kind: new.kind.clone(),
        addressed_to: new.addressed_to.clone(),
        adaptation: new.adaptation.clone(),
        made_on: new.made_on.unwrap_or(today),
        applied: new.applied,
        checked_on: new.checked_on,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    let mut faults = faults(&row, &around, today);
    if let Some(intervention) = new.intervention_id
        && !store::is_of_case(work.conn, case.id(), intervention)?
    {
        let message =
            Text::new("Aucune intervention de ce suivi n'a cet identifiant.", "No such intervention of the case.");
        faults.push(Fault::new("/intervention_id", "unknown_intervention", message));
    }
    ApiError::reject_if_any(faults)?;
    touch(work, scope, case, &Field::Keep)?;
    store::insert(work.conn, &row)?;
    work.created_in(row.case_id, Resource::Recommendation, row.service_id, id);
    show_one(work, case, row)
}

/// The faults of a recommendation: its day, its kind, what became of it.
pub(super) fn faults(row: &RecommendationRow, around: &Around, today: NaiveDate) -> Vec<Fault> {
    let first = (around.first_day(), "before_request");
    let mut faults = day_faults("/made_on", row.made_on, first, today, &around.case);
    faults.extend(adaptation_fault(&row.kind, row.adaptation.as_ref()));
    faults.extend(row.check().faults(today));
    faults
}

/// A page of the recommendations of a case.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    list: &List<RecommendationFilter>,
) -> Result<RecommendationPage, ApiError> {
    let case = in_path(work, scope, case)?;
    let (rows, page) = store::list(work.conn, scope, case.id(), &list.filter, &list.page)?;
    let key = reading_key(work, &case)?;
    Ok(RecommendationPage { data: show(work, rows, key.as_ref())?, page })
}

/// One recommendation in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Recommendation, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let around = around(work, row.service_id, row.case_id)?;
    show_one(work, &around.case, row)
}

pub(super) fn show_one(
    work: &mut Work<'_>,
    case: &CaseRow,
    row: RecommendationRow,
) -> Result<Recommendation, ApiError> {
    let key = reading_key(work, case)?;
    show(work, vec![row], key.as_ref())?.pop().ok_or_else(ApiError::not_found)
}

fn show(
    work: &mut Work<'_>,
    rows: Vec<RecommendationRow>,
    key: Option<&DataKey>,
) -> Result<Vec<Recommendation>, ApiError> {
    let names = names::ops::read(work, rows.iter().map(|row| row.author.as_str()))?;
    let lang = work.call.lang;
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        data.push(Recommendation {
            text: privacy::open_unless_erased(key, text_at(&row.id), Some(row.text.as_slice()))?,
            kind_label: row.kind.label(lang),
            addressed_to_label: row.addressed_to.label(lang),
            adaptation_label: row.adaptation.as_ref().and_then(|adaptation| adaptation.label(lang)),
            author_name: names.of(&row.author),
            id: row.id,
            case_id: row.case_id,
            intervention_id: row.intervention_id,
            kind: row.kind,
            addressed_to: row.addressed_to,
            adaptation: row.adaptation,
            made_on: row.made_on,
            applied: row.applied,
            checked_on: row.checked_on,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        });
    }
    Ok(data)
}

pub(super) fn text_at(id: &Id) -> Place<'_> {
    Place { table: "recommendations", column: "text", row: id.as_str() }
}
