//! The SQL of replaced records.

use diesel::prelude::*;

use super::super::model::{PopulationCode, StoredUnit};
use super::AT_ONCE;
use crate::db::schema::statistics_replaced_records;
use crate::db::{AnyConn, Id};

/// A row of `statistics_replaced_records`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = statistics_replaced_records, treat_none_as_default_value = false)]
pub(in crate::statistics::records) struct ReplacedRow {
    pub(in crate::statistics::records) id: Id,
    pub(in crate::statistics::records) service_id: Id,
    pub(in crate::statistics::records) population: PopulationCode,
    pub(in crate::statistics::records) year: i32,
    pub(in crate::statistics::records) quarters: i32,
    pub(in crate::statistics::records) number: i32,
    pub(in crate::statistics::records) dimensions: String,
    pub(in crate::statistics::records) household: Option<String>,
    pub(in crate::statistics::records) referrer: Option<String>,
}

impl ReplacedRow {
    /// The unit as the releases made from it counted it.
    pub(in crate::statistics::records) fn unit(&self) -> StoredUnit {
        let quarters = u8::try_from(self.quarters).unwrap_or_default();
        StoredUnit {
            quarters,
            number: u32::try_from(self.number).unwrap_or_default(),
            values: serde_json::from_str(&self.dimensions).unwrap_or_default(),
            household: self.household.clone(),
            referrer: self.referrer.clone(),
            found: quarters,
            accounted: quarters,
            frozen_through: 4,
            generation: 1,
        }
    }
}

/// The replaced records of a service in a year.
pub(in crate::statistics::records) fn of_year(
    conn: &mut AnyConn,
    service: Id,
    year: i32,
) -> QueryResult<Vec<ReplacedRow>> {
    use statistics_replaced_records as replaced;
    replaced::table
        .filter(replaced::service_id.eq(service).and(replaced::year.eq(year)))
        .order(replaced::id)
        .select(ReplacedRow::as_select())
        .load(conn)
}

/// Inserts rows in the order of their random identifiers, so that the storage order reveals nothing.
pub(in crate::statistics::records) fn insert(conn: &mut AnyConn, mut rows: Vec<ReplacedRow>) -> QueryResult<()> {
    use statistics_replaced_records as replaced;
    rows.sort_by_key(|row| row.id);
    for some in rows.chunks(AT_ONCE) {
        match conn {
            AnyConn::Pg(pg) => diesel::insert_into(replaced::table).values(some).execute(pg).map(drop)?,
            // For several rows, diesel would start a transaction inside ours.
            AnyConn::Sqlite(sqlite) => some
                .iter()
                .try_for_each(|row| diesel::insert_into(replaced::table).values(row).execute(sqlite).map(drop))?,
        }
    }
    Ok(())
}
