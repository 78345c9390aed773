//! What cases carry besides their rows, if the caller asks for it. The rights of what is added apply.

use std::collections::{BTreeSet, HashMap};

use super::dto::Case;
use super::dto::expansion::{CaseExpand, CaseExpansion, ReferralOfCase};
use super::model::viewer::Viewer;
use super::store;
use crate::auth::Permission;
use crate::db::Id;
use crate::error::ApiError;
use crate::work::Work;
use crate::{households, organisations};

/// Adds to cases what the caller asks for.
pub(super) fn expand(
    work: &mut Work<'_>,
    viewer: &Viewer,
    mut cases: Vec<Case>,
    asked: Option<&[CaseExpand]>,
) -> Result<Vec<Case>, ApiError> {
    let Some(asked) = asked else { return Ok(cases) };
    let wants = |one| asked.contains(&one);
    let shown = cases.iter().filter(|case| viewer.identities.contains(case.service_id));
    let (household, contacts) = (wants(CaseExpand::Household), wants(CaseExpand::Contacts));
    let of: BTreeSet<Id> = shown.filter(|_| household || contacts).filter_map(|case| case.household_id).collect();
    let households = households::ops::whole(work, &viewer.identities, &of)?;
    let named = cases.iter().filter(|_| wants(CaseExpand::Organisation)).filter_map(|case| case.organisation_id);
    let organisations = organisations::ops::whole(work, &viewer.directory, &named.collect())?;
    let readable = work.call.services_with(Permission::ReferralsRead);
    let shows_referrals = |case: &Case| wants(CaseExpand::Referrals) && readable.contains(case.service_id);
    let ids: Vec<Id> = cases.iter().filter(|case| shows_referrals(case)).map(|case| case.id).collect();
    let mut referrals: HashMap<Id, Vec<ReferralOfCase>> = HashMap::new();
    if !ids.is_empty() {
        for (case, id, received_on, origin) in store::referrals_of(work.conn, &readable, &ids)? {
            let Some(case) = case else { continue };
            let origin_label = origin.label(work.call.lang);
            referrals.entry(case).or_default().push(ReferralOfCase { id, received_on, origin, origin_label });
        }
    }
    for case in &mut cases {
        let whole = case.household_id.and_then(|id| households.get(&id));
        case.expanded = Some(Box::new(CaseExpansion {
            household: whole.filter(|_| household).cloned(),
            contacts: whole.filter(|_| contacts).map(|whole| whole.contacts.clone()),
            organisation: case.organisation_id.and_then(|id| organisations.get(&id).cloned()),
            referrals: shows_referrals(case).then(|| referrals.remove(&case.id).unwrap_or_default()),
        }));
    }
    Ok(cases)
}
