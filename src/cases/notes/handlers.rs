//! The operations of notes.

use actix_web::web::Data;

use super::dto::{CaseNoteFilter, CaseNoteInput, CaseNotePage, CaseNotePatch, CaseNoteRecord};
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

/// Write a note
///
/// The summary of an intervention or of the work so far, which whoever reads the case reads; or a restricted note, which its
/// author and the users in `reader_ids` read, for as long as they read the cases of the service. For everybody else,
/// coordinators and managers included, a restricted note does not exist: it is in no list, no total and no event of the feed.
/// Two refusals tell that there is one, and no more: to annul a referral whose case has one, and to undo a merge of children
/// since which one was written. The journal says who wrote and who read a note, and never its text. A closed case takes notes for as long as
/// it takes work.
#[utoipa::path(
    post,
    path = "/v1/cases/{id}/notes",
    responses((status = 409, description = "The case was closed too long ago, or the data of the family were erased."))
)]
pub(super) async fn create_case_note(
    can: Can<CasesWrite>,
    context: Data<Context>,
    id: Path<Id>,
    once: Once,
    body: Body<CaseNoteInput>,
) -> Result<Written<Created<CaseNoteRecord>>, ApiError> {
    let scope = can.scope.clone();
    let write = move |work: &mut Work<'_>, case| ops::create(work, &scope, &case, &body.0).map(Created);
    once.under_object(&context, can, id.0, cases::ops::find, write).await
}

/// List the notes of a case
///
/// The notes that the caller reads, latest first. A restricted note that does not name the caller is in no list and no total.
#[utoipa::path(get, path = "/v1/cases/{id}/notes")]
pub(super) async fn list_case_notes(
    can: Can<CasesRead>,
    context: Data<Context>,
    id: Path<Id>,
    list: List<CaseNoteFilter>,
) -> Result<Listed<CaseNotePage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.scope, id.0, list)).await
}

correctable! {
    CaseNoteRecord for scope, found by correct::find;

    /// Get a note
    ///
    /// A note that the caller reads. Reading it is journaled.
    #[utoipa::path(get, path = "/v1/case-notes/{id}")]
    get_case_note = ops::get;

    /// Correct a note
    ///
    /// A merge patch (RFC 7396): an absent field keeps its value, a list replaces the previous one. A summary is corrected by
    /// who wrote it and by callers with `cases:correct`, a restricted note by its author alone (403). The former values stay in
    /// its history.
    #[utoipa::path(
        patch,
        path = "/v1/case-notes/{id}",
        responses(
            (status = 403, description = "Somebody else wrote it, and it is restricted or the caller does not hold `cases:correct`."),
            (status = 409, description = "Another request has just changed it, or the data of the family were erased.")
        )
    )]
    update_case_note(CaseNotePatch) = correct::correct;

    /// Remove a note
    ///
    /// A summary is removed by who wrote it and by callers with `cases:correct`, a restricted note by its author alone (403).
    /// Its values stay in its history.
    #[utoipa::path(
        delete,
        path = "/v1/case-notes/{id}",
        responses(
            (status = 403, description = "Somebody else wrote it, and it is restricted or the caller does not hold `cases:correct`."),
            (status = 409, description = "Another request has just changed it, or the data of the family were erased.")
        )
    )]
    delete_case_note -> () = correct::remove;

    /// List the history of a note
    ///
    /// Its corrections, oldest first: who, when, which values before and after; at the end its removal, with the reason. For who
    /// wrote it, and for callers with `cases:correct`; that of a restricted note is for who wrote it alone.
    #[utoipa::path(
        get,
        path = "/v1/case-notes/{id}/history",
        responses((status = 403, description = "Somebody else wrote it, and it is restricted or the caller does not hold `cases:correct`."))
    )]
    list_case_note_history = correct::history;
}
