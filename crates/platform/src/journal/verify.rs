//! Verifying: every link is computed again, and every head that is known outside is looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::chain::link;
use super::heads::{Head, hex};
use super::store;
use crate::privacy::same_bytes;
use crate::work::Work;
use passerelle_base::error::ApiError;
use passerelle_base::values::{Id, UtcTs};

/// Events read at a time.
const PAGE: i64 = 1000;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Chained events that were verified.
    pub events: i64,
    /// Chains.
    pub chains: usize,
    /// Events that no job has chained yet: nothing is known of them.
    pub unchained: i64,
    /// Heads that were compared.
    pub heads: usize,
    /// What is wrong.
    pub tampering: Vec<Tampering>,
}

/// One thing that is wrong with the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// The event at a position is not the one that was chained there: it was changed, or moved.
    Altered {
        /// The chain.
        chain: String,
        /// The position.
        position: i64,
        /// The event that is there now.
        id: Id,
    },
    /// Events are gone from inside a chain.
    Missing {
        /// The chain.
        chain: String,
        /// The first position that is missing.
        first: i64,
        /// The last one.
        last: i64,
    },
    /// The end of a chain is gone.
    Cut {
        /// The chain.
        chain: String,
        /// How many events it has.
        count: i64,
        /// How many it had.
        known: i64,
        /// When that was written.
        at: UtcTs,
    },
    /// The chain says something else than it once said.
    Rewritten {
        /// The chain.
        chain: String,
        /// Where its head was.
        position: i64,
        /// When that was written.
        at: UtcTs,
    },
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
            Self::Cut { chain, count, known, at } => {
                write!(f, "chain {chain}: its end was cut: it has {count} events and had {known} on {at}")
            }
            Self::Rewritten { chain, position, at } => {
                write!(f, "chain {chain}: its head of {at}, at position {position}, is no longer in it")
            }
        }
    }
}

/// Computes every link again, and looks for heads that are known from outside.
pub fn verify(work: &mut Work<'_>, heads: &[Head]) -> Result<Report, ApiError> {
    let mut report = Report { heads: heads.len(), ..Report::default() };
    let mut chains: BTreeSet<String> = store::chains(work.conn)?.into_iter().collect();
    report.chains = chains.len();
    chains.extend(heads.iter().map(|head| head.chain.clone()));
    for chain in chains {
        verify_chain(work, &chain, heads, &mut report)?;
    }
    report.unchained = store::count_unchained(work.conn)?;
    Ok(report)
}

fn verify_chain(work: &mut Work<'_>, chain: &str, heads: &[Head], report: &mut Report) -> Result<(), ApiError> {
    let mut known: BTreeMap<i64, Vec<&Head>> = BTreeMap::new();
    for head in heads.iter().filter(|head| head.chain == chain) {
        known.entry(head.count).or_default().push(head);
    }
    let mut last = 0;
    // The stored link before: an event that was changed is then named alone, not with all that follow.
    let mut before: Vec<u8> = Vec::new();
    loop {
        let rows = store::chained(work.conn, chain, last, PAGE)?;
        let Some(more) = i64::try_from(rows.len()).ok().filter(|rows| *rows > 0) else { break };
        report.events += more;
        for (row, position, stored) in rows {
            let position = position.unwrap_or_default();
            let stored = stored.unwrap_or_default();
            if position == last + 1 {
                if !same_bytes(&link(work.vault.journal_key(), &before, position, &row), &stored) {
                    report.tampering.push(Tampering::Altered { chain: chain.to_owned(), position, id: row.id });
                }
            } else {
                // The link before this one is among what is missing.
                let missing = Tampering::Missing { chain: chain.to_owned(), first: last + 1, last: position - 1 };
                report.tampering.push(missing);
            }
            let said = hex(&stored);
            let other = known.remove(&position).into_iter().flatten().find(|head| head.head != said);
            if let Some(head) = other {
                report.tampering.push(Tampering::Rewritten { chain: chain.to_owned(), position, at: head.at });
            }
            (last, before) = (position, stored);
        }
    }
    // The longest chain that was known says the most; what it says of a position inside is a deletion, told above.
    if let Some((known, heads)) = known.into_iter().next_back().filter(|(known, _)| *known > last)
        && let Some(head) = heads.first()
    {
        report.tampering.push(Tampering::Cut { chain: chain.to_owned(), count: last, known, at: head.at });
    }
    Ok(())
}
