//! The life cycle of a registration, and the rule of the queue.

use crate::actions::model::ActionStatus;
use crate::db::text_enum;

text_enum! {
    /// State of a registration.
    pub enum ActionRegistrationStatus {
        /// It has its seats.
        Registered = "registered",
        /// It waits until all of its seats are free.
        Waiting = "waiting",
        /// It was cancelled, or the action was.
        Cancelled = "cancelled",
        /// At least one person came.
        Attended = "attended",
        /// Nobody came.
        Absent = "absent",
    }
}

text_enum! {
    /// Action on a registration.
    pub enum ActionRegistrationStep {
        /// Cancel it and release its seats.
        Cancel = "cancel",
        /// Record how many of its seats were used.
        Attendance = "attendance",
    }
}

use ActionRegistrationStatus as S;
use ActionRegistrationStep as A;

impl ActionRegistrationStatus {
    /// Whether it holds seats. Once attendance is recorded, its seats are not released, even if nobody came.
    pub fn has_seats(self) -> bool {
        matches!(self, S::Registered | S::Attended | S::Absent)
    }

    /// The actions allowed in this state. A registration can be cancelled while the action is planned; attendance can
    /// be recorded once the action is held or its day has come.
    pub fn available_actions(self, action: ActionStatus, day_has_come: bool) -> Vec<ActionRegistrationStep> {
        let planned = action == ActionStatus::Planned;
        let cancel = planned && matches!(self, S::Registered | S::Waiting);
        let attendance = self.has_seats() && (action == ActionStatus::Held || (planned && day_has_come));
        let steps = [(cancel, A::Cancel), (attendance, A::Attendance)];
        steps.into_iter().filter(|(applies, _)| *applies).map(|(_, step)| step).collect()
    }
}

/// The ranks of the waiting registrations to promote, given the places, the seats taken, and the seats that each
/// waiting registration requests.
///
/// The rule: the queue is scanned once, in the order of requests. A registration that fits in the seats left gets all
/// of its seats. One that does not fit keeps its position, and the scan continues behind it. So a registration is never
/// split, is never overtaken when there were seats for it, and does not block smaller ones behind it. A new
/// registration joins the end of the queue, and is scanned with it.
pub fn promoted(places: i64, taken: i64, waiting: &[i32]) -> Vec<usize> {
    let mut left = places - taken;
    let mut ranks = Vec::new();
    for (rank, seats) in waiting.iter().enumerate() {
        let seats = i64::from(*seats);
        if seats <= left {
            left -= seats;
            ranks.push(rank);
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use crate::actions::registrations::model::*;
    use proptest::prelude::*;

    #[test]
    fn the_queue_is_scanned_in_its_order() {
        assert_eq!(promoted(10, 10, &[1, 1]), [0usize; 0]);
        assert_eq!(promoted(10, 8, &[1, 1, 1]), [0, 1]);
        assert_eq!(promoted(10, 7, &[4, 2, 1, 1]), [1, 2], "a registration that does not fit blocks nobody");
        assert_eq!(promoted(10, 5, &[4, 2, 1]), [0, 2], "and one that fits goes first");
        assert_eq!(promoted(5, 7, &[1]), [0usize; 0], "with too few places nobody is promoted");
    }

    #[test]
    fn the_actions_allowed_depend_on_the_state_of_the_action() {
        let steps = |status: S, action, day_has_come| status.available_actions(action, day_has_come);
        assert_eq!(steps(S::Registered, ActionStatus::Planned, false), [A::Cancel]);
        assert_eq!(steps(S::Registered, ActionStatus::Planned, true), [A::Cancel, A::Attendance]);
        assert_eq!(steps(S::Registered, ActionStatus::Held, true), [A::Attendance]);
        assert_eq!(steps(S::Waiting, ActionStatus::Planned, true), [A::Cancel]);
        assert_eq!(steps(S::Attended, ActionStatus::Held, true), [A::Attendance]);
        for status in S::ALL {
            assert_eq!(steps(*status, ActionStatus::Cancelled, true), []);
        }
    }

    /// An event on the registrations of an action.
    #[derive(Clone, Copy, Debug)]
    enum Event {
        Register(i32),
        /// The registration of this rank among all those ever made.
        Cancel(usize),
        /// A new number of places, if it is not below the seats registered.
        Places(i64),
        /// A new number of seats for the registration of this rank, if they fit.
        Seats(usize, i32),
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let event = prop_oneof![
            4 => (1i32..8).prop_map(Event::Register),
            3 => (0usize..40).prop_map(Event::Cancel),
            1 => (1i64..30).prop_map(Event::Places),
            1 => (0usize..40, 1i32..8).prop_map(|(rank, seats)| Event::Seats(rank, seats)),
        ];
        proptest::collection::vec(event, 1..80)
    }

    /// Registrations in the order of requests, under the rules of the use cases.
    #[derive(Debug)]
    struct Book {
        places: i64,
        rows: Vec<(S, i32)>,
    }

    impl Book {
        fn taken(&self) -> i64 {
            self.rows.iter().filter(|(status, _)| status.has_seats()).map(|(_, seats)| i64::from(*seats)).sum()
        }

        fn waiting(&self) -> Vec<usize> {
            (0..self.rows.len()).filter(|at| self.rows[*at].0 == S::Waiting).collect()
        }

        /// Promotes waiting registrations, and returns them.
        fn promote(&mut self) -> Vec<usize> {
            let waiting = self.waiting();
            let seats: Vec<i32> = waiting.iter().map(|at| self.rows[*at].1).collect();
            let ranks = promoted(self.places, self.taken(), &seats);
            let left: Vec<usize> = ranks.into_iter().map(|rank| waiting[rank]).collect();
            for at in &left {
                self.rows[*at].0 = S::Registered;
            }
            left
        }

        fn apply(&mut self, event: Event) {
            match event {
                Event::Register(seats) => self.rows.push((S::Waiting, seats)),
                Event::Cancel(rank) if rank < self.rows.len() => self.rows[rank].0 = S::Cancelled,
                Event::Places(places) if places >= self.taken() => self.places = places,
                Event::Seats(rank, seats) if rank < self.rows.len() => match self.rows[rank] {
                    (S::Registered, had) if i64::from(seats - had) > self.places - self.taken() => {}
                    (S::Registered | S::Waiting, _) => self.rows[rank].1 = seats,
                    _ => {}
                },
                _ => {}
            }
        }
    }

    proptest! {
        #[test]
        fn seats_never_exceed_places_and_no_registration_that_fits_is_left_waiting(places in 1i64..30, events in events()) {
            let mut book = Book { places, rows: Vec::new() };
            for event in events {
                book.apply(event);
                let (before, free) = (book.waiting(), book.places - book.taken());
                let left = book.promote();
                prop_assert!(book.taken() <= book.places, "{event:?} {book:?}");
                let free_now = book.places - book.taken();
                for at in book.waiting() {
                    let seats = i64::from(book.rows[at].1);
                    prop_assert!(seats > free_now, "{event:?}: {at} waits and fits, in {book:?}");
                    // Nobody behind it took seats that it could have had.
                    let ahead: i64 = left.iter().filter(|other| **other < at).map(|other| i64::from(book.rows[*other].1)).sum();
                    prop_assert!(seats > free - ahead, "{event:?}: {at} was overtaken, in {book:?}");
                }
                prop_assert!(left.is_sorted() && left.iter().all(|at| before.contains(at)));
            }
        }

        #[test]
        fn a_new_registration_promotes_nobody_else(places in 1i64..30, requested in proptest::collection::vec(1i32..8, 1..40)) {
            let mut book = Book { places, rows: Vec::new() };
            for seats in requested {
                let fits = i64::from(seats) <= book.places - book.taken();
                book.apply(Event::Register(seats));
                let last = book.rows.len() - 1;
                prop_assert_eq!(book.promote(), if fits { vec![last] } else { vec![] });
            }
        }
    }
}
