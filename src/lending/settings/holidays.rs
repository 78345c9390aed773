//! The French public holidays of a département, computed for a year. Pure.
//!
//! Sources: Code du travail, article L3133-1 (everywhere), article L3134-13 (Moselle, Bas-Rhin, Haut-Rhin), article L3422-2
//! and decree 83-1003 (commemorations of the abolition of slavery overseas). The Labour Code does not apply in
//! Wallis-et-Futuna, French Polynesia and New Caledonia, which have holidays of their own: none are computed there.

use chrono::{Days, NaiveDate};

use crate::territories::DepartementCode;

/// A public holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holiday {
    /// The day.
    pub day: NaiveDate,
    /// Name in French.
    pub name_fr: &'static str,
    /// Name in English.
    pub name_en: &'static str,
}

/// Month and day, names in French and English: Code du travail, article L3133-1.
const FIXED: &[(u32, u32, &str, &str)] = &[
    (1, 1, "Jour de l’An", "New Year’s Day"),
    (5, 1, "Fête du Travail", "Labour Day"),
    (5, 8, "Victoire de 1945", "Victory in Europe Day"),
    (7, 14, "Fête nationale", "National Day"),
    (8, 15, "Assomption", "Assumption"),
    (11, 1, "Toussaint", "All Saints’ Day"),
    (11, 11, "Armistice de 1918", "Armistice Day"),
    (12, 25, "Noël", "Christmas Day"),
];

/// Days from Easter Sunday, names in French and English: Code du travail, article L3133-1.
const MOVABLE: &[(u64, &str, &str)] = &[
    (1, "Lundi de Pâques", "Easter Monday"),
    (39, "Ascension", "Ascension Day"),
    (50, "Lundi de Pentecôte", "Whit Monday"),
];

/// Moselle, Bas-Rhin, Haut-Rhin.
const LOCAL_LAW: &[&str] = &["57", "67", "68"];

/// Territories with a labour law of their own.
const OTHER_LAW: &[&str] = &["984", "986", "987", "988", "989"];

/// Territory, month and day of the abolition of slavery: Code du travail, article L3422-2; Mayotte: decree 83-1003.
const ABOLITION: &[(&str, u32, u32)] =
    &[("971", 5, 27), ("972", 5, 22), ("973", 6, 10), ("974", 12, 20), ("976", 4, 27), ("977", 10, 9), ("978", 5, 28)];

/// The public holidays of a département in a year, by date. A day can have two names: 1 May 2008 was Ascension Day.
pub fn of_year(year: i32, departement: &DepartementCode) -> Vec<Holiday> {
    let code = departement.as_str();
    if OTHER_LAW.contains(&code) {
        return Vec::new();
    }
    let mut days: Vec<(Option<NaiveDate>, &'static str, &'static str)> = Vec::new();
    let on = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let easter = easter(year);
    days.extend(FIXED.iter().map(|(month, day, fr, en)| (on(*month, *day), *fr, *en)));
    let after = |days: u64| easter.and_then(|sunday| sunday.checked_add_days(Days::new(days)));
    days.extend(MOVABLE.iter().map(|(from_easter, fr, en)| (after(*from_easter), *fr, *en)));
    if LOCAL_LAW.contains(&code) {
        let good_friday = easter.and_then(|sunday| sunday.checked_sub_days(Days::new(2)));
        days.push((good_friday, "Vendredi saint", "Good Friday"));
        days.push((on(12, 26), "Saint-Étienne", "St Stephen’s Day"));
    }
    let own = ABOLITION.iter().filter(|(of, ..)| *of == code);
    days.extend(own.map(|(_, month, day)| (on(*month, *day), "Abolition de l’esclavage", "Abolition of slavery")));
    let named = |(day, name_fr, name_en): (Option<NaiveDate>, _, _)| Some(Holiday { day: day?, name_fr, name_en });
    let mut holidays: Vec<Holiday> = days.into_iter().filter_map(named).collect();
    holidays.sort_unstable();
    holidays
}

/// Easter Sunday in the Gregorian calendar: the algorithm of Butcher (1876), given by Meeus, Astronomical Algorithms.
#[expect(clippy::many_single_char_names, reason = "the names of the source")]
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let days = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(days / 31).ok()?, u32::try_from(days % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Weekday};

    use crate::lending::settings::holidays::*;

    fn days(year: i32, departement: &str) -> Vec<String> {
        let holidays = of_year(year, &departement.parse().unwrap());
        holidays.iter().map(|holiday| holiday.day.format("%m-%d").to_string()).collect()
    }

    #[test]
    fn easter_is_the_published_date() {
        // Bureau des longitudes. 2038 is the latest Easter of the century, 2008 the earliest of its decade.
        for date in [
            "2000-04-23",
            "2008-03-23",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2038-04-25",
            "2100-03-28",
        ] {
            let date: NaiveDate = date.parse().unwrap();
            assert_eq!(easter(date.year()), Some(date));
        }
        assert!((1900..=2199).all(|year| easter(year).unwrap().weekday() == Weekday::Sun));
    }

    #[test]
    fn there_are_eleven_holidays_everywhere() {
        let expected =
            ["01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"];
        assert_eq!(days(2026, "63"), expected);
        assert_eq!(days(2026, "975"), expected, "Saint-Pierre-et-Miquelon");
        assert_eq!(days(2008, "75").iter().filter(|day| *day == "05-01").count(), 2, "Labour Day and Ascension Day");
    }

    #[test]
    fn alsace_and_moselle_have_two_more() {
        for departement in ["57", "67", "68"] {
            let days = days(2026, departement);
            assert!(days.len() == 13 && days.contains(&"04-03".into()) && days.contains(&"12-26".into()), "{days:?}");
        }
        assert_eq!(days(2026, "54").len(), 11);
    }

    #[test]
    fn each_overseas_territory_has_its_day_of_the_abolition() {
        let expected = [
            ("971", "05-27"),
            ("972", "05-22"),
            ("973", "06-10"),
            ("974", "12-20"),
            ("976", "04-27"),
            ("977", "10-09"),
            ("978", "05-28"),
        ];
        for (departement, day) in expected {
            let days = days(2026, departement);
            assert!(days.len() == 12 && days.contains(&day.to_owned()), "{departement}: {days:?}");
        }
        assert_eq!(days(2026, "988"), [""; 0], "another labour law");
    }
}
