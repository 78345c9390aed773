//! The record of a confirmed restore, and the MAC that makes it genuine.

use crate::privacy::{MacKey, same_bytes};
use passerelle_base::values::{Id, UtcTs};

/// A restore of a backup, confirmed by the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restore {
    /// Identifier, which also names the epoch of the feed that it began.
    pub id: Id,
    /// Its place among the restores that the database knows.
    pub number: i32,
    /// When it was confirmed.
    pub confirmed_at: UtcTs,
    /// The last position of the feed that the restored database had.
    pub feed_position: i64,
    /// The chains of the journal that the restored database had.
    pub kept: Vec<Kept>,
    pub(super) tag: Vec<u8>,
}

/// A chain of the journal, as a restored database had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The chain.
    pub chain: String,
    /// Its number of events.
    pub count: i64,
    /// Its last link.
    pub link: Vec<u8>,
}

impl Restore {
    /// A record that nothing proves, for tests.
    #[cfg(test)]
    pub(crate) fn unproven(confirmed_at: UtcTs, kept: Vec<Kept>) -> Self {
        Self { id: Id::next(confirmed_at), number: 1, confirmed_at, feed_position: 0, kept, tag: Vec::new() }
    }

    /// Whether the program wrote this record. Somebody who can write to the database only cannot make one.
    pub fn is_genuine(&self, key: &MacKey) -> bool {
        same_bytes(&self.mac(key), &self.tag)
    }

    /// The number of events that a chain kept; 0 if the restored database did not have the chain.
    pub fn kept_of(&self, chain: &str) -> i64 {
        self.kept.iter().find(|kept| kept.chain == chain).map_or(0, |kept| kept.count)
    }

    pub(super) fn mac(&self, key: &MacKey) -> [u8; 32] {
        let (number, position) = (self.number.to_be_bytes(), self.feed_position.to_be_bytes());
        let confirmed_at = self.confirmed_at.to_string();
        let counts: Vec<[u8; 8]> = self.kept.iter().map(|kept| kept.count.to_be_bytes()).collect();
        // The first part tells this MAC from a link of a chain, whose first part is empty or another link.
        let mut parts: Vec<&[u8]> =
            vec![b"confirmed restore", self.id.as_str().as_bytes(), &number, confirmed_at.as_bytes(), &position];
        for (kept, count) in self.kept.iter().zip(&counts) {
            parts.extend([kept.chain.as_bytes(), count.as_slice(), kept.link.as_slice()]);
        }
        key.tag(&parts)
    }
}
