//! What a deployment requires of the accounts that hold power. Without a setting it requires nothing, as the demonstration.

use super::principal::Principal;

/// What is required of administrators and managers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountPolicy {
    /// Whether they need a second factor. Without one they may only set one up.
    pub second_factor: bool,
    /// Whether a second person must confirm the rights on tenant data that an administrator gives to themselves, or to a
    /// client whose secret they hold.
    pub four_eyes: bool,
}

impl AccountPolicy {
    /// Whether a principal must set up a second factor before anything else.
    pub fn must_enrol(self, principal: &Principal) -> bool {
        self.second_factor && principal.lacks_second_factor
    }
}
