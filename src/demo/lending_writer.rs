//! Writes the lending of the story: who borrows which kit, and how they behave. Pure and seeded.
//!
//! A borrowing only says what its borrower does. Which copy they get, whether they wait and on which days are decided
//! by the program, when the story is played (`loans`).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{Datelike, Duration, NaiveDate, Weekday};

use super::borrowings::{Behaviour, Borrower, Borrowing, Lending, PartDefect, Professional, WhenTaken};
use super::directory::Communes;
use super::kits::{self, Kit};
use super::names;
use super::story::{About, EventKind, Story};
use crate::dice::Dice;
use crate::error::ApiError;
use crate::lending::settings::model::LoanRules;

/// Weight of each kit, in the order of `data/kits.json`. Some are so popular that they run out.
const POPULARITY: [u32; 10] = [6, 7, 13, 8, 20, 6, 6, 9, 16, 5];
/// Probability in percent that a day drawn in this month is used, from January. Almost nobody borrows in August.
const MONTHS: [usize; 12] = [90, 85, 100, 80, 75, 70, 35, 10, 90, 95, 75, 45];
/// For this number of days before today, the kits of [`BorrowingWriter::last_days`] have no other borrowings.
const RESERVED_DAYS: i64 = 60;
/// Number of professionals who borrow in their own name.
const PROFESSIONALS: usize = 8;
/// Number of summers that have a closing period in the settings, the last ones of the story.
const SUMMERS: usize = 8;

/// Writes the lending of both pôles. The first lends the ten kits of the sources; the second has three kits and lends
/// none.
pub(super) fn write_lending(
    dice: &mut Dice,
    home: &Communes,
    story: &mut Story,
    children: u32,
    years: u32,
) -> Result<(), ApiError> {
    let mut lending =
        Lending { closings: summer_closings(story), kits: kits::catalogue(dice, 10, 3)?, ..Lending::default() };
    lending.professionals = (0..PROFESSIONALS).map(|_| professional(dice, home)).collect();
    let mut writer = BorrowingWriter {
        rules: lending.rules(),
        kits: &lending.kits,
        story,
        dice,
        known_families: known_families(story),
        borrowings: Vec::new(),
    };
    let reserved_kits = writer.last_days();
    for _ in 0..years * (children * 5 / 8).clamp(8, 85) {
        writer.any_day(&reserved_kits);
    }
    let mut borrowings = writer.borrowings;
    borrowings.sort_by_key(|borrowing| borrowing.requested_on);
    lending.borrowings = borrowings;
    let few = kits::catalogue(dice, 3, 1)?;
    for (pole, lending) in story.poles.iter_mut().zip([lending, Lending { kits: few, ..Lending::default() }]) {
        pole.lending = lending;
    }
    Ok(())
}

/// Three weeks from the first Monday of August, for the last years of the story.
fn summer_closings(story: &Story) -> Vec<(NaiveDate, NaiveDate)> {
    let monday = |year| NaiveDate::from_weekday_of_month_opt(year, 8, Weekday::Mon, 1);
    let years = (story.from.year()..=story.today.year()).rev().take(SUMMERS);
    years.filter_map(monday).map(|first| (first, first + Duration::days(18))).collect()
}

fn professional(dice: &mut Dice, home: &Communes) -> Professional {
    Professional {
        name: format!("{} {}", dice.pick(names::PARENT), dice.pick(names::FAMILY)),
        phone: format!("06 39 98 {:02} {:02}", dice.below(100), dice.below(100)),
        commune: home.draw(dice),
    }
}

/// The families of the first pôle, each with the day of its first request for help.
fn known_families(story: &Story) -> Vec<(usize, NaiveDate)> {
    let mut since = BTreeMap::new();
    for event in story.events.iter().filter(|event| event.pole == 0 && event.kind == EventKind::Record) {
        if let About::Child(child) = story.poles[0].requests[event.request].about {
            since.entry(story.poles[0].children[child].family).or_insert(event.on);
        }
    }
    since.into_iter().collect()
}

/// Collects the borrowings of a pôle.
struct BorrowingWriter<'a> {
    rules: LoanRules,
    kits: &'a [Kit],
    story: &'a Story,
    dice: &'a mut Dice,
    known_families: Vec<(usize, NaiveDate)>,
    borrowings: Vec<Borrowing>,
}

impl BorrowingWriter<'_> {
    /// Adds a borrowing requested on any day of the story.
    fn any_day(&mut self, reserved_kits: &[usize]) {
        let last = (self.story.today - self.story.from).num_days();
        let requested_on = loop {
            let day = self.story.today - Duration::days(self.dice.between(1, last));
            if self.rules.is_open(day) && self.dice.chance(MONTHS[day.month0() as usize]) {
                break day;
            }
        };
        let starts_on = self.rules.next_open(requested_on + Duration::days(self.dice.between(3, 24)));
        let is_recent = starts_on > self.story.today - Duration::days(RESERVED_DAYS);
        let kits: Vec<(usize, u32)> =
            POPULARITY.into_iter().enumerate().filter(|(kit, _)| !is_recent || !reserved_kits.contains(kit)).collect();
        let kit = self.dice.weighted(&kits);
        let when_taken = match self.dice.below(10) {
            0..3 => WhenTaken::Decline,
            3..7 => WhenTaken::Wait(Some(self.dice.between(14, 40))),
            _ => WhenTaken::Wait(None),
        };
        let behaviour = self.behaviour();
        self.add(requested_on, kit, starts_on, when_taken, behaviour);
    }

    /// Adds the borrowings that every demonstration must show today: a loan two weeks overdue and one a few days
    /// overdue, a confirmed reservation, an unanswered request, and a kit whose copies are all out while borrowers
    /// wait. Returns the kits used.
    fn last_days(&mut self) -> Vec<usize> {
        let fewest = |rank: &usize| (self.kits[*rank].copies.len(), Reverse(POPULARITY[*rank]));
        let out = (0..self.kits.len()).min_by_key(fewest).unwrap_or_default();
        let mut used: Vec<usize> = (0..self.kits.len()).filter(|rank| *rank != out).collect();
        self.dice.shuffle(&mut used);
        used.truncate(4);
        let returns = Behaviour::Returns { days_late: 0, extends: false, defect: None };
        let borrowings =
            [(45, 9, Behaviour::Keeps), (38, 9, Behaviour::Keeps), (7, 12, returns), (1, 11, Behaviour::Unanswered)];
        for (kit, (days_ago, days_ahead, behaviour)) in used.clone().into_iter().zip(borrowings) {
            self.recent(days_ago, days_ahead, kit, behaviour);
        }
        for _ in 0..self.kits[out].copies.len() {
            self.recent(21, 9, out, returns);
        }
        self.recent(6, 9, out, returns);
        self.recent(3, 8, out, returns);
        used.push(out);
        used
    }

    /// Adds a borrowing requested `days_ago`, to start `days_ahead` of the request.
    fn recent(&mut self, days_ago: i64, days_ahead: i64, kit: usize, behaviour: Behaviour) {
        let mut requested_on = self.story.today - Duration::days(days_ago);
        while !self.rules.is_open(requested_on) {
            requested_on -= Duration::days(1);
        }
        let starts_on = self.rules.next_open(requested_on + Duration::days(days_ahead));
        self.add(requested_on, kit, starts_on, WhenTaken::Wait(None), behaviour);
    }

    fn add(
        &mut self,
        requested_on: NaiveDate,
        kit: usize,
        starts_on: NaiveDate,
        when_taken: WhenTaken,
        behaviour: Behaviour,
    ) {
        let borrower = self.borrower(requested_on);
        self.borrowings.push(Borrowing { requested_on, kit, borrower, starts_on, when_taken, behaviour });
    }

    fn borrower(&mut self, on: NaiveDate) -> Borrower {
        let pole = &self.story.poles[0];
        let families: Vec<usize> =
            self.known_families.iter().filter(|(_, since)| *since < on).map(|(family, _)| *family).collect();
        let kinds = ["eaje", "childminder", "childminder_house", "rpe"];
        let borrowers = pole.organisations.iter().enumerate().filter(|(_, one)| kinds.contains(&one.kind));
        let organisations: Vec<usize> = borrowers.map(|(rank, _)| rank).collect();
        match self.dice.below(100) {
            0..45 if !families.is_empty() => Borrower::Family(self.dice.pick(&families)),
            45..80 => Borrower::Organisation(self.dice.pick(&organisations)),
            _ => Borrower::Professional(self.dice.below(PROFESSIONALS)),
        }
    }

    fn behaviour(&mut self) -> Behaviour {
        match self.dice.below(100) {
            0..3 => Behaviour::Declined("not_suitable"),
            3..11 => Behaviour::GivesUp,
            11..16 => Behaviour::NeverCollects,
            _ => {
                let days_late = match self.dice.below(100) {
                    0..45 => 0,
                    45..72 => self.dice.between(-6, -1),
                    72..92 => self.dice.between(1, 8),
                    _ => self.dice.between(9, 20),
                };
                let extends = self.dice.chance(14);
                let defect = self.dice.chance(14).then(|| PartDefect {
                    item: self.dice.below(8),
                    missing: self.dice.chance(60),
                    replaced_after: self.dice.chance(65).then(|| self.dice.between(5, 40)),
                });
                Behaviour::Returns { days_late, extends, defect }
            }
        }
    }
}
