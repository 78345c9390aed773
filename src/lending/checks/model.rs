//! What a count changes. Pure.

use crate::db::text_enum;

text_enum! {
    /// When a copy was checked.
    pub enum Moment {
        /// When it was handed out.
        HandOut = "hand_out",
        /// When it came back.
        Return = "return",
        /// In between.
        Inspection = "inspection",
        /// When it was put back in service.
        PutBack = "put_back",
    }
}

/// One item of a copy, as it was counted and as it was known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many there should be.
    pub quantity: i32,
    /// How many there are, damaged ones included.
    pub present: i32,
    /// How many of those are damaged.
    pub damaged: i32,
    /// How many were known to be missing, whether or not they will be replaced.
    pub known_missing: i32,
    /// How many were known to be damaged, whether or not they will be replaced.
    pub known_damaged: i32,
}

impl Count {
    /// Missing parts that nobody knew of; negative when some came back.
    pub fn new_missing(self) -> i32 {
        (self.quantity - self.present).max(0) - self.known_missing
    }

    /// Damaged parts that nobody knew of; negative when some are not any more.
    pub fn new_damaged(self) -> i32 {
        self.damaged - self.known_damaged
    }
}

#[cfg(test)]
mod tests {
    use crate::lending::checks::model::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_known_is_not_found_again() {
        let count = Count { quantity: 5, present: 3, damaged: 1, known_missing: 2, known_damaged: 0 };
        assert_eq!((count.new_missing(), count.new_damaged()), (0, 1));
        let back = Count { quantity: 5, present: 5, damaged: 0, known_missing: 2, known_damaged: 1 };
        assert_eq!((back.new_missing(), back.new_damaged()), (-2, -1));
    }

    proptest! {
        #[test]
        fn counting_twice_finds_nothing_new(quantity in 0i32..50, present in 0i32..50, damaged in 0i32..50) {
            let present = present.min(quantity);
            let first = Count { quantity, present, damaged: damaged.min(present), ..Count::default() };
            let known = Count { known_missing: first.new_missing(), known_damaged: first.new_damaged(), ..first };
            prop_assert_eq!((known.new_missing(), known.new_damaged()), (0, 0));
        }
    }
}
