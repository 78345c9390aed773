//! What the demonstration plays.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// Options of `demo`.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// Children of the main pôle.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub children: u32,
    /// Years of history, the last one ending today.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub years: u32,
    /// Seed of the synthetic story: the same seed tells the same story.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Publish no statistics: the demonstration starts sooner.
    #[arg(long)]
    pub without_releases: bool,
    /// Print what a script needs as one JSON object instead of the page for people.
    #[arg(long)]
    pub json: bool,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder of the database; a temporary one, removed at the end, when absent.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
}
