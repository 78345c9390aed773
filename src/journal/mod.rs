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
use crate::context::{Context, Work};
use crate::db::{Id, UtcTs, text_enum};
use crate::error::{ApiError, Code};
use crate::trail::{Call, Trail};

pub use chain::chain;
pub use heads::{Head, HeadFile};
pub use queue::Queue;
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

/// Writes events that have no transaction of their own.
pub async fn keep(context: &Context, rows: Vec<EventRow>) -> Result<(), ApiError> {
    if rows.is_empty() {
        return Ok(());
    }
    let written = if context.db.groups_writes() {
        context.db.write(move |conn| Ok(store::insert(conn, rows)?)).await
    } else {
        context.journal.write(&context.db, rows).await
    };
    written.map_err(|error| unwritten(&error))
}

/// Writes what was refused to whom.
pub async fn refused(context: &Context, refusal: Refusal) -> Result<(), ApiError> {
    let now = context.now();
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
    keep(context, services.into_iter().map(event).collect()).await
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
