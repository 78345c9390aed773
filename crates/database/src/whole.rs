//! Whole rows of any table as JSON: to keep what is deleted, and to put it back.
//!
//! The columns are those that the table has when the rows are read. A column that a later migration adds gets its default when
//! they are put back. The form of a value is that of the engine: rows are put back into the database that they came from.

use diesel::sql_types::{Binary, Nullable, Text};
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};
use serde_json::{Map, Value};

use super::conn::AnyConn;
use crate::each;

/// A row: the columns that are not null, by name.
pub type WholeRow = Map<String, Value>;

#[derive(QueryableByName)]
struct Json {
    #[diesel(sql_type = Text)]
    json: String,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    declared: String,
}

/// The type that migrations give to columns of bytes.
const BYTES: &str = "BYTEA";

/// Reads the rows of a table for which a condition holds. The table and the condition are text of the program.
pub fn take(conn: &mut AnyConn, table: &str, condition: &str) -> QueryResult<Vec<WholeRow>> {
    let row = match conn {
        AnyConn::Pg(_) => format!("row_to_json({table})::text"),
        AnyConn::Sqlite(_) => {
            let pairs: Vec<String> = columns(conn, table)?
                .into_iter()
                .map(|Column { name, declared }| match declared.as_str() {
                    // SQLite has no JSON of bytes.
                    BYTES => format!("'{name}', CASE WHEN \"{name}\" IS NOT NULL THEN hex(\"{name}\") END"),
                    _ => format!("'{name}', \"{name}\""),
                })
                .collect();
            format!("json_object({})", pairs.join(", "))
        }
    };
    let statement = format!("SELECT {row} AS json FROM {table} WHERE {condition}");
    let rows: Vec<Json> = each!(conn, c => sql_query(statement).load(c))?;
    rows.into_iter().map(|row| parsed(&row.json)).collect()
}

fn parsed(json: &str) -> QueryResult<WholeRow> {
    let row: WholeRow =
        serde_json::from_str(json).map_err(|error| diesel::result::Error::DeserializationError(error.into()))?;
    Ok(row.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

fn columns(conn: &mut AnyConn, table: &str) -> QueryResult<Vec<Column>> {
    let statement = format!("SELECT name, type AS declared FROM pragma_table_info('{table}')");
    each!(conn, c => sql_query(statement).load(c))
}

/// Puts rows back that [`take`] has read.
pub fn put_back(conn: &mut AnyConn, table: &str, rows: &[WholeRow]) -> QueryResult<()> {
    let declared = if matches!(conn, AnyConn::Sqlite(_)) { columns(conn, table)? } else { Vec::new() };
    for row in rows {
        let names: Vec<String> = row.keys().map(|name| format!("\"{name}\"")).collect();
        let names = names.join(", ");
        let json = Value::Object(row.clone()).to_string();
        match conn {
            AnyConn::Pg(pg) => {
                let source = format!("json_populate_record(NULL::{table}, $1::json)");
                let statement = format!("INSERT INTO {table} ({names}) SELECT {names} FROM {source}");
                sql_query(statement).bind::<Text, _>(json).execute(pg)?;
            }
            AnyConn::Sqlite(sqlite) => {
                let value = |name: &String| {
                    let is_bytes = declared.iter().any(|column| column.name == *name && column.declared == BYTES);
                    let value = format!("json_extract(given.json, '$.\"{name}\"')");
                    if is_bytes { format!("unhex({value})") } else { value }
                };
                let values: Vec<String> = row.keys().map(value).collect();
                let statement = format!(
                    "INSERT INTO {table} ({names}) SELECT {} FROM (SELECT ? AS json) AS given",
                    values.join(", ")
                );
                sql_query(statement).bind::<Text, _>(json).execute(sqlite)?;
            }
        }
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = Nullable<Binary>)]
    bytes: Option<Vec<u8>>,
}

/// A column of bytes of the row of a table with an identifier; none if it is null, or if there is no such row. The table and
/// the column are text of the program.
pub fn bytes_of(conn: &mut AnyConn, table: &str, column: &str, id: &str) -> QueryResult<Option<Vec<u8>>> {
    let found: Vec<Bytes> = match conn {
        AnyConn::Pg(pg) => {
            sql_query(format!("SELECT {column} AS bytes FROM {table} WHERE id = $1")).bind::<Text, _>(id).load(pg)?
        }
        AnyConn::Sqlite(sqlite) => {
            sql_query(format!("SELECT {column} AS bytes FROM {table} WHERE id = ?")).bind::<Text, _>(id).load(sqlite)?
        }
    };
    Ok(found.into_iter().find_map(|row| row.bytes))
}

/// Sets a column that [`bytes_of`] reads.
pub fn set_bytes(conn: &mut AnyConn, table: &str, column: &str, id: &str, bytes: Option<&[u8]>) -> QueryResult<()> {
    let changed = match conn {
        AnyConn::Pg(pg) => sql_query(format!("UPDATE {table} SET {column} = $1 WHERE id = $2"))
            .bind::<Nullable<Binary>, _>(bytes)
            .bind::<Text, _>(id)
            .execute(pg),
        AnyConn::Sqlite(sqlite) => sql_query(format!("UPDATE {table} SET {column} = ? WHERE id = ?"))
            .bind::<Nullable<Binary>, _>(bytes)
            .bind::<Text, _>(id)
            .execute(sqlite),
    };
    changed.map(drop)
}

/// A column of bytes of a row, as the engine writes it in a statement.
pub fn bytes_literal(conn: &AnyConn, row: &WholeRow, column: &str) -> String {
    let text = row.get(column).and_then(Value::as_str).unwrap_or_default();
    match conn {
        AnyConn::Pg(_) => format!("'{text}'::bytea"),
        AnyConn::Sqlite(_) => format!("x'{text}'"),
    }
}

/// Runs several statements without parameters, in one round trip. The text is that of the program and holds identifiers and
/// instants only.
pub fn run_all(conn: &mut AnyConn, statements: &[String]) -> QueryResult<()> {
    if statements.is_empty() { Ok(()) } else { conn.batch(&statements.join("; ")) }
}

/// Loads the rows of a statement whose text differs from call to call.
pub fn load_text<R>(conn: &mut AnyConn, statement: String) -> QueryResult<Vec<R>>
where
    R: QueryableByName<diesel::pg::Pg> + QueryableByName<diesel::sqlite::Sqlite> + 'static,
{
    each!(conn, c => sql_query(statement).load(c))
}
