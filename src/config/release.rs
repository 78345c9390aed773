//! The commands on releases of statistics.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Storage;

/// The commands on releases of statistics.
#[derive(Debug, Subcommand)]
pub enum ReleaseTask {
    /// Verify release files without a database: signature, sums, proofs and, for several files, their chain; exit code
    /// 1 if an error is found.
    Verify {
        /// Release documents, or DSSE envelopes of them.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// File of public keys, as returned by `GET /v1/statistics/keys`; signatures are not checked without it.
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// Make a release now and print how many cells it shows and hides; exit code 1 if nothing can be published.
    Build(ReleaseToBuild),
    /// Check every release in the database: bytes, signature, chain, sums, proofs, and that releases combined disclose
    /// nothing; exit code 1 if an error is found.
    Audit {
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
        /// Only this service: its identifier or its name.
        #[arg(long, value_name = "ID_OR_NAME")]
        service: Option<String>,
        /// Only this calendar year.
        #[arg(long)]
        year: Option<i32>,
    },
    /// Create a new signing key. It signs from the next release on; earlier signatures can still be verified.
    RotateKey {
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
    },
}

/// A release to make.
#[derive(Debug, Args)]
pub struct ReleaseToBuild {
    /// The database and its key.
    #[command(flatten)]
    pub storage: Storage,
    /// The service: its identifier or its name.
    #[arg(long, value_name = "ID_OR_NAME")]
    pub service: String,
    /// The calendar year.
    #[arg(long, value_parser = clap::value_parser!(i32).range(2000..=2100))]
    pub year: i32,
    /// The last quarter to include.
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=4))]
    pub quarter: i32,
    /// Why this release replaces the last one of the year.
    #[arg(long)]
    pub reason: Option<String>,
    /// Read the records again from the cases; allowed once per year, before its last release.
    #[arg(long, requires = "reason")]
    pub corrected: bool,
    /// Try this specification instead of that of the service; the result cannot be published.
    #[arg(long = "try", value_name = "SPEC", conflicts_with = "publish")]
    pub try_spec: Option<String>,
    /// Publish the release immediately. This cannot be undone.
    #[arg(long)]
    pub publish: bool,
    /// Print the build as JSON, as the API returns it.
    #[arg(long)]
    pub json: bool,
}
