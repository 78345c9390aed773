//! The SQL of names.

use diesel::prelude::*;

use super::model::Wanted;
use crate::accounts::names::model::Accounts;
use crate::auth::ServiceScope;
use crate::data_keys::WrappedKey;
use crate::db::schema::{
    actions, cases, children, clients, contacts, conventions, data_keys, kit_copies, kit_items, kits, organisations,
    users,
};
use crate::db::{AnyConn, Id, IsAmong, columns, together};
use crate::households::ops::{ChildRow, ContactRow};
use crate::territories::TerritoryKind;
use crate::wrapped_keys;

/// The services in which the caller may see each kind of name.
#[derive(Clone, Debug)]
pub struct Visible {
    /// Where the caller holds any permission: what their rows name.
    pub all: ServiceScope,
    /// Organisations.
    pub directory: ServiceScope,
    /// Children and households.
    pub identities: ServiceScope,
    /// Conventions.
    pub conventions: ServiceScope,
    /// Actions.
    pub actions: ServiceScope,
}

/// A text in French, and in English if it has one.
pub type Labelled = (Id, String, Option<String>);

/// A case: its child, its household, its structure.
pub type CaseLink = (Id, Option<Id>, Option<Id>, Option<Id>);

/// What was found, as it is stored.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) users: Vec<(Id, String)>,
    pub(super) clients: Vec<(Id, String)>,
    pub(super) organisations: Vec<(Id, String)>,
    pub(super) kits: Vec<Labelled>,
    pub(super) copies: Vec<(Id, String, Labelled)>,
    pub(super) items: Vec<Labelled>,
    pub(super) conventions: Vec<(Id, TerritoryKind, String)>,
    pub(super) actions: Vec<(Id, String)>,
    pub(super) cases: Vec<CaseLink>,
    pub(super) children: Vec<ChildRow>,
    pub(super) contacts: Vec<ContactRow>,
    pub(super) keys: Vec<WrappedKey>,
}

/// Reads names, in one round trip.
#[allow(clippy::too_many_lines, reason = "one query for each kind of object")]
pub(super) fn found(conn: &mut AnyConn, wanted: &Wanted, accounts: &Accounts, visible: &Visible) -> QueryResult<Found> {
    let list = |ids: &std::collections::BTreeSet<Id>| ids.iter().copied().collect::<Vec<Id>>();
    let named_cases = list(&wanted.cases);
    let identities = visible.identities.ids();
    let their_cases = || cases::table.filter(cases::id.among(&named_cases));
    let named_children = list(&wanted.children);
    let named_households = list(&wanted.households);
    let (
        users,
        clients,
        organisations,
        kits,
        copies,
        items,
        conventions,
        actions,
        cases,
        children,
        contacts,
        keys,
        keys_of_cases,
        keys_of_children,
    ) = together!(
        conn,
        users::table.filter(users::id.among(&accounts.users)).select((users::id, users::display_name)) => (Id, String),
        clients::table.filter(clients::id.among(&accounts.clients)).select((clients::id, clients::name)) => (Id, String),
        organisations::table
            .filter(organisations::service_id.among(visible.directory.ids()))
            .filter(
                organisations::id
                    .among(&list(&wanted.organisations))
                    .or(organisations::id.nullable().eq_any(their_cases().select(cases::organisation_id)))
            )
            .select((organisations::id, organisations::name))
            => (Id, String),
        kits::table
            .filter(kits::id.among(&list(&wanted.kits)).and(kits::service_id.among(visible.all.ids())))
            .select((kits::id, kits::title_fr, kits::title_en))
            => Labelled,
        kit_copies::table
            .inner_join(kits::table)
            .filter(kit_copies::id.among(&list(&wanted.copies)).and(kit_copies::service_id.among(visible.all.ids())))
            .select((kit_copies::id, kit_copies::label, (kit_copies::id, kits::title_fr, kits::title_en)))
            => (Id, String, Labelled),
        kit_items::table
            .filter(kit_items::id.among(&list(&wanted.items)).and(kit_items::service_id.among(visible.all.ids())))
            .select((kit_items::id, kit_items::label_fr, kit_items::label_en))
            => Labelled,
        conventions::table
            .filter(conventions::id.among(&list(&wanted.conventions)))
            .filter(conventions::service_id.among(visible.conventions.ids()))
            .select((conventions::id, conventions::collectivity_kind, conventions::collectivity_code))
            => (Id, TerritoryKind, String),
        actions::table
            .filter(actions::id.among(&list(&wanted.actions)).and(actions::service_id.among(visible.actions.ids())))
            .select((actions::id, actions::title))
            => (Id, String),
        their_cases()
            .filter(cases::service_id.among(visible.all.ids()))
            .select((cases::id, cases::child_id, cases::household_id, cases::organisation_id))
            => CaseLink,
        children::table
            .filter(children::service_id.among(identities))
            .filter(
                children::id
                    .among(&named_children)
                    .or(children::household_id.among(&named_households))
                    .or(children::id.nullable().eq_any(their_cases().select(cases::child_id)))
            )
            .select(columns::<ChildRow>())
            => ChildRow,
        contacts::table
            .filter(contacts::service_id.among(identities).and(contacts::household_id.among(&named_households)))
            .order(contacts::id)
            .select(columns::<ContactRow>())
            => ContactRow,
        wrapped_keys!()
            .filter(data_keys::service_id.among(identities).and(data_keys::holder_id.among(&named_households)))
            => WrappedKey,
        wrapped_keys!()
            .filter(data_keys::service_id.among(identities))
            .filter(data_keys::holder_id.nullable().eq_any(their_cases().select(cases::household_id)))
            => WrappedKey,
        wrapped_keys!()
            .filter(data_keys::service_id.among(identities))
            .filter(data_keys::holder_id.eq_any(
                children::table.filter(children::id.among(&named_children)).select(children::household_id)
            ))
            => WrappedKey,
    )?;
    let keys = keys.into_iter().chain(keys_of_cases).chain(keys_of_children).collect();
    Ok(Found {
        users,
        clients,
        organisations,
        kits,
        copies,
        items,
        conventions,
        actions,
        cases,
        children,
        contacts,
        keys,
    })
}
