//! Kinds and states of defects.

use crate::db::text_enum;

text_enum! {
    /// What is wrong with a part.
    pub enum DefectKind {
        /// It is not there.
        Missing = "missing",
        /// It is there and damaged.
        Damaged = "damaged",
    }
}

text_enum! {
    /// Where a defect stands.
    pub enum DefectStatus {
        /// Somebody should buy or repair the part.
        ToBuy = "to_buy",
        /// It was replaced.
        Replaced = "replaced",
        /// A later check no longer saw it.
        Resolved = "resolved",
        /// It will not be replaced.
        WrittenOff = "written_off",
    }
}

text_enum! {
    /// How somebody settles a defect.
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
