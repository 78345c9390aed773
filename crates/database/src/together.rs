//! Several statements in one round trip, where the database is on another machine.
//!
//! - [`together!`] loads several queries. On PostgreSQL they are one statement: the queries side by side in a full join
//!   whose condition never holds, so each row of the result is a row of one of them.
//! - [`insert_together!`] inserts rows into several tables, [`write_together!`] runs other writes. On PostgreSQL it is one
//!   statement with a common table expression per write. Foreign keys between the tables hold: PostgreSQL checks them at
//!   the end of the statement. The writes do not see each other: two of them must not concern the same row or key.
//!
//! SQLite runs in the process, where a statement costs no round trip, so it runs them one by one.

use diesel::backend::Backend;
use diesel::connection::Connection;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Nullable;
use diesel::{RunQueryDsl, Selectable};

use super::conn::AnyConn;
use super::prepared::is_kept;

type AnyBackend = <AnyConn as Connection>::Backend;

/// Loads several queries, in one round trip on PostgreSQL. Each query keeps its order:
///
/// ```ignore
/// let (needs, agreements) = together!(conn,
///     referral_needs::table.filter(…).select(columns::<NeedRow>()) => NeedRow,
///     referral_agreements::table.filter(…).select((…)) => (Id, NaiveDate),
/// )?;
/// ```
#[macro_export]
macro_rules! together {
    ($conn:expr, $($query:expr => $row:ty),+ $(,)?) => {{
        let conn: &mut $crate::AnyConn = $conn;
        (|| -> diesel::QueryResult<($(Vec<$row>,)+)> {
            match conn {
                $crate::AnyConn::Pg(_) => {
                    let queries = $crate::Together::new(($($query,)+));
                    let rows: Vec<($(Option<$row>,)+)> = diesel::RunQueryDsl::load(queries, conn)?;
                    Ok($crate::Columns::split(rows))
                }
                $crate::AnyConn::Sqlite(_) => Ok(($(diesel::RunQueryDsl::load::<$row>($query, conn)?,)+)),
            }
        })()
    }};
}

/// The columns of a row, for a query of [`together!`].
pub fn columns<R: Selectable<AnyBackend>>() -> R::SelectExpression {
    R::construct_selection()
}

/// Several queries side by side: see [`together!`].
#[derive(Debug)]
pub struct Together<Q>(Q);

impl<Q> Together<Q> {
    /// Puts queries side by side.
    pub fn new(queries: Q) -> Self {
        Self(queries)
    }
}

impl<Q> QueryId for Together<Q> {
    type QueryId = ();

    // The text of the statement is the cache key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q, Conn> RunQueryDsl<Conn> for Together<Q> {}

/// Rows of which each belongs to one column.
pub trait Columns {
    /// The rows of each column.
    type Split;

    /// Separates the columns.
    fn split(rows: Vec<Self>) -> Self::Split
    where
        Self: Sized;
}

macro_rules! side_by_side {
    ($($query:ident $row:ident $at:tt),+) => {
        impl<$($query: Query),+> Query for Together<($($query,)+)> {
            type SqlType = ($(Nullable<$query::SqlType>,)+);
        }

        impl<DB, $($query),+> QueryFragment<DB> for Together<($($query,)+)>
        where
            DB: Backend,
            $($query: QueryFragment<DB>,)+
        {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                $( out.push_sql(concat!(side_by_side!(@ $at "SELECT " ", "), "part", $at, ".*")); )+
                $(
                    out.push_sql(side_by_side!(@ $at " FROM (" " FULL JOIN ("));
                    self.0.$at.walk_ast(out.reborrow())?;
                    out.push_sql(concat!(") AS part", $at, side_by_side!(@ $at "" " ON FALSE")));
                )+
                Ok(())
            }
        }

        impl<$($row),+> Columns for ($(Option<$row>,)+) {
            type Split = ($(Vec<$row>,)+);

            fn split(rows: Vec<Self>) -> Self::Split {
                let mut split: Self::Split = ($(Vec::<$row>::new(),)+);
                for row in rows {
                    $( split.$at.extend(row.$at); )+
                }
                split
            }
        }
    };
    (@ 0 $first:literal $other:literal) => { $first };
    (@ $at:tt $first:literal $other:literal) => { $other };
}

side_by_side!(Q0 R0 0, Q1 R1 1);
side_by_side!(Q0 R0 0, Q1 R1 1, Q2 R2 2);
side_by_side!(Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3);
side_by_side!(Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4);
side_by_side!(Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4, Q5 R5 5);
side_by_side!(Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4, Q5 R5 5, Q6 R6 6);
side_by_side!(Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4, Q5 R5 5, Q6 R6 6, Q7 R7 7);
side_by_side!(Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4, Q5 R5 5, Q6 R6 6, Q7 R7 7, Q8 R8 8);
side_by_side!(Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4, Q5 R5 5, Q6 R6 6, Q7 R7 7, Q8 R8 8, Q9 R9 9);
side_by_side!(Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4, Q5 R5 5, Q6 R6 6, Q7 R7 7, Q8 R8 8, Q9 R9 9, Q10 R10 10);
side_by_side!(
    Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4, Q5 R5 5, Q6 R6 6, Q7 R7 7, Q8 R8 8, Q9 R9 9, Q10 R10 10, Q11 R11 11
);
side_by_side!(
    Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4, Q5 R5 5, Q6 R6 6, Q7 R7 7, Q8 R8 8, Q9 R9 9, Q10 R10 10, Q11 R11 11,
    Q12 R12 12
);
side_by_side!(
    Q0 R0 0, Q1 R1 1, Q2 R2 2, Q3 R3 3, Q4 R4 4, Q5 R5 5, Q6 R6 6, Q7 R7 7, Q8 R8 8, Q9 R9 9, Q10 R10 10, Q11 R11 11,
    Q12 R12 12, Q13 R13 13
);

/// Inserts rows into several tables, in one round trip on PostgreSQL. A table whose rows are referred to comes first:
///
/// `insert_together!(conn, referrals => slice::from_ref(&row), referral_needs => &needs)`
///
/// `after writes` runs [`Writes`] of PostgreSQL too.
#[macro_export]
macro_rules! insert_together {
    ($conn:expr, $($table:ident => $rows:expr),+ $(,)?) => {
        $crate::insert_together!($conn, after $crate::Writes::default(), $($table => $rows),+)
    };
    ($conn:expr, after $writes:expr, $($table:ident => $rows:expr),+ $(,)?) => {
        (|| -> diesel::QueryResult<()> {
            match $conn {
                $crate::AnyConn::Pg(pg) => {
                    let mut inserts = $writes;
                    $(
                        if !$rows.is_empty() {
                            inserts.add(diesel::insert_into($table::table).values($rows));
                        }
                    )+
                    inserts.execute(pg).map(drop)
                }
                $crate::AnyConn::Sqlite(sqlite) => {
                    $(
                        // One by one: diesel would begin a transaction for several rows, inside ours.
                        for row in $rows {
                            diesel::RunQueryDsl::execute(diesel::insert_into($table::table).values(row), sqlite)?;
                        }
                    )+
                    Ok(())
                }
            }
        })()
    };
}

/// Runs updates and deletions, in one round trip on PostgreSQL. The value is the number of rows of the last:
///
/// `write_together!(conn, diesel::delete(…), diesel::update(…).set(…))`
#[macro_export]
macro_rules! write_together {
    ($conn:expr, $($write:expr),+ $(,)?) => {
        (|| -> diesel::QueryResult<usize> {
            match $conn {
                $crate::AnyConn::Pg(pg) => {
                    let mut writes = $crate::Writes::default();
                    $( writes.add($write); )+
                    writes.execute(pg)
                }
                $crate::AnyConn::Sqlite(sqlite) => {
                    let mut rows = 0;
                    $( rows = diesel::RunQueryDsl::execute($write, sqlite)?; )+
                    Ok(rows)
                }
            }
        })()
    };
}

/// Runs updates and deletions, of which the last returns rows, in one round trip on PostgreSQL:
///
/// `write_and_load!(conn, diesel::delete(…) => diesel::delete(…).returning(…))`
#[macro_export]
macro_rules! write_and_load {
    ($conn:expr, $($write:expr),+ => $last:expr) => {
        (|| {
            match $conn {
                $crate::AnyConn::Pg(pg) => {
                    let mut writes = $crate::Writes::default();
                    $( writes.add($write); )+
                    diesel::RunQueryDsl::load(writes.and_load($last), pg)
                }
                $crate::AnyConn::Sqlite(sqlite) => {
                    $( diesel::RunQueryDsl::execute($write, sqlite)?; )+
                    diesel::RunQueryDsl::load($last, sqlite)
                }
            }
        })()
    };
}

/// Writes that PostgreSQL runs as one statement: see [`insert_together!`] and [`write_together!`].
#[derive(Default)]
pub struct Writes<'a>(Vec<Box<dyn QueryFragment<Pg> + 'a>>);

impl<'a> Writes<'a> {
    /// Adds a write.
    pub fn add(&mut self, write: impl QueryFragment<Pg> + 'a) {
        self.0.push(Box::new(write));
    }

    /// The number of writes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes the writes after the first ones.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// The writes, then one that returns rows.
    pub fn and_load<Q>(self, last: Q) -> WritesAndLoad<'a, Q> {
        WritesAndLoad(self, last)
    }

    /// Runs the writes and returns the number of rows of the last; nothing if there are none.
    pub fn execute(self, conn: &mut PgConnection) -> QueryResult<usize> {
        if self.0.is_empty() { Ok(0) } else { RunQueryDsl::execute(self, conn) }
    }
}

impl QueryId for Writes<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for Writes<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Some((last, others)) = self.0.split_last() else { return Ok(()) };
        walk_parts(others, out.reborrow())?;
        last.walk_ast(out)
    }
}

/// The writes before the last.
fn walk_parts<'b>(parts: &'b [Box<dyn QueryFragment<Pg> + '_>], mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    for (at, write) in parts.iter().enumerate() {
        out.push_sql(if at == 0 { "WITH part" } else { ", part" });
        out.push_sql(&at.to_string());
        out.push_sql(" AS (");
        write.walk_ast(out.reborrow())?;
        out.push_sql(if at + 1 == parts.len() { ") " } else { ")" });
    }
    Ok(())
}

/// Writes, then one that returns rows: see [`write_and_load!`].
pub struct WritesAndLoad<'a, Q>(Writes<'a>, Q);

impl<Q> QueryId for WritesAndLoad<'_, Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for WritesAndLoad<'_, Q> {
    type SqlType = Q::SqlType;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for WritesAndLoad<'_, Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        walk_parts(&self.0.0, out.reborrow())?;
        self.1.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        is_kept(self)
    }
}

impl<Q> RunQueryDsl<PgConnection> for WritesAndLoad<'_, Q> {}

impl RunQueryDsl<PgConnection> for Writes<'_> {}

#[cfg(test)]
mod tests {
    use diesel::pg::Pg;
    use diesel::prelude::*;

    use crate::IsAmong;
    use crate::errors::one_line;
    use crate::schema::{positions, services};
    use crate::together::*;

    #[test]
    fn queries_are_side_by_side() {
        let ids = ["a"];
        let queries = (
            services::table.filter(services::id.among(&ids)).order(services::id).select((services::id, services::name)),
            positions::table.count(),
        );
        let text = diesel::debug_query::<Pg, _>(&Together::new(queries)).to_string();
        let expected = "SELECT part0.*, part1.* FROM (SELECT \"services\".\"id\", \"services\".\"name\" FROM \"services\" \
                        WHERE \"services\".\"id\" IN ($1) ORDER BY \"services\".\"id\") AS part0 FULL JOIN (SELECT COUNT(*) \
                        FROM \"positions\") AS part1 ON FALSE";
        // The spaces are those of diesel and may change.
        assert_eq!(text.split(" --").next().map(one_line).as_deref(), Some(expected));
    }

    #[test]
    fn rows_are_split_in_their_order() {
        let rows = vec![(None, Some('x')), (Some(1), None), (Some(2), None), (None, Some('y'))];
        assert_eq!(Columns::split(rows), (vec![1, 2], vec!['x', 'y']));
    }

    #[test]
    fn inserts_are_one_statement() {
        let insert = |id: &'static str| diesel::insert_into(services::table).values(services::id.eq(id));
        let mut inserts = Writes::default();
        for id in ["a", "b", "c"] {
            inserts.add(insert(id));
        }
        let text = diesel::debug_query::<Pg, _>(&inserts).to_string();
        let insert = |at| format!("INSERT INTO \"services\" (\"id\") VALUES (${at})");
        let expected = format!("WITH part0 AS ({}), part1 AS ({}) {}", insert(1), insert(2), insert(3));
        assert_eq!(text.split(" --").next(), Some(expected.as_str()));
    }
}
