//! `DATABASE_URL`: it decides the engine, which is never guessed.

use std::fmt;
use std::path::{Path, PathBuf};

use passerelle_base::startup::StartupError;

/// The address of a database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A libpq connection URL, `postgres://…` or `postgresql://…`.
    Postgres(String),
    /// A file of the embedded engine.
    Sqlite(PathBuf),
}

impl DatabaseUrl {
    /// Parses `DATABASE_URL`: `postgres://…`, `postgresql://…`, `sqlite:PATH` or `sqlite://PATH`.
    ///
    /// Anything else is refused. SQLite would accept any string as a file name, and the operator would get an
    /// empty database next to the real one.
    pub fn parse(text: &str) -> Result<Self, StartupError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
        match path {
            Some(path) if !path.is_empty() && path != ":memory:" => Ok(Self::Sqlite(PathBuf::from(path))),
            Some(_) => {
                Err(StartupError::new("DATABASE_URL names no SQLite file: use sqlite:/path/to/passerelle.sqlite3"))
            }
            None => {
                let scheme = text.split(':').next().unwrap_or_default();
                Err(StartupError::new(format!(
                    "DATABASE_URL has an unknown scheme {scheme:?}: use postgres://user@host/database or sqlite:/path/to/file"
                )))
            }
        }
    }

    /// The default: `passerelle.sqlite3` in the data directory.
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self::Sqlite(data_dir.join("passerelle.sqlite3"))
    }

    /// The name of the engine, as the conformance document gives it.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgresql",
            Self::Sqlite(_) => "sqlite",
        }
    }
}

/// Parameters of a PostgreSQL URL that libpq's defaults leave open, each with the reason.
const DEFAULTS: [(&str, &str); 8] = [
    // GSS negotiation costs a round trip and makes the program crash at exit on some hosts.
    ("gssencmode", "disable"),
    ("connect_timeout", "2"),
    // A network that drops packets is noticed in ten seconds. By default, a call would hang for a quarter of an hour.
    ("tcp_user_timeout", "5000"),
    ("keepalives", "1"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("application_name", "passerelle"),
];

/// A PostgreSQL URL with the [`DEFAULTS`] that it does not set itself.
pub(super) fn with_defaults(url: &str) -> String {
    let given = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let is_given = |name: &str| given.split('&').any(|parameter| parameter.split('=').next() == Some(name));
    let mut url = url.to_owned();
    for (name, value) in DEFAULTS.iter().filter(|(name, _)| !is_given(name)) {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.extend([name, "=", value]);
    }
    url
}

impl fmt::Display for DatabaseUrl {
    /// For messages and logs: without the user and the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
                let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                write!(f, "postgres://{}", host.split('?').next().unwrap_or_default())
            }
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use crate::url::*;

    #[test]
    fn an_unknown_scheme_is_refused() {
        assert_eq!(
            DatabaseUrl::parse("postgres://u:p@h/d").unwrap(),
            DatabaseUrl::Postgres("postgres://u:p@h/d".into())
        );
        assert_eq!(DatabaseUrl::parse("sqlite:/tmp/x").unwrap(), DatabaseUrl::Sqlite("/tmp/x".into()));
        assert_eq!(DatabaseUrl::parse("sqlite:///tmp/x").unwrap(), DatabaseUrl::Sqlite("/tmp/x".into()));
        for bad in ["mysql://h/d", "postgre://h/d", "/tmp/file", "", "sqlite:", "sqlite::memory:"] {
            assert!(DatabaseUrl::parse(bad).is_err(), "{bad} must be refused");
        }
    }

    #[test]
    fn a_url_keeps_the_parameters_that_it_sets() {
        let url = with_defaults("postgres://h/d?connect_timeout=9&sslmode=require");
        assert!(url.starts_with("postgres://h/d?connect_timeout=9&sslmode=require&gssencmode=disable&"), "{url}");
        assert_eq!(url.matches("connect_timeout").count(), 1, "{url}");
        assert!(with_defaults("postgres://h/d").starts_with("postgres://h/d?gssencmode=disable&connect_timeout=2&"));
    }

    #[test]
    fn a_password_is_never_displayed() {
        let url = DatabaseUrl::parse("postgres://bob:hunter2@db.example:5432/pole?password=hunter2").unwrap();
        assert_eq!(url.to_string(), "postgres://db.example:5432/pole");
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
