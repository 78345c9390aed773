//! Rules on dates that several slices share. Pure; a breach is a fault at a place of the body.

use chrono::NaiveDate;

use crate::error::{Fault, Text};

/// What is recorded has happened: its date is not to come.
pub fn not_in_the_future(pointer: impl Into<String>, date: NaiveDate, today: NaiveDate) -> Option<Fault> {
    (date > today).then(|| {
        let message = Text::new(
            format!("Cette date est à venir : nous sommes le {today}."),
            format!("This date is in the future: today is {today}."),
        );
        Fault::new(pointer, "in_the_future", message)
    })
}

/// What is recorded does not precede what it follows; `rule` says what that is.
pub fn not_before(pointer: impl Into<String>, date: NaiveDate, first: NaiveDate, rule: &'static str) -> Option<Fault> {
    (date < first).then(|| {
        let message = Text::new(
            format!("Cette date précède le début possible, le {first}."),
            format!("This date is before the earliest possible one, {first}."),
        );
        Fault::new(pointer, rule, message)
    })
}

/// What is recorded does not come after what follows it; `rule` says what that is.
pub fn not_after(pointer: impl Into<String>, date: NaiveDate, last: NaiveDate, rule: &'static str) -> Option<Fault> {
    (date > last).then(|| {
        let message = Text::new(
            format!("Cette date suit la dernière possible, le {last}."),
            format!("This date is after the last possible one, {last}."),
        );
        Fault::new(pointer, rule, message)
    })
}

#[cfg(test)]
mod tests {
    use crate::dates::*;
    use proptest::prelude::*;

    proptest! {
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
