//! Limits at the network edge: trusted proxies, rate limits, timeouts, CORS origins.

use std::time::Duration;

use clap::Args;

use crate::http::edge::{CallerHeader, EdgeOptions, Origins, RateLimit};
use crate::networks::Networks;

/// Settings of the edge.
#[derive(Clone, Debug, Args)]
pub struct EdgeSettings {
    /// Proxies whose `PASSERELLE_CALLER_HEADER` is trusted: addresses or networks, separated by commas.
    #[arg(long, env = "PASSERELLE_TRUSTED_PROXIES", default_value = "")]
    pub trusted_proxies: Networks,
    /// The header in which the trusted proxies report the address of the caller. Every other such header is ignored.
    #[arg(long, env = "PASSERELLE_CALLER_HEADER", default_value = "X-Forwarded-For")]
    pub caller_header: CallerHeader,
    /// Requests per minute from one IPv4 address or one IPv6 /64, or `REQUESTS:BURST`; `off` for no limit.
    #[arg(long, env = "PASSERELLE_RATE_ADDRESS", default_value = "3000")]
    pub rate_address: RateLimit,
    /// The same for `/health/…` and `/metrics`, which have a limit of their own.
    #[arg(long, env = "PASSERELLE_RATE_HEALTH", default_value = "600")]
    pub rate_health: RateLimit,
    /// Requests per minute from one user or client, or `REQUESTS:BURST`; `off` for no limit.
    #[arg(long, env = "PASSERELLE_RATE_PRINCIPAL", default_value = "1200")]
    pub rate_principal: RateLimit,
    /// Web origins allowed to call the API (`https://app.example`), separated by commas; none by default.
    #[arg(long, env = "PASSERELLE_CORS_ORIGINS", default_value = "")]
    pub cors_origins: Origins,
    /// Addresses or networks allowed to read `/metrics`, separated by commas.
    #[arg(long, env = "PASSERELLE_METRICS_FROM", default_value = "127.0.0.0/8,::1")]
    pub metrics_from: Networks,
    /// Timeout for the head of a request, in seconds.
    #[arg(long, env = "PASSERELLE_HEAD_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub head_seconds: u64,
    /// Timeout for the whole body of a request, in seconds.
    #[arg(long, env = "PASSERELLE_BODY_SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub body_seconds: u64,
    /// Time in which a client must take 16 KiB of a response that waits for it, in seconds; otherwise its connection is cut.
    #[arg(long, env = "PASSERELLE_STALL_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub stall_seconds: u64,
    /// Maximum number of open connections; more must wait to be accepted.
    #[arg(long, env = "PASSERELLE_CONNECTIONS", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub connections: u32,
    /// Maximum number of exports (spreadsheets, printable documents) written at once; 0 turns them off.
    #[arg(long, env = "PASSERELLE_EXPORTS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(0..=64))]
    pub exports: u16,
}

impl EdgeSettings {
    /// The settings in the form that the server uses.
    pub fn options(&self) -> EdgeOptions {
        EdgeOptions {
            trusted_proxies: self.trusted_proxies.clone(),
            caller_header: self.caller_header.clone(),
            rate_address: self.rate_address,
            rate_health: self.rate_health,
            rate_principal: self.rate_principal,
            cors_origins: self.cors_origins.clone(),
            metrics_from: self.metrics_from.clone(),
            head_timeout: Duration::from_secs(self.head_seconds),
            body_timeout: Duration::from_secs(self.body_seconds),
            stall_timeout: Duration::from_secs(self.stall_seconds),
            connections: self.connections as usize,
            exports: usize::from(self.exports),
        }
    }
}
