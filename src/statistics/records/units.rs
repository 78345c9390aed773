//! Units with their sources, shared by the live tables and the sandbox.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::model::children::ChildFacts;
use super::model::{LiveUnit, PopulationCode, quarter_of};
use super::store::sources::Span;
use crate::territories::DepartementCode;

/// The source of a unit: its population, and its identifier there.
pub(super) type Source = (PopulationCode, String);

/// Units by source. Their households and referrers are those of the live tables; a cut replaces them by random texts.
pub(super) type Units = BTreeMap<Source, LiveUnit>;

/// The unit of a child, as the child was at the end of the span.
pub(super) fn of_child(child: &ChildFacts, year: i32, span: Span, departements: &[DepartementCode]) -> LiveUnit {
    LiveUnit {
        // The quarters of the span's own year. A unit of the next year has `late` instead.
        quarters: child.quarters(span.from.year(), span.to),
        late: false,
        number: 1,
        values: child.values(year, span.to, departements),
        household: Some(child.household.to_string()),
        referrer: child.referrer(),
    }
}

/// The unit of something that happened on one day.
pub(super) fn unit<'a>(on: NaiveDate, number: u32, values: impl IntoIterator<Item = (&'a str, String)>) -> LiveUnit {
    LiveUnit {
        quarters: quarter_of(on),
        late: false,
        number,
        values: values.into_iter().map(|(dimension, value)| (dimension.to_owned(), value)).collect(),
        household: None,
        referrer: None,
    }
}
