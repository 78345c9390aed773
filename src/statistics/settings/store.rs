//! The SQL of the settings of statistics.

use diesel::prelude::*;

use super::model::Choice;
use crate::auth::ServiceScope;
use crate::db::schema::statistics_settings;
use crate::db::{AnyConn, Id, IsAmong, UtcTs};

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

type Columns = (Option<String>, i32, i32, String, String, i32, UtcTs);

/// The settings of a service of the scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, service: Id) -> QueryResult<SettingsRow> {
    let row: Option<Columns> = statistics_settings::table
        .filter(statistics_settings::service_id.among(scope.ids()).and(statistics_settings::service_id.eq(service)))
        .select((
            statistics_settings::spec_code,
            statistics_settings::open_threshold,
            statistics_settings::partner_threshold,
            statistics_settings::reason,
            statistics_settings::author,
            statistics_settings::version,
            statistics_settings::updated_at,
        ))
        .get_result(conn)
        .optional()?;
    let Some((spec_code, open_threshold, partner_threshold, reason, author, version, updated_at)) = row else {
        return Ok(SettingsRow {
            service_id: service,
            choice: Choice::default(),
            author: None,
            version: 1,
            updated_at: None,
        });
    };
    let choice = Choice { spec_code, open_threshold, partner_threshold, reason };
    Ok(SettingsRow { service_id: service, choice, author: Some(author), version, updated_at: Some(updated_at) })
}

/// Replaces the version that was read. Returns false if another writer changed it first.
pub(super) fn put(
    conn: &mut AnyConn,
    row: &SettingsRow,
    choice: &Choice,
    author: &str,
    now: UtcTs,
) -> QueryResult<bool> {
    let values = (
        statistics_settings::spec_code.eq(&choice.spec_code),
        statistics_settings::open_threshold.eq(choice.open_threshold),
        statistics_settings::partner_threshold.eq(choice.partner_threshold),
        statistics_settings::reason.eq(&choice.reason),
        statistics_settings::author.eq(author),
        statistics_settings::version.eq(row.version + 1),
        statistics_settings::updated_at.eq(now),
    );
    if row.updated_at.is_none() {
        // If two first settings are concurrent, the primary key lets one of them in.
        diesel::insert_into(statistics_settings::table)
            .values((statistics_settings::service_id.eq(row.service_id), values))
            .execute(conn)?;
        return Ok(true);
    }
    let read = statistics_settings::service_id.eq(row.service_id).and(statistics_settings::version.eq(row.version));
    Ok(diesel::update(statistics_settings::table.filter(read)).set(values).execute(conn)? == 1)
}
