//! Pages for people: one layout and one stylesheet, without scripts and without anything from another site.

use std::sync::Arc;

use actix_web::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use super::file::PAGE_POLICY;
use super::response_cache::CachedResponse;
use passerelle_base::accept::weighted;
use passerelle_base::error::{ApiError, Code, Lang};

/// The layout. `body` is HTML that a template has escaped.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="{{ lang.tag() }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} – Passerelle</title>
<link rel="icon" href="data:,">
<style>{{ style|safe }}</style>
</head>
<body>
<header><a href="/">Passerelle</a> <a href="/open-data">{{ lang.pick("Données ouvertes", "Open data") }}</a> <a href="/docs/">{{ lang.pick("Documentation de l'API", "API documentation") }}</a></header>
<main>
{{ body|safe }}
</main>
<footer>{{ lang.pick("Passerelle, l'API des pôles ressources handicap.", "Passerelle, the API of the pôles ressources handicap.") }}</footer>
</body>
</html>
"#
)]
struct Layout<'a> {
    lang: Lang,
    title: &'a str,
    style: &'static str,
    body: &'a str,
}

const STYLE: &str = include_str!("page.css");

/// A page: its title, and the HTML of its content, which a template has rendered.
pub fn page(lang: Lang, title: &str, content: &impl Template) -> Result<String, ApiError> {
    let rendered = content.render().and_then(|body| Layout { lang, title, style: STYLE, body: &body }.render());
    rendered.map_err(|error| {
        log::error!("a page cannot be rendered: {error}");
        ApiError::new(Code::Internal)
    })
}

/// 200 with a page made from open data, or 304. Caches keep it for five minutes: its layout changes with the program.
#[derive(Debug)]
pub struct OpenPage(pub Arc<CachedResponse>);

impl Responder for OpenPage {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let mut response = self.0.respond(req, "public, max-age=300");
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
        response
    }
}

/// Whether the caller prefers a page to JSON. A browser names `text/html`; a program does not, or names JSON first, or with a
/// greater weight.
pub(super) fn is_preferred(req: &HttpRequest) -> bool {
    let headers: Vec<&str> = req.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    let header = headers.join(",");
    let named = weighted(&header).filter(|(kind, _)| ["text/html", "application/json"].contains(&kind.as_str()));
    let best = named.filter(|(_, weight)| *weight > 0.0).reduce(|best, one| if one.1 > best.1 { one } else { best });
    best.is_some_and(|(kind, _)| kind == "text/html")
}

#[cfg(test)]
mod tests {
    use crate::http::html_page::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_browser_gets_html_and_a_program_json() {
        let preferred =
            |accept: &str| is_preferred(&TestRequest::default().insert_header((ACCEPT, accept)).to_http_request());
        for browser in [
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "application/json;q=0.5, text/html",
            "text/html;q=0.4,*/*;q=0.8",
        ] {
            assert!(preferred(browser), "{browser}");
        }
        for program in [
            "",
            "*/*",
            "application/json",
            "application/json, text/html",
            "text/html;q=0",
            "text/html;q=0.3, application/json",
            "text/html; q=x",
        ] {
            assert!(!preferred(program), "{program}");
        }
    }

    #[test]
    fn a_title_is_escaped_and_nothing_comes_from_elsewhere() {
        #[derive(Template)]
        #[template(ext = "html", source = "<p>{{ text }}</p>")]
        struct Content {
            text: &'static str,
        }
        let page = page(Lang::Fr, "a < b", &Content { text: "c > d" }).unwrap();
        assert!(page.contains("<title>a &#60; b – Passerelle</title>") && page.contains("<p>c &#62; d</p>"), "{page}");
        for foreign in ["http:", "https:", "url(", "@import", "<script"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }
}
