//! The SQL of records, of the publication state of years, and of the sources counted in years without links.

pub(super) mod replaced;
pub(super) mod sources;

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::{PopulationCode, StoredUnit};
use crate::db::schema::{statistics_counted, statistics_records, statistics_years};
use crate::db::{AnyConn, Id, IsAmong, UtcTs};

/// The largest number of rows in one statement.
const AT_ONCE: usize = 500;

/// A row of `statistics_records`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = statistics_records, treat_none_as_default_value = false)]
pub(super) struct RecordRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) population: PopulationCode,
    pub(super) year: i32,
    pub(super) quarters: i32,
    pub(super) number: i32,
    pub(super) dimensions: String,
    pub(super) household: Option<String>,
    pub(super) referrer: Option<String>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) found: i32,
    pub(super) accounted: i32,
    pub(super) frozen_through: i32,
    pub(super) generation: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

impl RecordRow {
    /// The unit of the row. The database refuses numbers out of range. A text that is not a JSON object gives no
    /// values.
    pub(super) fn unit(&self) -> StoredUnit {
        let set = |number: i32| u8::try_from(number).unwrap_or_default();
        let values: BTreeMap<String, String> = serde_json::from_str(&self.dimensions).unwrap_or_default();
        StoredUnit {
            quarters: set(self.quarters),
            number: u32::try_from(self.number).unwrap_or_default(),
            values,
            household: self.household.clone(),
            referrer: self.referrer.clone(),
            found: set(self.found),
            accounted: set(self.accounted),
            frozen_through: set(self.frozen_through),
            generation: self.generation,
        }
    }

    /// The row with the content of another unit.
    pub(super) fn with(self, record: &StoredUnit) -> Self {
        Self {
            quarters: record.quarters.into(),
            number: i32::try_from(record.number).unwrap_or(i32::MAX),
            dimensions: serde_json::json!(record.values).to_string(),
            household: record.household.clone(),
            referrer: record.referrer.clone(),
            found: record.found.into(),
            accounted: record.accounted.into(),
            frozen_through: record.frozen_through.into(),
            generation: record.generation,
            ..self
        }
    }
}

/// The records of a service in a year.
pub(super) fn of_year(conn: &mut AnyConn, service: Id, year: i32) -> QueryResult<Vec<RecordRow>> {
    statistics_records::table
        .filter(statistics_records::service_id.eq(service).and(statistics_records::year.eq(year)))
        .order(statistics_records::id)
        .select(RecordRow::as_select())
        .load(conn)
}

/// Deletes rows and inserts others, in the order of their random identifiers, so that the storage order reveals nothing
/// about their sources.
pub(super) fn replace(conn: &mut AnyConn, gone: &[Id], mut rows: Vec<RecordRow>) -> QueryResult<()> {
    for some in gone.chunks(AT_ONCE) {
        diesel::delete(statistics_records::table.filter(statistics_records::id.among(some))).execute(conn)?;
    }
    rows.sort_by_key(|row| row.id);
    for some in rows.chunks(AT_ONCE) {
        match conn {
            AnyConn::Pg(pg) => diesel::insert_into(statistics_records::table).values(some).execute(pg).map(drop)?,
            // For several rows, diesel would start a transaction inside ours.
            AnyConn::Sqlite(sqlite) => some.iter().try_for_each(|row| {
                diesel::insert_into(statistics_records::table).values(row).execute(sqlite).map(drop)
            })?,
        }
    }
    Ok(())
}

/// A row of `statistics_years`: the publication state of a year of a service.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = statistics_years)]
pub(super) struct YearRow {
    pub(super) service_id: Id,
    pub(super) year: i32,
    pub(super) published_through: i32,
    pub(super) cut_off: UtcTs,
    pub(super) generation: i32,
    pub(super) unlinked: bool,
    pub(super) replaced_through: i32,
}

/// The state of a year of a service; `None` if it was never cut.
pub(super) fn year(conn: &mut AnyConn, service: Id, year: i32) -> QueryResult<Option<YearRow>> {
    statistics_years::table
        .filter(statistics_years::service_id.eq(service).and(statistics_years::year.eq(year)))
        .select(YearRow::as_select())
        .get_result(conn)
        .optional()
}

/// The years of a service that were ever cut.
pub(super) fn years(conn: &mut AnyConn, service: Id) -> QueryResult<Vec<i32>> {
    statistics_years::table
        .filter(statistics_years::service_id.eq(service))
        .order(statistics_years::year)
        .select(statistics_years::year)
        .load(conn)
}

/// Stores a year of a service.
pub(super) fn put_year(conn: &mut AnyConn, row: &YearRow) -> QueryResult<()> {
    let own = statistics_years::service_id.eq(row.service_id).and(statistics_years::year.eq(row.year));
    if diesel::update(statistics_years::table.filter(own)).set(row).execute(conn)? == 0 {
        diesel::insert_into(statistics_years::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// The links of sources that were counted in a year, of records that no longer have a link.
pub(super) fn counted(conn: &mut AnyConn, service: Id, year: i32) -> QueryResult<Vec<Vec<u8>>> {
    statistics_counted::table
        .filter(statistics_counted::service_id.eq(service).and(statistics_counted::year.eq(year)))
        .select(statistics_counted::link)
        .load(conn)
}

/// Moves the links of the records of a year, all or the given ones, to the counted sources, in an order that reveals
/// nothing. The link of an unpublished record is only deleted.
pub(super) fn unlink(conn: &mut AnyConn, service: Id, year: i32, links: Option<&[Vec<u8>]>) -> QueryResult<()> {
    let mut own: Vec<(Id, Vec<u8>, i32)> = statistics_records::table
        .filter(statistics_records::service_id.eq(service).and(statistics_records::year.eq(year)))
        .filter(statistics_records::link.is_not_null())
        .select((
            statistics_records::id,
            statistics_records::link.assume_not_null(),
            statistics_records::frozen_through,
        ))
        .load(conn)?;
    own.retain(|(_, link, _)| links.is_none_or(|links| links.contains(link)));
    let mut published: Vec<&Vec<u8>> =
        own.iter().filter(|(_, _, through)| *through > 0).map(|(_, link, _)| link).collect();
    published.sort_unstable();
    for link in published {
        diesel::insert_into(statistics_counted::table)
            .values((
                statistics_counted::service_id.eq(service),
                statistics_counted::year.eq(year),
                statistics_counted::link.eq(link),
            ))
            .execute(conn)?;
    }
    let ids: Vec<Id> = own.iter().map(|(id, _, _)| *id).collect();
    for some in ids.chunks(AT_ONCE) {
        diesel::update(statistics_records::table.filter(statistics_records::id.among(some)))
            .set(statistics_records::link.eq(None::<Vec<u8>>))
            .execute(conn)?;
    }
    Ok(())
}
