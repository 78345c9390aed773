//! What every table of rows has: writes of versioned rows, and a conversion into what the API returns.

/// Declares `insert`, `update` and `delete` of the rows of a table, those that are listed:
/// `row_writes!(kit_items: ItemRow => pub(super) insert, pub(super) update, pub(super) delete)`. Where a module writes
/// several tables, `insert as insert_position` gives the function another name.
///
/// An update or a deletion names the columns `id` and `version` in its `WHERE`: it is what decides between two writers that
/// have read the same version.
#[macro_export]
macro_rules! row_writes {
    ($table:ident: $row:ty => $($vis:vis $write:ident $(as $name:ident)?),+ $(,)?) => {
        $( $crate::row_writes!(@ $write $vis $table $row; $($name)?); )+
    };
    (@ $write:ident $vis:vis $table:ident $row:ty;) => {
        $crate::row_writes!(@ $write $vis $table $row; $write);
    };
    (@ insert $vis:vis $table:ident $row:ty; $name:ident) => {
        /// Writes a new row.
        $vis fn $name(conn: &mut $crate::AnyConn, row: &$row) -> diesel::QueryResult<()> {
            diesel::insert_into($table::table).values(row).execute(conn).map(drop)
        }
    };
    (@ update $vis:vis $table:ident $row:ty; $name:ident) => {
        /// Replaces the version that was read. `false` if another writer was first.
        $vis fn $name(conn: &mut $crate::AnyConn, row: &$row, new: &$row) -> diesel::QueryResult<bool> {
            let read = $table::id.eq(row.id).and($table::version.eq(row.version));
            Ok(diesel::update($table::table.filter(read)).set(new).execute(conn)? == 1)
        }
    };
    (@ delete $vis:vis $table:ident $row:ty; $name:ident) => {
        /// Deletes the version that was read. `false` if another writer was first.
        $vis fn $name(conn: &mut $crate::AnyConn, row: &$row) -> diesel::QueryResult<bool> {
            let read = $table::id.eq(row.id).and($table::version.eq(row.version));
            Ok(diesel::delete($table::table.filter(read)).execute(conn)? == 1)
        }
    };
}

/// Converts a row into what the API returns, where the fields have the same names:
/// `from_row!(ItemRow => KitItem { id, kit_id, category })`.
///
/// Fields that the row does not have come last, and name the row:
/// `from_row!(row: FactRow => StatisticsFact { id, year; coordinates: row.coordinates() })`.
#[macro_export]
macro_rules! from_row {
    ($row:ty => $target:ty { $($field:ident),+ $(,)? }) => {
        $crate::from_row!(row: $row => $target { $($field),+; });
    };
    ($from:ident: $row:ty => $target:ty { $($field:ident),+; $($computed:ident: $value:expr),* $(,)? }) => {
        impl From<$row> for $target {
            fn from($from: $row) -> Self {
                // The computed fields first: the others move out of the row.
                Self { $($computed: $value,)* $($field: $from.$field),+ }
            }
        }
    };
}
