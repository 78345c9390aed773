//! The public operations of questionnaires.

use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use super::dto::{SurveyAnswer, SurveyQuestions, SurveyToken};
use super::ops;
use crate::db::SystemScope;
use crate::error::ApiError;
use crate::http::Context;
use crate::http::Public;
use crate::http::middleware::LoggedPrincipal;
use crate::http::{Body, NoContent, Reply};

/// Read the questions of a token
///
/// For anyone with a token: no account is needed, and the token is not used up. The token is in the body because URLs end up
/// in logs. An unknown token, a used token and a questionnaire that is not open all get the same error.
#[utoipa::path(post, path = "/v1/survey-questions")]
pub(super) async fn read_survey_questions(
    _: Public,
    request: HttpRequest,
    context: Data<Context>,
    body: Body<SurveyToken>,
) -> Result<Reply<SurveyQuestions>, ApiError> {
    remove_caller_from_log(&request);
    context.read(SystemScope::Survey, move |work| ops::questions(work, &body.0.token)).await.map(Reply)
}

/// Answer a questionnaire
///
/// Rates every question once, and uses up the token. Only the number of times that each rating was given is stored: no
/// answer, no date, no order, no author. A rejected request does not use up the token. A request whose response was
/// lost can be sent again: if the first one was counted, the token is unusable.
#[utoipa::path(post, path = "/v1/survey-answers")]
pub(super) async fn answer_survey(
    _: Public,
    request: HttpRequest,
    context: Data<Context>,
    body: Body<SurveyAnswer>,
) -> Result<NoContent, ApiError> {
    remove_caller_from_log(&request);
    context.write(SystemScope::Survey, move |work| ops::answer(work, &body.0)).await.map(|()| NoContent)
}

/// An application may send its access token with every request: the log must not say who answered.
fn remove_caller_from_log(request: &HttpRequest) {
    request.extensions_mut().remove::<LoggedPrincipal>();
}
