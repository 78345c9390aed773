//! The audit journal: who did what, who read whose data, what was refused. Identifiers, never values.
//!
//! One event a request and service concerned. A write's event is in the write's transaction; a read's is committed
//! before the answer leaves; so is a refusal's. What cannot be journaled is not answered.
//!
//! ```text
//! event, unchained ──(job, one at a time)──▶ position and link ──▶ head of the chain in a file elsewhere
//! ```
//!
//! The database refuses to change an event (`src/db/guards`). Whoever can take that guard away still meets the chain:
//! each link is a MAC of the event and the link before it, under a key that the database does not hold, and the heads
//! are known outside it. [`verify`] finds what was changed, moved, deleted or cut.

mod chain;
mod heads;
mod queue;
mod store;
mod verify;

use crate::auth::PrincipalId;
use crate::privacy::MacKey;
use crate::trail::{Call, Trail};
use crate::work::Work;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::text_enum;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::Db;

use queue::Queue;

pub use heads::{Head, HeadFile};
pub use store::EventRow;
pub use verify::{Report, Tampering, verify};

/// The chain of what belongs to no service.
pub const DEPLOYMENT: &str = "deployment";

/// The principal of a call whose author is not known.
const ANONYMOUS: &str = "anonymous";

text_enum! {
    /// What became of a request.
    pub enum Outcome {
        /// It was done.
        Done = "done",
        /// It was refused: the code says why.
        Refused = "refused",
    }
}

/// A request that was refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The request.
    pub call: Call,
    /// Whether it is known who asked.
    pub known: bool,
    /// The services of who asked.
    pub services: Vec<Id>,
    /// Why.
    pub code: Code,
}

/// Writes the event of a write, in its transaction. The program's own work is an event when it left a trail.
pub fn record(work: &mut Work<'_>) -> Result<(), ApiError> {
    if work.call.principal == PrincipalId::Local && work.trail.is_empty() {
        return Ok(());
    }
    let rows = events(&work.call, &work.trail, work.now);
    store::insert(work.conn, rows).map_err(|error| unwritten(&error.into()))
}

/// The events of a read: none when it opened nobody's data.
pub fn of_read(work: &Work<'_>) -> Vec<EventRow> {
    if work.trail.is_empty() { Vec::new() } else { events(&work.call, &work.trail, work.now) }
}

/// The journal of a database: where events go that have no transaction of their own, and what chains them.
pub struct Journal {
    db: Db,
    key: MacKey,
    queue: Queue,
}

impl Journal {
    /// The journal of a database, under the key that links its events.
    pub fn new(db: Db, key: MacKey) -> Self {
        Self { db, key, queue: Queue::default() }
    }

    /// Writes the events of a read. They are committed when this returns.
    pub async fn append(&self, rows: Vec<EventRow>) -> Result<(), ApiError> {
        if rows.is_empty() {
            return Ok(());
        }
        let written = if self.db.groups_writes() {
            self.db.write(move |conn| Ok(store::insert(conn, rows)?)).await
        } else {
            self.queue.write(&self.db, rows).await
        };
        written.map_err(|error| unwritten(&error))
    }

    /// Writes who was refused what.
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
        self.append(services.into_iter().map(event).collect()).await
    }

    /// Chains the events that are committed, then writes the new heads to their file. One instance at a time; events
    /// committed meanwhile are chained by the next call.
    pub fn chain(&self, file: &mut HeadFile, now: UtcTs) -> Result<(), ApiError> {
        chain::chain(&self.db, &self.key, file, now)
    }
}

/// The chain of a service.
pub fn chain_of(service: Option<Id>) -> String {
    service.map_or_else(|| DEPLOYMENT.to_owned(), |service| service.to_string())
}

/// One event for each service concerned, with what is that service's; the deployment's when there is none.
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

fn unwritten(error: &ApiError) -> ApiError {
    log::error!("the audit journal could not be written: {error}");
    ApiError::new(Code::Unavailable).retry_after(1)
}
