//! The embedded database may not grow: `PRAGMA max_page_count` on the connection of the writer, for many limits.

use std::collections::BTreeSet;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use futures_util::future::join_all;
use passerelle::auth::Role;
use passerelle::db::Db;
use passerelle::error::ApiError;
use serde_json::json;

use crate::harness::{Engine, run};

use super::{assert_none, print_figures, short_or_long};

#[derive(QueryableByName)]
struct Pages {
    #[diesel(sql_type = BigInt)]
    pages: i64,
}

/// Allows this many more pages; none: any number. The value may have to wait until the writer is well again.
async fn allow(db: &Db, more: Option<i64>) {
    for _ in 0..50 {
        let limited = db
            .write(passerelle::db::SystemScope::Operator, move |conn| {
                let query = diesel::sql_query("SELECT page_count AS pages FROM pragma_page_count()");
                let present = query.get_result::<Pages>(conn)?.pages;
                let limit = more.map_or(1_073_741_823, |more| present + more);
                diesel::sql_query(format!("PRAGMA max_page_count = {limit}")).execute(conn)?;
                Ok::<_, ApiError>(())
            })
            .await;
        if limited.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the writer accepts no work any more");
}

/// Groups of concurrent writes in which the database is full at each possible place.
#[test]
fn a_full_database_acknowledges_only_what_it_stored() {
    run(Engine::Sqlite, |app| async move {
        let service = app.service().await;
        let db = app.context().db.clone();
        let (mut faults, mut acknowledged, mut refused) = (Vec::new(), BTreeSet::new(), 0);
        let limits = short_or_long(40, 400);
        for limit in 0..limits {
            allow(&db, Some(limit * 3 % 120)).await;
            let writes = (0..24).map(|writer| {
                let code = format!("{limit:04}-{writer:02}");
                let row = format!("{code}{}", "x".repeat(3000));
                let db = db.clone();
                async move {
                    let sql = format!(
                        "INSERT INTO service_departements (service_id, departement_code) VALUES ('{service}', '{row}')"
                    );
                    let written = db
                        .write(passerelle::db::SystemScope::Operator, move |conn| {
                            Ok(diesel::sql_query(sql).execute(conn)?)
                        })
                        .await;
                    (code, written)
                }
            });
            for (code, written) in join_all(writes).await {
                match written {
                    Ok(_) => drop(acknowledged.insert(code)),
                    Err(error) => {
                        refused += 1;
                        // Writes of the same group may be refused without a reason of their own.
                        if !["storage_full", "unavailable"].contains(&error.code.as_str()) {
                            faults.push(format!("limit {limit}: {code} was refused with {}", error.code.as_str()));
                        }
                    }
                }
            }
            allow(&db, None).await;
        }
        let sql = "SELECT substr(departement_code, 1, 7) AS text FROM service_departements WHERE length(departement_code) > 7";
        let stored: BTreeSet<String> = app.database.texts(sql).into_iter().collect();
        let lost: Vec<_> = acknowledged.difference(&stored).collect();
        let more: Vec<_> = stored.difference(&acknowledged).collect();
        let figures = [
            ("limits", limits.to_string()),
            ("acknowledged", acknowledged.len().to_string()),
            ("refused", refused.to_string()),
            ("acknowledged and not stored", lost.len().to_string()),
            ("refused and stored", more.len().to_string()),
        ];
        print_figures("disk: a database that may not grow", &figures);
        assert!(refused > 0 && !acknowledged.is_empty());
        assert_eq!(lost, Vec::<&String>::new(), "acknowledged and not stored");
        assert_eq!(more, Vec::<&String>::new(), "refused and stored");
        assert_none(&faults);
    });
}

/// The same as a caller sees it.
#[test]
fn a_full_database_is_a_503_until_it_may_grow() {
    run(Engine::Sqlite, |app| async move {
        let service = app.service().await;
        let staff = app.user(service, Role::Coordinator).await;
        let db = app.context().db.clone();
        let before = app.database.count("organisations");
        allow(&db, Some(0)).await;
        let (mut made, mut is_full, mut is_told) = (0, false, false);
        for round in 0..20 {
            let calls = (0..24).map(|rank| {
                let name = format!("Crèche {round} {rank} {}", "longue ".repeat(20));
                let new = json!({"service_id": service, "kind": "eaje", "name": name, "commune_code": "63113"});
                staff.post("/v1/organisations", new)
            });
            for response in join_all(calls).await {
                if response.status == 201 {
                    made += 1;
                } else {
                    let refused = response.expect(503);
                    assert_ne!(refused.header("retry-after"), "");
                    is_full = true;
                    is_told |= refused["code"] == "storage_full";
                }
            }
            if is_full {
                break;
            }
        }
        assert!(is_full, "the database was never full");
        assert!(is_told, "nobody was told storage_full");
        assert_eq!(app.database.count("organisations"), before + made);
        // What needs no write goes on.
        app.anonymous().get("/v1/nomenclatures").await.expect(200);
        staff.get("/v1/services").await.expect(200);
        staff.get("/v1/organisations").await.expect(200);
        allow(&db, None).await;
        let new = json!({"service_id": service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63113"});
        staff.post("/v1/organisations", new).await.expect(201);
        app.anonymous().get("/health/ready").await.expect(200);
    });
}
