//! Errors for people: a browser that opens an address which is no operation of the API gets a page and not JSON.

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::contract::Contract;
use super::file::PAGE_POLICY;
use super::html_page;
use super::media_type::Format;
use passerelle_base::error::{ApiError, Lang};

/// The content of the page. Nothing in it comes from the caller.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ title }}</h1>
<p>{{ detail }}</p>
<p><a href="/">{{ lang.pick("Accueil", "Home") }}</a>, <a href="/open-data">{{ lang.pick("données ouvertes", "open data") }}</a>, <a href="/docs/">{{ lang.pick("documentation de l'API", "API documentation") }}</a></p>
<p class="note">{{ lang.pick("Code de l'erreur :", "Error code:") }} <a href="/problems/{{ code }}"><code>{{ code }}</code></a>. {{ lang.pick("Requête :", "Request:") }} <code>{{ request }}</code>.</p>"#
)]
struct Content<'a> {
    lang: Lang,
    title: &'static str,
    detail: &'a str,
    code: &'static str,
    request: &'a str,
}

/// The response with a page as its body, for a browser that reads what is no operation of the contract; else as it is.
pub(super) fn for_a_person(
    req: &HttpRequest,
    lang: Lang,
    error: &ApiError,
    request_id: &str,
    response: HttpResponse,
) -> HttpResponse {
    if !is_page(req) || !html_page::is_preferred(req) {
        return response;
    }
    let ((title_fr, title_en), (advice_fr, advice_en)) = (error.code.title(), error.code.meaning());
    let content = Content {
        lang,
        title: lang.pick(title_fr, title_en),
        detail: &lang.pick(advice_fr, advice_en).replace('`', ""),
        code: error.code.as_str(),
        request: request_id,
    };
    let Ok(page) = html_page::page(lang, content.title, &content) else { return response };
    let mut response = response.set_body(page);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(Format::Html.media_type()));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    response.map_into_boxed_body()
}

/// Whether a request reads an address that is no operation: a page, or nothing.
fn is_page(req: &HttpRequest) -> bool {
    let reads = [Method::GET, Method::HEAD].contains(req.method());
    let pattern = req.match_pattern().unwrap_or_default();
    reads && Contract::of(req).is_ok_and(|contract| contract.operation("GET", &pattern).is_null())
}
