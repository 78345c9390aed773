//! Watches the statements of a connection: counts them, and logs the slow ones, their text and never their values.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent};

/// Counts each statement, with those that begin and end transactions, and logs it if it takes longer than the
/// threshold. On PostgreSQL a statement is one round trip, and one more when a connection prepares it.
pub(super) struct SlowQueries {
    threshold: Duration,
    started: Option<Instant>,
    statements: Arc<AtomicU64>,
}

impl SlowQueries {
    pub(super) fn new(threshold: Duration, statements: Arc<AtomicU64>) -> Self {
        Self { threshold, started: None, statements }
    }
}

impl Instrumentation for SlowQueries {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => {
                self.statements.fetch_add(1, Ordering::Relaxed);
                self.started = Some(Instant::now());
            }
            InstrumentationEvent::FinishQuery { query, .. } => {
                let Some(elapsed) = self.started.take().map(|started| started.elapsed()) else { return };
                if elapsed >= self.threshold {
                    log::warn!(target: "passerelle::slow_query", ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX); "{}", without_values(&query.to_string()));
                }
            }
            _ => {}
        }
    }
}

/// Removes diesel's `-- binds: […]` suffix, which contains the values.
fn without_values(query: &str) -> &str {
    query.split("-- binds:").next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_are_removed() {
        let logged = super::without_values("SELECT 1 FROM t WHERE a = $1 -- binds: [\"Zelie\"]");
        assert_eq!(logged, "SELECT 1 FROM t WHERE a = $1");
    }
}
