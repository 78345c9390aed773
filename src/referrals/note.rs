//! The note of an event, sealed: the free texts of its author.

use serde::{Deserialize, Serialize};

use super::dto::RuleOverride;
use crate::privacy::Secret;

/// The document of `referral_events.note`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Note {
    /// The author's comment.
    pub(super) comment: Option<Secret<String>>,
    /// The overridden rules, each with its reason.
    pub(super) overrides: Vec<RuleOverride>,
}

impl Note {
    /// Whether there is nothing to seal.
    pub(super) fn is_empty(&self) -> bool {
        self.comment.is_none() && self.overrides.is_empty()
    }
}
