//! The use case of births.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::auth::ServiceScope;
use crate::data_keys::data_keys;
use crate::db::Id;
use crate::error::ApiError;
use crate::households::model::ChildIdentity;
use crate::households::ops::identity_at;
use crate::households::store;
use crate::work::Work;

/// Children whose identities are open at once.
const AT_ONCE: usize = 500;

/// The birth dates of children of a service, or the dates on which they are expected. A child that is erased is absent.
///
/// For figures: nobody sees whose dates these are. The journal has one read of the service and not one of each household,
/// and a reply that is made from figures is not sealed under the keys of all of them.
pub fn births(work: &mut Work<'_>, service: Id, children: &[Id]) -> Result<HashMap<Id, NaiveDate>, ApiError> {
    let before = work.trail.clone();
    let mut births = HashMap::with_capacity(children.len());
    for some in children.chunks(AT_ONCE) {
        let rows = store::children_by_id(work.conn, &ServiceScope::one(service), some)?;
        let households: Vec<Id> = rows.iter().map(|row| row.household_id).collect();
        let keys = data_keys(work, &households)?;
        for row in &rows {
            let Some(key) = keys.get(&row.household_id) else { continue };
            let identity: ChildIdentity = key.open(identity_at("children", &row.id), &row.identity)?;
            births.extend(identity.origin().map(|origin| (row.id, origin)));
        }
    }
    work.trail = before;
    work.trail.consult(Some(service));
    Ok(births)
}
