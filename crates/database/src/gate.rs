//! Admission to the pool: one permit per connection, shares that no kind of work can take from another, and early
//! refusals.
//!
//! ```text
//! connections ─┬─ requests: reads and writes ─── writes: never all of the requests' share
//!              └─ reserved: tokens, rights, the journal; they also use the requests' share when it is free
//! one more connection: the readiness probe
//! ```
//!
//! Writes that wait for a locked row thus leave connections to reads, and both leave one to sign-in and to the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The share of the pool that a permit is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// A request that reads.
    Read,
    /// A request that writes.
    Write,
    /// Short work that other requests depend on.
    Reserved,
    /// The readiness probe.
    Probe,
}

/// A permit to use a connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    _connection: OwnedSemaphorePermit,
    _write: Option<OwnedSemaphorePermit>,
}

/// The permits of a pool.
pub(super) struct Gate {
    requests: Arc<Semaphore>,
    writes: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    probe: Arc<Semaphore>,
    /// Permits of requests and reserved work.
    size: usize,
    waiting: AtomicUsize,
    mean: MeanTime,
    max_wait: Duration,
}

impl Gate {
    /// Permits for this many connections. Share waits at most `max_wait` for one.
    pub(super) fn new(connections: usize, max_wait: Duration) -> Self {
        let reserved = usize::from(connections >= 4);
        let requests = connections - reserved;
        let writes = (requests - requests.div_ceil(4)).max(1);
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self {
            requests: semaphore(requests),
            writes: semaphore(writes),
            reserved: semaphore(reserved),
            probe: semaphore(1),
            size: connections,
            waiting: AtomicUsize::default(),
            mean: MeanTime::default(),
            max_wait,
        }
    }

    /// Waits for a permit. `None` after the maximum wait, or at once if the wait would probably exceed half of it:
    /// a caller that is refused early can retry, and does not lengthen the queue.
    pub(super) async fn enter(&self, share: Share) -> Option<Permit> {
        if let Some(permit) = self.try_enter(share) {
            return Some(permit);
        }
        let _waiting = Waiting::counted(&self.waiting);
        let expected = self.mean.times(self.waiting()) / u32::try_from(self.size).unwrap_or(u32::MAX);
        if matches!(share, Share::Read | Share::Write) && expected > self.max_wait / 2 {
            return None;
        }
        timeout(self.max_wait, self.wait(share)).await.ok().flatten()
    }

    /// Records how long a task used its connection.
    pub(super) fn used(&self, time: Duration) {
        self.mean.add(time);
    }

    /// Permits of requests and reserved work.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Permits in use.
    pub(super) fn in_use(&self) -> usize {
        self.size.saturating_sub(self.requests.available_permits() + self.reserved.available_permits())
    }

    /// Tasks that wait for a permit.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn try_enter(&self, share: Share) -> Option<Permit> {
        let free = |semaphore: &Arc<Semaphore>| Arc::clone(semaphore).try_acquire_owned().ok();
        let (write, connection) = match share {
            Share::Read => (None, free(&self.requests)?),
            Share::Write => (Some(free(&self.writes)?), free(&self.requests)?),
            Share::Reserved => (None, free(&self.requests).or_else(|| free(&self.reserved))?),
            Share::Probe => (None, free(&self.probe)?),
        };
        Some(Permit { _connection: connection, _write: write })
    }

    async fn wait(&self, share: Share) -> Option<Permit> {
        let next = |semaphore: &Arc<Semaphore>| Arc::clone(semaphore).acquire_owned();
        let (write, connection) = match share {
            Share::Read => (None, next(&self.requests).await),
            Share::Write => (Some(next(&self.writes).await.ok()?), next(&self.requests).await),
            Share::Reserved => tokio::select! {
                permit = next(&self.requests) => (None, permit),
                permit = next(&self.reserved) => (None, permit),
            },
            Share::Probe => (None, next(&self.probe).await),
        };
        Some(Permit { _connection: connection.ok()?, _write: write })
    }
}

/// Counts a waiting task until it is dropped, even if its request is cancelled in the meantime.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn counted(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A moving average of durations; recent ones count most.
#[derive(Debug, Default)]
pub(super) struct MeanTime(AtomicU64);

impl MeanTime {
    /// Adds a duration. Of two concurrent calls one may be lost: this is an estimate.
    pub(super) fn add(&self, time: Duration) {
        let new = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let old = self.0.load(Ordering::Relaxed);
        self.0.store(if old == 0 { new } else { old - old / 8 + new / 8 }, Ordering::Relaxed);
    }

    /// The expected duration of this many tasks, one after the other.
    pub(super) fn times(&self, tasks: usize) -> Duration {
        let tasks = u64::try_from(tasks).unwrap_or(u64::MAX);
        Duration::from_nanos(self.0.load(Ordering::Relaxed).saturating_mul(tasks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    async fn enter_all(gate: &Gate, share: Share) -> Vec<Permit> {
        let mut permits = Vec::new();
        while let Some(permit) = gate.enter(share).await {
            permits.push(permit);
        }
        permits
    }

    #[test]
    fn writes_leave_connections_to_reads_and_both_leave_one_to_reserved_work() {
        block_on(async {
            let gate = Gate::new(8, SHORT);
            let writes = enter_all(&gate, Share::Write).await;
            assert_eq!(writes.len(), 5);
            let reads = enter_all(&gate, Share::Read).await;
            assert_eq!(reads.len(), 2);
            assert_eq!((gate.in_use(), gate.waiting()), (7, 0));
            let reserved = enter_all(&gate, Share::Reserved).await;
            assert_eq!((reserved.len(), gate.in_use()), (1, 8));
            let _probe = gate.enter(Share::Probe).await.unwrap();
            drop(writes);
            assert!(gate.enter(Share::Reserved).await.is_some(), "reserved work also uses the share of requests");
        });
    }

    #[test]
    fn each_kind_of_work_can_enter_whatever_the_number_of_connections() {
        block_on(async {
            for connections in 1..=9 {
                let gate = Gate::new(connections, SHORT);
                for share in [Share::Read, Share::Write, Share::Reserved, Share::Probe] {
                    assert!(gate.enter(share).await.is_some(), "{share:?} with {connections} connections");
                }
                let all = enter_all(&gate, Share::Reserved).await;
                assert_eq!(all.len(), connections);
            }
        });
    }

    #[test]
    fn a_wait_that_would_be_too_long_is_refused_at_once() {
        block_on(async {
            let gate = Gate::new(1, Duration::from_mins(1));
            gate.used(Duration::from_secs(40));
            let _busy = gate.enter(Share::Read).await.unwrap();
            let refused = timeout(Duration::from_secs(5), gate.enter(Share::Read)).await;
            assert!(matches!(refused, Ok(None)), "{refused:?}");
        });
    }
}
