//! The operations of households.

use actix_web::web::Data;

use super::dto::patch::{ChildPatch, ContactPatch, HouseholdPatch};
use super::dto::{Candidates, Child, ChildInput, ChildLookUp, Contact, ContactInput, Household, HouseholdInput};
use super::{absorbed, correct, ops, resemblance};
use crate::auth::grants::{HouseholdsRead, HouseholdsWrite};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::{Body, Conditional, Created, Current, Deletion, NoContent, Once, Patch, Path, Query, Reply, Written};
use crate::work::Work;

/// Record a household
///
/// A family with its children and contacts. `POST /v1/referrals` records most households itself. Look the child up first with
/// `POST /v1/children/look-up`.
#[utoipa::path(post, path = "/v1/households")]
pub(super) async fn create_household(
    can: Can<HouseholdsWrite>,
    context: Data<Context>,
    once: Once,
    body: Body<HouseholdInput>,
) -> Result<Written<Created<Household>>, ApiError> {
    once.run(&context, can.call(), move |work| ops::create(work, &can.scope, &body.0).map(Created)).await
}

/// Get a household
///
/// A family with its children and contacts. Of a household that was merged into another, the 404 names it in `merged_into`.
#[utoipa::path(get, path = "/v1/households/{id}")]
pub(super) async fn get_household(
    can: Can<HouseholdsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Household>, ApiError> {
    let call = can.call();
    let get = move |work: &mut Work<'_>| {
        let found = ops::get(work, &can.scope, id.0);
        absorbed::ops::pointing_on(work, &can.scope, id.0, found)
    };
    context.read(call, get).await.map(Current)
}

/// Add a child to a household
///
/// Siblings and twins are recorded one by one.
#[utoipa::path(post, path = "/v1/households/{id}/children")]
pub(super) async fn create_child(
    can: Can<HouseholdsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<ChildInput>,
) -> Result<Written<Created<Child>>, ApiError> {
    let add = move |work: &mut Work<'_>, household| ops::add_child(work, &household, &body.0).map(Created);
    once.under_object(&context, can, id.0, ops::find, add).await
}

/// Add a contact to a household
///
/// A contact of the family. Several people may share a telephone number or an e-mail address.
#[utoipa::path(post, path = "/v1/households/{id}/contacts")]
pub(super) async fn create_contact(
    can: Can<HouseholdsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<ContactInput>,
) -> Result<Written<Created<Contact>>, ApiError> {
    let add = move |work: &mut Work<'_>, household| ops::add_contact(work, &household, &body.0).map(Created);
    once.under_object(&context, can, id.0, ops::find, add).await
}

/// Get a contact
///
/// One contact of a family.
#[utoipa::path(get, path = "/v1/contacts/{id}")]
pub(super) async fn get_contact(
    can: Can<HouseholdsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Contact>, ApiError> {
    context.read(can.call(), move |work| ops::contact(work, &can.scope, id.0)).await.map(Current)
}

/// Get a child
///
/// One child, with the identifier of its household. Of a child that was merged into another, the 404 names it in `merged_into`.
#[utoipa::path(get, path = "/v1/children/{id}")]
pub(super) async fn get_child(
    can: Can<HouseholdsRead>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<Child>, ApiError> {
    let call = can.call();
    let get = move |work: &mut Work<'_>| {
        let found = ops::child(work, &can.scope, id.0);
        absorbed::ops::pointing_on(work, &can.scope, id.0, found)
    };
    context.read(call, get).await.map(Current)
}

/// Look a child up
///
/// Finds children that resemble the one described, most likely first: same names and date, similar-sounding names in
/// the same month, or the telephone number or e-mail address of a contact. It is a POST so that no name appears in a
/// URL or a log. Names are encrypted at rest: there is no search by prefix and no list sorted by name.
#[utoipa::path(post, path = "/v1/children/look-up")]
pub(super) async fn look_up_children(
    can: Can<HouseholdsRead>,
    context: Data<Context>,
    body: Body<ChildLookUp>,
) -> Result<Reply<Candidates>, ApiError> {
    context.read(can.call(), move |work| resemblance::ops::look_up(work, &can.scope, &body.0)).await.map(Reply)
}

/// Update a household
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. Referrals and cases keep the commune
/// with which they were recorded, so past figures do not change when the family moves.
#[utoipa::path(patch, path = "/v1/households/{id}")]
pub(super) async fn update_household(
    can: Can<HouseholdsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<HouseholdPatch>,
) -> Result<Written<Current<Household>>, ApiError> {
    change
        .on(&context, can, id.0, ops::find, move |work, row| correct::household(work, &row, patch.0).map(Current))
        .await
}

/// Update a child
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it. When a child is born, give `birth_date`
/// and `given_name`, and set `expected_on` to null. A birth that is later than a placement, a procedure or a request of the child
/// allows is refused: `after_first_record` names it.
#[utoipa::path(patch, path = "/v1/children/{id}")]
pub(super) async fn update_child(
    can: Can<HouseholdsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ChildPatch>,
) -> Result<Written<Current<Child>>, ApiError> {
    change
        .on(&context, can, id.0, ops::find_child, move |work, row| correct::child(work, &row, patch.0).map(Current))
        .await
}

/// Update a contact
///
/// A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[utoipa::path(patch, path = "/v1/contacts/{id}")]
pub(super) async fn update_contact(
    can: Can<HouseholdsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    patch: Patch<ContactPatch>,
) -> Result<Written<Current<Contact>>, ApiError> {
    change
        .on(&context, can, id.0, ops::find_contact, move |work, row| correct::contact(work, &row, patch.0).map(Current))
        .await
}

/// Delete a contact
///
/// For a contact that was recorded by mistake or twice, or is no longer useful.
#[utoipa::path(delete, path = "/v1/contacts/{id}")]
pub(super) async fn delete_contact(
    can: Can<HouseholdsWrite>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
    reason: Query<Deletion>,
) -> Result<Written<NoContent>, ApiError> {
    let delete =
        move |work: &mut Work<'_>, row| correct::delete_contact(work, &row, reason.0.reason).map(|()| NoContent);
    change.on(&context, can, id.0, ops::find_contact, delete).await
}
