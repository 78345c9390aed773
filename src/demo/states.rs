//! The state of each pôle while the story is played.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::kit_setup::CreatedKit;
use super::setup::Setup;
use super::story::Author;
use super::tally::Tally;
use crate::auth::{PrincipalId, ServiceScope};
use crate::db::Id;
use crate::referrals::ops::Viewer;

/// The database identifiers of the entities played so far, by rank.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownIds {
    pub(super) households: BTreeMap<usize, Id>,
    pub(super) children: BTreeMap<usize, Id>,
    pub(super) referrals: BTreeMap<usize, Id>,
    pub(super) cases: BTreeMap<usize, Id>,
}

/// A placement that started, with the request of its case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    pub(super) id: Id,
    pub(super) on: NaiveDate,
    pub(super) request: usize,
}

/// The state of a pôle: its authors, and what has been played so far.
pub(super) struct PoleState {
    pub(super) service: Id,
    pub(super) organisations: Vec<Id>,
    pub(super) kits: Vec<CreatedKit>,
    pub(super) scope: ServiceScope,
    pub(super) viewer: Viewer,
    pub(super) ids: KnownIds,
    pub(super) tally: Tally,
    /// The placements that started.
    pub(super) started: Vec<Started>,
    pub(super) coordinator: PrincipalId,
    pub(super) psychologist: PrincipalId,
    form: PrincipalId,
}

impl PoleState {
    pub(super) fn new(setup: &Setup, pole: usize) -> Self {
        let service = setup.services[pole].id;
        let scope = ServiceScope::one(service);
        Self {
            service,
            organisations: setup.directories[pole].clone(),
            kits: setup.kits[pole].clone(),
            viewer: Viewer { scope: scope.clone(), identities: scope.clone(), directory: scope.clone() },
            scope,
            ids: KnownIds::default(),
            tally: Tally::default(),
            started: Vec::new(),
            coordinator: setup.users[if pole == 0 { 0 } else { 3 }].id,
            psychologist: setup.users[1].id,
            form: PrincipalId::Client(setup.clients[0].client_id),
        }
    }

    pub(super) fn principal(&self, author: Author) -> PrincipalId {
        match author {
            Author::Coordinator => self.coordinator,
            Author::Psychologist => self.psychologist,
            Author::SiteForm => self.form,
        }
    }
}
