//! The SQL of what stands around a record of a case: the case, its child, its keys and the settings of its service.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::min;
use diesel::prelude::*;

use super::CaseRow;
use crate::data_keys::WrappedKey;
use crate::db::schema::{cases, children, data_keys, referrals, service_departements, services};
use crate::db::{AnyConn, Id, IsAmong, columns, together};
use crate::households::ops::ChildRow;
use crate::services::model::Settings;
use crate::services::store::{self as services_store, GroupRow, ServiceRow, groups_of};
use crate::territories::DepartementCode;
use crate::wrapped_keys;

/// Cases as the correction of one of their records needs them.
pub(in crate::cases) struct AroundRows {
    /// The cases that are there.
    pub(in crate::cases) cases: HashMap<Id, CaseRow>,
    /// The days on which their first referrals arrived.
    pub(in crate::cases) received: HashMap<Id, NaiveDate>,
    /// The children whom they are about.
    pub(in crate::cases) children: Vec<ChildRow>,
    /// The keys that seal them.
    pub(in crate::cases) keys: Vec<WrappedKey>,
    /// The settings of their service.
    pub(in crate::cases) settings: Vec<Settings>,
}

/// The cases of a record, their children, the keys that seal them, and the settings of their service.
pub(in crate::cases) fn around(conn: &mut AnyConn, service: Id, ids: &[Id]) -> QueryResult<AroundRows> {
    let of_record = || cases::table.filter(cases::id.among(ids).and(cases::service_id.eq(service)));
    let (found, received, children, own_keys, keys, service_rows, departements, groups) = together!(
        conn,
        of_record().select(columns::<CaseRow>()) => CaseRow,
        referrals::table
            .filter(referrals::service_id.eq(service))
            .filter(referrals::case_id.eq_any(ids.iter().copied().map(Some)))
            .group_by(referrals::case_id)
            .select((referrals::case_id, min(referrals::received_on)))
            => (Option<Id>, Option<NaiveDate>),
        children::table
            .filter(children::service_id.eq(service))
            .filter(children::id.nullable().eq_any(of_record().select(cases::child_id)))
            .select(columns::<ChildRow>())
            => ChildRow,
        wrapped_keys!().filter(data_keys::holder_id.among(ids)) => WrappedKey,
        wrapped_keys!()
            .filter(data_keys::holder_id.nullable().eq_any(of_record().select(cases::household_id)))
            => WrappedKey,
        services::table.filter(services::id.eq(service)).select(columns::<ServiceRow>()) => ServiceRow,
        service_departements::table
            .filter(service_departements::service_id.eq(service))
            .order(service_departements::departement_code)
            .select((service_departements::service_id, service_departements::departement_code))
            => (Id, DepartementCode),
        groups_of!(&[service]) => GroupRow,
    )?;
    Ok(AroundRows {
        cases: found.into_iter().map(|case| (case.id, case)).collect(),
        received: received.into_iter().filter_map(|(case, day)| Some((case?, day?))).collect(),
        children,
        keys: own_keys.into_iter().chain(keys).collect(),
        settings: services_store::assembled(service_rows, departements, groups),
    })
}
