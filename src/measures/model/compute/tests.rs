//! Values: examples, and what adds up.

use proptest::prelude::*;

use crate::indicators::model::in_force;
use crate::measures::model::compute::*;
use crate::measures::model::periods::IndicatorPeriod;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(from: &str, to: &str) -> Period {
    Period { from: day(from), to: day(to) }
}

fn year() -> Period {
    period("2025-01-01", "2025-12-31")
}

fn id(number: u128) -> Id {
    uuid::Uuid::from_u128(number).into()
}

const TODAY: &str = "2026-03-02";

fn of(code: &str, facts: &[Fact], period: Period) -> Value {
    value(in_force(code).unwrap(), facts, None, &Around::default(), period, day(TODAY))
}

fn known(code: &str, facts: &[Fact], period: Period) -> Number {
    of(code, facts, period).value.unwrap()
}

fn missing(code: &str, facts: &[Fact], period: Period) -> MissingValue {
    of(code, facts, period).value.unwrap_err()
}

#[test]
fn null_is_not_zero() {
    assert_eq!(known("referrals_received", &[], year()), Number::Whole(0), "nobody asked: a count of zero");
    assert_eq!(missing("referrals_received", &[], period("2026-04-01", "2026-06-30")), MissingValue::NotStarted);
    assert_eq!(missing("referral_acceptance_rate", &[], year()), MissingValue::NoDenominator);
    assert_eq!(missing("median_days_to_decision", &[], year()), MissingValue::NothingToMeasure);
    assert_eq!(missing("contributions_due", &[], period("2025-01-01", "2025-06-30")), MissingValue::WholeYearsOnly);
    assert_eq!(known("contributions_due", &[], period("2027-01-01", "2027-12-31")), Number::Whole(0), "known ahead");
    assert_eq!(missing("children_per_fte", &[], year()), MissingValue::NoDenominator);
    let refused = Fact::share(day("2025-03-03"), 0, 1);
    assert_eq!(known("referral_acceptance_rate", &[refused], year()), Number::Hundredths(0), "a rate of zero is known");
}

#[test]
fn the_recommendation_is_compared_over_a_year_that_is_over() {
    let positions = vec![PositionDates { fte_percent: 3, starts_on: day("2021-01-04"), ends_on: None, counted: true }];
    let around = Around { positions, ..Around::default() };
    let child = [Fact::lasting(id(1), day("2025-02-03"), None)];
    let of = |code: &str, period: Period| value(in_force(code).unwrap(), &child, None, &around, period, day(TODAY));
    let reached = |period| of("active_file_recommendation_reached", period);
    assert_eq!(reached(year()).value, Ok(Number::Whole(1)));
    assert_eq!((reached(year()).numerator, reached(year()).denominator), (Some(1), Some(3)));
    assert_eq!(reached(period("2025-01-01", "2025-06-30")).value, Err(MissingValue::OneYearOnly));
    assert_eq!(reached(period("2026-01-01", "2026-12-31")).value, Err(MissingValue::NotOver));
    assert_eq!(of("children_per_fte", year()).value, Ok(Number::Hundredths(3333)));
    assert_eq!(of("counted_fte", year()).value, Ok(Number::Whole(3)));
}

#[test]
fn a_share_waits_until_it_is_mature() {
    let facts = [Fact::share(day("2025-08-20"), 1, 1), Fact::share(day("2025-08-25"), 0, 2)];
    let until = |to: &str| of("placements_kept_six_months", &facts, period("2025-07-01", to));
    // 184 days after 30 August 2025 is 2 March 2026, today.
    assert_eq!(until("2025-08-30").value, Err(MissingValue::NotMature));
    assert_eq!(until("2025-08-29").value, Ok(Number::Hundredths(3333)));
    assert_eq!((until("2025-08-29").numerator, until("2025-08-29").denominator), (Some(1), Some(3)));
}

#[test]
fn a_median_is_in_the_middle() {
    let delays = |days: &[i64]| days.iter().map(|days| Fact::on(day("2025-05-05"), *days)).collect::<Vec<_>>();
    let of = |days: &[i64]| known("median_days_to_opening", &delays(days), year());
    assert_eq!(of(&[40]), Number::Hundredths(4000));
    assert_eq!(of(&[90, 10, 20]), Number::Hundredths(2000));
    assert_eq!(of(&[1, 2, 90, 4]), Number::Hundredths(300));
    assert_eq!(of(&[1, 2]), Number::Hundredths(150));
}

#[test]
fn a_stock_is_that_of_the_last_day_or_of_today() {
    let waiting = [
        Fact::lasting(id(1), day("2025-02-03"), Some(day("2025-06-29"))),
        Fact::lasting(id(2), day("2025-06-30"), None),
        Fact::lasting(id(3), day("2026-03-02"), None),
        Fact::lasting(id(4), day("2026-03-03"), None),
    ];
    let at_end = |from: &str, to: &str| known("referrals_waiting_at_end", &waiting, period(from, to));
    assert_eq!(at_end("2025-06-01", "2025-06-29"), Number::Whole(1));
    assert_eq!(at_end("2025-06-01", "2025-06-30"), Number::Whole(1));
    assert_eq!(at_end("2026-01-01", "2026-12-31"), Number::Whole(2), "in progress: today");
}

#[test]
fn turnover_is_a_percentage_of_the_average() {
    // Eighteen at the start, four left, six appointed: twenty at the end.
    let mut facts: Vec<Fact> = (0..14).map(|at| Fact::lasting(id(at), day("2024-03-01"), None)).collect();
    facts.extend((14..18).map(|at| Fact::lasting(id(at), day("2024-03-01"), Some(day("2025-05-01")))));
    facts.extend((18..24).map(|at| Fact::lasting(id(at), day("2025-09-01"), None)));
    let turnover = of("referent_turnover", &facts, year());
    assert_eq!(turnover.value, Ok(Number::Hundredths(2105)));
    assert_eq!((turnover.numerator, turnover.denominator), (Some(4), Some(38)));
    assert_eq!(known("referents_at_start", &facts, year()), Number::Whole(18));
    assert_eq!(known("referents_at_end", &facts, year()), Number::Whole(20));
}

#[test]
fn loans_per_copy_of_a_kit_and_of_all() {
    let around = Around { copies: HashMap::from([("a".to_owned(), 2), ("b".to_owned(), 1)]), ..Around::default() };
    let facts: Vec<Fact> = (0..9).map(|_| Fact::on(day("2025-05-05"), 1)).collect();
    let of = |kit: Option<&str>| {
        value(in_force("kit_loans_per_copy").unwrap(), &facts, kit, &around, year(), day(TODAY)).value
    };
    assert_eq!((of(Some("a")), of(None)), (Ok(Number::Hundredths(450)), Ok(Number::Hundredths(300))));
    assert_eq!(of(Some("gone")), Err(MissingValue::NoDenominator));
}

#[test]
fn a_category_of_zeros_is_left_out() {
    let shown = |code: &str, facts: &[Fact]| is_shown(&[of(code, facts, year())]);
    assert!(!shown("referrals_received", &[]) && !shown("referral_acceptance_rate", &[]));
    assert!(shown("referrals_received", &[Fact::on(day("2025-05-05"), 1)]));
    assert!(shown("referral_acceptance_rate", &[Fact::share(day("2025-05-05"), 0, 1)]));
}

#[test]
fn a_target_is_that_of_a_calendar_year() {
    assert_eq!(year_of(year()), Some(2025));
    assert_eq!(year_of(period("2025-09-01", "2026-08-31")), None);
    assert_eq!(year_of(period("2024-01-01", "2025-12-31")), None);
    let children = |number: u128| -> Value {
        let facts: Vec<Fact> = (0..number).map(|at| Fact::lasting(id(at), day("2025-02-03"), None)).collect();
        of("children_accompanied", &facts, year())
    };
    assert_eq!(reached_percent(children(26), 39), Some(Number::Hundredths(6667)));
    assert_eq!(reached_percent(children(0), 39), Some(Number::Hundredths(0)));
    assert_eq!(reached_percent(children(1), 0), None);
    assert_eq!(reached_percent(of("median_days_to_opening", &[], year()), 30), None, "no value");
    let delay = of("median_days_to_opening", &[Fact::on(day("2025-02-03"), 45)], year());
    assert_eq!(reached_percent(delay, 30), Some(Number::Hundredths(15_000)));
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0i64..760).prop_map(|days| day("2024-06-01") + chrono::Duration::days(days))
}

fn dated() -> impl Strategy<Value = Fact> {
    (any_day(), 0i64..50).prop_map(|(day, amount)| Fact::on(day, amount))
}

fn lasting() -> impl Strategy<Value = Fact> {
    (any_day(), prop::option::of(0i64..400), 0u128..12).prop_map(|(from, length, thing)| {
        Fact::lasting(id(thing), from, length.map(|length| from + chrono::Duration::days(length)))
    })
}

fn parts() -> impl Strategy<Value = IndicatorPeriod> {
    prop::sample::select(vec![IndicatorPeriod::Month, IndicatorPeriod::Quarter, IndicatorPeriod::Half])
}

fn number(code: &str, facts: &[Fact], period: Period) -> i64 {
    match known(code, facts, period) {
        Number::Whole(number) | Number::Hundredths(number) => number,
    }
}

proptest! {
    #[test]
    fn what_adds_up_adds_up(
        dated in prop::collection::vec(dated(), 0..40), lasting in prop::collection::vec(lasting(), 0..20), parts in parts()
    ) {
        for indicator in crate::indicators::model::all().filter(|one| one.adds_up_over_periods) {
            let facts = match indicator.measure {
                Some(Measure::Sum(_)) => &dated,
                Some(Measure::Nights(_)) => &lasting,
                _ => continue,
            };
            let sum: i64 = parts.periods(year()).into_iter().map(|part| number(indicator.code, facts, part)).sum();
            prop_assert_eq!(sum, number(indicator.code, facts, year()), "{}", indicator.code);
        }
    }

    #[test]
    fn distinct_things_do_not_add_up_and_the_registry_says_so(
        lasting in prop::collection::vec(lasting(), 1..30), parts in parts()
    ) {
        let whole = number("children_accompanied", &lasting, year());
        let of_parts: Vec<i64> =
            parts.periods(year()).into_iter().map(|part| number("children_accompanied", &lasting, part)).collect();
        prop_assert!(of_parts.iter().max() <= Some(&whole) && whole <= of_parts.iter().sum::<i64>());
        prop_assert!(!in_force("children_accompanied").unwrap().adds_up_over_periods);
    }

    #[test]
    fn the_night_counts_of_a_loan_are_those_of_its_days(from in any_day(), length in 0i64..60) {
        let loan = Fact::lasting(id(1), from, Some(from + chrono::Duration::days(length)));
        let all = period("2023-01-01", "2026-03-01");
        let until_today = (day(TODAY) - from).num_days().clamp(0, length);
        prop_assert_eq!(number("kit_nights_on_loan", &[loan], all), until_today);
    }

    #[test]
    fn a_share_is_between_nothing_and_everything(parts in prop::collection::vec((any_day(), 0i64..20, 0i64..20), 1..20)) {
        let facts: Vec<Fact> = parts.iter().map(|(day, part, more)| Fact::share(*day, *part, part + more)).collect();
        if let Ok(Number::Hundredths(share)) = of("action_attendance_rate", &facts, year()).value {
            prop_assert!((0..=10_000).contains(&share));
        }
    }
}

#[test]
fn two_half_years_of_one_child_are_not_two_children() {
    let child = [Fact::lasting(id(1), day("2025-02-03"), None)];
    let halves = IndicatorPeriod::Half.periods(year());
    let sum: i64 = halves.into_iter().map(|half| number("children_accompanied", &child, half)).sum();
    assert_eq!((sum, number("children_accompanied", &child, year())), (2, 1));
}
