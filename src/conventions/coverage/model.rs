//! The rule of coverage: the dates of conventions, and the communes that change EPCI. Pure.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::db::{Id, text_enum};
use crate::territories::{CommuneCode, EpciCode, TerritoryKey, TerritoryKind};

text_enum! {
    /// Through which convention a commune is covered.
    pub enum CoveredThrough {
        /// The commune's own convention.
        Own = "own_convention",
        /// The convention of the EPCI that the commune belongs to.
        Epci = "epci_convention",
    }
}

/// What coverage needs of a signed convention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedConvention {
    /// The convention.
    pub convention_id: Id,
    /// The code of the local authority: the INSEE code of a commune, the SIREN of an EPCI.
    pub code: String,
    /// Whether the local authority is an EPCI.
    pub is_epci: bool,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, whether it was ended early or not.
    pub ends_on: NaiveDate,
    /// First and last days of its suspensions; no last day for one in progress.
    pub suspensions: Vec<(NaiveDate, Option<NaiveDate>)>,
}

impl SignedConvention {
    /// The local authority that signed it.
    pub fn collectivity(&self) -> TerritoryKey {
        let kind = if self.is_epci { TerritoryKind::Epci } else { TerritoryKind::Commune };
        TerritoryKey { kind, code: self.code.clone() }
    }

    /// Whether it is in effect on a day.
    pub fn in_effect_on(&self, on: NaiveDate) -> bool {
        let suspended = |(from, to): &(NaiveDate, Option<NaiveDate>)| *from <= on && to.is_none_or(|to| on <= to);
        (self.starts_on..=self.ends_on).contains(&on) && !self.suspensions.iter().any(suspended)
    }
}

/// A change of EPCI of a commune.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The commune.
    pub commune: CommuneCode,
    /// First day in the new EPCI.
    pub effective_on: NaiveDate,
    /// The EPCI before.
    pub from: Option<EpciCode>,
    /// The EPCI from then on.
    pub to: Option<EpciCode>,
}

/// The EPCI of communes on a day: that of the map, corrected by the recorded moves.
#[derive(Clone, Debug, Default)]
pub struct Boundaries {
    /// Moves by commune, in date order.
    moves: HashMap<CommuneCode, Vec<Move>>,
}

impl Boundaries {
    /// The boundaries that result from moves, which may come in any order.
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

    /// The EPCI of a commune on a day. The latest move on or before that day decides. Before the first recorded move,
    /// it is the EPCI that this move leaves. Without moves, it is the EPCI of the map.
    pub fn epci_on<'a>(&'a self, commune: &CommuneCode, map: Option<&'a str>, on: NaiveDate) -> Option<&'a str> {
        let moves = self.moves.get(commune).map(Vec::as_slice).unwrap_or_default();
        let text = |epci: &'a Option<EpciCode>| epci.as_ref().map(EpciCode::as_str);
        match moves.iter().rev().find(|one| one.effective_on <= on) {
            Some(latest) => text(&latest.to),
            None => moves.first().map_or(map, |first| text(&first.from)),
        }
    }
}

/// The conventions that cover a commune on a day, its own first. `epci` is the EPCI of the commune on that day.
pub fn covering<'a>(
    conventions: &'a [SignedConvention],
    commune: &CommuneCode,
    epci: Option<&str>,
    on: NaiveDate,
) -> Vec<(CoveredThrough, &'a SignedConvention)> {
    let through = |convention: &SignedConvention| {
        let own = !convention.is_epci && convention.code == commune.as_str();
        let of_its_epci = convention.is_epci && Some(convention.code.as_str()) == epci;
        if own { Some(CoveredThrough::Own) } else { of_its_epci.then_some(CoveredThrough::Epci) }
    };
    let in_effect = conventions.iter().filter(|convention| convention.in_effect_on(on));
    let mut found: Vec<_> = in_effect.filter_map(|convention| Some((through(convention)?, convention))).collect();
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

    fn convention(code: &str, is_epci: bool, from: i64, to: i64) -> SignedConvention {
        SignedConvention {
            convention_id: uuid::Uuid::nil().into(),
            code: code.into(),
            is_epci,
            starts_on: day(from),
            ends_on: day(to),
            suspensions: Vec::new(),
        }
    }

    /// A chain of moves: on each date the commune joins the next of three EPCI, or none.
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
        fn a_commune_is_in_the_epci_of_its_last_move(
            mut dates in proptest::collection::btree_set(0i64..700, 0..6).prop_map(|set| set.into_iter().collect::<Vec<_>>()),
            places in proptest::collection::vec(proptest::option::of(0usize..3), 1..6),
            on in -50i64..800,
            rotation in 0usize..6,
        ) {
            let moves = chain(&dates, &places);
            let expected = match dates.iter().filter(|date| **date <= on).count() {
                0 => moves.first().map_or(Some("246300701"), |first| first.from.as_ref().map(EpciCode::as_str)),
                passed => moves[passed - 1].to.as_ref().map(EpciCode::as_str),
            };
            // The order in which moves are recorded does not matter.
            let mut shuffled = moves.clone();
            if !shuffled.is_empty() {
                let by = rotation % shuffled.len();
                shuffled.rotate_left(by);
            }
            let boundaries = Boundaries::new(shuffled);
            prop_assert_eq!(boundaries.epci_on(&commune(), Some("246300701"), day(on)), expected);
            dates.clear();
        }

        #[test]
        fn an_epci_covers_only_its_own_communes_during_its_period(from in 0i64..300, length in 0i64..400, on in -50i64..800) {
            let conventions = [convention("200070753", true, from, from + length)];
            let inside = (from..=from + length).contains(&on);
            let of = |epci| covering(&conventions, &commune(), epci, day(on)).len();
            prop_assert_eq!(of(Some("200070753")), usize::from(inside));
            prop_assert_eq!((of(Some("246300701")), of(None)), (0, 0));
        }

        #[test]
        fn a_suspension_removes_exactly_its_days(from in 0i64..300, length in 0i64..100, on in -50i64..500) {
            let mut one = convention("63300", false, 0, 364);
            one.suspensions = vec![(day(from), Some(day(from + length)))];
            let suspended = (from..=from + length).contains(&on);
            prop_assert_eq!(one.in_effect_on(day(on)), (0..=364).contains(&on) && !suspended);
            one.suspensions = vec![(day(from), None)];
            prop_assert_eq!(one.in_effect_on(day(on)), (0..=364).contains(&on) && on < from);
        }

        #[test]
        fn the_order_of_the_conventions_does_not_matter(own_first: bool) {
            let mut conventions = vec![convention("63300", false, 0, 364), convention("200070753", true, 0, 364)];
            if !own_first {
                conventions.reverse();
            }
            let found: Vec<_> = covering(&conventions, &commune(), Some("200070753"), day(10)).iter().map(|(how, _)| *how).collect();
            prop_assert_eq!(found, vec![CoveredThrough::Own, CoveredThrough::Epci]);
        }
    }
}
