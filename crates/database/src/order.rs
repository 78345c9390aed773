//! Order and place of a keyset page: `ORDER BY column, id`, beginning after the row of the cursor.

/// Orders a boxed query by a column and, among equals, by identifier, and lets it begin after the cursor's row:
/// `keyset!(query, page, asc cases::opened_on as NaiveDate, cases::id)`.
///
/// The key of the cursor is `(column, id)` of the last row given. A macro, because the type of a boxed query that is
/// generic over its table is not one to write.
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
