//! Refusals that a stranger repeats do not fill the journal, which is kept for ever.

use std::net::{IpAddr, SocketAddr};

use chrono::Duration;
use passerelle::auth::{Permission, Role};
use passerelle::db::UtcTs;
use serde_json::json;

use crate::harness::TestApp;

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
