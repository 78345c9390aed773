//! The problem document: `application/problem+json` (RFC 9457) with our extension members.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, RETRY_AFTER};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{ApiError, Code, Fault, FaultCode, Lang};

/// How many faults a document lists. The others are only counted.
const MAX_FAULTS: usize = 100;

/// The format of every error of the API (RFC 9457). Programs test `code`; people read `title` and `detail`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "/problems/invalid_body", "title": "Corps invalide", "status": 400,
    "detail": "1 erreur dans la requête : la corriger, puis renvoyer la requête.", "instance": "/v1/referrals", "code": "invalid_body",
    "request_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "errors": [{"pointer": "/needs", "code": "required", "message": "Ce champ est obligatoire."}]
}))]
pub struct Problem {
    /// URL of the page that explains the code.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    pub kind: String,
    /// Short title of the code, in the language of the request.
    pub title: String,
    /// HTTP status of the response.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened in this occurrence.
    pub detail: String,
    /// Path of the request, without its query parameters.
    #[schema(format = "uri-reference")]
    pub instance: String,
    /// Stable code, for programs. `x-extensible-enum` lists the codes: the list grows, so a program that meets another one acts
    /// by `status`.
    pub code: String,
    /// Identifier of the request, also in `X-Request-Id` and in the service's log.
    pub request_id: String,
    /// The first hundred faults of the request. Empty if the error is not about its content. `errors_omitted` counts
    /// the faults beyond the first hundred.
    pub errors: Vec<ProblemFault>,
    /// Members specific to the code, such as `state` or `required_permission`.
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: serde_json::Map<String, Value>,
}

impl Problem {
    /// Points at an item of a call about several, if no fault does: the state of an object refuses the item as a whole.
    pub fn name_item(&mut self, pointer: &str) {
        if self.errors.is_empty() {
            let (pointer, code, message) = (pointer.to_owned(), self.code.clone(), self.detail.clone());
            self.errors.push(ProblemFault { pointer, code, message, merged_into: None });
        }
    }
}

/// One fault of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemFault {
    /// JSON pointer into the body (RFC 6901), or the name of the parameter.
    #[schema(example = "/needs/0")]
    pub pointer: String,
    /// Stable code of the fault or of the broken rule; `/problems/{code}` explains it. `x-extensible-enum` lists the codes: the
    /// list grows, so a program that meets another one shows `message`.
    #[schema(example = "required")]
    pub code: String,
    /// What is wrong, in the language of the request.
    #[schema(example = "Ce champ est obligatoire.")]
    pub message: String,
    /// The identifier of the object into which the one was merged that the request names: send it instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = "uuid", required = false)]
    pub merged_into: Option<String>,
}

/// The page that the `type` of a problem links to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "wrong_state", "status": 409, "title_fr": "Action impossible dans cet état",
    "title_en": "Action not allowed in this state",
    "meaning_fr": "L'état de l'objet ne permet pas cette action.",
    "meaning_en": "The object's state does not allow the action."
}))]
pub struct ErrorPage {
    /// Stable code.
    pub code: &'static str,
    /// HTTP status of the code.
    pub status: u16,
    /// Title in French.
    pub title_fr: &'static str,
    /// Title in English.
    pub title_en: &'static str,
    /// When it happens and what to do, in French.
    pub meaning_fr: &'static str,
    /// When it happens and what to do, in English.
    pub meaning_en: &'static str,
}

impl From<Code> for ErrorPage {
    fn from(code: Code) -> Self {
        let (title_fr, title_en) = code.title();
        let (meaning_fr, meaning_en) = code.meaning();
        Self { code: code.as_str(), status: code.status().as_u16(), title_fr, title_en, meaning_fr, meaning_en }
    }
}

impl From<&FaultCode> for ErrorPage {
    fn from(fault: &FaultCode) -> Self {
        let FaultCode { code, status, title_fr, title_en, meaning_fr, meaning_en } = *fault;
        Self { code, status, title_fr, title_en, meaning_fr, meaning_en }
    }
}

impl ErrorPage {
    /// The page of a code of a problem or of a fault.
    pub fn find(code: &str) -> Option<Self> {
        let problem = Code::ALL.iter().find(|known| known.as_str() == code);
        problem.map(|code| Self::from(*code)).or_else(|| FaultCode::find(code).map(Self::from))
    }
}

/// The document of an error, for one request.
pub fn problem(error: &ApiError, base: &str, path: &str, request_id: &str, lang: Lang) -> Problem {
    let (title_fr, title_en) = error.code.title();
    let title = match lang {
        Lang::Fr => title_fr,
        Lang::En => title_en,
    };
    let detail = match &error.detail {
        Some(detail) => detail.in_lang(lang).to_owned(),
        None => default_detail(error, lang),
    };
    let fault = |fault: &Fault| ProblemFault {
        pointer: fault.pointer.clone(),
        code: fault.code.to_string(),
        message: fault.message.in_lang(lang).to_owned(),
        merged_into: fault.merged_into.clone(),
    };
    Problem {
        kind: format!("{base}/problems/{}", error.code.as_str()),
        title: title.to_owned(),
        status: error.code.status().as_u16(),
        detail,
        instance: path.to_owned(),
        code: error.code.as_str().to_owned(),
        request_id: request_id.to_owned(),
        errors: error.faults.iter().take(MAX_FAULTS).map(fault).collect(),
        extra: extra(error),
    }
}

/// The response of an error, for one request.
pub fn render(error: &ApiError, base: &str, path: &str, request_id: &str, lang: Lang) -> HttpResponse {
    let problem = problem(error, base, path, request_id, lang);
    let mut response = HttpResponse::build(error.code.status());
    response
        .content_type("application/problem+json")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_LANGUAGE, lang.tag()));
    if let Some(seconds) = error.retry_after {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    if let Some((name, value)) = &error.header {
        response.insert_header((*name, value.as_str()));
    }
    response.body(serde_json::to_vec(&problem).unwrap_or_default())
}

/// The extension members. OAuth clients read `error` and `error_description` (RFC 6749 § 5.2), so the document has
/// both.
fn extra(error: &ApiError) -> serde_json::Map<String, Value> {
    let mut extra: serde_json::Map<String, Value> =
        error.extra.iter().map(|(member, value)| ((*member).to_owned(), value.clone())).collect();
    if error.faults.len() > MAX_FAULTS {
        extra.insert("errors_omitted".into(), (error.faults.len() - MAX_FAULTS).into());
    }
    // RFC 6749 has no code for a missing second factor: `invalid_grant` stands for it. Too many attempts get none.
    let oauth = match error.code {
        Code::SecondFactorRequired => Some(Code::InvalidGrant),
        code @ (Code::InvalidGrant | Code::InvalidClient | Code::UnsupportedGrant) => Some(code),
        _ => None,
    };
    if let Some(oauth) = oauth {
        extra.insert("error".into(), oauth.as_str().into());
        extra.insert("error_description".into(), error.code.meaning().1.into());
    }
    extra
}

/// Without faults, the meaning of the code: it says what to do.
fn default_detail(error: &ApiError, lang: Lang) -> String {
    let (meaning_fr, meaning_en) = error.code.meaning();
    match (error.faults.len(), lang) {
        (0, Lang::Fr) => meaning_fr.to_owned(),
        (0, Lang::En) => meaning_en.to_owned(),
        (1, Lang::Fr) => "1 erreur dans la requête : la corriger, puis renvoyer la requête.".to_owned(),
        (n, Lang::Fr) => format!("{n} erreurs dans la requête : les corriger, puis renvoyer la requête."),
        (1, Lang::En) => "1 fault in the request: correct it, then send the request again.".to_owned(),
        (n, Lang::En) => format!("{n} faults in the request: correct them, then send the request again."),
    }
}
