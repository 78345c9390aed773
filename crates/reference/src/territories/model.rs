//! What a territory is: its kind, its code, its populations. Rules only; the data are in [`super::index`].

use std::fmt;
use std::str::FromStr;

use passerelle_base::text_enum;

text_enum! {
    /// The levels of the French administrative map that the API names, widest first.
    ///
    /// The nomenclature `territory_kind` has one more, the area of a CTG, which no public file lists.
    pub enum TerritoryKind {
        /// A region, by its INSEE code (`84`). Overseas collectivities keep their number (`975`).
        Region = "region",
        /// A département, by its INSEE code (`63`, `2A`, `971`), and the overseas collectivities at this level.
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
    /// Métropole de Lyon, which is a territorial authority of its own kind.
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

/// Where a population comes from. The two published sources give different figures for most communes and neither states
/// its census year (`data/README.md`): a population never takes the place of one of another source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PopulationSource {
    /// The DGCL's 2026 list of EPCI and their communes: every EPCI, and every commune in one. Both populations.
    DgclEpciList,
    /// The population of the commune list: the communes outside any EPCI. The municipal population only.
    InseeCommuneList,
    /// Added up here from the communes of a département or a region, and only where every commune has a figure.
    SumOfCommunes,
}

impl PopulationSource {
    /// The code that the API shows.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::DgclEpciList => "dgcl_epci_list",
            Self::InseeCommuneList => "insee_commune_list",
            Self::SumOfCommunes => "sum_of_communes",
        }
    }
}

/// The two legal populations, in inhabitants. `None` is "not published for this territory", never zero: six communes
/// destroyed in 1916 have a population of 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// `population municipale`: each inhabitant once; additive over communes.
    pub municipal: Option<u32>,
    /// `population totale`: with the people counted apart; counts some people in two communes.
    pub total: Option<u32>,
    /// Where both come from; `None` when there is neither.
    pub source: Option<PopulationSource>,
}

/// The place of a territory in the fixed order of all of them: by kind, widest first, then by code.
///
/// It is what a keyset cursor remembers. It holds for one vintage of the data: a cursor outlives neither a new vintage
/// nor a change of filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u32);

impl Position {
    /// The index in a list of all the territories.
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
    /// Its place in the fixed order.
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
    /// The EPCI of a commune, when it is in one.
    pub(super) epci: Option<Position>,
    /// The département of a commune.
    pub(super) departement: Option<Position>,
    /// The region of a commune or a département.
    pub(super) region: Option<Position>,
    /// The postal codes of a commune, with a bar between two.
    pub(super) postal_codes: &'static str,
}

impl Territory {
    /// The postal codes of a commune, in the source's order: none for the five of the French Southern Lands, several for
    /// 387 communes, and several communes share one. None for another kind of territory.
    pub fn postal_codes(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.postal_codes.split('|').filter(|code| !code.is_empty())
    }

    /// Its kind and code.
    pub fn key(&self) -> TerritoryKey {
        TerritoryKey { kind: self.kind, code: self.code.to_owned() }
    }
}

/// How a request names a territory in one text: `epci:246300701`. The codes of two kinds can be the same text
/// (region `84`, département `84`), so a code never goes alone.
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
    fn a_key_reads_back_as_it_is_written() {
        for text in ["region:84", "departement:2A", "epci:246300701", "commune:63032"] {
            assert_eq!(text.parse::<TerritoryKey>().unwrap().to_string(), text);
        }
        for text in ["", "63032", "commune:", "ctg_area:1", "Commune:63032"] {
            assert!(text.parse::<TerritoryKey>().is_err(), "{text:?}");
        }
    }
}
