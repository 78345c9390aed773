//! The heads of the chains, in a file outside the database: they reveal a chain that was truncated in the database.
//!
//! Each line is a JSON object: the time, the chain, its number of events, its last link. Each instance has a file of
//! its own. A copy in another place (another machine, paper) protects best.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use passerelle_base::startup::StartupError;
use passerelle_base::values::UtcTs;

/// The end of a chain at a point in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// When the head was written.
    pub at: UtcTs,
    /// A service's identifier, or `deployment`.
    pub chain: String,
    /// The number of events in the chain.
    pub count: i64,
    /// The last link, in hexadecimal.
    pub head: String,
}

/// The file, open for appending.
#[derive(Debug)]
pub struct HeadFile {
    path: PathBuf,
    file: File,
    /// The last count written, per chain.
    written: BTreeMap<String, i64>,
}

impl HeadFile {
    /// Opens the file, or creates it with access for its owner only.
    pub fn open(path: &Path) -> Result<Self, StartupError> {
        use std::os::unix::fs::OpenOptionsExt;
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(|error| {
            StartupError::new(format!("cannot write the heads of the audit journal to {}: {error}", path.display()))
        })?;
        Ok(Self { path: path.to_owned(), file, written: BTreeMap::new() })
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends the heads that changed since the last call, and waits until they are on disk.
    pub fn append(&mut self, heads: &[Head]) -> io::Result<()> {
        let changed: Vec<&Head> =
            heads.iter().filter(|head| self.written.get(&head.chain) != Some(&head.count)).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for head in &changed {
            serde_json::to_writer(&mut lines, head)?;
            lines.push(b'\n');
        }
        // A single write, so that the lines of two instances never interleave.
        self.file.write_all(&lines)?;
        self.file.sync_data()?;
        self.written.extend(changed.into_iter().map(|head| (head.chain.clone(), head.count)));
        Ok(())
    }

    /// Reads a file: its heads, and the number of unreadable lines (a crash can leave half a line).
    pub fn read(path: &Path) -> Result<(Vec<Head>, usize), StartupError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| StartupError::new(format!("cannot read the heads {}: {error}", path.display())))?;
        let mut heads = Vec::new();
        let mut unreadable = 0;
        for line in text.lines() {
            match serde_json::from_str(line) {
                Ok(head) => heads.push(head),
                Err(_) => unreadable += 1,
            }
        }
        Ok((heads, unreadable))
    }
}
