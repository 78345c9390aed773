//! The record of a write, in its transaction: its changes for the feed, its events for the journal, its stored response, its
//! notices.
//! They are written together with what the work has put off, in one round trip.

mod store;

use crate::work::Work;
use crate::{journal, outbox};
use passerelle_base::error::ApiError;

/// Writes the record of a unit of work.
pub fn write(work: &mut Work<'_>) -> Result<(), ApiError> {
    let (changes, events) = (outbox::changes(work), journal::of_write(work));
    let replies: Vec<_> = work.reply.take().into_iter().map(|reply| store::row(reply, work.now)).collect();
    let (author, now) = (work.author(), work.now);
    let notices: Vec<_> = work.trail.notices().iter().map(|notice| store::notice(notice, &author, now)).collect();
    let later = std::mem::take(&mut work.later);
    store::insert(work.conn, later, &changes, &events, &replies, &notices)
        .map_err(|error| journal::unwritten(&error.into()))
}
