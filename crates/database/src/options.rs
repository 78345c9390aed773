//! Sizes and timeouts of the database layer.

use std::time::Duration;

/// Sizes and timeouts of the database layer.
#[derive(Clone, Debug)]
pub struct DbOptions {
    /// The maximum number of connections for requests, which is also the number of permits.
    pub connections: u32,
    /// How long a request waits for a permit, or a write in the queue of the embedded writer, before it fails with 503.
    pub permit_timeout: Duration,
    /// How long a request that has a permit waits for a connection.
    pub connect_timeout: Duration,
    /// How long a request waits for the database to do its work. Longer than a wait for a lock of the database.
    pub work_timeout: Duration,
    /// Statements slower than this are logged, without their values.
    pub slow_after: Duration,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            permit_timeout: Duration::from_secs(2),
            connect_timeout: Duration::from_secs(1),
            work_timeout: Duration::from_secs(12),
            slow_after: Duration::from_millis(200),
        }
    }
}
