//! The dates of a case that absorbs another. Pure.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The dates of a case that a merge changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseDates {
    /// Day of the opening.
    pub opened_on: NaiveDate,
    /// Day of the next follow-up.
    pub next_follow_up_on: Option<NaiveDate>,
}

/// The dates of a case before a merge and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedDates {
    /// Before.
    pub before: CaseDates,
    /// After.
    pub after: CaseDates,
}

/// The dates of a case that absorbs another: the child was accompanied since the first opening, and what comes first is due
/// first.
pub fn joined(into: CaseDates, from: CaseDates) -> CaseDates {
    CaseDates {
        opened_on: into.opened_on.min(from.opened_on),
        next_follow_up_on: [into.next_follow_up_on, from.next_follow_up_on].into_iter().flatten().min(),
    }
}

/// The opening of a case once its merge is undone: that of before, unless it was corrected since.
pub fn opening(now: NaiveDate, JoinedDates { before, after }: JoinedDates) -> NaiveDate {
    if now == after.opened_on { before.opened_on } else { now }
}

/// The dates of a case once its merge is undone: those of before, except one that was changed since.
pub fn parted(now: CaseDates, dates: JoinedDates) -> CaseDates {
    let JoinedDates { before, after } = dates;
    let opened_on = opening(now.opened_on, dates);
    let next_follow_up_on =
        if now.next_follow_up_on == after.next_follow_up_on { before.next_follow_up_on } else { now.next_follow_up_on };
    CaseDates { opened_on, next_follow_up_on }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::cases::join::model::*;

    fn day(offset: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(offset)
    }

    fn dates() -> impl Strategy<Value = CaseDates> {
        (0_u64..60, proptest::option::of(60_u64..90))
            .prop_map(|(opened, next)| CaseDates { opened_on: day(opened), next_follow_up_on: next.map(day) })
    }

    proptest! {
        #[test]
        fn parting_undoes_joining(into in dates(), from in dates()) {
            let after = joined(into, from);
            prop_assert!(after.opened_on <= into.opened_on && after.opened_on <= from.opened_on);
            prop_assert_eq!(parted(after, JoinedDates { before: into, after }), into);
        }

        #[test]
        fn a_date_that_was_changed_since_stays(into in dates(), from in dates(), planned in 90_u64..120) {
            let after = joined(into, from);
            let now = CaseDates { next_follow_up_on: Some(day(planned)), ..after };
            let parted = parted(now, JoinedDates { before: into, after });
            prop_assert_eq!(parted, CaseDates { next_follow_up_on: now.next_follow_up_on, ..into });
        }
    }
}
