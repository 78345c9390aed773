//! A caller of the API.

use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use passerelle::auth::PrincipalId;
use passerelle::db::Id;
use serde_json::Value;

use super::{Response, TestApp, contract};

/// A caller of the API. Each call has a new token, signed at the current time, so that a test that moves the clock by a
/// year stays signed in.
#[derive(Clone)]
pub struct Caller {
    pub(super) app: TestApp,
    /// The principal; none if anonymous.
    pub id: Option<PrincipalId>,
    /// The e-mail address of a user.
    pub email: String,
    /// The secret of a client.
    pub secret: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Caller {
    /// The same caller, with one more header on each request. An empty header is not sent: an empty `If-Match` sends
    /// none.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same caller on another instance of the program.
    #[must_use]
    pub fn at(mut self, app: &TestApp) -> Self {
        self.app = app.clone();
        self
    }

    /// The identifier without its kind.
    pub fn bare_id(&self) -> Id {
        match self.id {
            Some(PrincipalId::User(id) | PrincipalId::Client(id)) => id,
            _ => panic!("an anonymous caller has no identifier"),
        }
    }

    /// A new access token of this caller.
    pub fn token(&self) -> String {
        let id = self.id.expect("an anonymous caller has no token").to_string();
        self.app.context().keys.sign(&id, None, self.app.context().now()).unwrap()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Response {
        self.call("GET", path, None).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.call("POST", path, Some(body)).await
    }

    /// POST without a body.
    pub async fn act(&self, path: &str) -> Response {
        self.call("POST", path, None).await
    }

    /// PATCH with a merge patch.
    pub async fn patch(&self, path: &str, body: Value) -> Response {
        let request = self.request("PATCH", path).insert_header(("Content-Type", "application/merge-patch+json"));
        self.app.send(request.set_payload(body.to_string()).to_request()).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Response {
        self.call("PUT", path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Response {
        self.call("DELETE", path, None).await
    }

    /// Any method, with a JSON body or none.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Response {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => request.set_json(body),
            None => request,
        };
        self.app.send(request.to_request()).await
    }

    /// POST with raw bytes of any media type.
    pub async fn post_bytes(&self, path: &str, media_type: &str, body: impl Into<Bytes>) -> Response {
        let request = self.request("POST", path).insert_header(("Content-Type", media_type)).set_payload(body);
        self.app.send(request.to_request()).await
    }

    /// POST with a form, as the token endpoint expects.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = serde_urlencoded::to_string(fields).unwrap();
        self.post_bytes(path, "application/x-www-form-urlencoded", body).await
    }

    /// A request of this caller, to be completed.
    pub fn request(&self, method: &str, path: &str) -> TestRequest {
        let here = std::net::SocketAddr::from(([127, 0, 0, 1], 40_000));
        let mut request = TestRequest::with_uri(path).method(method.parse().unwrap()).peer_addr(here);
        if self.id.is_some() {
            request = request.insert_header(("Authorization", format!("Bearer {}", self.token())));
        }
        // A test acts on objects that it has just created: unless it gives a version, any version is accepted.
        let says_version = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("if-match"));
        if !says_version && contract::demands_version(method, path) {
            request = request.insert_header(("If-Match", "*"));
        }
        for (name, value) in self.headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.insert_header((name.as_str(), value.as_str()));
        }
        request
    }
}
