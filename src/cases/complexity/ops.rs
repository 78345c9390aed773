//! Flagging and reading complex situations.

use chrono::NaiveDate;

use super::dto::{CaseDiscussion, ComplexSituation, ComplexSituationInput, ComplexSituationPage};
use super::shown;
use super::store::{self, SituationRow, Whole};
use crate::accounts::names;
use crate::accounts::names::model::Names;
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, in_path, reading_key, require_action, touch};
use crate::cases::model::CaseAction;
use crate::data_keys;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::Field;
use crate::http::page::PageRequest;
use crate::nomenclatures::codes::ComplexityFlag;
use crate::privacy::DataKey;
use crate::trail::Resource;
use crate::work::Work;

/// A case in scope that is flagged.
#[derive(Debug)]
pub struct FoundCase(Around);

/// A case in scope, with its key and the settings of its service; 404 if there is none.
pub fn find_case(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<FoundCase, ApiError> {
    let row = in_path(work, scope, id)?;
    around(work, row.service_id, id).map(FoundCase)
}

/// Flags a complex situation.
pub fn create(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    FoundCase(found): &FoundCase,
    new: ComplexSituationInput,
) -> Result<ComplexSituation, ApiError> {
    let case = &found.case;
    let today = require_action(work, scope, case, CaseAction::FlagComplexity)?;
    let row = SituationRow {
        id: Id::at(work.now),
        service_id: case.service_id,
        case_id: case.id,
        flagged_on: new.flagged_on.unwrap_or(today),
        ended_on: None,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    ApiError::reject_if_any(row.days().faults(case.opened_on, &[], today, false))?;
    // This also locks the case: between concurrent requests, the second one finds the situation of the first.
    touch(work, scope, case, &Field::Keep)?;
    refuse_second(work, &row)?;
    let grounds: Vec<ComplexityFlag> = new.grounds.into_iter().collect();
    store::insert(work.conn, &row, &grounds)?;
    work.created_in(case.id, Resource::ComplexSituation, row.service_id, row.id);
    show_one(work, found, Whole { row, grounds, discussions: Vec::new() })
}

/// Fails with a 409 that names it, if the case has another situation on some of these days. The caller has locked the case.
pub(super) fn refuse_second(work: &mut Work<'_>, row: &SituationRow) -> Result<(), ApiError> {
    let Some(existing) = store::at_the_same_time(work.conn, row)? else { return Ok(()) };
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Ce suivi est déjà signalé comme situation complexe sur une partie de ces jours (voir `existing_id`) : compléter ce signalement, ou corriger ses dates.",
            "This case is already flagged as a complex situation on some of these days: add to that flag, or correct its days. See `existing_id`.",
        )
        .with("existing_id", existing.as_str()))
}

/// A page of the complex situations of a case in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> Result<ComplexSituationPage, ApiError> {
    let case = in_path(work, scope, case)?;
    let (found, info) = store::list(work.conn, scope, case.id, page)?;
    let key = reading_key(work, &case)?;
    let names = names_of(work, &found)?;
    let data = found.into_iter().map(|whole| situation(work, whole, key.as_ref(), &names)).collect::<Result<_, _>>()?;
    Ok(ComplexSituationPage { data, page: info })
}

/// One complex situation in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ComplexSituation, ApiError> {
    let whole = store::whole(work.conn, scope, id)?;
    let found = around(work, whole.row.service_id, whole.row.case_id)?;
    show_one(work, &found, whole)
}

/// A situation as it was read or just written.
pub(super) fn show_one(work: &mut Work<'_>, found: &Around, whole: Whole) -> Result<ComplexSituation, ApiError> {
    let owner = found.case.key_owner();
    let key = data_keys::data_keys(work, &[owner])?.remove(&owner);
    let names = names_of(work, std::slice::from_ref(&whole))?;
    situation(work, whole, key.as_ref(), &names)
}

fn names_of(work: &mut Work<'_>, found: &[Whole]) -> Result<Names, ApiError> {
    let authors = found.iter().flat_map(|whole| {
        let discussions = whole.discussions.iter().map(|discussion| discussion.author.as_str());
        discussions.chain([whole.row.author.as_str()])
    });
    names::ops::read(work, authors)
}

fn situation(
    work: &Work<'_>,
    whole: Whole,
    key: Option<&DataKey>,
    names: &Names,
) -> Result<ComplexSituation, ApiError> {
    let Whole { row, grounds, discussions } = whole;
    let opened = discussions.into_iter().map(|discussion| shown::opened(discussion, key, names));
    Ok(ComplexSituation {
        discussions: opened.collect::<Result<Vec<CaseDiscussion>, ApiError>>()?,
        grounds_labels: grounds.iter().filter_map(|ground| ground.label(work.call.lang)).collect(),
        grounds,
        author_name: names.of(&row.author),
        id: row.id,
        case_id: row.case_id,
        flagged_on: row.flagged_on,
        ended_on: row.ended_on,
        author: row.author,
        version: row.version,
        created_at: row.created_at,
    })
}

/// The days of the discussions of a situation, but one.
pub(super) fn held(whole: &Whole, but: Option<Id>) -> Vec<NaiveDate> {
    let others = whole.discussions.iter().filter(|discussion| Some(discussion.id) != but);
    others.map(|discussion| discussion.held_on).collect()
}
