//! The codes of faults: what each `errors[].code` means and what to do about it, from `data/fault-codes.json`.
//!
//! The list is published in the contract and each code has its fault. It grows with the rules: a client that meets a code that
//! it does not know shows the message of the fault. An object of a bulk call that is refused as a whole has the code of its
//! problem, so those are codes of faults too.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Code;

/// The code of a fault.
#[derive(Debug, Deserialize)]
pub struct FaultCode {
    /// The stable code.
    pub code: &'static str,
    /// The HTTP status that it comes with, or the most frequent one.
    pub(super) status: u16,
    pub(super) title_fr: &'static str,
    pub(super) title_en: &'static str,
    pub(super) meaning_fr: &'static str,
    pub(super) meaning_en: &'static str,
}

impl FaultCode {
    /// Every code of a fault, sorted.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<FaultCode>> = LazyLock::new(|| {
            let read = serde_json::from_str(include_str!("../../../../data/fault-codes.json"));
            read.inspect_err(|error| log::error!("the embedded fault codes are damaged: {error}")).unwrap_or_default()
        });
        &ALL
    }

    /// The code of a fault by its name.
    pub fn find(code: &str) -> Option<&'static Self> {
        let all = Self::all();
        all.binary_search_by(|known| known.code.cmp(code)).ok().and_then(|at| all.get(at))
    }

    /// Every code that a fault may have, those of problems included, sorted.
    pub fn names() -> Vec<&'static str> {
        let problems = Code::ALL.iter().map(|code| code.as_str());
        let mut names: Vec<_> = problems.chain(Self::all().iter().map(|fault| fault.code)).collect();
        names.sort_unstable();
        names
    }

    /// Whether a fault may have this code.
    pub fn is_known(code: &str) -> bool {
        Self::find(code).is_some() || Code::ALL.iter().any(|known| known.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use crate::error::{Code, FaultCode};

    #[test]
    fn each_code_is_listed_once_and_has_complete_texts() {
        let all = FaultCode::all();
        assert!(all.len() > 200 && all.is_sorted_by(|one, next| one.code < next.code), "sorted and unique");
        for fault in all {
            assert!(Code::ALL.iter().all(|code| code.as_str() != fault.code), "{} has two pages", fault.code);
            assert!([400, 422].contains(&fault.status), "{}", fault.code);
            let titles = [fault.title_fr, fault.title_en];
            assert!(titles.iter().all(|title| !title.is_empty() && !title.ends_with('.')), "{}", fault.code);
            for meaning in [fault.meaning_fr, fault.meaning_en] {
                assert!(meaning.ends_with('.') || meaning.ends_with('`'), "{}: {meaning}", fault.code);
                assert_eq!(meaning.matches('`').count() % 2, 0, "{}: {meaning}", fault.code);
            }
            assert_ne!(fault.meaning_fr, fault.meaning_en, "{}", fault.code);
        }
        assert!(FaultCode::is_known("required") && FaultCode::is_known("not_found") && !FaultCode::is_known("colour"));
    }
}
