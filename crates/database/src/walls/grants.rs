//! What the role that serves may do: read and write rows, and nothing that changes a table or a policy.

use std::fmt::Write;

use diesel::sql_types::Text;
use diesel::{OptionalExtension, QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::tables::{APPEND_ONLY, TABLES};
use crate::conn::AnyConn;

/// The table of diesel with the migrations.
const MIGRATIONS: &str = "__diesel_schema_migrations";

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Whether a role exists. The name as SQL writes it.
pub(crate) fn quoted_role(conn: &mut AnyConn, role: &str) -> QueryResult<Option<String>> {
    let AnyConn::Pg(pg) = conn else { return Ok(None) };
    let found: Option<Name> = sql_query("SELECT quote_ident(rolname) AS name FROM pg_roles WHERE rolname = $1")
        .bind::<Text, _>(role)
        .get_result(pg)
        .optional()?;
    Ok(found.map(|found| found.name))
}

/// The roles that earlier migrations gave the grants to: those that insert services, besides the owner.
pub(crate) fn earlier(conn: &mut AnyConn) -> QueryResult<Vec<String>> {
    let AnyConn::Pg(pg) = conn else { return Ok(Vec::new()) };
    let found: Vec<Name> = sql_query(
        "SELECT quote_ident(r.rolname) AS name FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee \
         WHERE c.oid = 'services'::regclass AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner ORDER BY 1",
    )
    .load(pg)?;
    Ok(found.into_iter().map(|found| found.name).collect())
}

/// Gives a role, whose name is quoted, what the program needs to serve, and takes everything else away.
pub(crate) fn give(conn: &mut AnyConn, role: &str) -> QueryResult<()> {
    let mut sql = format!(
        "DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}; REVOKE ALL ON ALL TABLES IN SCHEMA %1$I FROM {role}', \
         current_schema()); END $$; GRANT SELECT ON {MIGRATIONS} TO {role}; "
    );
    for (table, _) in TABLES {
        let _ = match APPEND_ONLY.iter().find(|(append_only, _)| append_only == table) {
            None => write!(sql, "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}; "),
            Some((_, [])) => write!(sql, "GRANT SELECT, INSERT ON {table} TO {role}; "),
            Some((_, later)) => {
                write!(sql, "GRANT SELECT, INSERT, UPDATE ({}) ON {table} TO {role}; ", later.join(", "))
            }
        };
    }
    // Several statements of one message are one transaction: at no time does the role lack its grants.
    conn.batch(&sql)
}
