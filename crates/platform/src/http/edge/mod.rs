//! The edge: what stands between the network and the operations, in one place and one pass.
//!
//! - [`head`]: limits on the head of a request.
//! - [`rate`]: requests a minute, of an address and of a principal.
//! - [`cors`]: which web origins may call.
//! - [`headers`]: what every answer says of its storage and its safety.
//! - [`compression`]: which answers are packed.
//! - [`metrics`]: what is counted.
//! - [`wire`]: the answers that the framework gives by itself.
//!
//! `http::middleware` runs them in their order.

pub(super) mod compression;
pub(super) mod cors;
pub(super) mod head;
pub(super) mod headers;
pub mod metrics;
pub mod rate;
pub mod wire;

use std::time::Duration;

pub use cors::Origins;
use metrics::Metrics;
use passerelle_base::networks::Networks;
pub use rate::RateLimit;
use rate::Rates;

/// How the edge is set.
#[derive(Clone, Debug)]
pub struct EdgeOptions {
    /// Proxies whose word on the caller's address counts.
    pub trusted_proxies: Networks,
    /// Rate of one address.
    pub rate_address: RateLimit,
    /// Rate of one user or client.
    pub rate_principal: RateLimit,
    /// Web origins whose pages may call.
    pub cors_origins: Origins,
    /// Who may read the metrics.
    pub metrics_from: Networks,
    /// In what time the head of a request must have arrived.
    pub head_timeout: Duration,
    /// In what time its whole body must have arrived.
    pub body_timeout: Duration,
    /// Connections open at once.
    pub connections: usize,
}

impl Default for EdgeOptions {
    /// Closed to the outside and without rates, the counters for this machine alone: for programs that call the application in their own process.
    fn default() -> Self {
        Self {
            trusted_proxies: Networks::default(),
            rate_address: RateLimit::OFF,
            rate_principal: RateLimit::OFF,
            cors_origins: Origins::default(),
            metrics_from: Networks::this_machine(),
            head_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(15),
            connections: 4096,
        }
    }
}

/// The state of the edge: counters of this process, shared by its workers.
pub struct Edge {
    /// How it is set.
    pub options: EdgeOptions,
    /// What was counted.
    pub metrics: Metrics,
    /// Address under which clients know the API.
    pub public_url: String,
    pub(super) rates: Rates,
}

impl Edge {
    /// An edge in front of the API of that address.
    pub fn new(options: EdgeOptions, public_url: &str) -> Self {
        let rates = Rates::new(options.rate_address, options.rate_principal);
        Self { options, metrics: Metrics::new(), public_url: public_url.to_owned(), rates }
    }

    /// Whether clients come by HTTPS.
    pub(super) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
