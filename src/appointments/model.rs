//! The life cycle of an appointment, and the overlap of two. Pure.

use chrono::{Datelike, NaiveDate};

use crate::cases::model::last_late_day;
use crate::dates;
use crate::db::text_enum;
use crate::error::{Fault, Text};

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

    /// The actions that an appointment in this state takes as it stands: what became of it is known on its day at the earliest;
    /// one whose interventions are recorded is not planned again; nor is one, or held, about a case that takes no more work.
    pub fn actions_of(self, standing: Standing) -> Vec<AppointmentAction> {
        let Standing { planned_on, today, has_work, cases_take_work } = standing;
        let mut actions = self.available_actions();
        actions.retain(|action| planned_on <= today || !action.tells_what_became());
        actions.retain(|action| !has_work || *action != A::Reopen);
        actions.retain(|action| cases_take_work || !matches!(action, A::Hold | A::Reopen));
        actions
    }

    /// Whether it can still be changed.
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }
}

impl AppointmentAction {
    /// Whether it says that those who were expected came, or did not.
    pub fn tells_what_became(self) -> bool {
        matches!(self, A::Hold | A::Miss)
    }
}

/// What decides, beside its state, which actions an appointment takes.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Its day.
    pub planned_on: NaiveDate,
    /// Today in its service.
    pub today: NaiveDate,
    /// Whether the interventions that it became are recorded.
    pub has_work: bool,
    /// Whether each of its cases takes work of its day: see [`takes_work`].
    pub cases_take_work: bool,
}

/// Whether a case that was closed on a day takes the work of an appointment: of a day before the closing, for some days.
pub fn takes_work(closed_on: NaiveDate, late_entry_days: i32, planned_on: NaiveDate, today: NaiveDate) -> bool {
    planned_on <= closed_on && today <= last_late_day(closed_on, late_entry_days)
}

/// The fault of saying what became of an appointment before its day.
pub fn before_its_day(planned_on: NaiveDate, today: NaiveDate) -> Option<Fault> {
    let message = || {
        let day = dates::french(planned_on);
        Text::new(
            format!(
                "Ce rendez-vous est prévu le {day} : dire ce qu'il est devenu à partir de ce jour, ou le déplacer d'abord (`move`)."
            ),
            format!(
                "This appointment is planned on {planned_on}: say what became of it from that day on, or move it first (`move`)."
            ),
        )
    };
    (today < planned_on).then(|| Fault::new("/planned_on", "in_the_future", message()))
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

    #[test]
    fn what_became_of_an_appointment_is_offered_and_taken_from_its_day_on() {
        let on = |day: &str| day.parse::<NaiveDate>().unwrap();
        for today in ["2026-03-11", "2026-03-12", "2026-03-13"] {
            let standing =
                Standing { planned_on: on("2026-03-12"), today: on(today), has_work: false, cases_take_work: true };
            let offered = S::Planned.actions_of(standing);
            let refused = before_its_day(on("2026-03-12"), on(today)).is_some();
            assert_eq!(offered.contains(&A::Hold), !refused, "{today}");
            assert_eq!(offered.contains(&A::Miss), !refused, "{today}");
            assert!(offered.contains(&A::Move) && offered.contains(&A::Cancel));
        }
    }

    #[test]
    fn a_held_appointment_is_planned_again_once_its_work_is_removed() {
        let day = "2026-03-12".parse().unwrap();
        let standing = |has_work| Standing { planned_on: day, today: day, has_work, cases_take_work: true };
        assert_eq!(S::Held.actions_of(standing(true)), []);
        assert_eq!(S::Held.actions_of(standing(false)), [A::Reopen]);
    }

    #[test]
    fn an_appointment_about_a_closed_case_is_held_or_planned_again_as_late_work() {
        let on = |day: &str| day.parse::<NaiveDate>().unwrap();
        let closed = on("2026-03-12");
        for (planned, today, taken) in [
            ("2026-03-12", "2026-05-11", true),
            ("2026-03-12", "2026-05-12", false),
            ("2026-03-13", "2026-03-13", false),
        ] {
            assert_eq!(takes_work(closed, 60, on(planned), on(today)), taken, "{planned} {today}");
        }
        let standing = Standing { planned_on: closed, today: closed, has_work: false, cases_take_work: false };
        assert_eq!(S::Cancelled.actions_of(standing), []);
        assert_eq!(S::Planned.actions_of(standing), [A::Confirm, A::Cancel, A::Miss, A::Move]);
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
