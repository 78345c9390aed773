//! How a service publishes until it says otherwise. No I/O.

/// The least threshold of releases for everybody: no cell under 11 units, as the CASD has it; the order of 8 January 1993 asks
/// for more than 10 people helped by a social establishment.
pub const LEAST_OPEN: i32 = 11;

/// The least threshold of releases for partners, under an agreement.
pub const LEAST_PARTNER: i32 = 5;

/// Why the thresholds are what they are, of a service that never said.
pub const USUAL_REASON: &str =
    "Seuils usuels : 11 pour tous (CASD, arrêté du 8 janvier 1993), 5 pour les partenaires sous convention.";

/// What a service said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The code of the specification; by the service's size when none is chosen.
    pub spec_code: Option<String>,
    /// The threshold of releases for everybody.
    pub open_threshold: i32,
    /// The threshold of releases for partners.
    pub partner_threshold: i32,
    /// Why.
    pub reason: String,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            spec_code: None,
            open_threshold: LEAST_OPEN,
            partner_threshold: LEAST_PARTNER,
            reason: USUAL_REASON.to_owned(),
        }
    }
}
