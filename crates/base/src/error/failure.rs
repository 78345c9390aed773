//! The failures of a database that are not bugs: a full disk, a lock held too long, a lost connection.
//!
//! Diesel reports the codes of constraints only; for all others it gives the message. SQLite's messages are constants.
//! PostgreSQL translates its messages into the language of the server: English and French are known here, and
//! a new connection asks for English.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why a database could not do what it was asked. A retry may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseFailure {
    /// The disk is full. The write had no effect.
    StorageFull,
    /// Another transaction holds a lock for too long, or both wait for each other. The write had no effect.
    Locked,
    /// The statement took longer than the database allows. It had no effect.
    TooSlow,
    /// The connection was lost, or the server starts or stops.
    Disconnected,
    /// The database accepts no writes: a standby, a read-only file.
    ReadOnly,
    /// The server has no memory or no connection left.
    Exhausted,
    /// The file cannot be read or written, or is damaged.
    Storage,
}

/// The messages of each failure, by the start or a part of the message.
const MESSAGES: &[(DatabaseFailure, &[&str])] = {
    use DatabaseFailure::{Disconnected, Exhausted, Locked, ReadOnly, Storage, StorageFull, TooSlow};
    &[
        (StorageFull, &["database or disk is full", "No space left on device", "Aucun espace disponible"]),
        (
            Locked,
            &[
                "database is locked",
                "database table is locked",
                "locking protocol",
                "canceling statement due to lock timeout",
                "annulation de la requête à cause du délai écoulé pour l'obtention",
                "deadlock detected",
                "interblocage (deadlock) détecté",
                "could not serialize access",
                "n'a pas pu sérialiser un accès",
            ],
        ),
        (TooSlow, &["canceling statement due to", "annulation de la requête", "interrupted"]),
        (
            Disconnected,
            &[
                "terminating connection",
                "arrêt des connexions",
                "the database system is",
                "le système de bases de données",
                "le système de base de données",
            ],
        ),
        (
            ReadOnly,
            &[
                "attempt to write a readonly database",
                "in a read-only transaction",
                "dans une transaction en lecture seule",
            ],
        ),
        (
            Exhausted,
            &[
                "out of memory",
                "out of shared memory",
                "mémoire épuisée",
                "mémoire partagée épuisée",
                "too many clients",
                "trop de clients",
                "remaining connection slots",
                "les emplacements de connexions restants",
            ],
        ),
        (
            Storage,
            &[
                "disk I/O error",
                "unable to open database file",
                "database disk image is malformed",
                "file is not a database",
                "could not extend file",
                "n'a pas pu étendre le fichier",
                "could not write",
                "could not read block",
                "n'a pas pu lire le bloc",
                "could not open file",
                "n'a pas pu ouvrir le fichier",
            ],
        ),
    ]
};

impl DatabaseFailure {
    /// The failure behind an error; `None` for a violated constraint, a missing row or a bug.
    pub fn of(error: &DieselError) -> Option<Self> {
        let DieselError::DatabaseError(kind, info) = error else { return None };
        match kind {
            DatabaseErrorKind::SerializationFailure => Some(Self::Locked),
            DatabaseErrorKind::ReadOnlyTransaction => Some(Self::ReadOnly),
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => Some(Self::Disconnected),
            DatabaseErrorKind::Unknown => Self::in_message(info.message()),
            _ => None,
        }
    }

    fn in_message(message: &str) -> Option<Self> {
        let known = MESSAGES.iter().find(|(_, parts)| parts.iter().any(|part| message.contains(part)));
        known.map(|(failure, _)| *failure)
    }

    /// What the log says.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::StorageFull => "the disk is full",
            Self::Locked => "a lock was held for too long",
            Self::TooSlow => "a statement took too long",
            Self::Disconnected => "the connection was closed",
            Self::ReadOnly => "it accepts no writes",
            Self::Exhausted => "it has no memory or no connection left",
            Self::Storage => "its files cannot be read or written, or are damaged",
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error as DieselError};

    use super::DatabaseFailure;

    fn unknown(message: &str) -> DieselError {
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
    }

    #[test]
    fn failures_are_known_by_their_messages() {
        use DatabaseFailure::{Disconnected, Exhausted, Locked, ReadOnly, Storage, StorageFull, TooSlow};
        for (message, failure) in [
            ("database or disk is full", StorageFull),
            ("could not extend file \"base/5/16384\": No space left on device", StorageFull),
            (
                "n'a pas pu étendre le fichier « base/5/16384 » : Aucun espace disponible sur le périphérique",
                StorageFull,
            ),
            ("could not extend file \"base/5/16384\": Input/output error", Storage),
            ("disk I/O error", Storage),
            ("database disk image is malformed", Storage),
            ("database is locked", Locked),
            ("canceling statement due to lock timeout", Locked),
            ("annulation de la requête à cause du délai écoulé pour l'obtention des verrous", Locked),
            ("deadlock detected", Locked),
            ("canceling statement due to statement timeout", TooSlow),
            ("annulation de la requête à cause du délai écoulé pour l'exécution de l'instruction", TooSlow),
            ("terminating connection due to administrator command", Disconnected),
            ("the database system is shutting down", Disconnected),
            ("attempt to write a readonly database", ReadOnly),
            ("cannot execute INSERT in a read-only transaction", ReadOnly),
            ("out of memory", Exhausted),
            ("sorry, too many clients already", Exhausted),
        ] {
            assert_eq!(DatabaseFailure::of(&unknown(message)), Some(failure), "{message}");
        }
        assert_eq!(DatabaseFailure::of(&unknown("syntax error at or near \"SELEC\"")), None);
    }

    #[test]
    fn a_violated_constraint_is_not_a_failure_of_the_database() {
        let violated =
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, Box::new("database is locked".to_owned()));
        assert_eq!(DatabaseFailure::of(&violated), None);
    }
}
