//! The SQL of the entries about placements: the start of a planned one, and the reviews that are due.

use chrono::NaiveDate;
use diesel::dsl::{InnerJoin, exists, not};
use diesel::prelude::*;

use super::scopes::{Boxed, Days, Scopes, Whose, columns_of, of_team};
use crate::cases::placements::model::PlacementStage;
use crate::db::schema::{case_members, cases, placement_reviews, placements};
use crate::db::{Id, IsAmong};
use crate::territories::CommuneCode;

/// A placement: the object, the service, the day, the organisation, the case with its child, household and commune.
pub(in crate::agenda) type PlaceColumns = (Id, Id, NaiveDate, Id, Id, Option<Id>, Option<Id>, CommuneCode);
/// A review of a placement: likewise, with its months.
pub(in crate::agenda) type ReviewColumns = (Id, Id, NaiveDate, Id, Id, Option<Id>, Option<Id>, CommuneCode, i32);

columns_of! {
    /// What an entry shows of a planned placement.
    PLACE = placements::id, placements::service_id, placements::starts_on, placements::organisation_id, cases::id,
        cases::child_id, cases::household_id, cases::commune_code
}

columns_of! {
    /// What an entry shows of a review.
    REVIEW = placement_reviews::id, placement_reviews::service_id, placement_reviews::due_on,
        placements::organisation_id, cases::id, cases::child_id, cases::household_id, cases::commune_code,
        placement_reviews::months
}

type Places = InnerJoin<placements::table, cases::table>;
type Reviews = InnerJoin<InnerJoin<placement_reviews::table, placements::table>, cases::table>;

/// The placements that are planned in the period, or before it and not confirmed.
pub(super) fn starts_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, Places> {
    let query = placements::table
        .inner_join(cases::table)
        .filter(placements::service_id.among(scopes.starts.ids()).and(placements::stage.eq(PlacementStage::Planned)))
        .filter(placements::starts_on.between(days.first(), days.to))
        .into_boxed();
    of_team!(query, scopes.whose)
}

/// The reviews of placements that are due in the period, or before it and not answered.
pub(super) fn reviews_of<'a>(scopes: &Scopes, days: &Days) -> Boxed<'a, Reviews> {
    let query = placement_reviews::table
        .inner_join(placements::table)
        .inner_join(cases::table)
        .filter(placement_reviews::service_id.among(scopes.reviews.ids()).and(placement_reviews::answer.is_null()))
        .filter(placement_reviews::due_on.between(days.first(), days.to))
        .into_boxed();
    of_team!(query, scopes.whose)
}
