//! How the value of a period is computed from facts. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, Days, NaiveDate};

use crate::activity::model::{children_per_fte_hundredths, reached};
use crate::db::{Id, text_enum};
use crate::figures::Period;
use crate::indicators::model::types::{Facts, Indicator, Measure};
use crate::services::model::{PositionDates, counted_fte_hundredths};

text_enum! {
    /// Why a value is null.
    pub enum MissingValue {
        /// The period is in the future.
        NotStarted = "not_started",
        /// The value needs a period that is over.
        NotOver = "not_over",
        /// The days after the end of the period that the indicator asks for have not passed.
        NotMature = "not_mature",
        /// The denominator is zero.
        NoDenominator = "no_denominator",
        /// There is nothing to take the median of.
        NothingToMeasure = "nothing_to_measure",
        /// The value exists for whole calendar years only.
        WholeYearsOnly = "whole_years_only",
        /// The value exists for periods of exactly one year only.
        OneYearOnly = "one_year_only",
    }
}

/// A row from which values are computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its day, or its first day.
    pub from: NaiveDate,
    /// Its last day; none if it lasts.
    pub to: Option<NaiveDate>,
    /// What is counted once, where things are counted.
    pub thing: Option<Id>,
    /// The number to add, the part of a share, or the delay.
    pub amount: i64,
    /// The whole of a share.
    pub whole: i64,
    /// The part of the split that it is in.
    pub category: Option<String>,
}

impl Fact {
    /// A number on a day.
    pub fn on(day: NaiveDate, amount: i64) -> Self {
        Self { from: day, to: Some(day), thing: None, amount, whole: 0, category: None }
    }

    /// A part and its whole on a day.
    pub fn share(day: NaiveDate, amount: i64, whole: i64) -> Self {
        Self { whole, ..Self::on(day, amount) }
    }

    /// A thing from a first day to a last one.
    pub fn lasting(thing: Id, from: NaiveDate, to: Option<NaiveDate>) -> Self {
        Self { from, to, thing: Some(thing), amount: 1, whole: 0, category: None }
    }

    /// In a part of the split.
    #[must_use]
    pub fn within(self, category: Option<String>) -> Self {
        Self { category, ..self }
    }

    fn starts_in(&self, period: Period) -> bool {
        (period.from..=period.to).contains(&self.from)
    }

    fn has_a_day_in(&self, period: Period) -> bool {
        self.from <= period.to && self.to.is_none_or(|last| last >= period.from)
    }
}

/// A number with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// A whole number.
    Whole(i64),
    /// Hundredths.
    Hundredths(i64),
}

impl Number {
    fn is_zero(self) -> bool {
        matches!(self, Self::Whole(0) | Self::Hundredths(0))
    }
}

/// A value, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The value; null with its reason.
    pub value: Result<Number, MissingValue>,
    /// What was divided, of a quotient.
    pub numerator: Option<i64>,
    /// By what it was divided.
    pub denominator: Option<i64>,
}

/// What values are computed from beside facts.
#[derive(Debug, Default)]
pub struct Around {
    /// The positions of the service.
    pub positions: Vec<PositionDates>,
    /// The copies in service today, by kit.
    pub copies: HashMap<String, i64>,
}

/// The facts of an indicator by category, without a category if it is not split.
pub type ByCategory = BTreeMap<Option<String>, Vec<Fact>>;

/// Groups facts by category.
pub fn by_category(facts: Vec<Fact>) -> ByCategory {
    let mut all = ByCategory::new();
    for fact in facts {
        all.entry(fact.category.clone()).or_default().push(fact);
    }
    all
}

/// Whether a category has something in at least one period: a category of zeros is left out.
pub fn is_shown(values: &[Value]) -> bool {
    values
        .iter()
        .any(|value| value.value.is_ok_and(|number| !number.is_zero()) || value.denominator.is_some_and(|n| n > 0))
}

/// Whether the facts of an indicator are known before their day.
fn is_known_ahead(measure: Measure) -> bool {
    matches!(measure, Measure::Sum(Facts::Cancelled) | Measure::Yearly(_))
}

/// The value of a version in force in a period.
pub fn value(
    indicator: &Indicator,
    facts: &[Fact],
    category: Option<&str>,
    around: &Around,
    period: Period,
    today: NaiveDate,
) -> Value {
    let missing = |reason| Value { value: Err(reason), numerator: None, denominator: None };
    let Some(measure) = indicator.measure else { return missing(MissingValue::NotOver) };
    let ahead = is_known_ahead(measure);
    if period.from > today && !ahead {
        return missing(MissingValue::NotStarted);
    }
    let mature_on = period.to.checked_add_days(Days::new(indicator.maturity_days.into()));
    if indicator.maturity_days > 0 && mature_on.is_none_or(|day| day >= today) {
        return missing(MissingValue::NotMature);
    }
    // Only the past days of a period count.
    let past = if ahead { period } else { Period { to: period.to.min(today), ..period } };
    match measure {
        Measure::Sum(_) => whole(sum(facts, past)),
        Measure::Nights(_) => whole(facts.iter().map(|fact| nights(fact, past, today)).sum()),
        Measure::Distinct(_) => whole(distinct(facts.iter().filter(|fact| fact.has_a_day_in(past)))),
        Measure::OnLastDay(_) => whole(on_day(facts, past.to)),
        Measure::OnEve(_) => whole(on_day(facts, eve(period))),
        Measure::Share(_) => {
            let within = || facts.iter().filter(|fact| fact.starts_in(past));
            quotient(within().map(|fact| fact.amount).sum(), within().map(|fact| fact.whole).sum(), 100)
        }
        Measure::Median(_) => {
            median(facts.iter().filter(|fact| fact.starts_in(past)).map(|fact| fact.amount).collect())
                .map_or_else(|| missing(MissingValue::NothingToMeasure), |days| number(Number::Hundredths(days)))
        }
        Measure::Yearly(_) if is_whole_years(period) => whole(sum(facts, period)),
        Measure::Yearly(_) => missing(MissingValue::WholeYearsOnly),
        Measure::CountedFte => whole(fte(around, past)),
        Measure::ChildrenPerFte => per_fte(facts, around, past),
        Measure::Recommendation => recommendation(facts, around, period, today),
        Measure::LoansPerCopy => {
            let of = |kit: &str| around.copies.get(kit).copied().unwrap_or(0);
            let copies = category.map_or_else(|| around.copies.values().sum(), of);
            quotient(sum(facts, past), copies, 1)
        }
        Measure::Turnover => {
            let left =
                facts.iter().filter(|fact| left_on(fact).is_some_and(|day| (past.from..=past.to).contains(&day)));
            let left = i64::try_from(left.count()).unwrap_or(i64::MAX);
            let numbers = on_day(facts, eve(period)) + on_day(facts, past.to);
            Value { numerator: Some(left), ..quotient(left * 2, numbers, 100) }
        }
    }
}

fn number(number: Number) -> Value {
    Value { value: Ok(number), numerator: None, denominator: None }
}

fn whole(value: i64) -> Value {
    number(Number::Whole(value))
}

/// A quotient to two decimals, rounded to the nearest.
fn quotient(part: i64, whole: i64, times: i64) -> Value {
    let value = if whole > 0 {
        Ok(Number::Hundredths((part * 200 * times + whole) / (whole * 2)))
    } else {
        Err(MissingValue::NoDenominator)
    };
    Value { value, numerator: Some(part), denominator: Some(whole) }
}

fn sum(facts: &[Fact], period: Period) -> i64 {
    facts.iter().filter(|fact| fact.starts_in(period)).map(|fact| fact.amount).sum()
}

fn distinct<'a>(facts: impl Iterator<Item = &'a Fact>) -> i64 {
    let things: HashSet<Id> = facts.filter_map(|fact| fact.thing).collect();
    i64::try_from(things.len()).unwrap_or(i64::MAX)
}

fn on_day(facts: &[Fact], day: NaiveDate) -> i64 {
    distinct(facts.iter().filter(|fact| fact.has_a_day_in(Period { from: day, to: day })))
}

fn eve(period: Period) -> NaiveDate {
    period.from.pred_opt().unwrap_or(period.from)
}

/// The last day of somebody who is counted until the night before it.
fn left_on(fact: &Fact) -> Option<NaiveDate> {
    fact.to.and_then(|last| last.succ_opt())
}

/// The nights of a loan in a period. The night after the last day of a period counts in that period, so that consecutive
/// periods add up.
fn nights(fact: &Fact, period: Period, today: NaiveDate) -> i64 {
    let end = period.to.succ_opt().unwrap_or(period.to);
    (fact.to.unwrap_or(today).min(end) - fact.from.max(period.from)).num_days().max(0)
}

/// The median in hundredths; none of nothing.
fn median(mut amounts: Vec<i64>) -> Option<i64> {
    amounts.sort_unstable();
    let middle = amounts.len() / 2;
    let upper = *amounts.get(middle)?;
    let lower = if amounts.len().is_multiple_of(2) { *amounts.get(middle.checked_sub(1)?)? } else { upper };
    Some((lower + upper) * 50)
}

fn is_whole_years(period: Period) -> bool {
    let (first, next) = (period.from, period.to.succ_opt());
    let is_new_year = |day: NaiveDate| (day.month(), day.day()) == (1, 1);
    is_new_year(first) && next.is_some_and(is_new_year)
}

/// The calendar year that a period is, if it is one.
pub fn year_of(period: Period) -> Option<i32> {
    (is_whole_years(period) && period.is_a_year()).then(|| period.from.year())
}

/// A value in percent of a target, in hundredths; none for a target of zero.
pub fn reached_percent(value: Value, target: i32) -> Option<Number> {
    let hundredths = match value.value.ok()? {
        Number::Whole(whole) => whole * 100,
        Number::Hundredths(hundredths) => hundredths,
    };
    quotient(hundredths, i64::from(target) * 100, 100).value.ok()
}

fn fte(around: &Around, past: Period) -> i64 {
    counted_fte_hundredths(&around.positions, past.from, past.to)
}

fn per_fte(facts: &[Fact], around: &Around, past: Period) -> Value {
    let children = distinct(facts.iter().filter(|fact| fact.has_a_day_in(past)));
    let fte = fte(around, past);
    let value = children_per_fte_hundredths(children, fte).map(Number::Hundredths).ok_or(MissingValue::NoDenominator);
    Value { value, numerator: Some(children), denominator: Some(fte) }
}

fn recommendation(facts: &[Fact], around: &Around, period: Period, today: NaiveDate) -> Value {
    let past = Period { to: period.to.min(today), ..period };
    let known = per_fte(facts, around, past);
    let (children, fte) = (known.numerator.unwrap_or(0), known.denominator.unwrap_or(0));
    let value = match reached(children, fte, period, today) {
        Some(is_met) => Ok(Number::Whole(i64::from(is_met))),
        None if fte == 0 => Err(MissingValue::NoDenominator),
        None if !period.is_a_year() => Err(MissingValue::OneYearOnly),
        None => Err(MissingValue::NotOver),
    };
    Value { value, ..known }
}

#[cfg(test)]
mod tests;
