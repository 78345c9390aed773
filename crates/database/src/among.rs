//! `column IN (…)` whose prepared statement the engine can cache.
//!
//! On SQLite, diesel prepares `eq_any` again at each call, because the length of the list varies. That took a quarter
//! of the time of a read by identifier. Here the last value is repeated up to a power of two: ten lengths, ten
//! statements.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};

/// Lists longer than a page are not filled up, and their statements are not cached.
const LONGEST: usize = 512;

/// Whether a text column is one of some values.
#[derive(Clone, Debug)]
pub struct Among<C, T> {
    column: C,
    values: Vec<T>,
}

/// Builds an [`Among`] from a text column.
pub trait IsAmong: Expression<SqlType = Text> + Sized {
    /// Whether the column is one of these values. Always false for an empty list.
    fn among<T: Clone>(self, values: &[T]) -> Among<Self, T> {
        Among { column: self, values: values.to_vec() }
    }
}

impl<C: Expression<SqlType = Text>> IsAmong for C {}

impl<C: Expression<SqlType = Text>, T> Expression for Among<C, T> {
    type SqlType = Bool;
}

impl<C, T, QS> AppearsOnTable<QS> for Among<C, T>
where
    C: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<C, T, QS> SelectableExpression<QS> for Among<C, T>
where
    C: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<C: ValidGrouping<GB>, T, GB> ValidGrouping<GB> for Among<C, T> {
    type IsAggregate = C::IsAggregate;
}

impl<C, T> QueryId for Among<C, T> {
    type QueryId = ();

    // The text of the statement is the cache key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, T, DB> QueryFragment<DB> for Among<C, T>
where
    DB: Backend + HasSqlType<Text>,
    C: QueryFragment<DB>,
    T: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.values.is_empty() {
            out.push_sql("1=0");
            return Ok(());
        }
        let mut filled = self.values.len();
        if filled <= LONGEST {
            filled = filled.next_power_of_two();
        } else {
            out.unsafe_to_cache_prepared();
        }
        self.column.walk_ast(out.reborrow())?;
        let last = self.values.len() - 1;
        for at in 0..filled {
            out.push_sql(if at == 0 { " IN (" } else { ", " });
            out.push_bind_param::<Text, _>(&self.values[at.min(last)])?;
        }
        out.push_sql(")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use diesel::sqlite::Sqlite;

    use crate::among::*;
    use crate::schema::services;

    fn statement(length: usize) -> String {
        let values = vec!["a"; length];
        let query = services::table.filter(services::id.among(&values)).select(services::id);
        let text = diesel::debug_query::<Sqlite, _>(&query).to_string();
        text.split(" WHERE ").nth(1).and_then(|text| text.split(" --").next()).unwrap_or_default().to_owned()
    }

    #[test]
    fn lists_of_similar_length_share_a_statement() {
        assert_eq!(statement(0), "1=0");
        assert_eq!(statement(1), "`services`.`id` IN (?)");
        assert_eq!(statement(3), statement(4));
        assert_eq!(statement(33), statement(64));
        assert_eq!(statement(513).matches('?').count(), 513);
    }
}
