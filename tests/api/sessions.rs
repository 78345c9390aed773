//! Sessions: refresh tokens, sign-out, second factors, passwords, limits on guessing.

use chrono::Duration;
use futures_util::future::join_all;
use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::harness::{Authenticator, Caller, PASSWORD, Response, TestApp};

async fn token(app: &TestApp, fields: &[(&str, &str)]) -> Response {
    app.anonymous().post_form("/oauth/token", fields).await
}

async fn by_password(app: &TestApp, user: &Caller, password: &str) -> Response {
    token(app, &[("grant_type", "password"), ("username", &user.email), ("password", password)]).await
}

async fn with_code(app: &TestApp, user: &Caller, code: &str) -> Response {
    let fields = [("grant_type", "password"), ("username", user.email.as_str()), ("password", PASSWORD), ("otp", code)];
    token(app, &fields).await
}

async fn refreshed(app: &TestApp, refresh_token: &str) -> Response {
    token(app, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
}

fn text(response: &Response, field: &str) -> String {
    response[field].as_str().unwrap_or_else(|| panic!("no {field} in {}", response.text())).to_owned()
}

/// A caller with only this access token.
fn bearer(app: &TestApp, response: &Response) -> Caller {
    app.anonymous().with_header("Authorization", &format!("Bearer {}", text(response, "access_token")))
}

/// Creates a user with an authenticator, and returns their recovery codes too.
async fn with_authenticator(app: &TestApp) -> (Caller, Authenticator, Vec<String>) {
    let user = app.user(app.service().await, Role::Coordinator).await;
    let begun = user.post("/v1/me/second-factor", json!({"password": PASSWORD})).await.expect(200);
    assert!(text(&begun, "uri").contains(&text(&begun, "secret")));
    let authenticator = Authenticator::new(&text(&begun, "secret"));
    let proof = json!({"otp": authenticator.code(app.now())});
    let confirmed = user.post("/v1/me/second-factor/confirm", proof).await.expect(200);
    let codes = confirmed["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (user.clone(), authenticator, codes.collect())
}

on_both_databases! {
    async fn a_session_is_renewed_by_its_refresh_token_for_seven_days(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let signed_in = by_password(&app, &user, PASSWORD).await.expect(200);
        let mut present = text(&signed_in, "refresh_token");
        // One day at a time, for seven days at most.
        for _ in 0..6 {
            app.advance(Duration::hours(23));
            let next = refreshed(&app, &present).await.expect(200);
            bearer(&app, &next).get("/v1/me").await.expect(200);
            present = text(&next, "refresh_token");
        }
        app.advance(Duration::hours(23));
        let last = refreshed(&app, &present).await.expect(200);
        app.advance(Duration::hours(8));
        refreshed(&app, &text(&last, "refresh_token")).await.expect(400).problem("invalid_grant");
        assert_eq!(app.traces_of(&[&present]), Vec::<String>::new(), "a refresh token is stored in clear text");
        // A client gets no refresh token: it signs in again with its secret.
        let client = app.client(app.service().await, &[Permission::ServicesRead]).await;
        let id = client.bare_id().to_string();
        let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", &client.secret)];
        assert!(token(&app, &fields).await.expect(200).json.get("refresh_token").is_none());
    }

    async fn a_refresh_token_expires_after_a_day(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let early = text(&by_password(&app, &user, PASSWORD).await.expect(200), "refresh_token");
        let late = text(&by_password(&app, &user, PASSWORD).await.expect(200), "refresh_token");
        app.advance(Duration::hours(24) - Duration::microseconds(1));
        refreshed(&app, &early).await.expect(200);
        app.advance(Duration::microseconds(1));
        refreshed(&app, &late).await.expect(400).problem("invalid_grant");
        for wrong in ["", "ref_AAAA", "x"] {
            refreshed(&app, wrong).await.expect(400).problem("invalid_grant");
        }
    }

    async fn a_refresh_token_used_twice_ends_its_session(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let other_session = by_password(&app, &user, PASSWORD).await.expect(200);
        let first = by_password(&app, &user, PASSWORD).await.expect(200);
        let second = refreshed(&app, &text(&first, "refresh_token")).await.expect(200);
        bearer(&app, &second).get("/v1/me").await.expect(200);
        let refused = refreshed(&app, &text(&first, "refresh_token")).await.expect(400).problem("invalid_grant");
        assert_eq!(refused["error"], "invalid_grant");
        assert!(text(&refused, "detail").contains("session"), "{}", refused.text());
        // No token of the session works any more, for either caller, on any instance.
        refreshed(&app, &text(&second, "refresh_token")).await.expect(400);
        bearer(&app, &second).get("/v1/me").await.expect(401).problem("unauthenticated");
        let other = app.second_instance().await;
        bearer(&other, &first).get("/v1/me").await.expect(401);
        // Another session of the same user still works.
        bearer(&app, &other_session).get("/v1/me").await.expect(200);
        refreshed(&app, &text(&other_session, "refresh_token")).await.expect(200);
    }

    async fn eight_concurrent_uses_of_a_refresh_token_give_one_new_token(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let signed_in = by_password(&app, &user, PASSWORD).await.expect(200);
        let other = app.second_instance().await;
        let present = text(&signed_in, "refresh_token");
        let racers = (0..8).map(|n| {
            let (app, present) = (if n % 2 == 0 { app.clone() } else { other.clone() }, present.clone());
            async move { refreshed(&app, &present).await }
        });
        let responses = join_all(racers).await;
        let served: Vec<&Response> = responses.iter().filter(|response| response.status == 200).collect();
        assert_eq!(served.len(), 1);
        assert!(responses.iter().all(|response| [200, 400].contains(&response.status)));
        refreshed(&app, &text(served[0], "refresh_token")).await.expect(400);
    }

    async fn signing_out_revokes_tokens(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let revoke = async |token: &str| {
            let response = app.anonymous().post_form("/oauth/revoke", &[("token", token)]).await.expect(200);
            assert_eq!(response.json, json!({}));
        };
        // A single access token.
        let signed_in = by_password(&app, &user, PASSWORD).await.expect(200);
        revoke(&text(&signed_in, "access_token")).await;
        bearer(&app, &signed_in).get("/v1/me").await.expect(401).problem("unauthenticated");
        let next = refreshed(&app, &text(&signed_in, "refresh_token")).await.expect(200);
        bearer(&app, &next).get("/v1/me").await.expect(200);
        // The whole session.
        revoke(&text(&next, "refresh_token")).await;
        bearer(&app, &next).get("/v1/me").await.expect(401);
        refreshed(&app, &text(&next, "refresh_token")).await.expect(400).problem("invalid_grant");
        // A token that never existed or is already revoked.
        for token in ["x", &text(&next, "refresh_token"), &text(&signed_in, "access_token")] {
            revoke(token).await;
        }
        app.anonymous().post_form("/oauth/revoke", &[]).await.expect(400).problem("invalid_body");
        // A client signs out in the same way.
        let client = app.client(app.service().await, &[Permission::ServicesRead]).await;
        let present = client.token();
        let as_client = app.anonymous().with_header("Authorization", &format!("Bearer {present}"));
        as_client.get("/v1/me").await.expect(200);
        revoke(&present).await;
        as_client.get("/v1/me").await.expect(401);
        client.get("/v1/me").await.expect(200);
    }

    async fn expired_tokens_revocations_and_attempts_are_deleted(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let signed_in = by_password(&app, &user, PASSWORD).await.expect(200);
        app.anonymous().post_form("/oauth/revoke", &[("token", &text(&signed_in, "access_token"))]).await.expect(200);
        by_password(&app, &user, "wrong").await.expect(400);
        let kept = |app: &TestApp| ["refresh_tokens", "revocations", "sign_in_attempts"].map(|table| app.database.count(table));
        let before = kept(&app);
        assert!(before.iter().all(|rows| *rows > 0), "{before:?}");
        app.local(passerelle::accounts::tokens::ops::sweep).await;
        assert_eq!(kept(&app), before);
        app.advance(Duration::days(7));
        app.local(passerelle::accounts::tokens::ops::sweep).await;
        assert_eq!(kept(&app), [0, 0, 0]);
    }

    async fn a_second_factor_is_required_once_it_is_confirmed(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        user.post("/v1/me/second-factor", json!({"password": "wrong"})).await.breaks("/password", "wrong_password");
        user.post("/v1/me/second-factor/confirm", json!({"otp": "123456"})).await.expect(409).problem("conflict");
        let begun = user.post("/v1/me/second-factor", json!({"password": PASSWORD})).await.expect(200);
        let authenticator = Authenticator::new(&text(&begun, "secret"));
        by_password(&app, &user, PASSWORD).await.expect(200);
        let wrong = json!({"otp": authenticator.code(app.now() + Duration::hours(1))});
        user.post("/v1/me/second-factor/confirm", wrong).await.breaks("/otp", "wrong_code");
        assert_eq!(user.get("/v1/me").await.expect(200)["second_factor"], false);
        let proof = json!({"otp": authenticator.code(app.now())});
        let confirmed = user.post("/v1/me/second-factor/confirm", proof.clone()).await.expect(200);
        assert_eq!(user.get("/v1/me").await.expect(200)["second_factor"], true);
        user.post("/v1/me/second-factor/confirm", proof).await.expect(409);
        user.post("/v1/me/second-factor", json!({"password": PASSWORD})).await.expect(409);
        let codes: Vec<&str> = confirmed["codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
        let refused = by_password(&app, &user, PASSWORD).await.expect(400).problem("second_factor_required");
        assert_eq!(refused["error"], "invalid_grant", "the code that OAuth libraries understand");
        // A caller with a wrong password does not learn that a second factor is required.
        by_password(&app, &user, "wrong").await.expect(400).problem("invalid_grant");
        let kept = [text(&begun, "secret"), codes[0].to_owned(), codes[0].replace('-', "")];
        assert_eq!(app.traces_of(&kept.iter().map(String::as_str).collect::<Vec<_>>()), Vec::<String>::new());
    }

    async fn a_code_of_the_second_factor_works_once(app: TestApp) {
        let (user, authenticator, codes) = with_authenticator(&app).await;
        // The code that confirmed the second factor is used up too.
        with_code(&app, &user, &authenticator.code(app.now())).await.expect(400).problem("invalid_grant");
        app.advance(Duration::seconds(30));
        let code = authenticator.code(app.now());
        let other = app.second_instance().await;
        let racers = [&app, &other, &app, &other].map(|at| with_code(at, &user, &code));
        let statuses: Vec<u16> = join_all(racers).await.iter().map(|response| response.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        // A code older than the last one does not work either, although it is still within the clock drift.
        let before = authenticator.code(app.now() - Duration::seconds(30));
        with_code(&app, &user, &before).await.expect(400).problem("invalid_grant");
        with_code(&app, &user, "000000").await.expect(400).problem("invalid_grant");
        // A recovery code works whatever its case and separators.
        with_code(&app, &user, &codes[3].to_uppercase().replace('-', " ")).await.expect(200);
        with_code(&app, &user, &codes[3]).await.expect(400).problem("invalid_grant");
        with_code(&app, &user, &codes[4]).await.expect(200);
    }

    async fn a_new_password_needs_a_code_of_the_second_factor(app: TestApp) {
        let (user, _, codes) = with_authenticator(&app).await;
        let new = "une phrase bien à elle";
        let change = |otp: Value| json!({"current_password": PASSWORD, "new_password": new, "otp": otp});
        for missing in [json!({"current_password": PASSWORD, "new_password": new}), change(Value::Null)] {
            user.post("/v1/me/password", missing).await.expect(400).problem("second_factor_required");
        }
        user.post("/v1/me/password", change("000000".into())).await.expect(400).problem("invalid_grant");
        with_code(&app, &user, &codes[0]).await.expect(200);
        // A recovery code works once.
        user.post("/v1/me/password", change(json!(codes[0]))).await.expect(400).problem("invalid_grant");
        user.post("/v1/me/password", change(json!(codes[1]))).await.expect(204);
        by_password(&app, &user, new).await.expect(400).problem("second_factor_required");
    }

    async fn a_second_factor_is_removed_by_its_owner_or_by_their_manager(app: TestApp) {
        let (user, authenticator, codes) = with_authenticator(&app).await;
        let remove = "/v1/me/second-factor/remove";
        user.post(remove, json!({"password": PASSWORD})).await.expect(400).problem("second_factor_required");
        user.post(remove, json!({"password": "wrong", "otp": codes[0]})).await.breaks("/password", "wrong_password");
        user.post(remove, json!({"password": PASSWORD, "otp": "000000"})).await.expect(400).problem("invalid_grant");
        user.post(remove, json!({"password": PASSWORD, "otp": codes[0]})).await.expect(204);
        by_password(&app, &user, PASSWORD).await.expect(200);
        with_code(&app, &user, &authenticator.code(app.now())).await.expect(200);

        let (lost, ..) = with_authenticator(&app).await;
        let administrator = app.administrator().await;
        let reset = administrator.act(&format!("/v1/users/{}/reset-second-factor", lost.bare_id())).await.expect(200);
        assert_eq!(reset["second_factor"], false);
        by_password(&app, &lost, PASSWORD).await.expect(200);
        // A client has no second factor.
        let client = app.client(app.service().await, &[Permission::ServicesRead]).await;
        client.post("/v1/me/second-factor", json!({"password": PASSWORD})).await.expect(403).problem("forbidden");
        assert_eq!(client.get("/v1/me").await.expect(200)["second_factor"], false);
    }

    async fn a_new_password_ends_every_session(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let signed_in = by_password(&app, &user, PASSWORD).await.expect(200);
        let me = bearer(&app, &signed_in);
        let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
        let new = "une phrase toute neuve";
        me.post("/v1/me/password", change("wrong", new)).await.breaks("/current_password", "wrong_password");
        me.post("/v1/me/password", change(PASSWORD, "short")).await.breaks("/new_password", "password_too_short");
        me.post("/v1/me/password", change(PASSWORD, new)).await.expect(204);
        me.get("/v1/me").await.expect(401);
        refreshed(&app, &text(&signed_in, "refresh_token")).await.expect(400);
        by_password(&app, &user, PASSWORD).await.expect(400).problem("invalid_grant");
        by_password(&app, &user, new).await.expect(200);
        assert_eq!(app.traces_of(&[new]), Vec::<String>::new());
        let client = app.client(app.service().await, &[Permission::ServicesRead]).await;
        client.post("/v1/me/password", change(PASSWORD, new)).await.expect(403);
    }

    async fn guessing_stops_after_ten_failures(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let from = |address: [u8; 4]| {
            let (app, email) = (app.clone(), user.email.clone());
            async move |password: &str| {
                let body = serde_urlencoded::to_string([("grant_type", "password"), ("username", &email), ("password", password)]);
                let request = app.anonymous().request("POST", "/oauth/token").peer_addr((address, 4000).into());
                let form = ("Content-Type", "application/x-www-form-urlencoded");
                app.send(request.insert_header(form).set_payload(body.unwrap()).to_request()).await
            }
        };
        let (thief, owner) = (from([192, 0, 2, 1]), from([192, 0, 2, 2]));
        for _ in 0..9 {
            thief("wrong").await.expect(400).problem("invalid_grant");
        }
        // A success restarts the count.
        thief(PASSWORD).await.expect(200);
        for _ in 0..10 {
            thief("wrong").await.expect(400);
        }
        let refused = thief(PASSWORD).await.expect(429).problem("too_many_attempts");
        let wait: i64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=900).contains(&wait), "{wait}");
        // More attempts from this address do not lock out other addresses.
        for _ in 0..60 {
            thief("wrong").await.expect(429);
        }
        // The attempts are counted in the database, so another instance refuses too. The owner signs in from elsewhere.
        let other = app.second_instance().await;
        let body = [("grant_type", "password"), ("username", user.email.as_str()), ("password", PASSWORD)];
        let request = other.anonymous().request("POST", "/oauth/token").peer_addr(([192, 0, 2, 1], 4000).into());
        other.send(request.set_form(body).to_request()).await.expect(429);
        owner(PASSWORD).await.expect(200);
        app.advance(Duration::seconds(wait));
        thief(PASSWORD).await.expect(200);
    }

    async fn of_twenty_concurrent_guesses_ten_are_checked(app: TestApp) {
        let user = app.user(app.service().await, Role::Coordinator).await;
        let guesses = (0..20).map(|_| by_password(&app, &user, "wrong"));
        let statuses: Vec<u16> = join_all(guesses).await.iter().map(|response| response.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 10, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10, "{statuses:?}");
        // A stolen token does not allow more guesses of the user's password.
        for _ in 0..10 {
            let guess = json!({"current_password": "wrong", "new_password": "une phrase toute neuve"});
            user.post("/v1/me/password", guess).await.expect(422);
        }
        let right = json!({"current_password": PASSWORD, "new_password": "une phrase toute neuve"});
        user.post("/v1/me/password", right).await.expect(429).problem("too_many_attempts");
    }
}
