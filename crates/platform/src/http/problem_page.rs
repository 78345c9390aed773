//! The page behind the `type` of a problem: JSON for a program, HTML for a person, from the table of error codes.

use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, Responder};
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
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((CONTENT_LANGUAGE, lang.tag()))
            .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))
            .body(page(self.0, lang))
    }
}

impl DescribedResponse for ProblemPage {
    fn describe(description: &mut Description<'_>) {
        description
            .success::<ErrorPage>("200", "The meaning of the code, as JSON, or as a page with `Accept: text/html`.");
        let example = page(Code::NotFound, Lang::En);
        description.operation["responses"]["200"]["content"]["text/html"] =
            json!({"schema": {"type": "string"}, "example": example});
    }
}

/// A browser names `text/html`; a program does not, or names JSON first.
fn prefers_html(accept: &str) -> bool {
    let mut known = accept.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
    known.find(|kind| ["text/html", "application/json"].contains(kind)) == Some("text/html")
}

/// A self-contained page. All its texts come from the table, none from the caller.
fn page(code: Code, lang: Lang) -> String {
    let (title, meaning, heading, status) = match lang {
        Lang::Fr => (code.title().0, code.meaning().0, "Que faire", "Statut HTTP"),
        Lang::En => (code.title().1, code.meaning().1, "What to do", "HTTP status"),
    };
    let (name, number, lang) = (code.as_str(), code.status().as_u16(), lang.tag());
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} – Passerelle</title>\n\
         <style>body{{font:1.1rem/1.5 sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}</style>\n\
         <h1>{title}</h1>\n<p><code>{name}</code>, {status} {number}</p>\n<h2>{heading}</h2>\n<p>{}</p>\n</html>\n",
        to_html(meaning)
    )
}

/// Escapes a text, and marks up the parts between backquotes as code.
fn to_html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut html = String::with_capacity(escaped.len() + 32);
    for (number, part) in escaped.split('`').enumerate() {
        html.push_str(match number {
            0 => "",
            number if number % 2 == 1 => "<code>",
            _ => "</code>",
        });
        html.push_str(part);
    }
    html
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
        assert_eq!(to_html("see `a<b` & go"), "see <code>a&lt;b</code> &amp; go");
        for code in Code::ALL {
            let texts = code.meaning();
            assert!([texts.0, texts.1].iter().all(|text| text.matches('`').count() % 2 == 0), "{code:?}");
        }
    }
}
