//! The course of a case, from the acceptance to the outcome: the steps of the Cnaf, with the work around them.

use chrono::{Datelike, Duration, NaiveDate, Weekday};

use super::story::{Event, EventKind, Hand, Piece};
use crate::dice::Dice;

/// The working day nearest to a date. Later dates never give an earlier day.
pub(super) fn working_day(date: NaiveDate) -> NaiveDate {
    match date.weekday() {
        Weekday::Sat => date - Duration::days(1),
        Weekday::Sun => date + Duration::days(1),
        _ => date,
    }
}

/// What a course needs to know of its request.
pub(super) struct Setting<'a> {
    /// The pôle and the request.
    pub(super) of: (usize, usize),
    /// When the request arrived.
    pub(super) received_on: NaiveDate,
    /// When it was accepted.
    pub(super) accepted_on: NaiveDate,
    /// The last day of the story.
    pub(super) today: NaiveDate,
    /// Where a place can be found, by kind of childcare.
    pub(super) open_places: &'a [(usize, &'static str)],
    /// Whether the first pôle's psychologist works on it.
    pub(super) psychologist: bool,
    /// Minutes to go there and back.
    pub(super) travel: i32,
}

struct Course<'a> {
    dice: &'a mut Dice,
    setting: &'a Setting<'a>,
    day: NaiveDate,
    events: Vec<Event>,
}

impl Course<'_> {
    fn later(&mut self, least: i64, most: i64) {
        self.day = working_day(self.day + Duration::days(self.dice.between(least, most)));
    }

    fn happens(&mut self, by: Hand, deed: EventKind) {
        let (pole, request) = self.setting.of;
        self.events.push(Event { on: self.day, pole, request, by, deed });
    }

    fn step(&mut self, step: &'static str) {
        self.happens(Hand::Coordinator, EventKind::Step(step));
    }

    /// A piece of work, by the psychologist when that is what it takes.
    fn work(&mut self, kind: &'static str, at: &'static str, with: &[(&'static str, i32)], place: Option<usize>) {
        let by = if self.setting.psychologist && matches!(kind, "on_site_observation" | "practice_analysis") {
            Hand::Psychologist
        } else {
            Hand::Coordinator
        };
        let away = !matches!(at, "phone" | "video" | "remote_written" | "pole_office");
        let minutes = if away { self.dice.between(9, 24) } else { self.dice.between(2, 9) } * 5;
        let piece = Piece {
            kind,
            held_on: self.day,
            minutes: i32::try_from(minutes).unwrap_or(30),
            travel: if away { self.setting.travel } else { 0 },
            at,
            with: with.to_vec(),
            place,
            on_school_time: kind == "school_bridge",
            next_on: None,
        };
        self.happens(by, EventKind::Work(piece));
    }
}

/// A child's case. About six in ten find a place; about one in seven is left aside for a while.
pub(super) fn of_a_child(dice: &mut Dice, setting: &Setting<'_>) -> Vec<Event> {
    let settles = dice.chance(66);
    let place = settles.then(|| dice.pick(setting.open_places));
    let mut course = Course { dice, setting, day: setting.accepted_on, events: Vec::new() };
    intake(&mut course);
    course.later(3, 14);
    course.work("family_interview", "family_home", &[("parent", 2), ("child", 1)], None);
    course.step("parents_needs_assessment");
    course.later(4, 18);
    course.work("home_observation", "family_home", &[("child", 1), ("parent", 1)], None);
    course.step("child_needs_assessment");
    course.later(2, 15);
    course.step("childcare_search");
    course.work("partner_contact", "phone", &[("pmi_professional", 1)], None);
    course.later(5, 25);
    course.work("childcare_search_support", "remote_written", &[("parent", 1)], None);
    match place {
        Some((place, childcare)) => placement(&mut course, place, childcare),
        None => without_a_place(&mut course),
    }
    cut(course)
}

/// The request's first call is work too, and precedes the acceptance (ARS: the intake vanishes from every count).
fn intake(course: &mut Course<'_>) {
    course.work("phone_contact", "phone", &[("parent", 1)], None);
    if let Some(Event { deed: EventKind::Work(call), .. }) = course.events.last_mut() {
        call.held_on = course.setting.received_on;
    }
}

fn placement(course: &mut Course<'_>, place: usize, childcare: &'static str) {
    let (at, host) = match childcare {
        "childminder" => ("childminder_home", "childminder"),
        "leisure_centre" | "after_school_care" => ("leisure_setting", "leisure_professional"),
        _ => ("childcare_setting", "childcare_professional"),
    };
    course.later(5, 20);
    course.step("childcare_appointment");
    course.work("professional_advice", "phone", &[(host, 1)], Some(place));
    course.later(4, 12);
    course.step("accompanied_first_visit");
    course.work("accompanied_visit", at, &[("child", 1), ("parent", 1), (host, 2)], Some(place));
    course.later(7, 35);
    course.happens(Hand::Coordinator, EventKind::Settle { place, childcare });
    course.later(12, 30);
    course.work("on_site_observation", at, &[("child", 1), (host, 2)], Some(place));
    course.step("integration_follow_up");
    for _ in 0..course.dice.below(4) {
        course.later(15, 45);
        match course.dice.below(4) {
            0 => course.work("team_meeting", at, &[(host, 5), ("childcare_manager", 1)], Some(place)),
            1 => course.work("synthesis_meeting", "partner_premises", &[("camsp_professional", 2), (host, 1)], None),
            2 => course.work("practice_analysis", at, &[(host, 6)], Some(place)),
            _ => course.work("follow_up_review", "phone", &[("parent", 1)], None),
        }
    }
    course.later(30, 150);
    course.work("written_report", "pole_office", &[], None);
    let outcome = course.dice.weighted(&[
        ("effective_placement", 40),
        ("placement_maintained", 30),
        ("maintained_with_adaptation", 15),
        ("school_bridge_completed", 10),
        ("moved", 5),
    ]);
    if outcome == "school_bridge_completed" {
        course.later(3, 12);
        course.work("school_bridge", "school", &[("parent", 1), ("teacher", 1), (host, 1)], Some(place));
    }
    course.later(2, 20);
    course.happens(Hand::Coordinator, EventKind::Close(outcome));
}

fn without_a_place(course: &mut Course<'_>) {
    for _ in 0..=course.dice.below(3) {
        course.later(12, 50);
        match course.dice.below(3) {
            0 => course.work("advice", "phone", &[("parent", 1)], None),
            1 => course.work("care_signposting", "video", &[("parent", 2)], None),
            _ => course.work("partner_coordination_meeting", "partner_premises", &[("pmi_professional", 1)], None),
        }
    }
    course.later(30, 160);
    let outcome = course.dice.weighted(&[
        ("need_met", 35),
        ("no_solution", 20),
        ("withdrawn_by_family", 15),
        ("redirected", 15),
        ("lost_contact", 10),
        ("reached_age_limit", 5),
    ]);
    course.happens(Hand::Coordinator, EventKind::Close(outcome));
}

/// A structure's case: awareness, advice, equipment.
pub(super) fn of_a_structure(dice: &mut Dice, setting: &Setting<'_>, place: usize) -> Vec<Event> {
    let mut course = Course { dice, setting, day: setting.accepted_on, events: Vec::new() };
    course.later(5, 20);
    course.work("professional_advice", "phone", &[("childcare_manager", 1)], Some(place));
    course.later(10, 30);
    course.work("group_awareness", "childcare_setting", &[("childcare_professional", 8)], Some(place));
    course.later(20, 60);
    course.work("practice_analysis", "childcare_setting", &[("childcare_professional", 6)], Some(place));
    course.later(5, 40);
    course.happens(Hand::Coordinator, EventKind::Close("need_met"));
    cut(course)
}

/// A child known before comes back for the transition to school: a bridge, the only work around school.
pub(super) fn of_a_bridge(dice: &mut Dice, setting: &Setting<'_>) -> Vec<Event> {
    let mut course = Course { dice, setting, day: setting.accepted_on, events: Vec::new() };
    course.later(4, 15);
    course.work("family_interview", "pole_office", &[("parent", 1)], None);
    course.later(7, 30);
    course.work("school_bridge", "school", &[("child", 1), ("parent", 1), ("teacher", 1)], None);
    course.later(10, 40);
    course.happens(Hand::Coordinator, EventKind::Close("school_bridge_completed"));
    cut(course)
}

/// Gives each piece of work the date of the next thing, then cuts the course at today, or where it was left aside.
fn cut(course: Course<'_>) -> Vec<Event> {
    let Course { dice, setting, mut events, .. } = course;
    let dates: Vec<NaiveDate> = events.iter().map(|event| event.on).collect();
    for (index, event) in events.iter_mut().enumerate() {
        if let EventKind::Work(piece) = &mut event.deed {
            piece.next_on = dates[index..].iter().copied().find(|date| *date > event.on);
        }
    }
    if dice.chance(14) && events.len() > 4 {
        events.truncate(3 + dice.below(events.len() - 4));
    }
    events.retain(|event| event.on <= setting.today);
    events
}
