//! Tells the story: pure and seeded. The same number of children and years, seed and day give the same story.

use chrono::{Datelike, Duration, Months, NaiveDate};

use super::course::working_day;
use super::lending::{self, Lending};
use super::places::{self, Communes};
use super::requests;
use super::story::{Event, Pole, Story};
use crate::dice::Dice;
use crate::error::{ApiError, Code};

/// The département of both pôles.
pub(super) const HOME: &str = "63";

/// Tells the history of the two pôles, up to today.
pub fn write_story(children: u32, years: u32, seed: u64, today: NaiveDate) -> Result<Story, ApiError> {
    let mut dice = Dice::new(seed);
    let from = today.checked_sub_months(Months::new(12 * years)).unwrap_or(today);
    let home = Communes::of_departement(HOME);
    let beside = ["03", "42", "43"].map(Communes::of_departement);
    let mut story = Story { from, today, poles: Vec::new(), events: Vec::new() };
    for (index, pole) in [small_children(&mut dice, &home)?, all_ages(&mut dice, &home)?].into_iter().enumerate() {
        let number = if index == 0 { children } else { (children / 4).max(1) };
        let mut script =
            Script { dice: &mut dice, home: &home, beside: &beside, from, today, index, pole, events: Vec::new() };
        requests::requests(&mut script, number as usize);
        story.events.append(&mut script.events);
        story.poles.push(script.pole);
    }
    // Stable: what happens to one request on one day stays in its order.
    story.events.sort_by_key(|event| event.on);
    // Last, so that the dice fall for the rest as they did before there were kits.
    lending::write_story(&mut dice, &home, &mut story, children, years)?;
    Ok(story)
}

/// A pôle being told.
pub(super) struct Script<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) home: &'a Communes,
    pub(super) beside: &'a [Communes],
    pub(super) from: NaiveDate,
    pub(super) today: NaiveDate,
    pub(super) index: usize,
    pub(super) pole: Pole,
    pub(super) events: Vec<Event>,
}

impl Script<'_> {
    /// A working day of the history, at least `before` days before today; the seasons show: families ask before
    /// September and in January, not in August.
    pub(super) fn season_day(&mut self, before: i64) -> NaiveDate {
        const MONTHS: [usize; 12] = [90, 85, 100, 80, 75, 70, 35, 20, 90, 95, 75, 45];
        let last = (self.today - self.from).num_days();
        loop {
            let back = self.dice.between(before.min(last), last);
            let day = self.today - Duration::days(back);
            if self.dice.chance(MONTHS[day.month0() as usize]) {
                return working_day(day).min(self.today);
            }
        }
    }

    /// A working day of the last days.
    pub(super) fn recent_day(&mut self, least: i64, most: i64) -> NaiveDate {
        working_day(self.today - Duration::days(self.dice.between(least, most))).min(self.today)
    }

    /// The places of a kind in the directory.
    pub(super) fn places(&self, kind: &str) -> Vec<usize> {
        let places = self.pole.places.iter().enumerate();
        places.filter(|(_, place)| place.kind == kind).map(|(rank, _)| rank).collect()
    }
}

/// The pôle of the sources, with the team and the scope that they give (`data/funders-2026.json`).
fn small_children(dice: &mut Dice, communes: &Communes) -> Result<Pole, ApiError> {
    let file = include_str!("../../data/funders-2026.json");
    let data: serde_json::Value = serde_json::from_str(file).map_err(|_| ApiError::new(Code::Internal))?;
    let service = &data["service"];
    let number = |value: &serde_json::Value| value.as_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or(0);
    let texts = |value: &serde_json::Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let team = data["team"].as_array().map(Vec::as_slice).unwrap_or_default();
    let position = |post: &serde_json::Value| {
        let label = post["label_fr"].as_str().unwrap_or_default().to_owned();
        // Tenths of a full-time equivalent, written as 0.1: rounded to whole percents.
        #[expect(clippy::cast_possible_truncation, reason = "a share of a full-time equivalent is at most 1")]
        let percent = (post["fte"].as_f64().unwrap_or(0.0) * 100.0).round() as i32;
        (label, percent)
    };
    Ok(Pole {
        name: "Pôle Ressources Petite Enfance du Puy-de-Dôme",
        upper_birthday: number(&service["age_max"]) + 1,
        groups: texts(&service["childcare_groups"]),
        opened_on: opened(number(&service["opened_year"])),
        positions: team.iter().map(position).collect(),
        places: places::directory(dice, communes, false)?,
        families: Vec::new(),
        children: Vec::new(),
        requests: Vec::new(),
        lending: Lending::default(),
    })
}

/// A second one, invented: the national specification's ages, leisure centres too.
fn all_ages(dice: &mut Dice, communes: &Communes) -> Result<Pole, ApiError> {
    Ok(Pole {
        name: "Pôle Ressources Handicap 0-17 du Puy-de-Dôme (démo)",
        upper_birthday: 18,
        groups: ["eaje", "individual", "acm"].map(str::to_owned).to_vec(),
        opened_on: opened(2022),
        positions: vec![("Coordinatrice".to_owned(), 80)],
        places: places::directory(dice, communes, true)?,
        families: Vec::new(),
        children: Vec::new(),
        requests: Vec::new(),
        lending: Lending::default(),
    })
}

/// The sources give a year: its first working day stands for it.
fn opened(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 4).unwrap_or_default()
}
