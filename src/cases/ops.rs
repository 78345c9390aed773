//! Use cases of cases.

use chrono::NaiveDate;

use super::model::Subject;
use super::store;
use crate::auth::ServiceScope;
use crate::context::Work;
use crate::db::Id;
use crate::error::ApiError;
use crate::privacy;

/// A case to be opened. The caller has checked that what it names is of the service.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// The service.
    pub service_id: Id,
    /// Whom it is about.
    pub subject: Subject,
    /// The household, for a child.
    pub household_id: Option<Id>,
    /// The child.
    pub child_id: Option<Id>,
    /// The structure, or the one that a child's referral names.
    pub organisation_id: Option<Id>,
    /// INSEE code of the commune.
    pub commune_code: String,
    /// First day, where the service is.
    pub opened_on: NaiveDate,
}

/// Opens a case, inside the write that accepts a referral.
///
/// A child's second accepted referral joins its open case. A structure always gets a new case, with a
/// data key of its own; a child's notes are under its household's. Two acceptances that race meet the
/// partial unique index: one gets 409.
pub fn open(work: &mut Work<'_>, new: NewCase) -> Result<Id, ApiError> {
    let scope = ServiceScope::one(new.service_id);
    if let Some(child) = new.child_id
        && let Some(open) = store::open_case_of(work.conn, &scope, child)?
    {
        return Ok(open);
    }
    let id = Id::at(work.now);
    if new.subject == Subject::Structure {
        privacy::create_data_key(work, new.service_id, id)?;
    }
    store::insert(work.conn, id, new, work.now)?;
    Ok(id)
}
