//! The days of a procedure: their order, and the state that follows from them. Pure.

use chrono::NaiveDate;

use crate::dates;
use crate::db::text_enum;
use crate::error::{Fault, Text};
use crate::nomenclatures;
use crate::nomenclatures::codes::{ProcedureKind, ProcedureOutcome};

text_enum! {
    /// State of a procedure, which follows from its days.
    pub enum ProcedureState {
        /// The family prepares it: nothing is filed.
        InPreparation = "in_preparation",
        /// The child is on a waiting list.
        Waiting = "waiting",
        /// Filed.
        Filed = "filed",
        /// The file was declared complete.
        Complete = "complete",
        /// Decided, and the family is not notified yet.
        Decided = "decided",
        /// The family was notified of the decision.
        Notified = "notified",
        /// What was granted has expired.
        Expired = "expired",
    }
}

/// The course of a procedure, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Kind.
    pub kind: ProcedureKind,
    /// Since when the child is on a waiting list.
    pub waiting_since: Option<NaiveDate>,
    /// Filed.
    pub filed_on: Option<NaiveDate>,
    /// Declared complete.
    pub complete_on: Option<NaiveDate>,
    /// Decided.
    pub decided_on: Option<NaiveDate>,
    /// The family was notified.
    pub notified_on: Option<NaiveDate>,
    /// Last day of what was granted.
    pub expires_on: Option<NaiveDate>,
    /// Outcome.
    pub outcome: Option<ProcedureOutcome>,
    /// What is to be done next about it.
    pub next_on: Option<NaiveDate>,
}

impl Course {
    /// The state on a day.
    pub fn state_on(&self, today: NaiveDate) -> ProcedureState {
        if self.expires_on.is_some_and(|last| last < today) {
            ProcedureState::Expired
        } else if self.notified_on.is_some() {
            ProcedureState::Notified
        } else if self.decided_on.is_some() {
            ProcedureState::Decided
        } else if self.waiting_since.is_some() {
            ProcedureState::Waiting
        } else if self.complete_on.is_some() {
            ProcedureState::Complete
        } else if self.filed_on.is_some() {
            ProcedureState::Filed
        } else {
            ProcedureState::InPreparation
        }
    }

    /// Its days, each with its place in a request.
    pub fn days(&self) -> [(&'static str, Option<NaiveDate>); 7] {
        [
            ("/waiting_since", self.waiting_since),
            ("/filed_on", self.filed_on),
            ("/complete_on", self.complete_on),
            ("/decided_on", self.decided_on),
            ("/notified_on", self.notified_on),
            ("/expires_on", self.expires_on),
            ("/next_on", self.next_on),
        ]
    }

    /// The faults of the course, all at once. The next day may be past if it was so `before`.
    pub fn faults(&self, before: Option<&Self>, today: NaiveDate) -> Vec<Fault> {
        let mut faults = self.faults_of_order(today);
        faults.extend(self.faults_of_decision());
        faults.extend(self.fault_of_waiting());
        let kept = before.is_some_and(|before| before.next_on == self.next_on);
        let next = self.next_on.filter(|_| !kept);
        faults.extend(next.and_then(|day| dates::not_before("/next_on", day, today, "in_the_past")));
        for (pointer, day) in [("/next_on", self.next_on), ("/expires_on", self.expires_on)] {
            faults.extend(day.and_then(|day| dates::not_too_far_ahead(pointer, day, today)));
        }
        faults
    }

    /// What has happened is not in the future, and not before what comes first.
    fn faults_of_order(&self, today: NaiveDate) -> Vec<Fault> {
        let happened = [
            ("/waiting_since", self.waiting_since),
            ("/filed_on", self.filed_on),
            ("/complete_on", self.complete_on),
            ("/decided_on", self.decided_on),
            ("/notified_on", self.notified_on),
        ];
        let mut faults: Vec<Fault> =
            happened.into_iter().filter_map(|(pointer, day)| dates::not_in_the_future(pointer, day?, today)).collect();
        let stages = [(self.filed_on, "before_filing"), (self.complete_on, "before_completion")];
        let mut after = |pointer: &'static str,
                         day: Option<NaiveDate>,
                         stages: &[(Option<NaiveDate>, &'static str)]| {
            // The latest stage before it that has a day.
            let last = stages.iter().rev().find_map(|(stage, rule)| Some(((*stage)?, *rule)));
            faults.extend(day.zip(last).and_then(|(day, (first, rule))| dates::not_before(pointer, day, first, rule)));
        };
        after("/complete_on", self.complete_on, &stages[..1]);
        after("/decided_on", self.decided_on, &[(self.waiting_since, "before_waiting")]);
        after("/decided_on", self.decided_on, &stages);
        after("/notified_on", self.notified_on, &[(self.decided_on, "before_decision")]);
        after("/expires_on", self.expires_on, &[stages[0], stages[1], (self.decided_on, "before_decision")]);
        faults
    }

    /// A decision has a day and an outcome, is notified after it, and expires only if it grants something.
    fn faults_of_decision(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut add = |pointer: &str, rule: &'static str, fr: &str, en: &str| {
            faults.push(Fault::new(pointer, rule, Text::new(fr.to_owned(), en.to_owned())));
        };
        if self.decided_on.is_some() && self.outcome.is_none() {
            add(
                "/outcome",
                "outcome_required",
                "Une décision a une suite : l'indiquer (`outcome`), ou retirer la date de décision.",
                "A decision has an outcome: give `outcome`, or remove the day of the decision.",
            );
        }
        if self.decided_on.is_none() && self.outcome.is_some() {
            add(
                "/decided_on",
                "decision_day_required",
                "Cette suite suppose une date de décision : l'indiquer (`decided_on`), ou retirer la suite.",
                "This outcome requires the day of the decision: give `decided_on`, or remove the outcome.",
            );
        }
        if self.decided_on.is_none() && self.notified_on.is_some() {
            add(
                "/notified_on",
                "not_decided",
                "Une notification suppose une décision : indiquer sa date (`decided_on`) et sa suite (`outcome`).",
                "A notification requires a decision: give its day (`decided_on`) and its `outcome`.",
            );
        }
        if let Some(outcome) = self.outcome.as_ref().filter(|outcome| self.expires_on.is_some() && !grants(outcome)) {
            let message = Text::new(
                format!(
                    "La suite `{outcome}` n'accorde rien, donc rien n'expire : retirer `expires_on`, ou corriger la suite."
                ),
                format!(
                    "The outcome `{outcome}` grants nothing, so nothing expires: remove `expires_on`, or correct the outcome."
                ),
            );
            faults.push(Fault::new("/expires_on", "nothing_granted", message));
        }
        faults
    }

    /// A place on a waiting list has its first day, and nothing else has.
    fn fault_of_waiting(&self) -> Option<Fault> {
        let kind = &self.kind;
        match (waits(kind), self.waiting_since) {
            (true, None) => {
                let message = Text::new(
                    format!("Une démarche `{kind}` est une attente : indiquer depuis quand (`waiting_since`)."),
                    format!("A procedure `{kind}` is a place on a waiting list: say since when (`waiting_since`)."),
                );
                Some(Fault::new("/waiting_since", "waiting_since_required", message))
            }
            (false, Some(_)) => {
                let message = Text::new(
                    format!("Une démarche `{kind}` n'est pas une liste d'attente : indiquer son dépôt (`filed_on`)."),
                    format!("A procedure `{kind}` is no waiting list: say when it was filed (`filed_on`)."),
                );
                Some(Fault::new("/waiting_since", "not_a_waiting_list", message))
            }
            _ => None,
        }
    }
}

/// Whether a kind is a place on a waiting list.
pub fn waits(kind: &ProcedureKind) -> bool {
    nomenclatures::is_marked(ProcedureKind::LIST, kind.as_str(), "waits")
}

/// Whether an outcome grants something.
pub fn grants(outcome: &ProcedureOutcome) -> bool {
    nomenclatures::is_marked(ProcedureOutcome::LIST, outcome.as_str(), "grants")
}

#[cfg(test)]
mod tests {
    use crate::cases::procedures::model::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn course(kind: &str) -> Course {
        Course {
            kind: kind.parse().unwrap(),
            waiting_since: None,
            filed_on: None,
            complete_on: None,
            decided_on: None,
            notified_on: None,
            expires_on: None,
            outcome: None,
            next_on: None,
        }
    }

    fn found(course: &Course) -> Vec<(String, String)> {
        let faults = course.faults(None, day("2026-03-02"));
        faults.into_iter().map(|fault| (fault.pointer, fault.code.into_owned())).collect()
    }

    #[test]
    fn the_state_follows_from_the_days() {
        let today = day("2026-03-02");
        let mut file = course("mdph_file");
        assert_eq!(file.state_on(today), ProcedureState::InPreparation);
        file.filed_on = Some(day("2025-10-01"));
        assert_eq!(file.state_on(today), ProcedureState::Filed);
        file.complete_on = Some(day("2025-11-01"));
        assert_eq!(file.state_on(today), ProcedureState::Complete);
        (file.decided_on, file.outcome) = (Some(day("2026-01-15")), Some("granted".parse().unwrap()));
        assert_eq!(file.state_on(today), ProcedureState::Decided);
        file.notified_on = Some(day("2026-01-20"));
        assert_eq!(file.state_on(today), ProcedureState::Notified);
        file.expires_on = Some(today);
        assert_eq!(file.state_on(today), ProcedureState::Notified, "the last day counts");
        assert_eq!(file.state_on(day("2026-03-03")), ProcedureState::Expired);
        assert!(file.faults(None, today).is_empty());
        file.expires_on = Some(day("9999-12-31"));
        assert_eq!(found(&file), [("/expires_on".to_owned(), "too_far_ahead".to_owned())]);
    }

    #[test]
    fn every_fault_is_found_at_once() {
        let mut wrong = course("mdph_file");
        wrong.waiting_since = Some(day("2026-01-01"));
        wrong.filed_on = Some(day("2026-02-01"));
        wrong.complete_on = Some(day("2026-01-15"));
        wrong.notified_on = Some(day("2026-04-01"));
        wrong.next_on = Some(day("2026-03-01"));
        wrong.outcome = Some("refused".parse().unwrap());
        wrong.expires_on = Some(day("2027-01-01"));
        let expected = [
            ("/notified_on", "in_the_future"),
            ("/complete_on", "before_filing"),
            ("/decided_on", "decision_day_required"),
            ("/notified_on", "not_decided"),
            ("/expires_on", "nothing_granted"),
            ("/waiting_since", "not_a_waiting_list"),
            ("/next_on", "in_the_past"),
        ];
        assert_eq!(found(&wrong), expected.map(|(pointer, rule)| (pointer.to_owned(), rule.to_owned())));
        assert_eq!(
            found(&course("esms_waiting_list")),
            [("/waiting_since".to_owned(), "waiting_since_required".to_owned())],
            "a place on a waiting list has a first day"
        );
    }

    #[test]
    fn a_day_that_has_passed_since_is_no_fault() {
        let before = Course { next_on: Some(day("2026-03-01")), ..course("pai") };
        assert!(before.faults(Some(&before), day("2026-03-02")).is_empty());
        assert_eq!(before.faults(Some(&course("pai")), day("2026-03-02")).len(), 1);
    }

    proptest! {
        #[test]
        fn days_are_accepted_if_and_only_if_they_are_in_order(
            days in proptest::collection::vec(proptest::option::of(0i64..6), 4),
            expiry in proptest::option::of(0i64..6),
        ) {
            let today = day("2026-03-02");
            let on = |at: Option<i64>| at.map(|at| day("2026-02-01") + chrono::Duration::days(at));
            let decided = on(days[2]);
            let course = Course {
                filed_on: on(days[0]),
                complete_on: on(days[1]),
                decided_on: decided,
                notified_on: on(days[3]).filter(|_| decided.is_some()),
                expires_on: on(expiry),
                outcome: decided.map(|_| "granted".parse().unwrap()),
                ..course("aeeh")
            };
            let happened: Vec<NaiveDate> =
                [course.filed_on, course.complete_on, course.decided_on, course.notified_on].into_iter().flatten().collect();
            let granted: Vec<NaiveDate> =
                [course.filed_on, course.complete_on, course.decided_on].into_iter().flatten().collect();
            let in_order = happened.is_sorted() && course.expires_on.is_none_or(|last| granted.last().is_none_or(|day| *day <= last));
            prop_assert_eq!(course.faults(None, today).is_empty(), in_order);
        }
    }
}
