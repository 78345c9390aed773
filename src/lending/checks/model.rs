//! What a count changes about the known defects. Pure.

use crate::db::text_enum;

text_enum! {
    /// The occasion of a check.
    pub enum Moment {
        /// The hand-out of the copy.
        HandOut = "hand_out",
        /// The return of the copy.
        Return = "return",
        /// An inspection between two loans.
        Inspection = "inspection",
        /// The copy was put back in service.
        PutBack = "put_back",
    }
}

/// The count of one item of a copy, and the defects that were known before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many there should be.
    pub quantity: i32,
    /// How many are present, including damaged ones.
    pub present: i32,
    /// How many of these are damaged.
    pub damaged: i32,
    /// How many were known to be missing, including those that will not be replaced.
    pub known_missing: i32,
    /// How many were known to be damaged, including those that will not be replaced.
    pub known_damaged: i32,
}

impl Count {
    /// Missing parts that were not known; negative if known missing parts are back.
    pub fn new_missing(self) -> i32 {
        (self.quantity - self.present).max(0) - self.known_missing
    }

    /// Damaged parts that were not known; negative if known damaged parts are no longer damaged.
    pub fn new_damaged(self) -> i32 {
        self.damaged - self.known_damaged
    }
}

#[cfg(test)]
mod tests {
    use crate::lending::checks::model::*;
    use proptest::prelude::*;

    #[test]
    fn known_defects_are_not_counted_again() {
        let count = Count { quantity: 5, present: 3, damaged: 1, known_missing: 2, known_damaged: 0 };
        assert_eq!((count.new_missing(), count.new_damaged()), (0, 1));
        let back = Count { quantity: 5, present: 5, damaged: 0, known_missing: 2, known_damaged: 1 };
        assert_eq!((back.new_missing(), back.new_damaged()), (-2, -1));
    }

    proptest! {
        #[test]
        fn a_second_identical_count_finds_nothing_new(quantity in 0i32..50, present in 0i32..50, damaged in 0i32..50) {
            let present = present.min(quantity);
            let first = Count { quantity, present, damaged: damaged.min(present), ..Count::default() };
            let known = Count { known_missing: first.new_missing(), known_damaged: first.new_damaged(), ..first };
            prop_assert_eq!((known.new_missing(), known.new_damaged()), (0, 0));
        }
    }
}
