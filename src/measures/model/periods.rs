//! The periods of values: whole months, quarters, half-years, years and school years. Pure.

use chrono::{Datelike, Months, NaiveDate};

use crate::db::text_enum;
use crate::figures::Period;

text_enum! {
    /// Length of the periods of values.
    pub enum IndicatorPeriod {
        /// Calendar months: `2026-03`.
        Month = "month",
        /// Calendar quarters: `2026-Q1`.
        Quarter = "quarter",
        /// Half-years, January to June and July to December: `2026-S1`.
        Half = "half",
        /// Calendar years: `2026`.
        Year = "year",
        /// School years, September to August: `2025-2026`.
        SchoolYear = "school_year",
    }
}

/// The month in which a school year begins.
const SCHOOL_YEAR_BEGINS: u32 = 9;

impl IndicatorPeriod {
    /// Its length in months.
    pub fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Half => 6,
            Self::Year | Self::SchoolYear => 12,
        }
    }

    /// The first day of the period that has a day; none at the end of the calendar.
    fn start(self, day: NaiveDate) -> Option<NaiveDate> {
        if self == Self::SchoolYear {
            let year = if day.month() < SCHOOL_YEAR_BEGINS { day.year() - 1 } else { day.year() };
            return NaiveDate::from_ymd_opt(year, SCHOOL_YEAR_BEGINS, 1);
        }
        let month = day.month0() / self.months() * self.months() + 1;
        NaiveDate::from_ymd_opt(day.year(), month, 1)
    }

    /// The period that starts on a day.
    fn starting(self, from: NaiveDate) -> Option<Period> {
        let to = from.checked_add_months(Months::new(self.months()))?.pred_opt()?;
        Some(Period { from, to })
    }

    /// The periods with at least one day of a range, whole, in order.
    pub fn periods(self, range: Period) -> Vec<Period> {
        let first = self.start(range.from).and_then(|from| self.starting(from));
        let next = |period: &Period| self.starting(period.to.succ_opt()?);
        std::iter::successors(first, next).take_while(|period| period.from <= range.to).collect()
    }

    /// The code of a period.
    pub fn code(self, period: Period) -> String {
        let (year, month) = (period.from.year(), period.from.month());
        match self {
            Self::Month => format!("{year}-{month:02}"),
            Self::Quarter => format!("{year}-Q{}", month.div_ceil(3)),
            Self::Half => format!("{year}-S{}", month.div_ceil(6)),
            Self::Year => year.to_string(),
            Self::SchoolYear => format!("{year}-{}", period.to.year()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::measures::model::periods::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn range(from: &str, to: &str) -> Period {
        Period { from: day(from), to: day(to) }
    }

    #[test]
    fn a_school_year_goes_from_september_to_august() {
        let years = IndicatorPeriod::SchoolYear.periods(range("2025-08-31", "2025-09-01"));
        assert_eq!(years, [range("2024-09-01", "2025-08-31"), range("2025-09-01", "2026-08-31")]);
        assert_eq!(years.map_codes(IndicatorPeriod::SchoolYear), ["2024-2025", "2025-2026"]);
        let leap = IndicatorPeriod::SchoolYear.periods(range("2024-02-29", "2024-02-29"));
        assert_eq!(leap, [range("2023-09-01", "2024-08-31")]);
    }

    trait Codes {
        fn map_codes(&self, kind: IndicatorPeriod) -> Vec<String>;
    }

    impl Codes for Vec<Period> {
        fn map_codes(&self, kind: IndicatorPeriod) -> Vec<String> {
            self.iter().map(|period| kind.code(*period)).collect()
        }
    }

    #[test]
    fn each_period_has_its_code() {
        let year = range("2026-01-01", "2026-12-31");
        let codes = |kind: IndicatorPeriod| kind.periods(year).map_codes(kind);
        assert_eq!(codes(IndicatorPeriod::Month)[..2], ["2026-01", "2026-02"]);
        assert_eq!(codes(IndicatorPeriod::Month).len(), 12);
        assert_eq!(codes(IndicatorPeriod::Quarter), ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]);
        assert_eq!(codes(IndicatorPeriod::Half), ["2026-S1", "2026-S2"]);
        assert_eq!(codes(IndicatorPeriod::Year), ["2026"]);
        assert_eq!(codes(IndicatorPeriod::SchoolYear), ["2025-2026", "2026-2027"]);
    }

    fn any_range() -> impl Strategy<Value = Period> {
        (-8000i64..8000, 0i64..1826).prop_map(|(start, length)| {
            let from = day("2026-01-01") + chrono::Duration::days(start);
            Period { from, to: from + chrono::Duration::days(length) }
        })
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_and_have_every_day_of_the_range(
            range in any_range(), kind in prop::sample::select(IndicatorPeriod::ALL)
        ) {
            let periods = kind.periods(range);
            prop_assert!(periods[0].from <= range.from && range.from <= periods[0].to);
            let last = periods[periods.len() - 1];
            prop_assert!(last.from <= range.to && range.to <= last.to);
            for pair in periods.windows(2) {
                prop_assert_eq!(pair[0].to.succ_opt(), Some(pair[1].from));
            }
            for period in &periods {
                prop_assert_eq!(period.from.day(), 1);
                prop_assert_eq!(period.from.checked_add_months(Months::new(kind.months())), period.to.succ_opt());
                prop_assert!(period.from <= range.to && period.to >= range.from);
            }
            prop_assert!(periods.len() <= 62, "five years have at most 61 months");
        }

        #[test]
        fn codes_are_distinct_and_in_order(range in any_range(), kind in prop::sample::select(IndicatorPeriod::ALL)) {
            let codes = kind.periods(range).map_codes(kind);
            prop_assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", codes);
        }

        #[test]
        fn twelve_months_four_quarters_and_two_halves_make_a_year(year in 1990i32..2080) {
            let whole = Period {
                from: NaiveDate::from_ymd_opt(year, 1, 1).unwrap(), to: NaiveDate::from_ymd_opt(year, 12, 31).unwrap()
            };
            for kind in [IndicatorPeriod::Month, IndicatorPeriod::Quarter, IndicatorPeriod::Half, IndicatorPeriod::Year] {
                let periods = kind.periods(whole);
                prop_assert_eq!(periods.len() * usize::try_from(kind.months()).unwrap(), 12);
                prop_assert_eq!((periods[0].from, periods[periods.len() - 1].to), (whole.from, whole.to));
            }
        }

        #[test]
        fn a_school_year_is_a_year_that_starts_in_september(range in any_range()) {
            for period in IndicatorPeriod::SchoolYear.periods(range) {
                prop_assert!(period.is_a_year());
                prop_assert_eq!((period.from.month(), period.to.month(), period.to.day()), (9, 8, 31));
            }
        }
    }
}
