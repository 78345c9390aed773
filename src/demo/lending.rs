//! Who borrows which kit and how they keep their word: pure and seeded, like the rest of the story.
//!
//! A borrowing says what its borrower does; which copy it gets, whether it waits, and on which days it happens after all is
//! the program's, when the story is played (`loans`).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{Datelike, Duration, NaiveDate, Weekday};

use super::kits::{self, Kit};
use super::names;
use super::places::Communes;
use super::story::{About, EventKind, Story};
use crate::dice::Dice;
use crate::error::ApiError;
use crate::lending::settings::model::LoanRules;

/// What a pôle lends, by which rules, to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lending {
    /// Periods without lending.
    pub closings: Vec<(NaiveDate, NaiveDate)>,
    /// The catalogue.
    pub kits: Vec<Kit>,
    /// Professionals who borrow in their own name.
    pub professionals: Vec<Professional>,
    /// What is asked for, in order.
    pub borrowings: Vec<Borrowing>,
}

impl Lending {
    /// How the pôle lends.
    pub(super) fn rules(&self) -> LoanRules {
        LoanRules { closings: self.closings.clone(), ..LoanRules::default() }
    }
}

/// A professional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Professional {
    /// Name.
    pub name: String,
    /// Telephone: of the numbers that Arcep keeps for fiction.
    pub phone: String,
    /// INSEE code of the commune.
    pub commune: &'static str,
}

/// A kit that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borrowing {
    /// When it is asked for: an open day.
    pub asked_on: NaiveDate,
    /// Which kit.
    pub kit: usize,
    /// By whom.
    pub borrower: Borrower,
    /// For which day: an open one.
    pub starts_on: NaiveDate,
    /// What happens when every copy is taken.
    pub if_taken: IfTaken,
    /// What the borrower does.
    pub manner: Manner,
}

/// Who borrows, by rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Borrower {
    /// A family that has asked for something before.
    Family(usize),
    /// An organisation of the directory.
    Place(usize),
    /// A professional.
    Professional(usize),
}

/// What happens when every copy is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfTaken {
    /// The borrower waits, for so many days after the day wanted or until a copy is free anyway.
    Wait(Option<i64>),
    /// It is declined.
    Decline,
}

/// What a borrower does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Nobody has answered yet.
    Unanswered,
    /// The pôle declines, for a reason.
    Declined(&'static str),
    /// Gives up before the day, and answers no proposal.
    GivesUp,
    /// Never comes for it.
    NeverComes,
    /// Brings it back.
    Brings {
        /// Days after the day agreed; before it, below 0.
        late: i64,
        /// Asks to keep it longer first.
        longer: bool,
        /// What happens to a part.
        mishap: Option<Mishap>,
    },
    /// Has it still.
    Keeps,
}

/// A part that is missing or damaged at the return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mishap {
    /// Which item of the kit, by rank.
    pub item: usize,
    /// Whether it is missing, and damaged otherwise.
    pub missing: bool,
    /// Days after which the part is replaced; it is still to buy without.
    pub replaced_after: Option<i64>,
}

/// How often each kit of the sources is asked for, in their order: some are popular, so that they run out.
const POPULARITY: [u32; 10] = [6, 7, 13, 8, 20, 6, 6, 9, 16, 5];
/// Asks in a hundred on a day of each month, as for the requests; nobody is there in August.
const MONTHS: [usize; 12] = [90, 85, 100, 80, 75, 70, 35, 10, 90, 95, 75, 45];
/// How long a kit of the last days is nobody else's before.
const QUIET_DAYS: i64 = 60;
/// Professionals who borrow in their own name.
const PROFESSIONALS: usize = 8;
/// Closing periods that the settings take.
const CLOSINGS: usize = 8;

/// Tells the lending of both pôles: the first lends the ten kits, the second has three and lends none yet.
pub(super) fn write_story(
    dice: &mut Dice,
    home: &Communes,
    story: &mut Story,
    children: u32,
    years: u32,
) -> Result<(), ApiError> {
    let mut lending = Lending { closings: summers(story), kits: kits::catalogue(dice, 10, 3)?, ..Lending::default() };
    lending.professionals = (0..PROFESSIONALS).map(|_| professional(dice, home)).collect();
    let mut desk =
        Desk { rules: lending.rules(), kits: &lending.kits, story, dice, known: known(story), told: Vec::new() };
    let quiet = desk.last_days();
    for _ in 0..years * (children * 5 / 8).clamp(8, 85) {
        desk.some_day(&quiet);
    }
    let mut borrowings = desk.told;
    borrowings.sort_by_key(|borrowing| borrowing.asked_on);
    lending.borrowings = borrowings;
    let few = kits::catalogue(dice, 3, 1)?;
    for (pole, lending) in story.poles.iter_mut().zip([lending, Lending { kits: few, ..Lending::default() }]) {
        pole.lending = lending;
    }
    Ok(())
}

/// Three weeks from the first Monday of August, in the last years of the story.
fn summers(story: &Story) -> Vec<(NaiveDate, NaiveDate)> {
    let monday = |year| NaiveDate::from_weekday_of_month_opt(year, 8, Weekday::Mon, 1);
    let years = (story.from.year()..=story.today.year()).rev().take(CLOSINGS);
    years.filter_map(monday).map(|first| (first, first + Duration::days(18))).collect()
}

fn professional(dice: &mut Dice, home: &Communes) -> Professional {
    Professional {
        name: format!("{} {}", dice.pick(names::PARENT), dice.pick(names::FAMILY)),
        phone: format!("06 39 98 {:02} {:02}", dice.below(100), dice.below(100)),
        commune: home.draw(dice),
    }
}

/// The families of the first pôle, each from the day on which it is known.
fn known(story: &Story) -> Vec<(usize, NaiveDate)> {
    let mut since = BTreeMap::new();
    for event in story.events.iter().filter(|event| event.pole == 0 && event.deed == EventKind::Record) {
        if let About::Child(child) = story.poles[0].requests[event.request].about {
            since.entry(story.poles[0].children[child].family).or_insert(event.on);
        }
    }
    since.into_iter().collect()
}

/// Where the borrowings are told.
struct Desk<'a> {
    rules: LoanRules,
    kits: &'a [Kit],
    story: &'a Story,
    dice: &'a mut Dice,
    known: Vec<(usize, NaiveDate)>,
    told: Vec<Borrowing>,
}

impl Desk<'_> {
    /// A borrowing of any day of the story.
    fn some_day(&mut self, quiet: &[usize]) {
        let last = (self.story.today - self.story.from).num_days();
        let asked_on = loop {
            let day = self.story.today - Duration::days(self.dice.between(1, last));
            if self.rules.is_open(day) && self.dice.chance(MONTHS[day.month0() as usize]) {
                break day;
            }
        };
        let starts_on = self.rules.next_open(asked_on + Duration::days(self.dice.between(3, 24)));
        let recent = starts_on > self.story.today - Duration::days(QUIET_DAYS);
        let kits: Vec<(usize, u32)> =
            POPULARITY.into_iter().enumerate().filter(|(kit, _)| !recent || !quiet.contains(kit)).collect();
        let kit = self.dice.weighted(&kits);
        let if_taken = match self.dice.below(10) {
            0..3 => IfTaken::Decline,
            3..7 => IfTaken::Wait(Some(self.dice.between(14, 40))),
            _ => IfTaken::Wait(None),
        };
        let manner = self.manner();
        self.asks(asked_on, kit, starts_on, if_taken, manner);
    }

    /// What shows at the end, whatever the dice do otherwise: a loan that is late by two weeks and one by a few days, what is
    /// confirmed for the coming weeks, what nobody has answered, and a kit that is out and waited for. Returns the kits of it.
    fn last_days(&mut self) -> Vec<usize> {
        let fewest = |rank: &usize| (self.kits[*rank].copies.len(), Reverse(POPULARITY[*rank]));
        let out = (0..self.kits.len()).min_by_key(fewest).unwrap_or_default();
        let mut quiet: Vec<usize> = (0..self.kits.len()).filter(|rank| *rank != out).collect();
        self.dice.shuffle(&mut quiet);
        quiet.truncate(4);
        let brings = Manner::Brings { late: 0, longer: false, mishap: None };
        let cards = [(45, 9, Manner::Keeps), (38, 9, Manner::Keeps), (7, 12, brings), (1, 11, Manner::Unanswered)];
        for (kit, (back, ahead, manner)) in quiet.clone().into_iter().zip(cards) {
            self.lately(back, ahead, kit, manner);
        }
        for _ in 0..self.kits[out].copies.len() {
            self.lately(21, 9, out, brings);
        }
        self.lately(6, 9, out, brings);
        self.lately(3, 8, out, brings);
        quiet.push(out);
        quiet
    }

    /// A borrowing that is asked for so many days ago, for so many days later.
    fn lately(&mut self, back: i64, ahead: i64, kit: usize, manner: Manner) {
        let mut asked_on = self.story.today - Duration::days(back);
        while !self.rules.is_open(asked_on) {
            asked_on -= Duration::days(1);
        }
        let starts_on = self.rules.next_open(asked_on + Duration::days(ahead));
        self.asks(asked_on, kit, starts_on, IfTaken::Wait(None), manner);
    }

    fn asks(&mut self, asked_on: NaiveDate, kit: usize, starts_on: NaiveDate, if_taken: IfTaken, manner: Manner) {
        let borrower = self.borrower(asked_on);
        self.told.push(Borrowing { asked_on, kit, borrower, starts_on, if_taken, manner });
    }

    fn borrower(&mut self, on: NaiveDate) -> Borrower {
        let pole = &self.story.poles[0];
        let families: Vec<usize> =
            self.known.iter().filter(|(_, since)| *since < on).map(|(family, _)| *family).collect();
        let kinds = ["eaje", "childminder", "childminder_house", "rpe"];
        let places = pole.places.iter().enumerate().filter(|(_, place)| kinds.contains(&place.kind));
        let places: Vec<usize> = places.map(|(rank, _)| rank).collect();
        match self.dice.below(100) {
            0..45 if !families.is_empty() => Borrower::Family(self.dice.pick(&families)),
            45..80 => Borrower::Place(self.dice.pick(&places)),
            _ => Borrower::Professional(self.dice.below(PROFESSIONALS)),
        }
    }

    fn manner(&mut self) -> Manner {
        match self.dice.below(100) {
            0..3 => Manner::Declined("not_suitable"),
            3..11 => Manner::GivesUp,
            11..16 => Manner::NeverComes,
            _ => {
                let late = match self.dice.below(100) {
                    0..45 => 0,
                    45..72 => self.dice.between(-6, -1),
                    72..92 => self.dice.between(1, 8),
                    _ => self.dice.between(9, 20),
                };
                let longer = self.dice.chance(14);
                let mishap = self.dice.chance(14).then(|| Mishap {
                    item: self.dice.below(8),
                    missing: self.dice.chance(60),
                    replaced_after: self.dice.chance(65).then(|| self.dice.between(5, 40)),
                });
                Manner::Brings { late, longer, mishap }
            }
        }
    }
}
