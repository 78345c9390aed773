//! The SQL of the settings of lending.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::LoanRules;
use crate::auth::ServiceScope;
use crate::db::schema::{kit_closings, kit_settings};
use crate::db::{AnyConn, Id, IsAmong, UtcTs};

/// A row of `kit_settings`, or what a service without one lends by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsRow {
    /// The service.
    pub service_id: Id,
    /// How it lends.
    pub rules: LoanRules,
    /// Version of the row; 1 while the service has none.
    pub version: i32,
    /// When it last changed, if ever.
    pub updated_at: Option<UtcTs>,
}

crate::versioned!(SettingsRow);

type Columns = (i32, i32, i32, i32, i32, String, i32, UtcTs);

/// How a service of the scope lends.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, service: Id) -> QueryResult<SettingsRow> {
    let row: Option<Columns> = kit_settings::table
        .filter(kit_settings::service_id.among(scope.ids()).and(kit_settings::service_id.eq(service)))
        .select((
            kit_settings::loan_days,
            kit_settings::longest_loan_days,
            kit_settings::buffer_days,
            kit_settings::book_ahead_days,
            kit_settings::proposal_hours,
            kit_settings::closed_weekdays,
            kit_settings::version,
            kit_settings::updated_at,
        ))
        .get_result(conn)
        .optional()?;
    let Some((loan_days, longest_loan_days, buffer_days, book_ahead_days, proposal_hours, closed, version, at)) = row
    else {
        return Ok(SettingsRow { service_id: service, rules: LoanRules::default(), version: 1, updated_at: None });
    };
    let closings: Vec<(NaiveDate, NaiveDate)> = kit_closings::table
        .filter(kit_closings::service_id.eq(service))
        .order(kit_closings::starts_on)
        .select((kit_closings::starts_on, kit_closings::ends_on))
        .load(conn)?;
    let rules = LoanRules {
        loan_days,
        longest_loan_days,
        buffer_days,
        book_ahead_days,
        proposal_hours,
        closed_weekdays: closed.split(',').filter_map(|day| day.parse().ok()).collect(),
        closings,
    };
    Ok(SettingsRow { service_id: service, rules, version, updated_at: Some(at) })
}

/// Replaces the version that was read; false when another writer was first.
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
        // Of two first settings that race, the key of the service keeps one.
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
    for (first, last) in &rules.closings {
        diesel::insert_into(kit_closings::table)
            .values((
                kit_closings::service_id.eq(row.service_id),
                kit_closings::starts_on.eq(first),
                kit_closings::ends_on.eq(last),
            ))
            .execute(conn)?;
    }
    Ok(true)
}
