//! A connection that is lost during a commit: nobody can say whether the write took effect.

use serde_json::json;

use crate::harness::{Engine, run};
use passerelle::auth::Role;

/// At the commit, the server closes the connection.
const LOSE_CONNECTION: [&str; 2] = [
    "CREATE FUNCTION lose_connection() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$",
    "CREATE CONSTRAINT TRIGGER lose_connection AFTER INSERT ON organisations DEFERRABLE INITIALLY DEFERRED \
     FOR EACH ROW EXECUTE FUNCTION lose_connection()",
];

#[test]
fn a_connection_lost_during_a_commit_leaves_the_outcome_unknown_and_the_key_finds_out() {
    run(Engine::Postgres, |app| async move {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await.with_header("Idempotency-Key", "one");
        let new = json!({"service_id": service, "kind": "eaje", "name": "Crèche", "commune_code": "63113"});
        for statement in LOSE_CONNECTION {
            app.database.execute(statement).unwrap();
        }
        let lost = manager.post("/v1/organisations", new.clone()).await.expect(503).problem("outcome_unknown");
        assert_eq!(lost.header("retry-after"), "1");
        app.database.execute("DROP TRIGGER lose_connection ON organisations").unwrap();
        manager.post("/v1/organisations", new).await.expect(201);
        assert_eq!(app.database.count("organisations"), 1);
    });
}
