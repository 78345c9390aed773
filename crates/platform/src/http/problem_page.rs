//! The page behind the `type` of a problem: JSON for a program, HTML for a person, from the table of error codes.

use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde_json::json;

use super::description::{DescribedResponse, Description};
use super::file::PAGE_POLICY;
use super::reply::Reply;
use passerelle_base::error::{Code, ErrorPage, Lang};

/// The meaning of a code, in the format that the caller prefers.
#[derive(Debug)]
pub(super) struct ProblemPage(pub(super) Code);

impl Responder for ProblemPage {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let header = |name| req.headers().get(name).and_then(|value| value.to_str().ok());
        if !prefers_html(header(ACCEPT).unwrap_or_default()) {
            return Reply(ErrorPage::from(self.0)).respond_to(req);
        }
        let lang = Lang::negotiate(header(ACCEPT_LANGUAGE));
        let Ok(page) = HtmlPage::of(self.0, lang).render() else { return HttpResponse::InternalServerError().finish() };
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((CONTENT_LANGUAGE, lang.tag()))
            .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))
            .body(page)
    }
}

impl DescribedResponse for ProblemPage {
    fn describe(description: &mut Description<'_>) {
        description
            .success::<ErrorPage>("200", "The meaning of the code, as JSON, or as a page with `Accept: text/html`.");
        let example = HtmlPage::of(Code::NotFound, Lang::En).render().unwrap_or_default();
        description.operation["responses"]["200"]["content"]["text/html"] =
            json!({"schema": {"type": "string"}, "example": example});
    }
}

/// A browser names `text/html`; a program does not, or names JSON first.
fn prefers_html(accept: &str) -> bool {
    let mut known = accept.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
    known.find(|kind| ["text/html", "application/json"].contains(kind)) == Some("text/html")
}

/// A self-contained page. All its texts come from the table, none from the caller. Text between backquotes
/// is code.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="{{ lang.tag() }}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ title }} – Passerelle</title>
<style>body{font:1.1rem/1.5 sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style>
<h1>{{ title }}</h1>
<p><code>{{ code }}</code>, {{ lang.pick("Statut HTTP", "HTTP status") }} {{ status }}</p>
<h2>{{ lang.pick("Que faire", "What to do") }}</h2>
<p>{% for part in meaning.split('`') %}{% if loop.index0 % 2 == 1 %}<code>{{ part }}</code>{% else %}{{ part }}{% endif %}{% endfor %}</p>
</html>
"#
)]
struct HtmlPage {
    lang: Lang,
    code: &'static str,
    status: u16,
    title: &'static str,
    meaning: &'static str,
}

impl HtmlPage {
    fn of(code: Code, lang: Lang) -> Self {
        let (title, meaning) = (code.title(), code.meaning());
        Self {
            lang,
            code: code.as_str(),
            status: code.status().as_u16(),
            title: lang.pick(title.0, title.1),
            meaning: lang.pick(meaning.0, meaning.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::http::problem_page::*;

    #[test]
    fn a_browser_gets_html_and_a_program_json() {
        assert!(prefers_html("text/html,application/xhtml+xml,*/*;q=0.8"));
        for program in ["", "*/*", "application/json", "application/json, text/html"] {
            assert!(!prefers_html(program), "{program}");
        }
    }

    #[test]
    fn a_text_is_escaped_and_its_code_has_markup() {
        let page = HtmlPage { meaning: "see `a<b` & go", ..HtmlPage::of(Code::NotFound, Lang::En) }.render().unwrap();
        assert!(page.contains("<p>see <code>a&#60;b</code> &#38; go</p>"), "{page}");
        for code in Code::ALL {
            let texts = code.meaning();
            assert!([texts.0, texts.1].iter().all(|text| text.matches('`').count() % 2 == 0), "{code:?}");
        }
    }
}
