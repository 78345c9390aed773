//! Writes the story: pure and seeded. The same number of children and years, seed and day give the same story.

use chrono::{Months, NaiveDate};

use super::borrowings::Lending;
use super::directory::{self, Communes};
use super::lending_writer::write_lending;
use super::requests::write_requests;
use super::script::{HOME, Script};
use super::story::{Pole, Story};
use crate::dice::Dice;
use crate::error::{ApiError, Code};

/// Writes the history of the two pôles, up to today.
pub fn write_story(children: u32, years: u32, seed: u64, today: NaiveDate) -> Result<Story, ApiError> {
    let mut dice = Dice::new(seed);
    let from = today.checked_sub_months(Months::new(12 * years)).unwrap_or(today);
    let home = Communes::of_departement(HOME);
    let neighbours = ["03", "42", "43"].map(Communes::of_departement);
    let mut story = Story { from, today, poles: Vec::new(), events: Vec::new() };
    for (index, pole) in [small_children(&mut dice, &home)?, all_ages(&mut dice, &home)?].into_iter().enumerate() {
        let number = if index == 0 { children } else { (children / 4).max(1) };
        let mut script = Script {
            dice: &mut dice,
            home: &home,
            neighbours: &neighbours,
            from,
            today,
            index,
            pole,
            events: Vec::new(),
        };
        write_requests(&mut script, number as usize);
        story.events.append(&mut script.events);
        story.poles.push(script.pole);
    }
    // A stable sort: the events of one request on one day keep their order.
    story.events.sort_by_key(|event| event.on);
    // Last, so that it does not change the dice rolls of the rest of the story.
    write_lending(&mut dice, &home, &mut story, children, years)?;
    Ok(story)
}

/// The pôle of the sources, with the team and the scope in `data/funders-2026.json`.
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
        // The file has tenths of a full-time equivalent, such as 0.1: converted to whole percents.
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
        organisations: directory::directory(dice, communes, false)?,
        families: Vec::new(),
        children: Vec::new(),
        requests: Vec::new(),
        lending: Lending::default(),
    })
}

/// A second pôle, invented: the ages of the national specification, with leisure centres.
fn all_ages(dice: &mut Dice, communes: &Communes) -> Result<Pole, ApiError> {
    Ok(Pole {
        name: "Pôle Ressources Handicap 0-17 du Puy-de-Dôme (démo)",
        upper_birthday: 18,
        groups: ["eaje", "individual", "acm"].map(str::to_owned).to_vec(),
        opened_on: opened(2022),
        positions: vec![("Coordinatrice ou coordinateur".to_owned(), 80)],
        organisations: directory::directory(dice, communes, true)?,
        families: Vec::new(),
        children: Vec::new(),
        requests: Vec::new(),
        lending: Lending::default(),
    })
}

/// The sources only give a year: its first working day is used.
fn opened(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 4).unwrap_or_default()
}
