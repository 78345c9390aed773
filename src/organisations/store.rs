//! The SQL of organisations.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::organisations;
use crate::db::{AnyConn, Id, UtcTs};
use crate::nomenclatures::codes::OrganisationKind;
use crate::territories::CommuneCode;

/// A row of `organisations`.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = organisations)]
pub struct OrganisationRow {
    /// Identifier.
    pub id: Id,
    /// Whose directory it is in.
    pub service_id: Id,
    /// What it is.
    pub kind: OrganisationKind,
    /// Name, as people know it.
    pub name: String,
    /// The name folded: search and sort.
    pub name_key: String,
    /// Where it is.
    pub commune_code: CommuneCode,
    /// SIRET, when it has one.
    pub siret: Option<String>,
    /// FINESS number, when it has one.
    pub finess: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

/// The organisation of this identifier in the directory of one service.
pub fn find(conn: &mut AnyConn, service: Id, id: Id) -> QueryResult<Option<OrganisationRow>> {
    organisations::table
        .filter(organisations::id.eq(id).and(organisations::service_id.eq(service)))
        .select(OrganisationRow::as_select())
        .first(conn)
        .optional()
}

/// The names of several organisations, for answers that show them; those outside the scope are left out.
pub fn names(conn: &mut AnyConn, scope: &ServiceScope, ids: &[Id]) -> QueryResult<HashMap<Id, String>> {
    let rows: Vec<(Id, String)> = organisations::table
        .filter(organisations::id.eq_any(ids).and(organisations::service_id.eq_any(scope.ids())))
        .select((organisations::id, organisations::name))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
