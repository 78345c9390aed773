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

/// The word, in the list of changes, of an event that stands for several requests. It is there, and not in a column, so
/// that the link of an event covers it, in databases of earlier versions too.
const REPEATED: &str = "repeated:";

/// The list of changes of an event that stands for several requests.
pub(super) fn repeated(requests: u64) -> String {
    format!(" {REPEATED}{requests}")
}

/// The number of requests that an event stands for, by its list of changes.
pub fn occurrences(changed: &str) -> u64 {
    let number = changed.split_whitespace().find_map(|word| word.strip_prefix(REPEATED)?.parse().ok());
    number.unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use crate::journal::model::*;

    #[test]
    fn an_event_stands_for_one_request_unless_it_says_how_many() {
        assert_eq!((occurrences(""), occurrences(" case_step:a:created"), occurrences(&repeated(2999))), (1, 1, 2999));
    }
}
