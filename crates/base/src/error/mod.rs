//! Errors of the API: one table of codes, one type, rendered as RFC 9457 problem documents.
//!
//! [`codes`] is the table: code → status → title in French and English. A handler fails with an
//! [`ApiError`]. The `problem` middleware, which knows the request, writes the document. A database
//! failure is an internal error: its cause goes to the log and never to the response.

mod cause;
mod codes;
mod failure;
mod fault_codes;
mod faults;
mod problem;
mod quiet;
mod states;

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::accept::weighted;

pub use codes::Code;
pub use failure::DatabaseFailure;
pub use fault_codes::FaultCode;
pub use faults::Faults;
pub use problem::{ErrorPage, Problem, ProblemFault, problem, render};
pub use quiet::quietly;

/// The name of a state in a language; its code if it has none.
pub fn state_name(code: &str, lang: Lang) -> String {
    match lang {
        Lang::Fr => states::in_french(code).unwrap_or(code).to_owned(),
        Lang::En => states::in_english(code),
    }
}

/// A message in French and in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// French, the default.
    pub fr: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A message from its French and English texts.
    pub fn new(fr: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { fr: fr.into(), en: en.into() }
    }

    /// The text in `lang`.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Fr => &self.fr,
            Lang::En => &self.en,
        }
    }
}

/// A language of problem documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// French: the default.
    #[default]
    Fr,
    /// English.
    En,
}

impl Lang {
    /// The language tag that headers and pages use.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The text in this language, of the two given.
    pub const fn pick<'a>(self, fr: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Fr => fr,
            Self::En => en,
        }
    }

    /// Negotiates the language from an `Accept-Language` header. French if the header names neither language.
    pub fn negotiate(header: Option<&str>) -> Self {
        let mut best = (0.0_f32, Self::Fr);
        for (tag, weight) in weighted(header.unwrap_or_default()) {
            let lang = match tag.split('-').next() {
                Some("fr") => Self::Fr,
                Some("en") => Self::En,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }
}

/// The code of the fault of a range that ends before it starts. The request is malformed (400), wherever the fault is
/// found: in the query, in the body, or between a corrected end and a recorded start.
pub const ENDS_BEFORE_START: &str = "ends_before_start";

/// One fault of a request, located by a JSON pointer into the body or by the name of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// RFC 6901 pointer into the body (`/needs/0`), or the name of a parameter.
    pub pointer: String,
    /// Stable code of the fault, such as `required` or `unknown_field`.
    pub code: Cow<'static, str>,
    /// What is wrong, written for people.
    pub message: Text,
    /// The object into which the one was merged that the request names.
    pub merged_into: Option<String>,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, message: Text) -> Self {
        let code = code.into();
        debug_assert!(cfg!(test) || FaultCode::is_known(&code), "the fault {code} is not in data/fault-codes.json");
        Self { pointer: pointer.into(), code, message, merged_into: None }
    }
}

/// Why a request was refused or failed. Boxed to keep every `Result` small.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.code.as_str())]
pub struct ApiError(Box<ErrorParts>);

/// The content of an [`ApiError`].
#[derive(Clone, Debug)]
pub struct ErrorParts {
    /// The row of the table.
    pub code: Code,
    /// Details of this occurrence. If absent, the document gives the title alone.
    pub detail: Option<Text>,
    /// Every fault of the request.
    pub faults: Vec<Fault>,
    /// Extension members of the document (the conflicting object's id, the current state…).
    pub extra: Vec<(&'static str, serde_json::Value)>,
    /// Seconds after which a retry may succeed.
    pub retry_after: Option<u32>,
    /// The header that the status requires, such as `WWW-Authenticate` or `Allow`.
    pub header: Option<(&'static str, String)>,
}

impl std::ops::Deref for ApiError {
    type Target = ErrorParts;
    fn deref(&self) -> &ErrorParts {
        &self.0
    }
}

impl ApiError {
    /// An error with nothing but its row of the table.
    pub fn new(code: Code) -> Self {
        let parts =
            ErrorParts { code, detail: None, faults: Vec::new(), extra: Vec::new(), retry_after: None, header: None };
        Self(Box::new(parts))
    }

    /// An object that does not exist, or that the caller may not see. Both get the same response.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// A request with faults.
    pub fn faults(code: Code, faults: Vec<Fault>) -> Self {
        let mut error = Self::new(code);
        error.0.faults = faults;
        error
    }

    /// A request that breaks one rule of the domain, at one place of the body.
    pub fn rule(pointer: &str, rule: &'static str, message: Text) -> Self {
        Self::fault(Fault::new(pointer, rule, message))
    }

    /// One broken rule, whose message is the detail.
    pub fn fault(fault: Fault) -> Self {
        let detail = fault.message.clone();
        let mut error = Self::faults(Code::RuleBroken, vec![fault]);
        error.0.detail = Some(detail);
        error
    }

    /// An action that the object's state does not allow: 409, with the state and the allowed actions.
    pub fn wrong_state<'a>(state: &str, available_actions: impl Iterator<Item = &'a str>) -> Self {
        let french = states::in_french(state);
        debug_assert!(french.is_some(), "the state {state} has no French name");
        let fr = french.map_or_else(
            || "Cette action n'est pas possible dans l'état actuel.".to_owned(),
            |french| format!("Cette action n'est pas possible dans l'état « {french} »."),
        );
        let en = format!("This action is not allowed in the state \"{}\".", states::in_english(state));
        Self::new(Code::WrongState)
            .detail(fr, en)
            .with("state", state)
            .with("available_actions", available_actions.collect::<Vec<_>>())
    }

    /// A write that lost a race: the object was changed after it was read.
    pub fn version_conflict() -> Self {
        Self::new(Code::Conflict).detail(
            "Cet objet vient d'être modifié par ailleurs : le relire, puis décider.",
            "Someone else has just changed this object: read it again, then decide.",
        )
    }

    /// Refuses a write that lost a race: `first` is whether the update or deletion found the version that was read.
    pub fn require_first(first: bool) -> Result<(), Self> {
        if first { Ok(()) } else { Err(Self::version_conflict()) }
    }

    /// A failed deletion: 409 with this detail if a foreign key shows that another row references the object.
    pub fn still_referenced(error: DieselError, fr: &'static str, en: &'static str) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Self::new(Code::Conflict).detail(fr, en)
            }
            other => other.into(),
        }
    }

    /// Refuses a request that breaks rules, and reports all of them at once. `Ok` if it breaks none.
    pub fn reject_if_any(broken: impl IntoIterator<Item = Fault>) -> Result<(), Self> {
        let faults: Vec<Fault> = broken.into_iter().collect();
        if faults.is_empty() { Ok(()) } else { Err(Self::broken(faults)) }
    }

    /// A request that breaks these rules. With a range that ends before it starts, it is malformed.
    pub fn broken(faults: Vec<Fault>) -> Self {
        let malformed = faults.iter().any(|fault| fault.code == ENDS_BEFORE_START);
        Self::faults(if malformed { Code::InvalidBody } else { Code::RuleBroken }, faults)
    }

    /// Sets the details of this occurrence.
    #[must_use]
    pub fn detail(mut self, fr: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(Text::new(fr, en));
        self
    }

    /// Adds an extension member.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.0.extra.push((member, value.into()));
        self
    }

    /// Sets the number of seconds before a retry.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Sets the header that the status requires.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.header = Some((name, value.into()));
        self
    }
}

impl From<DieselError> for ApiError {
    /// `NotFound` is 404: the scope is in the SQL, so a hidden row and a missing row look the same.
    /// A violation of a unique or foreign key that no check caught is a lost race: 409. A known failure of the database is a 503; any other
    /// one is an internal error.
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::not_found(),
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::new(Code::Conflict).detail(
                "Une autre requête vient d'enregistrer la même chose : relire, puis décider.",
                "Another request has just recorded the same thing: read again, then decide.",
            ),
            // What a request names is looked for first: it was there, and another request has just removed it.
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => Self::new(Code::Conflict).detail(
                "Une autre requête vient de supprimer ou de fusionner un objet que celle-ci nomme : relire, puis décider.",
                "Another request has just removed or merged an object that this one names: read again, then decide.",
            ),
            other => DatabaseFailure::of(&other).map_or_else(
                || {
                    if !quiet::is_quiet() {
                        log::error!("database: {}", cause::of(&other));
                    }
                    Self::new(Code::Internal)
                },
                Self::from,
            ),
        }
    }
}

impl From<DatabaseFailure> for ApiError {
    fn from(failure: DatabaseFailure) -> Self {
        match failure {
            DatabaseFailure::Locked | DatabaseFailure::TooSlow | DatabaseFailure::Disconnected => {
                log::warn!("database: {}", failure.text());
            }
            _ => log::error!("database: {}", failure.text()),
        }
        match failure {
            DatabaseFailure::StorageFull => Self::new(Code::StorageFull).retry_after(10),
            _ => Self::new(Code::Unavailable).retry_after(1),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// The status alone. The `problem` middleware writes the document, because it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.code.status())
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiError, Code, DatabaseErrorKind, DieselError, Lang};

    #[test]
    fn a_known_failure_of_the_database_is_never_an_internal_error() {
        let failed = |message: &str| {
            ApiError::from(DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())))
        };
        for (message, code) in [
            ("database or disk is full", Code::StorageFull),
            ("database is locked", Code::Unavailable),
            ("canceling statement due to lock timeout", Code::Unavailable),
        ] {
            assert_eq!(failed(message).code, code, "{message}");
            assert!(failed(message).retry_after.is_some(), "{message}");
        }
        assert_eq!(failed("syntax error at or near \"SELEC\"").code, Code::Internal);
    }

    #[test]
    fn language_is_french_unless_english_is_preferred() {
        for (header, expected) in [
            (None, Lang::Fr),
            (Some("de"), Lang::Fr),
            (Some("en"), Lang::En),
            (Some("en-GB,fr;q=0.5"), Lang::En),
            (Some("fr;q=0.9,en;q=0.8"), Lang::Fr),
            (Some("en;q=0"), Lang::Fr),
            (Some("garbage;;q=x,,"), Lang::Fr),
        ] {
            assert_eq!(Lang::negotiate(header), expected, "{header:?}");
        }
    }
}
