//! Use cases of boundary changes.

use super::dto::{BoundaryChange, BoundaryChangeFilter, BoundaryChangeInput, BoundaryChangePage};
use super::store::{self, BoundaryChangeRow};
use crate::auth::ServiceScope;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::services;
use crate::territories::{EpciCode, territories};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Records a boundary change. It must fit between the previous change of the commune and the next one.
pub fn create(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    new: &BoundaryChangeInput,
) -> Result<BoundaryChange, ApiError> {
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    work.conn.lock_one(Lock::Boundaries, new.service_id)?;
    let own = store::of_commune(work.conn, new.service_id, &new.commune_code)?;
    if let Some(existing) = own.iter().find(|one| one.effective_on == new.effective_on) {
        let message = Text::new(
            "Un changement de cette commune est déjà enregistré à cette date.",
            "A change of this commune is already recorded on that day.",
        );
        return Err(ApiError::faults(
            Code::Conflict,
            vec![Fault::new("/effective_on", "already_recorded", message.clone())],
        )
        .detail(message.fr, message.en)
        .with("existing_id", existing.id.as_str()));
    }
    ApiError::reject_if_any(chain_faults(new, &own))?;
    let row = BoundaryChangeRow {
        id: Id::at(work.now),
        service_id: new.service_id,
        commune_code: new.commune_code.clone(),
        effective_on: new.effective_on,
        from_epci: new.from_epci.clone(),
        to_epci: new.to_epci.clone(),
        source: new.source.clone(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::BoundaryChange, row.service_id, row.id);
    Ok(row.into())
}

/// The faults of a change that does not fit in the chain of its commune. Before the first recorded change, the commune
/// may have been in any EPCI: the map describes one year only.
fn chain_faults(new: &BoundaryChangeInput, own: &[BoundaryChangeRow]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if new.from_epci == new.to_epci {
        let message = Text::new("La commune ne change pas d'EPCI.", "The commune does not change EPCI.");
        faults.push(Fault::new("/to_epci", "changes_nothing", message));
        return faults;
    }
    let before = own.iter().rev().find(|one| one.effective_on < new.effective_on);
    let after = own.iter().find(|one| one.effective_on > new.effective_on);
    let map = territories().epci_of(new.commune_code.as_str()).and_then(|epci| epci.code.parse().ok());
    // Without another change, the map must match one side of this one: the map's exact day is unknown.
    let (expected_from, expected_to) = match (before, after) {
        (None, None) => {
            let fits = new.from_epci == map || new.to_epci == map;
            (if fits { new.from_epci.clone() } else { map }, None)
        }
        (before, after) => {
            (before.map_or(new.from_epci.clone(), |one| one.to_epci.clone()), after.map(|one| one.from_epci.clone()))
        }
    };
    let name = |epci: &Option<EpciCode>, none: &str| {
        epci.as_ref().map_or_else(|| none.to_owned(), |code| code.as_str().to_owned())
    };
    if expected_from != new.from_epci {
        let message = Text::new(
            format!("EPCI de cette commune la veille : {}.", name(&expected_from, "aucun")),
            format!("EPCI of this commune on the day before: {}.", name(&expected_from, "none")),
        );
        faults.push(Fault::new("/from_epci", "not_where_it_is", message));
    }
    if let Some(expected) = expected_to.filter(|expected| *expected != new.to_epci) {
        let message = Text::new(
            format!("EPCI de départ du changement suivant : {}.", name(&expected, "aucun")),
            format!("EPCI that the next change starts from: {}.", name(&expected, "none")),
        );
        faults.push(Fault::new("/to_epci", "does_not_chain", message));
    }
    faults
}

/// The row of a boundary change of the scope, for an operation that changes it.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<BoundaryChangeRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One boundary change of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<BoundaryChange, ApiError> {
    Ok(store::get(work.conn, scope, id)?.into())
}

/// A page of the boundary changes of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<BoundaryChangeFilter>,
) -> Result<BoundaryChangePage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(BoundaryChangePage { data: rows.into_iter().map(Into::into).collect(), page })
}

/// Deletes a boundary change. Only the latest of its commune, so that the chain stays whole.
pub fn delete(work: &mut Work<'_>, row: &BoundaryChangeRow, reason: DeletionReason) -> Result<(), ApiError> {
    work.conn.lock_one(Lock::Boundaries, row.service_id)?;
    let own = store::of_commune(work.conn, row.service_id, &row.commune_code)?;
    if let Some(later) = own.iter().find(|one| one.effective_on > row.effective_on) {
        return Err(ApiError::new(Code::Conflict)
            .detail(
                "Un changement plus récent de cette commune en dépend : le supprimer d'abord.",
                "A later change of this commune starts from this one: delete that one first.",
            )
            .with("existing_id", later.id.as_str()));
    }
    ApiError::require_first(store::delete(work.conn, row)?)?;
    work.deleted(Resource::BoundaryChange, row.service_id, row.id, reason);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::conventions::boundaries::ops::*;

    fn new(from: Option<&str>, to: Option<&str>, on: &str) -> BoundaryChangeInput {
        BoundaryChangeInput {
            service_id: uuid::Uuid::nil().into(),
            commune_code: "63300".parse().unwrap(),
            effective_on: on.parse().unwrap(),
            from_epci: from.map(|code| code.parse().unwrap()),
            to_epci: to.map(|code| code.parse().unwrap()),
            source: "Arrêté".into(),
        }
    }

    fn recorded(change: &BoundaryChangeInput) -> BoundaryChangeRow {
        let now = chrono::DateTime::<chrono::Utc>::default().into();
        BoundaryChangeRow {
            id: uuid::Uuid::nil().into(),
            service_id: change.service_id,
            commune_code: change.commune_code.clone(),
            effective_on: change.effective_on,
            from_epci: change.from_epci.clone(),
            to_epci: change.to_epci.clone(),
            source: change.source.clone(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    fn wrong(change: &BoundaryChangeInput, own: &[BoundaryChangeRow]) -> Vec<String> {
        chain_faults(change, own).iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_single_change_starts_or_ends_at_the_epci_of_the_map() {
        let (riom, clermont, billom) = ("200070753", "246300701", "200067627");
        assert_eq!(wrong(&new(Some(riom), Some(clermont), "2027-01-01"), &[]), [""; 0]);
        assert_eq!(wrong(&new(Some(clermont), Some(riom), "2025-01-01"), &[]), [""; 0]);
        assert_eq!(wrong(&new(Some(clermont), Some(billom), "2027-01-01"), &[]), ["/from_epci not_where_it_is"]);
        assert_eq!(wrong(&new(Some(riom), Some(riom), "2027-01-01"), &[]), ["/to_epci changes_nothing"]);
        assert_eq!(wrong(&new(Some(riom), None, "2027-01-01"), &[]), [""; 0]);
    }

    #[test]
    fn a_change_fits_between_its_neighbours() {
        let (riom, clermont, billom) = ("200070753", "246300701", "200067627");
        let first = recorded(&new(Some(riom), Some(clermont), "2027-01-01"));
        let later = |from, to| wrong(&new(Some(from), Some(to), "2028-01-01"), std::slice::from_ref(&first));
        assert_eq!(later(clermont, billom), [""; 0]);
        assert_eq!(later(riom, billom), ["/from_epci not_where_it_is"]);
        let earlier = |from, to| wrong(&new(Some(from), Some(to), "2025-01-01"), std::slice::from_ref(&first));
        assert_eq!(earlier(billom, riom), [""; 0]);
        assert_eq!(earlier(riom, billom), ["/to_epci does_not_chain"]);
    }
}
