//! The rule of the active file, and the indicators that the report shows. Pure.

use chrono::NaiveDate;

use crate::figures::Period;
use crate::indicators::model::Shown;
use crate::indicators::model::types::IndicatorDimension as By;

/// Version of the definitions: the latest of the versions of the indicators that are shown.
pub const DEFINITION_VERSION: &str = "2026.4";

/// Cnaf: at least 30 accompanied children per full-time equivalent and year.
pub const RECOMMENDED_PER_FTE: i64 = 30;

/// Children per full-time equivalent in hundredths, rounded to the nearest; `None` if no full-time equivalent is
/// counted.
pub fn children_per_fte_hundredths(children: i64, fte_hundredths: i64) -> Option<i64> {
    (fte_hundredths > 0).then(|| (children * 10_000 * 2 + fte_hundredths) / (fte_hundredths * 2))
}

/// Whether the active file meets the recommendation. `None` if no position is counted, if the period is not a year, or
/// if the year is not over: distinct children of several periods do not add up, so neither a half-year nor an
/// unfinished year can be compared.
pub fn reached(children: i64, fte_hundredths: i64, period: Period, today: NaiveDate) -> Option<bool> {
    let known = fte_hundredths > 0 && period.is_a_year() && period.to < today;
    known.then(|| children * 100 >= RECOMMENDED_PER_FTE * fte_hundredths)
}

/// The figures of the response whose definitions are shown: the JSON pointer, the indicator, the split if it is one.
pub const SHOWN: &[Shown] = &[
    ("/accompanied/children", "children_accompanied", None),
    ("/accompanied/households", "households_accompanied", None),
    ("/accompanied/structures", "structures_accompanied", None),
    ("/referrals/received", "referrals_received", None),
    ("/referrals/by_origin", "referrals_received", Some(By::Origin)),
    ("/referrals/by_origin_group", "referrals_received", Some(By::OriginGroup)),
    ("/referrals/by_status", "referrals_received", Some(By::ReferralStatus)),
    ("/referrals/by_decline_reason", "referrals_declined", Some(By::DecisionReason)),
    ("/interventions/number", "interventions_held", None),
    ("/interventions/minutes", "intervention_minutes", None),
    ("/interventions/travel_minutes", "intervention_travel_minutes", None),
    ("/interventions/participants", "intervention_attendances", None),
    ("/appointments/number", "appointments", None),
    ("/appointments/by_status", "appointments", Some(By::AppointmentStatus)),
    ("/appointments/missed_without_excuse", "appointments_missed_without_notice", None),
    ("/placements/started", "placements_started", None),
    ("/placements/children", "children_placed", None),
    ("/active_file/counted_fte_hundredths", "counted_fte", None),
    ("/active_file/children_per_fte", "children_per_fte", None),
    ("/active_file/reached", "active_file_recommendation_reached", None),
];

#[cfg(test)]
mod tests {
    use crate::activity::model::*;
    use crate::services::model::{PositionDates, counted_fte_hundredths};
    use chrono::Duration;
    use proptest::prelude::*;

    #[test]
    fn every_figure_shown_is_an_indicator_and_the_latest_version_names_all() {
        use crate::indicators::model::{definitions, in_force};
        assert_eq!(definitions(SHOWN).len(), SHOWN.len());
        for (figure, code, split) in SHOWN {
            let indicator = in_force(code).unwrap();
            assert!(split.is_none_or(|split| indicator.split(split).unwrap().formula.is_some()), "{figure}");
        }
        let latest = SHOWN.iter().map(|(_, code, _)| in_force(code).unwrap().version).max();
        assert_eq!(latest, Some(DEFINITION_VERSION));
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(date(from), date(to)).unwrap()
    }

    #[test]
    fn thirty_children_per_fte_of_a_year_that_is_over() {
        let (year, today) = (period("2025-01-01", "2025-12-31"), date("2026-03-02"));
        // The PRPE has 1.3 FTE: 39 children.
        assert_eq!(reached(39, 130, year, today), Some(true));
        assert_eq!(reached(38, 130, year, today), Some(false));
        assert_eq!(reached(39, 0, year, today), None);
        assert_eq!(reached(39, 130, period("2025-01-01", "2025-06-30"), today), None);
        assert_eq!(reached(39, 130, year, date("2025-12-31")), None);
        assert_eq!(children_per_fte_hundredths(39, 130), Some(3000));
        assert_eq!(children_per_fte_hundredths(1, 130), Some(77));
        assert_eq!(children_per_fte_hundredths(39, 0), None);
    }

    fn position(fte: i32, start: i64, length: i64, counted: bool) -> PositionDates {
        let starts_on = date("2025-01-01") + Duration::days(start);
        PositionDates { fte_percent: fte, starts_on, ends_on: Some(starts_on + Duration::days(length)), counted }
    }

    proptest! {
        #[test]
        fn a_handover_between_two_people_does_not_change_the_fte(fte in 1i32..=100, length in 1i64..700, cut in 0i64..700) {
            let cut = cut.min(length - 1);
            let whole = position(fte, 0, length, true);
            let split = [position(fte, 0, cut, true), position(fte, cut + 1, length - cut - 1, true)];
            let (from, to) = (date("2025-02-01"), date("2026-01-31"));
            prop_assert_eq!(counted_fte_hundredths(&[whole], from, to), counted_fte_hundredths(&split, from, to));
        }

        #[test]
        fn only_counted_positions_count_and_adding_one_never_lowers_the_fte(
            fte in 1i32..=100, start in -400i64..800, length in 0i64..800, more in 1i32..=100
        ) {
            let (from, to) = (date("2025-01-01"), date("2025-12-31"));
            let one = [position(fte, start, length, true)];
            let beside = [one[0].clone(), position(more, start, length, false)];
            let two = [one[0].clone(), position(more, start, length, true)];
            prop_assert_eq!(counted_fte_hundredths(&beside, from, to), counted_fte_hundredths(&one, from, to));
            prop_assert!(counted_fte_hundredths(&two, from, to) >= counted_fte_hundredths(&one, from, to));
            prop_assert!(counted_fte_hundredths(&one, from, to) <= i64::from(fte));
        }

        #[test]
        fn two_halves_average_to_the_whole(fte in 1i32..=100, start in -200i64..500, length in 0i64..500) {
            let one = [position(fte, start, length, true)];
            let of = |from: &str, to: &str| counted_fte_hundredths(&one, date(from), date(to));
            // 2024-03-01 to 2026-02-28 is two periods of 365 days; each half is rounded once.
            let halves = of("2024-03-01", "2025-02-28") + of("2025-03-01", "2026-02-28");
            prop_assert!((halves - 2 * of("2024-03-01", "2026-02-28")).abs() <= 2);
        }

        #[test]
        fn one_more_child_never_loses_the_recommendation(children in 0i64..500, fte in 1i64..2000) {
            let (year, today) = (period("2025-01-01", "2025-12-31"), date("2026-03-02"));
            prop_assert!(reached(children + 1, fte, year, today) >= reached(children, fte, year, today));
        }
    }
}
