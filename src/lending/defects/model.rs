//! Kinds and states of defects.

use crate::db::text_enum;

text_enum! {
    /// What is wrong with a part.
    pub enum DefectKind {
        /// The part is not in the copy.
        Missing = "missing",
        /// The part is in the copy, and damaged.
        Damaged = "damaged",
    }
}

text_enum! {
    /// State of a defect.
    pub enum DefectStatus {
        /// The part must be bought or repaired.
        ToBuy = "to_buy",
        /// The part was replaced.
        Replaced = "replaced",
        /// A later check no longer found the defect.
        Resolved = "resolved",
        /// The part will not be replaced.
        WrittenOff = "written_off",
    }
}

impl DefectStatus {
    /// The states in which the part is still missing or damaged.
    pub const KNOWN: &'static [Self] = &[Self::ToBuy, Self::WrittenOff];
}

text_enum! {
    /// How a defect can be settled.
    pub enum DefectSettlement {
        /// The part was replaced.
        Replaced = "replaced",
        /// The part will not be replaced.
        WrittenOff = "written_off",
    }
}

impl From<DefectSettlement> for DefectStatus {
    fn from(settlement: DefectSettlement) -> Self {
        match settlement {
            DefectSettlement::Replaced => Self::Replaced,
            DefectSettlement::WrittenOff => Self::WrittenOff,
        }
    }
}
