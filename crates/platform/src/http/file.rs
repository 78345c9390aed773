//! Answers that are a file of another format than JSON: a page to print, a calendar.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde_json::json;

use super::description::{Answer, Description};

/// Inline style and nothing else: no script, nothing from elsewhere.
pub(super) const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/// 200 with a page for people. Not to be stored: it may name somebody.
#[derive(Debug)]
pub struct Html(pub String);

/// 200 with a calendar (RFC 5545).
#[derive(Debug)]
pub struct CalendarFile(pub String);

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

impl Answer for Html {
    fn describe(description: &mut Description<'_>) {
        let example = "<!doctype html>\n<html lang=\"fr\">\n<title>Prêt d'une mallette</title>\n</html>\n";
        description.operation["responses"]["200"] = json!({
            "description": "A page to print, in the language of the call.",
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

impl Answer for CalendarFile {
    fn describe(description: &mut Description<'_>) {
        let example = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Passerelle//FR\r\nEND:VCALENDAR\r\n";
        description.operation["responses"]["200"] = json!({
            "description": "The calendar, in the iCalendar format (RFC 5545).",
            "content": {"text/calendar": {"schema": {"type": "string"}, "example": example}},
        });
    }
}
