//! The order and start of a keyset page: `ORDER BY column, id`, starting after the row of the cursor.

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType};

/// Statements that merge more queries are not cached: each number of queries has its own.
const FEW: usize = 8;

/// The rows of several queries of the same columns, in one order: `q UNION ALL q … ORDER BY column, id LIMIT n`.
///
/// A list over several services is one query per service. The indexes begin with the service, so each query is a range
/// of an index that is in the order of the list already: the engine merges these ranges and stops at the limit. With
/// `service_id IN (…)` it would read and sort all rows of all services.
#[derive(Debug)]
pub struct Merged<Q> {
    queries: Vec<Q>,
    column: &'static str,
    descending: bool,
    limit: i64,
    ordered: bool,
}

impl<Q> Merged<Q> {
    /// Merges queries in the order of a column, then of the identifiers.
    ///
    /// PostgreSQL plans each query by itself: it reads an index in its order only if the query is `ordered` too. SQLite
    /// reads it so without, and does not accept an order within a union.
    pub fn new(queries: Vec<Q>, column: &'static str, descending: bool, limit: i64, ordered: bool) -> Self {
        let ordered = ordered && queries.len() > 1;
        Self { queries, column, descending, limit, ordered }
    }

    fn order<'b, DB>(&'b self, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<BigInt>,
        i64: ToSql<BigInt, DB>,
    {
        for (column, before) in [(self.column, " ORDER BY "), ("id", ", ")] {
            out.push_sql(before);
            out.push_identifier(column)?;
            out.push_sql(if self.descending { " DESC" } else { " ASC" });
        }
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl<Q: Query> Query for Merged<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> QueryId for Merged<Q> {
    type QueryId = ();

    // The text of the statement is the cache key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q, Conn> RunQueryDsl<Conn> for Merged<Q> {}

impl<Q, DB> QueryFragment<DB> for Merged<Q>
where
    DB: Backend + HasSqlType<BigInt>,
    Q: QueryFragment<DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.queries.len() > FEW {
            out.unsafe_to_cache_prepared();
        }
        for (at, query) in self.queries.iter().enumerate() {
            if at > 0 {
                out.push_sql(" UNION ALL ");
            }
            if self.ordered {
                out.push_sql("(");
            }
            query.walk_ast(out.reborrow())?;
            if self.ordered {
                self.order(&mut out)?;
                out.push_sql(")");
            }
        }
        self.order(&mut out)
    }
}

/// Starts a boxed query after the row of the cursor. The key of the cursor is `(column, id)` of the last row of the previous
/// page. This is a macro because the type of a boxed query that is generic over its table is impractical to write.
#[macro_export]
macro_rules! keyset {
    ($query:expr, $page:expr, asc $column:path as $key:ty, $id:path) => {
        $crate::keyset!(@ $query, $page, gt, $column, $key, $id)
    };
    ($query:expr, $page:expr, desc $column:path as $key:ty, $id:path) => {
        $crate::keyset!(@ $query, $page, lt, $column, $key, $id)
    };
    (@ $query:expr, $page:expr, $beyond:ident, $column:path, $key:ty, $id:path) => {{
        let query = $query;
        match $page.after::<($key, $crate::Id)>() {
            Some((key, last)) => {
                query.filter($column.$beyond(key.clone()).or($column.eq(key).and($id.$beyond(last))))
            }
            None => query,
        }
    }};
}

/// A boxed query of the rows that the caller names by their identifiers, or of all.
#[macro_export]
macro_rules! only {
    ($query:expr, $page:expr, $table:ident) => {{
        let query = $query;
        match $page.only() {
            Some(ids) => query.filter($crate::IsAmong::among($table::id, ids)),
            None => query,
        }
    }};
}

/// Loads a page in the order of a column: `page_of!(conn, page, |scope| filtered(scope, filter), scopes, cases as CaseRow, desc
/// opened_on as NaiveDate)`. For [`sorted_page!`] and [`ordered_page!`].
#[macro_export]
macro_rules! page_of {
    (@ $descending:literal, $conn:expr, $page:expr, $filtered:expr, $scopes:expr, $table:ident as $row:ty, $direction:ident $column:ident as $key:ty) => {{
        let of = |scope| {
            let theirs = $crate::only!($filtered(scope), $page, $table);
            $crate::keyset!(theirs, $page, $direction $table::$column as $key, $table::id)
        };
        let queries = $scopes.map(|scope| of(scope).select(<$row>::as_select())).collect();
        let conn: &mut $crate::AnyConn = $conn;
        let ordered = matches!(*conn, $crate::AnyConn::Pg(_));
        let merged = $crate::Merged::new(queries, stringify!($column), $descending, $page.fetch(), ordered);
        diesel::RunQueryDsl::load::<$row>(merged, conn)?
    }};
    (asc; $($rest:tt)+) => { $crate::page_of!(@ false, $($rest)+) };
    (desc; $($rest:tt)+) => { $crate::page_of!(@ true, $($rest)+) };
}

/// Reads a page of a list that the caller sorts, and its total when it is requested. The value is `(rows, page info)`.
///
/// ```ignore
/// sorted_page!(conn, page, scope => filtered(scope, filter), organisations as OrganisationRow, sort: OrganisationSort {
///     Name | NameDesc => name_key as String,
///     UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
/// })
/// ```
///
/// Each line gives the two directions of an order, the column and its type. The column orders the rows, is compared with the
/// cursor and is written into the next one, so the three cannot disagree. The filtered query is built for the page and for the
/// total; with `scope =>`, once for each service of the scope, and the results are [merged](Merged).
#[macro_export]
macro_rules! sorted_page {
    ($conn:expr, $page:expr, $scope:ident => $filtered:expr, $table:ident as $row:ty, $sort:ident: $sorts:ident {$($orders:tt)+}) => {{
        let services = $scope.services();
        $crate::sorted_page!(
            @ $conn, $page, |$scope| $filtered, services.iter(), $scope, $table as $row, $sort: $sorts {$($orders)+}
        )
    }};
    ($conn:expr, $page:expr, $filtered:expr, $table:ident as $row:ty, $sort:ident: $sorts:ident {$($orders:tt)+}) => {
        $crate::sorted_page!(
            @ $conn, $page, |()| $filtered, std::iter::once(()), (), $table as $row, $sort: $sorts {$($orders)+}
        )
    };
    (@ $conn:expr, $page:expr, $filtered:expr, $scopes:expr, $whole:expr, $table:ident as $row:ty, $sort:ident: $sorts:ident {
        $($asc:ident | $desc:ident => $column:ident as $key:ty),+ $(,)?
    }) => {{
        let rows: Vec<$row> = match $sort {
            $(
                $sorts::$asc => {
                    $crate::page_of!(asc; $conn, $page, $filtered, $scopes, $table as $row, asc $column as $key)
                }
                $sorts::$desc => {
                    $crate::page_of!(desc; $conn, $page, $filtered, $scopes, $table as $row, desc $column as $key)
                }
            )+
        };
        let (rows, info) = match $sort {
            $($sorts::$asc | $sorts::$desc => $page.cut(rows, |row: &$row| (row.$column.clone(), row.id)),)+
        };
        let info = $page.counted(info, || $crate::only!($filtered($whole), $page, $table).count().get_result($conn))?;
        (rows, info)
    }};
}

/// Reads a page of a list that has one order, and its total when it is requested: see [`sorted_page!`].
///
/// `ordered_page!(conn, page, theirs(), case_steps as StepRow, desc reached_on as NaiveDate)`
#[macro_export]
macro_rules! ordered_page {
    ($conn:expr, $page:expr, $filtered:expr, $table:ident as $row:ty, $direction:ident $column:ident as $key:ty) => {{
        let rows: Vec<$row> = $crate::page_of!(
            $direction; $conn, $page, |()| $filtered, std::iter::once(()), $table as $row, $direction $column as $key
        );
        let (rows, info) = $page.cut(rows, |row: &$row| (row.$column.clone(), row.id));
        let info = $page.counted(info, || $crate::only!($filtered, $page, $table).count().get_result($conn))?;
        (rows, info)
    }};
}
