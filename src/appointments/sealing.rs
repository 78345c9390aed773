//! The title and the note of an appointment, sealed under the keys of all its cases, one after the other. As for stored
//! replies: once one of these keys is destroyed, nobody reads the text, which may be about that person. Without a case, the
//! appointment has a key of its own.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::data_keys::{create_data_key, data_keys};
use crate::db::Id;
use crate::error::ApiError;
use crate::privacy::{DataKey, Place, SealError, Secret};
use crate::work::Work;

/// The sealed document of `appointments.content`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) title: Option<Secret<String>>,
    pub(super) note: Option<Secret<String>>,
}

/// The owners of the keys that seal the text of an appointment: those of its cases in the order of their identifiers, or
/// the appointment itself.
pub(super) fn owners(id: Id, of_cases: impl Iterator<Item = Id>) -> Vec<Id> {
    let owners: BTreeSet<Id> = of_cases.collect();
    if owners.is_empty() { vec![id] } else { owners.into_iter().collect() }
}

/// Seals the text of an appointment. Fails with 404 if the owner of one of its cases is erased.
pub(super) fn seal(
    work: &mut Work<'_>,
    service: Id,
    id: Id,
    owners: &[Id],
    content: &Content,
) -> Result<Option<Vec<u8>>, ApiError> {
    if content.title.is_none() && content.note.is_none() {
        return Ok(None);
    }
    let mut keys = data_keys(work, owners)?;
    if owners == [id] && keys.is_empty() {
        keys.insert(id, create_data_key(work, service, id)?);
    }
    let mut sealed: Option<Vec<u8>> = None;
    for owner in owners {
        let key = keys.get(owner).ok_or_else(ApiError::not_found)?;
        sealed = Some(match sealed {
            None => key.seal(place(&id), content)?,
            Some(inner) => key.seal_bytes(place(&id), &inner)?,
        });
    }
    Ok(sealed)
}

/// Opens the text of an appointment; empty if an owner is erased.
///
/// The keys are not tried in the order of the sealing: when households are merged, a text that is sealed keeps its layers, but
/// its owners are fewer and may be in another order.
pub(super) fn open(
    keys: &HashMap<Id, DataKey>,
    id: Id,
    owners: &[Id],
    sealed: Option<&[u8]>,
) -> Result<Content, ApiError> {
    let Some(sealed) = sealed else { return Ok(Content::default()) };
    let held: Vec<&DataKey> = owners.iter().filter_map(|owner| keys.get(owner)).collect();
    let mut layer = sealed.to_vec();
    loop {
        if let Some(content) = held.iter().find_map(|key| key.open(place(&id), &layer).ok()) {
            return Ok(content);
        }
        match held.iter().find_map(|key| key.open_bytes(place(&id), &layer).ok()) {
            Some(inner) => layer = inner,
            None if held.len() < owners.len() => return Ok(Content::default()),
            None => return Err(SealError.into()),
        }
    }
}

fn place(id: &Id) -> Place<'_> {
    Place { table: "appointments", column: "content", row: id.as_str() }
}
