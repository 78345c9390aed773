//! Rules on dates that several slices share. Pure: a broken rule is a fault at a place of the body.

use std::fmt::Display;

use chrono::{Months, NaiveDate};

use crate::error::{ENDS_BEFORE_START, Fault, Text};

/// How far ahead a date can be planned, in years. Choice: more is a typing mistake.
const YEARS_AHEAD: u32 = 10;

/// A weekday by its ISO 8601 number: 1 is Monday, 7 is Sunday.
#[derive(utoipa::ToSchema)]
#[schema(minimum = 1, maximum = 7, example = json!(7))]
#[allow(dead_code, reason = "describes the number in the contract")]
pub struct Weekday(u8);

/// A date as French texts write it: 29/11/2026.
pub fn french(date: NaiveDate) -> impl Display {
    date.format("%d/%m/%Y")
}

/// The fault of a range of days that ends before it starts, at its end.
pub fn not_inverted(pointer: impl Into<String>, start: NaiveDate, end: NaiveDate) -> Option<Fault> {
    (end < start).then(|| Fault::new(pointer, ENDS_BEFORE_START, inverted()))
}

/// What is wrong with a range that ends before it starts.
pub fn inverted() -> Text {
    Text::new("La date de fin précède la date de début.", "The end date is before the start date.")
}

/// Whether a text is a day of the calendar as the contract writes it, `YYYY-MM-DD`. The calendar has no year 0, and
/// PostgreSQL none either.
pub fn is_date(text: &str) -> bool {
    let figures = |(rank, byte): (usize, u8)| if matches!(rank, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10
        && !text.starts_with("0000")
        && text.bytes().enumerate().all(figures)
        && text.parse::<NaiveDate>().is_ok()
}

/// A recorded event has already happened: its date may not be in the future.
pub fn not_in_the_future(pointer: impl Into<String>, date: NaiveDate, today: NaiveDate) -> Option<Fault> {
    (date > today).then(|| {
        let message = Text::new(
            format!("Cette date est dans le futur (aujourd'hui : {}).", french(today)),
            format!("This date is in the future: today is {today}."),
        );
        Fault::new(pointer, "in_the_future", message)
    })
}

/// A date may not be before `first`. `rule` is the code of the fault.
pub fn not_before(pointer: impl Into<String>, date: NaiveDate, first: NaiveDate, rule: &'static str) -> Option<Fault> {
    (date < first).then(|| {
        let message = Text::new(
            format!("Cette date est antérieure à la première date possible, le {}.", french(first)),
            format!("This date is before the earliest allowed date, {first}."),
        );
        Fault::new(pointer, rule, message)
    })
}

/// A date may not be after `last`. `rule` is the code of the fault.
pub fn not_after(pointer: impl Into<String>, date: NaiveDate, last: NaiveDate, rule: &'static str) -> Option<Fault> {
    (date > last).then(|| {
        let message = Text::new(
            format!("Cette date est postérieure à la dernière date possible, le {}.", french(last)),
            format!("This date is after the latest allowed date, {last}."),
        );
        Fault::new(pointer, rule, message)
    })
}

/// A planned date may be at most ten years ahead.
pub fn not_too_far_ahead(pointer: impl Into<String>, date: NaiveDate, today: NaiveDate) -> Option<Fault> {
    let last = today.checked_add_months(Months::new(YEARS_AHEAD * 12)).unwrap_or(NaiveDate::MAX);
    (date > last).then(|| {
        let message = Text::new(
            format!(
                "Cette date est dans plus de {YEARS_AHEAD} ans : la dernière date possible est le {}. Vérifier l'année.",
                french(last)
            ),
            format!(
                "This date is more than {YEARS_AHEAD} years ahead: the latest allowed date is {last}. Check the year."
            ),
        );
        Fault::new(pointer, "too_far_ahead", message)
    })
}

#[cfg(test)]
mod tests {
    use crate::dates::*;
    use proptest::prelude::*;

    #[test]
    fn french_messages_write_dates_the_french_way() {
        let fault = not_in_the_future("/d", "2026-11-30".parse().unwrap(), "2026-11-29".parse().unwrap()).unwrap();
        assert_eq!(fault.message.fr, "Cette date est dans le futur (aujourd'hui : 29/11/2026).");
        assert_eq!(fault.message.en, "This date is in the future: today is 2026-11-29.");
    }

    #[test]
    fn a_date_is_planned_ten_years_ahead_at_most() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(not_too_far_ahead("/d", day("2036-02-29"), day("2026-03-01")), None);
        assert_eq!(not_too_far_ahead("/d", day("2036-03-01"), day("2026-03-01")), None);
        for date in ["2036-03-02", "9999-12-31"] {
            let fault = not_too_far_ahead("/d", day(date), day("2026-03-01")).unwrap();
            assert_eq!(fault.code, "too_far_ahead");
            assert!(fault.message.fr.contains("01/03/2036") && fault.message.en.contains("2036-03-01"));
        }
    }

    #[test]
    fn a_date_is_a_day_of_the_calendar() {
        for day in ["0001-01-01", "2024-02-29", "2026-11-30", "9999-12-31"] {
            assert!(is_date(day), "{day}");
        }
        for other in
            ["0000-01-01", "2026-02-29", "2026-1-01", "+2026-01-01", "-001-01-01", "2026-01-01T", "２０26-01-01", ""]
        {
            assert!(!is_date(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_range_of_one_day_is_in_order_and_the_fault_is_at_its_end(days in -400i64..400) {
            let start: NaiveDate = "2026-03-02".parse().unwrap();
            let fault = not_inverted("/ends_on", start, start + chrono::Duration::days(days));
            prop_assert_eq!(fault.is_some(), days < 0);
            prop_assert!(fault.is_none_or(|fault| fault.pointer == "/ends_on" && fault.code == ENDS_BEFORE_START));
        }

        #[test]
        fn a_date_is_refused_on_one_side_of_the_bound_only(day in -400i64..400) {
            let bound: NaiveDate = "2026-03-02".parse().unwrap();
            let date = bound + chrono::Duration::days(day);
            prop_assert_eq!(not_in_the_future("/d", date, bound).is_some(), day > 0);
            prop_assert_eq!(not_before("/d", date, bound, "before_opening").is_some(), day < 0);
            prop_assert_eq!(not_after("/d", date, bound, "after_closing").is_some(), day > 0);
        }
    }
}
