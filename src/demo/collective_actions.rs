//! Plays the collective actions and the referent network of the first pôle. They are invented. Actions of a kind
//! reserved for convention partners take place in communes that the conventions of 2026 cover.

use chrono::{Datelike, Duration, NaiveDate};

use super::backdating::at;
use super::borrowings::Professional;
use super::codes::code;
use super::directory::COVERED;
use crate::actions;
use crate::actions::act::{Command, act};
use crate::actions::dto::ActionParticipants;
use crate::actions::dto::acts::ActionHolding;
use crate::actions::dto::new::ActionInput;
use crate::auth::{PrincipalId, ServiceScope};
use crate::conventions::coverage;
use crate::db::Id;
use crate::dice::Dice;
use crate::error::ApiError;
use crate::organisations;
use crate::privacy::Secret;
use crate::referents;
use crate::referents::attendances::dto::ReferentAttendanceInput;
use crate::referents::dto::new::{CharterSignature, ReferentIdentityInput, ReferentInput};
use crate::referents::model::AttendanceKind;
use crate::work::Work;

/// Days between two actions.
const INTERVAL_DAYS: i64 = 17;
/// Kind, title, minutes, type of participant, minimum and maximum number of participants.
type Kind = (&'static str, &'static str, i32, &'static str, i64, i64);
const KINDS: [Kind; 7] = [
    ("parent_cafe", "Café parents", 90, "parent", 4, 11),
    ("childminder_awareness_session", "Sensibilisation : le développement de l'enfant", 120, "childminder", 6, 16),
    ("professional_awareness", "Sensibilisation d'une équipe", 120, "childcare_professional", 5, 14),
    ("pedagogical_day", "Journée pédagogique : adapter l'accueil", 360, "childcare_professional", 10, 28),
    ("working_group", "Groupe de travail inclusion", 150, "rpe_worker", 5, 12),
    ("parenting_workshop", "Atelier parents-enfants", 90, "parent", 3, 8),
    ("ctg_technical_committee", "Comité technique de la CTG", 120, "local_authority_representative", 6, 14),
];
/// Communes for the other kinds of action.
const ANYWHERE: [&str; 5] = ["63113", "63300", "63178", "63430", "63032"];

/// What playing the actions and the referents depends on.
pub(super) struct ActionPlayback<'a> {
    pub(super) service: Id,
    pub(super) coordinator: PrincipalId,
    pub(super) psychologist: PrincipalId,
    pub(super) from: NaiveDate,
    pub(super) today: NaiveDate,
    /// Nurseries of the directory, where the referents work.
    pub(super) nurseries: &'a [Id],
    /// People whose names the referents have.
    pub(super) people: &'a [Professional],
}

impl ActionPlayback<'_> {
    /// Plays the actions, including some that are planned after today, and the referents. Returns the number of each.
    pub(super) fn play(&self, work: &mut Work<'_>) -> Result<(usize, usize), ApiError> {
        let mut dice = Dice::new(u64::from(self.from.year().unsigned_abs()));
        let mut number = 0;
        let mut on = self.from + Duration::days(9);
        while on <= self.today + Duration::days(45) {
            let weekend = i64::from(on.weekday().num_days_from_monday().saturating_sub(4)) % 3;
            let held_on = on + Duration::days((3 - weekend) % 3);
            self.play_action(work, &mut dice, number, held_on)?;
            number += 1;
            on += Duration::days(INTERVAL_DAYS);
        }
        Ok((number, self.play_referents(work)?))
    }

    /// Plays one action: planned a month before, then held or sometimes cancelled on its day.
    fn play_action(
        &self,
        work: &mut Work<'_>,
        dice: &mut Dice,
        number: usize,
        held_on: NaiveDate,
    ) -> Result<(), ApiError> {
        let scope = ServiceScope::one(self.service);
        let (kind, title, minutes, who, least, most) = KINDS[number % KINDS.len()];
        let reserved = actions::model::reserved_for(&code(kind)?).is_some();
        // Only the conventions of 2026 are known, so reserved actions are played in that year only.
        if reserved && held_on.year() != 2026 {
            return Ok(());
        }
        let commune = dice.pick(if reserved { &COVERED } else { &ANYWHERE });
        let by = if kind == "childminder_awareness_session" { self.psychologist } else { self.coordinator };
        let new = ActionInput {
            service_id: self.service,
            kind: code(kind)?,
            title: title.to_owned(),
            held_on,
            starts_at: Some("09:30".to_owned()),
            duration_minutes: minutes,
            preparation_minutes: 120,
            travel_minutes: super::directory::travel_minutes(commune),
            place: code("municipal_premises")?,
            commune_code: code(commune)?,
            topics: [code("disability")?].into(),
            organiser_role: code("pole_coordinator")?,
            organiser_id: None,
            speakers: Vec::new(),
            places: None,
            registration_closes_on: None,
        };
        let planned_on = (held_on - Duration::days(30)).max(self.from).min(self.today);
        let id = at(work, planned_on, 400, by, |work| actions::plan::create(work, &scope, new))?.id;
        if held_on > self.today {
            return Ok(());
        }
        let cancelled = dice.chance(8);
        let number = i32::try_from(dice.between(least, most)).unwrap_or(1);
        let command = if cancelled {
            Command::Cancel(actions::dto::acts::ActionCancellation { reason: code("too_few_registrations")? })
        } else {
            Command::Hold(ActionHolding {
                participants: Some(vec![ActionParticipants { participant_type: code(who)?, number }]),
                duration_minutes: None,
                preparation_minutes: None,
                travel_minutes: None,
            })
        };
        at(work, held_on, 450, by, |work| {
            let row = actions::ops::find(work, &scope, id)?;
            act(work, &row, command).map(drop)
        })
    }

    /// Plays the referents, in nurseries that a convention of 2026 covers: most are certified, some are still in training.
    fn play_referents(&self, work: &mut Work<'_>) -> Result<usize, ApiError> {
        let scope = ServiceScope::one(self.service);
        let appointed_on = self.from + Duration::days(40);
        // Only the conventions of 2026 are known, and no other year opens the network.
        let begins_on = NaiveDate::from_ymd_opt(2026, 1, 12).unwrap_or(appointed_on).max(appointed_on);
        let opened = self.opened_nurseries(work, begins_on)?;
        let mut number = 0;
        for (rank, (nursery, person)) in opened.iter().zip(self.people).enumerate() {
            let new = ReferentInput {
                service_id: self.service,
                organisation_id: *nursery,
                identity: ReferentIdentityInput {
                    name: Secret::new(person.name.clone()),
                    phone: None,
                    email: None,
                    role: None,
                },
                appointed_on,
            };
            let id = at(work, appointed_on, minute(rank), self.coordinator, |work| {
                referents::ops::create(work, &scope, &new)
            })?
            .id;
            number += 1;
            let mut attendances = vec![(30, AttendanceKind::ExternalTraining), (31, AttendanceKind::ExternalTraining)];
            if rank % 5 != 4 {
                attendances.push((58, AttendanceKind::OwnTraining));
            }
            if rank % 3 != 2 {
                attendances.extend([(120, AttendanceKind::FollowUpMeeting), (180, AttendanceKind::ThemedDay)]);
            }
            for (days, kind) in attendances {
                let held_on = begins_on + Duration::days(days);
                if held_on > self.today || held_on.year() != begins_on.year() {
                    continue;
                }
                at(work, held_on, minute(rank), self.coordinator, |work| {
                    let row = referents::ops::find(work, &scope, id)?;
                    let new = ReferentAttendanceInput { kind, held_on, action_id: None };
                    referents::attendances::ops::create(work, &row, &new).map(drop)
                })?;
            }
            let signed_on = begins_on + Duration::days(65);
            if signed_on <= self.today && rank % 5 != 4 {
                at(work, signed_on, minute(rank), self.coordinator, |work| {
                    let row = referents::ops::find(work, &scope, id)?;
                    let charter = CharterSignature {
                        charter_version: "2024".to_owned(),
                        signed_by_referent_on: Some(signed_on),
                        signed_by_structure_on: Some(signed_on),
                        signed_by_service_on: Some(signed_on),
                    };
                    referents::act::act(work, &row, referents::act::Command::Sign(charter)).map(drop)
                })?;
            }
        }
        Ok(number)
    }
}

impl ActionPlayback<'_> {
    /// The nurseries to which a convention opens the network of referents on a day.
    fn opened_nurseries(&self, work: &mut Work<'_>, on: NaiveDate) -> Result<Vec<Id>, ApiError> {
        let service = code("referent_network_training")?;
        let found = organisations::store::find(work.conn, self.service, self.nurseries)?;
        let mut opened = Vec::new();
        for id in self.nurseries {
            let Some(nursery) = found.get(id) else { continue };
            if coverage::ops::require(work, self.service, &nursery.commune_code, on, &service, "").is_ok() {
                opened.push(*id);
            }
        }
        Ok(opened)
    }
}

/// The minute of the day for each referent.
fn minute(rank: usize) -> i64 {
    i64::try_from(rank).unwrap_or_default() * 15
}
