//! The order and start of a keyset page: `ORDER BY column, id`, starting after the row of the cursor.

/// Orders a boxed query by a column, then by identifier, and starts it after the cursor's row:
/// `keyset!(query, page, asc cases::opened_on as NaiveDate, cases::id)`.
///
/// The key of the cursor is `(column, id)` of the last row of the previous page. This is a macro because the type of a
/// boxed query that is generic over its table is impractical to write.
#[macro_export]
macro_rules! keyset {
    ($query:expr, $page:expr, asc $column:path as $key:ty, $id:path) => {
        $crate::keyset!(@ $query, $page, asc, gt, $column, $key, $id)
    };
    ($query:expr, $page:expr, desc $column:path as $key:ty, $id:path) => {
        $crate::keyset!(@ $query, $page, desc, lt, $column, $key, $id)
    };
    (@ $query:expr, $page:expr, $order:ident, $beyond:ident, $column:path, $key:ty, $id:path) => {{
        let query = $query;
        let query = match $page.after::<($key, $crate::Id)>() {
            Some((key, last)) => {
                query.filter($column.$beyond(key.clone()).or($column.eq(key).and($id.$beyond(last))))
            }
            None => query,
        };
        query.order(($column.$order(), $id.$order()))
    }};
}

/// Reads a page of a list that the caller sorts, and its total when it is requested. The value is `(rows, page info)`.
///
/// ```ignore
/// sorted_page!(conn, page, filtered(scope, filter), organisations as OrganisationRow, sort: OrganisationSort {
///     Name | NameDesc => name_key as String,
///     UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
/// })
/// ```
///
/// Each line gives the two directions of an order, the column and its type. The column orders the rows, is compared with the
/// cursor and is written into the next one, so the three cannot disagree. The filtered query is built twice: for the page and
/// for the total.
#[macro_export]
macro_rules! sorted_page {
    ($conn:expr, $page:expr, $filtered:expr, $table:ident as $row:ty, $sort:ident: $sorts:ident {
        $($asc:ident | $desc:ident => $column:ident as $key:ty),+ $(,)?
    }) => {{
        let query = $filtered;
        let query = match $sort {
            $(
                $sorts::$asc => $crate::keyset!(query, $page, asc $table::$column as $key, $table::id),
                $sorts::$desc => $crate::keyset!(query, $page, desc $table::$column as $key, $table::id),
            )+
        };
        let rows: Vec<$row> = query.limit($page.fetch()).select(<$row>::as_select()).load($conn)?;
        let (rows, info) = match $sort {
            $($sorts::$asc | $sorts::$desc => $page.cut(rows, |row: &$row| (row.$column.clone(), row.id)),)+
        };
        let info = $page.counted(info, || $filtered.count().get_result($conn))?;
        (rows, info)
    }};
}

/// Reads a page of a list that has one order, and its total when it is requested: see [`sorted_page!`].
///
/// `ordered_page!(conn, page, theirs(), case_steps as StepRow, desc reached_on as NaiveDate)`
#[macro_export]
macro_rules! ordered_page {
    ($conn:expr, $page:expr, $filtered:expr, $table:ident as $row:ty, $direction:ident $column:ident as $key:ty) => {{
        let query = $crate::keyset!($filtered, $page, $direction $table::$column as $key, $table::id);
        let rows: Vec<$row> = query.limit($page.fetch()).select(<$row>::as_select()).load($conn)?;
        let (rows, info) = $page.cut(rows, |row: &$row| (row.$column.clone(), row.id));
        let info = $page.counted(info, || $filtered.count().get_result($conn))?;
        (rows, info)
    }};
}
