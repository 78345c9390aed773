//! The SQL of referents.

pub mod standing;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::filter::{ReferentFilter, ReferentSort};
use super::model::{AttendanceKind, Attended, ReferentFacts, Standing};
use crate::auth::ServiceScope;
use crate::data_keys::{DataKeyRow, WrappedKey};
use crate::db::schema::{data_keys, organisations, referent_attendances, referents};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, insert_together, ordered_page, row_writes, sorted_page, together};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::{OrganisationKind, ReferentDepartureReason};
use crate::territories::CommuneCode;
use crate::wrapped_keys;

/// A row of `referents`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = referents, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReferentRow {
    /// Identifier.
    pub id: Id,
    /// The service that runs the network.
    pub service_id: Id,
    /// The structure of the referent.
    pub organisation_id: Id,
    /// Name, contact details and role, sealed under the referent's own key.
    pub identity: Vec<u8>,
    /// First day in the network.
    pub appointed_on: NaiveDate,
    /// Last day in the network.
    pub left_on: Option<NaiveDate>,
    /// Reason of the departure.
    pub departure_reason: Option<ReferentDepartureReason>,
    /// Version of the charter that was signed.
    pub charter_version: Option<String>,
    /// Date of the referent's signature.
    pub signed_by_referent_on: Option<NaiveDate>,
    /// Date of the structure's signature.
    pub signed_by_structure_on: Option<NaiveDate>,
    /// Date of the service's signature.
    pub signed_by_service_on: Option<NaiveDate>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When the referent or one of their attendances last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(ReferentRow);

impl ReferentRow {
    /// What the standing is computed from: the row and its attendances.
    pub fn facts(&self, attended: Vec<Attended>) -> ReferentFacts {
        ReferentFacts {
            left_on: self.left_on,
            signed_by_referent_on: self.signed_by_referent_on,
            signed_by_structure_on: self.signed_by_structure_on,
            signed_by_service_on: self.signed_by_service_on,
            attended,
        }
    }
}

/// The part of a structure that a referent contains.
#[derive(Clone, Debug, Queryable)]
pub(super) struct StructureRow {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) kind: OrganisationKind,
    pub(super) commune_code: CommuneCode,
}

pub(super) type Boxed<'a> = referents::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

pub(super) fn visible(scope: &ServiceScope) -> Boxed<'_> {
    referents::table.filter(referents::service_id.among(scope.ids())).into_boxed()
}

row_writes!(referents: ReferentRow => pub(super) update, pub(super) delete);

/// Records a referent with its data key.
pub(super) fn insert(conn: &mut AnyConn, key: &DataKeyRow, row: &ReferentRow) -> QueryResult<()> {
    insert_together!(conn, data_keys => std::slice::from_ref(key), referents => std::slice::from_ref(row))
}

/// A referent in scope.
pub fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ReferentRow> {
    visible(scope).filter(referents::id.eq(id)).select(ReferentRow::as_select()).get_result(conn)
}

/// The update that gives a referent a new version, if no concurrent change came first.
macro_rules! next_version {
    ($row:expr, $now:expr) => {{
        use $crate::db::schema::referents;
        let unchanged = referents::id.eq($row.id).and(referents::version.eq($row.version));
        let next = (referents::version.eq($row.version + 1), referents::updated_at.eq($now));
        diesel::update(referents::table.filter(unchanged)).set(next)
    }};
}

pub(in crate::referents) use next_version;

/// Gives a referent a new version after a change of its attendances. Returns false if a concurrent change came first.
pub(in crate::referents) fn touch(conn: &mut AnyConn, row: &ReferentRow, now: UtcTs) -> QueryResult<bool> {
    Ok(next_version!(row, now).execute(conn)? == 1)
}

/// The attendances of several referents.
pub fn attended(conn: &mut AnyConn, referents: &[Id]) -> QueryResult<HashMap<Id, Vec<Attended>>> {
    let rows: Vec<(Id, AttendanceKind, NaiveDate)> = referent_attendances::table
        .filter(referent_attendances::referent_id.among(referents))
        .select((referent_attendances::referent_id, referent_attendances::kind, referent_attendances::held_on))
        .load(conn)?;
    Ok(by_referent(rows))
}

/// The attendances of a referent, and the commune of their structure.
pub(in crate::referents) fn attended_in(
    conn: &mut AnyConn,
    row: &ReferentRow,
) -> QueryResult<(Vec<Attended>, Option<CommuneCode>)> {
    let (attended, communes) = together!(
        conn,
        referent_attendances::table
            .filter(referent_attendances::referent_id.eq(row.id))
            .select((referent_attendances::kind, referent_attendances::held_on))
            => (AttendanceKind, NaiveDate),
        organisations::table
            .filter(organisations::id.eq(row.organisation_id).and(organisations::service_id.eq(row.service_id)))
            .select(organisations::commune_code)
            => CommuneCode,
    )?;
    Ok((attended, communes.into_iter().next()))
}

fn by_referent(rows: Vec<(Id, AttendanceKind, NaiveDate)>) -> HashMap<Id, Vec<Attended>> {
    let mut attended: HashMap<Id, Vec<Attended>> = HashMap::new();
    for (referent, kind, held_on) in rows {
        attended.entry(referent).or_default().push((kind, held_on));
    }
    attended
}

/// Structures by identifier.
pub(super) fn structures(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, StructureRow>> {
    let rows: Vec<StructureRow> = organisations::table
        .filter(organisations::id.among(ids))
        .select((organisations::id, organisations::name, organisations::kind, organisations::commune_code))
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What several referents have in other tables.
pub(super) struct Related {
    /// The structures, by identifier.
    pub(super) structures: HashMap<Id, StructureRow>,
    /// The attendances, by referent.
    pub(super) attended: HashMap<Id, Vec<Attended>>,
    /// The data keys.
    pub(super) keys: Vec<WrappedKey>,
}

/// What several referents have in other tables.
pub(super) fn related(conn: &mut AnyConn, rows: &[ReferentRow]) -> QueryResult<Related> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let structures: Vec<Id> = rows.iter().map(|row| row.organisation_id).collect();
    let (structures, attendances, keys) = together!(
        conn,
        organisations::table
            .filter(organisations::id.among(&structures))
            .select((organisations::id, organisations::name, organisations::kind, organisations::commune_code))
            => StructureRow,
        referent_attendances::table
            .filter(referent_attendances::referent_id.among(&ids))
            .select((referent_attendances::referent_id, referent_attendances::kind, referent_attendances::held_on))
            => (Id, AttendanceKind, NaiveDate),
        wrapped_keys!().filter(data_keys::holder_id.among(&ids)) => WrappedKey,
    )?;
    let structures = structures.into_iter().map(|row| (row.id, row)).collect();
    Ok(Related { structures, attended: by_referent(attendances), keys })
}

/// The referents in scope that match the filter. `days` gives today's date in each service, for a filter on standings.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a ReferentFilter, days: &[(Id, NaiveDate)]) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(organisation) = filter.organisation_id {
        query = query.filter(referents::organisation_id.eq(organisation));
    }
    if let Some(commune) = &filter.commune_code {
        let there = organisations::table.filter(organisations::commune_code.eq(commune)).select(organisations::id);
        query = query.filter(referents::organisation_id.eq_any(there));
    }
    if let Some(standings) = &filter.standing {
        query = query.filter(standing::among(days, standings));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(referents::updated_at.ge(since));
    }
    query
}

/// A page of the referents in scope, by default most recently appointed first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ReferentFilter,
    days: &[(Id, NaiveDate)],
    page: &PageRequest,
) -> QueryResult<(Vec<ReferentRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ReferentSort::AppointedOnDesc);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter, days), referents as ReferentRow, sort: ReferentSort {
        AppointedOn | AppointedOnDesc => appointed_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// A page of the referents of a service with something left to do on a day, least recently appointed first.
pub(super) fn in_need(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    on: NaiveDate,
    page: &PageRequest,
) -> QueryResult<(Vec<ReferentRow>, PageInfo)> {
    let in_need = || visible(scope).filter(standing::in_need(on));
    Ok(ordered_page!(conn, page, in_need(), referents as ReferentRow, asc appointed_on as NaiveDate))
}

/// The standings of certified referents.
pub(super) const CERTIFIED: &[Standing] = &[Standing::Certified, Standing::InOrder];
