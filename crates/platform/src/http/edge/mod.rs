//! The edge: what stands between the network and the operations.
//!
//! - [`caller_header`]: the header that names the caller behind a proxy.
//! - [`head`]: limits on the head of a request.
//! - [`rate`], [`limiter`]: requests per minute, per address and per principal.
//! - [`cors`]: web origins that may call.
//! - [`headers`]: the headers of every response about caching and security.
//! - [`compression`]: which responses are compressed.
//! - [`metrics`]: counters for Prometheus.
//! - [`exports`]: how many exports are written at once and wait for their readers.
//! - [`wire`], [`pace`], [`framing`]: the framework's own responses, connections that are too slow, heads with bare LFs.
//!
//! `http::middleware` runs them in order.

mod caller_header;
pub(super) mod compression;
pub(super) mod cors;
pub(super) mod exports;
mod framing;
pub(super) mod head;
pub(super) mod headers;
pub(super) mod limiter;
pub mod metrics;
mod pace;
pub mod rate;
pub mod wire;

use std::time::Duration;

pub use caller_header::CallerHeader;
pub use cors::Origins;
use exports::{ExportPermit, Exports};
pub use limiter::RateLimit;
use limiter::RateLimiters;
use metrics::{EXPORTS, Metrics};
use passerelle_base::error::ApiError;
use passerelle_base::networks::Networks;

/// The settings of the edge.
#[derive(Clone, Debug)]
pub struct EdgeOptions {
    /// Proxies whose forwarding headers are trusted.
    pub trusted_proxies: Networks,
    /// The header in which they report the caller.
    pub caller_header: CallerHeader,
    /// Rate limit per subscriber.
    pub rate_address: RateLimit,
    /// Rate limit per subscriber of health checks and metrics.
    pub rate_health: RateLimit,
    /// Rate limit per user or client.
    pub rate_principal: RateLimit,
    /// Web origins whose pages may call.
    pub cors_origins: Origins,
    /// Networks that may read the metrics.
    pub metrics_from: Networks,
    /// Timeout for the head of a request.
    pub head_timeout: Duration,
    /// Timeout for the whole body of a request.
    pub body_timeout: Duration,
    /// Time in which a client must take some of a response that waits for it.
    pub stall_timeout: Duration,
    /// Maximum number of open connections.
    pub connections: usize,
    /// Maximum number of exports that are written at once.
    pub exports: usize,
}

impl Default for EdgeOptions {
    /// For programs that call the application in their own process: no web origin, no rate limit, metrics for this
    /// machine only.
    fn default() -> Self {
        Self {
            trusted_proxies: Networks::default(),
            caller_header: CallerHeader::default(),
            rate_address: RateLimit::OFF,
            rate_health: RateLimit::OFF,
            rate_principal: RateLimit::OFF,
            cors_origins: Origins::default(),
            metrics_from: Networks::this_machine(),
            head_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(15),
            stall_timeout: Duration::from_secs(30),
            connections: 4096,
            exports: 2,
        }
    }
}

/// The state of the edge, shared by the workers of this process.
pub struct Edge {
    /// The settings.
    pub options: EdgeOptions,
    /// The counters.
    pub metrics: Metrics,
    /// The address under which clients know the API.
    pub public_url: String,
    pub(super) limiters: RateLimiters,
    exports: Exports,
}

impl Edge {
    /// The edge of the API at an address.
    pub fn new(options: EdgeOptions, public_url: &str) -> Self {
        let limiters = RateLimiters::new(options.rate_address, options.rate_health, options.rate_principal);
        let exports = Exports::new(options.exports);
        Self { options, metrics: Metrics::new(), public_url: public_url.to_owned(), limiters, exports }
    }

    /// Waits for a permit to write an export: 429 if others take too long, 406 if this instance writes none.
    pub(super) async fn begin_export(&self) -> Result<ExportPermit, ApiError> {
        if self.options.exports == 0 {
            return Err(exports::turned_off());
        }
        let permit = self.exports.begin().await;
        permit.ok_or_else(|| {
            self.metrics.limited(EXPORTS);
            exports::refused()
        })
    }

    /// Whether clients use HTTPS.
    pub(super) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
