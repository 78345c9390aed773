//! Statements that stay prepared, although diesel would prepare them again at each call.
//!
//! diesel keeps a statement only if it knows that its text cannot vary without end. So it prepares each `UPDATE`, each
//! upsert, each insert of several rows and each `sql_query` again, which is one more round trip on PostgreSQL. The texts of
//! this program vary little: the first ones are kept.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::pg::{Pg, PgQueryBuilder};
use diesel::query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// How many texts of several writes are kept. Each connection keeps its own statements, on both sides.
const TEXTS: usize = 512;

/// Longer texts are those of many rows, and rare.
const LONGEST: usize = 16 * 1024;

/// A statement that stays prepared.
#[derive(Debug)]
pub struct StaysPrepared<Q>(Q);

/// A statement that stays prepared: for an `UPDATE`, an upsert or a `sql_query` of a frequent call whose text has a few forms
/// at most. Only if it returns rows: diesel's `execute` takes a reference, which does not ask the statement. Only on the connection of an engine ([`each!`](crate::each)): [`AnyConn`](crate::AnyConn) asks the statement in
/// it.
pub fn prepared<Q>(query: Q) -> StaysPrepared<Q> {
    StaysPrepared(query)
}

impl<Q> QueryId for StaysPrepared<Q> {
    type QueryId = ();

    // The text of the statement is the cache key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for StaysPrepared<Q> {
    type SqlType = Q::SqlType;
}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for StaysPrepared<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q, Conn> RunQueryDsl<Conn> for StaysPrepared<Q> {}

/// Whether several writes in one statement stay prepared: the first texts do, since their number varies with that of the
/// rows.
pub(crate) fn is_kept(query: &impl QueryFragment<Pg>) -> QueryResult<bool> {
    static KEPT: Mutex<Option<HashSet<u64>>> = Mutex::new(None);
    let mut text = PgQueryBuilder::default();
    query.to_sql(&mut text, &Pg)?;
    let text = text.finish();
    if text.len() > LONGEST {
        return Ok(false);
    }
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.get_or_insert_default();
    if kept.len() < TEXTS {
        kept.insert(hasher.finish());
    }
    Ok(kept.contains(&hasher.finish()))
}
