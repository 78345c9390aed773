//! The SQL of the settings of statistics.

use diesel::prelude::*;

use super::model::Choice;
use crate::auth::{ServiceScope, Vouched, VouchedSettings};
use crate::db::schema::statistics_settings;
use crate::db::{AnyConn, Id, IsAmong, UtcTs};
use crate::privacy::MacKey;

/// A row of `statistics_settings`, or the defaults of a service without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsRow {
    /// The service.
    pub service_id: Id,
    /// Its settings.
    pub choice: Choice,
    /// Who last changed them; `None` without a row.
    pub author: Option<String>,
    /// Version of the row; 1 without a row.
    pub version: i32,
    /// When they last changed; `None` without a row.
    pub updated_at: Option<UtcTs>,
}

crate::versioned!(SettingsRow);

/// The settings of a service of the scope. Those that the program did not write are not found.
pub(super) fn get(conn: &mut AnyConn, key: &MacKey, scope: &ServiceScope, service: Id) -> QueryResult<SettingsRow> {
    let row: Option<VouchedSettings> = statistics_settings::table
        .filter(statistics_settings::service_id.among(scope.ids()).and(statistics_settings::service_id.eq(service)))
        .select(VouchedSettings::as_select())
        .get_result(conn)
        .optional()?;
    let Some(row) = row else {
        return Ok(SettingsRow {
            service_id: service,
            choice: Choice::default(),
            author: None,
            version: 1,
            updated_at: None,
        });
    };
    // The defaults would not do: the service may have chosen higher thresholds.
    if !row.is_genuine(key) {
        return Err(diesel::NotFound);
    }
    let VouchedSettings { spec_code, open_threshold, partner_threshold, reason, author, version, updated_at, .. } = row;
    let choice = Choice { spec_code, open_threshold, partner_threshold, reason };
    Ok(SettingsRow { service_id: service, choice, author: Some(author), version, updated_at: Some(updated_at) })
}

/// Replaces the version that was read. Returns false if another writer changed it first.
pub(super) fn put(
    conn: &mut AnyConn,
    key: &MacKey,
    row: &SettingsRow,
    choice: &Choice,
    author: &str,
    now: UtcTs,
) -> QueryResult<bool> {
    let new = VouchedSettings {
        service_id: row.service_id,
        spec_code: choice.spec_code.clone(),
        open_threshold: choice.open_threshold,
        partner_threshold: choice.partner_threshold,
        reason: choice.reason.clone(),
        author: author.to_owned(),
        version: row.version + 1,
        updated_at: now,
        mac: None,
    };
    let new = new.vouched(key);
    if row.updated_at.is_none() {
        // If two first settings are concurrent, the primary key lets one of them in.
        diesel::insert_into(statistics_settings::table).values(&new).execute(conn)?;
        return Ok(true);
    }
    let read = statistics_settings::service_id.eq(row.service_id).and(statistics_settings::version.eq(row.version));
    Ok(diesel::update(statistics_settings::table.filter(read)).set(&new).execute(conn)? == 1)
}
