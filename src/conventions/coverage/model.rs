//! The rule of coverage: dates, conventions, and communes that change EPCI. Pure.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::db::{Id, text_enum};
use crate::territories::{CommuneCode, EpciCode, TerritoryKey, TerritoryKind};

text_enum! {
    /// How a convention covers a commune.
    pub enum CoveredThrough {
        /// The commune signed it.
        Own = "own_convention",
        /// The EPCI that the commune is in signed it.
        Epci = "epci_convention",
    }
}

/// A signed convention, as far as coverage goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The convention.
    pub convention_id: Id,
    /// The collectivity, as a territory key without its kind: the INSEE code of a commune, the SIREN of an EPCI.
    pub code: String,
    /// Whether the collectivity is an EPCI.
    pub is_epci: bool,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day, terminated or not.
    pub ends_on: NaiveDate,
    /// First and last days of its suspensions; no last day while one goes on.
    pub suspensions: Vec<(NaiveDate, Option<NaiveDate>)>,
}

impl Holding {
    /// The collectivity that signed it.
    pub fn collectivity(&self) -> TerritoryKey {
        let kind = if self.is_epci { TerritoryKind::Epci } else { TerritoryKind::Commune };
        TerritoryKey { kind, code: self.code.clone() }
    }

    /// Whether it has effect on a day.
    pub fn holds_on(&self, on: NaiveDate) -> bool {
        let suspended = |(from, to): &(NaiveDate, Option<NaiveDate>)| *from <= on && to.is_none_or(|to| on <= to);
        (self.starts_on..=self.ends_on).contains(&on) && !self.suspensions.iter().any(suspended)
    }
}

/// A commune that goes from one EPCI to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The commune.
    pub commune: CommuneCode,
    /// The first day of the new membership.
    pub effective_on: NaiveDate,
    /// Where it was.
    pub from: Option<EpciCode>,
    /// Where it is from then on.
    pub to: Option<EpciCode>,
}

/// The EPCI that communes are in on a day: the map's, corrected by the moves that are known.
#[derive(Clone, Debug, Default)]
pub struct Boundaries {
    /// By commune, in the order of their dates.
    moves: HashMap<CommuneCode, Vec<Move>>,
}

impl Boundaries {
    /// The boundaries that result from moves, in whatever order they come.
    pub fn new(moves: impl IntoIterator<Item = Move>) -> Self {
        let mut by_commune: HashMap<CommuneCode, Vec<Move>> = HashMap::new();
        for one in moves {
            by_commune.entry(one.commune.clone()).or_default().push(one);
        }
        for moves in by_commune.values_mut() {
            moves.sort_by_key(|one| one.effective_on);
        }
        Self { moves: by_commune }
    }

    /// The EPCI of a commune on a day. The latest move until then decides; before the first move that is known, the commune
    /// was where that move takes it from; a commune without moves is where the map has it.
    pub fn epci_on<'a>(&'a self, commune: &CommuneCode, map: Option<&'a str>, on: NaiveDate) -> Option<&'a str> {
        let moves = self.moves.get(commune).map(Vec::as_slice).unwrap_or_default();
        let text = |epci: &'a Option<EpciCode>| epci.as_ref().map(EpciCode::as_str);
        match moves.iter().rev().find(|one| one.effective_on <= on) {
            Some(latest) => text(&latest.to),
            None => moves.first().map_or(map, |first| text(&first.from)),
        }
    }
}

/// The conventions that cover a commune on a day, its own first. `epci` is where the commune is on that day.
pub fn covering<'a>(
    holdings: &'a [Holding],
    commune: &CommuneCode,
    epci: Option<&str>,
    on: NaiveDate,
) -> Vec<(CoveredThrough, &'a Holding)> {
    let through = |holding: &Holding| {
        let own = !holding.is_epci && holding.code == commune.as_str();
        let in_it = holding.is_epci && Some(holding.code.as_str()) == epci;
        if own { Some(CoveredThrough::Own) } else { in_it.then_some(CoveredThrough::Epci) }
    };
    let holding = holdings.iter().filter(|holding| holding.holds_on(on));
    let mut found: Vec<_> = holding.filter_map(|holding| Some((through(holding)?, holding))).collect();
    found.sort_by_key(|(through, _)| *through);
    found
}

#[cfg(test)]
mod tests {
    use crate::conventions::coverage::model::*;
    use proptest::prelude::*;

    fn day(number: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Duration::days(number)
    }

    fn commune() -> CommuneCode {
        "63300".parse().unwrap()
    }

    fn holding(code: &str, is_epci: bool, from: i64, to: i64) -> Holding {
        Holding {
            convention_id: uuid::Uuid::nil().into(),
            code: code.into(),
            is_epci,
            starts_on: day(from),
            ends_on: day(to),
            suspensions: Vec::new(),
        }
    }

    /// A chain of memberships: at each date the commune goes to the next EPCI of three, or to none.
    fn chain(dates: &[i64], places: &[Option<usize>]) -> Vec<Move> {
        const EPCI: [&str; 3] = ["200070753", "200072098", "200067627"];
        let place = |at: usize| places[at % places.len()].map(|epci| EPCI[epci].parse().unwrap());
        let moves = dates.iter().enumerate().map(|(at, date)| Move {
            commune: commune(),
            effective_on: day(*date),
            from: place(at),
            to: place(at + 1),
        });
        moves.collect()
    }

    proptest! {
        #[test]
        fn a_commune_is_where_the_last_move_took_it(
            mut dates in proptest::collection::btree_set(0i64..700, 0..6).prop_map(|set| set.into_iter().collect::<Vec<_>>()),
            places in proptest::collection::vec(proptest::option::of(0usize..3), 1..6),
            on in -50i64..800,
            turn in 0usize..6,
        ) {
            let moves = chain(&dates, &places);
            let expected = match dates.iter().filter(|date| **date <= on).count() {
                0 => moves.first().map_or(Some("246300701"), |first| first.from.as_ref().map(EpciCode::as_str)),
                passed => moves[passed - 1].to.as_ref().map(EpciCode::as_str),
            };
            // The order in which moves are recorded does not matter.
            let mut shuffled = moves.clone();
            if !shuffled.is_empty() {
                let by = turn % shuffled.len();
                shuffled.rotate_left(by);
            }
            let boundaries = Boundaries::new(shuffled);
            prop_assert_eq!(boundaries.epci_on(&commune(), Some("246300701"), day(on)), expected);
            dates.clear();
        }

        #[test]
        fn an_epci_covers_its_communes_and_nobody_else_on_its_days(from in 0i64..300, length in 0i64..400, on in -50i64..800) {
            let holdings = [holding("200070753", true, from, from + length)];
            let inside = (from..=from + length).contains(&on);
            let of = |epci| covering(&holdings, &commune(), epci, day(on)).len();
            prop_assert_eq!(of(Some("200070753")), usize::from(inside));
            prop_assert_eq!((of(Some("246300701")), of(None)), (0, 0));
        }

        #[test]
        fn a_suspension_takes_its_days_and_no_other(from in 0i64..300, length in 0i64..100, on in -50i64..500) {
            let mut one = holding("63300", false, 0, 364);
            one.suspensions = vec![(day(from), Some(day(from + length)))];
            let suspended = (from..=from + length).contains(&on);
            prop_assert_eq!(one.holds_on(day(on)), (0..=364).contains(&on) && !suspended);
            one.suspensions = vec![(day(from), None)];
            prop_assert_eq!(one.holds_on(day(on)), (0..=364).contains(&on) && on < from);
        }

        #[test]
        fn the_order_of_the_conventions_does_not_matter(own_first: bool) {
            let mut holdings = vec![holding("63300", false, 0, 364), holding("200070753", true, 0, 364)];
            if !own_first {
                holdings.reverse();
            }
            let found: Vec<_> = covering(&holdings, &commune(), Some("200070753"), day(10)).iter().map(|(how, _)| *how).collect();
            prop_assert_eq!(found, vec![CoveredThrough::Own, CoveredThrough::Epci]);
        }
    }
}
