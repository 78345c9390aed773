//! The pôle being written, and the draws that its writers share.

use chrono::{Datelike, Duration, NaiveDate};

use super::course::working_day;
use super::directory::Communes;
use super::story::{Event, Pole};
use crate::dice::Dice;

/// The département of both pôles.
pub(super) const HOME: &str = "63";

/// A pôle being written.
pub(super) struct Script<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) home: &'a Communes,
    /// The neighbouring départements.
    pub(super) neighbours: &'a [Communes],
    pub(super) from: NaiveDate,
    pub(super) today: NaiveDate,
    /// Rank of the pôle in the story.
    pub(super) index: usize,
    pub(super) pole: Pole,
    pub(super) events: Vec<Event>,
}

impl Script<'_> {
    /// A working day of the history, at least `before` days before today, with a seasonal pattern: many requests before
    /// September and in January, few in August.
    pub(super) fn season_day(&mut self, before: i64) -> NaiveDate {
        const MONTHS: [usize; 12] = [90, 85, 100, 80, 75, 70, 35, 20, 90, 95, 75, 45];
        let last = (self.today - self.from).num_days();
        loop {
            let days_ago = self.dice.between(before.min(last), last);
            let day = self.today - Duration::days(days_ago);
            if self.dice.chance(MONTHS[day.month0() as usize]) {
                return working_day(day).min(self.today);
            }
        }
    }

    /// A working day between `least` and `most` days ago.
    pub(super) fn recent_day(&mut self, least: i64, most: i64) -> NaiveDate {
        working_day(self.today - Duration::days(self.dice.between(least, most))).min(self.today)
    }

    /// The organisations of a kind in the directory.
    pub(super) fn organisations(&self, kind: &str) -> Vec<usize> {
        let organisations = self.pole.organisations.iter().enumerate();
        organisations.filter(|(_, organisation)| organisation.kind == kind).map(|(rank, _)| rank).collect()
    }
}
