//! What a case is; no I/O.

use crate::db::text_enum;

text_enum! {
    /// Whom a referral or a case is about.
    pub enum Subject {
        /// A child and its household.
        Child = "child",
        /// A structure and no child: advice, awareness, training, equipment.
        Structure = "structure",
    }
}

text_enum! {
    /// Where a case stands.
    pub enum CaseStatus {
        /// The pôle accompanies the child or the structure.
        Open = "open",
        /// Ended, with an outcome.
        Closed = "closed",
    }
}
