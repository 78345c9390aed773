//! Searches the whole database, byte by byte, and the log for personal data that must not be there.

use super::database::Database;
use super::{TestApp, logs};

impl TestApp {
    /// Fails if a text is stored in clear anywhere: in database files (including the WAL) or columns, or in the log of
    /// the program; unchanged, in lower case or without accents.
    #[track_caller]
    pub fn assert_never_stored(&self, texts: &[&str]) {
        let found = self.traces_of(texts);
        assert!(found.is_empty(), "personal values in clear: {found:#?}");
    }

    /// The places where the texts were found.
    pub fn traces_of(&self, texts: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        let places = self.database.contents();
        for text in texts {
            let mut forms = vec![(*text).to_owned(), text.to_lowercase(), passerelle::text::fold(text)];
            forms.dedup();
            for form in forms {
                assert!(form.len() >= 4, "{form:?} is too short to be looked for");
                let hex = form.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
                for (place, content) in &places {
                    if contains(content, form.as_bytes()) || contains(content, hex.as_bytes()) {
                        found.push(format!("{form:?} in {place}"));
                    }
                }
                found.extend(logs::lines_with(&form).into_iter().map(|line| format!("{form:?} in the log: {line}")));
            }
        }
        found
    }
}

impl Database {
    /// The whole contents of the database: per file for SQLite, per table for PostgreSQL.
    fn contents(&self) -> Vec<(String, Vec<u8>)> {
        match self {
            Self::Sqlite { .. } => {
                let files = std::fs::read_dir(self.sqlite_directory()).unwrap().map(|file| file.unwrap().path());
                files.map(|file| (file.display().to_string(), std::fs::read(&file).unwrap())).collect()
            }
            Self::Postgres { .. } => {
                // The text form of a row has its binary columns in hexadecimal.
                let rows = |table: &String| self.texts(&format!("SELECT t::text AS text FROM {table} t")).join("\n");
                self.tables().into_iter().map(|table| (table.clone(), rows(&table).into_bytes())).collect()
            }
        }
    }
}

fn contains(content: &[u8], wanted: &[u8]) -> bool {
    content.windows(wanted.len()).any(|window| window == wanted)
}
