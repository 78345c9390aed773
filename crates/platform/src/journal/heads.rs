//! The heads of the chains, in a file outside the database: whoever cuts a chain there does not cut it here.
//!
//! One JSON object a line: when, which chain, how many events, the last link. Each instance keeps a file of its own;
//! a copy elsewhere (another machine, paper) is worth more than any.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use passerelle_base::startup::StartupError;
use passerelle_base::values::UtcTs;

/// The end of a chain at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// When it was written.
    pub at: UtcTs,
    /// A service's identifier, or `deployment`.
    pub chain: String,
    /// How many events the chain has.
    pub count: i64,
    /// The last link, in hexadecimal.
    pub head: String,
}

/// The file, open for appending.
#[derive(Debug)]
pub struct HeadFile {
    path: PathBuf,
    file: File,
    written: BTreeMap<String, i64>,
}

impl HeadFile {
    /// Opens or makes the file; its owner alone can read and write it.
    pub fn open(path: &Path) -> Result<Self, StartupError> {
        use std::os::unix::fs::OpenOptionsExt;
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(|error| {
            StartupError::new(format!("cannot write the heads of the audit journal to {}: {error}", path.display()))
        })?;
        Ok(Self { path: path.to_owned(), file, written: BTreeMap::new() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends the heads that have moved since the last time, and waits until they are on the disk.
    pub fn append(&mut self, heads: &[Head]) -> io::Result<()> {
        let moved: Vec<&Head> =
            heads.iter().filter(|head| self.written.get(&head.chain) != Some(&head.count)).collect();
        if moved.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for head in &moved {
            serde_json::to_writer(&mut lines, head)?;
            lines.push(b'\n');
        }
        // One write: a line is never half there beside another instance's.
        self.file.write_all(&lines)?;
        self.file.sync_data()?;
        self.written.extend(moved.into_iter().map(|head| (head.chain.clone(), head.count)));
        Ok(())
    }

    /// Reads a file: its heads, and how many of its lines are none (a crash can leave half a line).
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

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| text + &format!("{byte:02x}"))
}
