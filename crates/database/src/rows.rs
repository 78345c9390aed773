//! The writes that every table of versioned rows has.

/// Declares `insert`, `update` and `delete` of the rows of a table, those that are listed:
/// `row_writes!(kit_items: ItemRow => pub(super) insert, pub(super) update, pub(super) delete)`.
///
/// The row has the columns `id` and `version`. An update or a deletion names both in its `WHERE`: it is what decides between
/// two writers that have read the same version.
#[macro_export]
macro_rules! row_writes {
    ($table:ident: $row:ty => $($vis:vis $write:ident),+ $(,)?) => {
        $( $crate::row_writes!(@ $write $vis $table $row); )+
    };
    (@ insert $vis:vis $table:ident $row:ty) => {
        /// Writes a new row.
        $vis fn insert(conn: &mut $crate::AnyConn, row: &$row) -> diesel::QueryResult<()> {
            diesel::insert_into($table::table).values(row).execute(conn).map(drop)
        }
    };
    (@ update $vis:vis $table:ident $row:ty) => {
        /// Replaces the version that was read. `false` if another writer was first.
        $vis fn update(conn: &mut $crate::AnyConn, row: &$row, new: &$row) -> diesel::QueryResult<bool> {
            let read = $table::id.eq(row.id).and($table::version.eq(row.version));
            Ok(diesel::update($table::table.filter(read)).set(new).execute(conn)? == 1)
        }
    };
    (@ delete $vis:vis $table:ident $row:ty) => {
        /// Deletes the version that was read. `false` if another writer was first.
        $vis fn delete(conn: &mut $crate::AnyConn, row: &$row) -> diesel::QueryResult<bool> {
            let read = $table::id.eq(row.id).and($table::version.eq(row.version));
            Ok(diesel::delete($table::table.filter(read)).execute(conn)? == 1)
        }
    };
}
