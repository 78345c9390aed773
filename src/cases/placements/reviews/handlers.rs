//! The operations of the reviews of placements.

use actix_web::web::Data;

use super::dto::{
    PlacementReview, PlacementReviewFilter, PlacementReviewInput, PlacementReviewPage, PlacementReviewPatch,
    PlacementReviewRowPage, ReviewsOfPlacementFilter,
};
use super::{ops, page};
use crate::auth::grants::{CasesRead, CasesWrite};
use crate::cases::corrections::dto::Removal;
use crate::cases::corrections::handlers::correctable;
use crate::cases::model::viewer::Viewer;
use crate::cases::placements::found;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Can, Context, Created, Once, Path, Written};
use crate::naming::ops::named;
use crate::work::Work;

/// Answer a review of a placement
///
/// Whether the child is still there some months after the start, on which day, and who said so. A review is answered once, on
/// the day it is due or later (`before_due`), also when the case is closed. The answer `left` can be given earlier; with
/// `ends_on` it ends the placement in the same call.
#[utoipa::path(
    post,
    path = "/v1/placements/{id}/reviews",
    responses((status = 409, description = "The child has not come or never came, the review was answered already (`existing_id`), or the outcome of the closed case relies on the placement."))
)]
pub(super) async fn create_placement_review(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<PlacementReviewInput>,
) -> Result<Written<Created<PlacementReview>>, ApiError> {
    let scope = can.scope.clone();
    let answer = move |work: &mut Work<'_>, placement| ops::create(work, &scope, &placement, &body.0).map(Created);
    once.under_object(&context, can, id.0, found::find, answer).await
}

/// List the reviews of a placement
///
/// The reviews of a placement, answered or not, earliest due first. They are made with the placement, from
/// `placement_review_months` of the service.
#[utoipa::path(get, path = "/v1/placements/{id}/reviews")]
pub(super) async fn list_reviews_of_placement(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<ReviewsOfPlacementFilter>,
) -> Result<Listed<PlacementReviewPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

/// List the reviews of placements
///
/// The reviews of the services that the caller can access, earliest due first: `state=overdue` lists whom to call,
/// `state=due&to=…` what comes next, `months=6&answer=still_there` the children still there at six months. A row has the
/// names that a screen shows.
#[utoipa::path(get, path = "/v1/placement-reviews")]
pub(super) async fn list_placement_reviews(
    can: Can<CasesRead>,
    context: Data<Context>,
    list: List<PlacementReviewFilter>,
) -> Result<Listed<PlacementReviewRowPage>, ApiError> {
    let viewer = Viewer::of(&can);
    list.read(&context, can.call(), move |work, list| page::list(work, &viewer, list)).await
}

correctable! {
    PlacementReview for scope, found by ops::find, named by named;

    /// Get a review of a placement
    ///
    /// A review that is due, or its answer.
    #[utoipa::path(get, path = "/v1/placement-reviews/{id}")]
    get_placement_review = ops::get;

    /// Correct the answer to a review of a placement
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Who recorded it may correct it, and callers
    /// with `cases:correct` correct everybody's (403). The former values stay in its history.
    #[utoipa::path(
        patch,
        path = "/v1/placement-reviews/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "Nobody has answered it yet, or another request has just changed it.")
        )
    )]
    update_placement_review(PlacementReviewPatch) = ops::correct;

    /// Remove the answer to a review of a placement
    ///
    /// For an answer recorded by mistake: the review is due again, with another identifier. The end that it gave to the placement
    /// stays: correct the placement. Who recorded it may remove it, and callers with `cases:correct` remove everybody's (403).
    #[utoipa::path(
        delete,
        path = "/v1/placement-reviews/{id}",
        responses(
            (status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."),
            (status = 409, description = "Nobody has answered it yet, or another request has just changed it.")
        )
    )]
    delete_placement_review -> Removal = ops::remove;

    /// List the history of a review of a placement
    ///
    /// The corrections of the answer, oldest first: who, when, which values before and after; at the end its removal, with the
    /// reason. For who recorded it, and for callers with `cases:correct`.
    #[utoipa::path(
        get,
        path = "/v1/placement-reviews/{id}/history",
        responses((status = 403, description = "Somebody else recorded it, and the caller does not hold `cases:correct`."))
    )]
    list_placement_review_history of super::store::ReviewRow;
}
