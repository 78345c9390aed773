//! The second factor where a password alone must not be enough, sessions that their owner sees and ends, and notices.

use chrono::Duration;
use passerelle::auth::{AccountPolicy, Permission, Role};
use serde_json::{Value, json};

use crate::authority::path_of;
use crate::harness::{Authenticator, Caller, PASSWORD, Response, TestApp};

/// A deployment that requires a second factor of administrators and managers.
pub const WITH_SECOND_FACTOR: AccountPolicy = AccountPolicy { second_factor: true, four_eyes: false };

const NEW_PASSWORD: &str = "une phrase toute neuve";

async fn sign_in(app: &TestApp, user: &Caller, password: &str, otp: Option<&str>) -> Response {
    let mut fields = vec![("grant_type", "password"), ("username", user.email.as_str()), ("password", password)];
    fields.extend(otp.map(|otp| ("otp", otp)));
    app.anonymous().post_form("/oauth/token", &fields).await
}

/// A caller with the access token of a sign-in.
fn bearer(app: &TestApp, signed_in: &Response) -> Caller {
    let token = signed_in["access_token"].as_str().unwrap();
    app.anonymous().with_header("Authorization", &format!("Bearer {token}"))
}

/// Sets up the second factor of a caller.
async fn enrol(app: &TestApp, caller: &Caller) -> Authenticator {
    let begun = caller.post("/v1/me/second-factor", json!({"password": PASSWORD})).await.expect(200);
    let authenticator = Authenticator::new(begun["secret"].as_str().unwrap());
    let proof = json!({"otp": authenticator.code(app.now())});
    caller.post("/v1/me/second-factor/confirm", proof).await.expect(200);
    authenticator
}

async fn notices(caller: &Caller, query: &str) -> Vec<Value> {
    caller.get(&format!("/v1/me/notices{query}")).await.expect(200).rows().to_vec()
}

fn kinds(notices: &[Value]) -> Vec<&str> {
    notices.iter().map(|notice| notice["kind"].as_str().unwrap()).collect()
}

on_both_databases! {
    async fn an_invitation_does_not_get_past_the_second_factor_of_an_account(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let user = app.user(own, Role::Professional).await;
        let authenticator = enrol(&app, &user).await;
        let manager = app.user(other, Role::Manager).await;
        let invited = json!({"service_id": other, "role": "coordinator"});
        let token = manager.post("/v1/invitations", invited).await.expect(201)["token"].clone();
        let answer = |otp: Value| {
            let mut answer = json!({"token": token, "email": user.email, "display_name": "X", "password": PASSWORD});
            if !otp.is_null() {
                answer["otp"] = otp;
            }
            answer
        };
        let accept = "/v1/invitations/accept";
        app.anonymous().post(accept, answer(Value::Null)).await.expect(400).problem("second_factor_required");
        app.anonymous().post(accept, answer(json!("000000"))).await.expect(400).problem("invalid_grant");
        assert_eq!(user.get("/v1/me").await.expect(200)["services"].as_array().unwrap().len(), 1);
        app.advance(Duration::seconds(30));
        let code = authenticator.code(app.now());
        app.anonymous().post(accept, answer(json!(code))).await.expect(201);
    }

    async fn a_reset_does_not_get_past_the_second_factor_of_an_account(app: TestApp) {
        let service = app.service().await;
        let (manager, user) = (app.user(service, Role::Manager).await, app.user(service, Role::Professional).await);
        let authenticator = enrol(&app, &user).await;
        let token = manager.act(&format!("{}/password-reset", path_of(&user))).await.expect(200)["token"].clone();
        let address = "/v1/password-resets/use";
        let without = json!({"token": token, "password": NEW_PASSWORD});
        app.anonymous().post(address, without.clone()).await.expect(400).problem("second_factor_required");
        let with = |code: String| json!({"token": token, "password": NEW_PASSWORD, "otp": code});
        app.anonymous().post(address, with("000000".into())).await.expect(400).problem("invalid_grant");
        sign_in(&app, &user, NEW_PASSWORD, None).await.expect(400).problem("invalid_grant");
        app.advance(Duration::seconds(30));
        app.anonymous().post(address, with(authenticator.code(app.now()))).await.expect(204);
        // Its codes cannot be guessed without end.
        let token = manager.act(&format!("{}/password-reset", path_of(&user))).await.expect(200)["token"].clone();
        let guess = json!({"token": token, "password": NEW_PASSWORD, "otp": "000000"});
        for _ in 0..5 {
            app.anonymous().post(address, guess.clone()).await.expect(400);
        }
        app.anonymous().post(address, guess).await.expect(429).problem("too_many_attempts");
    }

    async fn a_session_begun_without_the_second_factor_does_not_outlive_its_setup(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let stranger = sign_in(&app, &user, PASSWORD, None).await.expect(200);
        let own = sign_in(&app, &user, PASSWORD, None).await.expect(200);
        enrol(&app, &bearer(&app, &own)).await;
        bearer(&app, &stranger).get("/v1/me").await.expect(401).problem("unauthenticated");
        let renewal = [("grant_type", "refresh_token"), ("refresh_token", stranger["refresh_token"].as_str().unwrap())];
        app.anonymous().post_form("/oauth/token", &renewal).await.expect(400).problem("invalid_grant");
        bearer(&app, &own).get("/v1/me").await.expect(200);
        let renewal = [("grant_type", "refresh_token"), ("refresh_token", own["refresh_token"].as_str().unwrap())];
        app.anonymous().post_form("/oauth/token", &renewal).await.expect(200);
    }

    async fn a_session_of_a_thief_is_not_hidden_from_its_owner(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let thief = sign_in(&app, &user, PASSWORD, None).await.expect(200);
        app.advance(Duration::seconds(1));
        let own = sign_in(&app, &user, PASSWORD, None).await.expect(200);
        let me = bearer(&app, &own);
        let listed = me.get("/v1/me/sessions").await.expect(200);
        let seen = |row: &Value| (row["current"].clone(), row["refreshed_at"].clone(), row["address"].clone());
        let seen: Vec<_> = listed.rows().iter().map(seen).collect();
        let at = |second: u32| json!(format!("2026-03-02T08:15:{second:02}.000000Z"));
        assert_eq!(seen, [(json!(true), at(1), json!("127.0.0.1")), (json!(false), at(0), json!("127.0.0.1"))]);
        let theirs = listed.rows()[1]["id"].as_str().unwrap().to_owned();
        // Nobody ends the session of another.
        let other = app.user(app.service().await, Role::Coordinator).await;
        other.delete(&format!("/v1/me/sessions/{theirs}")).await.expect(404);
        assert!(other.get("/v1/me/sessions").await.expect(200).rows().is_empty());
        me.delete(&format!("/v1/me/sessions/{theirs}")).await.expect(204);
        bearer(&app, &thief).get("/v1/me").await.expect(401);
        me.delete(&format!("/v1/me/sessions/{theirs}")).await.expect(404);
        // All but the present one.
        let more = [sign_in(&app, &user, PASSWORD, None).await.expect(200), sign_in(&app, &user, PASSWORD, None).await.expect(200)];
        me.delete("/v1/me/sessions").await.expect(204);
        for ended in &more {
            bearer(&app, ended).get("/v1/me").await.expect(401);
        }
        assert_eq!(me.get("/v1/me/sessions").await.expect(200).rows().len(), 1);
        let client = app.client(app.service().await, &[Permission::ServicesRead]).await;
        client.get("/v1/me/sessions").await.expect(403).problem("forbidden");
        client.delete("/v1/me/sessions").await.expect(403).problem("forbidden");
    }

    async fn an_administrator_or_a_manager_without_a_second_factor_opens_nothing_but_its_setup(app: TestApp) {
        let app = app.instance_under(WITH_SECOND_FACTOR).await;
        let service = app.service().await;
        let (administrator, manager) = (app.administrator().await, app.user(service, Role::Manager).await);
        for caller in [&administrator, &manager] {
            for path in ["/v1/users", "/v1/services", "/v1/audit-events", "/v1/referrals"] {
                let refused = caller.get(path).await.expect(403).problem("second_factor_missing");
                let calls = json!(["POST /v1/me/second-factor", "POST /v1/me/second-factor/confirm"]);
                assert_eq!(refused["next_calls"], calls, "{path}");
            }
            let me = caller.get("/v1/me").await.expect(200);
            assert_eq!((&me["second_factor"], &me["second_factor_missing"]), (&json!(false), &json!(true)));
            // They sign in with their password and set it up.
            let signed_in = bearer(&app, &sign_in(&app, caller, PASSWORD, None).await.expect(200));
            signed_in.get("/v1/users").await.expect(403).problem("second_factor_missing");
            enrol(&app, &signed_in).await;
            signed_in.get("/v1/users").await.expect(200);
            assert_eq!(signed_in.get("/v1/me").await.expect(200)["second_factor_missing"], false);
        }
        // Who gains the power must have one too; others need none.
        let coordinator = app.user(service, Role::Coordinator).await;
        coordinator.get("/v1/referrals").await.expect(200);
        let role = json!({"service_id": service, "role": "manager"});
        administrator.post(&format!("{}/role", path_of(&coordinator)), role).await.expect(200);
        coordinator.get("/v1/referrals").await.expect(403).problem("second_factor_missing");
        // So does who loses it.
        administrator.act(&format!("{}/reset-second-factor", path_of(&manager))).await.expect(200);
        manager.get("/v1/users").await.expect(403).problem("second_factor_missing");
        app.client(service, &[Permission::ReferralsRead]).await.get("/v1/referrals").await.expect(200);
    }

    async fn a_change_of_an_account_is_not_hidden_from_its_owner_and_the_managers(app: TestApp) {
        let (service, other) = (app.service().await, app.service().await);
        let (manager, administrator) = (app.user(service, Role::Manager).await, app.administrator().await);
        let user = app.user(service, Role::Professional).await;
        let (about, author) = (json!(user.id.unwrap().to_string()), json!(manager.id.unwrap().to_string()));
        let role = json!({"service_id": service, "role": "coordinator"});
        manager.post(&format!("{}/role", path_of(&user)), role).await.expect(200);
        for reader in [&user, &manager] {
            let latest = notices(reader, "").await[0].clone();
            assert_eq!((&latest["kind"], &latest["about"], &latest["author"]), (&json!("role_changed"), &about, &author));
            assert_eq!((&latest["before"], &latest["after"]), (&json!("professional"), &json!("coordinator")));
            assert_eq!(latest["service_id"], service.as_str());
        }
        // Credentials: the owner is told of every change, the managers of what others did.
        let change = json!({"current_password": PASSWORD, "new_password": "une phrase bien à elle"});
        user.post("/v1/me/password", change).await.expect(204);
        let authenticator = app.second_factor_of(user.bare_id()).await;
        let proof = json!({"otp": authenticator.code(app.now())});
        user.post("/v1/me/second-factor/confirm", proof).await.expect(200);
        manager.act(&format!("{}/reset-second-factor", path_of(&user))).await.expect(200);
        manager.act(&format!("{}/password-reset", path_of(&user))).await.expect(200);
        let own = notices(&user, "").await;
        let expected = ["password_reset_issued", "second_factor_removed", "second_factor_enabled", "password_changed", "role_changed", "role_changed"];
        assert_eq!(kinds(&own), expected);
        assert_eq!(kinds(&notices(&manager, "").await[..3]), ["password_reset_issued", "second_factor_removed", "role_changed"]);
        // A new client, its rights and its secret.
        let new = json!({"name": "Script", "service_ids": [service], "permissions": ["referrals:read"]});
        let client = manager.post("/v1/clients", new).await.expect(201).id();
        let path = format!("/v1/clients/{client}");
        manager.patch(&path, json!({"permissions": ["cases:read", "referrals:read"]})).await.expect(200);
        manager.post(&format!("{path}/secret"), json!({"overlap_hours": 0})).await.expect(200);
        let of_clients = notices(&manager, "").await;
        assert_eq!(kinds(&of_clients[..3]), ["client_secret_changed", "client_rights_changed", "client_created"]);
        assert_eq!(of_clients[1]["after"], "referrals:read cases:read");
        // An administrator enters the service.
        let entry = json!({"service_id": service, "role": "manager"});
        administrator.post(&format!("{}/role", path_of(&administrator)), entry).await.expect(200);
        assert_eq!(notices(&manager, "?kind=administrator_entered").await.len(), 1);
        // Others read nothing of it.
        for reader in [app.user(other, Role::Manager).await, app.user(service, Role::Coordinator).await] {
            let seen = notices(&reader, "").await;
            assert_eq!(kinds(&seen), ["role_changed"], "their own role");
        }
        app.client(service, &[Permission::AuditRead]).await.get("/v1/me/notices").await.expect(403);
        // They are kept for a year.
        app.advance(Duration::days(365));
        app.local(passerelle::accounts::tokens::ops::sweep).await;
        assert!(notices(&user, "").await.is_empty());
    }

    async fn no_change_of_what_opens_an_account_keeps_its_version(app: TestApp) {
        let service = app.service().await;
        let (manager, user) = (app.user(service, Role::Manager).await, app.user(service, Role::Professional).await);
        let sql = format!("SELECT CAST(version AS TEXT) AS text FROM users WHERE id = '{}'", user.bare_id());
        let version = || app.database.texts(&sql)[0].parse::<i32>().unwrap();
        let mut last = version();
        let mut rises = |act: &str| {
            let now = version();
            assert_eq!(now, last + 1, "{act}");
            last = now;
        };
        let authenticator = enrol(&app, &user).await;
        rises("a second factor is confirmed");
        app.advance(Duration::minutes(2));
        let removal = json!({"password": PASSWORD, "otp": authenticator.code(app.now())});
        user.post("/v1/me/second-factor/remove", removal).await.expect(204);
        rises("its owner removes it");
        enrol(&app, &user).await;
        rises("another is confirmed");
        manager.act(&format!("{}/reset-second-factor", path_of(&user))).await.expect(200);
        rises("a manager removes it");
        let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
        user.post("/v1/me/password", change).await.expect(204);
        rises("the password is changed");
    }
}
