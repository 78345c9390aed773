//! The days of a complex situation and of its discussions. Pure.

use chrono::NaiveDate;

use crate::cases::model::days_in_order;
use crate::dates;
use crate::error::Fault;

/// The days of a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flagged {
    /// First day.
    pub flagged_on: NaiveDate,
    /// Day since which it is over.
    pub ended_on: Option<NaiveDate>,
}

impl Flagged {
    /// The faults of its days, for a case opened on a day and with discussions on some days. `first_alone` is whether a correction
    /// sends the first day alone.
    pub fn faults(
        &self,
        opened_on: NaiveDate,
        discussions: &[NaiveDate],
        today: NaiveDate,
        first_alone: bool,
    ) -> Vec<Fault> {
        let (first, last) = (discussions.iter().min(), discussions.iter().max());
        [
            dates::not_in_the_future("/flagged_on", self.flagged_on, today),
            dates::not_before("/flagged_on", self.flagged_on, opened_on, "before_opening"),
            first.and_then(|day| dates::not_after("/flagged_on", self.flagged_on, *day, "after_first_discussion")),
            self.ended_on.and_then(|day| dates::not_in_the_future("/ended_on", day, today)),
            self.ended_on
                .and_then(|day| days_in_order(("/flagged_on", self.flagged_on), ("/ended_on", day), first_alone)),
            self.ended_on
                .zip(last)
                .filter(|(_, last)| **last >= self.flagged_on)
                .and_then(|(day, last)| dates::not_before("/ended_on", day, *last, "before_last_discussion")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The faults of the day of a discussion.
    pub fn discussion_faults(&self, held_on: NaiveDate, today: NaiveDate) -> Vec<Fault> {
        [
            dates::not_in_the_future("/held_on", held_on, today),
            dates::not_before("/held_on", held_on, self.flagged_on, "before_start"),
            self.ended_on.and_then(|day| dates::not_after("/held_on", held_on, day, "after_end")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::cases::complexity::model::*;
    use proptest::prelude::*;

    fn day(at: i64) -> NaiveDate {
        "2026-01-01".parse::<NaiveDate>().unwrap() + chrono::Duration::days(at)
    }

    proptest! {
        #[test]
        fn days_are_accepted_if_and_only_if_the_discussions_are_within(
            flagged in 0i64..12, ended in proptest::option::of(0i64..12), held in proptest::collection::vec(0i64..12, 0..4),
        ) {
            let (opened, today) = (2, 9);
            let situation = Flagged { flagged_on: day(flagged), ended_on: ended.map(day) };
            let held_on: Vec<NaiveDate> = held.iter().copied().map(day).collect();
            let within = held.iter().all(|at| *at >= flagged && ended.is_none_or(|end| *at <= end));
            let sound = (opened..=today).contains(&flagged) && ended.is_none_or(|end| (flagged..=today).contains(&end));
            let faults = situation.faults(day(opened), &held_on, day(today), false);
            prop_assert_eq!(faults.is_empty(), sound && within);
            for at in held {
                let expected = at <= today && at >= flagged && ended.is_none_or(|end| at <= end);
                prop_assert_eq!(situation.discussion_faults(day(at), day(today)).is_empty(), expected);
            }
        }
    }
}
