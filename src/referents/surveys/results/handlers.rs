//! The operation of results.

use actix_web::web::Data;

use super::dto::SurveyResults;
use super::ops;
use crate::auth::grants::ReferentsRead;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Path, Reply};

/// Get the results of a questionnaire
///
/// The response rate, at any time. The mean and the distribution of each question, once the questionnaire is closed and
/// if it has at least five answers. A closed questionnaire cannot be reopened, so nobody can isolate one person's
/// answer by comparing two results.
#[utoipa::path(get, path = "/v1/surveys/{id}/results")]
pub(super) async fn get_survey_results(
    can: Can<ReferentsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Reply<SurveyResults>, ApiError> {
    context.read(can.call(), move |work| ops::results(work, &can.scope, id.0)).await.map(Reply)
}
