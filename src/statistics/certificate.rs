//! The proof that a release is safe, made from its published cells alone. No I/O.

use serde::{Deserialize, Serialize};

/// The proof of one population.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What is counted.
    pub population: String,
}
