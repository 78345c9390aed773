//! The SQL of the list of appointments.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{AppointmentRow, Boxed, start_key, visible};
use crate::appointments::dto::filter::{AppointmentFilter, AppointmentSort};
use crate::auth::ServiceScope;
use crate::db::schema::{appointment_cases, appointment_professionals, appointments};
use crate::db::{AnyConn, IsAmong, UtcTs, sorted_page};
use crate::http::page::{PageInfo, PageRequest};

/// The appointments of the scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a AppointmentFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(statuses) = &filter.status {
        query = query.filter(appointments::status.among(statuses));
    }
    if let Some(case) = filter.case_id {
        let about = appointment_cases::appointment_id.eq(appointments::id).and(appointment_cases::case_id.eq(case));
        query = query.filter(exists(appointment_cases::table.filter(about)));
    }
    if let Some(user) = filter.professional_id {
        let theirs = appointment_professionals::appointment_id
            .eq(appointments::id)
            .and(appointment_professionals::user_id.eq(user));
        query = query.filter(exists(appointment_professionals::table.filter(theirs)));
    }
    if let Some(organisation) = filter.organisation_id {
        query = query.filter(appointments::organisation_id.eq(organisation));
    }
    if let Some(from) = filter.planned_from {
        query = query.filter(appointments::start_key.ge(start_key(from, "")));
    }
    if let Some(to) = filter.planned_to {
        query = query.filter(appointments::start_key.le(start_key(to, "99:99")));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(appointments::updated_at.ge(since));
    }
    query
}

/// A page of the appointments of the scope, by default latest first.
pub(in crate::appointments) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &AppointmentFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<AppointmentRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(AppointmentSort::PlannedOnDesc);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter), appointments as AppointmentRow, sort: AppointmentSort {
            PlannedOn | PlannedOnDesc => start_key as String,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}
