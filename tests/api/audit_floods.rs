//! The journal at length: refusals that a stranger repeats do not fill it, and events about an object are found by an
//! index.

use std::net::{IpAddr, SocketAddr};

use chrono::Duration;
use passerelle::auth::{Permission, Role};
use passerelle::db::UtcTs;
use passerelle::journal::Tampering;
use serde_json::json;

use crate::audit::{chain, verify};
use crate::harness::{Engine, TestApp};

async fn forged(app: &TestApp, address: &str) {
    let peer = SocketAddr::new(address.parse::<IpAddr>().unwrap(), 4000);
    let request = app.anonymous().request("GET", "/v1/services").insert_header(("Authorization", "Bearer forged"));
    app.send(request.peer_addr(peer).to_request()).await.expect(401);
}

/// As the background job does, and the end of the program.
fn end_floods(app: &TestApp, now: Option<UtcTs>) {
    let context = app.context();
    std::thread::scope(|scope| scope.spawn(|| context.journal.end_floods(now)).join()).unwrap().unwrap();
}

fn refused(app: &TestApp) -> usize {
    app.database.texts("SELECT id AS text FROM audit_events WHERE outcome = 'refused'").len()
}

on_both_databases! {
    async fn events_about_an_object_are_not_searched_in_the_whole_journal(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let new = json!({"service_id": service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63113"});
        let id = manager.post("/v1/organisations", new).await.expect(201).id();
        let pairs = format!("SELECT event_id AS text FROM audit_objects WHERE object_id = '{id}'");
        assert_eq!(app.database.texts(&pairs).len(), 1);
        for sql in ["DELETE FROM audit_objects", "UPDATE audit_objects SET object_id = 'x'"] {
            assert!(app.database.execute(sql).is_err(), "{sql}");
        }
        // An attacker who removes the guards and hides the event is seen.
        let guards: &[&str] = match app.database.engine() {
            Engine::Sqlite => &["DROP TRIGGER audit_objects_no_delete"],
            Engine::Postgres => &["DROP TRIGGER audit_objects_append_only ON audit_objects"],
        };
        let heads = chain(&app);
        assert_eq!(verify(&app, &heads).await.tampering, []);
        for sql in guards {
            app.database.execute(sql).unwrap();
        }
        app.database.execute(&format!("DELETE FROM audit_objects WHERE object_id = '{id}'")).unwrap();
        let found = manager.get(&format!("/v1/audit-events?object_id={id}")).await.expect(200);
        assert!(found.rows().is_empty(), "the search uses the index");
        let tampering = verify(&app, &heads).await.tampering;
        assert!(matches!(&tampering[..], [Tampering::Hidden { object, .. }] if *object == id), "{tampering:?}");
    }

    async fn a_flood_of_invalid_tokens_does_not_fill_the_journal(app: TestApp) {
        let administrator = app.administrator().await;
        for host in 0..300 {
            forged(&app, &format!("2001:db8:1:2::{host}")).await;
        }
        forged(&app, "2001:db8:1:3::1").await;
        assert_eq!(refused(&app), 2, "one event for each of the two networks");
        // The minute is over: what was counted becomes one event.
        app.advance(Duration::minutes(1));
        forged(&app, "2001:db8:1:2::1").await;
        forged(&app, "2001:db8:1:2::2").await;
        assert_eq!(refused(&app), 4);
        let now = app.context().now();
        end_floods(&app, Some(now));
        assert_eq!(refused(&app), 4, "the present minute is not over");
        end_floods(&app, None);
        let events = administrator.get("/v1/audit-events?outcome=refused").await.expect(200);
        let mut seen: Vec<_> = events.rows().iter().map(|event| (event["occurrences"].as_u64().unwrap(), event["address"].clone())).collect();
        seen.sort_by_key(|(occurrences, address)| (*occurrences, address.to_string()));
        let expected = [
            (1, json!("2001:db8:1:2::")), (1, json!("2001:db8:1:2::1")), (1, json!("2001:db8:1:2::2")),
            (1, json!("2001:db8:1:3::1")), (299, json!("2001:db8:1:2::299")),
        ];
        assert_eq!(seen, expected);
        assert!(events.rows().iter().all(|event| event["code"] == "unauthenticated" && event["changed"] == json!([])));
    }

    async fn attempts_past_the_limit_do_not_fill_the_journal(app: TestApp) {
        let client = app.client(app.service().await, &[Permission::ServicesRead]).await;
        let user = app.user(app.service().await, Role::Coordinator).await;
        let id = client.bare_id().to_string();
        let peer: SocketAddr = ([192, 0, 2, 1], 4000).into();
        for _ in 0..150 {
            let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", "sec_wrong")];
            let request = app.anonymous().request("POST", "/oauth/token").peer_addr(peer).set_form(fields);
            assert!([401, 429].contains(&app.send(request.to_request()).await.status));
        }
        let of = |code: &str| app.database.texts(&format!("SELECT id AS text FROM audit_events WHERE code = '{code}'")).len();
        assert_eq!((of("invalid_client"), of("too_many_attempts")), (100, 1));
        // The refusals of a caller who is known are events of their own.
        for _ in 0..3 {
            user.get("/v1/clients").await.expect(403);
        }
        assert_eq!(of("forbidden"), 3);
    }
}
