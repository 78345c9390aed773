//! What a database lacks of the heads that a file knows: it is older than the file, or another database.

use std::fmt;
use std::path::Path;

use super::heads::{Head, HeadFile, KnownHeads, kept_by, lost_by};
use super::store;
use crate::privacy::MacKey;
use crate::restores;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::text::hex;
use passerelle_base::values::UtcTs;
use passerelle_database::{AnyConn, Db, SystemScope};

/// How many gaps a sentence names.
const NAMED: usize = 3;

/// Something that a file of heads knows and the database does not have, and that no confirmed restore explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A chain is shorter than it was.
    Shorter {
        /// The chain.
        chain: String,
        /// Its number of events in the database.
        count: i64,
        /// Its number of events in the file.
        known: i64,
        /// When the head was written.
        at: UtcTs,
    },
    /// A chain has other events than it had.
    Different {
        /// The chain.
        chain: String,
        /// The position of the known head.
        position: i64,
        /// When the head was written.
        at: UtcTs,
    },
    /// The database does not know a restore that was confirmed.
    Restore {
        /// When it was confirmed.
        at: UtcTs,
    },
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shorter { chain, count, known, at } => {
                let missing = known - count;
                write!(f, "chain {chain} lacks {missing} event(s): it has {count} and had {known} at {at}")
            }
            Self::Different { chain, position, at } => {
                write!(f, "chain {chain} differs from what it was at {at} from position {position} or earlier")
            }
            Self::Restore { at } => write!(f, "the restore confirmed at {at} is unknown"),
        }
    }
}

/// The gaps in one line. The first ones are named.
pub fn describe(gaps: &[Gap], file: &Path) -> String {
    let mut named: Vec<String> = gaps.iter().take(NAMED).map(ToString::to_string).collect();
    if gaps.len() > NAMED {
        named.push(format!("and {} more", gaps.len() - NAMED));
    }
    format!("the database is older than the heads of its audit journal in {}: {}", file.display(), named.join("; "))
}

/// Compares the database with a file.
pub(super) fn find(conn: &mut AnyConn, key: &MacKey, known: &KnownHeads) -> Result<Vec<Gap>, ApiError> {
    let restores = restores::genuine(conn, key)?;
    let kept: Vec<Head> = restores.iter().flat_map(kept_by).collect();
    let mut gaps = Vec::new();
    for head in known.heads.values().chain(&kept) {
        let link = store::link_at(conn, &head.chain, head.count)?;
        if link.as_deref().map(hex).as_ref() == Some(&head.head) || lost_by(&restores, head).is_some() {
            continue;
        }
        let chain = head.chain.clone();
        let gap = if link.is_some() {
            Gap::Different { chain, position: head.count, at: head.at }
        } else {
            let count = store::head(conn, &chain)?.map_or(0, |(count, _)| count);
            Gap::Shorter { chain, count, known: head.count, at: head.at }
        };
        if !gaps.contains(&gap) {
            gaps.push(gap);
        }
    }
    for (id, at) in &known.restores {
        if !restores.iter().any(|restore| restore.id == *id || *at < restore.confirmed_at) {
            gaps.push(Gap::Restore { at: *at });
        }
    }
    Ok(gaps)
}

/// Appends the heads of the database to the file. Refuses if the database went back under the running program.
pub(super) fn append(db: &Db, key: &MacKey, file: &mut HeadFile, heads: &[Head]) -> Result<(), ApiError> {
    if file.is_ahead_of(heads) {
        let (gaps, restores) = db.read_blocking(SystemScope::Journal, |conn| {
            Ok::<_, ApiError>((find(conn, key, file.known())?, restores::genuine(conn, key)?))
        })?;
        if !gaps.is_empty() {
            log::error!("{}. Stop every instance, then see `passerelle restore confirm`", describe(&gaps, file.path()));
            return Err(ApiError::new(Code::Internal));
        }
        file.mark(&restores).map_err(|error| unwritten(file, &error))?;
    }
    file.append(heads).map_err(|error| unwritten(file, &error))
}

pub(super) fn unwritten(file: &HeadFile, error: &std::io::Error) -> ApiError {
    log::error!("the heads of the audit journal could not be written to {}: {error}", file.path().display());
    ApiError::new(Code::Internal)
}
