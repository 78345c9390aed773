//! Writes the course of a case, from the acceptance to the outcome: the steps of the Cnaf, and the interventions.

use chrono::{Datelike, Duration, NaiveDate, Weekday};

use super::story::{Author, Event, EventKind, Intervention};
use crate::dice::Dice;

/// The working day nearest to a date. The function is monotonic: a later date never gives an earlier day.
pub(super) fn working_day(date: NaiveDate) -> NaiveDate {
    match date.weekday() {
        Weekday::Sat => date - Duration::days(1),
        Weekday::Sun => date + Duration::days(1),
        _ => date,
    }
}

/// What the course of a case depends on.
pub(super) struct CaseContext<'a> {
    /// The pôle and the request.
    pub(super) request: (usize, usize),
    /// When the request arrived.
    pub(super) received_on: NaiveDate,
    /// When it was accepted.
    pub(super) accepted_on: NaiveDate,
    /// The last day of the story.
    pub(super) today: NaiveDate,
    /// The organisations where the child can find a place, with the kind of childcare.
    pub(super) open_places: &'a [(usize, &'static str)],
    /// Whether the psychologist of the first pôle works on the case.
    pub(super) has_psychologist: bool,
    /// Minutes of travel, there and back.
    pub(super) travel_minutes: i32,
}

struct Course<'a> {
    dice: &'a mut Dice,
    context: &'a CaseContext<'a>,
    day: NaiveDate,
    events: Vec<Event>,
}

impl Course<'_> {
    /// Moves on by a random number of days.
    fn advance(&mut self, least: i64, most: i64) {
        self.day = working_day(self.day + Duration::days(self.dice.between(least, most)));
    }

    fn add(&mut self, by: Author, kind: EventKind) {
        let (pole, request) = self.context.request;
        self.events.push(Event { on: self.day, pole, request, by, kind });
    }

    fn step(&mut self, step: &'static str) {
        self.add(Author::Coordinator, EventKind::Step(step));
    }

    /// Adds an intervention. The psychologist does observations and practice analysis, if the pôle has one.
    fn intervene(
        &mut self,
        kind: &'static str,
        place: &'static str,
        participants: &[(&'static str, i32)],
        organisation: Option<usize>,
    ) {
        let by = if self.context.has_psychologist && matches!(kind, "on_site_observation" | "practice_analysis") {
            Author::Psychologist
        } else {
            Author::Coordinator
        };
        let away = !matches!(place, "phone" | "video" | "remote_written" | "pole_office");
        let minutes = if away { self.dice.between(9, 24) } else { self.dice.between(2, 9) } * 5;
        let intervention = Intervention {
            kind,
            held_on: self.day,
            minutes: i32::try_from(minutes).unwrap_or(30),
            travel_minutes: if away { self.context.travel_minutes } else { 0 },
            place,
            participants: participants.to_vec(),
            organisation,
            on_school_time: kind == "school_bridge",
            next_action_on: None,
        };
        self.add(by, EventKind::Intervene(intervention));
    }
}

/// The case of a child. About six in ten find a childcare place; about one in seven is left without follow-up for a
/// while.
pub(super) fn child_case(dice: &mut Dice, context: &CaseContext<'_>) -> Vec<Event> {
    let finds_place = dice.chance(66);
    let found = finds_place.then(|| dice.pick(context.open_places));
    let mut course = Course { dice, context, day: context.accepted_on, events: Vec::new() };
    intake(&mut course);
    course.advance(3, 14);
    course.intervene("family_interview", "family_home", &[("parent", 2), ("child", 1)], None);
    course.step("parents_needs_assessment");
    course.advance(4, 18);
    course.intervene("home_observation", "family_home", &[("child", 1), ("parent", 1)], None);
    course.step("child_needs_assessment");
    course.advance(2, 15);
    course.step("childcare_search");
    // The family agrees before a partner is contacted.
    course.add(Author::Coordinator, EventKind::Agree("partner_contact"));
    course.intervene("partner_contact", "phone", &[("pmi_professional", 1)], None);
    course.advance(5, 25);
    course.intervene("childcare_search_support", "remote_written", &[("parent", 1)], None);
    match found {
        Some((organisation, childcare)) => placement(&mut course, organisation, childcare),
        None => without_a_place(&mut course),
    }
    finish(course)
}

/// Adds the first phone call, on the day of the request and so before the acceptance. ARS: the intake is work that
/// vanishes from every count.
fn intake(course: &mut Course<'_>) {
    course.intervene("phone_contact", "phone", &[("parent", 1)], None);
    if let Some(Event { kind: EventKind::Intervene(call), .. }) = course.events.last_mut() {
        call.held_on = course.context.received_on;
    }
}

fn placement(course: &mut Course<'_>, organisation: usize, childcare: &'static str) {
    let (place, host) = match childcare {
        "childminder" => ("childminder_home", "childminder"),
        "leisure_centre" | "after_school_care" => ("leisure_setting", "leisure_professional"),
        _ => ("childcare_setting", "childcare_professional"),
    };
    course.advance(5, 20);
    course.step("childcare_appointment");
    course.intervene("professional_advice", "phone", &[(host, 1)], Some(organisation));
    course.advance(4, 12);
    course.step("accompanied_first_visit");
    course.intervene("accompanied_visit", place, &[("child", 1), ("parent", 1), (host, 2)], Some(organisation));
    course.advance(7, 35);
    course.add(Author::Coordinator, EventKind::StartPlacement { organisation, childcare });
    course.advance(12, 30);
    course.intervene("on_site_observation", place, &[("child", 1), (host, 2)], Some(organisation));
    course.step("integration_follow_up");
    for _ in 0..course.dice.below(4) {
        course.advance(15, 45);
        match course.dice.below(4) {
            0 => course.intervene("team_meeting", place, &[(host, 5), ("childcare_manager", 1)], Some(organisation)),
            1 => {
                course.intervene(
                    "synthesis_meeting",
                    "partner_premises",
                    &[("camsp_professional", 2), (host, 1)],
                    None,
                );
            }
            2 => course.intervene("practice_analysis", place, &[(host, 6)], Some(organisation)),
            _ => course.intervene("follow_up_review", "phone", &[("parent", 1)], None),
        }
    }
    course.advance(30, 150);
    course.intervene("written_report", "pole_office", &[], None);
    let outcome = course.dice.weighted(&[
        ("effective_placement", 40),
        ("placement_maintained", 30),
        ("maintained_with_adaptation", 15),
        ("school_bridge_completed", 10),
        ("moved", 5),
    ]);
    if outcome == "school_bridge_completed" {
        course.advance(3, 12);
        course.intervene("school_bridge", "school", &[("parent", 1), ("teacher", 1), (host, 1)], Some(organisation));
    }
    course.advance(2, 20);
    course.add(Author::Coordinator, EventKind::Close(outcome));
}

fn without_a_place(course: &mut Course<'_>) {
    for _ in 0..=course.dice.below(3) {
        course.advance(12, 50);
        match course.dice.below(3) {
            0 => course.intervene("advice", "phone", &[("parent", 1)], None),
            1 => course.intervene("care_signposting", "video", &[("parent", 2)], None),
            _ => course.intervene("partner_coordination_meeting", "partner_premises", &[("pmi_professional", 1)], None),
        }
    }
    course.advance(30, 160);
    let outcome = course.dice.weighted(&[
        ("need_met", 35),
        ("no_solution", 20),
        ("withdrawn_by_family", 15),
        ("redirected", 15),
        ("lost_contact", 10),
        ("reached_age_limit", 5),
    ]);
    course.add(Author::Coordinator, EventKind::Close(outcome));
}

/// The case of a structure: advice and awareness.
pub(super) fn structure_case(dice: &mut Dice, context: &CaseContext<'_>, structure: usize) -> Vec<Event> {
    let mut course = Course { dice, context, day: context.accepted_on, events: Vec::new() };
    course.advance(5, 20);
    course.intervene("professional_advice", "phone", &[("childcare_manager", 1)], Some(structure));
    course.advance(10, 30);
    course.intervene("group_awareness", "childcare_setting", &[("childcare_professional", 8)], Some(structure));
    course.advance(20, 60);
    course.intervene("practice_analysis", "childcare_setting", &[("childcare_professional", 6)], Some(structure));
    course.advance(5, 40);
    course.add(Author::Coordinator, EventKind::Close("need_met"));
    finish(course)
}

/// The case of a known child who comes back for the transition to school: a bridge, the only work allowed around
/// school.
pub(super) fn bridge_case(dice: &mut Dice, context: &CaseContext<'_>) -> Vec<Event> {
    let mut course = Course { dice, context, day: context.accepted_on, events: Vec::new() };
    course.advance(4, 15);
    course.intervene("family_interview", "pole_office", &[("parent", 1)], None);
    course.advance(7, 30);
    course.intervene("school_bridge", "school", &[("child", 1), ("parent", 1), ("teacher", 1)], None);
    course.advance(10, 40);
    course.add(Author::Coordinator, EventKind::Close("school_bridge_completed"));
    finish(course)
}

/// Gives each intervention the date of the next event, then drops the events after today, or after the point where the
/// case was left without follow-up.
fn finish(course: Course<'_>) -> Vec<Event> {
    let Course { dice, context, mut events, .. } = course;
    let dates: Vec<NaiveDate> = events.iter().map(|event| event.on).collect();
    for (index, event) in events.iter_mut().enumerate() {
        if let EventKind::Intervene(intervention) = &mut event.kind {
            intervention.next_action_on = dates[index..].iter().copied().find(|date| *date > event.on);
        }
    }
    if dice.chance(14) && events.len() > 4 {
        events.truncate(3 + dice.below(events.len() - 4));
    }
    events.retain(|event| event.on <= context.today);
    events
}
