//! The heads of the chains, in a file outside the database: they reveal a chain that was truncated in the database.
//!
//! Each line is a JSON object. A head has the time, the chain, its number of events, its last link. A marker says that a
//! restore was confirmed, and what each chain had then: the heads before it that the database no longer has were lost by
//! that restore. Each instance has a file of its own. A copy in another place (another machine, paper) protects best.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::elsewhere::{Elsewhere, HeadLine};
use crate::restores::Restore;
use passerelle_base::startup::StartupError;
use passerelle_base::text::hex;
use passerelle_base::values::{Id, UtcTs};

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

/// A line that says that a restore was confirmed.
#[derive(Clone, Debug, Serialize)]
struct Marker {
    /// When it was confirmed.
    at: UtcTs,
    restore: Id,
    kept: Vec<KeptHead>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptHead {
    chain: String,
    count: i64,
    head: String,
}

/// A line as it is read: a head or a marker.
enum Line {
    Head(Head),
    Marker(Marker),
}

/// The fields of both. One structure is read several times as fast as a choice of two.
#[derive(Deserialize)]
struct Fields {
    at: UtcTs,
    chain: Option<String>,
    count: Option<i64>,
    head: Option<String>,
    restore: Option<Id>,
    kept: Option<Vec<KeptHead>>,
}

impl Line {
    fn parse(line: &[u8]) -> Option<Self> {
        let Fields { at, chain, count, head, restore, kept } = serde_json::from_slice(line).ok()?;
        match (restore, kept) {
            (Some(restore), Some(kept)) => Some(Self::Marker(Marker { at, restore, kept })),
            _ => Some(Self::Head(Head { at, chain: chain?, count: count?, head: head? })),
        }
    }
}

/// What a file says about the present: the latest head of each chain, and the restores that it knows.
#[derive(Clone, Debug, Default)]
pub struct KnownHeads {
    pub(super) heads: BTreeMap<String, Head>,
    pub(super) restores: BTreeMap<Id, UtcTs>,
}

/// The file, open for appending.
#[derive(Debug)]
pub struct HeadFile {
    path: PathBuf,
    file: File,
    pub(super) known: KnownHeads,
    elsewhere: Elsewhere,
}

impl Marker {
    fn of(restore: &Restore) -> Self {
        let kept = restore.kept.iter();
        let kept =
            kept.map(|kept| KeptHead { chain: kept.chain.clone(), count: kept.count, head: hex(&kept.link) }).collect();
        Self { at: restore.confirmed_at, restore: restore.id, kept }
    }

    /// What each chain had, as heads.
    fn heads(&self) -> impl Iterator<Item = Head> {
        self.kept.iter().map(|kept| Head {
            at: self.at,
            chain: kept.chain.clone(),
            count: kept.count,
            head: kept.head.clone(),
        })
    }
}

/// What each chain had when a restore was confirmed, as heads: it must still be there.
pub(super) fn kept_by(restore: &Restore) -> Vec<Head> {
    Marker::of(restore).heads().collect()
}

/// The restore that has lost a head which the database does not have: it loses what was written before it was confirmed,
/// except what it kept.
pub(super) fn lost_by<'a>(restores: &'a [Restore], head: &Head) -> Option<&'a Restore> {
    let is_kept = |restore: &Restore| {
        restore.confirmed_at == head.at
            && restore.kept.iter().any(|kept| kept.chain == head.chain && kept.count == head.count)
    };
    restores.iter().find(|restore| head.at <= restore.confirmed_at && !is_kept(restore))
}

impl KnownHeads {
    /// Whether the file knows no event.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Reads a file; nothing is known if there is none. A file whose lines are all unreadable is refused: it would hide
    /// that the database is older.
    pub fn read(path: &Path) -> Result<Self, StartupError> {
        match File::open(path) {
            Ok(file) => {
                let (known, garbled) = Self::of(BufReader::new(file)).map_err(|error| unreadable(path, &error))?;
                if garbled > 0 && known.is_empty() {
                    return Err(StartupError::new(format!(
                        "no line of {} is a head of the audit journal: bring back a copy of the file, or move it away \
                         if the database is known to be the latest",
                        path.display()
                    )));
                }
                if garbled > 0 {
                    log::warn!("{garbled} line(s) of {} are not heads of the audit journal", path.display());
                }
                Ok(known)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    /// What the lines say, and the number of unreadable ones. Half a line at the end is not counted: a crash leaves it.
    fn of(mut lines: impl BufRead) -> io::Result<(Self, usize)> {
        let (mut known, mut garbled) = (Self::default(), 0);
        // By bytes: half a line may be invalid UTF-8.
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            match Line::parse(&line) {
                Some(Line::Head(head)) => known.see(head),
                Some(Line::Marker(marker)) => known.cut(&marker),
                None => garbled += usize::from(line.ends_with(b"\n") && !line.trim_ascii().is_empty()),
            }
            line.clear();
        }
        Ok((known, garbled))
    }

    /// A head counts if it is the longest since the last marker: a shorter one that follows would hide a truncation.
    fn see(&mut self, head: Head) {
        if self.heads.get(&head.chain).is_none_or(|known| known.count <= head.count) {
            self.heads.insert(head.chain.clone(), head);
        }
    }

    /// Forgets what a confirmed restore has lost.
    fn cut(&mut self, marker: &Marker) {
        self.heads.retain(|_, head| head.at > marker.at);
        for head in marker.heads() {
            self.see(head);
        }
        self.restores.insert(marker.restore, marker.at);
    }
}

impl HeadFile {
    /// Opens the file, or creates it with access for its owner only.
    pub fn open(path: &Path) -> Result<Self, StartupError> {
        Self::open_knowing(path, KnownHeads::read(path)?)
    }

    /// [`Self::open`] where the file has just been read.
    pub fn open_knowing(path: &Path, known: KnownHeads) -> Result<Self, StartupError> {
        use std::os::unix::fs::OpenOptionsExt;
        let cannot_write = |error: io::Error| {
            StartupError::new(format!("cannot write the heads of the audit journal to {}: {error}", path.display()))
        };
        let mut file =
            OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path).map_err(cannot_write)?;
        end_last_line(&mut file).map_err(cannot_write)?;
        Ok(Self { path: path.to_owned(), file, known, elsewhere: Elsewhere::default() })
    }

    /// Sends the heads to other places too, beginning with those that the file knows.
    pub fn send_to(&mut self, elsewhere: Elsewhere) -> Result<(), StartupError> {
        self.elsewhere = elsewhere;
        let known: Vec<&Head> = self.known.heads.values().collect();
        self.hand_over(&known).map_err(|error| unreadable(&self.path, &error))
    }

    fn hand_over(&self, heads: &[&Head]) -> io::Result<()> {
        if self.elsewhere.is_empty() {
            return Ok(());
        }
        let line = |head: &&Head| Ok(HeadLine { chain: head.chain.clone(), line: serde_json::to_string(head)? });
        self.elsewhere.hand_over(&heads.iter().map(line).collect::<io::Result<Vec<_>>>()?);
        Ok(())
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file says.
    pub fn known(&self) -> &KnownHeads {
        &self.known
    }

    /// Whether the file knows events that these heads of the database do not have.
    pub(super) fn is_ahead_of(&self, heads: &[Head]) -> bool {
        let has = |known: &Head| heads.iter().any(|head| head.chain == known.chain && head.count >= known.count);
        !self.known.heads.values().all(has)
    }

    /// Appends the heads that changed since they were last written, and waits until they are on disk.
    pub(super) fn append(&mut self, heads: &[Head]) -> io::Result<()> {
        let is_written = |head: &Head| self.known.heads.get(&head.chain).is_some_and(|known| known.count == head.count);
        let changed: Vec<&Head> = heads.iter().filter(|head| !is_written(head)).collect();
        self.write(&changed)?;
        self.hand_over(&changed)?;
        self.known.heads.extend(changed.into_iter().map(|head| (head.chain.clone(), head.clone())));
        Ok(())
    }

    /// Appends the markers of restores that the file does not know yet.
    pub(super) fn mark(&mut self, restores: &[Restore]) -> io::Result<()> {
        let new = restores.iter().filter(|restore| !self.known.restores.contains_key(&restore.id));
        let markers: Vec<Marker> = new.map(Marker::of).collect();
        self.write(&markers)?;
        for marker in &markers {
            self.known.cut(marker);
        }
        Ok(())
    }

    fn write(&mut self, lines: &[impl Serialize]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut bytes, line)?;
            bytes.push(b'\n');
        }
        // A single write, so that the lines of two instances never interleave.
        self.file.write_all(&bytes)?;
        self.file.sync_data()
    }

    /// Reads a file: its heads, and the number of unreadable lines. Half a line at the end is not counted: a crash leaves
    /// it, or the program is writing it. What a confirmed restore kept is a head too. A line may begin with what a log puts
    /// before a message.
    pub fn read(path: &Path) -> Result<(Vec<Head>, usize), StartupError> {
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
        let mut heads = Vec::new();
        let mut unreadable = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            let message = line.iter().position(|byte| *byte == b'{').map_or(line, |at| &line[at..]);
            match Line::parse(message) {
                Some(Line::Head(head)) => heads.push(head),
                Some(Line::Marker(marker)) => heads.extend(marker.heads()),
                None => unreadable += usize::from(line.ends_with(b"\n")),
            }
        }
        Ok((heads, unreadable))
    }
}

/// Removes half a line that a crash has left: it says nothing, and the next line would be unreadable too. A whole line
/// only lacks its end.
fn end_last_line(file: &mut File) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    // A line has a few hundred bytes, and a marker one for each chain.
    let from = length.saturating_sub(LONGEST_HALF_LINE);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let half = end.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    if half.is_empty() {
        return Ok(());
    }
    let is_whole_file = half.len() == end.len();
    if Line::parse(half).is_some() || (is_whole_file && from > 0) {
        return file.write_all(b"\n");
    }
    file.set_len(length - half.len() as u64)
}

/// How much of the end of a file is searched for the beginning of its last line.
const LONGEST_HALF_LINE: u64 = 1 << 20;

fn unreadable(path: &Path, error: &io::Error) -> StartupError {
    StartupError::new(format!("cannot read the heads {}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
