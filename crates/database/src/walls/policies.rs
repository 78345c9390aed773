//! Row-level security of PostgreSQL, from what each table is and what each scope sees.
//!
//! Every table with rows of services has one policy, which compares the service of a row with the scope of the connection.
//! A part of an object has the visibility of the object. A new part is checked by a trigger at the end of its statement,
//! because the object may be inserted by the same statement.
//!
//! The scope is read by sub-queries without a reference to the row: PostgreSQL runs each once per statement, not per row.

use std::collections::BTreeMap;
use std::fmt::Write;

use diesel::sql_types::{Bool, Text};
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::tables::{Rows, TABLES};
use crate::conn::AnyConn;
use crate::each;
use crate::scope::{PARTNER, PARTNER_READS, PERSON, SANDBOX, SETTING, SystemScope};

/// The chain of the journal that belongs to no service.
const DEPLOYMENT_CHAIN: &str = "deployment";

/// The beginning of the names of our policies. The rest is a digest of the rule, so that a changed rule has another name.
const PREFIX: &str = "passerelle_";

/// Rows that every caller reads, of one service: the figures of the sandbox are invented.
const PUBLIC: &[(&str, &str)] = &[("statistics_releases", SANDBOX)];

/// The kinds of notices that wait for a second person. A test compares them with those of the program.
pub const NOTICES_THAT_WAIT: [&str; 2] = ["role_requested", "client_requested"];

/// What a table must have.
struct Wall {
    table: &'static str,
    /// Its policies: the name, and the rest of `CREATE POLICY`.
    policies: Vec<(String, String)>,
    /// What must run before the policies: the trigger of a part.
    trigger: String,
}

#[derive(QueryableByName)]
struct Present {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    policy: String,
    #[diesel(sql_type = Bool)]
    forced: bool,
}

/// Gives each table its policies. Tables that have them are not touched: a change would wait for every transaction.
pub(crate) fn apply(conn: &mut AnyConn) -> QueryResult<()> {
    let present: Vec<Present> = each!(&mut *conn, c => sql_query(
        "SELECT c.relname::text AS table_name, coalesce(p.polname::text, '') AS policy, \
         c.relrowsecurity AND c.relforcerowsecurity AS forced \
         FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid \
         WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
    ).load(c))?;
    let mut tables: BTreeMap<&str, (bool, Vec<&str>)> = BTreeMap::new();
    for row in &present {
        let (forced, policies) = tables.entry(&row.table_name).or_default();
        *forced = row.forced;
        policies.extend(Some(row.policy.as_str()).filter(|policy| policy.starts_with(PREFIX)));
    }
    let mut sql = String::new();
    for wall in walls() {
        let (forced, mut policies) = tables.remove(wall.table).unwrap_or_default();
        let mut wanted: Vec<&str> = wall.policies.iter().map(|(name, _)| name.as_str()).collect();
        policies.sort_unstable();
        wanted.sort_unstable();
        if !forced || policies != wanted {
            write_wall(&mut sql, &wall, &policies);
        }
    }
    if sql.is_empty() {
        return Ok(());
    }
    // Several statements of one message are one transaction.
    conn.batch(&sql)
}

fn write_wall(sql: &mut String, wall: &Wall, present: &[&str]) {
    let table = wall.table;
    let _ = write!(
        sql,
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY; {}",
        wall.trigger
    );
    for policy in present {
        let _ = write!(sql, "DROP POLICY {policy} ON {table}; ");
    }
    for (name, rest) in &wall.policies {
        let _ = write!(sql, "CREATE POLICY {name} ON {table} {rest}; ");
    }
}

fn walls() -> impl Iterator<Item = Wall> {
    TABLES.iter().filter_map(|(table, rows)| match rows {
        Rows::Deployment => None,
        Rows::Service(column) => Some(of_service(table, column)),
        Rows::Account(column) => Some(of_accounts(table, column)),
        Rows::PartOf(whole, column) => Some(of_part(table, whole, column)),
        Rows::Journal => Some(of_journal(table)),
        Rows::Told(person, service) => Some(of_told(table, person, service)),
    })
}

fn scope() -> String {
    format!("current_setting('{SETTING}', true)")
}

/// Whether a column is one of the services of the scope.
fn in_services(column: &str) -> String {
    format!("{column} = ANY ((SELECT string_to_array({}, ','))::text[])", scope())
}

/// Whether a column is one of the services of a partner.
fn in_services_of_partner(column: &str) -> String {
    let scope = scope();
    format!(
        "{column} = ANY ((SELECT CASE WHEN {scope} LIKE '{PARTNER};%' THEN string_to_array({scope}, ';') END)::text[])"
    )
}

/// Whether the scope is one of these.
fn is_one_of(scopes: &[SystemScope]) -> String {
    let names: Vec<String> = scopes.iter().map(|scope| format!("'{scope}'")).collect();
    format!("(SELECT split_part({}, ',', 1) IN ({}))", scope(), names.join(", "))
}

/// Whether the scope is that of a caller's services.
fn is_of_services() -> String {
    let scope = scope();
    format!("(SELECT {scope} <> '' AND {scope} NOT LIKE '@%')")
}

fn that(sees: impl Fn(SystemScope) -> bool) -> Vec<SystemScope> {
    SystemScope::ALL.into_iter().filter(|scope| sees(*scope)).collect()
}

fn of_service(table: &'static str, column: &str) -> Wall {
    let (readers, writers) = (that(|scope| scope.reads().contain(table)), that(|scope| scope.writes().contain(table)));
    let own = in_services(column);
    let mut rule = format!("{own} OR {}", is_one_of(&readers));
    if let Some((_, service)) = PUBLIC.iter().find(|(public, _)| *public == table) {
        let _ = write!(rule, " OR {column} = '{service}'");
    }
    let is_shared = PARTNER_READS.contains(&table);
    if is_shared {
        let _ = write!(rule, " OR {}", in_services_of_partner(column));
    }
    let mut policies = vec![policy(format!("USING ({rule})"))];
    if is_shared || readers != writers {
        policies.extend(writing(&format!("{own} OR {}", is_one_of(&writers))));
    }
    Wall { table, policies, trigger: String::new() }
}

fn of_accounts(table: &'static str, column: &str) -> Wall {
    let (readers, writers) = (that(|scope| scope.reads().contain(table)), that(|scope| scope.writes().contain(table)));
    let mut policies = vec![policy(format!("USING ({} OR {})", is_of_services(), is_one_of(&readers)))];
    policies.extend(writing(&format!("{} OR {}", in_services(column), is_one_of(&writers))));
    Wall { table, policies, trigger: String::new() }
}

fn of_part(table: &'static str, whole: &str, column: &str) -> Wall {
    let readers = that(|scope| scope.reads().contain(whole));
    let writers = that(|scope| scope.writes().contain(table) || scope.writes().contain(whole));
    let seen = format!("EXISTS (SELECT FROM {whole} WHERE {whole}.id = {table}.{column})");
    let mut policies = vec![policy(format!("USING ({seen}) WITH CHECK (TRUE)"))];
    if PARTNER_READS.contains(&whole) || readers != writers {
        policies.extend(writing(&format!("{} OR {}", is_of_services(), is_one_of(&writers))));
    }
    let trigger = format!(
        "CREATE OR REPLACE FUNCTION {PREFIX}{table}_in_scope() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF EXISTS (SELECT FROM added WHERE NOT EXISTS (SELECT FROM {whole} WHERE {whole}.id = added.{column})) THEN \
         RAISE EXCEPTION 'a new row of {table} is outside the scope' USING ERRCODE = 'insufficient_privilege'; END IF; \
         RETURN NULL; END $$; \
         CREATE OR REPLACE TRIGGER {table}_in_scope AFTER INSERT ON {table} REFERENCING NEW TABLE AS added \
         FOR EACH STATEMENT EXECUTE FUNCTION {PREFIX}{table}_in_scope(); \
         CREATE OR REPLACE TRIGGER {table}_stay_in_scope AFTER UPDATE ON {table} REFERENCING NEW TABLE AS added \
         FOR EACH STATEMENT EXECUTE FUNCTION {PREFIX}{table}_in_scope(); "
    );
    Wall { table, policies, trigger }
}

/// Everybody adds events, also to the chains of services that the caller has no right in: refusals.
fn of_journal(table: &'static str) -> Wall {
    let (own, chaining) = (in_services("chain"), is_one_of(&[SystemScope::Operator, SystemScope::Journal]));
    let administration = is_one_of(&[SystemScope::Administration]);
    let policies = [
        format!("FOR SELECT USING ({own} OR {chaining} OR (chain = '{DEPLOYMENT_CHAIN}' AND {administration}))"),
        "FOR INSERT WITH CHECK (TRUE)".to_owned(),
        format!("FOR UPDATE USING ({chaining})"),
    ];
    Wall { table, policies: policies.map(policy).into(), trigger: String::new() }
}

/// A person reads what was told to them, also of a service in which they lost their role; a service what was told to it; an
/// administrator what waits for a second person. The background job deletes what is old.
fn of_told(table: &'static str, person: &str, service: &str) -> Wall {
    let own = format!("'{PERSON}' || {person} = ANY ((SELECT string_to_array({}, ','))::text[])", scope());
    let requests: Vec<String> = NOTICES_THAT_WAIT.iter().map(|kind| format!("'{kind}'")).collect();
    let waiting = format!("(kind IN ({}) AND {})", requests.join(", "), is_one_of(&[SystemScope::Administration]));
    let keepers = is_one_of(&[SystemScope::Operator, SystemScope::Jobs]);
    let policies = [
        format!("FOR SELECT USING ({own} OR {} OR {waiting} OR {keepers})", in_services(service)),
        "FOR INSERT WITH CHECK (TRUE)".to_owned(),
        format!("FOR DELETE USING ({keepers})"),
    ];
    Wall { table, policies: policies.map(policy).into(), trigger: String::new() }
}

/// The policies that restrict writing to a rule.
fn writing(rule: &str) -> [(String, String); 3] {
    [
        policy(format!("AS RESTRICTIVE FOR INSERT WITH CHECK ({rule})")),
        policy(format!("AS RESTRICTIVE FOR UPDATE USING ({rule})")),
        policy(format!("AS RESTRICTIVE FOR DELETE USING ({rule})")),
    ]
}

fn policy(rest: String) -> (String, String) {
    // FNV-1a: equal texts have equal names in every version of the program.
    let digest = rest
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (format!("{PREFIX}{digest:016x}"), rest)
}

#[cfg(test)]
mod tests {
    use crate::scope::Tables;
    use crate::walls::policies::*;

    #[test]
    fn a_scope_names_tables_that_have_services() {
        let named = SystemScope::ALL.into_iter().flat_map(|scope| [scope.reads(), scope.writes()]);
        let named = named.chain([Tables::Only(PARTNER_READS)]).filter_map(|tables| match tables {
            Tables::Every => None,
            Tables::Only(tables) => Some(tables),
        });
        for table in named.flatten() {
            let rows = TABLES.iter().find(|(known, _)| known == table).map(|(_, rows)| *rows);
            assert!(matches!(rows, Some(Rows::Service(_) | Rows::Account(_) | Rows::PartOf(..))), "{table}: {rows:?}");
        }
    }

    #[test]
    fn the_names_of_the_policies_of_a_table_differ() {
        for wall in walls() {
            let mut names: Vec<_> = wall.policies.iter().map(|(name, _)| name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), wall.policies.len(), "{}", wall.table);
        }
    }
}
