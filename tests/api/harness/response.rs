//! A response, with the assertions that tests make on it.

use std::future::ready;

use actix_http::encoding::Decoder;
use actix_http::error::PayloadError;
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use futures_util::{TryStreamExt, stream};
use serde_json::Value;

use super::contract;

/// A response of the API, already checked against the contract.
#[derive(Clone)]
pub struct Response {
    /// The method and path of the request.
    pub asked: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The decompressed body.
    pub body: Bytes,
    /// The body as JSON; null if it is not JSON.
    pub json: Value,
}

impl Response {
    pub(super) async fn received<B: MessageBody>(method: &str, path: &str, response: ServiceResponse<B>) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mut body = to_bytes(response.into_body()).await.ok().expect("a body");
        if headers.contains_key("content-encoding") && !body.is_empty() {
            let compressed = Box::pin(stream::once(ready(Ok::<_, PayloadError>(body))));
            let plain: Vec<Bytes> =
                Decoder::from_headers(compressed, &headers).try_collect().await.expect("a compressed body");
            body = plain.concat().into();
        }
        let json = serde_json::from_slice(&body).unwrap_or_default();
        let (bare, _) = path.split_once('?').unwrap_or((path, ""));
        let response = Self { asked: format!("{method} {bare}"), status, headers, body, json };
        contract::check(method, path, &response);
        response
    }

    /// Asserts the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    /// Asserts that the response is a complete problem document with this code.
    #[track_caller]
    pub fn problem(self, code: &str) -> Self {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}: {}", self.asked, self.text());
        assert_eq!(self.json["code"], code, "{}: {}", self.asked, self.text());
        assert_eq!(self.json["status"], self.status, "{}: {}", self.asked, self.text());
        assert_eq!(self.json["request_id"], self.header("x-request-id"), "{}: {}", self.asked, self.text());
        self
    }

    /// The faults of a problem: pointer and code, in the order of the document.
    pub fn faults(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let faults = self.json["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        faults.iter().map(|fault| (text(&fault["pointer"]), text(&fault["code"]))).collect()
    }

    /// Asserts a 422 with only this fault: its pointer and its code.
    #[track_caller]
    pub fn breaks(self, pointer: &str, rule: &str) -> Self {
        // A range that ends before it starts is malformed, wherever it is found.
        let (status, code) = if rule == "ends_before_start" { (400, "invalid_body") } else { (422, "rule_broken") };
        let response = self.expect(status).problem(code);
        assert_eq!(response.faults(), [(pointer.to_owned(), rule.to_owned())], "{}", response.asked);
        response
    }

    /// The value of a header; empty if absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `id` of the returned object.
    #[track_caller]
    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap_or_else(|| panic!("{}: no id in {}", self.asked, self.text())).to_owned()
    }

    /// The rows of a list.
    #[track_caller]
    pub fn rows(&self) -> &[Value] {
        self.json["data"].as_array().unwrap_or_else(|| panic!("{}: no rows in {}", self.asked, self.text()))
    }

    /// The body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl std::ops::Index<&str> for Response {
    type Output = Value;

    /// A field of the JSON body.
    fn index(&self, field: &str) -> &Value {
        &self.json[field]
    }
}
