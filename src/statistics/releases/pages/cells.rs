//! How a page shows a cell, a number and a day.

use chrono::DateTime;

use crate::dates;
use crate::error::Lang;
use crate::statistics::formats::metadata;
use passerelle_disclosure::document::{Cell, Label};

/// What a page knows of a cell. Every page reads cells through [`shown`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The count.
    Count(u64),
    /// Suppressed, with its range in words (empty if it has none) and its upper end.
    Hidden(String, Option<u64>),
}

/// A cell as pages show it.
pub(super) fn shown(cell: &Cell) -> Shown {
    cell.value.map_or_else(|| Shown::Hidden(metadata::range(cell, Lang::Fr), cell.at_most), Shown::Count)
}

impl Shown {
    /// The count, if it is known.
    pub(super) fn count(&self) -> Option<u64> {
        match self {
            Self::Count(count) => Some(*count),
            Self::Hidden(..) => None,
        }
    }

    /// The most that it can be, if it is suppressed and something bounds it.
    pub(super) fn at_most(&self) -> Option<u64> {
        match self {
            Self::Count(_) => None,
            Self::Hidden(_, most) => *most,
        }
    }

    /// The text of the cell.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Count(count) => number(*count),
            Self::Hidden(range, _) if range.is_empty() => "masqué".to_owned(),
            Self::Hidden(range, _) => format!("masqué, {range}"),
        }
    }
}

/// A number as French texts write it: 12 345, with narrow spaces that do not break.
pub(super) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + 8);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// The day of an instant of a release, as French texts write it.
pub(super) fn day(instant: &str) -> String {
    DateTime::parse_from_rfc3339(instant)
        .map_or_else(|_| instant.to_owned(), |instant| dates::french(instant.date_naive()).to_string())
}

/// The French text of a label.
pub(super) fn french(label: &Label) -> &str {
    &label.fr
}

#[cfg(test)]
mod tests {
    use crate::statistics::releases::pages::cells::*;

    #[test]
    fn a_number_and_a_day_are_written_in_french() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
        assert_eq!(day("2025-04-16T08:15:00.000000Z"), "16/04/2025");
        assert_eq!(day("yesterday"), "yesterday");
    }

    #[test]
    fn a_hidden_cell_shows_its_range_and_no_other_number() {
        let mut cells = super::super::fixture::release().tables.remove(0).cells;
        (cells[2].at_least, cells[2].at_most) = (Some(20), Some(39));
        let texts: Vec<String> = cells.iter().map(|cell| shown(cell).text()).collect();
        assert_eq!(texts, ["40", "masqué", "masqué, entre 20 et 39", "1\u{202f}200", "1\u{202f}180", "0"]);
    }
}
