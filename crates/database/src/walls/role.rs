//! The role of a connection: whether it owns the tables, and whether the policies hold for it.

use diesel::sql_types::{Bool, Text};
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::tables::{Rows, TABLES};
use crate::conn::AnyConn;

/// The role of a connection to PostgreSQL.
#[derive(Debug, QueryableByName)]
pub(crate) struct Role {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    /// Whether the database has the tables of the program.
    #[diesel(sql_type = Bool)]
    pub(crate) has_tables: bool,
    /// Whether it may change the tables: it owns them, or there are none and it may create them.
    #[diesel(sql_type = Bool)]
    pub(crate) may_migrate: bool,
    /// Whether nobody else can read the connection: it is encrypted, or does not leave the machine.
    #[diesel(sql_type = Bool)]
    pub(crate) is_private: bool,
}

#[derive(QueryableByName)]
struct Names {
    #[diesel(sql_type = Text)]
    names: String,
}

impl Role {
    /// The role of a connection; none on SQLite.
    pub(crate) fn of(conn: &mut AnyConn) -> QueryResult<Option<Self>> {
        let AnyConn::Pg(pg) = conn else { return Ok(None) };
        sql_query(
            "SELECT current_user::text AS name, t.oid IS NOT NULL AS has_tables, \
             CASE WHEN t.oid IS NULL THEN has_schema_privilege(current_schema(), 'CREATE') \
             ELSE pg_has_role(c.relowner, 'USAGE') END AS may_migrate, \
             inet_client_addr() IS NULL OR inet_client_addr() <<= '127.0.0.0/8' OR inet_client_addr() = '::1' \
             OR coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), FALSE) AS is_private \
             FROM (SELECT to_regclass('__diesel_schema_migrations') AS oid) t LEFT JOIN pg_class c ON c.oid = t.oid",
        )
        .get_result(pg)
        .map(Some)
    }
}

/// The tables whose policies do not hold for the role of a connection: it is a superuser, has BYPASSRLS, or owns tables
/// whose policies are not forced. None on SQLite.
pub(crate) fn unwalled(conn: &mut AnyConn) -> QueryResult<Option<String>> {
    let AnyConn::Pg(pg) = conn else { return Ok(None) };
    let walled = TABLES.iter().filter(|(_, rows)| *rows != Rows::Deployment);
    let values: Vec<String> = walled.map(|(table, _)| format!("('{table}')")).collect();
    let found: Names = sql_query(format!(
        "SELECT coalesce(string_agg(name, ', ' ORDER BY name), '') AS names \
         FROM (VALUES {}) AS walled (name) WHERE NOT row_security_active(name)",
        values.join(", ")
    ))
    .get_result(pg)?;
    Ok(Some(found.names).filter(|names| !names.is_empty()))
}
