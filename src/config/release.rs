//! What can be done with releases of statistics.

use std::path::PathBuf;

use clap::Subcommand;

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
    /// Make a new key: it signs from the next release on, and what the former ones signed stays verifiable.
    RotateKey {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
    },
}
