//! Who is counted as one caller, and what strangers cannot do to an account: lock its owner out, guess on.

use std::net::{IpAddr, SocketAddr};

use chrono::Duration;
use passerelle::auth::{Permission, Role};
use serde_json::json;

use crate::harness::{Authenticator, Caller, PASSWORD, Response, TestApp};

/// A sign-in from an address.
async fn from(app: &TestApp, address: &str, fields: &[(&str, &str)]) -> Response {
    let peer = SocketAddr::new(address.parse::<IpAddr>().unwrap(), 4000);
    let request = app.anonymous().request("POST", "/oauth/token").peer_addr(peer);
    app.send(request.set_form(fields).to_request()).await
}

async fn by_password(app: &TestApp, address: &str, email: &str, password: &str, more: &[(&str, &str)]) -> Response {
    let fields = [("grant_type", "password"), ("username", email), ("password", password)];
    from(app, address, &[&fields[..], more].concat()).await
}

async fn coordinator(app: &TestApp) -> Caller {
    app.user(app.service().await, Role::Coordinator).await
}

/// Strangers fail on an account, from five networks, until its lock holds for strangers.
async fn lock(app: &TestApp, email: &str) {
    for network in 0..5 {
        for host in 0..10 {
            let address = format!("2001:db8:{network}::{host}");
            by_password(app, &address, email, "wrong", &[]).await.expect(400).problem("invalid_grant");
        }
    }
    by_password(app, "203.0.113.1", email, PASSWORD, &[]).await.expect(429).problem("too_many_attempts");
}

on_both_databases! {
    async fn an_ipv6_network_does_not_lock_the_owner_out(app: TestApp) {
        let owner = coordinator(&app).await;
        let thief = async |host: u32, password: &str| {
            by_password(&app, &format!("2001:db8:1:2:{host}::1"), &owner.email, password, &[]).await
        };
        for host in 0..10 {
            thief(host, "wrong").await.expect(400);
        }
        // 50 other addresses of the same network are the same caller.
        for host in 10..60 {
            thief(host, PASSWORD).await.expect(429).problem("too_many_attempts");
        }
        by_password(&app, "2001:db8:1:3::1", &owner.email, PASSWORD, &[]).await.expect(200);
        // An IPv4 address is the same caller in both forms.
        let other = coordinator(&app).await;
        for _ in 0..10 {
            by_password(&app, "::ffff:192.0.2.1", &other.email, "wrong", &[]).await.expect(400);
        }
        by_password(&app, "192.0.2.1", &other.email, PASSWORD, &[]).await.expect(429);
        by_password(&app, "192.0.2.2", &other.email, PASSWORD, &[]).await.expect(200);
    }

    async fn an_ipv6_network_does_not_try_one_account_after_the_other(app: TestApp) {
        let mut refused = 0;
        for guess in 0..130 {
            let address = format!("2001:db8:1:2::{guess}");
            let response = by_password(&app, &address, &format!("nobody-{guess}@example.org"), "wrong", &[]).await;
            refused += usize::from(response.status == 429);
        }
        assert_eq!(refused, 30, "of 130 accounts, a hundred may be tried");
    }

    async fn strangers_do_not_lock_out_a_device_or_an_address_that_signed_in_before(app: TestApp) {
        let (owner, other) = (coordinator(&app).await, coordinator(&app).await);
        let signed_in = by_password(&app, "198.51.100.1", &owner.email, PASSWORD, &[]).await.expect(200);
        let device = signed_in["device_token"].as_str().unwrap().to_owned();
        assert!(device.starts_with("dev_") && device.len() < 128, "{device}");
        let of_other = by_password(&app, "198.51.100.9", &other.email, PASSWORD, &[]).await.expect(200);
        let of_other = of_other["device_token"].as_str().unwrap().to_owned();
        assert_eq!(app.traces_of(&[&device]), Vec::<String>::new(), "a device token is stored or logged");
        lock(&app, &owner.email).await;
        let at = async |address: &str, more: &[(&str, &str)]| {
            by_password(&app, address, &owner.email, PASSWORD, more).await
        };
        at("198.51.100.2", &[]).await.expect(429);
        for token in ["", "dev_", "dev_AAAA", &of_other, &device[..device.len() - 2]] {
            at("198.51.100.2", &[("device_token", token)]).await.expect(429).problem("too_many_attempts");
        }
        let again = at("198.51.100.2", &[("device_token", &device)]).await.expect(200);
        assert_ne!(again["device_token"], device.as_str());
        at("198.51.100.1", &[]).await.expect(200);
        // The address of the last success is known from then on.
        at("198.51.100.2", &[]).await.expect(200);
        // Renewing a session returns no new proof: nobody has given a password.
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", again["refresh_token"].as_str().unwrap())];
        assert!(from(&app, "198.51.100.2", &refresh).await.expect(200).json.get("device_token").is_none());
        // Both proofs end.
        app.advance(Duration::days(91));
        lock(&app, &owner.email).await;
        at("198.51.100.1", &[]).await.expect(429);
        at("198.51.100.3", &[("device_token", &device)]).await.expect(200);
        app.advance(Duration::days(90));
        lock(&app, &owner.email).await;
        at("198.51.100.4", &[("device_token", &device)]).await.expect(429);
        assert!(app.database.count("known_callers") > 0);
        app.advance(Duration::days(90));
        app.local(passerelle::accounts::tokens::ops::sweep).await;
        assert_eq!(app.database.count("known_callers"), 0);
    }

    async fn a_stolen_device_token_does_not_allow_more_than_ten_guesses(app: TestApp) {
        let owner = coordinator(&app).await;
        let signed_in = by_password(&app, "198.51.100.1", &owner.email, PASSWORD, &[]).await.expect(200);
        let device = [("device_token", signed_in["device_token"].as_str().unwrap())];
        for guess in 0..10 {
            let address = format!("203.0.113.{guess}");
            by_password(&app, &address, &owner.email, "wrong", &device).await.expect(400);
        }
        by_password(&app, "203.0.113.200", &owner.email, PASSWORD, &device).await.expect(429);
        // The guesses are those of the device: the owner signs in without it.
        by_password(&app, "198.51.100.2", &owner.email, PASSWORD, &[]).await.expect(200);
    }

    async fn strangers_do_not_lock_a_client_out(app: TestApp) {
        let client = app.client(app.service().await, &[Permission::ServicesRead]).await;
        let id = client.bare_id().to_string();
        let at = async |address: &str, secret: &str| {
            let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret)];
            from(&app, address, &fields).await
        };
        for host in 0..99 {
            at(&format!("2001:db8:1:2::{host}"), "sec_wrong").await.expect(401).problem("invalid_client");
        }
        at("2001:db8:1:3::1", &client.secret).await.expect(200);
        at("2001:db8:1:2::1", "sec_wrong").await.expect(401);
        at("2001:db8:1:2::2", &client.secret).await.expect(429).problem("too_many_attempts");
        at("2001:db8:1:3::1", &client.secret).await.expect(200);
        // A script with a wrong secret does not lock out the people of its office.
        let user = coordinator(&app).await;
        by_password(&app, "2001:db8:1:2::2", &user.email, PASSWORD, &[]).await.expect(200);
    }

    async fn a_second_factor_is_not_guessed_more_than_five_times(app: TestApp) {
        let owner = coordinator(&app).await;
        let signed_in = by_password(&app, "198.51.100.1", &owner.email, PASSWORD, &[]).await.expect(200);
        let device = signed_in["device_token"].as_str().unwrap().to_owned();
        let begun = owner.post("/v1/me/second-factor", json!({"password": PASSWORD})).await.expect(200);
        let authenticator = Authenticator::new(begun["secret"].as_str().unwrap());
        // A stolen access token does not confirm a secret that it does not know either.
        for _ in 0..5 {
            owner.post("/v1/me/second-factor/confirm", json!({"otp": "000000"})).await.breaks("/otp", "wrong_code");
        }
        let right = json!({"otp": authenticator.code(app.now())});
        owner.post("/v1/me/second-factor/confirm", right).await.expect(429).problem("too_many_attempts");
        app.advance(Duration::minutes(15));
        let right = json!({"otp": authenticator.code(app.now())});
        owner.post("/v1/me/second-factor/confirm", right).await.expect(200);
        app.advance(Duration::seconds(60));
        // The thief knows the password, and has many addresses.
        let code = |app: &TestApp| authenticator.code(app.now());
        for host in 0..5 {
            let address = format!("203.0.113.{host}");
            by_password(&app, &address, &owner.email, PASSWORD, &[("otp", "000000")]).await.expect(400);
        }
        let right = code(&app);
        let refused = by_password(&app, "203.0.113.77", &owner.email, PASSWORD, &[("otp", &right)]).await;
        refused.expect(429).problem("too_many_attempts");
        let proof = [("otp", right.as_str()), ("device_token", &device)];
        by_password(&app, "203.0.113.78", &owner.email, PASSWORD, &proof).await.expect(200);
        app.advance(Duration::seconds(60));
        let right = code(&app);
        by_password(&app, "198.51.100.1", &owner.email, PASSWORD, &[("otp", &right)]).await.expect(200);
        app.advance(Duration::minutes(15));
        let right = code(&app);
        by_password(&app, "203.0.113.79", &owner.email, PASSWORD, &[("otp", &right)]).await.expect(200);
        // Nor does it go on at the operation that removes the second factor.
        let remove = |otp: String| json!({"password": PASSWORD, "otp": otp});
        app.advance(Duration::seconds(60));
        for _ in 0..5 {
            owner.post("/v1/me/second-factor/remove", remove("000000".into())).await.expect(400);
        }
        owner.post("/v1/me/second-factor/remove", remove(code(&app))).await.expect(429).problem("too_many_attempts");
    }

    async fn a_front_end_that_asks_for_the_code_next_does_not_use_up_the_limits(app: TestApp) {
        let owner = coordinator(&app).await;
        let begun = owner.post("/v1/me/second-factor", json!({"password": PASSWORD})).await.expect(200);
        let authenticator = Authenticator::new(begun["secret"].as_str().unwrap());
        let proof = json!({"otp": authenticator.code(app.now())});
        owner.post("/v1/me/second-factor/confirm", proof).await.expect(200);
        for _ in 0..15 {
            let asked = by_password(&app, "198.51.100.1", &owner.email, PASSWORD, &[]).await;
            asked.expect(400).problem("second_factor_required");
        }
        app.advance(Duration::seconds(60));
        let code = authenticator.code(app.now());
        by_password(&app, "198.51.100.1", &owner.email, PASSWORD, &[("otp", &code)]).await.expect(200);
    }
}
