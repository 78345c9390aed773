//! What the log says about a failed statement.
//!
//! A message of the database may quote a value: PostgreSQL writes `invalid input syntax for type date: "…"`. So only
//! the messages listed here are logged. They are constant, or name tables, columns and constraints. The detail line,
//! which quotes the row, is never logged.

use diesel::result::Error as DieselError;

/// The messages that are logged. `*` stands for names and numbers.
const KNOWN: &[&str] = &[
    // SQLite.
    "* is append-only",
    "CHECK constraint failed: *",
    "FOREIGN KEY constraint failed",
    "NOT NULL constraint failed: *",
    "UNIQUE constraint failed: *",
    "a row of * is frozen",
    "abort due to ROLLBACK",
    "attempt to write a readonly database",
    "bad parameter or other API misuse",
    "cannot commit - no transaction is active",
    "cannot rollback - no transaction is active",
    "cannot start a transaction within a transaction",
    "column index out of range",
    "constraint failed",
    "database disk image is malformed",
    "database is locked",
    "database or disk is full",
    "database schema has changed",
    "database schema is locked: *",
    "database table is locked",
    "database table is locked: *",
    "datatype mismatch",
    "disk I/O error",
    "file is not a database",
    "integer overflow",
    "interrupted",
    "locking protocol",
    "malformed JSON",
    "no such column: *",
    "no such savepoint: *",
    "no such table: *",
    "out of memory",
    "string or blob too big",
    "table * has no column named *",
    "too many SQL variables",
    "unable to open database file",
    // PostgreSQL.
    "canceling statement due to *",
    "cannot execute * in a read-only transaction",
    "column * does not exist",
    "column \"*\" of relation \"*\" does not exist",
    "could not extend file \"*\": No space left on device",
    "could not extend file \"*\": wrote only * of * bytes at block *",
    "could not serialize access due to *",
    "could not write to file \"*\": No space left on device",
    "current transaction is aborted, commands ignored until end of transaction block",
    "deadlock detected",
    "duplicate key value violates unique constraint \"*\"",
    "invalid memory alloc request size *",
    "null value in column \"*\" of relation \"*\" violates not-null constraint",
    "permission denied for * *",
    "relation \"*\" does not exist",
    "remaining connection slots are reserved for *",
    "sorry, too many clients already",
    "terminating connection due to *",
    "the database system is *",
    "new row for relation \"*\" violates check constraint \"*\"",
    "insert or update on table \"*\" violates foreign key constraint \"*\"",
    "update or delete on table \"*\" violates foreign key constraint \"*\" on table \"*\"",
];

/// The failure in one line, without values.
pub(super) fn of(error: &DieselError) -> String {
    match error {
        DieselError::DatabaseError(kind, info) => {
            let message = info.message();
            let message = if is_known(message) { message } else { "its message may quote values and is not shown" };
            match (info.table_name(), info.constraint_name()) {
                (None, None) => format!("{message} ({kind:?})"),
                (table, constraint) => {
                    format!("{message} ({kind:?} on {} {})", table.unwrap_or("?"), constraint.unwrap_or("?"))
                }
            }
        }
        DieselError::DeserializationError(_) => "a stored value could not be read".into(),
        DieselError::SerializationError(_) => "a value could not be written".into(),
        other => other.to_string(),
    }
}

fn is_known(message: &str) -> bool {
    KNOWN.iter().any(|pattern| fits(message, pattern))
}

/// Whether a message has the form of a pattern, each `*` being names.
fn fits(message: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = message.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        // The last part is the end of the message; another one is looked for.
        let at = if parts.peek().is_none() { rest.strip_suffix(part).map(str::len) } else { rest.find(part) };
        let Some(at) = at else { return false };
        if !is_names(&rest[..at]) {
            return false;
        }
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

/// Names as the migrations and the engines write them: a name in a table of people has another alphabet, or quotes.
fn is_names(text: &str) -> bool {
    let of_a_name = |letter: char| letter.is_ascii_alphanumeric() || "_.,-/ ".contains(letter);
    !text.is_empty() && text.len() <= 200 && text.chars().all(of_a_name)
}

#[cfg(test)]
mod tests {
    use diesel::result::DatabaseErrorKind;

    use crate::error::cause::*;

    fn logged(message: &str) -> String {
        of(&DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())))
    }

    #[test]
    fn the_message_of_a_known_failure_is_shown() {
        for message in [
            "database or disk is full",
            "no such savepoint: job",
            "UNIQUE constraint failed: users.email, users.id",
            "referral_events is append-only",
            "cannot execute INSERT in a read-only transaction",
            "canceling statement due to lock timeout",
            "could not extend file \"base/16384/24576\": No space left on device",
            "new row for relation \"positions\" violates check constraint \"positions_check\"",
        ] {
            assert_eq!(logged(message), format!("{message} (Unknown)"));
        }
    }

    #[test]
    fn a_message_that_may_quote_a_value_is_hidden() {
        for message in [
            "invalid input syntax for type date: \"Zélie\"",
            "value \"Quintrec\" is out of range for type integer",
            "no such column: \"Zelie\"",
            "UNIQUE constraint failed: Zélie",
            "UNIQUE constraint failed: ",
            "database or disk is full of Zelie",
            "",
        ] {
            assert_eq!(logged(message), "its message may quote values and is not shown (Unknown)", "{message}");
        }
    }
}
