//! Rows that give rights and that the program did not write: somebody who can write the database does not own it.

use passerelle::auth::{AccountPolicy, Permission, PrincipalId, Role, forged};
use passerelle::db::Id;
use passerelle::privacy::sha256_hex;
use serde_json::{Value, json};

use crate::harness::{Caller, Engine, PASSWORD, TestApp};

/// Bytes, as the SQL of an engine writes them.
pub fn bytes(app: &TestApp, hexadecimal: &str) -> String {
    match app.database.engine() {
        Engine::Sqlite => format!("X'{hexadecimal}'"),
        Engine::Postgres => format!("'\\x{hexadecimal}'::bytea"),
    }
}

/// A statement of somebody who can write the database. It changes one row.
#[track_caller]
pub fn by_hand(app: &TestApp, sql: &str) {
    assert_eq!(app.database.execute(sql), Ok(1), "{sql}");
    forget_rights(app);
}

/// Has the rights of everybody read again.
pub fn forget_rights(app: &TestApp) {
    for id in app.database.texts("SELECT id AS text FROM users UNION ALL SELECT id FROM clients") {
        let id = id.parse().unwrap();
        app.context().principals.forget(PrincipalId::User(id));
        app.context().principals.forget(PrincipalId::Client(id));
    }
}

/// What the program says about a caller.
pub async fn me(caller: &Caller) -> Value {
    caller.get("/v1/me").await.expect(200).json
}

pub async fn sign_in(app: &TestApp, fields: &[(&str, &str)]) -> crate::harness::Response {
    app.anonymous().post_form("/oauth/token", fields).await
}

pub async fn with_password(app: &TestApp, user: &Caller, password: &str) -> crate::harness::Response {
    sign_in(app, &[("grant_type", "password"), ("username", &user.email), ("password", password)]).await
}

pub async fn with_secret(app: &TestApp, client: Id, secret: &str) -> crate::harness::Response {
    let client = client.to_string();
    sign_in(app, &[("grant_type", "client_credentials"), ("client_id", &client), ("client_secret", secret)]).await
}

on_both_databases! {
    async fn a_client_row_inserted_by_hand_reads_no_household(app: TestApp) {
        let service = app.service().await;
        let genuine = app.client(service, &[Permission::HouseholdsRead]).await;
        with_secret(&app, genuine.bare_id(), &genuine.secret).await.expect(200);
        let coordinator = app.user(service, Role::Coordinator).await;
        let made = coordinator.post("/v1/households", crate::households::household(service)).await.expect(201).id();
        let household = format!("/v1/households/{made}");
        genuine.get(&household).await.expect(200);
        let columns = "name, permissions, created_at, updated_at, version, made_by";
        // With no MAC, and with that of the client which it copies.
        for mac in ["NULL", "mac"] {
            let id: Id = uuid::Uuid::now_v7().into();
            let hash = bytes(&app, &sha256_hex(b"my own secret"));
            by_hand(&app, &format!(
                "INSERT INTO clients (id, secret_hash, mac, {columns}) SELECT '{id}', {hash}, {mac}, {columns} \
                 FROM clients WHERE id = '{}'", genuine.bare_id()
            ));
            by_hand(&app, &format!(
                "INSERT INTO client_services (client_id, service_id, mac) SELECT '{id}', service_id, {mac} \
                 FROM client_services WHERE client_id = '{}'", genuine.bare_id()
            ));
            with_secret(&app, id, "my own secret").await.expect(401).problem("invalid_client");
            let mut caller = genuine.clone();
            caller.id = Some(PrincipalId::Client(id));
            caller.get(&household).await.expect(401);
            // Managers do not see it among theirs.
            let manager = app.user(service, Role::Manager).await;
            manager.get(&format!("/v1/clients/{id}")).await.expect(404);
            let listed = manager.get("/v1/clients").await.expect(200);
            assert_eq!(listed.rows().len(), 1);
        }
    }

    async fn a_client_does_not_gain_rights_by_an_update(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let client = app.client(own, &[Permission::ServicesRead]).await;
        let id = client.bare_id();
        let hash = bytes(&app, &sha256_hex(b"my own secret"));
        for change in [
            "permissions = 'households:read services:read'".to_owned(),
            format!("secret_hash = {hash}"),
            format!("former_secret_hash = {hash}, former_secret_until = '2036-01-01 00:00:00'"),
            "expires_at = '2036-01-01 00:00:00'".to_owned(),
            "networks = '0.0.0.0/0'".to_owned(),
            "partner_territory = 'departement:63', partner_kind = 'caf', partner_name = 'x'".to_owned(),
        ] {
            me(&client).await;
            by_hand(&app, &format!("UPDATE clients SET {change} WHERE id = '{id}'"));
            client.get("/v1/me").await.expect(401);
            with_secret(&app, id, "my own secret").await.expect(401);
            with_secret(&app, id, &client.secret).await.expect(401);
            // Its managers cannot have the program vouch for it.
            let manager = app.user(own, Role::Manager).await;
            manager.act(&format!("/v1/clients/{id}/enable")).await.expect(404);
            by_hand(&app, &format!(
                "UPDATE clients SET permissions = 'services:read', secret_hash = {}, former_secret_hash = NULL, \
                 former_secret_until = NULL, expires_at = NULL, networks = NULL, partner_territory = NULL, \
                 partner_kind = NULL, partner_name = NULL WHERE id = '{id}'",
                bytes(&app, &sha256_hex(client.secret.as_bytes()))
            ));
        }
        // A disabled or an expired client, enabled or prolonged.
        let manager = app.user(own, Role::Manager).await;
        manager.act(&format!("/v1/clients/{id}/disable")).await.expect(200);
        by_hand(&app, &format!("UPDATE clients SET disabled_at = NULL WHERE id = '{id}'"));
        client.get("/v1/me").await.expect(401);
        // Another service.
        let client = app.client(own, &[Permission::ServicesRead]).await;
        by_hand(&app, &format!(
            "INSERT INTO client_services (client_id, service_id, mac) SELECT client_id, '{other}', mac \
             FROM client_services WHERE client_id = '{}'", client.bare_id()
        ));
        let services = me(&client).await["services"].clone();
        assert_eq!(services.as_array().unwrap().len(), 1, "{services}");
        client.get(&format!("/v1/services/{other}")).await.expect(404);
    }

    async fn a_client_prolonged_by_hand_stays_expired(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let new = json!({"name": "x", "service_ids": [service], "permissions": ["services:read"],
            "expires_at": "2026-03-03T00:00:00Z"});
        let made = manager.post("/v1/clients", new).await.expect(201).json;
        let (id, secret) = (made["id"].as_str().unwrap().parse().unwrap(), made["client_secret"].as_str().unwrap());
        with_secret(&app, id, secret).await.expect(200);
        app.clock.set("2026-03-04T00:00:00Z".parse().unwrap());
        with_secret(&app, id, secret).await.expect(401);
        for expiry in ["'2036-01-01 00:00:00'", "NULL"] {
            by_hand(&app, &format!("UPDATE clients SET expires_at = {expiry} WHERE id = '{id}'"));
            with_secret(&app, id, secret).await.expect(401);
        }
    }

    async fn a_role_raised_by_an_update_gives_no_right(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let user = app.user(own, Role::Professional).await;
        let id = user.bare_id();
        by_hand(&app, &format!("UPDATE memberships SET role = 'manager' WHERE user_id = '{id}'"));
        assert_eq!(me(&user).await["services"], json!([]));
        user.get("/v1/users").await.expect(403);
        by_hand(&app, &format!("UPDATE memberships SET role = 'professional' WHERE user_id = '{id}'"));
        assert_eq!(me(&user).await["services"].as_array().unwrap().len(), 1);
        // A role elsewhere, with the MAC of the own one or of somebody else's there.
        let manager = app.user(other, Role::Manager).await;
        for source in [id, manager.bare_id()] {
            by_hand(&app, &format!(
                "INSERT INTO memberships (user_id, service_id, role, mac) \
                 SELECT '{id}', '{other}', 'manager', mac FROM memberships WHERE user_id = '{source}'"
            ));
            let services = me(&user).await["services"].clone();
            assert_eq!(services.as_array().unwrap().len(), 1, "{services}");
            user.get(&format!("/v1/services/{other}")).await.expect(404);
            let delete = format!("DELETE FROM memberships WHERE user_id = '{id}' AND service_id = '{other}'");
            by_hand(&app, &delete);
        }
        // One that waits for a second person does not come into force.
        let two = app.instance_under(AccountPolicy { four_eyes: true, ..AccountPolicy::default() }).await;
        let administrator = app.administrator().await;
        let id = administrator.bare_id();
        let role = json!({"service_id": other, "role": "manager"});
        administrator.clone().at(&two).post(&format!("/v1/users/{id}/role"), role).await.expect(200);
        assert_eq!(me(&administrator).await["services"], json!([]));
        by_hand(&app, &format!("UPDATE memberships SET requested_by = NULL WHERE user_id = '{id}'"));
        assert_eq!(me(&administrator).await["services"], json!([]));
    }

    async fn a_flag_set_by_hand_makes_no_administrator(app: TestApp) {
        let service = app.service().await;
        let user = app.user(service, Role::Professional).await;
        let manager = app.user(service, Role::Manager).await;
        let id = user.bare_id();
        by_hand(&app, &format!("UPDATE users SET administrator = TRUE WHERE id = '{id}'"));
        user.get("/v1/me").await.expect(401);
        with_password(&app, &user, PASSWORD).await.expect(400).problem("invalid_grant");
        // No change by the program vouches for the row.
        manager.act(&format!("/v1/users/{id}/enable")).await.expect(404);
        let change = json!({"service_id": service, "role": "coordinator"});
        manager.post(&format!("/v1/users/{id}/role"), change).await.expect(404);
        let invited = manager.post("/v1/invitations", json!({"service_id": service, "role": "coordinator"})).await;
        let token = invited.expect(201).json["token"].clone();
        let answer = json!({"token": token, "email": user.email, "display_name": "x", "password": PASSWORD});
        app.anonymous().post("/v1/invitations/accept", answer).await.expect(409);
        assert_eq!(forged_rows(&app), [format!("users {id}")]);
        user.get("/v1/me").await.expect(401);
        // The last administrator does not go because of one who is none.
        let administrator = app.administrator().await;
        let path = format!("/v1/users/{}", administrator.bare_id());
        administrator.patch(&path, json!({"administrator": false})).await.expect(409);
        // Put back, the row is the one that the program wrote.
        by_hand(&app, &format!("UPDATE users SET administrator = FALSE WHERE id = '{id}'"));
        me(&user).await;
    }

    async fn a_password_hash_of_somebody_else_opens_no_account(app: TestApp) {
        let service = app.service().await;
        let (mine, theirs) = (app.user(service, Role::Professional).await, app.user(service, Role::Manager).await);
        let change = json!({"current_password": PASSWORD, "new_password": "ma propre phrase secrète"});
        mine.post("/v1/me/password", change).await.expect(204);
        with_password(&app, &mine, "ma propre phrase secrète").await.expect(200);
        by_hand(&app, &format!(
            "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE id = '{}') WHERE id = '{}'",
            mine.bare_id(), theirs.bare_id()
        ));
        for password in ["ma propre phrase secrète", PASSWORD] {
            with_password(&app, &theirs, password).await.expect(400).problem("invalid_grant");
        }
        // Nor by another address, nor with the MAC of one's own row.
        by_hand(&app, &format!(
            "UPDATE users SET mac = (SELECT mac FROM users WHERE id = '{}') WHERE id = '{}'",
            mine.bare_id(), theirs.bare_id()
        ));
        with_password(&app, &theirs, "ma propre phrase secrète").await.expect(400);
    }

    async fn a_second_factor_removed_by_hand_opens_no_account(app: TestApp) {
        let user = app.user(app.service().await, Role::Manager).await;
        let authenticator = app.second_factor_of(user.bare_id()).await;
        let code = authenticator.code(app.now());
        user.post("/v1/me/second-factor/confirm", json!({"otp": code})).await.expect(200);
        with_password(&app, &user, PASSWORD).await.expect(400).problem("second_factor_required");
        for change in ["totp_confirmed_at = NULL", "sealed_totp_secret = NULL"] {
            by_hand(&app, &format!("UPDATE users SET {change} WHERE id = '{}'", user.bare_id()));
            with_password(&app, &user, PASSWORD).await.expect(400).problem("invalid_grant");
            user.get("/v1/me").await.expect(401);
        }
    }

    async fn a_disabled_user_does_not_come_back_by_hand(app: TestApp) {
        let service = app.service().await;
        let (manager, user) = (app.user(service, Role::Manager).await, app.user(service, Role::Professional).await);
        manager.act(&format!("/v1/users/{}/disable", user.bare_id())).await.expect(200);
        by_hand(&app, &format!("UPDATE users SET disabled_at = NULL WHERE id = '{}'", user.bare_id()));
        with_password(&app, &user, PASSWORD).await.expect(400).problem("invalid_grant");
        user.get("/v1/me").await.expect(401);
    }

    async fn an_invitation_or_a_reset_inserted_by_hand_is_unusable(app: TestApp) {
        let service = app.service().await;
        let (manager, user) = (app.user(service, Role::Manager).await, app.user(service, Role::Professional).await);
        let (id, hash): (Id, _) = (uuid::Uuid::now_v7().into(), bytes(&app, &sha256_hex(b"inv_mine")));
        by_hand(&app, &format!(
            "INSERT INTO invitations (id, token_hash, administrator, expires_at, created_at, issued_by) \
             VALUES ('{id}', {hash}, TRUE, '2036-01-01 00:00:00', '2026-01-01 00:00:00', 'local')"
        ));
        let answer = |token: &str| json!({"token": token, "email": "a@example.org", "display_name": "A",
            "password": "une phrase assez longue"});
        let accept = async |token: &str| app.anonymous().post("/v1/invitations/accept", answer(token)).await;
        accept("inv_mine").await.breaks("/token", "invitation_unusable");
        // One that the program wrote, for more rights, or again, or for longer.
        let invite = async || {
            let body = json!({"service_id": service, "role": "professional"});
            manager.post("/v1/invitations", body).await.expect(201).json
        };
        for change in ["role = 'manager'", "administrator = TRUE", "issued_by = 'local'", "expires_at = '2036-01-01 00:00:00'"] {
            let made = invite().await;
            by_hand(&app, &format!("UPDATE invitations SET {change} WHERE id = '{}'", made["id"].as_str().unwrap()));
            accept(made["token"].as_str().unwrap()).await.breaks("/token", "invitation_unusable");
        }
        let made = invite().await;
        accept(made["token"].as_str().unwrap()).await.expect(201);
        by_hand(&app, &format!("UPDATE invitations SET used_at = NULL WHERE id = '{}'", made["id"].as_str().unwrap()));
        accept(made["token"].as_str().unwrap()).await.breaks("/token", "invitation_unusable");

        let hash = bytes(&app, &sha256_hex(b"res_mine"));
        by_hand(&app, &format!(
            "INSERT INTO password_resets (user_id, token_hash, expires_at, issued_by) \
             VALUES ('{}', {hash}, '2036-01-01 00:00:00', 'local')", user.bare_id()
        ));
        let reset = json!({"token": "res_mine", "password": "une autre phrase longue"});
        app.anonymous().post("/v1/password-resets/use", reset).await.breaks("/token", "reset_unusable");
        let issued = manager.act(&format!("/v1/users/{}/password-reset", user.bare_id())).await.expect(200).json;
        // For somebody else, or for longer.
        by_hand(&app, &format!("UPDATE password_resets SET user_id = '{}' WHERE user_id = '{}'", manager.bare_id(), user.bare_id()));
        let reset = json!({"token": issued["token"], "password": "une autre phrase longue"});
        app.anonymous().post("/v1/password-resets/use", reset).await.breaks("/token", "reset_unusable");
    }

    async fn a_refresh_token_inserted_or_reopened_by_hand_begins_no_session(app: TestApp) {
        let service = app.service().await;
        let (mine, theirs) = (app.user(service, Role::Professional).await, app.user(service, Role::Manager).await);
        let renew = async |token: &str| sign_in(&app, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await;
        let hash = bytes(&app, &sha256_hex(b"ref_mine"));
        by_hand(&app, &format!(
            "INSERT INTO refresh_tokens (token_hash, session_id, user_id, expires_at, session_ends_at) \
             VALUES ({hash}, '{}', '{}', '2036-01-01 00:00:00', '2036-01-01 00:00:00')",
            uuid::Uuid::now_v7(), theirs.bare_id()
        ));
        renew("ref_mine").await.expect(400).problem("invalid_grant");
        // A session of one's own, made that of somebody else or longer; a used token, used again.
        for change in [format!("user_id = '{}'", theirs.bare_id()), "session_ends_at = '2036-01-01 00:00:00'".into(),
            "expires_at = '2036-01-01 00:00:00'".into()] {
            let session = app.session_of(mine.bare_id()).await;
            by_hand(&app, &format!("UPDATE refresh_tokens SET {change} WHERE session_id = '{}'", session.id));
            renew(&session.refresh_token).await.expect(400).problem("invalid_grant");
        }
        let session = app.session_of(mine.bare_id()).await;
        renew(&session.refresh_token).await.expect(200);
        let hash = bytes(&app, &sha256_hex(session.refresh_token.as_bytes()));
        by_hand(&app, &format!("UPDATE refresh_tokens SET used_at = NULL WHERE token_hash = {hash}"));
        renew(&session.refresh_token).await.expect(400).problem("invalid_grant");
    }

    async fn thresholds_lowered_by_hand_publish_nothing(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let settings = format!("/v1/services/{service}/statistics-settings");
        let choice = json!({"open_threshold": 20, "partner_threshold": 15, "reason": "Un petit département."});
        manager.patch(&settings, choice).await.expect(200);
        by_hand(&app, &format!("UPDATE statistics_settings SET open_threshold = 11 WHERE service_id = '{service}'"));
        manager.get(&settings).await.expect(404);
        manager.patch(&settings, json!({"open_threshold": 30, "reason": "x"})).await.expect(404);
        by_hand(&app, &format!("UPDATE statistics_settings SET open_threshold = 20 WHERE service_id = '{service}'"));
        assert_eq!(manager.get(&settings).await.expect(200)["open_threshold"], 20);
    }

    async fn a_key_inserted_by_hand_signs_no_token(app: TestApp) {
        let user = app.user(app.service().await, Role::Professional).await;
        let columns = "public_key, sealed_private_key, created_at";
        by_hand(&app, &format!("INSERT INTO signing_keys (kid, {columns}, mac) SELECT 'mine', {columns}, mac FROM signing_keys"));
        let other = app.second_instance().await;
        let keys = other.anonymous().get("/.well-known/jwks.json").await.expect(200);
        let keys = keys["keys"].as_array().unwrap().clone();
        assert!(keys.len() == 1 && keys[0]["kid"] != "mine", "{keys:?}");
        me(&user.at(&other)).await;
        // Nor does a retired one verify again.
        let kid = keys[0]["kid"].as_str().unwrap().to_owned();
        by_hand(&app, "DELETE FROM signing_keys WHERE kid = 'mine'");
        let retired = kid.clone();
        app.advance(chrono::Duration::minutes(1));
        app.local(|work| passerelle::auth::KeyRing::rotate(work.conn, work.vault, work.now)).await;
        app.advance(chrono::Duration::hours(1));
        app.local(move |work| passerelle::auth::KeyRing::retire(work.conn, work.vault, &retired, false, work.now)).await;
        by_hand(&app, &format!("UPDATE signing_keys SET retired_at = NULL WHERE kid = '{kid}'"));
        let keys = app.second_instance().await.anonymous().get("/.well-known/jwks.json").await.expect(200);
        assert!(!keys.text().contains(&kid), "{}", keys.text());
    }

    async fn a_key_of_releases_inserted_by_hand_verifies_none(app: TestApp) {
        app.local(passerelle::statistics::signing::ops::rotate).await;
        let columns = "sealed_private_key, created_at";
        let key = bytes(&app, &"ab".repeat(32));
        by_hand(&app, &format!(
            "INSERT INTO statistics_keys (kid, public_key, {columns}) SELECT 'mine', {key}, {columns} FROM statistics_keys"
        ));
        let keys = app.anonymous().get("/v1/statistics/keys").await.expect(200);
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1, "{}", keys.text());
        assert!(!keys.text().contains("mine"));
    }

    async fn a_revocation_written_by_hand_revokes_and_is_reported(app: TestApp) {
        let user = app.user(app.service().await, Role::Professional).await;
        let session = app.session_of(user.bare_id()).await;
        let token = app.context().keys.sign(&user.id.unwrap().to_string(), Some(session.id), app.context().now()).unwrap();
        let read = async || {
            app.context().revocations.forget();
            let request = app.anonymous().request("GET", "/v1/me").insert_header(("Authorization", format!("Bearer {token}")));
            app.send(request.to_request()).await
        };
        read().await.expect(200);
        by_hand(&app, &format!("INSERT INTO revocations (revoked, until) VALUES ('{}', '2036-01-01 00:00:00')", session.id));
        read().await.expect(401);
        assert_eq!(forged_rows(&app), [format!("revocations {}", session.id)]);
        // One that somebody made end early does not keep the program from revoking.
        by_hand(&app, "UPDATE revocations SET until = '2026-01-01 00:00:00'");
        read().await.expect(200);
        let sign_out = app.anonymous().post_form("/oauth/revoke", &[("token", &session.refresh_token)]).await;
        sign_out.expect(200);
        read().await.expect(401);
        assert_eq!(forged_rows(&app), Vec::<String>::new());
    }
}

/// The rows that the program did not write.
pub fn forged_rows(app: &TestApp) -> Vec<String> {
    let found = forged(&mut app.database.connect(), app.context().vault.authority_key()).unwrap();
    found.into_iter().map(|(table, row)| format!("{table} {row}")).collect()
}
