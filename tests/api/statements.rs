//! What the layer over diesel says to the engines.

use diesel::prelude::*;
use passerelle::db::schema::services;
use passerelle::db::{Id, IsAmong};

on_both_databases! {
    async fn a_list_of_any_length_finds_what_is_in_it_and_nothing_else(app: TestApp) {
        let (one, other) = (app.service().await, app.service().await);
        app.service().await;
        for length in [0, 1, 2, 3, 5, 64, 511, 512, 513, 2000] {
            let mut values: Vec<Id> = (0..length).map(|_| uuid::Uuid::now_v7().into()).collect();
            // At both ends, where a list that is filled up repeats itself.
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
