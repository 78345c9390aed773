//! The map of 2026, in memory: look-up by code, lists by parent, postal code and name. No I/O.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::load::{InvalidReference, Loaded, load};
use super::model::{Position, Territory, TerritoryKey, TerritoryKind};
use super::search::{Match, Names, Search};

/// The compressed file: see `data/README.md`.
static COMPRESSED: &[u8] = include_bytes!("../../../../data/territories-2026.csv.gz");

static MAP: LazyLock<Territories> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the binary and the tests load it")]
    Territories::read(COMPRESSED).expect("the embedded territories are valid")
});

/// Every territory of the vintage. Loaded once, at the first call.
pub fn territories() -> &'static Territories {
    &MAP
}

/// Whether the map has this code at this level.
pub fn is_known(kind: TerritoryKind, code: &str) -> bool {
    territories().get(kind, code).is_some()
}

/// The regions, départements, EPCI and communes of one vintage.
pub struct Territories {
    all: Vec<Territory>,
    by_code: HashMap<(TerritoryKind, &'static str), Position>,
    spans: HashMap<Position, Box<[Position]>>,
    /// Pairs of a postal code, as a number, and a commune, sorted. Both can occur several times.
    by_postal_code: Vec<(u32, Position)>,
    names: Names,
}

/// The conditions of a list. All of them must hold (AND). The default has no condition.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Only these kinds. Every kind if empty.
    pub kinds: &'a [TerritoryKind],
    /// Only the territories inside this one, at any depth, without itself. An EPCI is inside each département and each
    /// region where it has a commune.
    pub parent: Option<&'a Territory>,
    /// Only the communes with this postal code.
    pub postal_code: Option<&'a str>,
    /// Only the names that match this search. A text without a letter or a digit matches nothing.
    pub name: Option<&'a str>,
}

/// One page of a list.
#[derive(Debug)]
pub struct Found<'a> {
    /// The territories. A search by name orders them by relevance, then by population, largest first, then by position.
    /// Without a search, they are ordered by position.
    pub items: Vec<&'a Territory>,
    /// The number of territories that match the filter, on all pages.
    pub total: usize,
    /// The `after` of the next page, with the same filter. `None` on the last page.
    pub next: Option<Position>,
}

/// A unique sort key, so that a page can start after any item.
type SortKey = (Match, Reverse<u32>, Position);

impl Territories {
    fn read(compressed: &[u8]) -> Result<Self, InvalidReference> {
        let Loaded { territories: all, by_code, spans } = load(compressed)?;
        let postal_codes = |commune: &Territory| {
            let position = commune.position;
            commune.postal_codes().filter_map(move |code| Some((postal_number(code)?, position)))
        };
        let mut by_postal_code: Vec<_> = all.iter().flat_map(postal_codes).collect();
        by_postal_code.sort_unstable();
        let names = Names::new(all.iter().map(|territory| territory.name));
        Ok(Self { all, by_code, spans, by_postal_code, names })
    }

    /// The territory with this kind and official code.
    pub fn get(&self, kind: TerritoryKind, code: &str) -> Option<&Territory> {
        self.by_code.get(&(kind, code)).and_then(|&position| self.at(position))
    }

    /// The territory with this key.
    pub fn find(&self, key: &TerritoryKey) -> Option<&Territory> {
        self.get(key.kind, &key.code)
    }

    /// The territory at this position.
    pub fn at(&self, position: Position) -> Option<&Territory> {
        self.all.get(position.rank())
    }

    /// All territories, by position.
    pub fn iter(&self) -> impl Iterator<Item = &Territory> {
        self.all.iter()
    }

    /// The EPCI of a commune; `None` for an unknown commune and for the 98 (islands, overseas) that are in no EPCI.
    pub fn epci_of(&self, commune: &str) -> Option<&Territory> {
        self.get(TerritoryKind::Commune, commune)?.epci.and_then(|position| self.at(position))
    }

    /// The département of a commune; `None` for an unknown commune.
    pub fn departement_of(&self, commune: &str) -> Option<&Territory> {
        self.get(TerritoryKind::Commune, commune)?.departement.and_then(|position| self.at(position))
    }

    /// The territories that contain this one, nearest first. For a commune: its EPCI if any, its département, its
    /// region. For a département: its region. For an EPCI: all its départements, then all its regions.
    pub fn ancestors(&self, territory: &Territory) -> Vec<&Territory> {
        let direct = [territory.epci, territory.departement, territory.region];
        let spanned = self.spans.get(&territory.position).into_iter().flatten().copied();
        direct.into_iter().flatten().chain(spanned).filter_map(|position| self.at(position)).collect()
    }

    /// Whether `territory` is inside `parent`. For an EPCI: whether one of its communes is.
    pub fn is_within(&self, territory: &Territory, parent: &Territory) -> bool {
        [territory.epci, territory.departement, territory.region].contains(&Some(parent.position))
            || self.spans.get(&territory.position).is_some_and(|spanned| spanned.contains(&parent.position))
    }

    /// The communes of an EPCI, a département or a region, by code.
    pub fn communes_of<'a>(&'a self, parent: &'a Territory) -> impl Iterator<Item = &'a Territory> {
        self.all
            .iter()
            .filter(|territory| territory.kind == TerritoryKind::Commune && self.is_within(territory, parent))
    }

    /// The communes of a territory, each with its municipal population, or 0 if it is not published.
    pub fn inhabitants_of(&self, parent: &Territory) -> Vec<(&'static str, u32)> {
        self.communes_of(parent).map(|commune| (commune.code, commune.population.municipal.unwrap_or(0))).collect()
    }

    /// The communes with a postal code, by code. A postal code does not identify a commune: 46 communes have 51300.
    pub fn by_postal_code(&self, postal_code: &str) -> impl Iterator<Item = &Territory> {
        let wanted = postal_number(postal_code);
        let first = self.by_postal_code.partition_point(|&(code, _)| Some(code) < wanted);
        let from = self.by_postal_code.get(first..).unwrap_or_default();
        let same = from.iter().take_while(move |&&(code, _)| Some(code) == wanted);
        same.filter_map(|&(_, position)| self.at(position))
    }

    /// One page of the territories that match the filter: at most `limit` territories, starting after `after`.
    ///
    /// `after` must come from a page of the same filter. If that territory does not match the filter, the page is
    /// empty.
    pub fn list(&self, filter: &Filter<'_>, after: Option<Position>, limit: usize) -> Found<'_> {
        let keys = self.sorted(filter);
        let start = after.map_or(0, |after| {
            keys.iter().position(|&(_, _, position)| position == after).map_or(keys.len(), |index| index + 1)
        });
        let page = keys.iter().skip(start).take(limit).map(|&(_, _, position)| position);
        let items: Vec<&Territory> = page.filter_map(|position| self.at(position)).collect();
        let more = start + items.len() < keys.len();
        let next = items.last().filter(|_| more).map(|last| last.position);
        Found { items, total: keys.len(), next }
    }

    /// The sort keys of the territories that match the filter, in order.
    fn sorted(&self, filter: &Filter<'_>) -> Vec<SortKey> {
        let at_postal_code: Option<Vec<Position>> =
            filter.postal_code.map(|code| self.by_postal_code(code).map(|commune| commune.position).collect());
        let matches = |territory: &Territory| {
            (filter.kinds.is_empty() || filter.kinds.contains(&territory.kind))
                && filter.parent.is_none_or(|parent| self.is_within(territory, parent))
                && at_postal_code.as_ref().is_none_or(|positions| positions.contains(&territory.position))
        };
        let Some(name) = filter.name else {
            let matching = self.all.iter().filter(|territory| matches(territory));
            return matching.map(|territory| (Match::Exact, Reverse(0), territory.position)).collect();
        };
        let Some(search) = Search::new(name) else {
            return Vec::new();
        };
        let found = self.names.matching(&search).into_iter();
        let mut keys: Vec<SortKey> = found
            .filter_map(|(rank, quality)| self.all.get(rank).map(|territory| (territory, quality)))
            .filter(|(territory, _)| matches(territory))
            .map(|(territory, quality)| {
                (quality, Reverse(territory.population.municipal.unwrap_or(0)), territory.position)
            })
            .collect();
        keys.sort_unstable();
        keys
    }
}

/// The number of a postal code, which is five digits. `None` for any other text.
fn postal_number(code: &str) -> Option<u32> {
    let digits = code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| code.parse().ok()).flatten()
}
