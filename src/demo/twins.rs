//! A child who was recorded twice, by two partners: the coordinator merges the two records.

use super::backdating::at;
use super::states::PoleState;
use super::story::Pole;
use crate::error::ApiError;
use crate::merges::dto::MergeInput;
use crate::merges::ops::{self, Merger};
use crate::privacy::Secret;
use crate::trail::Call;
use crate::work::Work;

/// Merges the first child of a pôle that was recorded twice into its first record, today. The story declines the second
/// referral as a duplicate.
pub(super) fn merge_one(
    work: &mut Work<'_>,
    pole: &Pole,
    state: &PoleState,
    today: chrono::NaiveDate,
) -> Result<(), ApiError> {
    let same = |one: usize, other: usize| {
        let (one, other) = (&pole.children[one], &pole.children[other]);
        let phone = |child: &super::story::Child| &pole.families[child.family].phone;
        one.given_name.is_some()
            && (one.given_name, one.born) == (other.given_name, other.born)
            && phone(one) == phone(other)
    };
    let known = &state.ids.children;
    let pairs = known
        .keys()
        .flat_map(|first| known.keys().filter(move |second| *second > first).map(move |second| (*first, *second)));
    let Some((first, second)) = pairs.into_iter().find(|(first, second)| same(*first, *second)) else { return Ok(()) };
    let input = MergeInput {
        absorbed_id: known[&second],
        reason: Some(Secret::new("Signalé une seconde fois par la PMI, sans les accents du nom.".to_owned())),
    };
    let call = Call { operation: "POST /v1/children/{id}/merge".to_owned(), ..state.coordinator.into() };
    at(work, today, 600, call, |work| {
        let child = ops::find_child(work, &state.scope, known[&first])?;
        ops::merge(work, &Merger::in_services(state.scope.clone()), &child, &input, false).map(drop)
    })
}
