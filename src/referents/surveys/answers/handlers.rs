//! The public operations.

use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use super::dto::{SurveyAnswer, SurveyQuestions, SurveyToken};
use super::ops;
use crate::auth::PrincipalId;
use crate::error::ApiError;
use crate::http::Context;
use crate::http::Public;
use crate::http::middleware::LoggedPrincipal;
use crate::http::{Body, NoContent, Reply};

/// Read the questions that a token answers
///
/// For whoever was handed a token: no account, and nothing is used up. The token is in the body, because addresses end up in
/// logs. A token that is unknown or used and a questionnaire that is not open are refused in the same words.
#[utoipa::path(post, path = "/v1/survey-questions")]
pub(super) async fn read_survey_questions(
    _: Public,
    request: HttpRequest,
    context: Data<Context>,
    body: Body<SurveyToken>,
) -> Result<Reply<SurveyQuestions>, ApiError> {
    unname(&request);
    context.read(PrincipalId::Local, move |work| ops::questions(work, &body.0.token)).await.map(Reply)
}

/// Answer a questionnaire
///
/// Rates every question once, and uses the token up. Only how often each rating was given is kept: no answer, no date, no
/// order, nobody. What is refused uses nothing up. A call that is lost can be sent again: when it was counted, the token is
/// unusable.
#[utoipa::path(post, path = "/v1/survey-answers")]
pub(super) async fn answer_survey(
    _: Public,
    request: HttpRequest,
    context: Data<Context>,
    body: Body<SurveyAnswer>,
) -> Result<NoContent, ApiError> {
    unname(&request);
    context.write(PrincipalId::Local, move |work| ops::answer(work, &body.0)).await.map(|()| NoContent)
}

/// An application may send its access token with every call: the log does not say who answered.
fn unname(request: &HttpRequest) {
    request.extensions_mut().remove::<LoggedPrincipal>();
}
