//! The SQL of the lending settings.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{KitClosing, KitSettings};
use super::model::LoanRules;
use crate::db::schema::{kit_closings, kit_settings, service_departements, services};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, insert_together, together};
use crate::services::model::Settings;
use crate::services::ops::ServiceRow;
use crate::services::store as of_services;
use crate::territories::DepartementCode;

/// A row of `kit_settings`, or the default settings of a service without a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsRow {
    /// The service.
    pub service_id: Id,
    /// The settings.
    pub rules: LoanRules,
    /// Version of the row; 1 if the service has none.
    pub version: i32,
    /// When the row last changed; none if the service has no row.
    pub updated_at: Option<UtcTs>,
}

crate::versioned!(SettingsRow);

impl From<SettingsRow> for KitSettings {
    fn from(row: SettingsRow) -> Self {
        let closing = |(starts_on, ends_on)| KitClosing { starts_on, ends_on };
        Self {
            service_id: row.service_id,
            loan_days: row.rules.loan_days,
            longest_loan_days: row.rules.longest_loan_days,
            buffer_days: row.rules.buffer_days,
            book_ahead_days: row.rules.book_ahead_days,
            proposal_hours: row.rules.proposal_hours,
            closed_weekdays: row.rules.closed_weekdays,
            closings: row.rules.closings.into_iter().map(closing).collect(),
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

/// The columns of `kit_settings` that [`assembled`] needs.
pub(in crate::lending) type Columns = (Id, i32, i32, i32, i32, i32, String, i32, UtcTs);

/// A closing period: the service, the first and the last day.
pub(in crate::lending) type ClosingRow = (Id, NaiveDate, NaiveDate);

/// The query of the [`Columns`] of several services.
macro_rules! settings_of {
    ($services:expr) => {{
        use $crate::db::schema::kit_settings;
        kit_settings::table.filter(kit_settings::service_id.among($services)).select((
            kit_settings::service_id,
            kit_settings::loan_days,
            kit_settings::longest_loan_days,
            kit_settings::buffer_days,
            kit_settings::book_ahead_days,
            kit_settings::proposal_hours,
            kit_settings::closed_weekdays,
            kit_settings::version,
            kit_settings::updated_at,
        ))
    }};
}

/// The query of the [`ClosingRow`]s of several services.
macro_rules! closings_of {
    ($services:expr) => {{
        use $crate::db::schema::kit_closings;
        kit_closings::table
            .filter(kit_closings::service_id.among($services))
            .order((kit_closings::service_id, kit_closings::starts_on))
            .select((kit_closings::service_id, kit_closings::starts_on, kit_closings::ends_on))
    }};
}

pub(in crate::lending) use {closings_of, settings_of};

/// The settings of several services in the caller's scope.
pub(super) fn settings_of_services(conn: &mut AnyConn, services: &[Id]) -> QueryResult<Vec<SettingsRow>> {
    let (rows, closings) = together!(
        conn,
        settings_of!(services) => Columns,
        closings_of!(services) => ClosingRow,
    )?;
    Ok(assembled(services, rows, &closings))
}

/// The settings of several services and what lending needs of the services themselves, read together.
pub(super) fn with_services(conn: &mut AnyConn, services: &[Id]) -> QueryResult<(Vec<SettingsRow>, Vec<Settings>)> {
    let (rows, closings, own, departements, groups) = together!(
        conn,
        settings_of!(services) => Columns,
        closings_of!(services) => ClosingRow,
        services::table.filter(services::id.among(services)).select(columns::<ServiceRow>()) => ServiceRow,
        service_departements::table
            .filter(service_departements::service_id.among(services))
            .order((service_departements::service_id, service_departements::departement_code))
            .select((service_departements::service_id, service_departements::departement_code))
            => (Id, DepartementCode),
        of_services::groups_of!(services) => of_services::GroupRow,
    )?;
    Ok((assembled(services, rows, &closings), of_services::assembled(own, departements, groups)))
}

/// The settings of several services from the rows of the two tables. A service without a row has the default settings.
pub(in crate::lending) fn assembled(services: &[Id], rows: Vec<Columns>, closings: &[ClosingRow]) -> Vec<SettingsRow> {
    let mut rows: HashMap<Id, Columns> = rows.into_iter().map(|row| (row.0, row)).collect();
    let settings = |service: &Id| {
        let Some(row) = rows.remove(service) else {
            return SettingsRow { service_id: *service, rules: LoanRules::default(), version: 1, updated_at: None };
        };
        let (_, loan_days, longest_loan_days, buffer_days, book_ahead_days, proposal_hours, closed, version, at) = row;
        let own = closings.iter().filter(|(of, ..)| of == service);
        let rules = LoanRules {
            loan_days,
            longest_loan_days,
            buffer_days,
            book_ahead_days,
            proposal_hours,
            closed_weekdays: closed.split(',').filter_map(|day| day.parse().ok()).collect(),
            closings: own.map(|(_, starts_on, ends_on)| (*starts_on, *ends_on)).collect(),
        };
        SettingsRow { service_id: *service, rules, version, updated_at: Some(at) }
    };
    services.iter().map(settings).collect()
}

/// Replaces the version that was read. Returns false if another writer was first.
pub(super) fn put(conn: &mut AnyConn, row: &SettingsRow, rules: &LoanRules, now: UtcTs) -> QueryResult<bool> {
    let closed: Vec<String> = rules.closed_weekdays.iter().map(ToString::to_string).collect();
    let values = (
        kit_settings::loan_days.eq(rules.loan_days),
        kit_settings::longest_loan_days.eq(rules.longest_loan_days),
        kit_settings::buffer_days.eq(rules.buffer_days),
        kit_settings::book_ahead_days.eq(rules.book_ahead_days),
        kit_settings::proposal_hours.eq(rules.proposal_hours),
        kit_settings::closed_weekdays.eq(closed.join(",")),
        kit_settings::version.eq(row.version + 1),
        kit_settings::updated_at.eq(now),
    );
    if row.updated_at.is_none() {
        // The primary key decides between concurrent requests that create the first row.
        diesel::insert_into(kit_settings::table)
            .values((kit_settings::service_id.eq(row.service_id), values))
            .execute(conn)?;
    } else {
        let read = kit_settings::service_id.eq(row.service_id).and(kit_settings::version.eq(row.version));
        if diesel::update(kit_settings::table.filter(read)).set(values).execute(conn)? == 0 {
            return Ok(false);
        }
    }
    diesel::delete(kit_closings::table.filter(kit_closings::service_id.eq(row.service_id))).execute(conn)?;
    let closing = |(first, last): &(NaiveDate, NaiveDate)| {
        (
            kit_closings::service_id.eq(row.service_id),
            kit_closings::starts_on.eq(*first),
            kit_closings::ends_on.eq(*last),
        )
    };
    let closings: Vec<_> = rules.closings.iter().map(closing).collect();
    insert_together!(conn, kit_closings => &closings)?;
    Ok(true)
}
