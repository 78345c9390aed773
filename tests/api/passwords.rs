//! Passwords that must not fail on another keyboard, and weak ones that must not be accepted.

use argon2::PasswordHasher;
use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::authority::path_of;
use crate::harness::{Caller, PASSWORD, Response, TestApp};

/// The same phrase with composed and with combining accents, and a no-break space.
const COMPOSED: &str = "le château d\u{2019}été\u{a0}!";
const DECOMPOSED: &str = "le cha\u{302}teau d\u{2019}e\u{301}te\u{301} !";

async fn sign_in(app: &TestApp, user: &Caller, password: &str) -> Response {
    let fields = [("grant_type", "password"), ("username", user.email.as_str()), ("password", password)];
    app.anonymous().post_form("/oauth/token", &fields).await
}

fn stored_hash(app: &TestApp, user: &Caller) -> String {
    let query = format!("SELECT password_hash AS text FROM users WHERE id = '{}'", user.bare_id());
    app.database.texts(&query).remove(0)
}

on_both_databases! {
    async fn an_accented_phrase_does_not_fail_on_another_keyboard(app: TestApp) {
        let user = app.user(app.service().await, Role::Professional).await;
        let change = json!({"current_password": PASSWORD, "new_password": DECOMPOSED});
        user.post("/v1/me/password", change).await.expect(204);
        for typed in [COMPOSED, DECOMPOSED] {
            sign_in(&app, &user, typed).await.expect(200);
        }
        sign_in(&app, &user, "le chateau d\u{2019}ete !").await.expect(400).problem("invalid_grant");
    }

    async fn a_phrase_is_not_too_short_before_it_is_normalised(app: TestApp) {
        let user = app.user(app.service().await, Role::Professional).await;
        // Six ligatures: fourteen letters, as they are hashed.
        let ligatures = "\u{fb03}\u{fb02}\u{fb00}\u{fb03}\u{133}\u{fb01}";
        let change = json!({"current_password": PASSWORD, "new_password": ligatures});
        user.post("/v1/me/password", change).await.expect(204);
        sign_in(&app, &user, "ffiflffffiijfi").await.expect(200);
        let change = |new: &str| json!({"current_password": "ffiflffffiijfi", "new_password": new});
        user.post("/v1/me/password", change("court")).await.breaks("/new_password", "password_too_short");
    }

    async fn a_password_from_before_is_not_lost_and_its_hash_is_renewed(app: TestApp) {
        let user = app.user(app.service().await, Role::Professional).await;
        let old = argon2::Argon2::default().hash_password(DECOMPOSED.as_bytes()).unwrap().to_string();
        app.vouched(&format!("UPDATE users SET password_hash = '{old}' WHERE id = '{}'", user.bare_id())).await;
        sign_in(&app, &user, "une phrase toute fausse").await.expect(400);
        sign_in(&app, &user, COMPOSED).await.expect(400).problem("invalid_grant");
        assert_eq!(stored_hash(&app, &user), old);
        sign_in(&app, &user, DECOMPOSED).await.expect(200);
        let renewed = stored_hash(&app, &user);
        assert_ne!(renewed, old);
        sign_in(&app, &user, COMPOSED).await.expect(200);
        assert_eq!(stored_hash(&app, &user), renewed);
    }

    async fn a_weak_password_is_not_accepted(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let user = app.user(service, Role::Professional).await;
        let weak = [
            // Twelve code points, eleven characters.
            ("onze lettre\u{301}", "password_too_short"),
            ("ZZZZZZZZZZZZZZ", "password_repeated"),
            ("Administrator1!", "password_common"),
            ("123456123456", "password_common"),
            (user.email.as_str(), "password_personal"),
            ("UNE PERSONNE", "password_personal"),
        ];
        let reset = manager.act(&format!("{}/password-reset", path_of(&user))).await.expect(200)["token"].clone();
        let invited = json!({"service_id": service, "role": "professional"});
        let invited = manager.post("/v1/invitations", invited).await.expect(201)["token"].clone();
        let accept = |email: &str, password: &str| json!({"token": invited, "email": email, "display_name": "Une personne", "password": password});
        for (password, code) in weak {
            let change = json!({"current_password": PASSWORD, "new_password": password});
            user.post("/v1/me/password", change).await.breaks("/new_password", code);
            let answer = json!({"token": reset, "password": password});
            app.anonymous().post("/v1/password-resets/use", answer).await.breaks("/password", code);
            let email = if password == user.email { "une.personne@example.org" } else { "b@example.org" };
            let password = if password == user.email { email } else { password };
            app.anonymous().post("/v1/invitations/accept", accept(email, password)).await.breaks("/password", code);
        }
        sign_in(&app, &user, PASSWORD).await.expect(200);
        let left: Value = manager.get("/v1/invitations").await.expect(200)["data"].clone();
        assert_eq!(left.as_array().unwrap().len(), 1, "the invitation was not answer up");
        app.anonymous().post("/v1/invitations/accept", accept("b@example.org", COMPOSED)).await.expect(201);
    }
}
