//! No memory for SQLite: a write is acknowledged only if it is stored.

use std::collections::BTreeSet;
use std::process::Command;

use diesel::prelude::*;
use diesel::sql_query;
use futures_util::future::join_all;
use passerelle::db::{Db, SystemScope};
use passerelle::error::ApiError;

use crate::harness::Engine;

/// Set in the process that runs the test itself: the limit holds for all of SQLite in a process.
const ALONE: &str = "PASSERELLE_TEST_OUT_OF_MEMORY";

/// How much SQLite may allocate, in bytes.
const LIMIT: u32 = 48 << 20;

/// SQLite ends the whole transaction when it cannot allocate, and with it the savepoints of all writes that share it.
#[test]
fn a_write_is_acknowledged_only_if_it_is_stored_whenever_memory_runs_out() {
    if std::env::var_os(ALONE).is_none() {
        let name = "out_of_memory::a_write_is_acknowledged_only_if_it_is_stored_whenever_memory_runs_out";
        let program = std::env::current_exe().unwrap();
        let ran = Command::new(program).args(["--exact", name, "--nocapture"]).env(ALONE, "1").output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success() && told.contains("1 passed"), "{told}");
        return;
    }
    crate::harness::run(Engine::Sqlite, |app| async move {
        let db = app.context().db.clone();
        run_all(&db, vec!["CREATE TABLE filler (name TEXT PRIMARY KEY, bytes BLOB NOT NULL)".to_owned()])
            .await
            .unwrap();
        run_all(&db, vec![format!("PRAGMA hard_heap_limit = {LIMIT}")]).await.unwrap();
        let (mut stored, mut refused) = (BTreeSet::new(), 0);
        for round in 0..8 {
            let writes = (0..24).map(|n| {
                let (db, name) = (db.clone(), format!("{round:02}-{n:02}"));
                // One that never fits, one that may fit, and those that share their transaction.
                let size = match (n + round) % 8 {
                    0 => 2 * LIMIT,
                    4 => LIMIT / 5,
                    _ => 300,
                };
                let small = format!("INSERT INTO filler VALUES ('{name}', zeroblob(300))");
                let large = format!("INSERT INTO filler VALUES ('{name} again', randomblob({size}))");
                let both = if n % 2 == 0 { vec![small, large] } else { vec![large, small] };
                async move { (name, size, run_all(&db, both).await) }
            });
            for (name, size, outcome) in join_all(writes).await {
                match outcome {
                    Ok(()) => {
                        assert!(size < LIMIT, "{name} cannot be stored");
                        stored.insert(name);
                    }
                    Err(error) => {
                        assert_eq!(error.code.status().as_u16(), 503, "{name}: {error}");
                        refused += 1;
                    }
                }
            }
            let found =
                app.database.texts("SELECT name AS text FROM filler WHERE name NOT LIKE '% again' ORDER BY name");
            assert_eq!(found, stored.iter().cloned().collect::<Vec<_>>(), "in round {round}");
            assert_eq!(app.database.count("filler"), 2 * i64::try_from(stored.len()).unwrap());
        }
        assert!(refused >= 24 && stored.len() > 20, "{refused} refused, {} stored", stored.len());
        // It goes on by itself.
        app.anonymous().get("/health/ready").await.expect(200);
    });
}

async fn run_all(db: &Db, statements: Vec<String>) -> Result<(), ApiError> {
    db.write(SystemScope::Operator, move |conn| {
        Ok(statements.iter().try_for_each(|sql| sql_query(sql).execute(conn).map(drop))?)
    })
    .await
}
