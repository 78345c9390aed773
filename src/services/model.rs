//! The settings of a service and their rules: age range, calendar, full-time equivalents. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::db::{Id, UtcTs};
use crate::nomenclatures::codes::ChildcareGroup;
use crate::territories::DepartementCode;

/// The settings of a service that rules depend on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Identifier.
    pub id: Id,
    /// Name.
    pub name: String,
    /// Time zone in which its days begin and end.
    pub time_zone: Tz,
    /// Day on which it opened.
    pub opened_on: NaiveDate,
    /// First birthday included in the age range.
    pub age_lower_birthday: u32,
    /// First birthday excluded from the age range.
    pub age_upper_birthday: u32,
    /// How many days after its closing a case takes work that was done before.
    pub late_entry_days: i32,
    /// When it asks whether a child is still in a childcare place, in months after the start.
    pub placement_review_months: Vec<i32>,
    /// Départements covered, by INSEE code.
    pub departements: Vec<DepartementCode>,
    /// Groups of childcare that it works with.
    pub childcare_groups: Vec<ChildcareGroup>,
}

/// When a service asks by default whether a child is still in a childcare place, in months. The six months are those of
/// Cnaf; the others are a choice.
pub const FIRST_YEAR: [i32; 4] = [1, 3, 6, 12];

/// Months from the text of a row: numbers separated by spaces.
pub fn months_of(text: &str) -> impl Iterator<Item = i32> + '_ {
    text.split_whitespace().filter_map(|number| number.parse().ok())
}

/// The text of a row for some months.
pub fn text_of(months: &BTreeSet<i32>) -> String {
    months.iter().map(i32::to_string).collect::<Vec<_>>().join(" ")
}

impl Settings {
    /// The date of an instant in the time zone of the service.
    pub fn date_of(&self, now: UtcTs) -> NaiveDate {
        crate::clock::date_in(self.time_zone, now)
    }

    /// The instant at which a day ends in the time zone of the service.
    pub fn end_of(&self, day: NaiveDate) -> UtcTs {
        crate::clock::start_of(self.time_zone, day.succ_opt().unwrap_or(day))
    }

    /// Whether a commune is in one of the départements covered.
    pub fn covers_commune(&self, commune: &str) -> bool {
        self.departements.iter().any(|departement| commune.starts_with(departement.as_str()))
    }

    /// Whether a child with this birth date is in the age range on a date. An unborn child counts as age 0.
    ///
    /// Cnaf: 0–17 *révolus*, until the day before the 18th birthday. PRPE: 0–6, until the day before the 7th. The upper
    /// birthday is therefore excluded.
    pub fn covers_age(&self, birth_date: NaiveDate, on: NaiveDate) -> bool {
        is_in_age_range(birth_date, on, self.age_lower_birthday..self.age_upper_birthday)
    }
}

/// The services of a list by their day. At one instant there are at most three days on Earth (UTC−12 to UTC+14): an array
/// gives a query of fixed form. A filter that depends on the day applies to each group on its own day.
pub type ServiceDays = [(NaiveDate, Vec<Id>); 3];

/// Groups services by their day.
pub fn by_day(days: impl IntoIterator<Item = (Id, NaiveDate)>) -> ServiceDays {
    let mut by_day: BTreeMap<NaiveDate, Vec<Id>> = BTreeMap::new();
    for (service, day) in days {
        by_day.entry(day).or_default().push(service);
    }
    let mut groups = ServiceDays::default();
    for (place, (day, mut services)) in groups.iter_mut().zip(by_day) {
        services.sort_unstable();
        *place = (day, services);
    }
    groups
}

/// Whether a child is between two birthdays on a date, the upper one excluded. An unborn child counts as age 0.
pub fn is_in_age_range(birth_date: NaiveDate, on: NaiveDate, birthdays: Range<u32>) -> bool {
    birthdays.contains(&age_on(birth_date, on))
}

/// Age in completed years on a date; 0 before birth. A child born on 29 February has their birthday on 1 March in common
/// years.
pub fn age_on(birth_date: NaiveDate, on: NaiveDate) -> u32 {
    let years = on.year() - birth_date.year();
    let had_birthday = (on.month(), on.day()) >= (birth_date.month(), birth_date.day());
    u32::try_from(if had_birthday { years } else { years - 1 }).unwrap_or(0)
}

/// A staff position, for the full-time equivalents of a period.
#[derive(Clone, Debug)]
pub struct PositionDates {
    /// Percent of a full-time equivalent.
    pub fte_percent: i32,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, if known.
    pub ends_on: Option<NaiveDate>,
    /// Whether it counts in the ratio of accompanied children per full-time equivalent (Cnaf).
    pub counted: bool,
}

/// The full-time equivalents of the counted positions over a period, in hundredths, averaged over its days and rounded to the
/// nearest: a half-time position over half of the period is 25.
pub fn counted_fte_hundredths(positions: &[PositionDates], from: NaiveDate, to: NaiveDate) -> i64 {
    let days = (to - from).num_days() + 1;
    if days <= 0 {
        return 0;
    }
    let weighted: i64 = positions
        .iter()
        .filter(|position| position.counted)
        .map(|position| {
            let first = position.starts_on.max(from);
            let last = position.ends_on.unwrap_or(to).min(to);
            ((last - first).num_days() + 1).max(0) * i64::from(position.fte_percent)
        })
        .sum();
    (weighted * 2 + days) / (days * 2)
}

#[cfg(test)]
mod tests {
    use crate::services::model::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn service(lower: u32, upper: u32) -> Settings {
        Settings {
            id: uuid::Uuid::nil().into(),
            name: String::new(),
            time_zone: chrono_tz::Europe::Paris,
            opened_on: NaiveDate::MIN,
            age_lower_birthday: lower,
            age_upper_birthday: upper,
            late_entry_days: 60,
            placement_review_months: FIRST_YEAR.to_vec(),
            departements: vec!["63".parse().unwrap()],
            childcare_groups: vec!["eaje".parse().unwrap()],
        }
    }

    #[test]
    fn zero_to_seventeen_ends_the_day_before_the_eighteenth_birthday() {
        let national = service(0, 18);
        assert!(national.covers_age(date("2008-06-15"), date("2026-06-14")));
        assert!(!national.covers_age(date("2008-06-15"), date("2026-06-15")));
    }

    #[test]
    fn zero_to_six_ends_the_day_before_the_seventh_birthday() {
        let prpe = service(0, 7);
        assert!(prpe.covers_age(date("2019-06-15"), date("2026-06-14")));
        assert!(!prpe.covers_age(date("2019-06-15"), date("2026-06-15")));
        assert!(prpe.covers_age(date("2026-09-01"), date("2026-06-15")), "an unborn child");
        assert!(!service(3, 7).covers_age(date("2026-09-01"), date("2026-06-15")));
    }

    #[test]
    fn a_child_born_on_29_february_has_their_birthday_on_1_march() {
        assert_eq!(age_on(date("2020-02-29"), date("2026-02-28")), 5);
        assert_eq!(age_on(date("2020-02-29"), date("2026-03-01")), 6);
    }

    #[test]
    fn each_service_is_in_the_group_of_its_day_whatever_its_zone() {
        for hour in 0..24 {
            let now: UtcTs =
                format!("2026-03-01T{hour:02}:59:00Z").parse::<chrono::DateTime<chrono::Utc>>().unwrap().into();
            let zones = chrono_tz::TZ_VARIANTS;
            let of = |(rank, zone): (usize, &Tz)| {
                (Id::from(uuid::Uuid::from_u128(rank as u128)), crate::clock::date_in(*zone, now))
            };
            let days: Vec<(Id, NaiveDate)> = zones.iter().enumerate().map(of).collect();
            let groups = by_day(days.clone());
            assert_eq!(groups.iter().map(|(_, services)| services.len()).sum::<usize>(), zones.len());
            for (service, day) in days {
                assert!(groups.iter().any(|(of, services)| *of == day && services.contains(&service)));
            }
        }
    }

    proptest! {
        #[test]
        fn months_are_read_as_they_are_written(months in proptest::collection::btree_set(1i32..=60, 0..12)) {
            prop_assert_eq!(months_of(&text_of(&months)).collect::<BTreeSet<_>>(), months);
        }

        #[test]
        fn age_never_decreases(birth in 0i64..8000, day in 0i64..8000, later in 0i64..400) {
            let origin = date("2005-01-01");
            let at = |days| origin + chrono::Duration::days(days);
            prop_assert!(age_on(at(birth), at(day)) <= age_on(at(birth), at(day + later)));
        }

        #[test]
        fn a_position_over_the_whole_period_counts_in_full(start in 0i64..500, length in 0i64..800, fte in 1i32..=100) {
            let from = date("2025-01-01") + chrono::Duration::days(start);
            let to = from + chrono::Duration::days(length);
            let position = PositionDates { fte_percent: fte, starts_on: from, ends_on: None, counted: true };
            prop_assert_eq!(counted_fte_hundredths(&[position], from, to), i64::from(fte));
        }
    }
}
