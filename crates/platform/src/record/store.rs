//! The SQL of the record of a write.

use diesel::prelude::*;

use crate::journal::StoredEvent;
use crate::outbox::NewChange;
use crate::work::NewReply;
use passerelle_base::values::UtcTs;
use passerelle_database::schema::{audit_events, changes, stored_replies};
use passerelle_database::{AnyConn, insert_together};

/// A new row of `stored_replies`.
#[derive(Insertable)]
#[diesel(table_name = stored_replies, treat_none_as_default_value = false)]
pub(super) struct ReplyRow {
    principal: String,
    key_mac: Vec<u8>,
    fingerprint: Vec<u8>,
    reply: Vec<u8>,
    owners: String,
    created_at: UtcTs,
}

pub(super) fn row(reply: NewReply, now: UtcTs) -> ReplyRow {
    let NewReply { principal, key_mac, fingerprint, reply, owners } = reply;
    ReplyRow { principal, key_mac, fingerprint, reply, owners, created_at: now }
}

pub(super) fn insert(
    conn: &mut AnyConn,
    of_feed: &[NewChange],
    of_journal: &[StoredEvent],
    replies: &[ReplyRow],
) -> QueryResult<()> {
    insert_together!(conn, changes => of_feed, audit_events => of_journal, stored_replies => replies)
}
