//! The SQL of what an appointment names: cases, users, an organisation, and the other appointments of its professionals.

use chrono::{Days, NaiveDate};
use diesel::prelude::*;

use crate::appointments::model::AppointmentStatus;
use crate::auth::ServiceScope;
use crate::cases::store::CaseRow;
use crate::db::schema::{
    absences, appointment_professionals, appointments, cases, memberships, organisations, referral_agreements,
    referrals, users,
};
use crate::db::{AnyConn, Id, IsAmong, columns, together};
use crate::nomenclatures::codes::OrganisationKind;
use crate::services::public::model::agreement::AgreementPurpose;

/// More overlaps than this are not listed.
const MAX_OVERLAPS: i64 = 100;

/// What an appointment names, as a request gives it.
#[derive(Clone, Copy, Debug)]
pub(in crate::appointments) struct Names<'a> {
    pub(in crate::appointments) cases: &'a [Id],
    pub(in crate::appointments) professionals: &'a [Id],
    pub(in crate::appointments) organisation: Option<Id>,
    /// Its day, and the appointment itself, to find the others of its professionals.
    pub(in crate::appointments) day: NaiveDate,
    pub(in crate::appointments) but: Id,
}

/// Another appointment of a professional.
#[derive(Clone, Debug, Queryable)]
pub(in crate::appointments) struct Other {
    pub(in crate::appointments) user_id: Id,
    pub(in crate::appointments) id: Id,
    pub(in crate::appointments) planned_on: NaiveDate,
    pub(in crate::appointments) starts_at: String,
    pub(in crate::appointments) minutes: i32,
}

/// Days on which a professional is away.
#[derive(Clone, Copy, Debug, Queryable)]
pub(in crate::appointments) struct Away {
    pub(in crate::appointments) user_id: Id,
    pub(in crate::appointments) absence_id: Id,
}

/// What was found of it in the service.
#[derive(Debug)]
pub(in crate::appointments) struct Found {
    pub(in crate::appointments) cases: Vec<CaseRow>,
    /// The users with a role in the service, with their names.
    pub(in crate::appointments) professionals: Vec<(Id, String)>,
    /// The kind of the organisation: the rules of the public look at it.
    pub(in crate::appointments) organisation: Option<OrganisationKind>,
    /// The open appointments of the professionals on the days around.
    pub(in crate::appointments) others: Vec<Other>,
    /// The professionals who are away on the day.
    pub(in crate::appointments) away: Vec<Away>,
    /// The cases whose family agreed that a partner is contacted.
    pub(in crate::appointments) agreed: Vec<Id>,
}

/// What an appointment names, in one round trip.
pub(in crate::appointments) fn find(conn: &mut AnyConn, service: Id, names: Names<'_>) -> QueryResult<Found> {
    let scope = ServiceScope::one(service);
    let organisation: Vec<Id> = names.organisation.into_iter().collect();
    // An appointment of the day before may last until after midnight.
    let before = names.day.checked_sub_days(Days::new(1)).unwrap_or(names.day);
    let after = names.day.checked_add_days(Days::new(1)).unwrap_or(names.day);
    let (cases, professionals, organisation, others, away, agreed) = together!(
        conn,
        cases::table
            .filter(cases::id.among(names.cases).and(cases::service_id.among(scope.ids())))
            .select(columns::<CaseRow>())
            => CaseRow,
        memberships::table
            .inner_join(users::table)
            .filter(memberships::service_id.among(scope.ids()).and(memberships::user_id.among(names.professionals)))
            .filter(memberships::requested_by.is_null().and(users::disabled_at.is_null()))
            .select((users::id, users::display_name))
            => (Id, String),
        organisations::table
            .filter(organisations::id.among(&organisation).and(organisations::service_id.among(scope.ids())))
            .select((organisations::id, organisations::kind))
            => (Id, OrganisationKind),
        appointments::table
            .inner_join(appointment_professionals::table)
            .filter(appointments::service_id.among(scope.ids()))
            .filter(appointments::status.among(AppointmentStatus::OPEN))
            .filter(appointments::planned_on.between(before, after).and(appointments::id.ne(names.but)))
            .filter(appointment_professionals::user_id.among(names.professionals))
            .order((appointments::planned_on, appointments::starts_at, appointments::id))
            .limit(MAX_OVERLAPS)
            .select((
                appointment_professionals::user_id,
                appointments::id,
                appointments::planned_on,
                appointments::starts_at,
                appointments::minutes,
            ))
            => Other,
        absences::table
            .filter(absences::service_id.among(scope.ids()).and(absences::user_id.among(names.professionals)))
            .filter(absences::starts_on.le(names.day).and(absences::ends_on.ge(names.day)))
            .order((absences::user_id, absences::id))
            .select((absences::user_id, absences::id))
            => Away,
        referrals::table
            .inner_join(referral_agreements::table)
            .filter(referrals::service_id.among(scope.ids()))
            .filter(referrals::case_id.eq_any(names.cases.iter().copied().map(Some)))
            .filter(referral_agreements::purpose.eq(AgreementPurpose::PartnerContact))
            .select((referrals::case_id, referrals::id))
            => (Option<Id>, Id),
    )?;
    Ok(Found {
        cases,
        professionals,
        organisation: organisation.into_iter().next().map(|(_, kind)| kind),
        others,
        away,
        agreed: agreed.into_iter().filter_map(|(case, _)| case).collect(),
    })
}

/// The cases with these identifiers in a service.
pub(in crate::appointments) fn cases(conn: &mut AnyConn, service: Id, ids: &[Id]) -> QueryResult<Vec<CaseRow>> {
    cases::table
        .filter(cases::id.among(ids).and(cases::service_id.among(ServiceScope::one(service).ids())))
        .select(CaseRow::as_select())
        .load(conn)
}
