//! What referrals carry besides their rows, if the caller asks for it. The rights of what is added apply.

use std::collections::{BTreeSet, HashMap};

use super::dto::Referral;
use super::dto::expansion::{ReferralExpand, ReferralExpansion};
use crate::auth::Permission;
use crate::cases::dto::Case;
use crate::cases::model::viewer::Viewer;
use crate::db::Id;
use crate::error::ApiError;
use crate::work::Work;
use crate::{cases, households, organisations};

/// Adds to referrals what the caller asks for.
pub(super) fn expand(
    work: &mut Work<'_>,
    viewer: &Viewer,
    mut referrals: Vec<Referral>,
    asked: Option<&[ReferralExpand]>,
) -> Result<Vec<Referral>, ApiError> {
    let Some(asked) = asked else { return Ok(referrals) };
    let wants = |one| asked.contains(&one);
    let shown = referrals.iter().filter(|referral| viewer.identities.contains(referral.service_id));
    let (household, contacts) = (wants(ReferralExpand::Household), wants(ReferralExpand::Contacts));
    let of: BTreeSet<Id> = shown.filter(|_| household || contacts).filter_map(|one| one.household_id).collect();
    let households = households::ops::whole(work, &viewer.identities, &of)?;
    let named = referrals.iter().filter(|_| wants(ReferralExpand::Organisation)).filter_map(|one| one.organisation_id);
    let organisations = organisations::ops::whole(work, &viewer.directory, &named.collect())?;
    let opened: BTreeSet<Id> =
        referrals.iter().filter(|_| wants(ReferralExpand::Case)).filter_map(|one| one.case_id).collect();
    let of_cases = Viewer { scope: work.call.services_with(Permission::CasesRead), ..viewer.clone() };
    let cases: HashMap<Id, Case> = cases::ops::whole(work, &of_cases, &opened)?;
    for referral in &mut referrals {
        let whole = referral.household_id.and_then(|id| households.get(&id));
        referral.expanded = Some(Box::new(ReferralExpansion {
            case: referral.case_id.and_then(|id| cases.get(&id).cloned()),
            household: whole.filter(|_| household).cloned(),
            contacts: whole.filter(|_| contacts).map(|whole| whole.contacts.clone()),
            organisation: referral.organisation_id.and_then(|id| organisations.get(&id).cloned()),
        }));
    }
    Ok(referrals)
}
