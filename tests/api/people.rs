//! Managing accounts: users, invitations, API clients.

use std::collections::BTreeSet;

use chrono::Duration;
use passerelle::auth::{Permission, PrincipalId, Role};
use serde_json::{Value, json};

use crate::harness::{Caller, PASSWORD, Response, TestApp};

const NEW_PASSWORD: &str = "une phrase toute neuve";

async fn sign_in(app: &TestApp, user: &Caller, password: &str) -> Response {
    let fields = [("grant_type", "password"), ("username", user.email.as_str()), ("password", password)];
    app.anonymous().post_form("/oauth/token", &fields).await
}

async fn client_token(app: &TestApp, client: &Caller, secret: &str) -> Response {
    let id = client.bare_id().to_string();
    let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret)];
    app.anonymous().post_form("/oauth/token", &fields).await
}

fn path_of(caller: &Caller) -> String {
    let kind = if matches!(caller.id, Some(PrincipalId::User(_))) { "users" } else { "clients" };
    format!("/v1/{kind}/{}", caller.bare_id())
}

fn ids(answer: &Response) -> BTreeSet<String> {
    answer.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn bare(caller: &Caller) -> String {
    caller.bare_id().to_string()
}

on_both_databases! {
    async fn a_manager_sees_the_users_of_their_services(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let manager = app.user(own, Role::Manager).await;
        let colleague = app.user(own, Role::Professional).await;
        let stranger = app.user(other, Role::Professional).await;
        let administrator = app.administrator().await;
        let listed = manager.get("/v1/users").await.expect(200);
        assert_eq!(ids(&listed), BTreeSet::from([bare(&manager), bare(&colleague)]));
        assert_eq!(ids(&administrator.get("/v1/users").await.expect(200)).len(), 4);
        let of_other = administrator.get(&format!("/v1/users?service_id={other}")).await.expect(200);
        assert_eq!(ids(&of_other), BTreeSet::from([bare(&stranger)]));
        assert!(manager.get(&format!("/v1/users?service_id={other}")).await.expect(200).rows().is_empty());
        let shown = manager.get(&path_of(&colleague)).await.expect(200);
        assert_eq!(shown["memberships"], json!([{"service_id": own, "role": "professional", "pending": false}]));
        assert_eq!(shown["last_signed_in_at"], Value::Null);
        manager.get(&path_of(&stranger)).await.expect(404);
        manager.get(&path_of(&administrator)).await.expect(404);
        sign_in(&app, &colleague, PASSWORD).await.expect(200);
        let shown = manager.get(&path_of(&colleague)).await.expect(200);
        assert_eq!((&shown["last_signed_in_at"], &shown["version"]), (&json!("2026-03-02T08:15:00.000000Z"), &json!(1)));
        assert!(manager.get("/v1/users?disabled=true").await.expect(200).rows().is_empty());
    }

    async fn a_disabled_user_loses_access_at_once_and_can_be_enabled_again(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let user = app.user(service, Role::Professional).await;
        let signed_in = sign_in(&app, &user, PASSWORD).await.expect(200);
        let refresh = signed_in["refresh_token"].as_str().unwrap().to_owned();
        user.get("/v1/me").await.expect(200);
        let stale = manager.clone().with_header("If-Match", "\"9\"");
        stale.act(&format!("{}/disable", path_of(&user))).await.expect(412);
        manager.clone().with_header("If-Match", "").act(&format!("{}/disable", path_of(&user))).await.expect(428);
        let disabled = manager.act(&format!("{}/disable", path_of(&user))).await.expect(200);
        assert_eq!((&disabled["disabled"], &disabled["version"]), (&json!(true), &json!(2)));
        user.get("/v1/me").await.expect(401).problem("unauthenticated");
        sign_in(&app, &user, PASSWORD).await.expect(400).problem("invalid_grant");
        let renewal = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        app.anonymous().post_form("/oauth/token", &renewal).await.expect(400);
        assert_eq!(ids(&manager.get("/v1/users?disabled=true").await.expect(200)), BTreeSet::from([bare(&user)]));
        manager.act(&format!("{}/enable", path_of(&user))).await.expect(200);
        sign_in(&app, &user, PASSWORD).await.expect(200);
        user.get("/v1/me").await.expect(200);
        app.anonymous().post_form("/oauth/token", &renewal).await.expect(400);
        let own = manager.act(&format!("{}/disable", path_of(&manager))).await.expect(409).problem("conflict");
        assert!(own.text().contains("propre compte"));
    }

    async fn only_an_administrator_resets_a_user_with_roles_in_several_services(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let manager = app.user(own, Role::Manager).await;
        let shared = app.user(own, Role::Professional).await;
        let administrator = app.administrator().await;
        // The manager of the other service invites them too; they accept with their own password.
        let other_manager = app.user(other, Role::Manager).await;
        let invited = other_manager.post("/v1/invitations", json!({"service_id": other, "role": "coordinator"})).await.expect(201);
        let answer = |password: &str| json!({
            "token": invited["token"], "email": shared.email, "display_name": "Une personne", "password": password
        });
        app.anonymous().post("/v1/invitations/accept", answer("une phrase qui est fausse")).await.expect(409).problem("conflict");
        let joined = app.anonymous().post("/v1/invitations/accept", answer(PASSWORD)).await.expect(201);
        assert_eq!((joined["id"].as_str().unwrap(), joined["memberships"].as_array().unwrap().len()), (bare(&shared).as_str(), 2));
        app.anonymous().post("/v1/invitations/accept", answer(PASSWORD)).await.breaks("/token", "invitation_unusable");
        // Each manager sees and changes the role in their own service; neither can manage the account.
        for (manager, service) in [(&manager, own), (&other_manager, other)] {
            let shown = manager.get(&path_of(&shared)).await.expect(200);
            assert_eq!(shown["memberships"].as_array().unwrap().len(), 1);
            assert_eq!(shown["memberships"][0]["service_id"], service.as_str());
            for action in ["disable", "enable", "reset-second-factor", "password-reset"] {
                manager.act(&format!("{}/{action}", path_of(&shared))).await.expect(403).problem("forbidden");
            }
            manager.patch(&path_of(&shared), json!({"display_name": "X"})).await.expect(403);
        }
        administrator.act(&format!("{}/password-reset", path_of(&shared))).await.expect(200);
        let role = |service, role: Value| json!({"service_id": service, "role": role});
        let to_role = format!("{}/role", path_of(&shared));
        manager.post(&to_role, role(other, json!("manager"))).await.breaks("/service_id", "unknown_service");
        let changed = manager.post(&to_role, role(own, json!("manager"))).await.expect(200);
        assert_eq!(changed["memberships"], json!([{"service_id": own, "role": "manager", "pending": false}]));
        shared.get("/v1/users").await.expect(200);
        let gone = manager.post(&to_role, role(own, Value::Null)).await.expect(200);
        assert_eq!(gone["memberships"], json!([]));
        manager.get(&path_of(&shared)).await.expect(404);
        // With a role in one service only, its manager can manage the account.
        other_manager.patch(&path_of(&shared), json!({"display_name": "La collègue"})).await.expect(200);
        let me = shared.get("/v1/me").await.expect(200);
        assert_eq!(me["services"].as_array().unwrap().len(), 1);
    }

    async fn the_last_administrator_cannot_be_disabled(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let first = app.administrator().await;
        first.patch(&path_of(&first), json!({"administrator": false})).await.expect(409).problem("conflict");
        let second = app.administrator().await;
        manager.patch(&path_of(&manager), json!({"administrator": true})).await.expect(403);
        first.patch(&path_of(&manager), json!({"administrator": true})).await.expect(200);
        manager.get("/v1/users").await.expect(200);
        assert_eq!(ids(&manager.get("/v1/users").await.expect(200)).len(), 3);
        first.patch(&path_of(&manager), json!({"administrator": false})).await.expect(200);
        // Two administrators who disable each other concurrently: one of them remains.
        let (a, b) = (format!("{}/disable", path_of(&first)), format!("{}/disable", path_of(&second)));
        let (by_second, by_first) = futures_util::future::join(second.act(&a), first.act(&b)).await;
        let mut statuses = [by_second.status, by_first.status];
        statuses.sort_unstable();
        assert!(statuses == [200, 409] || statuses == [200, 401], "{statuses:?}");
        let left = app.local(passerelle::accounts::users::ops::all).await;
        assert_eq!(left.iter().filter(|user| user.administrator && user.disabled_at.is_none()).count(), 1);
    }

    async fn a_password_is_reset_by_a_token_that_works_once(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let user = app.user(service, Role::Professional).await;
        let signed_in = sign_in(&app, &user, PASSWORD).await.expect(200);
        let ask = || async { manager.act(&format!("{}/password-reset", path_of(&user))).await.expect(200) };
        let first = ask().await;
        assert_eq!(first["expires_at"], "2026-03-03T08:15:00.000000Z");
        let second = ask().await;
        let answer = |token: &Response, password: &str| json!({"token": token["token"], "password": password});
        let address = "/v1/password-resets/use";
        app.anonymous().post(address, answer(&first, NEW_PASSWORD)).await.breaks("/token", "reset_unusable");
        app.anonymous().post(address, answer(&second, "short")).await.breaks("/password", "password_too_short");
        sign_in(&app, &user, PASSWORD).await.expect(200);
        app.anonymous().post(address, answer(&second, NEW_PASSWORD)).await.expect(204);
        app.anonymous().post(address, answer(&second, PASSWORD)).await.breaks("/token", "reset_unusable");
        let token = signed_in["access_token"].as_str().unwrap();
        app.anonymous().with_header("Authorization", &format!("Bearer {token}")).get("/v1/me").await.expect(401);
        sign_in(&app, &user, PASSWORD).await.expect(400);
        sign_in(&app, &user, NEW_PASSWORD).await.expect(200);
        let late = ask().await;
        app.advance(Duration::hours(24));
        app.anonymous().post(address, answer(&late, PASSWORD)).await.breaks("/token", "reset_unusable");
        assert_eq!(app.traces_of(&[second["token"].as_str().unwrap(), NEW_PASSWORD]), Vec::<String>::new());
    }

    async fn an_open_invitation_is_listed_and_withdrawn(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let manager = app.user(own, Role::Manager).await;
        let administrator = app.administrator().await;
        let mine = manager.post("/v1/invitations", json!({"service_id": own, "role": "professional"})).await.expect(201);
        administrator.post("/v1/invitations", json!({"service_id": other, "role": "professional"})).await.expect(201);
        administrator.post("/v1/invitations", json!({"administrator": true})).await.expect(201);
        let listed = manager.get("/v1/invitations").await.expect(200);
        assert_eq!(ids(&listed), BTreeSet::from([mine.id()]));
        assert!(!listed.text().contains(mine["token"].as_str().unwrap()));
        assert_eq!(administrator.get("/v1/invitations").await.expect(200).rows().len(), 3);
        let path = format!("/v1/invitations/{}", mine.id());
        app.user(other, Role::Manager).await.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(404);
        manager.delete(&path).await.expect(400).problem("invalid_parameters");
        manager.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(204);
        manager.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(404);
        let answer = json!({"token": mine["token"], "email": "a@example.org", "display_name": "A", "password": PASSWORD});
        app.anonymous().post("/v1/invitations/accept", answer).await.breaks("/token", "invitation_unusable");
        assert!(manager.get("/v1/invitations").await.expect(200).rows().is_empty());
        app.advance(Duration::days(7));
        assert!(administrator.get("/v1/invitations").await.expect(200).rows().is_empty());
    }

    async fn a_client_has_an_expiry_date_and_allowed_networks(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let client = app.client(service, &[Permission::ServicesRead]).await;
        let path = path_of(&client);
        client.get("/v1/services").await.expect(200);
        // Its requests come from 127.0.0.1.
        let elsewhere = manager.patch(&path, json!({"networks": ["192.0.2.0/24", "2001:db8::/48"]})).await.expect(200);
        assert_eq!(elsewhere["networks"], json!(["192.0.2.0/24", "2001:db8::/48"]));
        client.get("/v1/services").await.expect(403).problem("forbidden");
        client_token(&app, &client, &client.secret).await.expect(403).problem("forbidden");
        client_token(&app, &client, "sec_wrong").await.expect(401).problem("invalid_client");
        for wrong in [json!(["192.0.2.256"]), json!(["192.0.2.0/33"]), json!(["::g"]), json!([])] {
            let refused = manager.patch(&path, json!({"networks": wrong})).await;
            assert!([400, 422].contains(&refused.status), "{}", refused.text());
        }
        manager.patch(&path, json!({"networks": ["127.0.0.0/8"]})).await.expect(200);
        client.get("/v1/services").await.expect(200);
        client_token(&app, &client, &client.secret).await.expect(200);
        manager.patch(&path, json!({"networks": null, "expires_at": "2026-03-02T09:15:00Z"})).await.expect(200);
        app.advance(Duration::hours(1) - Duration::microseconds(1));
        client.get("/v1/services").await.expect(200);
        client_token(&app, &client, &client.secret).await.expect(200);
        let seen = manager.get(&path).await.expect(200);
        assert_eq!(seen["last_used_at"], "2026-03-02T09:14:59.999999Z");
        app.advance(Duration::microseconds(1));
        app.context().principals.forget(client.id.unwrap());
        client.get("/v1/services").await.expect(401).problem("unauthenticated");
        client_token(&app, &client, &client.secret).await.expect(401).problem("invalid_client");
        manager.patch(&path, json!({"expires_at": null, "name": "Un autre nom"})).await.expect(200);
        client.get("/v1/services").await.expect(200);
    }

    async fn the_secret_of_a_client_rotates_without_interruption(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let client = app.client(service, &[Permission::ServicesRead]).await;
        let path = format!("{}/secret", path_of(&client));
        let changed = manager.post(&path, json!({"overlap_hours": 24})).await.expect(200);
        assert_eq!(changed["former_secret_until"], "2026-03-03T08:15:00.000000Z");
        let new = changed["client_secret"].as_str().unwrap();
        client_token(&app, &client, new).await.expect(200);
        client_token(&app, &client, &client.secret).await.expect(200);
        app.advance(Duration::hours(24));
        client_token(&app, &client, &client.secret).await.expect(401);
        client_token(&app, &client, new).await.expect(200);
        let known = manager.post(&path, json!({"overlap_hours": 0})).await.expect(200);
        assert_eq!(known["former_secret_until"], Value::Null);
        client_token(&app, &client, new).await.expect(401);
        manager.post(&path, json!({"overlap_hours": 169})).await.expect(400);
        manager.post(&path, json!({})).await.expect(400);
        assert_eq!(app.traces_of(&[new]), Vec::<String>::new());
        manager.act(&format!("{}/disable", path_of(&client))).await.expect(200);
        client.get("/v1/services").await.expect(401);
        manager.act(&format!("{}/enable", path_of(&client))).await.expect(200);
        client.get("/v1/services").await.expect(200);
        // Only an administrator manages a client with access to several services.
        let shared = app.client_of(&[service, app.service().await], &[Permission::ServicesRead]).await;
        let seen = manager.get(&path_of(&shared)).await.expect(200);
        assert_eq!(seen["service_ids"], json!([service]));
        manager.patch(&path_of(&shared), json!({"name": "X"})).await.expect(403).problem("forbidden");
        manager.act(&format!("{}/disable", path_of(&shared))).await.expect(403);
        app.administrator().await.act(&format!("{}/disable", path_of(&shared))).await.expect(200);
    }

    async fn the_client_of_a_partner_is_named_and_has_no_access_to_children(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let partner = json!({"name": "Caf du Puy-de-Dôme", "kind": "caf", "territory": "departement:63"});
        let new = |permissions: Value, partner: &Value| json!({
            "name": "Tableau de bord", "service_ids": [service], "permissions": permissions, "partner": partner
        });
        let before = app.database.counts();
        for permission in ["referrals:read", "activity:read", "changes:read", "audit:read", "cases:write"] {
            let refused = manager.post("/v1/clients", new(json!(["services:read", permission]), &partner)).await;
            refused.breaks("/permissions", "permission_for_staff");
        }
        for (member, wrong, code) in
            [("kind", "nobody", "nomenclature"), ("territory", "departement:00", "territory"), ("territory", "63", "pattern")]
        {
            let mut partner = partner.clone();
            partner[member] = json!(wrong);
            let refused = manager.post("/v1/clients", new(json!(["services:read"]), &partner)).await.expect(400);
            assert!(refused.faults().iter().any(|(at, _)| *at == format!("/partner/{member}")), "{code}: {}", refused.text());
        }
        assert_eq!(app.database.counts(), before);
        let made = manager.post("/v1/clients", new(json!(["services:read"]), &partner)).await.expect(201);
        let shown = manager.get(&format!("/v1/clients/{}", made.id())).await.expect(200);
        assert_eq!(shown["partner"], partner);
        let wider = manager.patch(&format!("/v1/clients/{}", made.id()), json!({"permissions": ["cases:read"]})).await;
        wider.breaks("/permissions", "permission_for_staff");
        app.client(service, &[Permission::ServicesRead]).await;
        assert_eq!(ids(&manager.get("/v1/clients?partner=true").await.expect(200)), BTreeSet::from([made.id()]));
        assert_eq!(manager.get("/v1/clients?partner=false").await.expect(200).rows().len(), 1);
    }

    async fn the_journal_of_the_deployment_records_accounts(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let user = app.user(service, Role::Professional).await;
        let administrator = app.administrator().await;
        sign_in(&app, &user, PASSWORD).await.expect(200);
        sign_in(&app, &user, "wrong").await.expect(400);
        manager.act(&format!("{}/disable", path_of(&user))).await.expect(200);
        let journal = administrator.get("/v1/audit-events?limit=500").await.expect(200);
        let found = |operation: &str, outcome: &str, principal: &Caller| {
            let who = principal.id.unwrap().to_string();
            journal.rows().iter().any(|row| {
                row["operation"] == operation && row["outcome"] == outcome && row["principal"] == who.as_str()
            })
        };
        assert!(found("POST /oauth/token", "done", &user), "{}", journal.text());
        assert!(found("POST /oauth/token", "refused", &user));
        assert!(found("POST /v1/users/{id}/disable", "done", &manager));
        let changed = journal.rows().iter().find(|row| row["operation"] == "POST /v1/users/{id}/disable").unwrap();
        assert_eq!(changed["changed"][0], json!({"resource": "user", "id": bare(&user), "kind": "updated", "before": null, "after": null}));
    }

    async fn signing_keys_rotate_without_interruption(app: TestApp) {
        use passerelle::auth::KeyRing;
        let user = app.user(app.service().await, Role::Professional).await;
        let other = app.second_instance().await;
        let bearer = |app: &TestApp, token: &str| app.anonymous().with_header("Authorization", &format!("Bearer {token}"));
        let old = user.token();
        let old_key = app.anonymous().get("/.well-known/jwks.json").await.expect(200)["keys"][0]["kid"].clone();
        app.advance(Duration::seconds(1));
        let new_key = app.local(|work| KeyRing::rotate(work.conn, work.vault, work.now)).await;
        // An instance that has reloaded the keys signs with the new one; another instance accepts its tokens at once.
        let ring = app.context().db.read(passerelle::db::SystemScope::Operator, KeyRing::stored).await.unwrap();
        app.context().keys.install(&ring, &app.context().vault).unwrap();
        let new = user.token();
        assert_ne!(old.split('.').next(), new.split('.').next());
        for instance in [&app, &other] {
            bearer(instance, &old).get("/v1/me").await.expect(200);
            bearer(instance, &new).get("/v1/me").await.expect(200);
        }
        let listed = app.anonymous().get("/.well-known/jwks.json").await.expect(200);
        let kids: Vec<&Value> = listed["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
        assert_eq!(kids, [&old_key, &json!(new_key)]);
        // The previous key is retired once none of its tokens is valid; the signing key is never retired.
        let retire = async |kid: String, at_once: bool| {
            let call = app.context().write(PrincipalId::Local, move |work| KeyRing::retire(work.conn, work.vault, &kid, at_once, work.now));
            call.await.map_err(|error| error.code.as_str())
        };
        let old_key = old_key.as_str().unwrap().to_owned();
        assert_eq!(retire(new_key.clone(), true).await, Err("conflict"));
        assert_eq!(retire("nothing".into(), true).await, Err("not_found"));
        app.advance(Duration::seconds(629));
        assert_eq!(retire(old_key.clone(), false).await, Err("conflict"));
        app.advance(Duration::seconds(1));
        assert_eq!(retire(old_key.clone(), false).await, Ok(()));
        assert_eq!(retire(old_key, false).await, Err("not_found"));
        // A verified token is accepted until it expires, and only while its key is in use.
        let (token, kid) = (user.token(), new_key.clone());
        bearer(&app, &token).get("/v1/me").await.expect(200);
        app.advance(Duration::seconds(599));
        bearer(&app, &token).get("/v1/me").await.expect(200);
        app.advance(Duration::seconds(1));
        bearer(&app, &token).get("/v1/me").await.expect(401);
        let token = user.token();
        bearer(&app, &token).get("/v1/me").await.expect(200);
        app.local(|work| KeyRing::rotate(work.conn, work.vault, work.now)).await;
        assert_eq!(retire(kid, true).await, Ok(()));
        let ring = app.context().db.read(passerelle::db::SystemScope::Operator, KeyRing::stored).await.unwrap();
        app.context().keys.install(&ring, &app.context().vault).unwrap();
        bearer(&app, &token).get("/v1/me").await.expect(401);
        let fresh = app.second_instance().await;
        assert_eq!(fresh.context().keys.public_keys().len(), 1);
        bearer(&fresh, &user.token()).get("/v1/me").await.expect(200);
    }
}
