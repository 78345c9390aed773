//! The settings of a service, and their defaults. No I/O.

use passerelle_disclosure::policy::{LEAST_OPEN_THRESHOLD, LEAST_PARTNER_THRESHOLD};

/// The reason for the default thresholds.
fn default_reason() -> String {
    format!(
        "Seuils usuels : {LEAST_OPEN_THRESHOLD} pour tous (CASD, arrêté du 8 janvier 1993), {LEAST_PARTNER_THRESHOLD} pour les partenaires sous convention."
    )
}

/// The settings that a service chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The code of the specification; `None` to follow the built-in one for the service's size.
    pub spec_code: Option<String>,
    /// The threshold of open releases.
    pub open_threshold: i32,
    /// The threshold of partner releases.
    pub partner_threshold: i32,
    /// The reason.
    pub reason: String,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            spec_code: None,
            open_threshold: LEAST_OPEN_THRESHOLD.into(),
            partner_threshold: LEAST_PARTNER_THRESHOLD.into(),
            reason: default_reason(),
        }
    }
}
