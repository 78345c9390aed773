//! The life of a registration, and who leaves the queue when.

use crate::actions::model::ActionStatus;
use crate::db::text_enum;

text_enum! {
    /// Where a registration stands.
    pub enum ActionRegistrationStatus {
        /// It has its seats.
        Registered = "registered",
        /// It waits for all of its seats.
        Waiting = "waiting",
        /// It is not wanted any more, or the action is cancelled.
        Cancelled = "cancelled",
        /// Somebody came.
        Attended = "attended",
        /// Nobody came.
        Absent = "absent",
    }
}

text_enum! {
    /// What can be done with a registration.
    pub enum ActionRegistrationStep {
        /// Give its seats back.
        Cancel = "cancel",
        /// Note how many of its seats were taken.
        Attendance = "attendance",
    }
}

use ActionRegistrationStatus as S;
use ActionRegistrationStep as A;

impl ActionRegistrationStatus {
    /// Whether it has seats. Those of who came and of who did not are not given to anybody else.
    pub fn has_seats(self) -> bool {
        matches!(self, S::Registered | S::Attended | S::Absent)
    }

    /// What can be done in this state: seats are given back while the action is planned, attendance is noted once it is
    /// held or its day has come.
    pub fn available_actions(self, action: ActionStatus, day_has_come: bool) -> Vec<ActionRegistrationStep> {
        let planned = action == ActionStatus::Planned;
        let cancel = planned && matches!(self, S::Registered | S::Waiting);
        let attendance = self.has_seats() && (action == ActionStatus::Held || (planned && day_has_come));
        let steps = [(cancel, A::Cancel), (attendance, A::Attendance)];
        steps.into_iter().filter(|(applies, _)| *applies).map(|(_, step)| step).collect()
    }
}

/// Who leaves the queue, by rank, when so many seats of so many places are taken and those who wait want so many each.
///
/// The rule: the queue is walked once, in the order of asking. Whoever fits into the seats that are left gets all of
/// theirs; whoever does not keeps their place, and those behind are looked at. So a registration is never split, nobody
/// overtakes whom there were seats for, and a large one that does not fit holds nobody up. A new registration is the last
/// of the queue, and walks with it.
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
    fn the_queue_is_walked_in_its_order() {
        assert_eq!(promoted(10, 10, &[1, 1]), [0usize; 0]);
        assert_eq!(promoted(10, 8, &[1, 1, 1]), [0, 1]);
        assert_eq!(promoted(10, 7, &[4, 2, 1, 1]), [1, 2], "who does not fit holds nobody up");
        assert_eq!(promoted(10, 5, &[4, 2, 1]), [0, 2], "and who does goes first");
        assert_eq!(promoted(5, 7, &[1]), [0usize; 0], "places that are too few free nothing");
    }

    #[test]
    fn what_can_be_done_follows_the_action() {
        let steps = |status: S, action, come| status.available_actions(action, come);
        assert_eq!(steps(S::Registered, ActionStatus::Planned, false), [A::Cancel]);
        assert_eq!(steps(S::Registered, ActionStatus::Planned, true), [A::Cancel, A::Attendance]);
        assert_eq!(steps(S::Registered, ActionStatus::Held, true), [A::Attendance]);
        assert_eq!(steps(S::Waiting, ActionStatus::Planned, true), [A::Cancel]);
        assert_eq!(steps(S::Attended, ActionStatus::Held, true), [A::Attendance]);
        for status in S::ALL {
            assert_eq!(steps(*status, ActionStatus::Cancelled, true), []);
        }
    }

    /// What happens to the registrations of an action.
    #[derive(Clone, Copy, Debug)]
    enum Event {
        Register(i32),
        /// The one of this rank among all that were ever made.
        Cancel(usize),
        /// Other places, if they are no fewer than what is registered.
        Places(i64),
        /// Other seats for the one of this rank, if they fit.
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

    /// Registrations in the order of asking, by the rules of the use cases.
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

        /// Those who left the queue.
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

        fn happen(&mut self, event: Event) {
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
        fn seats_never_exceed_places_and_nobody_who_fits_is_left_waiting(places in 1i64..30, events in events()) {
            let mut book = Book { places, rows: Vec::new() };
            for event in events {
                book.happen(event);
                let (before, free) = (book.waiting(), book.places - book.taken());
                let left = book.promote();
                prop_assert!(book.taken() <= book.places, "{event:?} {book:?}");
                let free_now = book.places - book.taken();
                for at in book.waiting() {
                    let seats = i64::from(book.rows[at].1);
                    prop_assert!(seats > free_now, "{event:?}: {at} waits and fits, in {book:?}");
                    // Nobody behind took seats that were there for it when it was its transition.
                    let ahead: i64 = left.iter().filter(|other| **other < at).map(|other| i64::from(book.rows[*other].1)).sum();
                    prop_assert!(seats > free - ahead, "{event:?}: {at} was overtaken, in {book:?}");
                }
                prop_assert!(left.is_sorted() && left.iter().all(|at| before.contains(at)));
            }
        }

        #[test]
        fn a_new_registration_moves_nobody_else(places in 1i64..30, asked in proptest::collection::vec(1i32..8, 1..40)) {
            let mut book = Book { places, rows: Vec::new() };
            for seats in asked {
                let fits = i64::from(seats) <= book.places - book.taken();
                book.happen(Event::Register(seats));
                let last = book.rows.len() - 1;
                prop_assert_eq!(book.promote(), if fits { vec![last] } else { vec![] });
            }
        }
    }
}
