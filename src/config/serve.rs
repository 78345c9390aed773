//! How the server runs: its address, its threads, its log.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

use super::{EdgeSettings, PolicySettings, Storage};

/// Options of `serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// The database and its key.
    #[command(flatten)]
    pub storage: Storage,
    /// Address to listen on.
    #[arg(long, env = "PASSERELLE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Public base URL of this API; by default `http://` and the listen address.
    #[arg(long, env = "PASSERELLE_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Number of threads that serve requests; by default one per core.
    #[arg(long, env = "PASSERELLE_WORKERS", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// Format of the log lines.
    #[arg(long, env = "PASSERELLE_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// Log level: `error`, `warn`, `info`, `debug`, or a list of `target=level`.
    #[arg(long, env = "PASSERELLE_LOG", default_value = "info")]
    pub log: String,
    /// Seconds from a signal to stop until the server accepts no more connections. Meanwhile it is not ready, and still
    /// serves new requests.
    #[arg(long, env = "PASSERELLE_GRACE_SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=300))]
    pub grace_seconds: u64,
    /// Seconds that running requests have to finish when the server stops.
    #[arg(long, env = "PASSERELLE_DRAIN_SECONDS", default_value_t = 20)]
    pub drain_seconds: u64,
    /// Whether this deployment has the sandbox: a service with invented figures, to develop against releases.
    #[arg(long, env = "PASSERELLE_SANDBOX", default_value_t = true, action = clap::ArgAction::Set)]
    pub sandbox: bool,
    /// What is required of accounts with power.
    #[command(flatten)]
    pub accounts: PolicySettings,
    /// Limits at the network edge.
    #[command(flatten)]
    pub edge: EdgeSettings,
}

/// Format of the log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Plain text.
    Text,
    /// One JSON object per line, for log collectors.
    Json,
}

/// Options of `health`.
#[derive(Clone, Debug, Args)]
pub struct Health {
    /// Address on which the server listens.
    #[arg(long, env = "PASSERELLE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
}

fn public_url(text: &str) -> Result<String, String> {
    let valid = (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(['?', '#', ' ']);
    if valid { Ok(text.trim_end_matches('/').to_owned()) } else { Err("expected https://host[/path]".into()) }
}

#[cfg(test)]
mod tests {
    use crate::config::serve::*;

    #[test]
    fn a_public_url_has_no_query_and_no_final_slash() {
        assert_eq!(public_url("https://api.example/"), Ok("https://api.example".into()));
        assert!(public_url("api.example").is_err());
        assert!(public_url("https://api.example/?x").is_err());
    }
}
