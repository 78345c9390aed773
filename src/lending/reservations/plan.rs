//! The plan of a kit, as one decision sees it: its copies, the days that are taken, the overdue loans.
//!
//! The rule that it applies is in [`crate::lending::occupancy`].

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use chrono::NaiveDate;

use super::dto::assessment::{FreeLoan, Obstacle};
use super::store::days::{self, PlanRows};
use super::store::{Related, ReservationRow};
use crate::dates::french;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::lending::catalogue::store::KitRow;
use crate::lending::copies::store::CopyRow;
use crate::lending::occupancy::Span;
use crate::lending::settings::model::{LoanRules, Today};
use crate::work::Work;

/// The most possible loans that a response proposes.
const MAX_PROPOSALS: usize = 3;

/// The copies of a kit and their days.
#[derive(Clone, Debug)]
pub struct Plan {
    rules: LoanRules,
    today: NaiveDate,
    copies: Vec<CopyRow>,
    /// The days that are taken, by copy.
    taken: HashMap<Id, BTreeSet<NaiveDate>>,
    /// The current loans, by copy.
    loans: HashMap<Id, ReservationRow>,
    /// The overdue loan of a copy, by copy.
    overdue: HashMap<Id, Id>,
    /// The copies with missing or damaged parts.
    incomplete: BTreeSet<Id>,
}

impl Plan {
    /// Reads the plan of a kit from a day on. The days of the reservation `except` count as free.
    pub fn read(
        work: &mut Work<'_>,
        kit: Id,
        day: &Today,
        from: NaiveDate,
        except: Option<Id>,
    ) -> Result<Self, ApiError> {
        let Today { rules, today, .. } = day;
        let today = *today;
        let PlanRows { copies, mut taken, loans, incomplete } = days::plan(work.conn, kit, from.min(today), except)?;
        let mut overdue = HashMap::new();
        for (copy, loan) in &loans {
            if loan.is_overdue(today) && Some(loan.id) != except {
                let extra = Span { starts_on: today, due_on: today, blocked_until: rules.overdue_until(today) };
                taken.entry(*copy).or_default().extend(extra.days());
                overdue.insert(*copy, loan.id);
            }
        }
        Ok(Self { rules: rules.clone(), today, copies, taken, loans, overdue, incomplete })
    }

    /// The copies, including those out of service.
    pub fn copies(&self) -> &[CopyRow] {
        &self.copies
    }

    /// The current loans, by copy.
    pub fn loans(&self) -> &HashMap<Id, ReservationRow> {
        &self.loans
    }

    /// Whether parts of a copy are missing or damaged.
    pub fn is_incomplete(&self, copy: Id) -> bool {
        self.incomplete.contains(&copy)
    }

    /// Takes the days of a loan that was just proposed.
    pub fn take(&mut self, copy: Id, span: Span) {
        self.taken.entry(copy).or_default().extend(span.days());
    }

    /// What a reservation of one of the copies has in other tables.
    pub(super) fn related(self, kit: KitRow) -> Related {
        Related {
            kits: HashMap::from([(kit.id, (kit.title_fr, kit.loan_days))]),
            copies: self.copies.into_iter().map(|row| (row.id, row)).collect(),
            loans: self.loans,
            ..Related::default()
        }
    }

    /// The copies in service; if `only` is given, that copy alone.
    fn lendable(&self, only: Option<Id>) -> impl Iterator<Item = &CopyRow> {
        self.copies.iter().filter(move |copy| copy.is_lendable() && only.is_none_or(|id| copy.id == id))
    }

    fn taken(&self, copy: Id) -> &BTreeSet<NaiveDate> {
        static NONE: BTreeSet<NaiveDate> = BTreeSet::new();
        self.taken.get(&copy).unwrap_or(&NONE)
    }

    /// A copy that is free on all these days. Of several, the one that leaves the smallest gaps before and after, so that
    /// long loans stay possible on the others. `only` restricts the choice to one copy, `except` rules one out.
    pub fn pick(&self, span: Span, only: Option<Id>, except: Option<Id>) -> Option<Id> {
        let free = self.lendable(only).filter(|copy| Some(copy.id) != except).filter_map(|copy| {
            let taken = self.taken(copy.id);
            if span.conflict(taken).is_some() {
                return None;
            }
            let gap = |days: Option<i64>| days.unwrap_or(i64::from(i16::MAX));
            let before = taken.range(..span.starts_on).next_back().map(|day| (span.starts_on - *day).num_days());
            let after = taken.range(span.blocked_until..).next().map(|day| (*day - span.blocked_until).num_days());
            Some((gap(before).saturating_add(gap(after)), &copy.label, copy.id))
        });
        free.min().map(|(_, _, copy)| copy)
    }

    /// The first loan of `loan_days` days that starts between `from` and `last`, on any copy.
    pub fn first_free(&self, from: NaiveDate, last: NaiveDate, loan_days: i32) -> Option<FreeLoan> {
        self.next_free(from, last, loan_days, None).into_iter().next()
    }

    /// The first loan of `loan_days` days on each copy, earliest first; at most three.
    pub fn next_free(&self, from: NaiveDate, last: NaiveDate, loan_days: i32, only: Option<Id>) -> Vec<FreeLoan> {
        let mut found: Vec<FreeLoan> = self
            .lendable(only)
            .filter_map(|copy| {
                let span = self.rules.first_free(self.taken(copy.id), from.max(self.today), last, loan_days)?;
                Some(free_loan(span, copy.id))
            })
            .collect();
        found.sort();
        found.truncate(MAX_PROPOSALS);
        found
    }

    /// The last day on which a loan may start.
    pub fn last_start(&self) -> NaiveDate {
        self.rules.last_start(self.today)
    }

    /// The reservations and overdue loans that take the copies on some days.
    pub fn obstacles(
        &self,
        work: &mut Work<'_>,
        span: Span,
        only: Option<Id>,
        except: Option<Id>,
    ) -> Result<Vec<Obstacle>, ApiError> {
        let ids: Vec<Id> = self.lendable(only).map(|copy| copy.id).collect();
        let taken = days::obstacles(work.conn, &ids, span.starts_on, span.blocked_until, except)?;
        let mut found = obstacles(taken);
        let until = self.rules.overdue_until(self.today);
        for (copy, loan) in &self.overdue {
            if !ids.contains(copy) || span.starts_on > until {
                continue;
            }
            match found.iter_mut().find(|obstacle| obstacle.reservation_id == *loan) {
                Some(obstacle) => obstacle.overdue = true,
                None => found.push(Obstacle {
                    copy_id: *copy,
                    reservation_id: *loan,
                    from: span.starts_on,
                    to: until,
                    overdue: true,
                }),
            }
        }
        found.sort_by_key(|obstacle| (obstacle.from, obstacle.to, obstacle.copy_id));
        Ok(found)
    }
}

/// Taken days as obstacles.
pub(super) fn obstacles(taken: Vec<days::TakenRow>) -> Vec<Obstacle> {
    let obstacle = |(copy_id, reservation_id, from, to): days::TakenRow| {
        Some(Obstacle { copy_id, reservation_id, from: from?, to: to?, overdue: false })
    };
    taken.into_iter().filter_map(obstacle).collect()
}

/// A possible loan of a copy.
pub fn free_loan(span: Span, copy_id: Id) -> FreeLoan {
    FreeLoan { starts_on: span.starts_on, due_on: span.due_on, blocked_until: span.blocked_until, copy_id }
}

/// The 409 when no copy is free: it names the obstacles and the next possible loans.
pub fn taken(obstacles: &[Obstacle], next_free: &[FreeLoan]) -> ApiError {
    let (mut fr, mut en) = match obstacles.first() {
        None => ("Aucun exemplaire n'est en service.".to_owned(), "No copy is in service.".to_owned()),
        Some(first) => (
            format!(
                "Aucun exemplaire n'est libre : le premier est indisponible du {} au {}.",
                french(first.from),
                french(first.to)
            ),
            format!("No copy is free: the first is taken from {} to {}.", first.from, first.to),
        ),
    };
    if let Some(next) = next_free.first() {
        let _ = write!(fr, " Prochain prêt possible : du {} au {}.", french(next.starts_on), french(next.due_on));
        let _ = write!(en, " Next possible loan: from {} to {}.", next.starts_on, next.due_on);
    }
    ApiError::new(Code::KitTaken)
        .detail(fr, en)
        .with("obstacles", serde_json::json!(obstacles))
        .with("next_free", serde_json::json!(next_free))
}
