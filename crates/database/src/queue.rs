//! The queue of the embedded writer: two lanes, bounded by time as well as by number.
//!
//! A write that waited too long, or whose caller left, is dropped before it runs. A write that would probably wait too
//! long is refused when it arrives.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::errors::{busy, outcome_unknown};
use super::gate::MeanTime;
use super::task::Task;
use passerelle_base::error::ApiError;

/// Maximum number of writes in a lane.
const CAPACITY: usize = 1024;

/// How long a caller waits for the outcome of a write that has begun, beyond its deadline.
const OUTCOME_WAIT: Duration = Duration::from_secs(10);

/// Which queue a write waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Writes of requests.
    Requests,
    /// Short writes that other requests depend on: the journal of a read, tokens, background jobs.
    Reserved,
}

const QUEUED: u8 = 0;
const STARTED: u8 = 1;
const ABANDONED: u8 = 2;

/// A write in the queue.
pub(super) struct QueuedWrite {
    /// What to run.
    pub(super) task: Task,
    /// Its lane.
    pub(super) lane: Lane,
    /// Where its outcome goes.
    pub(super) outcome: oneshot::Sender<Result<(), ApiError>>,
    state: Arc<AtomicU8>,
    queued_at: Instant,
    deadline: Instant,
}

impl QueuedWrite {
    /// Marks the write as begun. `None` if it must not run: its caller left, or it waited too long.
    fn start(self) -> Option<Self> {
        if self.outcome.is_closed() {
            return None;
        }
        if self.deadline <= Instant::now() || !transition(&self.state, STARTED) {
            self.refuse(busy());
            return None;
        }
        Some(self)
    }

    fn refuse(self, error: ApiError) {
        let _ = self.outcome.send(Err(error));
    }
}

/// Leaves the state `QUEUED`; false if another thread was first.
fn transition(state: &AtomicU8, to: u8) -> bool {
    state.compare_exchange(QUEUED, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
}

/// The caller's side of a queued write.
#[derive(Debug)]
pub(super) struct Ticket {
    state: Arc<AtomicU8>,
    deadline: Instant,
    outcome: oneshot::Receiver<Result<(), ApiError>>,
}

impl Ticket {
    /// Waits for the outcome. A write that has not begun at its deadline never runs. One that has begun is waited for
    /// some seconds longer; then nobody can say whether it will be committed.
    pub(super) async fn wait(mut self) -> Result<(), ApiError> {
        if let Ok(outcome) = tokio::time::timeout_at(self.deadline.into(), &mut self.outcome).await {
            return outcome.unwrap_or_else(|_| Err(outcome_unknown()));
        }
        if transition(&self.state, ABANDONED) {
            return Err(busy());
        }
        match tokio::time::timeout(OUTCOME_WAIT, &mut self.outcome).await {
            Ok(outcome) => outcome.unwrap_or_else(|_| Err(outcome_unknown())),
            Err(_) => Err(outcome_unknown()),
        }
    }

    /// [`Self::wait`] for programs without an event loop: waits until the writer has an outcome.
    pub(super) fn wait_blocking(self) -> Result<(), ApiError> {
        self.outcome.blocking_recv().unwrap_or_else(|_| Err(outcome_unknown()))
    }
}

/// The queue of the writer.
#[derive(Default)]
pub(super) struct Queue {
    lanes: Mutex<Lanes>,
    arrived: Condvar,
    /// The time that one write of a request takes, with its share of the commit.
    mean: MeanTime,
}

#[derive(Default)]
struct Lanes {
    requests: VecDeque<QueuedWrite>,
    reserved: VecDeque<QueuedWrite>,
    closed: bool,
}

impl Queue {
    /// Queues a write that must begin within `max_wait`. Refused at once if the lane is full, if its oldest write has
    /// waited for half of `max_wait`, or if those before it will take so long.
    pub(super) fn submit(&self, task: Task, lane: Lane, max_wait: Duration) -> Result<Ticket, ApiError> {
        let (now, limit) = (Instant::now(), max_wait / 2);
        let (sender, outcome) = oneshot::channel();
        let state = Arc::new(AtomicU8::new(QUEUED));
        let deadline = now + max_wait;
        {
            let mut lanes = self.lock();
            let queue = lanes.of(lane);
            let stuck = queue.front().is_some_and(|oldest| now.duration_since(oldest.queued_at) > limit);
            let slow = lane == Lane::Requests && self.mean.times(queue.len()) > limit;
            if lanes.closed || stuck || slow || lanes.of(lane).len() >= CAPACITY {
                return Err(busy());
            }
            let state = Arc::clone(&state);
            lanes.of(lane).push_back(QueuedWrite { task, lane, outcome: sender, state, queued_at: now, deadline });
        }
        self.arrived.notify_one();
        Ok(Ticket { state, deadline, outcome })
    }

    /// Waits for a write; false once the queue is closed and empty.
    pub(super) fn wait(&self) -> bool {
        let lanes = self.lock();
        let waited = self.arrived.wait_while(lanes, |lanes| lanes.is_empty() && !lanes.closed);
        !waited.unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// The next write to run. Reserved writes come first, unless `requests_first`.
    pub(super) fn next(&self, requests_first: bool) -> Option<QueuedWrite> {
        loop {
            let next = {
                let mut lanes = self.lock();
                let [first, second] =
                    if requests_first { [Lane::Requests, Lane::Reserved] } else { [Lane::Reserved, Lane::Requests] };
                lanes.of(first).pop_front().or_else(|| lanes.of(second).pop_front())
            };
            if let Some(write) = next?.start() {
                return Some(write);
            }
        }
    }

    /// Refuses the writes that waited too long, while the writer cannot begin.
    pub(super) fn drop_overdue(&self) {
        let now = Instant::now();
        for overdue in self.take(|write| write.deadline <= now || write.outcome.is_closed()) {
            overdue.refuse(busy());
        }
    }

    /// Refuses all writes.
    pub(super) fn refuse_all(&self, error: &ApiError) {
        for write in self.take(|_| true) {
            write.refuse(error.clone());
        }
    }

    /// Records how long a group took, per write of a request.
    pub(super) fn took(&self, time: Duration) {
        self.mean.add(time);
    }

    /// Lets the writer end once it has run what is queued.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Writes that have not begun.
    pub(super) fn len(&self) -> usize {
        let lanes = self.lock();
        lanes.requests.len() + lanes.reserved.len()
    }

    fn take(&self, which: impl Fn(&QueuedWrite) -> bool) -> Vec<QueuedWrite> {
        let mut lanes = self.lock();
        let mut taken = Vec::new();
        for lane in [Lane::Reserved, Lane::Requests] {
            let (out, stay) = std::mem::take(lanes.of(lane)).into_iter().partition::<Vec<_>, _>(&which);
            taken.extend(out);
            *lanes.of(lane) = stay.into();
        }
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lanes {
    fn of(&mut self, lane: Lane) -> &mut VecDeque<QueuedWrite> {
        match lane {
            Lane::Requests => &mut self.requests,
            Lane::Reserved => &mut self.reserved,
        }
    }

    fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.reserved.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use passerelle_base::error::Code;

    const LONG: Duration = Duration::from_mins(1);

    fn submit(queue: &Queue, lane: Lane, max_wait: Duration) -> Result<Ticket, ApiError> {
        queue.submit(Box::new(|_| Ok(())), lane, max_wait)
    }

    fn outcome(ticket: Ticket) -> Result<(), ApiError> {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(ticket.wait())
    }

    #[test]
    fn reserved_writes_come_first_unless_they_had_their_share() {
        let queue = Queue::default();
        let _tickets: Vec<_> = [Lane::Requests, Lane::Requests, Lane::Reserved, Lane::Reserved]
            .map(|lane| submit(&queue, lane, LONG).unwrap())
            .into();
        let lane = |write: Option<QueuedWrite>| write.map(|write| write.lane);
        assert_eq!(lane(queue.next(false)), Some(Lane::Reserved));
        assert_eq!(lane(queue.next(true)), Some(Lane::Requests));
        assert_eq!((lane(queue.next(false)), queue.len()), (Some(Lane::Reserved), 1));
        assert_eq!((lane(queue.next(false)), lane(queue.next(false))), (Some(Lane::Requests), None));
    }

    #[test]
    fn a_write_whose_caller_left_does_not_run() {
        let queue = Queue::default();
        drop(submit(&queue, Lane::Requests, LONG).unwrap());
        assert!(queue.wait() && queue.next(false).is_none());
    }

    #[test]
    fn a_write_that_has_not_begun_at_its_deadline_never_runs() {
        let queue = Queue::default();
        let ticket = submit(&queue, Lane::Requests, Duration::from_millis(5)).unwrap();
        assert_eq!(outcome(ticket).unwrap_err().code, Code::Unavailable);
        assert!(queue.next(false).is_none());
        let overdue = submit(&queue, Lane::Reserved, Duration::ZERO).unwrap();
        queue.drop_overdue();
        assert_eq!((queue.len(), overdue.wait_blocking().unwrap_err().code), (0, Code::Unavailable));
    }

    #[test]
    fn a_queue_that_would_take_too_long_refuses_requests_and_accepts_reserved_writes() {
        let queue = Queue::default();
        queue.took(Duration::from_secs(20));
        let _first = submit(&queue, Lane::Requests, LONG).unwrap();
        let _second = submit(&queue, Lane::Requests, LONG).unwrap();
        assert_eq!(submit(&queue, Lane::Requests, LONG).unwrap_err().code, Code::Unavailable);
        assert!(submit(&queue, Lane::Reserved, LONG).is_ok());
    }

    #[test]
    fn nobody_can_say_whether_a_write_was_committed_if_its_writer_ended() {
        let queue = Queue::default();
        let ticket = submit(&queue, Lane::Requests, LONG).unwrap();
        drop(queue.next(false).unwrap());
        assert_eq!(outcome(ticket).unwrap_err().code, Code::OutcomeUnknown);
    }
}
