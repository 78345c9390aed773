//! Accounts: sign-in, loss of access, invitations, permissions of each role.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use futures_util::future::join_all;
use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::{Caller, PASSWORD, Response, TestApp, logs};

async fn sign_in(app: &TestApp, fields: &[(&str, &str)]) -> Response {
    app.anonymous().post_form("/oauth/token", fields).await
}

fn bearer(app: &TestApp, token: &Response) -> Caller {
    let token = token["access_token"].as_str().unwrap();
    app.anonymous().with_header("Authorization", &format!("Bearer {token}"))
}

fn acceptance(token: &Value, email: &str) -> Value {
    json!({"token": token, "email": email, "display_name": "La coordinatrice", "password": PASSWORD})
}

/// The permissions of `/v1/me` in a service.
fn permissions_in(me: &Response, service: Id) -> BTreeSet<String> {
    let services = me["services"].as_array().unwrap();
    let held = services.iter().filter(|held| held["service_id"] == service.as_str());
    let words = held.flat_map(|held| held["permissions"].as_array().unwrap());
    words.map(|word| word.as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn a_user_signs_in_with_their_password(app: TestApp) {
        let service = app.service().await;
        let user = app.user(service, Role::Professional).await;
        let fields = [("grant_type", "password"), ("username", &user.email), ("password", PASSWORD)];
        let token = sign_in(&app, &fields).await.expect(200);
        assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(600)));
        assert!(token["scope"].as_str().unwrap().split(' ').any(|word| word == "referrals:write"));
        assert_eq!(token.header("cache-control"), "no-store");
        let me = bearer(&app, &token).get("/v1/me").await.expect(200);
        assert_eq!(me["id"], user.id.unwrap().to_string());
        // E-mail addresses are compared without case and surrounding spaces.
        let upper = format!(" {}", user.email.to_uppercase());
        sign_in(&app, &[("grant_type", "password"), ("username", &upper), ("password", PASSWORD)]).await.expect(200);
    }

    async fn a_wrong_password_and_an_unknown_user_get_the_same_response(app: TestApp) {
        let service = app.service().await;
        let user = app.user(service, Role::Professional).await;
        let mut responses = Vec::new();
        for (username, password) in [
            (user.email.as_str(), "une phrase assez longuE"), (user.email.as_str(), ""), ("nobody@example.org", PASSWORD),
        ] {
            let response = sign_in(&app, &[("grant_type", "password"), ("username", username), ("password", password)]).await;
            let mut response = response.expect(400).problem("invalid_grant").json;
            assert_eq!(response["error"], "invalid_grant");
            response["request_id"] = Value::Null;
            responses.push(response);
        }
        assert!(responses.windows(2).all(|pair| pair[0] == pair[1]), "{responses:#?}");
        sign_in(&app, &[("grant_type", "password")]).await.expect(400).problem("invalid_grant");
        sign_in(&app, &[("grant_type", "refresh_token")]).await.expect(400).problem("invalid_grant");
        sign_in(&app, &[("grant_type", "implicit")]).await.expect(400).problem("unsupported_grant_type");
        sign_in(&app, &[]).await.expect(400).problem("invalid_body");
    }

    async fn a_client_signs_in_with_its_secret_in_the_body_or_as_basic(app: TestApp) {
        let service = app.service().await;
        let client = app.client(service, &[Permission::ReferralsWrite, Permission::ReferralsRead]).await;
        let (id, secret) = (client.bare_id().to_string(), client.secret.clone());
        let in_body = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", &secret)];
        let token = sign_in(&app, &in_body).await.expect(200);
        assert_eq!(token["scope"], "referrals:read referrals:write");
        let me = bearer(&app, &token).get("/v1/me").await.expect(200);
        assert_eq!(me["id"], format!("client:{id}"));
        let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let asked = [("grant_type", "client_credentials"), ("scope", "referrals:read")];
        let with = |header: &str| app.anonymous().with_header("Authorization", header);
        let token = with(&basic(&id, &secret)).post_form("/oauth/token", &asked).await.expect(200);
        bearer(&app, &token).get("/v1/me").await.expect(200);

        let other = app.client(service, &[Permission::ReferralsRead]).await;
        for header in [
            basic(&id, "sec_wrong"), basic(&id, &other.secret), basic(&id, ""), basic("nobody", &secret),
            basic("0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", &secret), "Basic ???".into(), "Basic".into(), "Digest x".into(),
        ] {
            let response = with(&header).post_form("/oauth/token", &asked).await.expect(401).problem("invalid_client");
            assert!(response.header("www-authenticate").starts_with("Basic "), "{header}");
        }
        let wrong = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", "sec_x")];
        sign_in(&app, &wrong).await.expect(401).problem("invalid_client");
        sign_in(&app, &[("grant_type", "client_credentials")]).await.expect(401).problem("invalid_client");
    }

    async fn a_disabled_user_loses_access(app: TestApp) {
        let service = app.service().await;
        let user = app.user(service, Role::Coordinator).await;
        user.get("/v1/me").await.expect(200);
        let email = user.email.to_uppercase();
        app.local(move |work| passerelle::accounts::users::ops::find_by_email(work, &email).and_then(|row| passerelle::accounts::users::ops::disable(work, &passerelle::auth::ServiceScope::All, &row))).await;
        // An instance caches rights for five seconds. An instance that has not cached this user refuses immediately.
        let instance = app.second_instance().await;
        user.clone().at(&instance).get("/v1/me").await.expect(401).problem("unauthenticated");
        let fields = [("grant_type", "password"), ("username", user.email.as_str()), ("password", PASSWORD)];
        sign_in(&instance, &fields).await.expect(400).problem("invalid_grant");
        // So does this instance once its cache has expired, after five seconds or with this call.
        app.context().principals.forget(user.id.unwrap());
        user.get("/v1/me").await.expect(401);
    }

    async fn a_disabled_client_loses_access(app: TestApp) {
        let service = app.service().await;
        let client = app.client(service, &[Permission::ServicesRead]).await;
        client.get("/v1/me").await.expect(200);
        let id = client.bare_id();
        app.local(move |work| passerelle::accounts::clients::ops::find(work, &passerelle::auth::ServiceScope::All, id).and_then(|row| passerelle::accounts::clients::ops::disable(work, &passerelle::auth::ServiceScope::All, &row))).await;
        let instance = app.second_instance().await;
        client.clone().at(&instance).get("/v1/services").await.expect(401).problem("unauthenticated");
        let (id, secret) = (id.to_string(), client.secret.as_str());
        let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret)];
        sign_in(&instance, &fields).await.expect(401).problem("invalid_client");
        let administrator = app.administrator().await;
        let listed = administrator.get("/v1/clients").await.expect(200);
        assert_eq!(listed.rows()[0]["disabled"], true);
    }

    async fn two_instances_accept_each_others_tokens(app: TestApp) {
        let service = app.service().await;
        let user = app.user(service, Role::Manager).await;
        let other = app.second_instance().await;
        let bearer = |token: String| format!("Bearer {token}");
        let here = bearer(user.token());
        other.anonymous().with_header("Authorization", &here).get("/v1/me").await.expect(200);
        let there = bearer(user.clone().at(&other).token());
        app.anonymous().with_header("Authorization", &there).get("/v1/me").await.expect(200);
    }

    async fn an_invitation_creates_one_account(app: TestApp) {
        let administrator = app.administrator().await;
        let service = app.service().await;
        let asked = json!({"service_id": service, "role": "coordinator"});
        let invitation = administrator.post("/v1/invitations", asked).await.expect(201);
        assert_eq!(invitation["expires_at"], "2026-03-09T08:15:00.000000Z");
        let body = acceptance(&invitation["token"], "Coordinatrice@Example.org");
        let user = app.anonymous().post("/v1/invitations/accept", body.clone()).await.expect(201);
        assert_eq!(user["email"], "coordinatrice@example.org");
        let again = app.anonymous().post("/v1/invitations/accept", body).await;
        again.breaks("/token", "invitation_unusable");
        let fields = [("grant_type", "password"), ("username", "coordinatrice@example.org"), ("password", PASSWORD)];
        let token = sign_in(&app, &fields).await.expect(200);
        let me = bearer(&app, &token).get("/v1/me").await.expect(200);
        assert!(permissions_in(&me, service).contains("referrals:decide"));
        // Secrets are stored as hashes, and never logged.
        let secret = invitation["token"].as_str().unwrap();
        assert_eq!(app.traces_of(&[secret, PASSWORD]), Vec::<String>::new());
    }

    async fn eight_concurrent_acceptances_of_an_invitation_create_one_account(app: TestApp) {
        let administrator = app.administrator().await;
        let service = app.service().await;
        let asked = json!({"service_id": service, "role": "professional"});
        let invitation = administrator.post("/v1/invitations", asked).await.expect(201);
        let before = app.database.count("users");
        let other = app.second_instance().await;
        let racers = (0..8).map(|n| {
            let caller = if n % 2 == 0 { app.anonymous() } else { other.anonymous() };
            let body = acceptance(&invitation["token"], &format!("racer-{n}@example.org"));
            async move { caller.post("/v1/invitations/accept", body).await }
        });
        let mut statuses: Vec<u16> = join_all(racers).await.iter().map(|response| response.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422, 422, 422, 422, 422, 422, 422]);
        assert_eq!(app.database.count("users"), before + 1);
    }

    async fn concurrent_acceptances_never_create_two_accounts_with_one_address(app: TestApp) {
        let administrator = app.administrator().await;
        let service = app.service().await;
        let mut tokens = Vec::new();
        for _ in 0..6 {
            let asked = json!({"service_id": service, "role": "professional"});
            tokens.push(administrator.post("/v1/invitations", asked).await.expect(201)["token"].clone());
        }
        let other = app.second_instance().await;
        let racers = tokens.iter().enumerate().map(|(n, token)| {
            let caller = if n % 2 == 0 { app.anonymous() } else { other.anonymous() };
            let body = acceptance(token, "the-same@example.org");
            async move { caller.post("/v1/invitations/accept", body).await }
        });
        let responses = join_all(racers).await;
        assert_eq!(responses.iter().filter(|response| response.status == 201).count(), 1);
        assert_eq!(responses.iter().filter(|response| response.status == 409).count(), 5);
        // A refused acceptance does not use up the invitation.
        let refused = responses.iter().position(|response| response.status == 409).unwrap();
        let body = acceptance(&tokens[refused], "another@example.org");
        app.anonymous().post("/v1/invitations/accept", body).await.expect(201);
    }

    async fn an_invitation_expires_after_seven_days(app: TestApp) {
        let administrator = app.administrator().await;
        let asked = json!({"administrator": true});
        let early = administrator.post("/v1/invitations", asked.clone()).await.expect(201);
        let late = administrator.post("/v1/invitations", asked).await.expect(201);
        app.advance(Duration::days(7) - Duration::microseconds(1));
        let body = acceptance(&early["token"], "early@example.org");
        app.anonymous().post("/v1/invitations/accept", body).await.expect(201);
        app.advance(Duration::microseconds(1));
        let body = acceptance(&late["token"], "late@example.org");
        app.anonymous().post("/v1/invitations/accept", body).await.breaks("/token", "invitation_unusable");
        let forged = acceptance(&json!("inv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "forged@example.org");
        app.anonymous().post("/v1/invitations/accept", forged).await.breaks("/token", "invitation_unusable");
    }

    async fn an_invitation_needs_a_role_in_a_known_service(app: TestApp) {
        let administrator = app.administrator().await;
        let service = app.service().await;
        let before = app.database.counts();
        administrator.post("/v1/invitations", json!({})).await.breaks("/role", "nothing_invited");
        let half = json!({"service_id": service});
        administrator.post("/v1/invitations", half).await.breaks("/role", "role_and_service");
        let unknown = json!({"service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "role": "manager"});
        administrator.post("/v1/invitations", unknown).await.breaks("/service_id", "unknown_service");
        let response = administrator.post("/v1/invitations", json!({"service_id": service, "role": "king"})).await;
        assert_eq!(response.expect(400).faults(), [("/role".to_owned(), "enum".to_owned())]);
        let short = json!({"token": "x", "email": "not an address", "display_name": "", "password": ""});
        let response = app.anonymous().post("/v1/invitations/accept", short).await.expect(400).problem("invalid_body");
        assert_eq!(response.faults().len(), 3, "{:?}", response.faults());
        assert_eq!(app.database.counts(), before);
    }

    async fn a_manager_grants_rights_in_their_own_service_only(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let manager = app.user(own, Role::Manager).await;
        manager.post("/v1/invitations", json!({"service_id": own, "role": "manager"})).await.expect(201);
        let before = app.database.counts();
        let elsewhere = json!({"service_id": other, "role": "professional"});
        manager.post("/v1/invitations", elsewhere).await.breaks("/service_id", "unknown_service");
        let administrator = json!({"administrator": true});
        manager.post("/v1/invitations", administrator).await.expect(403).problem("forbidden");
        let client = |services: Value| json!({"name": "Script", "service_ids": services, "permissions": ["referrals:read"]});
        manager.post("/v1/clients", client(json!([other]))).await.breaks("/service_ids/0", "unknown_service");
        manager.post("/v1/clients", client(json!([own, own]))).await.expect(400).problem("invalid_body");
        assert_eq!(app.database.counts(), before);
        manager.post("/v1/clients", client(json!([own]))).await.expect(201);
        for role in [Role::Coordinator, Role::Professional] {
            let user = app.user(own, role).await;
            user.post("/v1/invitations", json!({"service_id": own, "role": "professional"})).await.expect(403);
            user.post("/v1/clients", client(json!([own]))).await.expect(403);
        }
    }

    async fn me_returns_the_permissions_of_each_role_per_service(app: TestApp) {
        let (first, second) = (app.service().await, app.service().await);
        for role in Role::ALL {
            let me = app.user(first, *role).await.get("/v1/me").await.expect(200);
            assert_eq!(me["administrator"], false);
            let expected: BTreeSet<String> = role.permissions().iter().map(|held| held.to_string()).collect();
            assert_eq!(permissions_in(&me, first), expected, "{role}");
            assert!(permissions_in(&me, second).is_empty(), "{role}");
        }
        let me = app.administrator().await.get("/v1/me").await.expect(200);
        assert_eq!((&me["administrator"], &me["services"]), (&json!(true), &json!([])));
        let client = app.client_of(&[first, second], &[Permission::CasesRead]).await;
        let me = client.get("/v1/me").await.expect(200);
        assert_eq!(permissions_in(&me, first), permissions_in(&me, second));
        assert_eq!(permissions_in(&me, second), BTreeSet::from(["cases:read".to_owned()]));
    }

    async fn a_client_secret_is_returned_once_and_never_stored(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let new = json!({"name": "Formulaire du site", "service_ids": [service], "permissions": ["referrals:write"]});
        let made = manager.post("/v1/clients", new.clone()).await.expect(201);
        let secret = made["client_secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("sec_") && secret.len() > 40, "{secret}");
        let listed = manager.get("/v1/clients").await.expect(200);
        assert!(!listed.text().contains(&secret));
        assert_eq!(listed.rows()[0]["id"], made["id"]);
        assert_eq!(app.traces_of(&[&secret]), Vec::<String>::new());
        assert!(logs::lines_with("POST").iter().any(|line| line.contains("/v1/clients")), "the log was not captured");
        for permission in ["accounts:write"] {
            let mut new = new.clone();
            new["permissions"] = json!([permission]);
            manager.post("/v1/clients", new).await.breaks("/permissions", "permission_for_people");
        }
    }

    async fn a_manager_sees_the_clients_of_their_service(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let mine = app.client(own, &[Permission::CasesRead]).await.bare_id().to_string();
        let shared = app.client_of(&[own, other], &[Permission::CasesRead]).await.bare_id().to_string();
        app.client(other, &[Permission::CasesRead]).await;
        let manager = app.user(own, Role::Manager).await;
        let listed = manager.get("/v1/clients").await.expect(200);
        let ids: BTreeSet<&str> = listed.rows().iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(ids, BTreeSet::from([mine.as_str(), shared.as_str()]));
        let administrator = app.administrator().await;
        assert_eq!(administrator.get("/v1/clients").await.expect(200).rows().len(), 3);
    }

    async fn the_metadata_leads_to_the_keys_that_verify_tokens(app: TestApp) {
        let anonymous = app.anonymous();
        let server = anonymous.get("/.well-known/oauth-authorization-server").await.expect(200);
        assert_eq!(server["token_endpoint"], "https://api.example/oauth/token");
        let keys = anonymous.get("/.well-known/jwks.json").await.expect(200);
        let user = app.administrator().await;
        let header = user.token().split('.').next().unwrap().to_owned();
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["alg"], "EdDSA");
        assert_eq!(keys["keys"][0]["kid"], header["kid"]);
        assert_eq!(keys["keys"][0].as_object().unwrap().get("d"), None, "the private key");
    }
}
