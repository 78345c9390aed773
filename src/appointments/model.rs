//! The life cycle of an appointment, and the overlap of two. Pure.

use chrono::{Datelike, NaiveDate};

use crate::db::text_enum;

text_enum! {
    /// State of an appointment.
    pub enum AppointmentStatus {
        /// Planned. An appointment whose time is past stays planned until somebody says what became of it.
        Planned = "planned",
        /// Confirmed by those who are expected.
        Confirmed = "confirmed",
        /// It took place.
        Held = "held",
        /// It was cancelled beforehand.
        Cancelled = "cancelled",
        /// Those who were expected did not come.
        Missed = "missed",
    }
}

text_enum! {
    /// Action on an appointment.
    pub enum AppointmentAction {
        /// Record that those who are expected have confirmed it.
        Confirm = "confirm",
        /// Record that it took place: it becomes an intervention of each of its cases.
        Hold = "hold",
        /// Cancel it.
        Cancel = "cancel",
        /// Record that those who were expected did not come.
        Miss = "miss",
        /// Move it to another time.
        Move = "move",
        /// Plan it again, if what became of it was recorded by mistake.
        Reopen = "reopen",
    }
}

use AppointmentAction as A;
use AppointmentStatus as S;

/// The transitions: state, action, next state. Any other pair of state and action is not allowed.
///
/// An appointment that is moved must be confirmed again.
pub const TRANSITIONS: &[(AppointmentStatus, AppointmentAction, AppointmentStatus)] = &[
    (S::Planned, A::Confirm, S::Confirmed),
    (S::Planned, A::Hold, S::Held),
    (S::Planned, A::Cancel, S::Cancelled),
    (S::Planned, A::Miss, S::Missed),
    (S::Planned, A::Move, S::Planned),
    (S::Confirmed, A::Hold, S::Held),
    (S::Confirmed, A::Cancel, S::Cancelled),
    (S::Confirmed, A::Miss, S::Missed),
    (S::Confirmed, A::Move, S::Planned),
    (S::Held, A::Reopen, S::Planned),
    (S::Cancelled, A::Reopen, S::Planned),
    (S::Missed, A::Reopen, S::Planned),
];

impl AppointmentStatus {
    /// The states of an appointment that is still to come, or of which nobody has said what became of it.
    pub const OPEN: &'static [Self] = &[Self::Planned, Self::Confirmed];

    /// The state after an action; `None` if the action is not allowed in this state.
    pub fn after(self, action: AppointmentAction) -> Option<Self> {
        TRANSITIONS.iter().find(|(from, by, _)| *from == self && *by == action).map(|(_, _, to)| *to)
    }

    /// The actions allowed in this state.
    pub fn available_actions(self) -> Vec<AppointmentAction> {
        TRANSITIONS.iter().filter(|(from, _, _)| *from == self).map(|(_, action, _)| *action).collect()
    }

    /// Whether it can still be changed.
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }
}

/// A local time of day, `HH:MM`, in minutes; 0 for another text, which the schema refuses.
pub fn minute_of_day(text: &str) -> i64 {
    let read = |part: Option<&str>| part.and_then(|part| part.parse::<i64>().ok()).unwrap_or_default();
    let mut parts = text.split(':');
    read(parts.next()) * 60 + read(parts.next())
}

/// When an appointment takes place, in the local time of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    start: i64,
    end: i64,
}

impl Slot {
    /// From its day, its time and its minutes.
    pub fn new(day: NaiveDate, starts_at: &str, minutes: i32) -> Self {
        let start = i64::from(day.num_days_from_ce()) * 24 * 60 + minute_of_day(starts_at);
        Self { start, end: start + i64::from(minutes) }
    }

    /// Whether two have a minute in common. One may begin when the other ends.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

#[cfg(test)]
mod tests {
    use crate::appointments::model::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn an_action_leads_to_one_state_and_every_state_can_be_left() {
        let pairs: HashSet<_> = TRANSITIONS.iter().map(|(from, by, _)| (from, by)).collect();
        assert_eq!(pairs.len(), TRANSITIONS.len());
        for status in S::ALL {
            assert!(TRANSITIONS.iter().any(|(_, _, to)| to == status), "{status}");
            assert!(!status.available_actions().is_empty(), "{status}: a mistake could not be corrected");
        }
        for action in A::ALL {
            assert!(TRANSITIONS.iter().any(|(_, by, _)| by == action), "{action}");
        }
    }

    #[test]
    fn what_became_of_an_appointment_is_said_once() {
        for ended in S::ALL.iter().filter(|status| !status.is_open()) {
            assert_eq!(ended.available_actions(), [A::Reopen], "{ended}");
        }
    }

    fn slot(day: &str, time: &str, minutes: i32) -> Slot {
        Slot::new(day.parse().unwrap(), time, minutes)
    }

    #[test]
    fn one_may_begin_when_another_ends_also_after_midnight() {
        let morning = slot("2026-03-12", "09:30", 45);
        assert!(morning.overlaps(slot("2026-03-12", "10:14", 10)));
        assert!(!morning.overlaps(slot("2026-03-12", "10:15", 10)));
        assert!(!morning.overlaps(slot("2026-03-13", "09:30", 45)));
        assert!(slot("2026-03-12", "23:30", 60).overlaps(slot("2026-03-13", "00:15", 10)));
    }

    proptest! {
        #[test]
        fn an_overlap_is_mutual_and_each_overlaps_itself(
            (one, other) in ((0u32..24, 0u32..60, 1i32..1440), (0u32..24, 0u32..60, 1i32..1440))
        ) {
            let of = |(hour, minute, minutes): (u32, u32, i32)| slot("2026-03-12", &format!("{hour:02}:{minute:02}"), minutes);
            prop_assert_eq!(of(one).overlaps(of(other)), of(other).overlaps(of(one)));
            prop_assert!(of(one).overlaps(of(one)));
        }

        #[test]
        fn the_available_actions_are_those_with_a_transition(actions in proptest::collection::vec(0..A::ALL.len(), 0..40)) {
            let mut status = S::Planned;
            for action in actions.into_iter().map(|index| A::ALL[index]) {
                let next = status.after(action);
                prop_assert_eq!(status.available_actions().contains(&action), next.is_some());
                status = next.unwrap_or(status);
            }
        }
    }
}
