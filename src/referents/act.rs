//! Actions on a referent: sign the charter, leave the network, cancel the departure.

use super::dto::Referent;
use super::dto::new::{CharterSignature, ReferentDeparture};
use super::model::ReferentAction;
use super::ops::{load_facts, replace};
use super::store::ReferentRow;
use crate::dates;
use crate::error::ApiError;
use crate::services::ops::today;
use crate::work::Work;

/// An action on a referent, with its data.
#[derive(Clone, Debug)]
pub enum Command {
    /// Record signatures of the charter.
    Sign(CharterSignature),
    /// Record that they left.
    Leave(ReferentDeparture),
    /// Cancel the departure.
    Return,
}

impl Command {
    fn action(&self) -> ReferentAction {
        match self {
            Self::Sign(_) => ReferentAction::Sign,
            Self::Leave(_) => ReferentAction::Leave,
            Self::Return => ReferentAction::Return,
        }
    }
}

/// Applies an action to a referent. Fails with a 409 that names the state if the action is not allowed in it.
pub fn act(work: &mut Work<'_>, row: &ReferentRow, command: Command) -> Result<Referent, ApiError> {
    let available = ReferentAction::available(row.left_on);
    if !available.contains(&command.action()) {
        let state = if row.left_on.is_some() { "left" } else { "active" };
        return Err(ApiError::wrong_state(state, available.iter().map(ReferentAction::as_str)));
    }
    match command {
        Command::Sign(charter) => sign(work, row, charter),
        Command::Leave(departure) => leave(work, row, departure),
        Command::Return => {
            let new = ReferentRow { left_on: None, departure_reason: None, ..row.clone() };
            replace(work, row, new)
        }
    }
}

fn sign(work: &mut Work<'_>, row: &ReferentRow, charter: CharterSignature) -> Result<Referent, ApiError> {
    let today = today(work, row.service_id)?;
    let given = [
        ("/signed_by_referent_on", charter.signed_by_referent_on),
        ("/signed_by_structure_on", charter.signed_by_structure_on),
        ("/signed_by_service_on", charter.signed_by_service_on),
    ];
    let fault = |(pointer, day): (&'static str, Option<chrono::NaiveDate>)| {
        let day = day?;
        let future = dates::not_in_the_future(pointer, day, today);
        future.or_else(|| dates::not_before(pointer, day, row.appointed_on, "before_appointment"))
    };
    ApiError::reject_if_any(given.into_iter().filter_map(fault))?;
    let mut new = row.clone();
    // Signatures belong to one version of the charter: another version is signed again by all three.
    if row.charter_version.as_ref() != Some(&charter.charter_version) {
        (new.signed_by_referent_on, new.signed_by_structure_on, new.signed_by_service_on) = (None, None, None);
    }
    new.signed_by_referent_on = charter.signed_by_referent_on.or(new.signed_by_referent_on);
    new.signed_by_structure_on = charter.signed_by_structure_on.or(new.signed_by_structure_on);
    new.signed_by_service_on = charter.signed_by_service_on.or(new.signed_by_service_on);
    new.charter_version = Some(charter.charter_version);
    replace(work, row, new)
}

fn leave(work: &mut Work<'_>, row: &ReferentRow, departure: ReferentDeparture) -> Result<Referent, ApiError> {
    let (today, left_on) = (today(work, row.service_id)?, departure.left_on);
    let last = load_facts(work, row)?.last_event().unwrap_or(row.appointed_on);
    let fault = dates::not_in_the_future("/left_on", left_on, today)
        .or_else(|| dates::not_before("/left_on", left_on, row.appointed_on, "before_appointment"))
        .or_else(|| dates::not_before("/left_on", left_on, last, "before_last_event"));
    ApiError::reject_if_any(fault)?;
    let new = ReferentRow { left_on: Some(left_on), departure_reason: Some(departure.reason), ..row.clone() };
    replace(work, row, new)
}
