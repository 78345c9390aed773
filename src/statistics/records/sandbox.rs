//! The invented units of the sandbox. They depend only on the year, so they never change. No I/O.
//!
//! Communes are real and drawn by population. Everything else is drawn so that most values of every dimension occur,
//! and has no meaning.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::model::PopulationCode;
use super::model::children::{CaseFacts, ChildFacts, ReferralFacts};
use super::model::values;
use super::store::sources::Span;
use super::units::{Units, of_child, unit};
use crate::db::Id;
use crate::dice::Dice;
use crate::lending::reservations::model::BorrowerKind;
use crate::nomenclatures::{self, lists};
use crate::territories::{CommuneCode, DepartementCode, TerritoryKind, territories};

/// The number of children whose case opens in a year.
const CHILDREN: u32 = 90;

/// The number of loans in a year.
const LOANS: u32 = 60;

/// The number of collective actions in a year.
const ACTIONS: u32 = 16;

/// The units of a span, for the records of a year.
pub(super) fn units(span: Span, year: i32, departements: &[DepartementCode], kits: &[Id]) -> Units {
    let communes = Communes::of(departements);
    let mut units = Units::new();
    for cohort in [year - 1, year] {
        for number in 0..CHILDREN {
            let Some((id, child)) = child(cohort, number, span, &communes) else { continue };
            units.insert((PopulationCode::Children, id.to_string()), of_child(&child, year, span, departements));
        }
    }
    for number in 0..LOANS {
        let mut dice = dice(year, number, 2);
        let on = day(year, &mut dice);
        let (Some(commune), true) = (communes.draw(&mut dice), (span.from..=span.to).contains(&on)) else { continue };
        let Some(kit) = kits.get(dice.below(kits.len())) else { continue };
        let kind = dice.weighted(&[(BorrowerKind::Household, 5), (BorrowerKind::Organisation, 3)]);
        let structure = drawn(lists::ORGANISATION_KIND, &mut dice);
        let household = (kind == BorrowerKind::Household).then(|| identifier(year, dice.below(30), 3));
        let all = [
            ("territory", values::territory(&commune, departements)),
            ("kit", kit.to_string()),
            ("borrower_group", values::borrower_group(kind, structure.as_ref()).to_owned()),
        ];
        let mut loan = unit(on, 1, all);
        loan.household = household.map(|id| id.to_string());
        units.insert((PopulationCode::Loans, identifier(year, number as usize, 2).to_string()), loan);
    }
    for number in 0..ACTIONS {
        actions(year, number, span, departements, &communes, &mut units);
    }
    units
}

/// A child whose case opened in a year, if the case is open in the span.
fn child(cohort: i32, number: u32, span: Span, communes: &Communes) -> Option<(Id, ChildFacts)> {
    let mut dice = dice(cohort, number, 0);
    // One child in eight lives in the household of the child before it.
    let home = if number % 8 == 7 { number - 1 } else { number };
    let commune = communes.draw(&mut self::dice(cohort, home, 1))?;
    let opened_on = day(cohort, &mut dice);
    let closed_on = plus(opened_on, dice.between(30, 540))?;
    let received_on = opened_on.checked_sub_days(Days::new(u64::try_from(dice.between(1, 200)).ok()?))?;
    if opened_on > span.to || closed_on < span.from {
        return None;
    }
    let referral = ReferralFacts {
        id: identifier(cohort, number as usize, 4),
        received_on,
        origin: drawn(lists::REFERRAL_ORIGIN, &mut dice)?,
        origin_organisation: None,
        need_domain: drawn(lists::NEED_DOMAIN, &mut dice),
        current_childcare: drawn(lists::CHILDCARE_TYPE, &mut dice),
        needs: some(lists::REFERRAL_NEED, 2, &mut dice),
    };
    let outcome = drawn(lists::CASE_OUTCOME, &mut dice);
    let is_closed = closed_on <= span.to;
    let case = CaseFacts {
        id: identifier(cohort, number as usize, 5),
        opened_on,
        closed_on: is_closed.then_some(closed_on),
        outcome: outcome.filter(|_| is_closed),
        referrals: vec![referral],
    };
    let child = ChildFacts {
        household: identifier(cohort, home as usize, 1),
        commune,
        origin: opened_on.checked_sub_days(Days::new(u64::try_from(dice.between(60, 2500)).ok()?)),
        cases: vec![case],
        placement: dice.chance(60).then(|| drawn(lists::CHILDCARE_TYPE, &mut dice)).flatten(),
        interventions: some(lists::INTERVENTION_TYPE, 4, &mut dice),
    };
    Some((identifier(cohort, number as usize, 0), child))
}

/// A collective action, and its participants.
fn actions(
    year: i32,
    number: u32,
    span: Span,
    departements: &[DepartementCode],
    communes: &Communes,
    units: &mut Units,
) {
    let mut dice = dice(year, number, 6);
    let on = day(year, &mut dice);
    let (Some(commune), true) = (communes.draw(&mut dice), (span.from..=span.to).contains(&on)) else { return };
    let Some(kind) = drawn::<String>(lists::COLLECTIVE_ACTION_TYPE, &mut dice) else { return };
    let id = identifier(year, number as usize, 6);
    let all = [("territory", values::territory(&commune, departements)), ("action_type", kind)];
    units.insert((PopulationCode::Actions, id.to_string()), unit(on, 1, all.clone()));
    for kind in some::<String>(lists::PARTICIPANT_TYPE, 3, &mut dice) {
        let all: Vec<(&str, String)> = all.iter().cloned().chain([("participant_type", kind.clone())]).collect();
        let number = u32::try_from(dice.between(1, 15)).unwrap_or(1);
        units.insert((PopulationCode::Participants, format!("{id} {kind}")), unit(on, number, all));
    }
}

/// The dice of one unit, independent of all other units.
fn dice(year: i32, number: u32, what: u64) -> Dice {
    let year = u64::try_from(year).unwrap_or_default();
    // The first throws of similar seeds are similar, so the seed is mixed once more.
    let mut dice = Dice::new((year << 32) + (u64::from(number) << 8) + what);
    let seed = dice.below(usize::MAX);
    Dice::new(u64::try_from(seed).unwrap_or_default())
}

fn identifier(year: i32, number: usize, what: u128) -> Id {
    let year = u128::try_from(year).unwrap_or_default();
    Uuid::from_u128((year << 64) | ((number as u128) << 8) | what).into()
}

fn plus(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    day.checked_add_days(Days::new(u64::try_from(days).ok()?))
}

/// A day of a year.
fn day(year: i32, dice: &mut Dice) -> NaiveDate {
    let day = u32::try_from(dice.between(1, 365)).unwrap_or(1);
    NaiveDate::from_yo_opt(year, day).unwrap_or_default()
}

/// A code of a list. Codes early in the list are more frequent.
fn drawn<T: FromStr>(list: &str, dice: &mut Dice) -> Option<T> {
    let codes = nomenclatures::list(list).map(nomenclatures::CodeList::codes).unwrap_or_default();
    let rank = (0..3).map(|_| dice.below(codes.len())).min()?;
    codes.get(rank)?.code.parse().ok()
}

/// Some codes of a list, at least one.
fn some<T: FromStr + Ord>(list: &str, most: i64, dice: &mut Dice) -> BTreeSet<T> {
    (0..dice.between(1, most)).filter_map(|_| drawn(list, dice)).collect()
}

/// The communes of the sandbox, weighted by population.
struct Communes(Vec<(&'static str, u32)>);

impl Communes {
    fn of(departements: &[DepartementCode]) -> Self {
        let home = departements.iter().filter_map(|code| territories().get(TerritoryKind::Departement, code.as_str()));
        Self(home.flat_map(|one| territories().inhabitants_of(one)).collect())
    }

    fn draw(&self, dice: &mut Dice) -> Option<CommuneCode> {
        if self.0.is_empty() {
            return None;
        }
        dice.weighted(&self.0).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::statistics::records::sandbox::*;

    fn units_until(year: i32, to: &str) -> Units {
        let span = Span {
            service: crate::statistics::sandbox::service(),
            from: NaiveDate::from_ymd_opt(year, 1, 1).unwrap(),
            to: to.parse().unwrap(),
            recorded_until: chrono::DateTime::UNIX_EPOCH.into(),
        };
        units(span, year, &["63".parse().unwrap()], &[identifier(1, 1, 9), identifier(1, 2, 9)])
    }

    #[test]
    fn the_units_of_a_year_do_not_change_as_it_goes_on() {
        let (half, whole) = (units_until(2025, "2025-06-30"), units_until(2025, "2025-12-31"));
        assert_eq!(whole, units_until(2025, "2025-12-31"));
        assert!(half.keys().all(|source| whole.contains_key(source)), "no unit disappears");
        for (source, early) in &half {
            let late = &whole[source];
            assert_eq!(early.quarters, late.quarters & 0b0011, "{source:?}");
            assert_eq!((&early.values["territory"], &early.household), (&late.values["territory"], &late.household));
        }
    }

    #[test]
    fn every_population_occurs_and_some_children_are_in_both_years() {
        let (first, second) = (units_until(2025, "2025-12-31"), units_until(2026, "2026-12-31"));
        let mut number = BTreeMap::new();
        for (population, _) in first.keys() {
            *number.entry(population.as_str()).or_insert(0) += 1;
        }
        assert!(number["children"] > 100 && number["loans"] == 60 && number["actions"] == 16, "{number:?}");
        assert!(number["participants"] > 16, "{number:?}");
        let in_both = second.iter().filter(|(source, _)| first.contains_key(*source)).collect::<Vec<_>>();
        assert!(in_both.len() > 20);
        for (source, later) in in_both {
            assert_eq!(later.values["need_domain"], first[source].values["need_domain"]);
        }
    }
}
