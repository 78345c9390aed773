//! What can be done with releases of statistics.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Storage;

/// What can be done with releases of statistics.
#[derive(Debug, Subcommand)]
pub enum ReleaseTask {
    /// Check releases without a database: signature, sums, proofs, and their chain when there are several; exit code 1
    /// when something is wrong.
    Verify {
        /// Documents of releases, or envelopes (DSSE) of them.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The public keys, as `GET /v1/statistics/keys` gives them. Without them no signature is checked.
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// Make a release here and now, and say what it shows and hides; exit code 1 when nothing can be published.
    Build(ReleaseToBuild),
    /// Check every release in the database: bytes, signature, chain, sums, proofs, and what they say together; exit code 1
    /// when something is wrong.
    Audit {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// Of this service alone: its identifier or its name.
        #[arg(long, value_name = "ID_OR_NAME")]
        service: Option<String>,
        /// Of this calendar year alone.
        #[arg(long)]
        year: Option<i32>,
    },
    /// Make a new key: it signs from the next release on, and what the former ones signed stays verifiable.
    RotateKey {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
    },
}

/// A release to make.
#[derive(Debug, Args)]
pub struct ReleaseToBuild {
    /// Where the data is.
    #[command(flatten)]
    pub storage: Storage,
    /// The service: its identifier or its name.
    #[arg(long, value_name = "ID_OR_NAME")]
    pub service: String,
    /// The calendar year.
    #[arg(long, value_parser = clap::value_parser!(i32).range(2000..=2100))]
    pub year: i32,
    /// The last quarter that is in.
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=4))]
    pub quarter: i32,
    /// Why it replaces the last release of the year.
    #[arg(long)]
    pub reason: Option<String>,
    /// Take the records anew from the cases: once a year, and before its last release.
    #[arg(long, requires = "reason")]
    pub corrected: bool,
    /// Try this specification instead of the service's: what it would show and hide. It cannot be published.
    #[arg(long = "try", value_name = "SPEC", conflicts_with = "publish")]
    pub try_spec: Option<String>,
    /// Publish it at once. It cannot be taken back.
    #[arg(long)]
    pub publish: bool,
    /// Print the build as the API would answer it.
    #[arg(long)]
    pub json: bool,
}
