//! The rule of contributions, in whole cents. Pure. This is its only home.
//!
//! - PRPE: the local authority pays a flat yearly contribution, pro rata of its population ([`per_inhabitant`]).
//!   Source: service project of 2026-05-27, cited in `data/conventions-2026.json`. The rate is not public: it is a
//!   field. A flat sum is accepted too.
//! - Choice, not in the source: a local authority that joins during the year pays by calendar month, and the first and
//!   the last month count whole: [`months_due`].
//! - Choice: amounts are rounded on running totals ([`ROUNDING`]). The amount due until the end of a month is the
//!   yearly sum times the number of months so far divided by twelve, to the nearest cent, half a cent up. The amount
//!   due for a span of months is the difference between two such totals ([`due`]). So the parts of a year add up to the
//!   year to the cent, wherever it is split, and so do the instalments of an amount ([`split`]).

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};

use crate::db::text_enum;
use crate::error::Lang;
use crate::french::de;
use crate::text::grouped;

text_enum! {
    /// How a contribution is computed.
    pub enum ContributionBasis {
        /// A rate per inhabitant.
        PerInhabitant = "per_inhabitant",
        /// A flat sum for twelve months.
        Flat = "flat",
    }
}

text_enum! {
    /// One of the two legal populations published by INSEE.
    pub enum PopulationKind {
        /// `population municipale`: each inhabitant is counted once.
        Municipal = "municipal",
        /// `population totale`: includes the people counted separately, such as students who live elsewhere.
        Total = "total",
    }
}

/// How cents are rounded: see the module documentation.
pub const ROUNDING: &str = "nearest_cent_half_up_on_running_totals";

/// The contribution for twelve months, in cents: inhabitants times the rate.
pub fn per_inhabitant(population: i32, rate_cents: i32) -> i64 {
    i64::from(population) * i64::from(rate_cents)
}

/// The first and the last calendar month of a year in which a convention is in effect; both count whole. 1 is January.
/// `None` if it is in effect on no day of the year.
pub fn months_due(year: i32, starts_on: NaiveDate, last_day: NaiveDate) -> Option<(u32, u32)> {
    if starts_on > last_day || !(starts_on.year()..=last_day.year()).contains(&year) {
        return None;
    }
    let first = if starts_on.year() == year { starts_on.month() } else { 1 };
    let last = if last_day.year() == year { last_day.month() } else { 12 };
    Some((first, last))
}

/// The amount due for a span of months of a year, both ends included, given the sum for twelve months.
pub fn due(yearly_cents: i64, (first, last): (u32, u32)) -> i64 {
    nearest(yearly_cents, i64::from(last), 12) - nearest(yearly_cents, i64::from(first) - 1, 12)
}

/// Splits an amount into parts that differ by at most one cent and add up to it.
pub fn split(amount_cents: i64, parts: usize) -> Vec<i64> {
    let count = i64::try_from(parts).unwrap_or(i64::MAX);
    let until = |part: i64| nearest(amount_cents, part, count);
    (1..=count).map(|part| until(part) - until(part - 1)).collect()
}

/// The share of each sum in the total, in hundredths of a percent. The shares add up to 10,000. `None` if the total is
/// zero.
pub fn shares(sums: &[i64]) -> Option<Vec<i64>> {
    let total: i64 = sums.iter().sum();
    if total <= 0 {
        return None;
    }
    let mut so_far = 0;
    let mut given = 0;
    let share = |sum: &i64| {
        so_far += sum;
        let until = nearest(10_000, so_far, total);
        let share = until - given;
        given = until;
        share
    };
    Some(sums.iter().map(share).collect())
}

/// `whole * part / of`, rounded to the nearest integer, halves up. No argument is negative, and `of` is not 0.
fn nearest(whole: i64, part: i64, of: i64) -> i64 {
    let (whole, part, of) = (i128::from(whole), i128::from(part), i128::from(of.max(1)));
    i64::try_from((whole * part * 2 + of) / (of * 2)).unwrap_or(i64::MAX)
}

/// Cents as people write euros: `3 775,45 €` in French, `€3,775.45` in English.
pub fn euros(cents: i64, french: bool) -> String {
    let whole = grouped(cents.unsigned_abs().div_euclid(100), if french { Lang::Fr } else { Lang::En });
    let sign = if cents < 0 { "-" } else { "" };
    let rest = cents.unsigned_abs() % 100;
    if french { format!("{sign}{whole},{rest:02}\u{a0}€") } else { format!("{sign}€{whole}.{rest:02}") }
}

const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The inputs of a contribution.
#[derive(Clone, Copy, Debug)]
pub struct Computation {
    /// Population and cents per inhabitant; `None` for a flat sum.
    pub per_inhabitant: Option<(i32, i32)>,
    /// The sum for twelve months.
    pub yearly_cents: i64,
    /// The first and the last month due.
    pub months: (u32, u32),
}

impl Computation {
    /// The number of months due.
    pub fn months_due(&self) -> u32 {
        let (first, last) = self.months;
        last - first + 1
    }

    /// The amount due.
    pub fn amount_cents(&self) -> i64 {
        due(self.yearly_cents, self.months)
    }

    /// The computation in words.
    pub fn formula(&self, french: bool) -> String {
        let mut text = String::new();
        let yearly = euros(self.yearly_cents, french);
        // Writing to a string cannot fail.
        let _ = match (self.per_inhabitant, french) {
            (Some((population, rate)), true) => {
                let noun = if population > 1 { "habitants" } else { "habitant" };
                let population = grouped(population, Lang::Fr);
                write!(text, "{population} {noun} × {} = {yearly} par an", euros(i64::from(rate), true))
            }
            (Some((population, rate)), false) => {
                let noun = if population == 1 { "inhabitant" } else { "inhabitants" };
                let population = grouped(population, Lang::En);
                write!(text, "{population} {noun} × {} = {yearly} per year", euros(i64::from(rate), false))
            }
            (None, true) => write!(text, "forfait de {yearly} par an"),
            (None, false) => write!(text, "flat sum of {yearly} per year"),
        };
        let (first, last) = self.months;
        let name = |names: &[&'static str; 12], month: u32| names.get(month as usize - 1).copied().unwrap_or_default();
        let (number, amount) = (self.months_due(), euros(self.amount_cents(), french));
        let _ = if french {
            let (from, to) = (name(&MONTHS_FR, first), name(&MONTHS_FR, last));
            write!(text, " ; {} à {to}, {number} mois sur 12 : {amount}", de(from))
        } else {
            let (from, to) = (name(&MONTHS_EN, first), name(&MONTHS_EN, last));
            write!(text, "; from {from} to {to}, {number} of 12 months: {amount}")
        };
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::conventions::contributions::model::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_and_the_last_month_count_whole() {
        let of = |year, from, to| months_due(year, day(from), day(to));
        assert_eq!(of(2026, "2026-01-01", "2026-12-31"), Some((1, 12)));
        // A local authority that joins on the last day of July pays for July.
        assert_eq!(of(2026, "2026-07-31", "2028-12-31"), Some((7, 12)));
        assert_eq!(of(2027, "2026-07-31", "2028-12-31"), Some((1, 12)));
        assert_eq!(of(2028, "2026-07-31", "2028-03-01"), Some((1, 3)));
        assert_eq!(of(2029, "2026-07-31", "2028-12-31"), None);
        assert_eq!(of(2025, "2026-07-31", "2028-12-31"), None);
    }

    #[test]
    fn euros_are_written_as_people_write_them() {
        assert_eq!(euros(377_545, true), "3\u{202f}775,45\u{a0}€");
        assert_eq!(euros(377_545, false), "€3,775.45");
        assert_eq!(euros(5, true), "0,05\u{a0}€");
        assert_eq!(euros(-123_456_789, false), "-€1,234,567.89");
    }

    #[test]
    fn the_formula_states_every_factor() {
        let yearly_cents = per_inhabitant(10_787, 35);
        assert_eq!(yearly_cents, 377_545);
        let computed = Computation { per_inhabitant: Some((10_787, 35)), yearly_cents, months: (7, 12) };
        assert_eq!(computed.amount_cents(), 188_772);
        assert_eq!(
            computed.formula(false),
            "10,787 inhabitants × €0.35 = €3,775.45 per year; from July to December, 6 of 12 months: €1,887.72"
        );
        assert_eq!(
            Computation { months: (4, 12), ..computed }.formula(true),
            "10\u{202f}787 habitants × 0,35\u{a0}€ = 3\u{202f}775,45\u{a0}€ par an ; d'avril à décembre, 9 mois sur 12 : \
             2\u{202f}831,59\u{a0}€"
        );
        let flat = Computation { per_inhabitant: None, yearly_cents: 120_000, months: (1, 12) };
        assert!(flat.formula(true).starts_with("forfait de 1\u{202f}200,00\u{a0}€ par an"));
    }

    proptest! {
        #[test]
        fn the_parts_of_a_year_add_up_wherever_it_is_split(yearly in 0i64..10_000_000_000, cuts in proptest::collection::btree_set(1u32..12, 0..11)) {
            let mut first = 1;
            let mut sum = 0;
            for cut in cuts.iter().copied().chain([12]) {
                let part = due(yearly, (first, cut));
                // No part is more than a cent away from its exact share.
                let exact_twelfths = yearly * i64::from(cut - first + 1);
                prop_assert!((part * 12 - exact_twelfths).abs() <= 12);
                sum += part;
                first = cut + 1;
            }
            prop_assert_eq!(sum, yearly);
        }

        #[test]
        fn instalments_add_up_to_the_cent(amount in 0i64..10_000_000_000, parts in 1usize..25) {
            let instalments = split(amount, parts);
            prop_assert_eq!(instalments.len(), parts);
            prop_assert_eq!(instalments.iter().sum::<i64>(), amount);
            let (least, most) = (instalments.iter().min().unwrap(), instalments.iter().max().unwrap());
            prop_assert!(*least >= 0 && most - least <= 1);
        }

        #[test]
        fn instalments_of_the_parts_of_a_year_add_up_in_any_order(yearly in 0i64..1_000_000_000, cut in 1u32..12, parts in 1usize..13) {
            let (before, after) = (due(yearly, (1, cut)), due(yearly, (cut + 1, 12)));
            let mut all: Vec<i64> = split(before, parts).into_iter().chain(split(after, parts)).collect();
            prop_assert_eq!(all.iter().sum::<i64>(), yearly);
            all.reverse();
            prop_assert_eq!(all.iter().sum::<i64>(), yearly);
        }

        #[test]
        fn shares_add_up_to_the_whole(sums in proptest::collection::vec(0i64..1_000_000_000, 1..8)) {
            match shares(&sums) {
                None => prop_assert_eq!(sums.iter().sum::<i64>(), 0),
                Some(shares) => {
                    prop_assert_eq!(shares.iter().sum::<i64>(), 10_000);
                    prop_assert!(shares.iter().all(|share| *share >= 0));
                }
            }
        }
    }
}
