//! The errors of the database layer.

use passerelle_base::error::{ApiError, Code};
use passerelle_base::startup::StartupError;

use super::url::DatabaseUrl;

/// Too much work, or no connection: the caller may retry.
pub(super) fn busy() -> ApiError {
    ApiError::new(Code::Unavailable).retry_after(1)
}

/// Row-level security does not hold for the role of the program.
pub(super) fn without_walls() -> ApiError {
    ApiError::new(Code::Unavailable).retry_after(5).detail(
        "La base ne sépare pas les services pour le rôle de ce programme : voir le journal du serveur.",
        "Row-level security does not hold for the database role of this program: see the log of the server.",
    )
}

/// Nobody can say whether a write was committed.
pub(super) fn outcome_unknown() -> ApiError {
    ApiError::new(Code::OutcomeUnknown).retry_after(1)
}

/// A database that cannot be opened at the start.
pub(super) fn unreachable(url: &DatabaseUrl, error: &dyn std::fmt::Display) -> StartupError {
    StartupError::new(format!("cannot open the database {url}: {}", one_line(&error.to_string())))
}

/// A message without line breaks.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
