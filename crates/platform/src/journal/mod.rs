//! The audit journal: who changed what, who read whose data, what was refused. It holds identifiers, never values.
//!
//! Each request has one event per service concerned. The event of a write is part of its transaction; that of a read or
//! a refusal is committed before the response is sent. If the event cannot be written, the request fails.
//!
//! ```text
//! unchained event ──(background job, one at a time)──▶ position and link ──▶ head of the chain in a file
//! ```
//!
//! Triggers in the database refuse to change an event. The chain detects a change by an attacker who removes them: each
//! link is a MAC of the event and of the previous link, under a key that the database does not hold, and the heads are
//! stored outside the database. [`verify`](fn@verify) finds changed, moved and deleted events and truncated chains. A MAC
//! of its own tells an event that the program wrote from a row that somebody inserted. A
//! database restored from a backup has shorter chains too: it is refused until the operator confirms the restore, and
//! what it lost is then reported as such.

mod authenticity;
mod chain;
mod collector;
mod elsewhere;
mod floods;
mod gaps;
mod heads;
mod model;
mod queue;
mod store;
mod verify;

use crate::auth::PrincipalId;
use crate::privacy::MacKey;
use crate::restores::{self, Kept};
use crate::trail::{Call, ChangeKind, Trail};
use crate::work::Work;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::subscriber::Subscriber;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::{AnyConn, Db, SystemScope};

use floods::Floods;
use queue::Queue;

pub use authenticity::Authenticity;
pub use chain::chain_oldest;
pub use elsewhere::{Elsewhere, Place, heads_unsent};
pub use gaps::{Gap, describe};
pub use heads::{Head, HeadFile, KnownHeads};
pub use model::{DEPLOYMENT, Outcome, chain_of, occurrences};
pub use store::{EventRow, StoredEvent};
pub use verify::{Lost, Report, Tampering, verify};

/// The principal of a call whose caller is unknown.
const ANONYMOUS: &str = "anonymous";

/// A request that was refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The request.
    pub call: Call,
    /// Whether the caller is known.
    pub known: bool,
    /// The services of the caller.
    pub services: Vec<Id>,
    /// The reason.
    pub code: Code,
}

/// The events of a write, for its transaction. A background job has an event only if it changed or opened something.
pub(crate) fn of_write(work: &Work<'_>) -> Vec<StoredEvent> {
    if work.call.principal == PrincipalId::Local && work.trail.is_empty() {
        return Vec::new();
    }
    let key = work.vault.journal_key();
    events(&work.call, &work.trail, work.now).into_iter().map(|row| row.authenticated(key)).collect()
}

/// The events of a read; none if it opened no personal data.
pub fn of_read(work: &Work<'_>) -> Vec<EventRow> {
    if work.trail.is_empty() { Vec::new() } else { events(&work.call, &work.trail, work.now) }
}

/// The journal of a database. It writes the events of reads and refusals, and chains all events.
pub struct Journal {
    db: Db,
    key: MacKey,
    queue: Queue,
    floods: Floods,
}

impl Journal {
    /// The journal of a database; `key` chains its events.
    pub fn new(db: Db, key: MacKey) -> Self {
        Self { db, key, queue: Queue::default(), floods: Floods::default() }
    }

    /// Writes the events of a read. They are committed when this returns.
    pub async fn append(&self, rows: Vec<EventRow>) -> Result<(), ApiError> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = self.authenticated(rows);
        let written = if self.db.has_group_commit() {
            self.db.write_reserved(SystemScope::Journal, move |conn| Ok(store::insert(conn, rows)?)).await
        } else {
            self.queue.write(&self.db, rows).await
        };
        written.map_err(|error| unwritten(&error))
    }

    /// Writes the events of a refusal. Those that a stranger can repeat without end are events of their own once in a
    /// minute, and counted after that.
    pub async fn append_refusal(&self, refusal: Refusal, now: UtcTs) -> Result<(), ApiError> {
        let services: Vec<Option<Id>> =
            if refusal.services.is_empty() { vec![None] } else { refusal.services.iter().copied().map(Some).collect() };
        let event = |service| {
            let mut row = event(&refusal.call, service, now);
            if !refusal.known {
                ANONYMOUS.clone_into(&mut row.principal);
            }
            row.outcome = Outcome::Refused;
            row.code = Some(refusal.code.as_str().to_owned());
            row
        };
        let rows: Vec<EventRow> = services.into_iter().map(event).collect();
        let rows = match <[EventRow; 1]>::try_from(rows) {
            Ok([row]) if refusal.services.is_empty() && floods::is_repeatable(refusal.code) => {
                self.floods.admit(refusal.call.address.map(Subscriber::of), refusal.code, row, now)
            }
            Ok([row]) => vec![row],
            Err(rows) => rows,
        };
        self.append(rows).await
    }

    /// Writes the events of repeated refusals whose minute is over; of all at the end of the program, without `now`.
    pub fn end_floods(&self, now: Option<UtcTs>) -> Result<(), ApiError> {
        let rows = self.floods.end(now);
        if rows.is_empty() {
            return Ok(());
        }
        let rows = self.authenticated(rows);
        self.db.write_blocking(SystemScope::Journal, move |conn| Ok(store::insert(conn, rows)?))
    }

    fn authenticated(&self, rows: Vec<EventRow>) -> Vec<StoredEvent> {
        rows.into_iter().map(|row| row.authenticated(&self.key)).collect()
    }

    /// Chains the committed events, then appends the new heads to the file. Only one instance at a time chains; events
    /// committed meanwhile are chained by the next call.
    pub fn chain(&self, file: &mut HeadFile, now: UtcTs) -> Result<(), ApiError> {
        while self.chain_step(file, now)? {}
        Ok(())
    }

    /// One step of [`Self::chain`], for a background job. Returns whether events may be left.
    pub fn chain_step(&self, file: &mut HeadFile, now: UtcTs) -> Result<bool, ApiError> {
        chain::step(&self.db, &self.key, file, now)
    }

    /// What the database lacks of the heads that a file knows.
    pub fn gaps(&self, known: &KnownHeads) -> Result<Vec<Gap>, ApiError> {
        self.db.read_blocking(SystemScope::Journal, |conn| gaps::find(conn, &self.key, known))
    }

    /// Marks in a file the confirmed restores that it does not know yet.
    pub fn mark_restores(&self, file: &mut HeadFile) -> Result<(), ApiError> {
        let restores = self.db.read_blocking(SystemScope::Journal, |conn| restores::genuine(conn, &self.key))?;
        file.mark(&restores).map_err(|error| gaps::unwritten(file, &error))
    }

    /// Records where the chains of a database of an earlier version end. Runs before the first event is written.
    pub fn record_cut_over(&self, now: UtcTs) -> Result<(), ApiError> {
        let key = self.key.clone();
        self.db.write_blocking(SystemScope::Journal, move |conn| authenticity::record_cut_over(conn, &key, now))
    }

    /// Whether the database has chained events.
    pub fn has_chains(&self) -> Result<bool, ApiError> {
        Ok(!self.db.read_blocking(SystemScope::Journal, store::chains)?.is_empty())
    }
}

/// Whether an event of the deployment has an operation. Reads every event of its chain.
pub fn has_done(conn: &mut AnyConn, operation: &str) -> Result<bool, ApiError> {
    Ok(store::has_operation(conn, operation)?)
}

/// What each chain of the database has.
pub fn kept(conn: &mut AnyConn) -> Result<Vec<Kept>, ApiError> {
    let chains = store::chain_ends(conn)?.into_iter();
    Ok(chains.map(|(chain, count, link)| Kept { chain, count, link }).collect())
}

/// One event per service concerned, with the changes and owners of that service; one of the deployment if no service is
/// concerned.
fn events(call: &Call, trail: &Trail, now: UtcTs) -> Vec<EventRow> {
    let mut services = trail.services();
    if services.is_empty() {
        services.insert(None);
    }
    let event = |service: Option<Id>| {
        let mut row = event(call, service, now);
        for change in trail.changes().iter().filter(|change| change.service_id == service) {
            row.changed.extend([" ", change.resource.as_str(), ":", change.id.as_str(), ":", change.kind.as_str()]);
        }
        for change in trail.rights().iter().filter(|change| change.service_id == service) {
            let (before, after) =
                (change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
            let (resource, kind) = (change.resource.as_str(), ChangeKind::Updated.as_str());
            row.changed.extend([" ", resource, ":", change.id.as_str(), ":", kind, ":", before, ">", after]);
        }
        for (owner, _) in trail.opened().iter().filter(|(_, of)| Some(**of) == service) {
            row.opened.extend([" ", owner.as_str()]);
        }
        row
    };
    services.into_iter().map(event).collect()
}

fn event(call: &Call, service: Option<Id>, now: UtcTs) -> EventRow {
    EventRow {
        id: Id::next(now),
        chain: chain_of(service),
        principal: call.principal.to_string(),
        operation: call.operation.clone(),
        request_id: call.request_id.clone(),
        outcome: Outcome::Done,
        code: None,
        target_id: call.target_id,
        changed: String::new(),
        opened: String::new(),
        address: call.address.map(|address| address.to_string()),
        happened_at: now,
    }
}

/// The error of a request whose event could not be written.
pub(crate) fn unwritten(error: &ApiError) -> ApiError {
    log::error!("the audit journal could not be written: {error}");
    let code = if error.code == Code::StorageFull { error.code } else { Code::Unavailable };
    ApiError::new(code).retry_after(error.retry_after.unwrap_or(1))
}
