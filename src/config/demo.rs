//! The options of the demonstration.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::http::edge::Origins;

/// Options of `demo`.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// Number of children of the main pôle.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub children: u32,
    /// Years of history, the last one ending today.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub years: u32,
    /// Seed of the invented history: the same seed gives the same history.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Do not publish statistics, to start faster.
    #[arg(long)]
    pub without_releases: bool,
    /// Print addresses and credentials as one JSON object, for scripts.
    #[arg(long)]
    pub json: bool,
    /// Address to listen on; port 0 takes a free port.
    #[arg(long, env = "PASSERELLE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Web origins allowed to call the API (`http://localhost:5173`), separated by commas; none by default.
    #[arg(long, env = "PASSERELLE_CORS_ORIGINS", default_value = "")]
    pub cors_origins: Origins,
    /// Directory of the database; by default a temporary one, removed at the end.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
}
