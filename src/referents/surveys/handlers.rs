//! The operations of questionnaires.

use actix_web::web::Data;

use super::dto::{IssuedSurveyTokens, NewSurvey, NewSurveyTokens, Survey, SurveyFilter, SurveyPage, SurveyPatch};
use super::ops;
use crate::auth::grants::{ReferentsRead, ReferentsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::{
    Body, Conditional, ConditionalUnstored, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Reply,
    Written,
};
use crate::work::Work;

/// Make a questionnaire
///
/// Up to twenty questions that are rated from 1 to 5; free text is never asked. It is answered without an account, with tokens
/// that are linked to nobody.
#[utoipa::path(post, path = "/v1/surveys")]
pub(super) async fn create_survey(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<NewSurvey>,
) -> Result<Written<Created<Survey>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// List the questionnaires
///
/// Those of the services that the token may see, the last to open first.
#[utoipa::path(get, path = "/v1/surveys")]
pub(super) async fn list_surveys(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    list: List<SurveyFilter>,
) -> Result<Listed<SurveyPage>, ApiError> {
    context.read(can.call(), move |work| ops::list(work, &can.scope, &list)).await.map(Listed)
}

/// Get a questionnaire
///
/// Its questions, its days, and how many tokens were given out.
#[utoipa::path(get, path = "/v1/surveys/{id}")]
pub(super) async fn get_survey(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Survey>, ApiError> {
    context.read(can.call(), move |work| ops::get(work, &can.scope, id.0)).await.map(Current)
}

/// Correct a questionnaire
///
/// A merge patch: what is absent stays, null removes. Questions change until the first token is given out. Days change until
/// it is closed: from then on its results are shown, and it opens no more.
#[utoipa::path(
    patch,
    path = "/v1/surveys/{id}",
    responses((status = 409, description = "It is closed (`state`), or tokens were given out; or somebody else has changed it at the same time."))
)]
pub(super) async fn update_survey(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<SurveyPatch>,
) -> Result<Written<Current<Survey>>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    change.run(&context, call, find, move |work, row| ops::correct(work, &row, patch.0).map(Current)).await
}

/// Delete a questionnaire
///
/// With the tokens that were given out: they answer nothing any more. One that was answered stays (409).
#[utoipa::path(
    delete,
    path = "/v1/surveys/{id}",
    responses((status = 409, description = "It was answered, or somebody else has changed it at the same time."))
)]
pub(super) async fn delete_survey(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    why: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    let delete = move |work: &mut Work<'_>, row| ops::delete(work, &row, why.0.reason).map(|()| NoContent);
    change.run(&context, call, find, delete).await
}

/// Give out tokens of a questionnaire
///
/// Each answers once, without an account, and is linked to nobody. They are in this answer alone: a call that is lost has given
/// out tokens that nobody has, which count in the response rate.
#[utoipa::path(post, path = "/v1/surveys/{id}/tokens", responses((status = 409, description = "It is closed (`state`), or somebody else has changed it at the same time.")))]
pub(super) async fn issue_survey_tokens(
    can: Can<ReferentsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    unkept: ConditionalUnstored,
    body: Body<NewSurveyTokens>,
) -> Result<Reply<IssuedSurveyTokens>, ApiError> {
    let call = can.call();
    let find = move |work: &mut Work<'_>| ops::find(work, &can.scope, id.0);
    unkept.run(&context, call, find, move |work, row| ops::issue(work, &row, body.0).map(Reply)).await
}
