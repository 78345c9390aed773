//! What a patch asks of an act: the work as a new act would give it, and the shares that follow. Pure.

use super::dto::{Intervention, InterventionInput, InterventionPatch, Participants};
use super::ops::checks::mode_of;
use super::ops::record::shared_participants;
use super::show::sorted;
use crate::cases::model::shares::shares;
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults, Text};
use crate::http::Field;

/// What a patch asks for.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The whole act; its note and its next action are those of the intervention that is patched.
    pub(super) input: InterventionInput,
    /// Who took part.
    pub(super) professionals: Vec<Id>,
}

/// The fault of a value of a share that is corrected by itself.
fn shared_fault(field: &str) -> Fault {
    let message = Text::new(
        format!(
            "L'acte concerne plusieurs suivis, qui se partagent cette valeur : corriger `act_{field}`, qui est partagé de nouveau."
        ),
        format!(
            "The act is about several cases, which share this value: correct `act_{field}`, which is shared again."
        ),
    );
    Fault::new(format!("/{field}"), "shared_with_other_cases", message)
}

/// The value of an act: that of the act, or that of its only share. The share of one case among several follows from the act.
fn of_act<T: PartialEq>(
    field: &str,
    (own, act): (&T, T),
    (asked, asked_of_act): (Option<T>, Option<T>),
    alone: bool,
    faults: &mut Faults,
) -> T {
    match (asked, asked_of_act) {
        (None, None) => act,
        (None, Some(of_act)) => of_act,
        (Some(value), None) if alone => value,
        (Some(value), of_act) if alone => {
            if of_act.as_ref() != Some(&value) {
                let message = Text::new(
                    format!(
                        "L'acte concerne un seul suivi : `{field}` et `act_{field}` sont la même valeur, en donner une seule."
                    ),
                    format!(
                        "The act is about one case: `{field}` and `act_{field}` are the same value, give only one."
                    ),
                );
                faults.add([Fault::new(format!("/act_{field}"), "contradictory", message)]);
            }
            value
        }
        (Some(value), of_act) => {
            if value != *own {
                faults.add([shared_fault(field)]);
            }
            of_act.unwrap_or(act)
        }
    }
}

/// The act that a patch of one of its interventions asks for.
pub(super) fn merged(
    act: &[Intervention],
    own: usize,
    patch: InterventionPatch,
    faults: &mut Faults,
) -> Result<Wanted, ApiError> {
    let before = act.get(own).ok_or_else(ApiError::not_found)?;
    let alone = act.len() == 1;
    let kind = patch.kind.unwrap_or_else(|| before.kind.clone());
    let mode = match patch.mode {
        Field::Set(mode) => mode,
        Field::Keep if kind == before.kind => before.mode.clone(),
        Field::Keep | Field::Clear => mode_of(&kind)?,
    };
    let sort = |participants: Option<Vec<Participants>>| participants.map(|some| sorted(&some));
    let input = InterventionInput {
        kind,
        held_on: patch.held_on.unwrap_or(before.held_on),
        minutes: of_act(
            "minutes",
            (&before.minutes, before.act_minutes),
            (patch.minutes, patch.act_minutes),
            alone,
            faults,
        ),
        travel_minutes: of_act(
            "travel_minutes",
            (&before.travel_minutes, before.act_travel_minutes),
            (patch.travel_minutes, patch.act_travel_minutes),
            alone,
            faults,
        ),
        place: patch.place.unwrap_or_else(|| before.place.clone()),
        mode: Some(mode),
        organisation_id: patch.organisation_id.over(before.organisation_id),
        on_school_time: patch.on_school_time.unwrap_or(before.on_school_time),
        next_action_on: patch.next_action_on.over(before.next_action_on),
        professional_ids: None,
        resource_person_ids: patch.resource_person_ids.unwrap_or_else(|| before.resource_person_ids.clone()),
        participants: of_act(
            "participants",
            (&before.participants, before.act_participants.clone()),
            (sort(patch.participants), sort(patch.act_participants)),
            alone,
            faults,
        ),
        note: patch.note.over(before.note.clone()),
    };
    Ok(Wanted { input, professionals: patch.professional_ids.unwrap_or_else(|| before.professional_ids.clone()) })
}

/// The interventions of an act as they are wanted. A sum that stays keeps its shares.
pub(super) fn after(act: &[Intervention], own: usize, wanted: &Wanted) -> Result<Vec<Intervention>, ApiError> {
    let new = &wanted.input;
    let mode = new.mode.clone().map_or_else(|| mode_of(&new.kind), Ok)?;
    let (minutes, travel) = (shares(new.minutes, act.len()), shares(new.travel_minutes, act.len()));
    let people = shared_participants(&new.participants, act.len());
    let mut after = act.to_vec();
    for (rank, one) in after.iter_mut().enumerate() {
        if one.act_minutes != new.minutes {
            one.minutes = minutes.get(rank).copied().unwrap_or_default();
        }
        if one.act_travel_minutes != new.travel_minutes {
            one.travel_minutes = travel.get(rank).copied().unwrap_or_default();
        }
        if one.act_participants != new.participants {
            one.participants = people.get(rank).cloned().unwrap_or_default();
        }
        one.act_minutes = new.minutes;
        one.act_travel_minutes = new.travel_minutes;
        one.act_participants.clone_from(&new.participants);
        one.kind = new.kind.clone();
        one.mode = mode.clone();
        one.held_on = new.held_on;
        one.place = new.place.clone();
        one.organisation_id = new.organisation_id;
        one.on_school_time = new.on_school_time;
        one.professional_ids.clone_from(&wanted.professionals);
        one.resource_person_ids.clone_from(&new.resource_person_ids);
        if rank == own {
            one.next_action_on = new.next_action_on;
            one.note.clone_from(&new.note);
        }
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use crate::cases::interventions::dto::ActShare;
    use crate::cases::interventions::merge::*;
    use crate::db::UtcTs;
    use proptest::prelude::*;

    /// An act about some cases.
    fn act(minutes: i32, people: i32, cases: usize) -> Vec<Intervention> {
        let now = UtcTs::from(chrono::DateTime::UNIX_EPOCH);
        let first = Id::at(now);
        let participants = vec![Participants { kind: "parent".parse().unwrap(), number: people }];
        let parts = shares(minutes, cases);
        let one = |rank: usize| Intervention {
            id: if rank == 0 { first } else { Id::at(now) },
            service_id: first,
            case_id: Some(Id::at(now)),
            child: None,
            structure_name: None,
            kind: "team_meeting".parse().unwrap(),
            type_label: None,
            mode: "collective".parse().unwrap(),
            held_on: "2026-03-02".parse().unwrap(),
            minutes: parts[rank],
            travel_minutes: 0,
            place: "video".parse().unwrap(),
            organisation_id: None,
            organisation_name: None,
            on_school_time: false,
            next_action_on: None,
            participants: shared_participants(&participants, cases)[rank].clone(),
            professional_ids: Vec::new(),
            professional_names: Vec::new(),
            resource_person_ids: Vec::new(),
            resource_person_names: Vec::new(),
            act_id: first,
            act_minutes: minutes,
            act_travel_minutes: 0,
            act_participants: participants.clone(),
            shares: Vec::<ActShare>::new(),
            note: None,
            author: String::new(),
            author_name: None,
            version: 1,
            created_at: now,
            updated_at: now,
            counted_in: None,
        };
        (0..cases).map(one).collect()
    }

    fn patched(act: &[Intervention], own: usize, patch: InterventionPatch) -> (Vec<Intervention>, Faults) {
        let mut faults = Faults::default();
        let wanted = merged(act, own, patch, &mut faults).unwrap();
        (after(act, own, &wanted).unwrap(), faults)
    }

    proptest! {
        #[test]
        fn a_corrected_act_is_the_sum_of_its_shares(
            (cases, own) in (1usize..=20).prop_flat_map(|cases| (Just(cases), 0..cases)),
            (minutes, corrected, people) in (0i32..=1440, 0i32..=1440, 1i32..=500),
        ) {
            let before = act(minutes, people, cases);
            let patch = InterventionPatch { act_minutes: Some(corrected), ..InterventionPatch::default() };
            let (new, faults) = patched(&before, own, patch);
            prop_assert!(faults.is_empty());
            prop_assert_eq!(new.iter().map(|one| one.minutes).sum::<i32>(), corrected);
            prop_assert!(new.iter().all(|one| one.act_minutes == corrected));
            prop_assert!(new.iter().zip(&before).all(|(new, old)| new.participants == old.participants));
            // What a share says already may be said again.
            let same = InterventionPatch { minutes: Some(before[own].minutes), ..InterventionPatch::default() };
            let (kept, faults) = patched(&before, own, same);
            prop_assert!(faults.is_empty());
            prop_assert!(kept.iter().zip(&before).all(|(new, old)| new.minutes == old.minutes));
        }
    }

    #[test]
    fn a_share_is_not_corrected_by_itself() {
        let before = act(50, 4, 3);
        let patch = InterventionPatch { minutes: Some(30), ..InterventionPatch::default() };
        let (new, faults) = patched(&before, 1, patch);
        assert_eq!(faults.as_slice()[0].code, "shared_with_other_cases");
        assert_eq!(new.iter().map(|one| one.minutes).collect::<Vec<_>>(), [17, 17, 16]);
        let alone = act(50, 4, 1);
        let patch = InterventionPatch { minutes: Some(30), act_minutes: Some(40), ..InterventionPatch::default() };
        assert_eq!(patched(&alone, 0, patch).1.as_slice()[0].code, "contradictory");
    }
}
