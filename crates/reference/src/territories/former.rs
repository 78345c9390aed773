//! Codes that are not those of a commune, and the commune that each belongs to: municipal arrondissements of Paris, Lyon
//! and Marseille, delegated and associated communes, codes of communes that merged. Address services give them.

use std::collections::HashMap;
use std::sync::LazyLock;

use csv::ReaderBuilder;
use flate2::read::GzDecoder;

use super::index::{is_known, territories};
use super::model::TerritoryKind;

/// The compressed table: see `data/README.md`.
static COMPRESSED: &[u8] = include_bytes!("../../../../data/former-communes-2026.csv.gz");

static COMMUNES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut reader = ReaderBuilder::new().from_reader(GzDecoder::new(COMPRESSED));
    // A test reads the whole table: a line that cannot be read is a code that is not known.
    reader.deserialize().filter_map(Result::ok).collect()
});

/// The code of the commune that a code stands for today: itself if it is a commune's. `None` if it is unknown.
pub fn current_commune(code: &str) -> Option<&'static str> {
    let of = |code: &str| territories().get(TerritoryKind::Commune, code).map(|commune| commune.code);
    of(code).or_else(|| of(COMMUNES.get(code)?))
}

/// Whether a request may give this code at this level: the map has it, or it is read as the code of a commune.
pub fn is_readable(kind: TerritoryKind, code: &str) -> bool {
    is_known(kind, code) || (kind == TerritoryKind::Commune && current_commune(code).is_some())
}

#[cfg(test)]
mod tests {
    use super::{COMMUNES, current_commune};

    #[test]
    fn codes_of_address_services_are_those_of_communes() {
        for (code, commune) in [
            ("63113", "63113"),
            ("75101", "75056"),
            ("75120", "75056"),
            ("69381", "69123"),
            ("69389", "69123"),
            ("13201", "13055"),
            ("13216", "13055"),
            // Cordieux, an associated commune, and a commune that merged into Arboys en Bugey.
            ("01120", "01262"),
            ("01340", "01015"),
        ] {
            assert_eq!(current_commune(code), Some(commune), "{code}");
        }
        for unknown in ["75121", "69390", "13217", "63", "", "75000"] {
            assert_eq!(current_commune(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_whole_table_is_read_and_leads_to_communes() {
        assert_eq!(COMMUNES.len(), 4_285);
        for (code, commune) in COMMUNES.iter() {
            assert_eq!(current_commune(code), Some(commune.as_str()), "{code}");
            assert_ne!(code, commune);
        }
        for (first, last, commune) in [(75101, 75120, "75056"), (69381, 69389, "69123"), (13201, 13216, "13055")] {
            for code in first..=last {
                assert_eq!(current_commune(&code.to_string()), Some(commune));
            }
        }
    }
}
