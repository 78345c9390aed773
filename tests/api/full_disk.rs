//! A full disk: a write is acknowledged only if it is stored.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_query;
use futures_util::future::join_all;
use passerelle::db::Db;
use passerelle::error::{ApiError, Code};

use crate::harness::Engine;

/// Limits the file of the database, so that the disk is full after this many more pages.
async fn limit_pages(db: &Db, pages: u32) {
    let limited = db.write(passerelle::db::SystemScope::Operator, move |conn| {
        let used = sql_query("SELECT page_count AS number FROM pragma_page_count").get_result::<Number>(conn)?.number;
        let limit = i64::from(pages).checked_add(used).unwrap_or(used);
        Ok(sql_query(format!("PRAGMA max_page_count = {limit}")).execute(conn).map(drop)?)
    });
    limited.await.unwrap();
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

/// SQLite ends the whole transaction when the disk is full, and with it the savepoints of all writes that share it.
#[test]
fn a_write_is_acknowledged_only_if_it_is_stored_whenever_the_disk_becomes_full() {
    crate::harness::run(Engine::Sqlite, |app| async move {
        let db = app.context().db.clone();
        sql_on(&db, "CREATE TABLE filler (name TEXT PRIMARY KEY, bytes BLOB NOT NULL)").await.unwrap();
        let (mut stored, mut refused) = (BTreeSet::new(), 0);
        for pages in 0..40 {
            limit_pages(&db, pages).await;
            let writes = (0..24).map(|n| {
                let (db, name) = (db.clone(), format!("{pages:02}-{n:02}"));
                async move {
                    let size = if n % 5 == 0 { 9_000 } else { 300 };
                    let insert = format!("INSERT INTO filler VALUES ('{name}', zeroblob({size}))");
                    let twice = format!("INSERT INTO filler VALUES ('{name} again', zeroblob({size}))");
                    (name, sql_on_both(&db, insert, twice).await)
                }
            });
            for (name, outcome) in join_all(writes).await {
                match outcome {
                    Ok(()) => drop(stored.insert(name)),
                    Err(error) => {
                        assert_eq!(error.code, Code::StorageFull, "{name}");
                        refused += 1;
                    }
                }
            }
            let found =
                app.database.texts("SELECT name AS text FROM filler WHERE name NOT LIKE '% again' ORDER BY name");
            assert_eq!(found, stored.iter().cloned().collect::<Vec<_>>(), "with {pages} pages left");
            assert_eq!(app.database.count("filler"), 2 * i64::try_from(stored.len()).unwrap());
        }
        assert!(refused > 100 && stored.len() > 100, "{refused} refused, {} stored", stored.len());

        limit_pages(&db, 0).await;
        // Free pages inside the file are used up too.
        while sql_on(&db, "INSERT INTO filler VALUES (hex(randomblob(16)), zeroblob(3000))").await.is_ok() {}
        let not_ready = app.anonymous().get("/health/ready").await.expect(503);
        assert_eq!(not_ready.header("retry-after"), "5");
        limit_pages(&db, 1_000_000).await;
        app.anonymous().get("/health/ready").await.expect(200);
    });
}

async fn sql_on(db: &Db, statement: &'static str) -> Result<(), ApiError> {
    db.write(passerelle::db::SystemScope::Operator, move |conn| Ok(sql_query(statement).execute(conn).map(drop)?)).await
}

async fn sql_on_both(db: &Db, first: String, second: String) -> Result<(), ApiError> {
    let statements = [first, second];
    db.write(passerelle::db::SystemScope::Operator, move |conn| {
        Ok(statements.iter().try_for_each(|sql| sql_query(sql).execute(conn).map(drop))?)
    })
    .await
}
