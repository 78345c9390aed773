//! How the server runs: its address, its threads, its log.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

use super::{EdgeSettings, Heads, Storage};

/// Options of `serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Where the data is.
    #[command(flatten)]
    pub storage: Storage,
    /// Address to listen on.
    #[arg(long, env = "PASSERELLE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address under which clients know this API; `http://` and the listen address when absent.
    #[arg(long, env = "PASSERELLE_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Threads that serve requests; one a core when absent.
    #[arg(long, env = "PASSERELLE_WORKERS", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// Form of the log lines.
    #[arg(long, env = "PASSERELLE_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// What is logged: `error`, `warn`, `info`, `debug`, or a `target=level` list.
    #[arg(long, env = "PASSERELLE_LOG", default_value = "info")]
    pub log: String,
    /// Seconds given to running requests when the process is told to stop.
    #[arg(long, env = "PASSERELLE_DRAIN_SECONDS", default_value_t = 20)]
    pub drain_seconds: u64,
    /// Whether this deployment has the sandbox: a service of invented figures, for whoever builds against releases.
    #[arg(long, env = "PASSERELLE_SANDBOX", default_value_t = true, action = clap::ArgAction::Set)]
    pub sandbox: bool,
    /// Where the heads of the audit journal go.
    #[command(flatten)]
    pub heads: Heads,
    /// What is taken from the network.
    #[command(flatten)]
    pub edge: EdgeSettings,
}

/// Form of the log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// Options of `health`.
#[derive(Clone, Debug, Args)]
pub struct Health {
    /// Address that the server listens on.
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
