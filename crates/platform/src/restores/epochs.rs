//! Epochs of the change feed: what tells a reader that the database was restored to before its cursor.
//!
//! A restored database gives positions again that a reader has already read past. So a cursor names the epoch in which
//! it was made. Positions up to the end of the backup mean the same before and after a restore; a cursor past it begins
//! again there.
//!
//! A database knows the restores that its backup knew, and its own. A cursor can thus come from an epoch that this
//! database has never known: a backup made before a restore was restored after it. Such a cursor also holds its *floor*,
//! the lowest position at which its own history was ever cut. What is below the floors of both histories is common to
//! them.

use serde::{Deserialize, Serialize};

use passerelle_base::values::{Id, UtcTs};

/// The epoch that a restore began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Epoch {
    pub(super) id: Id,
    /// The last position that the restored database had.
    pub(super) begins_after: i64,
    pub(super) confirmed_at: UtcTs,
}

/// A place in the feed, as a cursor holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Place {
    /// A position in a database that was never restored.
    Original(i64),
    /// A position in an epoch that a restore began.
    InEpoch {
        /// The epoch.
        epoch: Id,
        /// The position.
        position: i64,
        /// The lowest position at which the history of this epoch was cut.
        floor: i64,
    },
}

/// Why a place is no longer valid: the database was restored to before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Where to begin again: the reader has seen everything up to here.
    pub from: Place,
    /// When the restore was confirmed; none if this database does not know that restore.
    pub restored_at: Option<UtcTs>,
}

/// The epochs that a database knows, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Epochs(Vec<Epoch>);

impl Epochs {
    pub(super) fn new(epochs: Vec<Epoch>) -> Self {
        Self(epochs)
    }

    /// A position of the present epoch.
    pub fn place(&self, position: i64) -> Place {
        match (self.0.last(), lowest(&self.0)) {
            (Some(last), Some(floor)) => Place::InEpoch { epoch: last.id, position, floor },
            _ => Place::Original(position),
        }
    }

    /// The position of a place, if what the reader has seen up to it is what this feed has.
    pub fn position(&self, place: &Place) -> Result<i64, Past> {
        let (position, common) = match place {
            Place::Original(position) => (*position, lowest(&self.0)),
            Place::InEpoch { epoch, position, floor } => {
                let common = match self.0.iter().position(|known| known.id == *epoch) {
                    Some(at) => lowest(&self.0[at + 1..]),
                    None => Some(lowest(&self.0).map_or(*floor, |lowest| lowest.min(*floor))),
                };
                (*position, common)
            }
        };
        match common.filter(|common| position > *common) {
            None => Ok(position),
            Some(common) => {
                let cut = self.0.iter().rev().find(|epoch| epoch.begins_after < position);
                Err(Past { from: self.place(common), restored_at: cut.map(|epoch| epoch.confirmed_at) })
            }
        }
    }
}

/// The lowest position at which these restores cut the feed.
fn lowest(epochs: &[Epoch]) -> Option<i64> {
    epochs.iter().map(|epoch| epoch.begins_after).min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::restores::epochs::*;

    /// A database: the changes of its feed, in order, and its epochs.
    #[derive(Clone, Default)]
    struct Feed {
        changes: Vec<u64>,
        epochs: Vec<Epoch>,
    }

    fn epoch(begins_after: usize) -> Epoch {
        let at: UtcTs = serde_json::from_value(serde_json::json!("2026-03-02T08:15:00Z")).unwrap();
        Epoch { id: Id::next(at), begins_after: i64::try_from(begins_after).unwrap(), confirmed_at: at }
    }

    proptest! {
        /// Whatever is written, copied and restored: a reader who follows the answers misses nothing and is told as soon
        /// as what it read is no longer what the feed has.
        #[test]
        fn a_reader_misses_nothing(steps in prop::collection::vec((0..4_u8, any::<prop::sample::Index>()), 1..60)) {
            let mut feed = Feed::default();
            let mut next = 0;
            let mut backups = vec![feed.clone()];
            // Each reader: what it has read up to its place, and the place.
            let mut readers: Vec<(Vec<u64>, Place)> = Vec::new();
            for (step, which) in steps {
                match step {
                    0 => for _ in 0..=which.index(4) {
                        feed.changes.push(next);
                        next += 1;
                    },
                    1 => backups.push(feed.clone()),
                    2 => {
                        feed = backups[which.index(backups.len())].clone();
                        feed.epochs.push(epoch(feed.changes.len()));
                    }
                    _ => {
                        let at = which.index(feed.changes.len() + 1);
                        let epochs = Epochs::new(feed.epochs.clone());
                        readers.push((feed.changes[..at].to_vec(), epochs.place(i64::try_from(at).unwrap())));
                    }
                }
                let epochs = Epochs::new(feed.epochs.clone());
                for (seen, place) in &readers {
                    let from = match epochs.position(place) {
                        Ok(position) => position,
                        Err(past) => {
                            let from = epochs.position(&past.from);
                            prop_assert!(from.is_ok(), "a reader is never sent to a place that is past too");
                            from.unwrap()
                        }
                    };
                    let from = usize::try_from(from).unwrap();
                    prop_assert!(from <= seen.len() && from <= feed.changes.len());
                    prop_assert_eq!(&feed.changes[..from], &seen[..from], "skipped without having been read");
                }
            }
        }
    }

    #[test]
    fn a_reader_begins_again_at_the_end_of_the_backup() {
        let restored = Epochs::new(vec![epoch(40)]);
        assert_eq!(restored.position(&Place::Original(40)), Ok(40));
        let past = restored.position(&Place::Original(41)).unwrap_err();
        assert_eq!(past.from, restored.place(40));
        assert!(past.restored_at.is_some());
        assert_eq!(restored.position(&restored.place(90)), Ok(90), "a place of the present epoch stays valid");
        // A backup of before that restore was restored after it: the database does not know that epoch.
        let later = Epochs::new(vec![epoch(60)]);
        assert_eq!(later.position(&restored.place(90)).unwrap_err().from, later.place(40));
        let unconfirmed = Epochs::default();
        let past = unconfirmed.position(&restored.place(90)).unwrap_err();
        assert_eq!((past.from, past.restored_at), (Place::Original(40), None));
    }

    #[test]
    fn a_cursor_of_a_database_that_was_never_restored_is_a_number() {
        let json = |place: &Place| serde_json::to_value(place).unwrap();
        assert_eq!(json(&Epochs::default().place(7)), serde_json::json!(7));
        let place = Epochs::new(vec![epoch(40)]).place(41);
        assert_eq!(serde_json::from_value::<Place>(json(&place)).unwrap(), place);
    }
}
