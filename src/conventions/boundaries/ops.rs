//! Use cases of boundary changes.

use super::dto::{BoundaryChange, BoundaryChangeFilter, BoundaryChangePage, NewBoundaryChange};
use super::store::{self, BoundaryChangeRow};
use crate::auth::ServiceScope;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::services;
use crate::territories::territories;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Records a boundary change: it begins where the commune is, and the next one that is known begins where it ends.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &NewBoundaryChange) -> Result<BoundaryChange, ApiError> {
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    work.conn.lock_one(Lock::Boundaries, new.service_id)?;
    let own = store::of_commune(work.conn, new.service_id, &new.commune_code)?;
    if let Some(existing) = own.iter().find(|one| one.effective_on == new.effective_on) {
        let message = Text::new(
            "Un changement de cette commune est déjà connu à cette date.",
            "A change of this commune is known on that day already.",
        );
        return Err(ApiError::faults(
            Code::Conflict,
            vec![Fault::new("/effective_on", "already_recorded", message.clone())],
        )
        .detail(message.fr, message.en)
        .with("existing_id", existing.id.as_str()));
    }
    ApiError::unless_none(faults(new, &own))?;
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

/// What does not chain. Before the first change that is known, the commune may have been anywhere: the map is of one year.
fn faults(new: &NewBoundaryChange, own: &[BoundaryChangeRow]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if new.from_epci == new.to_epci {
        let message = Text::new("La commune ne change pas d'EPCI.", "The commune does not change EPCI.");
        faults.push(Fault::new("/to_epci", "changes_nothing", message));
        return faults;
    }
    let before = own.iter().rev().find(|one| one.effective_on < new.effective_on);
    let after = own.iter().find(|one| one.effective_on > new.effective_on);
    let map = territories().epci_of(new.commune_code.as_str()).and_then(|epci| epci.code.parse().ok());
    // Without any neighbour the map tells where it is: on one side of the change, as we do not know of which day it is.
    let (was, will) = match (before, after) {
        (None, None) => {
            let fits = new.from_epci == map || new.to_epci == map;
            (if fits { new.from_epci.clone() } else { map }, None)
        }
        (before, after) => {
            (before.map_or(new.from_epci.clone(), |one| one.to_epci.clone()), after.map(|one| one.from_epci.clone()))
        }
    };
    let name = |epci: &Option<crate::territories::EpciCode>, none: &str| {
        epci.as_ref().map_or_else(|| none.to_owned(), |code| code.as_str().to_owned())
    };
    if was != new.from_epci {
        let message = Text::new(
            format!("La veille, cette commune est dans : {}.", name(&was, "aucun EPCI")),
            format!("The day before, this commune is in: {}.", name(&was, "no EPCI")),
        );
        faults.push(Fault::new("/from_epci", "not_where_it_is", message));
    }
    if let Some(will) = will.filter(|will| *will != new.to_epci) {
        let message = Text::new(
            format!("Le changement suivant part de : {}.", name(&will, "aucun EPCI")),
            format!("The next change begins from: {}.", name(&will, "no EPCI")),
        );
        faults.push(Fault::new("/to_epci", "does_not_chain", message));
    }
    faults
}

/// The row of a boundary change of the scope, to be acted upon.
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

/// Deletes a boundary change: the latest of its commune, so that the others go on chaining.
pub fn delete(work: &mut Work<'_>, row: &BoundaryChangeRow, reason: DeletionReason) -> Result<(), ApiError> {
    work.conn.lock_one(Lock::Boundaries, row.service_id)?;
    let own = store::of_commune(work.conn, row.service_id, &row.commune_code)?;
    if let Some(later) = own.iter().find(|one| one.effective_on > row.effective_on) {
        return Err(ApiError::new(Code::Conflict)
            .detail(
                "Un changement plus récent de cette commune en part : le supprimer d'abord.",
                "A later change of this commune begins from it: delete that one first.",
            )
            .with("existing_id", later.id.as_str()));
    }
    if !store::delete(work.conn, row)? {
        return Err(ApiError::overtaken());
    }
    work.deleted(Resource::BoundaryChange, row.service_id, row.id, reason);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::conventions::boundaries::ops::*;

    fn new(from: Option<&str>, to: Option<&str>, on: &str) -> NewBoundaryChange {
        NewBoundaryChange {
            service_id: uuid::Uuid::nil().into(),
            commune_code: "63300".parse().unwrap(),
            effective_on: on.parse().unwrap(),
            from_epci: from.map(|code| code.parse().unwrap()),
            to_epci: to.map(|code| code.parse().unwrap()),
            source: "Arrêté".into(),
        }
    }

    fn known(change: &NewBoundaryChange) -> BoundaryChangeRow {
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

    fn wrong(change: &NewBoundaryChange, own: &[BoundaryChangeRow]) -> Vec<String> {
        faults(change, own).iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_change_begins_or_ends_where_the_map_has_the_commune() {
        let (riom, clermont, billom) = ("200070753", "246300701", "200067627");
        assert_eq!(wrong(&new(Some(riom), Some(clermont), "2027-01-01"), &[]), [""; 0]);
        assert_eq!(wrong(&new(Some(clermont), Some(riom), "2025-01-01"), &[]), [""; 0]);
        assert_eq!(wrong(&new(Some(clermont), Some(billom), "2027-01-01"), &[]), ["/from_epci not_where_it_is"]);
        assert_eq!(wrong(&new(Some(riom), Some(riom), "2027-01-01"), &[]), ["/to_epci changes_nothing"]);
        assert_eq!(wrong(&new(Some(riom), None, "2027-01-01"), &[]), [""; 0]);
    }

    #[test]
    fn changes_chain_on_both_sides() {
        let (riom, clermont, billom) = ("200070753", "246300701", "200067627");
        let first = known(&new(Some(riom), Some(clermont), "2027-01-01"));
        let later = |from, to| wrong(&new(Some(from), Some(to), "2028-01-01"), std::slice::from_ref(&first));
        assert_eq!(later(clermont, billom), [""; 0]);
        assert_eq!(later(riom, billom), ["/from_epci not_where_it_is"]);
        let earlier = |from, to| wrong(&new(Some(from), Some(to), "2025-01-01"), std::slice::from_ref(&first));
        assert_eq!(earlier(billom, riom), [""; 0]);
        assert_eq!(earlier(riom, billom), ["/to_epci does_not_chain"]);
    }
}
