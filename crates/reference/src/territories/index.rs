//! The map of 2026, in memory: looked up by code, listed by parent, postal code and name. No I/O.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::load::{InvalidReference, Loaded, load};
use super::model::{Position, Territory, TerritoryKey, TerritoryKind};
use super::search::{Match, Names, Search};

/// The packed file: see `data/README.md`.
static PACKED: &[u8] = include_bytes!("../../../../data/territories-2026.csv.gz");

static MAP: LazyLock<Territories> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the binary and the tests load it")]
    Territories::read(PACKED).expect("the embedded territories are valid")
});

/// Every territory of the vintage, loaded once, at the first call.
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
    /// Postal code, as a number, and commune, sorted: both repeat.
    by_postal_code: Vec<(u32, Position)>,
    names: Names,
}

/// What a list keeps: every condition that is given (AND). The default keeps everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// These kinds; every kind when empty.
    pub kinds: &'a [TerritoryKind],
    /// What is inside this territory, at any depth, itself left out. An EPCI is inside each département and each
    /// region where it has a commune.
    pub parent: Option<&'a Territory>,
    /// The communes with this postal code.
    pub postal_code: Option<&'a str>,
    /// The names that answer this search. A text without a letter or a digit finds nothing.
    pub name: Option<&'a str>,
}

/// One page of a list.
#[derive(Debug)]
pub struct Found<'a> {
    /// The territories, in order: by relevance, population (larger first) and position when a name was searched, by
    /// position otherwise.
    pub items: Vec<&'a Territory>,
    /// How many the filter keeps, on all pages.
    pub total: usize,
    /// What to give as `after` for the next page, with the same filter; `None` on the last one.
    pub next: Option<Position>,
}

/// Unique, so that a page can start after any item.
type SortKey = (Match, Reverse<u32>, Position);

impl Territories {
    fn read(packed: &[u8]) -> Result<Self, InvalidReference> {
        let Loaded { territories: all, by_code, spans } = load(packed)?;
        let postal_codes = |commune: &Territory| {
            let position = commune.position;
            commune.postal_codes().filter_map(move |code| Some((postal_number(code)?, position)))
        };
        let mut by_postal_code: Vec<_> = all.iter().flat_map(postal_codes).collect();
        by_postal_code.sort_unstable();
        let names = Names::new(all.iter().map(|territory| territory.name));
        Ok(Self { all, by_code, spans, by_postal_code, names })
    }

    /// The territory of this kind with this official code.
    pub fn get(&self, kind: TerritoryKind, code: &str) -> Option<&Territory> {
        self.by_code.get(&(kind, code)).and_then(|&position| self.at(position))
    }

    /// The territory that a request names.
    pub fn find(&self, key: &TerritoryKey) -> Option<&Territory> {
        self.get(key.kind, &key.code)
    }

    /// The territory at this position.
    pub fn at(&self, position: Position) -> Option<&Territory> {
        self.all.get(position.rank())
    }

    /// All of them, by position.
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

    /// What a territory is inside of, nearest first: the EPCI (if any), département and region of a commune, the region
    /// of a département, all the départements then all the regions of an EPCI.
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

    /// The communes of a territory, each with its inhabitants (none where they are not published).
    pub fn inhabitants_of(&self, parent: &Territory) -> Vec<(&'static str, u32)> {
        self.communes_of(parent).map(|commune| (commune.code, commune.population.municipal.unwrap_or(0))).collect()
    }

    /// The communes that use a postal code, by code. A postal code never identifies a commune: 51300 serves 46.
    pub fn by_postal_code(&self, postal_code: &str) -> impl Iterator<Item = &Territory> {
        let asked = postal_number(postal_code);
        let first = self.by_postal_code.partition_point(|&(code, _)| Some(code) < asked);
        let from = self.by_postal_code.get(first..).unwrap_or_default();
        let same = from.iter().take_while(move |&&(code, _)| Some(code) == asked);
        same.filter_map(|&(_, position)| self.at(position))
    }

    /// One page of the territories that the filter keeps: those that come after `after`, at most `limit` of them.
    ///
    /// `after` goes with the filter it was given for: under a filter that leaves that territory out, the page is empty.
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

    /// The sort keys of what the filter keeps, in order.
    fn sorted(&self, filter: &Filter<'_>) -> Vec<SortKey> {
        let at_postal_code: Option<Vec<Position>> =
            filter.postal_code.map(|code| self.by_postal_code(code).map(|commune| commune.position).collect());
        let kept = |territory: &Territory| {
            (filter.kinds.is_empty() || filter.kinds.contains(&territory.kind))
                && filter.parent.is_none_or(|parent| self.is_within(territory, parent))
                && at_postal_code.as_ref().is_none_or(|positions| positions.contains(&territory.position))
        };
        let Some(name) = filter.name else {
            let kept = self.all.iter().filter(|territory| kept(territory));
            return kept.map(|territory| (Match::Exact, Reverse(0), territory.position)).collect();
        };
        let Some(search) = Search::new(name) else {
            return Vec::new();
        };
        let found = self.names.matching(&search).into_iter();
        let mut keys: Vec<SortKey> = found
            .filter_map(|(rank, quality)| self.all.get(rank).map(|territory| (territory, quality)))
            .filter(|(territory, _)| kept(territory))
            .map(|(territory, quality)| {
                (quality, Reverse(territory.population.municipal.unwrap_or(0)), territory.position)
            })
            .collect();
        keys.sort_unstable();
        keys
    }
}

/// A postal code is five digits: its number says it all.
fn postal_number(code: &str) -> Option<u32> {
    let digits = code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| code.parse().ok()).flatten()
}
