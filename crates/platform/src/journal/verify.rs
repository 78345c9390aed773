//! Verification of the journal: every link is computed again, and every known head is looked up in its chain.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::authenticity::Authenticity;
use super::heads::{Head, kept_by, lost_by};
use super::store::{self, Columns};
use crate::privacy::same_bytes;
use crate::restores::{self, Restore};
use crate::work::Work;
use passerelle_base::error::ApiError;
use passerelle_base::text::hex;
use passerelle_base::values::{Id, UtcTs};

/// Number of events read at a time.
const PAGE: i64 = 1000;

/// The result of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Number of chained events that were verified.
    pub events: i64,
    /// Number of chains.
    pub chains: usize,
    /// Number of genuine events that are not chained yet.
    pub unchained: i64,
    /// Number of heads that were compared.
    pub heads: usize,
    /// What confirmed restores have lost.
    pub lost: Vec<Lost>,
    /// The tampering that was found.
    pub tampering: Vec<Tampering>,
}

/// The end of a chain that a confirmed restore has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The chain.
    pub chain: String,
    /// The number of events that the restored database had.
    pub kept: i64,
    /// The number of events in the longest known head that is lost.
    pub known: i64,
    /// When that head was written.
    pub at: UtcTs,
    /// When the restore was confirmed.
    pub restored_at: UtcTs,
}

/// One trace of tampering with the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// The event at a position is not the one that was chained there: it was changed or moved.
    Altered {
        /// The chain.
        chain: String,
        /// The position.
        position: i64,
        /// The event that is now at the position.
        id: Id,
    },
    /// Events inside a chain were deleted.
    Missing {
        /// The chain.
        chain: String,
        /// The first missing position.
        first: i64,
        /// The last missing position.
        last: i64,
    },
    /// The end of a chain was deleted.
    Truncated {
        /// The chain.
        chain: String,
        /// The number of events in the chain.
        count: i64,
        /// The number of events in the known head.
        known: i64,
        /// When the head was written.
        at: UtcTs,
    },
    /// The chain no longer has a known head: it was rewritten.
    Rewritten {
        /// The chain.
        chain: String,
        /// The position of the head.
        position: i64,
        /// When the head was written.
        at: UtcTs,
    },
    /// An event is not found by an object that it names: the index was changed.
    Hidden {
        /// The chain.
        chain: String,
        /// The event.
        id: Id,
        /// The object.
        object: String,
    },
    /// The program did not write an event.
    Forged {
        /// The chain.
        chain: String,
        /// The event.
        id: Id,
    },
    /// An event is at a position that the program never gives.
    Misplaced {
        /// The chain.
        chain: String,
        /// The position.
        position: i64,
        /// The event.
        id: Id,
    },
    /// The program did not write the record of where a chain was when events began to have a MAC.
    ForgedCutOver {
        /// The chain.
        chain: String,
    },
    /// The program did not write the record of a confirmed restore.
    ForgedRestore {
        /// When it claims to have been confirmed.
        at: UtcTs,
    },
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain, kept, known, at, restored_at } = self;
        write!(
            f,
            "chain {chain}: the events after position {kept}, {known} in all at {at}, were lost by the restore \
             confirmed at {restored_at}"
        )
    }
}

impl fmt::Display for Tampering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { chain, position, id } => {
                write!(f, "chain {chain}: the event {id} at position {position} was changed or moved")
            }
            Self::Missing { chain, first, last } if first == last => {
                write!(f, "chain {chain}: the event at position {first} was deleted")
            }
            Self::Missing { chain, first, last } => {
                write!(f, "chain {chain}: the events at positions {first} to {last} were deleted")
            }
            Self::Truncated { chain, count, known, at } => {
                write!(f, "chain {chain}: its end was deleted: it has {count} events and had {known} at {at}")
            }
            Self::Rewritten { chain, position, at } => {
                write!(
                    f,
                    "chain {chain}: it was rewritten: the head written at {at} for position {position} does not match"
                )
            }
            Self::Forged { chain, id } => {
                write!(f, "chain {chain}: the event {id} was inserted or changed by somebody else than the program")
            }
            Self::Misplaced { chain, position, id } => {
                write!(f, "chain {chain}: the event {id} is at position {position}, which no event can have")
            }
            Self::ForgedCutOver { chain } => {
                write!(f, "chain {chain}: the record of its first events was not written by the program")
            }
            Self::Hidden { chain, id, object } => {
                write!(f, "chain {chain}: the event {id} was hidden from those of the object {object}")
            }
            Self::ForgedRestore { at } => {
                write!(f, "the record of a restore confirmed at {at} was altered, or not written by the program")
            }
        }
    }
}

/// Computes every link again, and compares the chains with the known heads. A head that the database does not have is
/// lost if a confirmed restore explains it, and otherwise proves tampering.
pub fn verify(work: &mut Work<'_>, heads: &[Head]) -> Result<Report, ApiError> {
    let mut report = Report { heads: heads.len(), ..Report::default() };
    let mut heads = heads.to_vec();
    // A database of an earlier version has no restores.
    let mut restores = if work.conn.has_table("restores")? { restores::all(work.conn)? } else { Vec::new() };
    restores.retain(|restore| {
        let genuine = restore.is_genuine(work.vault.journal_key());
        if !genuine {
            report.tampering.push(Tampering::ForgedRestore { at: restore.confirmed_at });
        }
        genuine
    });
    heads.extend(restores.iter().flat_map(kept_by));
    let key = work.vault.journal_key().clone();
    let (columns, authentic) = if work.conn.has_table("audit_cut_overs")? {
        (Columns::All, Authenticity::load(work.conn, &key)?)
    } else {
        (Columns::WithoutMac, Authenticity::before_macs(&key))
    };
    report.tampering.extend(authentic.forged.iter().cloned().map(|chain| Tampering::ForgedCutOver { chain }));
    heads.extend(authentic.heads());
    let mut chains: BTreeSet<String> = store::chains(work.conn)?.into_iter().collect();
    report.chains = chains.len();
    chains.extend(heads.iter().map(|head| head.chain.clone()));
    for chain in chains {
        verify_chain(work, (columns, &authentic), &chain, &heads, &restores, &mut report)?;
    }
    verify_unchained(work, columns, &authentic, &mut report)?;
    Ok(report)
}

/// Checks the events that have no position of a chain.
fn verify_unchained(
    work: &mut Work<'_>,
    columns: Columns,
    authentic: &Authenticity,
    report: &mut Report,
) -> Result<(), ApiError> {
    let mut last = None;
    loop {
        let rows = store::outside_the_chains(work.conn, columns, last, PAGE)?;
        let Some((end, _)) = rows.last() else { return Ok(()) };
        last = Some(end.event.id);
        for (row, position) in rows {
            let (chain, id) = (row.event.chain.clone(), row.event.id);
            match position {
                Some(position) => report.tampering.push(Tampering::Misplaced { chain, position, id }),
                None if authentic.is_genuine(&row, None) => report.unchained += 1,
                None => report.tampering.push(Tampering::Forged { chain, id }),
            }
        }
    }
}

fn verify_chain(
    work: &mut Work<'_>,
    (columns, authentic): (Columns, &Authenticity),
    chain: &str,
    heads: &[Head],
    restores: &[Restore],
    report: &mut Report,
) -> Result<(), ApiError> {
    let mut known: BTreeMap<i64, Vec<&Head>> = BTreeMap::new();
    for head in heads.iter().filter(|head| head.chain == chain) {
        known.entry(head.count).or_default().push(head);
    }
    let mut explained = LostHeads { restores, longest: BTreeMap::new() };
    let mut last = 0;
    // The previous link as stored, so that a changed event is reported alone and not with all that follow.
    let mut previous: Vec<u8> = Vec::new();
    loop {
        let rows = store::chained(work.conn, columns, chain, last, PAGE)?;
        let Some(count) = i64::try_from(rows.len()).ok().filter(|rows| *rows > 0) else { break };
        report.events += count;
        let indexed = indexed(work, chain, last, &rows)?;
        for (row, position, stored) in rows {
            let position = position.unwrap_or_default();
            let stored = stored.unwrap_or_default();
            if position == last + 1 {
                if !same_bytes(&row.link(work.vault.journal_key(), &previous, position), &stored) {
                    report.tampering.push(Tampering::Altered { chain: chain.to_owned(), position, id: row.event.id });
                } else if !authentic.is_genuine(&row, Some(position)) {
                    // Inserted without a MAC of the program, and chained since.
                    report.tampering.push(Tampering::Forged { chain: chain.to_owned(), id: row.event.id });
                } else if let Some(object) = indexed.as_ref().and_then(|indexed| hidden(&row.event, indexed)) {
                    report.tampering.push(Tampering::Hidden { chain: chain.to_owned(), id: row.event.id, object });
                }
            } else {
                // The previous link is among the missing ones, so this event cannot be verified.
                let missing = Tampering::Missing { chain: chain.to_owned(), first: last + 1, last: position - 1 };
                report.tampering.push(missing);
            }
            let head_now = hex(&stored);
            let differing = known.remove(&position).into_iter().flatten().filter(|head| head.head != head_now);
            if let Some(head) = explained.unexplained(differing) {
                report.tampering.push(Tampering::Rewritten { chain: chain.to_owned(), position, at: head.at });
            }
            (last, previous) = (position, stored);
        }
    }
    // The longest known head proves the truncation; heads at missing positions inside the chain are reported above.
    let beyond = known.into_iter().rev().filter(|(known, _)| *known > last).flat_map(|(_, heads)| heads);
    if let Some(head) = explained.unexplained(beyond) {
        let (chain, known) = (chain.to_owned(), head.count);
        report.tampering.push(Tampering::Truncated { chain, count: last, known, at: head.at });
    }
    let of_chain = explained.longest.into_values().map(|(restore, head)| Lost {
        chain: chain.to_owned(),
        kept: restore.kept_of(chain),
        known: head.count,
        at: head.at,
        restored_at: restore.confirmed_at,
    });
    report.lost.extend(of_chain);
    Ok(())
}

/// The objects by which the events of a page are found; none in a database of an earlier version.
fn indexed(
    work: &mut Work<'_>,
    chain: &str,
    after: i64,
    rows: &[store::ChainedEvent],
) -> Result<Option<BTreeSet<(Id, String)>>, ApiError> {
    if !work.conn.has_table("audit_objects")? {
        return Ok(None);
    }
    let last = rows.iter().filter_map(|(_, position, _)| *position).max().unwrap_or_default();
    Ok(Some(store::indexed(work.conn, chain, after, last)?.into_iter().collect()))
}

/// The first object that an event names and by which it is not found.
fn hidden(row: &store::EventRow, indexed: &BTreeSet<(Id, String)>) -> Option<String> {
    objects(row).map(str::to_owned).find(|object| !indexed.contains(&(row.id, object.clone())))
}

/// The objects that an event names, as the triggers of the database read them (`guards/`).
fn objects(row: &store::EventRow) -> impl Iterator<Item = &str> {
    let changed = row.changed.split_whitespace().filter_map(|word| {
        let mut parts = word.split(':').skip(1);
        let id = parts.next()?;
        parts.next().map(|_| id)
    });
    let target = row.target_id.as_ref().map(Id::as_str);
    changed.chain(row.opened.split_whitespace()).chain(target)
}

/// The heads of a chain that confirmed restores have lost.
struct LostHeads<'a> {
    restores: &'a [Restore],
    /// The longest lost head of each restore, by the restore's number.
    longest: BTreeMap<i32, (&'a Restore, &'a Head)>,
}

impl<'a> LostHeads<'a> {
    /// Takes heads that the database does not have. Returns the first that no restore explains.
    fn unexplained(&mut self, heads: impl Iterator<Item = &'a Head>) -> Option<&'a Head> {
        let mut unexplained = None;
        for head in heads {
            match lost_by(self.restores, head) {
                Some(restore) => {
                    let (_, longest) = self.longest.entry(restore.number).or_insert((restore, head));
                    if head.count > longest.count {
                        *longest = head;
                    }
                }
                None => unexplained = unexplained.or(Some(head)),
            }
        }
        unexplained
    }
}
