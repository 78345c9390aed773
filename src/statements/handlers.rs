//! The operations of statements.

use actix_web::web::Data;

use super::dto::{Statement, StatementFilter, StatementReferencePage};
use super::ops;
use super::store::Parties;
use crate::auth::grants::StatementsRead;
use crate::conventions::funding::dto::OfYear;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::page::{List, Listed};
use crate::http::printable::Printed;
use crate::http::{Path, Query};

/// What a caller may see: a partner's client is kept to its own territory.
fn parties(can: &Can<StatementsRead>) -> Parties {
    Parties { services: can.scope.clone(), own: can.principal.partner.clone() }
}

/// List the statements
///
/// The years of which signed conventions have a statement, the latest first. A partner's client finds its own here, and
/// nothing else.
#[utoipa::path(get, path = "/v1/statements")]
pub(super) async fn list_statements(
    can: Can<StatementsRead>,
    context: Data<Context>,
    list: List<StatementFilter>,
) -> Result<Listed<StatementReferencePage>, ApiError> {
    let parties = parties(&can);
    context.read(can.call(), move |work| ops::list(work, &parties, &list)).await.map(Listed)
}

/// Get the statement of a convention
///
/// Of a calendar year: what is due and how it was computed, what was received, what remains, and what was delivered of each
/// complementary service beside its quota. As data, as a page to print (`Accept: text/html`) or as a workbook. No figure about
/// children is in it. A partner's client reads its own.
#[utoipa::path(get, path = "/v1/conventions/{id}/statement")]
pub(super) async fn get_convention_statement(
    can: Can<StatementsRead>,
    context: Data<Context>,
    id: Path<Id>,
    of: Query<OfYear>,
) -> Result<Printed<Statement>, ApiError> {
    let parties = parties(&can);
    context.read(can.call(), move |work| ops::get(work, &parties, id.0, of.0.year)).await.map(Printed)
}
