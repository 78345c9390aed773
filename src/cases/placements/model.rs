//! The states of a placement, from its facts; what counts as an effective placement; when its reviews are due. Pure.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};

use crate::db::text_enum;
use crate::error::{Fault, Text};

text_enum! {
    /// What is known of the start of a placement, as it is stored.
    pub enum PlacementStage {
        /// It is expected.
        Planned = "planned",
        /// The child came, during the case or before it.
        Started = "started",
        /// It did not come about.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// State of a placement.
    pub enum PlacementState {
        /// It is expected to start on a day; once that day has passed, whether it did is to be confirmed.
        Planned = "planned",
        /// It started before the case was opened, and the child is there.
        Existing = "existing",
        /// It started during the case, and the child is there.
        Started = "started",
        /// Its last day has passed.
        Ended = "ended",
        /// It was planned and did not come about.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Action on a placement.
    pub enum PlacementAction {
        /// Confirm that the child came.
        Confirm = "confirm",
        /// Record that it did not come about.
        Cancel = "cancel",
        /// Set its last day.
        End = "end",
        /// Say whether the child is still there.
        Review = "review",
    }
}

/// The facts of a placement on which its state depends.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// What is known of its start.
    pub stage: PlacementStage,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, if known.
    pub ends_on: Option<NaiveDate>,
}

impl Facts {
    /// The state on a day, in a case that was opened on a day.
    pub fn state(self, opened_on: NaiveDate, today: NaiveDate) -> PlacementState {
        match self.stage {
            PlacementStage::Planned => PlacementState::Planned,
            PlacementStage::Cancelled => PlacementState::Cancelled,
            PlacementStage::Started if self.ends_on.is_some_and(|last| last < today) => PlacementState::Ended,
            PlacementStage::Started if self.starts_on < opened_on => PlacementState::Existing,
            PlacementStage::Started => PlacementState::Started,
        }
    }

    /// Whether it is an effective placement (Cnaf): the child came, and during the case. A place that the child already had
    /// is not a result of the service.
    pub fn is_effective(self, opened_on: NaiveDate) -> bool {
        self.stage == PlacementStage::Started && self.starts_on >= opened_on
    }

    /// Whether it is an effective placement that is current on a day.
    pub fn is_effective_on(self, day: NaiveDate, opened_on: NaiveDate) -> bool {
        self.is_effective(opened_on) && self.starts_on <= day && self.ends_on.is_none_or(|last| last >= day)
    }

    /// The day from which its reviews are counted: the start, or the opening of the case if the child was there before.
    /// None until the child came.
    pub fn counted_from(self, opened_on: NaiveDate) -> Option<NaiveDate> {
        (self.stage == PlacementStage::Started).then(|| self.starts_on.max(opened_on))
    }

    /// When the reviews of some months are due: none after the last day, because the end answers the question.
    pub fn reviews(self, opened_on: NaiveDate, months: impl IntoIterator<Item = i32>) -> Vec<(i32, NaiveDate)> {
        let Some(from) = self.counted_from(opened_on) else { return Vec::new() };
        let due = |months: i32| Some((months, due_on(from, months)?));
        let before_end = |(_, on): &(i32, NaiveDate)| self.ends_on.is_none_or(|last| *on <= last);
        months.into_iter().filter_map(due).filter(before_end).collect()
    }
}

/// The day some months after another. A month without this day gives its last one.
pub fn due_on(from: NaiveDate, months: i32) -> Option<NaiveDate> {
    from.checked_add_months(Months::new(u32::try_from(months).ok()?))
}

impl PlacementState {
    /// The actions that are allowed in this state.
    pub fn available_actions(self) -> Vec<PlacementAction> {
        match self {
            Self::Planned => vec![PlacementAction::Confirm, PlacementAction::Cancel],
            Self::Existing | Self::Started => vec![PlacementAction::End, PlacementAction::Review],
            Self::Ended => vec![PlacementAction::Review],
            Self::Cancelled => Vec::new(),
        }
    }
}

/// The weekdays of a row: their ISO 8601 numbers.
pub fn weekdays_of(text: &str) -> BTreeSet<u8> {
    text.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect()
}

/// The text of a row for some weekdays.
pub fn weekdays_text(days: &BTreeSet<u8>) -> String {
    days.iter().map(u8::to_string).collect()
}

/// The fault of a first day more than a childhood ago.
pub fn too_long_ago(starts_on: NaiveDate, opened_on: NaiveDate) -> Option<Fault> {
    const YEARS: u32 = 18;
    let first = opened_on.checked_sub_months(Months::new(YEARS * 12)).unwrap_or(NaiveDate::MIN);
    (starts_on < first).then(|| {
        let message = Text::new(
            format!("Cet accueil aurait commencé plus de {YEARS} ans avant l'ouverture du suivi. Vérifier l'année."),
            format!(
                "This placement would have started more than {YEARS} years before the case was opened. Check the year."
            ),
        );
        Fault::new("/starts_on", "too_long_ago", message)
    })
}

#[cfg(test)]
mod tests {
    use crate::cases::placements::model::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn facts(stage: PlacementStage, starts_on: &str, ends_on: Option<&str>) -> Facts {
        Facts { stage, starts_on: day(starts_on), ends_on: ends_on.map(day) }
    }

    #[test]
    fn the_state_follows_from_the_facts() {
        use PlacementStage::{Cancelled, Planned, Started};
        let (opened, today) = (day("2026-02-02"), day("2026-03-02"));
        for (stage, starts_on, ends_on, state, effective) in [
            (Planned, "2026-09-01", None, PlacementState::Planned, false),
            // Nobody has said that the child came.
            (Planned, "2026-03-01", None, PlacementState::Planned, false),
            (Started, "2026-02-01", None, PlacementState::Existing, false),
            (Started, "2026-02-02", None, PlacementState::Started, true),
            (Started, "2026-02-02", Some("2026-03-02"), PlacementState::Started, true),
            (Started, "2026-02-02", Some("2026-03-01"), PlacementState::Ended, true),
            (Started, "2025-09-01", Some("2026-03-01"), PlacementState::Ended, false),
            (Cancelled, "2026-02-16", None, PlacementState::Cancelled, false),
        ] {
            let facts = facts(stage, starts_on, ends_on);
            assert_eq!(facts.state(opened, today), state, "{facts:?}");
            assert_eq!(facts.is_effective(opened), effective, "{facts:?}");
        }
    }

    #[test]
    fn reviews_are_due_after_the_start_or_after_the_opening() {
        let months = [1, 3, 6, 12];
        let opened = day("2026-02-02");
        let of = |facts: Facts| facts.reviews(opened, months).iter().map(|(_, on)| on.to_string()).collect::<Vec<_>>();
        let started = facts(PlacementStage::Started, "2026-08-31", None);
        assert_eq!(of(started), ["2026-09-30", "2026-11-30", "2027-02-28", "2027-08-31"]);
        let existing = facts(PlacementStage::Started, "2024-09-02", Some("2026-05-02"));
        assert_eq!(of(existing), ["2026-03-02", "2026-05-02"]);
        assert_eq!(of(facts(PlacementStage::Planned, "2026-08-31", None)), [""; 0]);
    }

    proptest! {
        #[test]
        fn a_placement_that_counts_started_during_the_case(
            starts in -400i64..400, length in proptest::option::of(0i64..400), opened in -200i64..200, today in 0i64..400,
            stage in 0..PlacementStage::ALL.len(),
        ) {
            let at = |days: i64| day("2026-03-02") + chrono::Duration::days(days);
            let (opened_on, today) = (at(opened), at(today));
            let facts = Facts {
                stage: PlacementStage::ALL[stage],
                starts_on: at(starts),
                ends_on: length.map(|days| at(starts + days)),
            };
            let state = facts.state(opened_on, today);
            if facts.is_effective(opened_on) {
                prop_assert!(matches!(state, PlacementState::Started | PlacementState::Ended));
                prop_assert!(facts.starts_on >= opened_on);
            }
            prop_assert_eq!(state == PlacementState::Existing && facts.is_effective(opened_on), false);
            for (months, on) in facts.reviews(opened_on, [1, 3, 6, 12]) {
                prop_assert!(on > facts.starts_on && facts.ends_on.is_none_or(|last| on <= last));
                prop_assert_eq!(facts.counted_from(opened_on).and_then(|from| due_on(from, months)), Some(on));
            }
        }

        #[test]
        fn weekdays_are_read_as_they_are_written(days in proptest::collection::btree_set(1u8..=7, 0..7)) {
            prop_assert_eq!(weekdays_of(&weekdays_text(&days)), days);
        }
    }
}
