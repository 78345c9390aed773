//! The SQL of what the entries of a page of the agenda name.

use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::data_keys::WrappedKey;
use crate::db::schema::{
    appointment_cases, appointment_professionals, cases, children, data_keys, kits, organisations, users,
};
use crate::db::{AnyConn, Id, IsAmong, columns, together};
use crate::households::ops::ChildRow;
use crate::wrapped_keys;

/// What the entries of a page name.
#[derive(Debug, Default)]
pub(in crate::agenda) struct Names {
    pub(in crate::agenda) appointments: Vec<Id>,
    pub(in crate::agenda) organisations: Vec<Id>,
    pub(in crate::agenda) kits: Vec<Id>,
    /// The users of the entries that are about one person.
    pub(in crate::agenda) people: Vec<Id>,
    /// The children and households of the entries that are about one case.
    pub(in crate::agenda) children: Vec<Id>,
    pub(in crate::agenda) households: Vec<Id>,
}

/// A case of an appointment: the appointment, the case, the child, the household.
pub(in crate::agenda) type CaseLink = (Id, Id, Option<Id>, Option<Id>);

/// What the entries of a page name, as it was found.
#[derive(Debug, Default)]
pub(in crate::agenda) struct Named {
    pub(in crate::agenda) cases: Vec<CaseLink>,
    pub(in crate::agenda) professionals: Vec<(Id, Id, String)>,
    pub(in crate::agenda) people: Vec<(Id, String)>,
    pub(in crate::agenda) organisations: Vec<(Id, String)>,
    pub(in crate::agenda) kits: Vec<(Id, String, Option<String>)>,
    pub(in crate::agenda) children: Vec<ChildRow>,
    pub(in crate::agenda) keys: Vec<WrappedKey>,
}

/// What the entries of a page name, in one round trip. Children are read in the services of `identities` only.
pub(in crate::agenda) fn named(conn: &mut AnyConn, names: &Names, identities: &ServiceScope) -> QueryResult<Named> {
    let of_appointments = || {
        let theirs = appointment_cases::appointment_id.among(&names.appointments);
        appointment_cases::table.inner_join(cases::table).filter(theirs)
    };
    let (cases, professionals, people, organisations, kits, mut children, more_children, mut keys, more_keys) = together!(
        conn,
        of_appointments()
            .order((appointment_cases::appointment_id, appointment_cases::position))
            .select((appointment_cases::appointment_id, cases::id, cases::child_id, cases::household_id))
            => CaseLink,
        appointment_professionals::table
            .inner_join(users::table)
            .filter(appointment_professionals::appointment_id.among(&names.appointments))
            .order((appointment_professionals::appointment_id, appointment_professionals::position))
            .select((appointment_professionals::appointment_id, users::id, users::display_name))
            => (Id, Id, String),
        users::table.filter(users::id.among(&names.people)).select((users::id, users::display_name)) => (Id, String),
        organisations::table
            .filter(organisations::id.among(&names.organisations))
            .select((organisations::id, organisations::name))
            => (Id, String),
        kits::table
            .filter(kits::id.among(&names.kits))
            .select((kits::id, kits::title_fr, kits::title_en))
            => (Id, String, Option<String>),
        children::table
            .filter(children::service_id.among(identities.ids()))
            .filter(children::id.nullable().eq_any(of_appointments().select(cases::child_id)))
            .select(columns::<ChildRow>())
            => ChildRow,
        children::table
            .filter(children::service_id.among(identities.ids()).and(children::id.among(&names.children)))
            .select(columns::<ChildRow>())
            => ChildRow,
        wrapped_keys!()
            .filter(data_keys::service_id.among(identities.ids()))
            .filter(data_keys::holder_id.nullable().eq_any(of_appointments().select(cases::household_id)))
            => WrappedKey,
        wrapped_keys!()
            .filter(data_keys::service_id.among(identities.ids()))
            .filter(data_keys::holder_id.among(&names.households))
            => WrappedKey,
    )?;
    children.extend(more_children);
    keys.extend(more_keys);
    Ok(Named { cases, professionals, people, organisations, kits, children, keys })
}
