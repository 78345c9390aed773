//! The operations of statements.

use actix_web::web::Data;

use super::dto::{Statement, StatementFilter, StatementReferencePage};
use super::ops;
use super::store::Parties;
use crate::auth::grants::StatementsRead;
use crate::conventions::funding::dto::YearQuery;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;
use crate::http::printable::{Printed, Printing};
use crate::http::{Path, Query};

/// The statements that a caller may see. A partner's client is restricted to its own territory.
fn parties(can: &Can<StatementsRead>) -> Parties {
    Parties { services: can.scope.clone(), own: can.principal.partner.clone() }
}

/// List the statements
///
/// Returns the statements of the signed conventions, one per convention and year, latest year first. A partner's client
/// gets its own statements only.
#[utoipa::path(get, path = "/v1/statements")]
pub(super) async fn list_statements(
    can: Can<StatementsRead>,
    context: Data<Context>,
    list: List<StatementFilter>,
) -> Result<Listed<StatementReferencePage>, ApiError> {
    let parties = parties(&can);
    list.read(&context, can.call(), move |work, list| ops::list(work, &parties, list)).await
}

/// Get the statement of a convention
///
/// Returns the statement of a convention for a calendar year: the amount due and its computation, the amounts received and
/// remaining, and the complementary services delivered against their quotas. Available as JSON, as a page to print
/// (`Accept: text/html`) or as a workbook. It contains no figures about children. A partner's client can read its own only.
#[utoipa::path(get, path = "/v1/conventions/{id}/statement")]
pub(super) async fn get_convention_statement(
    can: Can<StatementsRead>,
    context: Data<Context>,
    id: Path<Id>,
    of: Query<YearQuery>,
    printing: Printing,
) -> Result<Printed<Statement>, ApiError> {
    let parties = parties(&can);
    printing.read(&context, can.call(), move |work| ops::get(work, &parties, id.0, of.0.year)).await
}
