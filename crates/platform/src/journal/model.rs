//! What an event says: the outcome of a request, and the chain that the event belongs to.

use passerelle_base::text_enum;
use passerelle_base::values::Id;

/// The chain of events that concern no service.
pub const DEPLOYMENT: &str = "deployment";

text_enum! {
    /// The outcome of a request.
    pub enum Outcome {
        /// It was done.
        Done = "done",
        /// It was refused: `code` gives the reason.
        Refused = "refused",
    }
}

/// The chain of a service, or of the deployment.
pub fn chain_of(service: Option<Id>) -> String {
    service.map_or_else(|| DEPLOYMENT.to_owned(), |service| service.to_string())
}
