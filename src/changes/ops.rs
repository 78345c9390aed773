//! The use case of the feed of changes.

use super::dto::{ChangeEvent, ChangeFilter, ChangePage};
use super::store::{self, Readable};
use crate::auth::{Permission, Principal};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::feed::{self, FeedInfo};
use crate::http::page::PageRequest;
use crate::outbox;
use crate::restores;
use crate::trail::Resource;
use crate::work::Work;

/// The permissions that make objects visible in the feed.
const READS: [Permission; 15] = [
    Permission::ServicesRead,
    Permission::OrganisationsRead,
    Permission::HouseholdsRead,
    Permission::ReferralsRead,
    Permission::CasesRead,
    Permission::CasesCorrect,
    Permission::CatalogueRead,
    Permission::ReservationsRead,
    Permission::KitsWrite,
    Permission::ConventionsRead,
    Permission::ActionsRead,
    Permission::ReferentsRead,
    Permission::ActivityRead,
    Permission::StatisticsRead,
    Permission::StatisticsManage,
];

/// The permission that makes a kind of object visible; `None` for accounts, which are not in the feed.
fn permission_of(resource: Resource) -> Option<Permission> {
    match resource {
        Resource::Service | Resource::Position => Some(Permission::ServicesRead),
        Resource::Organisation | Resource::ResourcePerson => Some(Permission::OrganisationsRead),
        Resource::Household | Resource::Child | Resource::Contact => Some(Permission::HouseholdsRead),
        Resource::Referral => Some(Permission::ReferralsRead),
        Resource::Case
        | Resource::CaseMember
        | Resource::CaseStep
        | Resource::Intervention
        | Resource::Placement
        | Resource::PlacementReview
        | Resource::Goal
        | Resource::GoalReview
        | Resource::Procedure
        | Resource::ComplexSituation
        | Resource::CaseDiscussion
        | Resource::CaseSuspension
        | Resource::Absence
        | Resource::CaseNote
        | Resource::Recommendation
        | Resource::Appointment => Some(Permission::CasesRead),
        Resource::ChildMerge => Some(Permission::CasesCorrect),
        Resource::KitSettings | Resource::Kit | Resource::KitItem | Resource::KitCopy => {
            Some(Permission::CatalogueRead)
        }
        Resource::KitDefect | Resource::Reservation => Some(Permission::ReservationsRead),
        Resource::KitCalendar => Some(Permission::KitsWrite),
        Resource::Convention
        | Resource::Contribution
        | Resource::Instalment
        | Resource::Funding
        | Resource::BoundaryChange => Some(Permission::ConventionsRead),
        Resource::Action | Resource::ActionRegistration => Some(Permission::ActionsRead),
        Resource::Referent | Resource::Survey => Some(Permission::ReferentsRead),
        Resource::IndicatorTarget => Some(Permission::ActivityRead),
        Resource::StatisticsSpec | Resource::StatisticsSettings | Resource::StatisticsRelease => {
            Some(Permission::StatisticsRead)
        }
        Resource::StatisticsFact | Resource::StatisticsBuild => Some(Permission::StatisticsManage),
        Resource::User | Resource::Invitation | Resource::Client | Resource::AgendaCalendar => None,
    }
}

/// The next page of the changes that a principal may see.
pub(super) fn list(
    work: &mut Work<'_>,
    principal: &Principal,
    filter: &ChangeFilter,
    page: &PageRequest,
) -> Result<ChangePage, ApiError> {
    let followed = principal.services_with(Permission::ChangesRead);
    let readable = READS.map(|permission| {
        let resources = Resource::ALL.iter().copied().filter(|resource| permission_of(*resource) == Some(permission));
        let services =
            principal.services_with(permission).into_iter().filter(|service: &Id| followed.contains(service));
        Readable { resources: resources.collect(), services: services.collect() }
    });
    let epochs = restores::epochs(work.conn)?;
    let after = feed::after(page, &epochs)?;
    // The end is read first: changes published meanwhile belong to the next page.
    let end = outbox::head(work.conn)?;
    let rows = store::list(work.conn, &readable, filter, after, end, page.fetch())?;
    let total = if page.wants_total() { Some(store::count(work.conn, &readable, filter, end)?) } else { None };
    let (rows, info) = feed::cut(page, rows, |row| row.position.unwrap_or_default(), end, &epochs)?;
    let page = FeedInfo { total, ..info };
    Ok(ChangePage { data: rows.into_iter().map(ChangeEvent::from).collect(), page })
}

#[cfg(test)]
mod tests {
    use crate::changes::ops::*;

    #[test]
    fn every_object_of_a_service_is_visible_with_one_of_the_permissions() {
        let hidden: Vec<_> = Resource::ALL
            .iter()
            .filter(|resource| permission_of(**resource).is_none_or(|permission| !READS.contains(&permission)))
            .collect();
        assert_eq!(hidden, [&Resource::User, &Resource::Invitation, &Resource::Client, &Resource::AgendaCalendar]);
    }
}
