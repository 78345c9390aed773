//! An administrator must not see children alone and unseen: a second person confirms, and the service's journal has it.

use passerelle::auth::{AccountPolicy, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::authority::path_of;
use crate::harness::{Caller, PASSWORD, TestApp};

const FOUR_EYES: AccountPolicy = AccountPolicy { second_factor: false, four_eyes: true };

fn role(service: Id, role: &str) -> Value {
    json!({"service_id": service, "role": role})
}

async fn client_token(app: &TestApp, id: &str, secret: &Value) -> u16 {
    let secret = secret.as_str().unwrap();
    let fields = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    app.anonymous().post_form("/oauth/token", &fields).await.status
}

/// The changes of rights in the journal of a service, latest first.
async fn rights_in(reader: &Caller, service: Id) -> Vec<(Value, Value, Value)> {
    let journal = reader.get(&format!("/v1/audit-events?service_id={service}&limit=500")).await.expect(200);
    let changes = journal.rows().iter().flat_map(|event| event["changed"].as_array().unwrap().clone());
    let of_rights = changes.filter(|change| change["before"] != change["after"]);
    of_rights.map(|change| (change["resource"].clone(), change["before"].clone(), change["after"].clone())).collect()
}

on_both_databases! {
    async fn an_administrator_does_not_give_themselves_the_sight_of_children(app: TestApp) {
        let app = app.instance_under(FOUR_EYES).await;
        let service = app.service().await;
        let (administrator, second) = (app.administrator().await, app.administrator().await);
        let manager = app.user(service, Role::Manager).await;
        let to_role = format!("{}/role", path_of(&administrator));
        for confirmer in [&manager, &second] {
            let asked = administrator.post(&to_role, role(service, "manager")).await.expect(200);
            assert_eq!(asked["memberships"], json!([{"service_id": service, "role": "manager", "pending": true}]));
            administrator.get("/v1/referrals").await.expect(403);
            // Asking again confirms nothing, and changes nothing.
            let again = administrator.post(&to_role, role(service, "manager")).await.expect(200);
            assert_eq!(again["version"], asked["version"]);
            administrator.get("/v1/referrals").await.expect(403);
            let asked = confirmer.get("/v1/me/notices?kind=role_requested").await.expect(200);
            assert_eq!(asked.rows()[0]["about"], administrator.id.unwrap().to_string());
            let seen = confirmer.get(&path_of(&administrator)).await.expect(200);
            assert_eq!(seen["memberships"][0]["pending"], true);
            confirmer.post(&to_role, role(service, "manager")).await.expect(200);
            administrator.get("/v1/referrals").await.expect(200);
            assert_eq!(manager.get("/v1/me/notices").await.expect(200).rows()[0]["kind"], "administrator_entered");
            // Who manages the service already sees its children: less or the same needs nobody.
            administrator.post(&to_role, role(service, "coordinator")).await.expect(200);
            administrator.get("/v1/referrals").await.expect(200);
            confirmer.post(&to_role, json!({"service_id": service, "role": null})).await.expect(200);
        }
        // A role for somebody else needs nobody.
        let colleague = app.user(service, Role::Professional).await;
        administrator.post(&format!("{}/role", path_of(&colleague)), role(service, "coordinator")).await.expect(200);
        colleague.get("/v1/referrals").await.expect(200);
    }

    async fn an_administrator_does_not_enter_by_their_own_invitation(app: TestApp) {
        let app = app.instance_under(FOUR_EYES).await;
        let service = app.service().await;
        let (administrator, manager) = (app.administrator().await, app.user(service, Role::Manager).await);
        let accept = async |issuer: &Caller| {
            let token = issuer.post("/v1/invitations", role(service, "coordinator")).await.expect(201)["token"].clone();
            let answer = json!({"token": token, "email": administrator.email, "display_name": "X", "password": PASSWORD});
            app.anonymous().post("/v1/invitations/accept", answer).await.expect(201)["memberships"][0]["pending"].clone()
        };
        assert_eq!(accept(&administrator).await, true);
        administrator.get("/v1/referrals").await.expect(403);
        assert_eq!(accept(&manager).await, false);
        administrator.get("/v1/referrals").await.expect(200);
    }

    async fn an_administrator_does_not_read_children_by_a_client_of_their_own(app: TestApp) {
        let app = app.instance_under(FOUR_EYES).await;
        let service = app.service().await;
        let (administrator, second) = (app.administrator().await, app.administrator().await);
        let manager = app.user(service, Role::Manager).await;
        let new = |permission: &str| json!({"name": "Script", "service_ids": [service], "permissions": [permission]});
        for confirmer in [&manager, &second] {
            let made = administrator.post("/v1/clients", new("referrals:read")).await.expect(201);
            let (id, path) = (made.id(), format!("/v1/clients/{}", made.id()));
            assert_eq!(made["pending"], true);
            assert_eq!(client_token(&app, &id, &made["client_secret"]).await, 401);
            administrator.act(&format!("{path}/confirm")).await.expect(403).problem("forbidden");
            administrator.act(&format!("{path}/disable")).await.expect(200);
            administrator.act(&format!("{path}/enable")).await.expect(200);
            assert_eq!(client_token(&app, &id, &made["client_secret"]).await, 401);
            assert_eq!(confirmer.get("/v1/me/notices?kind=client_requested").await.expect(200).rows()[0]["about"], format!("client:{id}"));
            assert_eq!(confirmer.act(&format!("{path}/confirm")).await.expect(200)["pending"], false);
            confirmer.act(&format!("{path}/confirm")).await.expect(409).problem("conflict");
            assert_eq!(client_token(&app, &id, &made["client_secret"]).await, 200);
            // More rights wait; the same or fewer do not.
            administrator.patch(&path, json!({"name": "Autre"})).await.expect(200);
            assert_eq!(client_token(&app, &id, &made["client_secret"]).await, 200);
            let more = json!({"permissions": ["referrals:read", "cases:read"]});
            assert_eq!(administrator.patch(&path, more).await.expect(200)["pending"], true);
            assert_eq!(client_token(&app, &id, &made["client_secret"]).await, 401);
            confirmer.act(&format!("{path}/confirm")).await.expect(200);
            // Whoever knows the secret has the rights: a new secret for an administrator waits too.
            let turned = administrator.post(&format!("{path}/secret"), json!({"overlap_hours": 24})).await.expect(200);
            assert_eq!(turned["pending"], true);
            assert_eq!(client_token(&app, &id, &turned["client_secret"]).await, 401);
            confirmer.act(&format!("{path}/confirm")).await.expect(200);
            assert_eq!(client_token(&app, &id, &turned["client_secret"]).await, 200);
        }
        // A client that is narrowed to rights that reach no child waits for nobody.
        let made = administrator.post("/v1/clients", new("services:read")).await.expect(201);
        let path = format!("/v1/clients/{}", made.id());
        let wider = json!({"permissions": ["services:read", "referrals:read"]});
        assert_eq!(administrator.patch(&path, wider).await.expect(200)["pending"], true);
        let narrower = json!({"permissions": ["services:read"]});
        assert_eq!(administrator.patch(&path, narrower).await.expect(200)["pending"], false);
        assert_eq!(client_token(&app, &made.id(), &made["client_secret"]).await, 200);
        // One who waits does not confirm themselves by the request of another: their secret no longer works.
        let made = administrator.post("/v1/clients", new("referrals:read")).await.expect(201);
        let path = format!("/v1/clients/{}", made.id());
        let turned = second.post(&format!("{path}/secret"), json!({"overlap_hours": 24})).await.expect(200);
        assert_eq!((&turned["former_secret_until"], &turned["pending"]), (&Value::Null, &json!(true)));
        administrator.act(&format!("{path}/confirm")).await.expect(200);
        assert_eq!(client_token(&app, &made.id(), &made["client_secret"]).await, 401);
        assert_eq!(client_token(&app, &made.id(), &turned["client_secret"]).await, 200);
        // A manager gives rights of their own service, and an administrator those that show no child.
        assert_eq!(manager.post("/v1/clients", new("referrals:read")).await.expect(201)["pending"], false);
        assert_eq!(administrator.post("/v1/clients", new("services:read")).await.expect(201)["pending"], false);
    }

    async fn a_change_of_rights_is_not_missing_from_the_journal_of_its_service(app: TestApp) {
        let (service, other) = (app.service().await, app.service().await);
        let administrator = app.administrator().await;
        let (manager, elsewhere) = (app.user(service, Role::Manager).await, app.user(other, Role::Manager).await);
        let before = rights_in(&manager, service).await.len();
        // Alone, without a second person: the journal and the notice stay.
        let to_role = format!("{}/role", path_of(&administrator));
        administrator.post(&to_role, role(service, "professional")).await.expect(200);
        administrator.get("/v1/referrals").await.expect(200);
        administrator.post(&to_role, role(service, "manager")).await.expect(200);
        administrator.post(&to_role, json!({"service_id": service, "role": null})).await.expect(200);
        assert_eq!(manager.get("/v1/me/notices?kind=administrator_entered").await.expect(200).rows().len(), 1);
        let user = app.user(service, Role::Professional).await;
        manager.act(&format!("{}/disable", path_of(&user))).await.expect(200);
        manager.act(&format!("{}/enable", path_of(&user))).await.expect(200);
        let new = json!({"name": "Script", "service_ids": [service], "permissions": ["referrals:read"]});
        let client = format!("/v1/clients/{}", administrator.post("/v1/clients", new).await.expect(201).id());
        administrator.patch(&client, json!({"permissions": ["referrals:read", "cases:read"]})).await.expect(200);
        manager.act(&format!("{client}/disable")).await.expect(200);
        let invited = manager.post("/v1/invitations", role(service, "coordinator")).await.expect(201).id();
        manager.delete(&format!("/v1/invitations/{invited}?reason=entered_by_mistake")).await.expect(204);
        let mut journaled = rights_in(&manager, service).await;
        journaled.truncate(journaled.len() - before);
        journaled.reverse();
        let expected = [
            ("user", Value::Null, json!("professional")),
            ("user", json!("professional"), json!("manager")),
            ("user", json!("manager"), Value::Null),
            // The setup of the user: an invitation that is accepted.
            ("invitation", Value::Null, json!("professional")),
            ("user", Value::Null, json!("professional")),
            ("user", json!("professional"), Value::Null),
            ("user", Value::Null, json!("professional")),
            ("client", Value::Null, json!("referrals:read")),
            ("client", json!("referrals:read"), json!("referrals:read cases:read")),
            ("client", json!("referrals:read cases:read"), Value::Null),
            ("invitation", Value::Null, json!("coordinator")),
            ("invitation", json!("coordinator"), Value::Null),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(resource, before, after)| (json!(resource), before, after)).collect();
        let mut sorted = (journaled.clone(), expected.clone());
        // The changes of one event have no order among them.
        sorted.0.sort_by_key(|change| format!("{change:?}"));
        sorted.1.sort_by_key(|change| format!("{change:?}"));
        assert_eq!(sorted.0, sorted.1, "{journaled:#?}");
        // Another service and its feed have nothing of it.
        assert!(rights_in(&elsewhere, other).await.iter().all(|(resource, ..)| resource != "client"));
        let feed = manager.get("/v1/changes").await.expect(200);
        assert!(feed.rows().iter().all(|row| row["resource"] != "user" && row["resource"] != "client"));
        // Whether somebody administers the deployment is in the deployment's journal.
        administrator.patch(&path_of(&user), json!({"administrator": true})).await.expect(200);
        let journal = administrator.get("/v1/audit-events?resource=user&limit=1").await.expect(200);
        let changed = journal.rows()[0]["changed"].as_array().unwrap().clone();
        assert!(changed.iter().any(|change| change["after"] == "administrator" && change["before"].is_null()), "{changed:?}");
    }
}
