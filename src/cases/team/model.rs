//! What a member of a team does there. Pure.

use crate::db::text_enum;

text_enum! {
    /// Capacity in which a person accompanies a case.
    pub enum Capacity {
        /// The référent de parcours: in charge of the case, one at a time.
        Referent = "referent",
        /// Another member of the team.
        Member = "member",
    }
}
