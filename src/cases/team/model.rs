//! What a member of a team does there, and the days of the référents of a case. Pure.

use chrono::NaiveDate;

use crate::dates;
use crate::db::text_enum;
use crate::error::{Fault, Text};

text_enum! {
    /// Capacity in which a person accompanies a case.
    pub enum Capacity {
        /// The référent de parcours: in charge of the case, one at a time.
        Referent = "referent",
        /// Another member of the team.
        Member = "member",
    }
}

/// The days of a part in a team. A change of hands is one day: the last one of the former référent, the first of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; none while it lasts.
    pub ends_on: Option<NaiveDate>,
}

/// The days of the référents of a case, in their order, once those of one are corrected. Who handed the case over to them, or
/// took it over from them, follows: the change of hands stays one day. The faults if two would be in charge at once.
pub fn redated(all: &[Days], at: usize, new: Days) -> Result<Vec<Days>, Vec<Fault>> {
    let Some(old) = all.get(at).copied() else { return Ok(all.to_vec()) };
    let mut days = all.to_vec();
    let mut faults = Vec::new();
    if let Some(former) = at.checked_sub(1).and_then(|before| days.get_mut(before)) {
        let handed_over = former.ends_on == Some(old.starts_on);
        let first = if handed_over { former.starts_on } else { former.ends_on.unwrap_or(former.starts_on) };
        faults.extend(dates::not_before("/starts_on", new.starts_on, first, "before_last_event"));
        if handed_over {
            former.ends_on = Some(new.starts_on);
        }
    }
    if let Some(next) = days.get_mut(at + 1) {
        let handed_over = old.ends_on == Some(next.starts_on);
        match new.ends_on {
            Some(end) => {
                let last = if handed_over { next.ends_on } else { Some(next.starts_on) };
                faults.extend(last.and_then(|last| dates::not_after("/ends_on", end, last, "after_next_referent")));
                if handed_over {
                    next.starts_on = end;
                }
            }
            None => faults.push(Fault::new(
                "/ends_on",
                "next_referent",
                Text::new(
                    "Un autre référent a suivi : supprimer d'abord son passage de relais.",
                    "Another référent came after: undo that change of hands first.",
                ),
            )),
        }
    }
    if let Some(one) = days.get_mut(at) {
        *one = new;
    }
    if faults.is_empty() { Ok(days) } else { Err(faults) }
}

impl Days {
    /// Whether one person would have both parts at once. One may begin on the last day of the other, as a change of hands does.
    pub fn overlaps(self, other: Self) -> bool {
        let end = |days: Self| days.ends_on.unwrap_or(NaiveDate::MAX);
        self == other || (self.starts_on < end(other) && other.starts_on < end(self))
    }
}

/// What is left of the days of the référents of a case once one of them is removed, each at its place; none for one that goes.
/// Who had handed the case over keeps it until the removed one's last day, or for good. If they are also who took it over
/// again (`is_same_person`), the case never left them: their two parts are one.
pub fn without(all: &[Days], at: usize, is_same_person: bool) -> Vec<Option<Days>> {
    let mut days: Vec<Option<Days>> = all.iter().copied().map(Some).collect();
    let Some(removed) = all.get(at) else { return days };
    if let Some(one) = days.get_mut(at) {
        *one = None;
    }
    let Some(before) = at.checked_sub(1) else { return days };
    let Some(former) = all.get(before).filter(|former| former.ends_on == Some(removed.starts_on)) else { return days };
    let again = all.get(at + 1).filter(|next| is_same_person && removed.ends_on == Some(next.starts_on));
    if let Some(one) = days.get_mut(before) {
        *one = Some(Days { ends_on: again.map_or(removed.ends_on, |next| next.ends_on), ..*former });
    }
    if let Some(one) = days.get_mut(at + 1).filter(|_| again.is_some()) {
        *one = None;
    }
    days
}

#[cfg(test)]
mod tests {
    use crate::cases::team::model::*;
    use proptest::prelude::*;

    fn on(at: i64) -> NaiveDate {
        "2026-03-02".parse::<NaiveDate>().unwrap() + chrono::Duration::days(at)
    }

    /// Référents who take over after some days each; the last one is in charge.
    fn chain(lengths: &[i64]) -> Vec<Days> {
        let mut first = 0;
        let mut days = Vec::new();
        for length in lengths {
            days.push(Days { starts_on: on(first), ends_on: Some(on(first + length)) });
            first += length;
        }
        days.push(Days { starts_on: on(first), ends_on: None });
        days
    }

    fn assert_in_order(days: &[Days]) {
        for pair in days.windows(2) {
            let end = pair[0].ends_on.expect("only the last one is in charge");
            assert!(pair[0].starts_on <= end && end <= pair[1].starts_on, "{days:?}");
        }
    }

    proptest! {
        #[test]
        fn two_are_never_in_charge_and_a_correction_can_be_corrected_back(
            lengths in proptest::collection::vec(0i64..20, 1..5), at in 0usize..5, start in -5i64..60, end in 0i64..60
        ) {
            let all = chain(&lengths);
            let at = at % all.len();
            let old = all[at];
            let new = Days { starts_on: on(start), ends_on: old.ends_on.map(|_| on(start.max(end))) };
            if let Ok(days) = redated(&all, at, new) {
                assert_in_order(&days);
                prop_assert_eq!(days[at], new);
                prop_assert_eq!(redated(&days, at, old), Ok(all));
            }
        }

        #[test]
        fn an_undone_change_of_hands_leaves_what_was_before(lengths in proptest::collection::vec(0i64..20, 1..5)) {
            let all = chain(&lengths);
            let before = chain(&lengths[..lengths.len() - 1]);
            let left = |at: usize, same: bool| without(&all, at, same).into_iter().flatten().collect::<Vec<Days>>();
            prop_assert_eq!(left(all.len() - 1, false), before);
            for at in 0..all.len() {
                let days = left(at, false);
                prop_assert_eq!(days.len(), all.len() - 1);
                assert_in_order(&days);
                prop_assert!(at == 0 || days.last().unwrap().ends_on.is_none());
                // The former référent had taken the case over again.
                let days = left(at, true);
                let between = at > 0 && at + 1 < all.len();
                prop_assert_eq!(days.len(), all.len() - if between { 2 } else { 1 });
                assert_in_order(&days);
            }
        }
    }

    #[test]
    fn parts_of_one_person_may_touch_but_not_overlap() {
        let days = |first: i64, last: Option<i64>| Days { starts_on: on(first), ends_on: last.map(on) };
        for (one, other, overlap) in [
            (days(0, Some(10)), days(10, None), false),
            (days(0, Some(10)), days(9, None), true),
            (days(0, None), days(5, Some(6)), true),
            (days(0, None), days(0, None), true),
            (days(5, Some(5)), days(5, Some(5)), true),
            (days(5, Some(5)), days(0, Some(10)), true),
            (days(5, Some(5)), days(5, None), false),
        ] {
            assert_eq!((one.overlaps(other), other.overlaps(one)), (overlap, overlap), "{one:?} {other:?}");
        }
    }

    #[test]
    fn who_came_after_keeps_one_from_lasting() {
        let all = chain(&[10]);
        let codes = |new: Days| {
            redated(&all, 0, new).unwrap_err().iter().map(|fault| fault.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(codes(Days { starts_on: on(0), ends_on: None }), ["next_referent"]);
        let back = redated(&all, 1, Days { starts_on: on(-1), ends_on: None }).unwrap_err();
        assert_eq!(back[0].code, "before_last_event");
    }
}
