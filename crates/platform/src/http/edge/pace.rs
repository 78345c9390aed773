//! Limits on a connection that is too slow: a client that does not read its response, or that sends the head of its next
//! request bit by bit.
//!
//! The framework limits the head of the first request of a connection only, and the reading of a response not at all.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

/// A client that reads its response must take this many bytes within the time limit: at 30 s, some 500 bytes per second.
const MIN_BYTES: usize = 16 << 10;

/// A timer that wakes the task of the connection.
type Timer = Pin<Box<Sleep>>;

/// How fast the client takes the response. There is a timer only while bytes wait for the client.
#[derive(Debug)]
pub(super) struct ReadPace {
    limit: Duration,
    waiting: Option<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    timer: Timer,
    taken: usize,
}

impl ReadPace {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, waiting: None }
    }

    /// The client took these bytes.
    pub(super) fn took(&mut self, bytes: usize) {
        if let Some(waiting) = &mut self.waiting {
            waiting.taken += bytes;
            if waiting.taken >= MIN_BYTES {
                self.waiting = None;
            }
        }
    }

    /// Nothing waits for the client any more.
    pub(super) fn took_all(&mut self) {
        self.waiting = None;
    }

    /// Bytes wait for the client. True once it has taken too few of them in the time limit; before that, the task is
    /// woken at the limit.
    pub(super) fn is_too_slow(&mut self, cx: &mut Context<'_>) -> bool {
        let limit = self.limit;
        let waiting = self.waiting.get_or_insert_with(|| Waiting { timer: Box::pin(sleep(limit)), taken: 0 });
        waiting.timer.as_mut().poll(cx).is_ready()
    }
}

/// How fast the client sends the head of its next request.
#[derive(Debug)]
pub(super) struct HeadPace {
    limit: Duration,
    state: HeadState,
}

#[derive(Debug)]
enum HeadState {
    /// A request is being received or processed. Also the first head, which the framework limits.
    Busy,
    /// A response was sent, and nothing was received since: keep-alive applies.
    Idle,
    /// Some of a head has arrived.
    Started { timer: Timer, line_is_empty: bool },
}

impl HeadPace {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, state: HeadState::Busy }
    }

    /// Some of a response was sent. An interim response is not the end of a request: its body follows.
    pub(super) fn sent(&mut self, bytes: &[u8]) {
        if !bytes.ends_with(b"100 Continue\r\n\r\n") {
            self.state = HeadState::Idle;
        }
    }

    /// Bytes arrived from the client.
    pub(super) fn received(&mut self, bytes: &[u8]) {
        let was_empty = match &self.state {
            HeadState::Busy => return,
            HeadState::Idle => false,
            HeadState::Started { line_is_empty, .. } => *line_is_empty,
        };
        match (line_is_empty_after(bytes, was_empty), &mut self.state) {
            (None, _) => self.state = HeadState::Busy,
            (Some(now), HeadState::Started { line_is_empty, .. }) => *line_is_empty = now,
            (Some(line_is_empty), _) => {
                self.state = HeadState::Started { timer: Box::pin(sleep(self.limit)), line_is_empty };
            }
        }
    }

    /// Whether a head that has begun is overdue. Before that, the task is woken at the limit.
    pub(super) fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        match &mut self.state {
            HeadState::Started { timer, .. } => timer.as_mut().poll(cx) == Poll::Ready(()),
            HeadState::Busy | HeadState::Idle => false,
        }
    }
}

/// Whether the line that the bytes end in is empty so far; `None` if they contain an empty line, which ends a head.
fn line_is_empty_after(bytes: &[u8], was_empty: bool) -> Option<bool> {
    let mut is_empty = was_empty;
    for byte in bytes {
        match byte {
            b'\n' if is_empty => return None,
            b'\n' => is_empty = true,
            b'\r' => {}
            _ => is_empty = false,
        }
    }
    Some(is_empty)
}

#[cfg(test)]
mod tests {
    use crate::http::edge::pace::*;

    #[test]
    fn an_empty_line_ends_a_head_wherever_it_is_cut() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        for at in 0..head.len() {
            let first = line_is_empty_after(&head[..at], false).unwrap();
            assert_eq!(line_is_empty_after(&head[at..], first), None, "{at}");
        }
        assert_eq!(line_is_empty_after(b"GET / HTTP/1.1\n\n", false), None);
        assert_eq!(line_is_empty_after(b"GET / HTTP/1.1\r\nHost: a\r\n", false), Some(true));
    }

    #[actix_web::test]
    async fn the_head_of_a_later_request_has_a_time_limit() {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let mut pace = HeadPace::new(Duration::ZERO);
        pace.received(b"GET");
        assert!(!pace.is_late(&mut cx), "the framework limits the first head");
        pace.sent(b"HTTP/1.1 100 Continue\r\n\r\n");
        pace.received(b"a body");
        assert!(!pace.is_late(&mut cx), "a body follows an interim response");
        pace.sent(b"HTTP/1.1 200 OK\r\n\r\n");
        assert!(!pace.is_late(&mut cx), "an idle connection has the time of keep-alive");
        pace.received(b"GET / HTTP/1.1\r\n\r\n{}");
        assert!(!pace.is_late(&mut cx));
        pace.sent(b"{}");
        pace.received(b"GET / HTTP/1.1\r\n");
        sleep(Duration::from_millis(5)).await;
        assert!(pace.is_late(&mut cx));
        pace.received(b"\r\n");
        assert!(!pace.is_late(&mut cx));
    }

    #[actix_web::test]
    async fn a_client_must_take_a_number_of_bytes_in_time() {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let mut pace = ReadPace::new(Duration::from_millis(5));
        let late = || sleep(Duration::from_millis(10));
        assert!(!pace.is_too_slow(&mut cx));
        pace.took(MIN_BYTES - 1);
        late().await;
        assert!(pace.is_too_slow(&mut cx));
        for enough in [MIN_BYTES, 1] {
            let mut pace = ReadPace::new(Duration::from_millis(5));
            assert!(!pace.is_too_slow(&mut cx));
            pace.took(enough);
            if enough == 1 {
                pace.took_all();
            }
            late().await;
            assert!(!pace.is_too_slow(&mut cx));
        }
    }
}
