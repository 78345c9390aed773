//! What a unit of work did: the objects it changed, and whose personal data it opened.
//!
//! The use cases say what they change with [`Work::changed`](crate::work::Work::changed); the keys
//! of personal data note by themselves whom they open. The context turns the trail into the change
//! feed and the audit journal, in the transaction of the effect.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::auth::PrincipalId;
use passerelle_base::error::Lang;
use passerelle_base::text_enum;
use passerelle_base::values::Id;

text_enum! {
    /// A kind of object.
    pub enum Resource {
        /// A pôle and its settings.
        Service = "service",
        /// A staff position.
        Position = "position",
        /// An organisation of a directory.
        Organisation = "organisation",
        /// A household.
        Household = "household",
        /// A child.
        Child = "child",
        /// A person to call.
        Contact = "contact",
        /// A referral.
        Referral = "referral",
        /// A case.
        Case = "case",
        /// A dated milestone of a case.
        CaseStep = "case_step",
        /// A piece of work on a case.
        Intervention = "intervention",
        /// A place that a child has.
        Placement = "placement",
        /// How a service lends its kits.
        KitSettings = "kit_settings",
        /// A kit and its content.
        Kit = "kit",
        /// A thing that a kit contains.
        KitItem = "kit_item",
        /// A copy of a kit.
        KitCopy = "kit_copy",
        /// A part of a copy that is missing or damaged.
        KitDefect = "kit_defect",
        /// A reservation of a kit, and its loan.
        Reservation = "reservation",
        /// A secret address of the calendar of the kits.
        KitCalendar = "kit_calendar",
        /// A convention with a collectivity.
        Convention = "convention",
        /// What a collectivity owes for a year.
        Contribution = "contribution",
        /// A part of a contribution, due on a date.
        Instalment = "instalment",
        /// What a funder gives in a year.
        Funding = "funding",
        /// A commune that changes EPCI.
        BoundaryChange = "boundary_change",
        /// A collective action.
        Action = "action",
        /// Seats that were registered for a collective action.
        ActionRegistration = "action_registration",
        /// A referent in a structure.
        Referent = "referent",
        /// A questionnaire.
        Survey = "survey",
        /// A version of a specification of statistics.
        StatisticsSpec = "statistics_spec",
        /// What a service publishes, and how it is protected.
        StatisticsSettings = "statistics_settings",
        /// A figure that was made public elsewhere.
        StatisticsFact = "statistics_fact",
        /// Figures that are prepared for publication.
        StatisticsBuild = "statistics_build",
        /// Figures that were published.
        StatisticsRelease = "statistics_release",
        /// A user account.
        User = "user",
        /// An invitation.
        Invitation = "invitation",
        /// An API client.
        Client = "client",
    }
}

text_enum! {
    /// What happened to an object.
    pub enum ChangeKind {
        /// It is new.
        Created = "created",
        /// It has another version.
        Updated = "updated",
        /// It is gone.
        Deleted = "deleted",
    }
}

text_enum! {
    /// Why an object is gone.
    pub enum DeletionReason {
        /// It should never have been entered.
        EnteredByMistake = "entered_by_mistake",
        /// Another object says the same.
        Duplicate = "duplicate",
        /// It was true once and is of no use any more.
        Obsolete = "obsolete",
    }
}

/// One object that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is.
    pub resource: Resource,
    /// Which one.
    pub id: Id,
    /// The service it belongs to; none for accounts of the deployment.
    pub service_id: Option<Id>,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Why, when it is gone.
    pub reason: Option<DeletionReason>,
}

/// The objects that a unit of work changed, and the owners of the data keys that it used: households,
/// and the referrals and cases about structures.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    changes: Vec<Change>,
    opened: BTreeMap<Id, Id>,
    consulted: BTreeSet<Option<Id>>,
}

impl Trail {
    /// Notes a change; an object that is changed twice is noted once.
    pub fn change(&mut self, change: Change) {
        let same = |known: &&mut Change| known.resource == change.resource && known.id == change.id;
        match self.changes.iter_mut().find(same) {
            None => self.changes.push(change),
            // Created and then added to is still new to whoever follows.
            Some(known) if change.kind == ChangeKind::Deleted => *known = change,
            Some(_) => {}
        }
    }

    /// Notes that the personal data of an owner of a service was opened or, where what is known of a child is in
    /// codes and needs no key, shown.
    pub fn open(&mut self, owner: Id, service: Id) {
        self.opened.insert(owner, service);
    }

    /// Notes a read of a service, or of the deployment, that is journaled whatever it finds.
    pub fn consult(&mut self, service: Option<Id>) {
        self.consulted.insert(service);
    }

    /// The changes, in the order in which they were made.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The owners whose data was opened, each with its service.
    pub fn opened(&self) -> &BTreeMap<Id, Id> {
        &self.opened
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.opened.is_empty() && self.consulted.is_empty()
    }

    /// The services concerned; `None` is the deployment.
    pub fn services(&self) -> BTreeSet<Option<Id>> {
        let changed = self.changes.iter().map(|change| change.service_id);
        let opened = self.opened.values().map(|service| Some(*service));
        changed.chain(opened).chain(self.consulted.iter().copied()).collect()
    }
}

/// Who asks, by which request.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who.
    pub principal: PrincipalId,
    /// The operation: method and route template, `POST /v1/referrals/{id}/accept`.
    pub operation: String,
    /// The object that the path names.
    pub target_id: Option<Id>,
    /// Identifier of the request, as in the log and in problems.
    pub request_id: String,
    /// The caller's address.
    pub address: Option<IpAddr>,
    /// The language that the caller reads.
    pub lang: Lang,
}

impl From<PrincipalId> for Call {
    /// What the program does by itself or from its command line.
    fn from(principal: PrincipalId) -> Self {
        Self {
            principal,
            operation: "local".into(),
            target_id: None,
            request_id: String::new(),
            address: None,
            lang: Lang::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::trail::*;

    fn change(kind: ChangeKind) -> Change {
        let reason = (kind == ChangeKind::Deleted).then_some(DeletionReason::Duplicate);
        Change { resource: Resource::Contact, id: uuid::Uuid::nil().into(), service_id: None, kind, reason }
    }

    #[test]
    fn an_object_is_noted_once() {
        let mut trail = Trail::default();
        trail.change(change(ChangeKind::Created));
        trail.change(change(ChangeKind::Updated));
        assert_eq!(trail.changes(), [change(ChangeKind::Created)]);
        trail.change(change(ChangeKind::Deleted));
        assert_eq!(trail.changes(), [change(ChangeKind::Deleted)]);
    }
}
