//! Periods in SDMX notation.

/// A period in SDMX notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Period {
    /// A code of the SDMX list of frequencies.
    pub(super) frequency: &'static str,
    /// The name of the frequency in French and in English.
    pub(super) names: (&'static str, &'static str),
    /// An SDMX time period.
    pub(super) time: String,
}

/// The SDMX period of a code: a quarter, a half-year, the first nine months or a year.
///
/// Nine months are a time range, whose only frequency in the list is `_O`, other. A code of another form stays as it
/// is: a reader can do more with it than with nothing.
pub(super) fn sdmx(code: &str) -> Period {
    let nine = code.strip_suffix("-M9").filter(|year| is_year(year));
    let time = nine.map_or_else(|| code.to_owned(), |year| format!("{year}-01-01/P9M"));
    let (frequency, names) = match code.split_once('-') {
        None if is_year(code) => ("A", ("Annuelle", "Annual")),
        Some((year, "Q1" | "Q2" | "Q3" | "Q4")) if is_year(year) => ("Q", ("Trimestrielle", "Quarterly")),
        Some((year, "S1" | "S2")) if is_year(year) => ("S", ("Semestrielle", "Half-yearly")),
        _ => ("_O", ("Autre", "Other")),
    };
    Period { frequency, names, time }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::statistics::formats::periods::*;

    #[test]
    fn each_period_has_its_sdmx_notation() {
        for (code, frequency, time) in [
            ("2025-Q1", "Q", "2025-Q1"),
            ("2025-Q4", "Q", "2025-Q4"),
            ("2025-S1", "S", "2025-S1"),
            ("2025-M9", "_O", "2025-01-01/P9M"),
            ("2025", "A", "2025"),
            ("2025-Q5", "_O", "2025-Q5"),
            ("soon", "_O", "soon"),
        ] {
            let period = sdmx(code);
            assert_eq!((period.frequency, period.time.as_str()), (frequency, time), "{code}");
        }
    }
}
