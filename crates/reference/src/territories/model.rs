//! What a territory is: its kind, its code, its populations. The data are in [`super::index`].

use std::fmt;
use std::str::FromStr;

use passerelle_base::text_enum;

text_enum! {
    /// The levels of the French administrative map that the API uses, largest first.
    ///
    /// The nomenclature `territory_kind` has one more level, the area of a CTG, which no public file lists.
    pub enum TerritoryKind {
        /// A region, by its INSEE code (`84`). Overseas collectivities keep their number (`975`).
        Region = "region",
        /// A département or an overseas collectivity of this level, by its INSEE code (`63`, `2A`, `971`).
        Departement = "departement",
        /// An inter-municipal authority with its own taxation, by its SIREN (`246300701`).
        Epci = "epci",
        /// A commune, by its INSEE code (`63032`), never by a postal code.
        Commune = "commune",
    }
}

/// The legal form of an EPCI, by its official abbreviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EpciType {
    /// Communauté de communes.
    Cc,
    /// Communauté d'agglomération.
    Ca,
    /// Communauté urbaine.
    Cu,
    /// Métropole.
    Metro,
    /// Métropole de Lyon, which has its own legal form.
    Met69,
}

impl EpciType {
    /// The official abbreviation, as the source writes it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Cc => "CC",
            Self::Ca => "CA",
            Self::Cu => "CU",
            Self::Metro => "METRO",
            Self::Met69 => "MET69",
        }
    }
}

impl FromStr for EpciType {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Cc, Self::Ca, Self::Cu, Self::Metro, Self::Met69]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("unknown EPCI type {text:?}"))
    }
}

/// The source of a population. The two published sources give different figures for most communes, and neither states
/// its census year (`data/README.md`). A population never replaces a population of another source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PopulationSource {
    /// The DGCL's 2026 list of EPCI and their communes: every EPCI, and every commune in one. Both populations.
    DgclEpciList,
    /// The population of the commune list: the communes in no EPCI. The municipal population only.
    InseeCommuneList,
    /// A sum over the communes of a département or a region. Computed only if every commune has a figure.
    SumOfCommunes,
}

impl PopulationSource {
    /// The code that the API returns.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::DgclEpciList => "dgcl_epci_list",
            Self::InseeCommuneList => "insee_commune_list",
            Self::SumOfCommunes => "sum_of_communes",
        }
    }
}

/// The two legal populations, in inhabitants. `None` means "not published for this territory". It is not zero: six
/// communes destroyed in 1916 have a population of 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// `population municipale`: it counts each inhabitant once, and is additive over communes.
    pub municipal: Option<u32>,
    /// `population totale`: it includes the `population comptée à part`, so it counts some people in two communes.
    pub total: Option<u32>,
    /// The source of both. `None` if there is neither.
    pub source: Option<PopulationSource>,
}

/// The position of a territory in the fixed order of all territories: by kind, largest first, then by code.
///
/// Keyset cursors contain it. It is valid for one vintage of the data, so a cursor is not valid for another vintage or
/// for another filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u32);

impl Position {
    /// The index in the list of all territories.
    pub(super) const fn rank(self) -> usize {
        self.0 as usize
    }
}

impl From<u32> for Position {
    fn from(rank: u32) -> Self {
        Self(rank)
    }
}

impl From<Position> for u32 {
    fn from(position: Position) -> Self {
        position.0
    }
}

/// One territory of the 2026 map.
#[derive(Debug, PartialEq, Eq)]
pub struct Territory {
    /// Its position in the fixed order.
    pub position: Position,
    /// Its level.
    pub kind: TerritoryKind,
    /// Its official code: INSEE, or SIREN for an EPCI.
    pub code: &'static str,
    /// Its official name. Not unique: eight communes are called Beaumont.
    pub name: &'static str,
    /// Its populations.
    pub population: Population,
    /// The legal form, for an EPCI.
    pub epci_type: Option<EpciType>,
    /// The EPCI of a commune, if it is in one.
    pub(super) epci: Option<Position>,
    /// The département of a commune.
    pub(super) departement: Option<Position>,
    /// The region of a commune or a département.
    pub(super) region: Option<Position>,
    /// The postal codes of a commune, separated by `|`.
    pub(super) postal_codes: &'static str,
}

impl Territory {
    /// The postal codes of a commune, in the order of the source. The five communes of the French Southern Lands have
    /// none, 387 communes have several, and several communes can share one. Empty for another kind of territory.
    pub fn postal_codes(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.postal_codes.split('|').filter(|code| !code.is_empty())
    }

    /// Its kind and code.
    pub fn key(&self) -> TerritoryKey {
        TerritoryKey { kind: self.kind, code: self.code.to_owned() }
    }
}

/// A territory in one text: `epci:246300701`. Two kinds can have the same code (region `84`, département `84`), so a
/// code is never used without its kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TerritoryKey {
    /// The level.
    pub kind: TerritoryKind,
    /// The official code, not checked against the map.
    pub code: String,
}

impl fmt::Display for TerritoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.code)
    }
}

impl FromStr for TerritoryKey {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, code) = text
            .split_once(':')
            .ok_or_else(|| format!("expected a kind and a code, as in epci:246300701, not {text:?}"))?;
        if code.is_empty() {
            return Err(format!("the code is missing after {kind:?}"));
        }
        Ok(Self { kind: kind.parse()?, code: code.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use crate::territories::model::*;

    #[test]
    fn a_key_parses_as_it_is_displayed() {
        for text in ["region:84", "departement:2A", "epci:246300701", "commune:63032"] {
            assert_eq!(text.parse::<TerritoryKey>().unwrap().to_string(), text);
        }
        for text in ["", "63032", "commune:", "ctg_area:1", "Commune:63032"] {
            assert!(text.parse::<TerritoryKey>().is_err(), "{text:?}");
        }
    }
}
