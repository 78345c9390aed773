//! What the deployment requires of accounts with power.

use clap::{ArgAction, Args};

use crate::auth::AccountPolicy;

/// Settings of accounts.
#[derive(Clone, Copy, Debug, Args)]
pub struct PolicySettings {
    /// Whether administrators and managers need a second factor. Without one they may only set one up.
    #[arg(long, env = "PASSERELLE_SECOND_FACTOR", default_value_t = true, action = ArgAction::Set)]
    pub second_factor: bool,
    /// Whether a second person confirms the rights on the data of a service that an administrator gives to themselves or to a
    /// client whose secret they know. Turn it off where one person runs everything: the managers are told all the same.
    #[arg(long, env = "PASSERELLE_FOUR_EYES", default_value_t = true, action = ArgAction::Set)]
    pub four_eyes: bool,
}

impl PolicySettings {
    /// The settings in the form that the program uses.
    pub fn policy(self) -> AccountPolicy {
        AccountPolicy { second_factor: self.second_factor, four_eyes: self.four_eyes }
    }
}
