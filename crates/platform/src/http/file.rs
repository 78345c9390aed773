//! Responses in another format than the JSON of the contract: a printable page, a calendar, linked data.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde_json::json;

use super::description::{DescribedResponse, Description};

/// Allows inline style and the empty icon of a page only: no script, nothing from another origin.
pub(super) const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

/// 200 with a page for people. `no-store`: it may name a person.
#[derive(Debug)]
pub struct Html(pub String);

/// 200 with a calendar (RFC 5545).
#[derive(Debug)]
pub struct CalendarFile(pub String);

/// 200 with linked data (JSON-LD 1.1) that everybody may read. Caches keep it for five minutes.
#[derive(Debug)]
pub struct LinkedData(pub serde_json::Value);

impl Responder for LinkedData {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("application/ld+json")
            .insert_header((CACHE_CONTROL, "public, max-age=300"))
            .body(self.0.to_string())
    }
}

impl DescribedResponse for LinkedData {
    fn describe(description: &mut Description<'_>) {
        let example = json!({"@context": {"dcat": "http://www.w3.org/ns/dcat#"}, "@type": "dcat:Catalog"});
        description.operation["responses"]["200"] = json!({
            "description": "The catalogue, as JSON-LD.",
            "content": {"application/ld+json": {
                "schema": {"type": "object", "additionalProperties": true}, "example": example,
            }},
        });
        description.header("200", "Cache-Control", "`public, max-age=300`.");
    }
}

impl Responder for Html {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))
            .body(self.0)
    }
}

impl DescribedResponse for Html {
    fn describe(description: &mut Description<'_>) {
        let example = "<!doctype html>\n<html lang=\"fr\">\n<title>Prêt d'une mallette</title>\n</html>\n";
        description.operation["responses"]["200"] = json!({
            "description": "A printable page, in the language of the request.",
            "content": {"text/html": {"schema": {"type": "string"}, "example": example}},
        });
    }
}

impl Responder for CalendarFile {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("text/calendar; charset=utf-8")
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(self.0)
    }
}

impl DescribedResponse for CalendarFile {
    fn describe(description: &mut Description<'_>) {
        let example = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Passerelle//FR\r\nEND:VCALENDAR\r\n";
        description.operation["responses"]["200"] = json!({
            "description": "The calendar, in iCalendar format (RFC 5545).",
            "content": {"text/calendar": {"schema": {"type": "string"}, "example": example}},
        });
    }
}
