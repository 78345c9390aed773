//! The SQL of the record of a write.

use diesel::prelude::*;

use crate::journal::StoredEvent;
use crate::notices::{Notice, NoticeKind};
use crate::outbox::NewChange;
use crate::work::NewReply;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::schema::{audit_events, changes, notices, stored_replies};
use passerelle_database::{AnyConn, Writes, insert_together};

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

/// A new row of `notices`.
#[derive(Insertable)]
#[diesel(table_name = notices, treat_none_as_default_value = false)]
pub(super) struct NoticeRow {
    id: Id,
    user_id: Option<Id>,
    service_id: Option<Id>,
    kind: NoticeKind,
    about: String,
    author: String,
    rights_before: Option<String>,
    rights_after: Option<String>,
    created_at: UtcTs,
}

pub(super) fn notice(notice: &Notice, author: &str, now: UtcTs) -> NoticeRow {
    NoticeRow {
        id: Id::next(now),
        user_id: notice.user,
        service_id: notice.service,
        kind: notice.kind,
        about: notice.about.to_string(),
        author: author.to_owned(),
        rights_before: notice.before.clone(),
        rights_after: notice.after.clone(),
        created_at: now,
    }
}

pub(super) fn insert(
    conn: &mut AnyConn,
    later: Writes<'_>,
    of_feed: &[NewChange],
    of_journal: &[StoredEvent],
    replies: &[ReplyRow],
    of_accounts: &[NoticeRow],
) -> QueryResult<()> {
    insert_together!(
        conn,
        after later,
        changes => of_feed,
        audit_events => of_journal,
        stored_replies => replies,
        notices => of_accounts,
    )
}
