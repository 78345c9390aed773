//! The SQL of procedures.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::dto::{ProcedureFilter, ProcedureSort};
use super::model::{Course, ProcedureState};
use crate::accounts::names::model::Accounts;
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, recorded};
use crate::cases::model::CaseStatus;
use crate::cases::model::viewer::Viewer;
use crate::cases::store::{CaseRow, NOTHING_PLANNED};
use crate::cases::team::model::Capacity;
use crate::data_keys::WrappedKey;
use crate::db::schema::{
    case_members, cases, children, clients, corrections, data_keys, organisations, procedures, users,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, row_writes, sorted_page, together, write_together};
use crate::households::ops::ChildRow;
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::{ProcedureKind, ProcedureOutcome};
use crate::services::model::ServiceDays;
use crate::work::Work;
use crate::wrapped_keys;

/// A row of `procedures`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = procedures, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ProcedureRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
    pub(super) kind: ProcedureKind,
    pub(super) organisation_id: Option<Id>,
    pub(super) waiting_since: Option<NaiveDate>,
    pub(super) filed_on: Option<NaiveDate>,
    pub(super) complete_on: Option<NaiveDate>,
    pub(super) decided_on: Option<NaiveDate>,
    pub(super) notified_on: Option<NaiveDate>,
    pub(super) expires_on: Option<NaiveDate>,
    pub(super) outcome: Option<ProcedureOutcome>,
    pub(super) next_on: Option<NaiveDate>,
    /// The sort keys: see [`ProcedureRow::with`].
    next_key: NaiveDate,
    expires_key: NaiveDate,
    pub(super) note: Option<Vec<u8>>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

recorded!(ProcedureRow as Procedure, in procedures);

crate::versioned!(ProcedureRow);

impl ProcedureRow {
    /// The first version of a procedure of a case.
    pub(super) fn new(
        work: &Work<'_>,
        case: &CaseRow,
        id: Id,
        course: Course,
        organisation_id: Option<Id>,
        note: Option<Vec<u8>>,
    ) -> Self {
        Self {
            id,
            service_id: case.service(),
            case_id: case.id(),
            next_key: course.next_on.unwrap_or(NOTHING_PLANNED),
            expires_key: course.expires_on.unwrap_or(NOTHING_PLANNED),
            kind: course.kind,
            organisation_id,
            waiting_since: course.waiting_since,
            filed_on: course.filed_on,
            complete_on: course.complete_on,
            decided_on: course.decided_on,
            notified_on: course.notified_on,
            expires_on: course.expires_on,
            outcome: course.outcome,
            next_on: course.next_on,
            note,
            author: work.author(),
            version: 1,
            created_at: work.now,
            updated_at: work.now,
        }
    }

    /// The next version.
    pub(super) fn with(
        &self,
        work: &Work<'_>,
        course: Course,
        organisation_id: Option<Id>,
        note: Option<Vec<u8>>,
    ) -> Self {
        Self {
            next_key: course.next_on.unwrap_or(NOTHING_PLANNED),
            expires_key: course.expires_on.unwrap_or(NOTHING_PLANNED),
            kind: course.kind,
            organisation_id,
            waiting_since: course.waiting_since,
            filed_on: course.filed_on,
            complete_on: course.complete_on,
            decided_on: course.decided_on,
            notified_on: course.notified_on,
            expires_on: course.expires_on,
            outcome: course.outcome,
            next_on: course.next_on,
            note,
            version: self.version + 1,
            updated_at: work.now,
            ..self.clone()
        }
    }

    /// Its course.
    pub(super) fn course(&self) -> Course {
        Course {
            kind: self.kind.clone(),
            waiting_since: self.waiting_since,
            filed_on: self.filed_on,
            complete_on: self.complete_on,
            decided_on: self.decided_on,
            notified_on: self.notified_on,
            expires_on: self.expires_on,
            outcome: self.outcome.clone(),
            next_on: self.next_on,
        }
    }
}

type Boxed<'a> = procedures::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    procedures::table.filter(procedures::service_id.among(scope.ids())).into_boxed()
}

row_writes!(procedures: ProcedureRow => pub(super) insert);

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ProcedureRow> {
    visible(scope).filter(procedures::id.eq(id)).select(ProcedureRow::as_select()).get_result(conn)
}

/// Replaces the version that was read, and keeps its former values. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &ProcedureRow,
    new: &ProcedureRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || procedures::id.eq(row.id).and(procedures::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(procedures::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// Removes the version that was read, and keeps its values. Returns false if another writer was first.
pub(super) fn remove(conn: &mut AnyConn, row: &ProcedureRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || procedures::id.eq(row.id).and(procedures::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(procedures::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// The state by the rule of [`Course::state_on`], but for the expiry. A constant: no value of a request is in it.
const STATE: &str = "(CASE WHEN procedures.notified_on IS NOT NULL THEN 'notified' \
     WHEN procedures.decided_on IS NOT NULL THEN 'decided' \
     WHEN procedures.waiting_since IS NOT NULL THEN 'waiting' \
     WHEN procedures.complete_on IS NOT NULL THEN 'complete' \
     WHEN procedures.filed_on IS NOT NULL THEN 'filed' ELSE 'in_preparation' END)";

/// The procedures in scope, or of one case, that match the filter.
fn filtered<'a>(
    scope: &'a ServiceScope,
    case: Option<Id>,
    filter: &'a ProcedureFilter,
    days: &ServiceDays,
) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(case) = case {
        query = query.filter(procedures::case_id.eq(case));
    }
    if let Some(states) = &filter.state {
        let of_day = |(day, services): &(NaiveDate, Vec<Id>)| {
            procedures::service_id.among(services).and(procedures::expires_key.lt(*day))
        };
        let expired = || {
            let [first, second, third] = days;
            of_day(first).or(of_day(second)).or(of_day(third))
        };
        let lasting = not(expired()).and(sql::<Text>(STATE).among(states));
        query = if states.contains(&ProcedureState::Expired) {
            query.filter(expired().or(lasting))
        } else {
            query.filter(lasting)
        };
    }
    if let Some(kinds) = &filter.kind {
        query = query.filter(procedures::kind.among(kinds));
    }
    if let Some(status) = filter.case_status {
        let of = cases::table.filter(cases::id.eq(procedures::case_id).and(cases::status.eq(status)));
        query = query.filter(exists(of));
    }
    if let Some(organisation) = filter.organisation_id {
        query = query.filter(procedures::organisation_id.eq(organisation));
    }
    if let Some(from) = filter.expires_from {
        query = query.filter(procedures::expires_key.ge(from).and(procedures::expires_key.lt(NOTHING_PLANNED)));
    }
    if let Some(day) = filter.expires_before {
        query = query.filter(procedures::expires_key.le(day).and(procedures::expires_key.lt(NOTHING_PLANNED)));
    }
    if let Some(day) = filter.next_before {
        query = query.filter(procedures::next_key.le(day).and(procedures::next_key.lt(NOTHING_PLANNED)));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(procedures::updated_at.ge(since));
    }
    query
}

/// A page of procedures, of one case or of all, by default earliest next date first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Option<Id>,
    filter: &ProcedureFilter,
    days: &ServiceDays,
    page: &PageRequest,
) -> QueryResult<(Vec<ProcedureRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ProcedureSort::NextOn);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, case, filter, days), procedures as ProcedureRow, sort: ProcedureSort {
            NextOn | NextOnDesc => next_key as NaiveDate,
            ExpiresOn | ExpiresOnDesc => expires_key as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// The case of a procedure, as its rows show it.
#[derive(Debug, Queryable)]
pub(super) struct OfCase {
    pub(super) id: Id,
    pub(super) status: CaseStatus,
    pub(super) child: Option<Id>,
    pub(super) household: Option<Id>,
}

/// What several procedures name.
#[derive(Debug)]
pub(super) struct Related {
    pub(super) cases: HashMap<Id, OfCase>,
    /// The référents of the cases, with their names.
    pub(super) referents: HashMap<Id, (Id, String)>,
    /// The names of organisations that the caller sees.
    pub(super) organisations: HashMap<Id, String>,
    /// The children whose identity the caller sees.
    pub(super) children: Vec<ChildRow>,
    /// The keys of the households.
    pub(super) keys: Vec<WrappedKey>,
    pub(super) users: Vec<(Id, String)>,
    pub(super) clients: Vec<(Id, String)>,
}

/// What several procedures name, in one round trip. The caller has read them in its scope.
pub(super) fn related(
    conn: &mut AnyConn,
    viewer: &Viewer,
    rows: &[ProcedureRow],
    accounts: &Accounts,
) -> QueryResult<Related> {
    let services = viewer.scope.ids();
    let ids: Vec<Id> = rows.iter().map(|row| row.case_id).collect();
    let named: Vec<Id> = rows.iter().filter_map(|row| row.organisation_id).collect();
    let of_cases = || cases::table.filter(cases::id.among(&ids).and(cases::service_id.among(services)));
    let (found, referents, organisations, children, keys, users, clients) = together!(
        conn,
        of_cases().select((cases::id, cases::status, cases::child_id, cases::household_id)) => OfCase,
        case_members::table
            .inner_join(users::table)
            .filter(case_members::service_id.among(services).and(case_members::case_id.among(&ids)))
            .filter(case_members::capacity.eq(Capacity::Referent).and(case_members::ends_on.is_null()))
            .select((case_members::case_id, users::id, users::display_name))
            => (Id, Id, String),
        organisations::table
            .filter(organisations::id.among(&named).and(organisations::service_id.among(viewer.directory.ids())))
            .select((organisations::id, organisations::name))
            => (Id, String),
        children::table
            .filter(children::service_id.among(viewer.identities.ids()))
            .filter(children::id.nullable().eq_any(of_cases().select(cases::child_id)))
            .select(columns::<ChildRow>())
            => ChildRow,
        wrapped_keys!().filter(data_keys::holder_id.nullable().eq_any(of_cases().select(cases::household_id))) => WrappedKey,
        users::table.filter(users::id.among(&accounts.users)).select((users::id, users::display_name)) => (Id, String),
        clients::table.filter(clients::id.among(&accounts.clients)).select((clients::id, clients::name)) => (Id, String),
    )?;
    Ok(Related {
        cases: found.into_iter().map(|case| (case.id, case)).collect(),
        referents: referents.into_iter().map(|(case, user, name)| (case, (user, name))).collect(),
        organisations: organisations.into_iter().collect(),
        children,
        keys,
        users,
        clients,
    })
}
