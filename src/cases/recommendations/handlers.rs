//! The operations of recommendations.

use actix_web::web::Data;

use super::dto::{Recommendation, RecommendationFilter, RecommendationInput, RecommendationPage, RecommendationPatch};
use super::{correct, ops};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases;
use crate::cases::corrections::handlers::correctable;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Can, Context, Created, Once, Path, Written};
use crate::work::Work;

/// Record a recommendation
///
/// What the service recommends for the child or the structure of a case, of which kind, and to whom: a kind of people, never a
/// name. Whether it is applied is said later, with the day on which that was checked. A closed case takes recommendations for as long as it takes
/// work.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/recommendations",
    responses((status = 409, description = "The case was closed too long ago, or the data of the family were erased."))
)]
pub(super) async fn create_recommendation(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<RecommendationInput>,
) -> Result<Written<Created<Recommendation>>, ApiError> {
    let scope = can.scope.clone();
    let record = move |work: &mut Work<'_>, case| ops::create(work, &scope, &case, &body.0).map(Created);
    once.under_object(&context, can, id.0, cases::ops::find, record).await
}

/// List the recommendations of a case
///
/// The recommendations, latest first. `checked=false` finds those of which nobody has said whether they are applied.
#[utoipa::path(get, path = "/v1/cases/{id}/recommendations")]
pub(super) async fn list_recommendations(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<RecommendationFilter>,
) -> Result<Listed<RecommendationPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

correctable! {
    Recommendation for scope, found by correct::find;

    /// Get a recommendation
    ///
    /// What was recommended, to whom, and whether it is applied.
    #[utoipa::path(get, path = "/v1/recommendations/{id}")]
    get_recommendation = ops::get;

    /// Update a recommendation
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Any professional says whether it is applied
    /// (`applied`, `checked_on`); who recorded it corrects the rest, and callers with `cases:correct` correct everybody's (403).
    /// It can be changed after the closing of the case. The former values stay in its history.
    #[utoipa::path(
        patch,
        path = "/v1/recommendations/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller, who does not hold `cases:correct`, corrects one of its values."),
            (status = 409, description = "Another request has just changed it, or the data of the family were erased.")
        )
    )]
    update_recommendation(RecommendationPatch) = correct::correct;

    /// Remove a recommendation
    ///
    /// For one recorded by mistake. Who recorded it may remove it, and callers with `cases:correct` remove everybody's (403).
    /// Its values stay in its history.
    #[utoipa::path(
        delete,
        path = "/v1/recommendations/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "Another request has just changed it, or the data of the family were erased.")
        )
    )]
    delete_recommendation -> () = correct::remove;

    /// List the history of a recommendation
    ///
    /// Its changes, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/recommendations/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_recommendation_history of super::store::RecommendationRow;
}
