//! The operations of questionnaires.

use actix_web::web::Data;

use super::dto::{IssuedSurveyTokens, Survey, SurveyFilter, SurveyInput, SurveyPage, SurveyPatch, SurveyTokensInput};
use super::ops;
use crate::auth::grants::{ReferentsRead, ReferentsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{
    Body, Conditional, ConditionalWithoutReplay, Created, Current, Deletion, NoContent, Once, Patch, Path, Query,
    Reply, Written,
};
use crate::work::Work;

/// Create a questionnaire
///
/// Up to 20 questions, each rated from 1 to 5, never free text. It is answered without an account, with tokens that are not
/// linked to anyone.
#[utoipa::path(post, path = "/v1/surveys")]
pub(super) async fn create_survey(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<SurveyInput>,
) -> Result<Written<Created<Survey>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List questionnaires
///
/// The questionnaires of the services that the caller can access, latest opening date first.
#[utoipa::path(get, path = "/v1/surveys")]
pub(super) async fn list_surveys(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    list: List<SurveyFilter>,
) -> Result<Listed<SurveyPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, list)).await
}

/// Get a questionnaire
///
/// One questionnaire, with its questions, its dates and the number of tokens issued.
#[utoipa::path(get, path = "/v1/surveys/{id}")]
pub(super) async fn get_survey(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Survey>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Update a questionnaire
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Questions can change until the first
/// token is issued. Dates can change until the questionnaire is closed: its results are then available, and it can no
/// longer be reopened.
#[utoipa::path(
    patch,
    path = "/v1/surveys/{id}",
    responses((status = 409, description = "It is closed (see `state`), tokens were issued, or another request has just changed it."))
)]
pub(super) async fn update_survey(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<SurveyPatch>,
) -> Result<Written<Current<Survey>>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a questionnaire
///
/// Deletes the questionnaire and its tokens, which become unusable. A questionnaire with answers cannot be deleted (409).
#[utoipa::path(
    delete,
    path = "/v1/surveys/{id}",
    responses((status = 409, description = "It has answers, or another request has just changed it."))
)]
pub(super) async fn delete_survey(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    reason: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, reason.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find, delete).await
}

/// Issue tokens of a questionnaire
///
/// Each token can be used once, without an account, and is not linked to anyone. Tokens are returned in this response
/// only: if the response is lost, its tokens are lost too, and still count in the response rate.
#[utoipa::path(post, path = "/v1/surveys/{id}/tokens", responses((status = 409, description = "It is closed (see `state`), or another request has just changed it.")))]
pub(super) async fn issue_survey_tokens(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: ConditionalWithoutReplay,
    body: Body<SurveyTokensInput>,
) -> Result<Reply<IssuedSurveyTokens>, ApiError> {
    change.on(&context, can, id.0, ops::find, move |work, row| ops::issue(work, &row, body.0).map(Reply)).await
}
