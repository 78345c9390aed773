//! What becomes of the requests of a story.

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Received, and not read yet.
    New,
    Qualified,
    Waiting,
    DeclinedTooOld,
    DeclinedOutOfTerritory,
    DeclinedSchoolTime,
    DeclinedNoResponse,
    /// Outside the territory, and accepted with an override.
    AcceptedByOverride,
    Redirected,
    Withdrawn,
    /// Withdrawn, then reopened and accepted.
    Reopened,
    AcceptedAfterWaiting,
    Accepted,
}

/// The outcomes of forty requests, so that every state occurs.
const FORTY: [(Outcome, usize); 13] = [
    (Outcome::New, 2),
    (Outcome::Qualified, 2),
    (Outcome::Waiting, 4),
    (Outcome::DeclinedTooOld, 1),
    (Outcome::DeclinedOutOfTerritory, 1),
    (Outcome::DeclinedSchoolTime, 1),
    (Outcome::DeclinedNoResponse, 1),
    (Outcome::AcceptedByOverride, 1),
    (Outcome::Redirected, 2),
    (Outcome::Withdrawn, 2),
    (Outcome::Reopened, 1),
    (Outcome::AcceptedAfterWaiting, 5),
    (Outcome::Accepted, 17),
];

/// The outcomes of `number` requests: forty at a time, and the most common ones for the remainder.
pub(super) fn outcomes(number: usize) -> Vec<Outcome> {
    let forty: Vec<Outcome> = FORTY.iter().flat_map(|(outcome, times)| std::iter::repeat_n(*outcome, *times)).collect();
    let remainder = number % forty.len();
    let mut outcomes: Vec<Outcome> = forty.iter().copied().cycle().take(number - remainder).collect();
    outcomes.extend(forty.iter().rev().take(remainder));
    outcomes
}
