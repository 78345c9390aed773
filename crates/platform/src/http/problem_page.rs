//! The page of the code of a problem or of a fault: JSON for a program, HTML for a person, from the tables of codes.

use actix_web::http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde_json::json;

use super::description::{DescribedResponse, Description};
use super::file::PAGE_POLICY;
use super::html_page;
use super::middleware::lang_of;
use super::reply::Reply;
use passerelle_base::error::{ApiError, ErrorPage, Lang};

/// The meaning of a code, in the format that the caller prefers.
#[derive(Debug)]
pub(super) struct ProblemPage(pub(super) ErrorPage);

impl Responder for ProblemPage {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        if !html_page::is_preferred(req) {
            return Reply(self.0).respond_to(req);
        }
        let lang = lang_of(req);
        let Ok(page) = Meaning::of(&self.0, lang).page() else { return HttpResponse::InternalServerError().finish() };
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
        let example = "<!doctype html>\n<html lang=\"fr\">\n<title>Objet introuvable – Passerelle</title>\n</html>\n";
        description.operation["responses"]["200"]["content"]["text/html"] =
            json!({"schema": {"type": "string"}, "example": example});
    }
}

/// The content of the page. All its texts come from the table, none from the caller. Text between backquotes is code.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>{{ title }}</h1>
<p><code>{{ code }}</code>, {{ lang.pick("Statut HTTP", "HTTP status") }} {{ status }}</p>
<h2>{{ lang.pick("Que faire", "What to do") }}</h2>
<p>{% for part in advice.split('`') %}{% if loop.index0 % 2 == 1 %}<code>{{ part }}</code>{% else %}{{ part }}{% endif %}{% endfor %}</p>"#
)]
struct Meaning {
    lang: Lang,
    code: &'static str,
    status: u16,
    title: &'static str,
    advice: &'static str,
}

impl Meaning {
    fn page(&self) -> Result<String, ApiError> {
        html_page::page(self.lang, self.title, self)
    }

    fn of(page: &ErrorPage, lang: Lang) -> Self {
        Self {
            lang,
            code: page.code,
            status: page.status,
            title: lang.pick(page.title_fr, page.title_en),
            advice: lang.pick(page.meaning_fr, page.meaning_en),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::http::problem_page::*;
    use passerelle_base::error::Code;

    #[test]
    fn a_text_is_escaped_and_its_code_has_markup() {
        let page = ErrorPage::from(Code::NotFound);
        let page = Meaning { advice: "see `a<b` & go", ..Meaning::of(&page, Lang::En) }.render().unwrap();
        assert!(page.contains("<p>see <code>a&#60;b</code> &#38; go</p>"), "{page}");
        for code in Code::ALL {
            let texts = code.meaning();
            assert!([texts.0, texts.1].iter().all(|text| text.matches('`').count() % 2 == 0), "{code:?}");
        }
    }
}
