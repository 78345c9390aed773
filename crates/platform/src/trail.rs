//! The trail of a unit of work: the objects it changed, and the owners whose personal data it opened.
//!
//! Use cases record their changes with `Work::created`, `Work::changed` and `Work::deleted`; reading a data key records
//! its owner. In the transaction of the effect, the trail is written to the change feed and the audit journal.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use crate::auth::{Permission, Principal, PrincipalId, ServiceScope};
use crate::notices::Notice;
use passerelle_base::error::Lang;
use passerelle_base::text_enum;
use passerelle_base::values::Id;
use passerelle_database::{DbScope, SystemScope};

text_enum! {
    /// A kind of object.
    pub enum Resource {
        /// A pôle and its settings.
        Service = "service",
        /// A staff position.
        Position = "position",
        /// An organisation of the directory.
        Organisation = "organisation",
        /// A resource person of the directory.
        ResourcePerson = "resource_person",
        /// A household.
        Household = "household",
        /// A child.
        Child = "child",
        /// A contact.
        Contact = "contact",
        /// The merge of two children that were recorded for one.
        ChildMerge = "child_merge",
        /// A referral.
        Referral = "referral",
        /// A case.
        Case = "case",
        /// A person in charge of a case, for a time.
        CaseMember = "case_member",
        /// A step of a case.
        CaseStep = "case_step",
        /// An intervention: a dated piece of work.
        Intervention = "intervention",
        /// An appointment.
        Appointment = "appointment",
        /// A childcare placement of a child.
        Placement = "placement",
        /// The answer to the question whether a child is still in a childcare place.
        PlacementReview = "placement_review",
        /// A goal of a case.
        Goal = "goal",
        /// A review of a goal.
        GoalReview = "goal_review",
        /// A period during which a case is suspended.
        CaseSuspension = "case_suspension",
        /// A note of a case.
        CaseNote = "case_note",
        /// A recommendation of a case.
        Recommendation = "recommendation",
        /// Days on which a professional is away.
        Absence = "absence",
        /// A complex situation of a case.
        ComplexSituation = "complex_situation",
        /// A collegial discussion of a complex situation.
        CaseDiscussion = "case_discussion",
        /// A procedure about a child: a file at the MDPH, a place that is waited for.
        Procedure = "procedure",
        /// The lending settings of a service.
        KitSettings = "kit_settings",
        /// A kit.
        Kit = "kit",
        /// An item of the content of a kit.
        KitItem = "kit_item",
        /// A copy of a kit.
        KitCopy = "kit_copy",
        /// A missing or damaged part of a copy.
        KitDefect = "kit_defect",
        /// A reservation of a kit, and its loan.
        Reservation = "reservation",
        /// A secret URL of the kit calendar.
        KitCalendar = "kit_calendar",
        /// A convention with a local authority.
        Convention = "convention",
        /// The contribution that a partner owes for a year.
        Contribution = "contribution",
        /// An instalment of a contribution, due on a date.
        Instalment = "instalment",
        /// The funding that a funder grants for a year.
        Funding = "funding",
        /// A change of the EPCI of a commune.
        BoundaryChange = "boundary_change",
        /// A collective action.
        Action = "action",
        /// A registration for a collective action.
        ActionRegistration = "action_registration",
        /// A referent of a structure.
        Referent = "referent",
        /// A questionnaire.
        Survey = "survey",
        /// A target of an indicator for a year.
        IndicatorTarget = "indicator_target",
        /// A version of a statistics specification.
        StatisticsSpec = "statistics_spec",
        /// The publication settings of the statistics of a service.
        StatisticsSettings = "statistics_settings",
        /// A figure that was published elsewhere.
        StatisticsFact = "statistics_fact",
        /// Statistics in preparation.
        StatisticsBuild = "statistics_build",
        /// Published statistics.
        StatisticsRelease = "statistics_release",
        /// A user account.
        User = "user",
        /// An invitation.
        Invitation = "invitation",
        /// An API client.
        Client = "client",
        /// A secret address of a user's agenda.
        AgendaCalendar = "agenda_calendar",
    }
}

text_enum! {
    /// Kind of a change.
    pub enum ChangeKind {
        /// The object was created.
        Created = "created",
        /// The object was changed.
        Updated = "updated",
        /// The object was deleted.
        Deleted = "deleted",
    }
}

text_enum! {
    /// Reason for a deletion.
    pub enum DeletionReason {
        /// The object should never have been entered.
        EnteredByMistake = "entered_by_mistake",
        /// Another object holds the same information.
        Duplicate = "duplicate",
        /// The object was correct once and is no longer needed.
        Obsolete = "obsolete",
    }
}

/// One change of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind of object.
    pub resource: Resource,
    /// The object.
    pub id: Id,
    /// The service that it belongs to; none for accounts of the deployment.
    pub service_id: Option<Id>,
    /// The kind of change.
    pub kind: ChangeKind,
    /// The reason, if it was deleted.
    pub reason: Option<DeletionReason>,
    /// The object that it belongs to, if readers of the feed follow that one: the case of a step.
    pub parent: Option<Id>,
    /// The object into which it was merged, if that is why it was deleted.
    pub merged_into: Option<Id>,
}

/// A change of rights: of a user in a service or in the deployment, or of an API client in a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightsChange {
    /// The kind of object that holds the rights.
    pub resource: Resource,
    /// The object that holds the rights.
    pub id: Id,
    /// The service in which they hold; none for the deployment.
    pub service_id: Option<Id>,
    /// The rights before, as codes; none if it had none.
    pub before: Option<String>,
    /// The rights after, as codes; none if it has none.
    pub after: Option<String>,
}

/// The objects that a unit of work changed, and the owners of the data keys that it used: households, and the referrals
/// and cases about structures.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    changes: Vec<Change>,
    rights: Vec<RightsChange>,
    notices: Vec<Notice>,
    opened: BTreeMap<Id, Id>,
    left_out: BTreeSet<Id>,
    consulted: BTreeSet<Option<Id>>,
}

impl Trail {
    /// Records a change; an object that is changed twice is recorded once.
    pub fn change(&mut self, change: Change) {
        let same = |known: &&mut Change| known.resource == change.resource && known.id == change.id;
        match self.changes.iter_mut().find(same) {
            None => self.changes.push(change),
            // An object that was created and then changed is still new to readers of the feed.
            Some(known) if change.kind == ChangeKind::Deleted => *known = change,
            Some(_) => {}
        }
    }

    /// Records a change of rights, if it is one.
    pub fn change_rights(&mut self, change: RightsChange) {
        if change.before != change.after {
            self.rights.push(change);
        }
    }

    /// Records a notice.
    pub fn notify(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    /// Records that the personal data of an owner was opened, or returned where it consists of codes and needs no key.
    pub fn open(&mut self, owner: Id, service: Id) {
        self.opened.insert(owner, service);
        self.left_out.remove(&owner);
    }

    /// Records that nothing of an opened owner is in the response, unless their data is opened again.
    pub fn leave_out(&mut self, owner: Id) {
        self.left_out.insert(owner);
    }

    /// Records a read of a service, or of the deployment, that is journaled whatever it finds.
    pub fn consult(&mut self, service: Option<Id>) {
        self.consulted.insert(service);
    }

    /// The changes, in the order in which they were made.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The changes of rights, in the order in which they were made.
    pub fn rights(&self) -> &[RightsChange] {
        &self.rights
    }

    /// The notices.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The owners whose data was opened, each with the service it belongs to.
    pub fn opened(&self) -> &BTreeMap<Id, Id> {
        &self.opened
    }

    /// The owners whose data may be in the response.
    pub fn returned(&self) -> impl Iterator<Item = Id> + '_ {
        self.opened.keys().filter(|owner| !self.left_out.contains(owner)).copied()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.rights.is_empty() && self.opened.is_empty() && self.consulted.is_empty()
    }

    /// The services concerned; `None` is the deployment.
    pub fn services(&self) -> BTreeSet<Option<Id>> {
        let changed = self.changes.iter().map(|change| change.service_id);
        let opened = self.opened.values().map(|service| Some(*service));
        let rights = self.rights.iter().map(|change| change.service_id);
        changed.chain(opened).chain(rights).chain(self.consulted.iter().copied()).collect()
    }
}

/// The caller and the request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The caller.
    pub principal: PrincipalId,
    /// The operation: method and route template, `POST /v1/referrals/{id}/accept`.
    pub operation: String,
    /// The object in the path.
    pub target_id: Option<Id>,
    /// Identifier of the request, as in the log and in problems.
    pub request_id: String,
    /// The caller's address.
    pub address: Option<IpAddr>,
    /// The language that the caller prefers.
    pub lang: Lang,
    /// The services in which the caller holds the permission of the operation; none where the operation asks for no
    /// permission, and for the program itself.
    pub permitted: Option<ServiceScope>,
    /// Whose rows the call may see: those of its transaction on PostgreSQL.
    pub scope: DbScope,
    /// The caller with all their permissions, for what rows show of other objects; none for the program itself.
    pub rights: Option<Arc<Principal>>,
}

impl Call {
    /// A background job of one service, which sees no other.
    pub fn of_service(service: Id) -> Self {
        Self::local(PrincipalId::Local, DbScope::services(&[service]))
    }

    fn local(principal: PrincipalId, scope: DbScope) -> Self {
        Self {
            principal,
            operation: "local".into(),
            target_id: None,
            request_id: String::new(),
            address: None,
            lang: Lang::default(),
            permitted: None,
            scope,
            rights: None,
        }
    }

    /// The services of tenant data in which the caller holds a permission.
    pub fn services_with(&self, permission: Permission) -> ServiceScope {
        let held = self.rights.as_ref().map(|rights| rights.services_with(permission));
        ServiceScope::Only(held.unwrap_or_default())
    }

    /// The services in which the caller holds any permission.
    pub fn services(&self) -> ServiceScope {
        let grants = self.rights.iter().flat_map(|rights| &rights.grants);
        ServiceScope::Only(grants.map(|(service, _)| *service).collect())
    }
}

impl From<PrincipalId> for Call {
    /// A call of the command line or of the demonstration, which sees every row.
    fn from(principal: PrincipalId) -> Self {
        Self::local(principal, SystemScope::Operator.into())
    }
}

impl From<SystemScope> for Call {
    /// A call of the program itself, for a background job or for a caller without an account.
    fn from(scope: SystemScope) -> Self {
        Self::local(PrincipalId::Local, scope.into())
    }
}

#[cfg(test)]
mod tests {
    use crate::trail::*;

    fn change(kind: ChangeKind) -> Change {
        let reason = (kind == ChangeKind::Deleted).then_some(DeletionReason::Duplicate);
        Change {
            resource: Resource::Contact,
            id: uuid::Uuid::nil().into(),
            service_id: None,
            kind,
            reason,
            parent: None,
            merged_into: None,
        }
    }

    #[test]
    fn an_object_is_recorded_once() {
        let mut trail = Trail::default();
        trail.change(change(ChangeKind::Created));
        trail.change(change(ChangeKind::Updated));
        assert_eq!(trail.changes(), [change(ChangeKind::Created)]);
        trail.change(change(ChangeKind::Deleted));
        assert_eq!(trail.changes(), [change(ChangeKind::Deleted)]);
    }
}
