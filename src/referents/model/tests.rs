//! The standing of a referent: examples and properties.

use chrono::Duration;
use proptest::prelude::*;

use crate::referents::model::*;
use AttendanceKind::{ExternalTraining, FollowUpMeeting, OwnTraining, ThemedDay};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Certified on 5 May 2024.
fn certified() -> ReferentFacts {
    ReferentFacts {
        left_on: None,
        signed_by_referent_on: Some(date("2024-05-02")),
        signed_by_structure_on: Some(date("2024-05-05")),
        signed_by_service_on: Some(date("2024-05-03")),
        attended: vec![
            (ExternalTraining, date("2024-02-01")),
            (OwnTraining, date("2024-03-01")),
            (ExternalTraining, date("2024-04-01")),
        ],
    }
}

fn with(more: &[(AttendanceKind, &str)]) -> ReferentFacts {
    let mut facts = certified();
    facts.attended.extend(more.iter().map(|(kind, day)| (*kind, date(day))));
    facts
}

#[test]
fn standings_and_announced_changes_over_the_years() {
    use Standing::{Certified, InOrder, InTraining, Lapsed};
    let facts = with(&[
        (FollowUpMeeting, "2024-06-01"),
        (ThemedDay, "2024-06-02"),
        (FollowUpMeeting, "2025-03-01"),
        (ThemedDay, "2025-10-01"),
        (ThemedDay, "2027-02-01"),
        (FollowUpMeeting, "2027-09-01"),
    ]);
    assert_eq!((facts.trained_on(), facts.signed_on()), (Some(date("2024-04-01")), Some(date("2024-05-05"))));
    for (on, standing, next) in [
        ("2024-05-04", InTraining, None),
        ("2024-05-05", Certified, Some(("2026-01-01", Lapsed))),
        // Attendances in the year of certification do not count for it.
        ("2024-12-31", Certified, Some(("2026-01-01", Lapsed))),
        ("2025-01-01", Certified, Some(("2026-01-01", Lapsed))),
        ("2025-03-01", Certified, Some(("2026-01-01", Lapsed))),
        ("2025-10-01", InOrder, Some(("2026-01-01", Certified))),
        ("2026-07-01", Certified, Some(("2027-01-01", Lapsed))),
        // 2026 was missed, and 2027 makes up for it.
        ("2027-01-01", Lapsed, None),
        ("2027-02-01", Lapsed, None),
        ("2027-09-01", InOrder, Some(("2028-01-01", Certified))),
        ("2028-01-01", Certified, Some(("2029-01-01", Lapsed))),
        ("2029-01-01", Lapsed, None),
        ("2035-01-01", Lapsed, None),
    ] {
        let next = next.map(|(day, standing)| (date(day), standing));
        assert_eq!((facts.standing(date(on)), facts.next_change(date(on))), (standing, next), "{on}");
    }
}

#[test]
fn each_reason_is_given() {
    use StandingReason as Why;
    let nothing = ReferentFacts::default();
    let charter =
        [Why::CharterNotSignedByReferent, Why::CharterNotSignedByStructure, Why::CharterNotSignedByService].as_slice();
    assert_eq!(
        nothing.reasons(date("2026-03-02")),
        [[Why::ExternalTraining, Why::OwnTraining].as_slice(), charter].concat()
    );
    assert_eq!(certified().reasons(date("2024-05-02")), charter[1..]);
    assert_eq!(certified().reasons(date("2024-06-01")), [Why::YearOfCertification]);
    assert_eq!(certified().reasons(date("2025-06-01")), [Why::FollowUpMeeting, Why::ThemedDay]);
    assert_eq!(with(&[(ThemedDay, "2025-06-01")]).reasons(date("2025-06-01")), [Why::FollowUpMeeting]);
    let lapsed = with(&[(ThemedDay, "2025-06-01")]);
    assert_eq!(lapsed.reasons(date("2026-06-01")), [Why::FollowUpMeetingLastYear]);
    assert_eq!(lapsed.needs(date("2026-06-01")), [Why::FollowUpMeeting, Why::ThemedDay]);
    let left = ReferentFacts { left_on: Some(date("2025-06-01")), ..certified() };
    assert_eq!(left.reasons(date("2025-06-02")), [Why::LeftNetwork]);
    assert_eq!(left.needs(date("2025-06-02")), []);
}

#[test]
fn the_referent_is_in_the_network_on_their_last_day() {
    let left = ReferentFacts { left_on: Some(date("2024-06-01")), ..certified() };
    assert_eq!(left.standing(date("2024-06-01")), Standing::Certified);
    assert_eq!(left.next_change(date("2024-06-01")), Some((date("2024-06-02"), Standing::Left)));
    assert_eq!((left.standing(date("2024-06-02")), left.next_change(date("2024-06-02"))), (Standing::Left, None));
}

#[test]
fn an_extra_day_of_training_that_moves_the_certification_is_detected() {
    let facts = ReferentFacts { attended: vec![(ExternalTraining, date("2024-06-01")); 2], ..certified() };
    assert_eq!(facts.moves_certification((OwnTraining, date("2024-01-01"))), None, "it was not certified");
    let facts = certified();
    assert_eq!(facts.moves_certification((ExternalTraining, date("2024-01-01"))), None, "the charter came later");
    assert_eq!(facts.moves_certification((ExternalTraining, date("2026-01-01"))), None);
    let late = with(&[]);
    let late = ReferentFacts { signed_by_structure_on: Some(date("2024-02-01")), ..late };
    let late = ReferentFacts {
        signed_by_referent_on: Some(date("2024-02-01")),
        signed_by_service_on: Some(date("2024-02-01")),
        ..late
    };
    assert_eq!(
        late.moves_certification((ExternalTraining, date("2024-02-15"))),
        Some((date("2024-04-01"), date("2024-03-01")))
    );
}

/// The rank of a standing, from worst to best.
fn rank(standing: Standing) -> usize {
    let order = [Standing::Left, Standing::InTraining, Standing::Lapsed, Standing::Certified, Standing::InOrder];
    order.iter().position(|one| *one == standing).unwrap()
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (0i64..2200).prop_map(|days| date("2023-01-01") + Duration::days(days))
}

fn attended() -> impl Strategy<Value = Attended> {
    (prop::sample::select(AttendanceKind::ALL), day())
}

prop_compose! {
    /// Most signatures are given and most trainings complete: otherwise almost nobody would be certified.
    fn facts()(
        left_on in prop::option::weighted(0.1, day()),
        signatures in prop::collection::vec(prop::option::weighted(0.9, day()), 3),
        trained in prop::collection::vec(day(), 3),
        mut attended in prop::collection::vec(attended(), 0..14),
        is_trained in prop::bool::weighted(0.7),
    ) -> ReferentFacts {
        if is_trained {
            attended.extend([(ExternalTraining, trained[0]), (ExternalTraining, trained[1]), (OwnTraining, trained[2])]);
        }
        ReferentFacts {
            left_on,
            signed_by_referent_on: signatures[0],
            signed_by_structure_on: signatures[1],
            signed_by_service_on: signatures[2],
            attended,
        }
    }
}

proptest! {
    #[test]
    fn the_order_of_attendances_does_not_matter(facts in facts(), rotation in 0usize..20, on in day()) {
        let mut shuffled = facts.clone();
        shuffled.attended.reverse();
        let by = rotation % shuffled.attended.len().max(1);
        shuffled.attended.rotate_left(by);
        prop_assert_eq!(shuffled.standing(on), facts.standing(on));
        prop_assert_eq!(shuffled.reasons(on), facts.reasons(on));
        prop_assert_eq!(shuffled.next_change(on), facts.next_change(on));
        prop_assert_eq!(shuffled.certified_on(), facts.certified_on());
    }

    #[test]
    fn an_extra_attendance_never_lowers_the_standing(facts in facts(), more in attended(), on in day()) {
        prop_assume!(facts.moves_certification(more).is_none());
        let mut after = facts.clone();
        after.attended.push(more);
        prop_assert!(rank(after.standing(on)) >= rank(facts.standing(on)), "{:?} {:?}", facts.standing(on), after.standing(on));
    }

    #[test]
    fn the_standing_changes_only_on_the_announced_day(facts in facts(), on in day()) {
        let facts = facts.known_on(on);
        let now = facts.standing(on);
        let next = facts.next_change(on);
        // Without an announced change, checking ten years is enough.
        let end = next.map_or(on + Duration::days(3660), |(day, _)| day);
        for day in on.iter_days().take_while(|day| *day < end) {
            prop_assert_eq!(facts.standing(day), now, "{}", day);
        }
        if let Some((day, then)) = next {
            prop_assert_ne!(then, now);
            prop_assert_eq!(facts.standing(day), then);
        }
    }

    #[test]
    fn certified_is_three_of_three_and_signed(facts in facts(), on in day()) {
        prop_assume!(facts.standing(on) != Standing::Left);
        let number = |kind| facts.attended.iter().filter(|(of, day)| *of == kind && *day <= on).count();
        let signatures = [facts.signed_by_referent_on, facts.signed_by_structure_on, facts.signed_by_service_on];
        let signed = signatures.iter().all(|day| day.is_some_and(|day| day <= on));
        let complete = number(ExternalTraining) >= 2 && number(OwnTraining) >= 1 && signed;
        prop_assert_eq!(facts.standing(on) != Standing::InTraining, complete);
    }

    #[test]
    fn in_order_is_two_of_two_in_a_year_after_certification(facts in facts(), on in day()) {
        prop_assume!(facts.standing(on) != Standing::Left);
        let has = |kind| facts.attended.iter().any(|(of, day)| *of == kind && day.year() == on.year() && *day <= on);
        let after = facts.certified_on().is_some_and(|certified| certified.year() < on.year());
        prop_assert_eq!(facts.standing(on) == Standing::InOrder, after && has(FollowUpMeeting) && has(ThemedDay));
    }

    #[test]
    fn there_is_always_a_reason_and_needs_exactly_while_something_is_missing(facts in facts(), on in day()) {
        prop_assert!(!facts.reasons(on).is_empty());
        let standing = facts.standing(on);
        let needs_something = [Standing::InTraining, Standing::Lapsed].contains(&standing)
            || (standing == Standing::Certified && facts.has_obligations_in(on.year()));
        prop_assert_eq!(!facts.needs(on).is_empty(), needs_something);
    }
}
