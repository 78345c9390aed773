//! The names of columns and the separator of flat files: the codes of the API for programs, French for the spreadsheets of
//! an administration.

use super::{Axis, Lang, status_code, text};
use passerelle_disclosure::document::Status;

/// How a flat file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headings {
    /// Columns have the codes of the API, labels are in this language, and commas separate the columns.
    Codes(Lang),
    /// Columns and labels are in French, and semicolons separate the columns, as French spreadsheets expect.
    French,
}

/// The code of a column in the API and its name in a French file.
type Name = (&'static str, &'static str);

/// The count of a cell, and its status.
const CELL: [Name; 2] = [("value", "effectif"), ("status", "statut")];

/// The range of a cell. Releases of former formats have none, and keep the columns that they had.
const RANGE: [Name; 3] = [("at_least", "au_moins"), ("at_most", "au_plus"), ("range", "fourchette")];

/// The metadata that each row repeats.
const METADATA: [Name; 10] = [
    ("release", "publication"),
    ("release_number", "numero_publication"),
    ("tier", "niveau"),
    ("cut_off", "date_arret"),
    ("service", "service"),
    ("policy", "regle_de_protection"),
    ("licence", "licence"),
    ("definitions_version", "version_definitions"),
    ("spec", "specification"),
    ("notice", "avertissement"),
];

impl Headings {
    /// The language of the labels.
    pub(super) const fn language(self) -> Lang {
        match self {
            Self::Codes(language) => language,
            Self::French => Lang::Fr,
        }
    }

    /// The byte between two columns of a CSV file.
    pub(super) const fn separator(self) -> u8 {
        match self {
            Self::Codes(_) => b',',
            Self::French => b';',
        }
    }

    /// The columns of a cell: the code and the label of each dimension, the count, the status, the range.
    pub(super) fn of_cells(self, axes: &[Axis<'_>], ranges: bool) -> Vec<String> {
        let dimensions = axes.iter().flat_map(|axis| match self {
            Self::Codes(_) => [axis.dimension.id.clone(), format!("{}_label", axis.dimension.id)],
            Self::French => {
                let label = text(&axis.dimension.label, Lang::Fr);
                [format!("{label} (code)"), label.to_owned()]
            }
        });
        let range = RANGE.iter().filter(|_| ranges);
        dimensions.chain(CELL.iter().chain(range).map(|name| self.name(*name).to_owned())).collect()
    }

    /// The columns of the metadata.
    pub(super) fn of_metadata(self) -> impl Iterator<Item = String> {
        METADATA.into_iter().map(move |name| self.name(name).to_owned())
    }

    /// A status, as a cell of a file.
    pub(super) fn status(self, status: Status) -> &'static str {
        match (self, status) {
            (Self::French, Status::Published) => "publié",
            (Self::French, Status::Suppressed) => "masqué",
            (Self::Codes(_), status) => status_code(status),
        }
    }

    const fn name(self, (code, french): Name) -> &'static str {
        match self {
            Self::Codes(_) => code,
            Self::French => french,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{release, whole};
    use super::super::metadata;
    use crate::statistics::formats::headings::*;

    #[test]
    fn each_column_of_the_metadata_has_a_name() {
        let codes: Vec<&str> = metadata::columns(&release()).iter().map(|(name, _)| *name).collect();
        assert_eq!(Headings::Codes(Lang::En).of_metadata().collect::<Vec<_>>(), codes);
        assert_eq!(Headings::French.of_metadata().count(), codes.len());
    }

    #[test]
    fn a_french_file_has_french_columns() {
        let release = release();
        let view = whole(&release, "by_territory");
        let columns = ["Période (code)", "Période", "Territoire (code)", "Territoire", "effectif", "statut"];
        assert_eq!(Headings::French.of_cells(&view.axes, false), columns);
        assert_eq!(Headings::French.of_cells(&view.axes, true).len(), 9);
    }
}
