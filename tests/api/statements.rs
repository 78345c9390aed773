//! SQL that the database layer sends: lists of values, and the planner statistics of SQLite.

use diesel::prelude::*;
use passerelle::db::schema::services;
use passerelle::db::{Id, IsAmong};

on_both_databases! {
    async fn a_list_of_any_length_matches_its_values_only(app: TestApp) {
        let (one, other) = (app.service().await, app.service().await);
        app.service().await;
        for length in [0, 1, 2, 3, 5, 64, 511, 512, 513, 2000] {
            let mut values: Vec<Id> = (0..length).map(|_| uuid::Uuid::now_v7().into()).collect();
            // At both ends: a padded list repeats its last value.
            let mut wanted = Vec::new();
            for (place, id) in [(values.len().checked_sub(1), one), ((length > 1).then_some(0), other)] {
                if let Some(place) = place {
                    values[place] = id;
                    wanted.push(id);
                }
            }
            let found: Vec<Id> = app
                .sql(move |conn| {
                    let query = services::table.filter(services::id.among(&values)).order(services::id);
                    Ok(query.select(services::id).load(conn)?)
                })
                .await;
            wanted.sort();
            assert_eq!(found, wanted, "{length}");
        }
    }
}

/// Without statistics, SQLite scans all referrals of a service in the requested order to find those of one child.
#[test]
fn sqlite_has_statistics_about_its_tables() {
    crate::harness::run(crate::harness::Engine::Sqlite, |app| async move {
        let service = app.service().await;
        let manager = app.user(service, passerelle::auth::Role::Manager).await;
        for day in 1..=3 {
            let child = crate::cases::child(&format!("Exemple {day}"));
            crate::cases::refer(&manager, service, &format!("2026-02-{day:02}"), child).await;
        }
        app.local(|work| Ok(work.conn.refresh_statistics()?)).await;
        let known =
            app.database.texts("SELECT idx AS text FROM sqlite_stat1 WHERE tbl = 'referrals' AND idx IS NOT NULL");
        for index in ["referrals_list", "referrals_child", "referrals_updated"] {
            assert!(known.iter().any(|name| name == index), "{index} is not among {known:?}");
        }
    });
}
