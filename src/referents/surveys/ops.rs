//! Creating, reading and correcting questionnaires, and issuing tokens.

use super::dto::{
    IssuedSurveyTokens, Survey, SurveyFilter, SurveyInput, SurveyPage, SurveyPatch, SurveyQuestion, SurveyTokensInput,
};
use super::model::SurveyState;
use super::store::{self, QuestionRow, SurveyRow};
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::{Id, UtcTs};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::nomenclatures::codes::SatisfactionScale;
use crate::nomenclatures::{self, CodeList, lists};
use crate::privacy::{random_token, sha256};
use crate::services::{self, model::Settings};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// The ratings, from worst to best, each with its value.
pub(super) fn scale() -> Vec<(SatisfactionScale, i64)> {
    let codes = nomenclatures::list(lists::SATISFACTION_SCALE).map(CodeList::codes).unwrap_or_default();
    codes.iter().filter_map(|code| Some((code.code.parse().ok()?, code.number("value")?))).collect()
}

/// Creates a questionnaire.
pub(super) fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &SurveyInput) -> Result<Survey, ApiError> {
    let service = services::ops::require(work, scope, new.service_id, "/service_id")?;
    let today = service.date_of(work.now);
    ApiError::reject_if_any(dates::not_before("/closes_on", new.closes_on, today, "in_the_past"))?;
    let row = SurveyRow {
        id: Id::at(work.now),
        service_id: new.service_id,
        moment: new.moment.clone(),
        title_fr: new.title_fr.clone(),
        title_en: new.title_en.clone(),
        opens_on: new.opens_on,
        closes_on: new.closes_on,
        closes_at: Some(service.end_of(new.closes_on)),
        issued: 0,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row, &new.questions, &ratings())?;
    work.created(Resource::Survey, row.service_id, row.id);
    get(work, &ServiceScope::one(row.service_id), row.id)
}

fn ratings() -> Vec<SatisfactionScale> {
    scale().into_iter().map(|(rating, _)| rating).collect()
}

/// The row of a questionnaire in scope; 404 if there is none.
pub(super) fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<SurveyRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One questionnaire in scope.
pub(super) fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Survey, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    to_surveys(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the questionnaires in scope.
pub(super) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<SurveyFilter>,
) -> Result<SurveyPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(SurveyPage { data: to_surveys(work, rows)?, page })
}

/// Questionnaires from their rows, with their questions and their state today.
fn to_surveys(work: &mut Work<'_>, rows: Vec<SurveyRow>) -> Result<Vec<Survey>, ApiError> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut questions = store::questions(work.conn, &ids)?;
    let of: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let settings = services::ops::settings_of(work, &ServiceScope::Only(of.clone()), &of)?;
    let mut surveys = Vec::with_capacity(rows.len());
    for row in rows {
        let settings = settings.get(&row.service_id).ok_or_else(|| ApiError::new(Code::Internal))?;
        let questions = questions.remove(&row.id).unwrap_or_default();
        surveys.push(survey(row, questions, settings, work.now));
    }
    Ok(surveys)
}

fn survey(row: SurveyRow, questions: Vec<QuestionRow>, settings: &Settings, now: UtcTs) -> Survey {
    Survey {
        closes_at: closes_at(&row, settings),
        state: state_at(&row, settings, now),
        id: row.id,
        service_id: row.service_id,
        moment: row.moment,
        title_fr: row.title_fr,
        title_en: row.title_en,
        opens_on: row.opens_on,
        closes_on: row.closes_on,
        questions: questions.into_iter().map(SurveyQuestion::from).collect(),
        issued: row.issued,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// The state of a questionnaire now.
pub(super) fn state(work: &mut Work<'_>, row: &SurveyRow) -> Result<SurveyState, ApiError> {
    let settings = services::ops::settings(work, &ServiceScope::one(row.service_id), row.service_id)?;
    Ok(state_at(row, &settings, work.now))
}

fn state_at(row: &SurveyRow, settings: &Settings, now: UtcTs) -> SurveyState {
    SurveyState::at(now, settings.date_of(now), row.opens_on, closes_at(row, settings))
}

/// When a questionnaire closes: the stored instant.
fn closes_at(row: &SurveyRow, settings: &Settings) -> UtcTs {
    row.closes_at.unwrap_or_else(|| settings.end_of(row.closes_on))
}

/// Stores the instant of closing of the questionnaires of earlier versions, in the present time zone of their services.
/// The program does it before it serves a request.
pub fn store_closings(work: &mut Work<'_>) -> Result<(), ApiError> {
    for row in store::without_closing(work.conn)? {
        let settings = services::ops::settings(work, &ServiceScope::one(row.service_id), row.service_id)?;
        store::set_closing(work.conn, row.id, settings.end_of(row.closes_on))?;
    }
    Ok(())
}

/// The error for an action on a closed questionnaire.
fn already_closed() -> ApiError {
    ApiError::wrong_state(SurveyState::Closed.as_str(), std::iter::empty())
}

/// Corrects a questionnaire. Its dates can no longer change once it is closed, because its results are available; its
/// questions can no longer change once a token was issued.
pub(super) fn correct(work: &mut Work<'_>, row: &SurveyRow, mut patch: SurveyPatch) -> Result<Survey, ApiError> {
    if let Some(given) = &patch.questions {
        let had = store::questions(work.conn, &[row.id])?.remove(&row.id).unwrap_or_default();
        let had = had.iter().map(|question| (&question.text_fr, &question.text_en));
        if given.iter().map(|question| (&question.text_fr, &question.text_en)).eq(had) {
            patch.questions = None;
        }
    }
    let opens = patch.opens_on.unwrap_or(row.opens_on);
    let dates_change = opens != row.opens_on || patch.closes_on.is_some_and(|closes| closes != row.closes_on);
    if dates_change && state(work, row)? == SurveyState::Closed {
        return Err(already_closed());
    }
    if patch.questions.is_some() && row.issued > 0 {
        let message = Text::new(
            "Des jetons ont été remis : les questions ne peuvent plus être modifiées.",
            "Tokens were issued: the questions can no longer change.",
        );
        let fault = Fault::new("/questions", "tokens_issued", message.clone());
        return Err(ApiError::faults(Code::Conflict, vec![fault]).detail(message.fr, message.en));
    }
    let mut new = row.clone();
    new.title_fr = patch.title_fr.unwrap_or(new.title_fr);
    new.title_en = patch.title_en.over(new.title_en);
    new.opens_on = opens;
    new.closes_on = patch.closes_on.unwrap_or(new.closes_on);
    if dates_change {
        let settings = services::ops::settings(work, &ServiceScope::one(row.service_id), row.service_id)?;
        let past = dates::not_before("/closes_on", new.closes_on, settings.date_of(work.now), "in_the_past");
        ApiError::reject_if_any(past.or_else(|| dates::not_inverted("/closes_on", new.opens_on, new.closes_on)))?;
        new.closes_at = Some(settings.end_of(new.closes_on));
    }
    if new == *row && patch.questions.is_none() {
        return get(work, &ServiceScope::one(row.service_id), row.id);
    }
    replace(work, row, new)?;
    if let Some(questions) = &patch.questions {
        store::delete_questions(work.conn, row.id)?;
        store::insert_questions(work.conn, row.id, questions, &ratings())?;
    }
    get(work, &ServiceScope::one(row.service_id), row.id)
}

/// Writes the next version of a questionnaire.
fn replace(work: &mut Work<'_>, row: &SurveyRow, mut new: SurveyRow) -> Result<(), ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    work.changed(Resource::Survey, row.service_id, row.id);
    ApiError::require_first(store::update(work.conn, row, &new)?)
}

/// Deletes a questionnaire and its tokens. Fails with a 409 if it has answers: the foreign keys decide.
pub(super) fn delete(work: &mut Work<'_>, row: &SurveyRow, reason: DeletionReason) -> Result<(), ApiError> {
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_referenced(
            error,
            "Ce questionnaire a des réponses : il ne peut pas être supprimé.",
            "This questionnaire has answers: it cannot be deleted.",
        )
    })?;
    ApiError::require_first(deleted)?;
    work.deleted(Resource::Survey, row.service_id, row.id, reason);
    Ok(())
}

/// Issues tokens of 256 random bits each: no dictionary attack reaches them, so a fast hash is enough to store them.
pub(super) fn issue(
    work: &mut Work<'_>,
    row: &SurveyRow,
    new: SurveyTokensInput,
) -> Result<IssuedSurveyTokens, ApiError> {
    if state(work, row)? == SurveyState::Closed {
        return Err(already_closed());
    }
    let issued = row.issued.saturating_add(new.count);
    replace(work, row, SurveyRow { issued, ..row.clone() })?;
    let tokens: Vec<String> = (0..new.count).map(|_| random_token("srv")).collect();
    let hashes = tokens.iter().map(|token| sha256(token.as_bytes())).collect();
    store::insert_tokens(work.conn, row.id, hashes)?;
    Ok(IssuedSurveyTokens { survey_id: row.id, issued, tokens })
}
