//! Who may correct, the rows of corrections, and the history of a record.

use std::collections::{BTreeSet, HashMap};

use super::dto::{Correction, CorrectionKind, CorrectionPage, FieldChange};
use super::store::{self, CorrectionRow, OriginRow, Recorded};
use crate::auth::{Permission, ServiceScope};
use crate::cases::store::CaseRow;
use crate::data_keys;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::Can;
use crate::http::page::PageRequest;
use crate::naming::ops::named;
use crate::privacy::{self, DataKey, Place};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// What a caller may correct: their own records, and everybody's where they hold `cases:correct`.
#[derive(Clone, Debug)]
pub struct Corrector {
    everybody: ServiceScope,
    own: ServiceScope,
}

impl Corrector {
    /// What the caller of a request may correct.
    pub fn of<P>(can: &Can<P>) -> Self {
        Self {
            everybody: can.principal.scope_of(Permission::CasesCorrect),
            own: can.principal.scope_of(Permission::CasesWrite),
        }
    }

    /// Whether the caller may correct everybody's records of a service.
    pub fn corrects_everybody(&self, service: Id) -> bool {
        self.everybody.contains(service)
    }

    /// Fails with a 403 that says who may, unless the caller may correct a record of this author.
    pub fn require(&self, work: &Work<'_>, service: Id, entered_by: &str) -> Result<(), ApiError> {
        let own = self.own.contains(service) && work.author() == entered_by;
        if own || self.corrects_everybody(service) {
            return Ok(());
        }
        Err(ApiError::new(Code::Forbidden)
            .detail(
                "Cette saisie n'est pas la vôtre : la corriger, la supprimer et lire son historique sont réservés à la personne qui l'a saisie, à la coordination et à la direction du service (`cases:correct`).",
                "This record is not yours: who recorded it, coordinators and managers (`cases:correct`) may correct it, remove it and read its history.",
            )
            .with("required_permission", Permission::CasesCorrect.as_str()))
    }
}

/// A record of a case that is corrected or removed.
#[derive(Clone, Copy, Debug)]
pub struct Corrected<'a> {
    /// The kind of record.
    pub kind: Resource,
    /// The record.
    pub id: Id,
    /// Its case, whose key seals it.
    pub case: &'a CaseRow,
    /// Its version after the correction.
    pub version: i32,
    /// Who recorded it.
    pub entered_by: &'a str,
    /// Why it is removed; none for a correction.
    pub removed_for: Option<DeletionReason>,
}

/// The correction or the removal of a record of a case.
pub fn corrected<'a, R: Recorded>(case: &'a CaseRow, row: &'a R, removed_for: Option<DeletionReason>) -> Corrected<'a> {
    Corrected {
        kind: R::KIND,
        id: row.id(),
        case,
        version: row.version() + 1,
        entered_by: row.entered_by(),
        removed_for,
    }
}

/// Where a record is that is corrected or removed, and whose key seals it.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    /// The service.
    pub service: Id,
    /// Its case; the record itself, if it is about no case.
    pub case: Id,
    /// The owner of its key.
    pub key_owner: Id,
}

/// The row of a correction, for the transaction that makes it. Refused once the key of the record is destroyed: its former
/// values could not be sealed.
pub fn row(work: &mut Work<'_>, of: Corrected<'_>, changes: &[FieldChange]) -> Result<CorrectionRow, ApiError> {
    let home = Home { service: of.case.service_id, case: of.case.id, key_owner: of.case.key_owner() };
    row_in(work, home, (of.kind, of.id, of.version), (of.entered_by, of.removed_for), changes)
}

/// [`row`] for a record that may be about no case.
pub fn row_in(
    work: &mut Work<'_>,
    home: Home,
    (kind, object, version): (Resource, Id, i32),
    (entered_by, removed_for): (&str, Option<DeletionReason>),
    changes: &[FieldChange],
) -> Result<CorrectionRow, ApiError> {
    let owner = home.key_owner;
    let key = data_keys::data_keys(work, &[owner])?.remove(&owner).ok_or_else(|| {
        ApiError::new(Code::Conflict).detail(
            "Les données personnelles de ce suivi ont été effacées : il ne peut plus être corrigé.",
            "The personal data of this case were erased: it can no longer be corrected.",
        )
    })?;
    let id = Id::at(work.now);
    Ok(CorrectionRow {
        id,
        service_id: home.service,
        case_id: home.case,
        object_kind: kind,
        object_id: object,
        version,
        removed_for,
        entered_by: entered_by.to_owned(),
        key_owner: owner,
        changes: key.seal(changes_at(&id), &changes)?,
        author: work.author(),
        created_at: work.now,
    })
}

/// A record whose history is read: where it is, and who recorded it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The service.
    pub service: Id,
    /// Who recorded it.
    pub entered_by: String,
    /// The owner of the key that seals it.
    pub key_owner: Id,
}

impl From<OriginRow> for Origin {
    fn from((service, entered_by, case, household): OriginRow) -> Self {
        Self { service, entered_by, key_owner: household.unwrap_or(case) }
    }
}

/// A page of the history of a record, removed or not: its corrections, oldest first.
pub fn history<R: Recorded>(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    id: Id,
    page: &PageRequest,
) -> Result<CorrectionPage, ApiError> {
    let live = R::origin(work.conn, scope, id)?.map(Origin::from);
    history_of(work, scope, corrector, (R::KIND, id), live, page)
}

/// [`history`] of a record of which the caller knows whether it is still there, and where.
pub fn history_of(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    (kind, id): (Resource, Id),
    live: Option<Origin>,
    page: &PageRequest,
) -> Result<CorrectionPage, ApiError> {
    let origin = match live {
        Some(origin) => origin,
        None => removed(work, scope, kind, id)?.ok_or_else(ApiError::not_found)?,
    };
    corrector.require(work, origin.service, &origin.entered_by)?;
    work.trail.open(origin.key_owner, origin.service);
    let (rows, info) = store::list(work.conn, scope, kind, id, page)?;
    let keys = keys(work, &rows)?;
    let data = rows.into_iter().map(|row| correction(keys.get(&row.key_owner), row));
    let data = named(work, data.collect::<Result<Vec<_>, ApiError>>()?)?;
    Ok(CorrectionPage { data, page: info })
}

/// The keys that open some corrections. One that was written while two children were merged opens with the key of the survivor,
/// even if the merge was undone since.
pub fn keys(work: &mut Work<'_>, rows: &[CorrectionRow]) -> Result<HashMap<Id, DataKey>, ApiError> {
    let owners: BTreeSet<Id> = rows.iter().map(|row| row.key_owner).collect();
    data_keys::data_keys(work, &owners.into_iter().collect::<Vec<_>>())
}

/// Where a record was that has been removed.
pub fn removed(work: &mut Work<'_>, scope: &ServiceScope, kind: Resource, id: Id) -> Result<Option<Origin>, ApiError> {
    let removal = store::removal(work.conn, scope, kind, id)?;
    let origin =
        |row: CorrectionRow| Origin { service: row.service_id, entered_by: row.entered_by, key_owner: row.key_owner };
    Ok(removal.map(origin))
}

fn correction(key: Option<&DataKey>, row: CorrectionRow) -> Result<Correction, ApiError> {
    let changes = changes(key, &row)?;
    let kind = if row.removed_for.is_some() { CorrectionKind::Remove } else { CorrectionKind::Correct };
    Ok(Correction {
        version: row.version,
        kind,
        reason: row.removed_for,
        changes,
        author: row.author,
        author_name: None,
        created_at: row.created_at,
    })
}

/// The changes of a row; none once the key is destroyed.
pub fn changes(key: Option<&DataKey>, row: &CorrectionRow) -> Result<Option<Vec<FieldChange>>, ApiError> {
    Ok(privacy::open_unless_erased(key, changes_at(&row.id), Some(row.changes.as_slice()))?)
}

fn changes_at(id: &Id) -> Place<'_> {
    Place { table: "corrections", column: "changes", row: id.as_str() }
}
