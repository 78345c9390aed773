//! The operation of the agenda.

use actix_web::web::Data;

use super::dto::{AgendaFilter, AgendaPage};
use super::ops::{self, Viewer};
use crate::auth::grants::CasesRead;
use crate::error::ApiError;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::{Can, Context};

/// Read the agenda
///
/// Returns what is to be done, by day and time: appointments, follow-ups of cases, planned resumptions, procedures about which
/// something is to be done or that expire, collective actions, kits due, children
/// who reach the upper age of the service within six months, conventions that end. Kinds that the caller may not read are
/// left out. If the period includes today, what is overdue comes first, whatever its day; so do the children who reach the
/// upper age, whatever the end of the period (of the 500 cases opened first). Appointments and actions that were cancelled
/// are not listed.
#[utoipa::path(get, path = "/v1/agenda")]
pub(super) async fn list_agenda(
    can: Can<CasesRead>,
    context: Data<Context>,
    list: List<AgendaFilter>,
) -> Result<Listed<AgendaPage>, ApiError> {
    let viewer = Viewer::of(&can.principal, &can.scope);
    list.read(&context, can.call(), move |work, list| ops::list(work, &viewer, list)).await
}
