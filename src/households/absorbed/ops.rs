//! Following merges from what was absorbed to what is there, and back.

use super::store;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::work::Work;

/// The most merges that are followed: the survivor of one may be absorbed by the next.
const LONGEST_CHAIN: usize = 20;

/// The object into which another one was merged, in services of the scope; none if it was not.
pub fn survivor_of(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Option<Id>, ApiError> {
    let mut survivor = None;
    let mut sought = id;
    for _ in 0..LONGEST_CHAIN {
        match store::survivor_of(work.conn, scope, sought)? {
            None => break,
            Some(next) => (survivor, sought) = (Some(next), next),
        }
    }
    Ok(survivor)
}

/// Says in the 404 of an object that was merged where it went. The scope is that of callers who may read the survivor.
pub fn pointing_on<T>(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    id: Id,
    found: Result<T, ApiError>,
) -> Result<T, ApiError> {
    match found {
        Err(error) if error.code == Code::NotFound => match survivor_of(work, scope, id)? {
            None => Err(error),
            Some(survivor) => Err(error
                .detail(
                    "Cet objet a été fusionné avec un autre, qui a repris ce qu'il contenait : voir `merged_into`.",
                    "This object was merged into another one, which has what it had: see `merged_into`.",
                )
                .with("merged_into", survivor.as_str())),
        },
        other => other,
    }
}

/// The fault of an object that a request names and that is not there: of one that was merged, it says into which. The scope is as
/// for [`pointing_on`].
pub fn naming_survivor(work: &mut Work<'_>, scope: &ServiceScope, id: Id, fault: Fault) -> Result<Fault, ApiError> {
    Ok(match survivor_of(work, scope, id)? {
        None => fault,
        Some(survivor) => {
            let message = Text::new(
                format!("{id} a été fusionné avec {survivor} : donner ce dernier identifiant."),
                format!("{id} was merged into {survivor}: give the latter."),
            );
            Fault { message, merged_into: Some(survivor.to_string()), ..fault }
        }
    })
}

/// Fails if a list that found nothing was asked for what belongs to objects that were merged: a 400 that says into which. `asked`
/// are the parameters that name a child, a household or a case.
pub fn refuse_merged(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: usize,
    asked: &[(&'static str, Option<Id>)],
) -> Result<(), ApiError> {
    let mut faults = Vec::new();
    for (name, id) in asked.iter().filter_map(|(name, id)| Some((*name, (*id)?))).filter(|_| found == 0) {
        let fault = naming_survivor(work, scope, id, Fault::new(name, "merged", Text::new("", "")))?;
        faults.extend(fault.merged_into.is_some().then_some(fault));
    }
    if faults.is_empty() { Ok(()) } else { Err(ApiError::faults(Code::InvalidParameters, faults)) }
}

/// A case and those that were merged into it, one after the other.
pub fn with_absorbed_cases(work: &mut Work<'_>, scope: &ServiceScope, case: Id) -> Result<Vec<Id>, ApiError> {
    let mut all = vec![case];
    let mut latest = vec![case];
    for _ in 0..LONGEST_CHAIN {
        latest = store::absorbed_cases(work.conn, scope, &latest)?;
        if latest.is_empty() {
            break;
        }
        all.extend(&latest);
    }
    Ok(all)
}
