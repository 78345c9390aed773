//! The operations of merges.

use actix_web::web::Data;

use super::dto::{ChildMerge, ChildMergeFilter, ChildMergePage, MergeInput, MergeOptions};
use super::ops::{self, Merger};
use super::{show, undo};
use crate::auth::grants::CasesCorrect;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Body, Conditional, Current, Path, Query, Written};
use crate::work::Work;

/// Merge a child into this one
///
/// For a child that was recorded twice. The child of the path stays; what named the other names it from now on: referrals, cases,
/// and, if the children are of two households, the other household's children, contacts and reservations. Of two open cases, the
/// one of the other child goes into that of this child, with its records; the earlier opening and the earlier next follow-up
/// apply; the case that stays keeps its priority and its référent, or gets that of the other one. Each person is in the team once; the
/// référents of the other case, current and former, are members. An act about both cases is about one, with the minutes and the notes of both shares. With `dry_run=true`
/// nothing is written: the response says what would move and in what the two children differ (`differs`), and what refuses the merge
/// refuses the dry run. The caller also holds `households:write` (403). Published statistics
/// do not change: `counted_in` lists those that counted the other child. The feed says `merged_into`.
#[utoipa::path(
    post,
    path = "/v1/children/{id}/merge",
    responses((status = 409, description = "The two cases cannot become one as they are: `obstacles` lists each code, the kind and the identifiers of the objects, and the way out. Or another request has just changed one of the children."))
)]
pub(super) async fn merge_child(
    can: Can<CasesCorrect>,
    context: Data<Context>,
    id: Path<Id>,
    options: Query<MergeOptions>,
    change: Conditional,
    body: Body<MergeInput>,
) -> Result<Written<Current<ChildMerge>>, ApiError> {
    let merger = Merger::of(&can);
    let dry_run = options.0.dry_run.unwrap_or_default();
    let merge = move |work: &mut Work<'_>, child| ops::merge(work, &merger, &child, &body.0, dry_run).map(Current);
    change.on(&context, can, id.0, ops::find_child, merge).await
}

/// List merges of children
///
/// Latest first, with those that were undone.
#[utoipa::path(get, path = "/v1/child-merges")]
pub(super) async fn list_child_merges(
    can: Can<CasesCorrect>,
    context: Data<Context>,
    list: List<ChildMergeFilter>,
) -> Result<Listed<ChildMergePage>, ApiError> {
    list.read(&context, can.call(), move |work, list| show::list(work, &can.scope, &list.filter, &list.page)).await
}

/// Get a merge of children
///
/// One merge: who stayed, what moved, and whether it can still be undone.
#[utoipa::path(get, path = "/v1/child-merges/{id}")]
pub(super) async fn get_child_merge(
    can: Can<CasesCorrect>,
    context: Data<Context>,
    id: Path<Id>,
) -> Result<Current<ChildMerge>, ApiError> {
    context.read(can.call(), move |work| show::get(work, &can.scope, id.0)).await.map(Current)
}

/// Undo a merge of children
///
/// Within 30 days. The child, its household and its case come back with their identifiers, and what moved names them again, as it is
/// now. What was added since to the merged child, household or case is in the way: a person decides to which of the two it belongs.
/// Who joined the team since stays with the case that stays, and a child added since in its household. What is about another child of the
/// household goes with that child. An act that was corrected since is shared again between all its cases. The latest merge of a household is undone first. The caller also holds `households:write` (403).
#[utoipa::path(
    post,
    path = "/v1/child-merges/{id}/undo",
    responses((status = 409, description = "The merge was undone already, is older than 30 days, or cannot be undone as things are: `obstacles` lists each code, the kind and the identifiers of the objects, and the way out."))
)]
pub(super) async fn undo_child_merge(
    can: Can<CasesCorrect>,
    context: Data<Context>,
    id: Path<Id>,
    change: Conditional,
) -> Result<Written<Current<ChildMerge>>, ApiError> {
    let merger = Merger::of(&can);
    let act = move |work: &mut Work<'_>, row| undo::undo(work, &merger, &row).map(Current);
    change.on(&context, can, id.0, show::find, act).await
}
