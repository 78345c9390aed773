//! The period of an agenda, and the birthday at which a child reaches the upper age. Pure.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::dates;
use crate::error::{Fault, Text};

/// The longest period, in days. Choice: two months, as a calendar shows.
const MAX_DAYS: i64 = 62;

/// Days of the default period after its first.
const DEFAULT_DAYS: u64 = 6;

/// How long before the birthday a child is announced, in months.
const ANNOUNCED_MONTHS: u32 = 6;

/// A period, from its parameters: a week from today by default. The fault if it ends before it begins, or is too long.
pub(super) fn period(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<(NaiveDate, NaiveDate), Fault> {
    let later = |day: NaiveDate| day.checked_add_days(Days::new(DEFAULT_DAYS)).unwrap_or(day);
    let from = from.unwrap_or(today);
    let to = to.unwrap_or_else(|| later(from));
    if let Some(inverted) = dates::not_inverted("to", from, to) {
        return Err(inverted);
    }
    if (to - from).num_days() >= MAX_DAYS {
        let message = Text::new(
            format!("La période dépasse {MAX_DAYS} jours."),
            format!("The period is longer than {MAX_DAYS} days."),
        );
        return Err(Fault::new("to", "period_too_long", message));
    }
    Ok((from, to))
}

/// The fault of a request for the caller's own agenda and a colleague's at once.
pub(super) fn whose_fault(mine: bool, of_colleague: bool) -> Option<Fault> {
    let message = || {
        Text::new(
            "`scope=mine` et `professional_id` ne se cumulent pas : donner l'un des deux.",
            "`scope=mine` and `professional_id` do not combine: give one of them.",
        )
    };
    (mine && of_colleague).then(|| Fault::new("professional_id", "two_agendas", message()))
}

/// The day of a birthday. A child born on 29 February has it on 1 March in common years, as in `services::model::age_on`.
pub(super) fn birthday(born: NaiveDate, years: u32) -> Option<NaiveDate> {
    let year = born.year().checked_add(i32::try_from(years).ok()?)?;
    NaiveDate::from_ymd_opt(year, born.month(), born.day()).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}

/// The last birthday that is announced today.
pub(super) fn last_announced(today: NaiveDate) -> NaiveDate {
    today.checked_add_months(Months::new(ANNOUNCED_MONTHS)).unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use crate::agenda::model::*;
    use crate::services::model::age_on;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_a_week_by_default_and_two_months_at_most() {
        let today = day("2026-03-02");
        assert_eq!(period(None, None, today), Ok((today, day("2026-03-08"))));
        assert_eq!(period(Some(day("2026-04-01")), None, today), Ok((day("2026-04-01"), day("2026-04-07"))));
        assert_eq!(period(None, Some(today), today), Ok((today, today)));
        let past = day("2026-01-01");
        assert_eq!(period(None, Some(past), today).unwrap_err().pointer, "to");
        assert_eq!(period(Some(today), Some(past), today).unwrap_err().pointer, "to");
        assert_eq!(period(Some(past), Some(past), today), Ok((past, past)));
        assert!(period(Some(today), Some(day("2026-05-02")), today).is_ok());
        assert_eq!(period(Some(today), Some(day("2026-05-03")), today).unwrap_err().code, "period_too_long");
    }

    proptest! {
        #[test]
        fn a_birthday_is_the_first_day_of_its_age(days in 0i64..20_000, years in 1u32..19) {
            let born = day("1999-01-01") + chrono::Duration::days(days);
            let birthday = birthday(born, years).unwrap();
            prop_assert_eq!(age_on(born, birthday), years);
            prop_assert_eq!(age_on(born, birthday.pred_opt().unwrap()), years - 1);
        }
    }
}
