//! Authority that must not outlive its reason: what people issued, after they lost the right to issue it.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::{Caller, PASSWORD, Response, TestApp};

const NEW_PASSWORD: &str = "une phrase toute neuve";

pub fn path_of(user: &Caller) -> String {
    format!("/v1/users/{}", user.bare_id())
}

async fn issue_reset(issuer: &Caller, of: &Caller) -> Value {
    issuer.act(&format!("{}/password-reset", path_of(of))).await.expect(200)["token"].clone()
}

async fn use_reset(app: &TestApp, token: &Value) -> Response {
    app.anonymous().post("/v1/password-resets/use", json!({"token": token, "password": NEW_PASSWORD})).await
}

async fn invite(issuer: &Caller, invited: Value) -> Value {
    issuer.post("/v1/invitations", invited).await.expect(201)["token"].clone()
}

async fn accept(app: &TestApp, token: &Value, email: &str) -> Response {
    let answer = json!({"token": token, "email": email, "display_name": "Une personne", "password": PASSWORD});
    app.anonymous().post("/v1/invitations/accept", answer).await
}

fn role(service: Id, role: &str) -> Value {
    json!({"service_id": service, "role": if role.is_empty() { Value::Null } else { json!(role) }})
}

/// Takes the rights of a manager away in each of the ways there are.
async fn demote(administrator: &Caller, manager: &Caller, service: Id, way: &str) {
    match way {
        "disable" => drop(administrator.act(&format!("{}/disable", path_of(manager))).await.expect(200)),
        other => {
            drop(administrator.post(&format!("{}/role", path_of(manager)), role(service, other)).await.expect(200));
        }
    }
}

/// The ways to lose the right to manage accounts.
const WAYS: [&str; 3] = ["disable", "", "coordinator"];

on_both_databases! {
    async fn a_reset_of_a_manager_who_lost_the_right_opens_nothing(app: TestApp) {
        let service = app.service().await;
        let administrator = app.administrator().await;
        for way in WAYS {
            let manager = app.user(service, Role::Manager).await;
            let user = app.user(service, Role::Professional).await;
            let token = issue_reset(&manager, &user).await;
            demote(&administrator, &manager, service, way).await;
            use_reset(&app, &token).await.breaks("/token", "reset_unusable");
            assert_eq!(administrator.get(&path_of(&user)).await.expect(200)["open_reset"], Value::Null, "{way}");
        }
        // One who still has the right is listed with what they issued.
        let manager = app.user(service, Role::Manager).await;
        let user = app.user(service, Role::Professional).await;
        let token = issue_reset(&manager, &user).await;
        let shown = manager.get(&path_of(&user)).await.expect(200);
        let issuer = manager.id.unwrap().to_string();
        assert_eq!(shown["open_reset"], json!({"issued_by": issuer, "issued_by_name": "Une personne", "expires_at": "2026-03-03T08:15:00.000000Z"}));
        use_reset(&app, &token).await.expect(204);
        assert_eq!(manager.get(&path_of(&user)).await.expect(200)["open_reset"], Value::Null);
    }

    async fn a_reset_does_not_open_an_account_that_gained_rights_elsewhere(app: TestApp) {
        let (own, other) = (app.service().await, app.service().await);
        let administrator = app.administrator().await;
        let manager = app.user(own, Role::Manager).await;
        // An administrator since, or with a role in another service since.
        for gain in ["administrator", "role"] {
            let user = app.user(own, Role::Professional).await;
            let token = issue_reset(&manager, &user).await;
            if gain == "administrator" {
                administrator.patch(&path_of(&user), json!({"administrator": true})).await.expect(200);
            } else {
                administrator.post(&format!("{}/role", path_of(&user)), role(other, "professional")).await.expect(200);
            }
            use_reset(&app, &token).await.breaks("/token", "reset_unusable");
        }
        // The right is checked at use even if nothing withdrew the reset.
        let user = app.user(own, Role::Professional).await;
        let token = issue_reset(&manager, &user).await;
        let id = user.bare_id();
        app.vouched(&format!("UPDATE users SET administrator = TRUE WHERE id = '{id}'")).await;
        use_reset(&app, &token).await.breaks("/token", "reset_unusable");
        app.vouched(&format!("UPDATE users SET administrator = FALSE WHERE id = '{id}'")).await;
        use_reset(&app, &token).await.expect(204);
    }

    async fn an_invitation_of_a_manager_who_lost_the_right_gives_no_role(app: TestApp) {
        let service = app.service().await;
        let administrator = app.administrator().await;
        for way in WAYS {
            let manager = app.user(service, Role::Manager).await;
            let token = invite(&manager, role(service, "manager")).await;
            let listed = administrator.get("/v1/invitations").await.expect(200);
            assert_eq!(listed.rows()[0]["issued_by"], manager.id.unwrap().to_string());
            demote(&administrator, &manager, service, way).await;
            accept(&app, &token, "a@example.org").await.breaks("/token", "invitation_unusable");
            assert!(administrator.get("/v1/invitations").await.expect(200).rows().is_empty(), "{way}");
        }
        // The right is checked at use even if nothing withdrew the invitation.
        let manager = app.user(service, Role::Manager).await;
        let token = invite(&manager, role(service, "manager")).await;
        let id = manager.bare_id();
        app.vouched(&format!("UPDATE memberships SET role = 'coordinator' WHERE user_id = '{id}'")).await;
        accept(&app, &token, "a@example.org").await.breaks("/token", "invitation_unusable");
        app.vouched(&format!("UPDATE memberships SET role = 'manager' WHERE user_id = '{id}'")).await;
        accept(&app, &token, "a@example.org").await.expect(201);
    }

    async fn a_demoted_administrator_is_not_administrator_again_by_their_own_invitation(app: TestApp) {
        let (first, second) = (app.administrator().await, app.administrator().await);
        let token = invite(&second, json!({"administrator": true})).await;
        first.patch(&path_of(&second), json!({"administrator": false})).await.expect(200);
        accept(&app, &token, &second.email).await.breaks("/token", "invitation_unusable");
        assert_eq!(second.get("/v1/me").await.expect(200)["administrator"], false);
        // Nor when they are administrator again: it was withdrawn.
        first.patch(&path_of(&second), json!({"administrator": true})).await.expect(200);
        accept(&app, &token, "b@example.org").await.breaks("/token", "invitation_unusable");
    }

    async fn a_reset_does_not_outlive_the_password_or_the_second_factor_it_was_issued_for(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let user = app.user(service, Role::Professional).await;
        let token = issue_reset(&manager, &user).await;
        let change = json!({"current_password": PASSWORD, "new_password": "une phrase bien à elle"});
        user.post("/v1/me/password", change).await.expect(204);
        use_reset(&app, &token).await.breaks("/token", "reset_unusable");
        let user = app.user(service, Role::Professional).await;
        let token = issue_reset(&manager, &user).await;
        let authenticator = app.second_factor_of(user.bare_id()).await;
        let proof = json!({"otp": authenticator.code(app.now())});
        user.post("/v1/me/second-factor/confirm", proof).await.expect(200);
        use_reset(&app, &token).await.breaks("/token", "reset_unusable");
        let token = issue_reset(&manager, &user).await;
        manager.act(&format!("{}/reset-second-factor", path_of(&user))).await.expect(200);
        use_reset(&app, &token).await.breaks("/token", "reset_unusable");
    }

    async fn a_stolen_token_does_not_weaken_the_account_it_was_stolen_from(app: TestApp) {
        let service = app.service().await;
        for thief in [app.administrator().await, app.user(service, Role::Manager).await] {
            for action in ["reset-second-factor", "password-reset"] {
                thief.act(&format!("{}/{action}", path_of(&thief))).await.expect(403).problem("forbidden");
            }
        }
    }

    async fn a_client_of_a_disabled_maker_does_not_go_on_unseen(app: TestApp) {
        let (service, other) = (app.service().await, app.service().await);
        let administrator = app.administrator().await;
        let (maker, manager) = (app.user(service, Role::Manager).await, app.user(service, Role::Manager).await);
        let new = json!({"name": "Script", "service_ids": [service], "permissions": ["referrals:read"]});
        let made = maker.post("/v1/clients", new).await.expect(201).id();
        let local = app.client(service, &[Permission::ServicesRead]).await.bare_id().to_string();
        let ownerless = "/v1/clients?maker_may_manage=false";
        let shown = manager.get(&format!("/v1/clients/{made}")).await.expect(200);
        assert_eq!((&shown["made_by"], &shown["maker_may_manage"]), (&json!(maker.id.unwrap().to_string()), &json!(true)));
        assert_eq!(manager.get(&format!("/v1/clients/{local}")).await.expect(200)["made_by"], "local");
        assert!(manager.get(ownerless).await.expect(200).rows().is_empty());
        for way in ["coordinator", "disable"] {
            demote(&administrator, &maker, service, way).await;
            let listed = manager.get(ownerless).await.expect(200);
            assert_eq!(listed.rows().iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(), [made.as_str()]);
            assert_eq!(listed.rows()[0]["maker_may_manage"], false);
            demote(&administrator, &maker, service, "manager").await;
            assert_eq!(manager.get(ownerless).await.expect(200).rows().len(), usize::from(way == "disable"), "{way}");
        }
        // The managers of other services do not see it.
        assert!(app.user(other, Role::Manager).await.get(ownerless).await.expect(200).rows().is_empty());
    }
}
