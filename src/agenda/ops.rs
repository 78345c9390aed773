//! Reading the agenda: the ranges of each kind, merged, and what the entries of the page name.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dto::{AgendaFilter, AgendaKind, AgendaPage, AgendaScope};
use super::entries::{self, Draft};
use super::model::{birthday, last_announced, period, whose_fault};
use super::related;
use super::store::{self, CaseColumns, Days, Key, Rows, Scopes, Whose};
use crate::auth::{Permission, Principal, PrincipalId, ServiceScope};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::households::births::ops::births_in;
use crate::http::page::List;
use crate::services;
use crate::services::model::Settings;
use crate::work::Work;

/// The access of a caller to each kind of entry, and to the identities of children.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The caller, if it is a user.
    pub(super) user: Option<Id>,
    /// The services whose cases and appointments the caller reads.
    pub(super) cases: ServiceScope,
    pub(super) actions: ServiceScope,
    pub(super) loans: ServiceScope,
    pub(super) conventions: ServiceScope,
    pub(super) identities: ServiceScope,
}

impl Viewer {
    /// The access of a caller, within the services of a permission of the request.
    pub fn of(principal: &Principal, scope: &ServiceScope) -> Self {
        let with = |permission| {
            let held = principal.services_with(permission).into_iter();
            ServiceScope::Only(held.filter(|service| scope.ids().contains(service)).collect())
        };
        Self {
            user: match principal.id {
                PrincipalId::User(user) => Some(user),
                PrincipalId::Client(_) | PrincipalId::Local => None,
            },
            cases: scope.clone(),
            actions: with(Permission::ActionsRead),
            loans: with(Permission::ReservationsRead),
            conventions: with(Permission::ConventionsRead),
            identities: with(Permission::HouseholdsRead),
        }
    }

    /// What is read for a filter.
    pub(super) fn scopes(&self, filter: &AgendaFilter) -> Scopes {
        let mine = filter.scope == Some(AgendaScope::Mine);
        let whose = match (filter.professional_id, self.user.filter(|_| mine)) {
            (Some(person), _) => Whose::Theirs(person),
            (None, Some(user)) => Whose::Mine(user),
            (None, None) => Whose::Everybody,
        };
        let of_one = mine || filter.professional_id.is_some();
        let of = |kind: AgendaKind, scope: &ServiceScope| {
            let asked = filter.kind.as_ref().is_none_or(|kinds| kinds.contains(&kind));
            let shared = !of_one || MINE.contains(&kind);
            if asked && shared { scope.within(filter.service_id) } else { ServiceScope::Only(Vec::new()) }
        };
        // A client takes part in no appointment and is in no team.
        let cases = if mine && self.user.is_none() { ServiceScope::Only(Vec::new()) } else { self.cases.clone() };
        Scopes {
            appointments: of(AgendaKind::Appointment, &cases),
            whose,
            follow_ups: of(AgendaKind::FollowUp, &cases),
            procedures: of(AgendaKind::Procedure, &cases),
            expiries: of(AgendaKind::ProcedureExpiry, &cases),
            resumptions: of(AgendaKind::Resumption, &cases),
            starts: of(AgendaKind::PlacementStart, &cases),
            reviews: of(AgendaKind::PlacementReview, &cases),
            actions: of(AgendaKind::Action, &self.actions),
            loans: of(AgendaKind::KitReturn, &self.loans),
            children: of(AgendaKind::AgeLimit, &self.identities),
            conventions: of(AgendaKind::ConventionEnd, &self.conventions),
            absences: of(AgendaKind::Absence, &cases),
        }
    }
}

/// The kinds that are somebody's own.
const MINE: [AgendaKind; 8] = [
    AgendaKind::Appointment,
    AgendaKind::FollowUp,
    AgendaKind::Resumption,
    AgendaKind::Procedure,
    AgendaKind::ProcedureExpiry,
    AgendaKind::PlacementStart,
    AgendaKind::PlacementReview,
    AgendaKind::Absence,
];

/// A page of the agenda.
pub fn list(work: &mut Work<'_>, viewer: &Viewer, list: &List<AgendaFilter>) -> Result<AgendaPage, ApiError> {
    let scope = viewer.cases.within(list.filter.service_id);
    let settings = services::ops::settings_of(work, &scope, scope.ids())?;
    let todays: Vec<NaiveDate> = settings.values().map(|one| one.date_of(work.now)).collect();
    let utc = work.now.to_utc().date_naive();
    let (earliest, latest) = (todays.iter().min().copied().unwrap_or(utc), todays.iter().max().copied().unwrap_or(utc));
    let (from, to) = period(list.filter.from, list.filter.to, earliest)
        .map_err(|fault| ApiError::faults(Code::InvalidParameters, vec![fault]))?;
    let mine = list.filter.scope == Some(AgendaScope::Mine);
    if let Some(fault) = whose_fault(mine, list.filter.professional_id.is_some()) {
        return Err(ApiError::faults(Code::InvalidParameters, vec![fault]));
    }
    let days = Days { from, to, overdue: from <= latest && earliest <= to };
    let scopes = viewer.scopes(&list.filter);
    let after = list.page.after::<Key>();
    let rows = store::rows(work.conn, &scopes, &days, after.as_ref(), list.page.fetch())?;
    let birthdays = birthdays(work, &scopes, &settings, &rows.children)?;
    let number = i64::try_from(birthdays.len()).unwrap_or(i64::MAX);
    let mut drafts = drafts(work, &settings, rows);
    let beyond = |draft: &Draft| after.as_ref().is_none_or(|after| draft.key() > *after);
    drafts.extend(birthdays.into_iter().filter(beyond));
    drafts.sort_by_key(Draft::key);
    drafts.truncate(usize::try_from(list.page.fetch()).unwrap_or(usize::MAX));
    let (drafts, info) = list.page.cut(drafts, Draft::key);
    let page = list.page.counted(info, || store::count(work.conn, &scopes, &days).map(|count| count + number))?;
    let data = related::complete(work, drafts, &viewer.identities)?;
    Ok(AgendaPage { data, page })
}

/// The children who reach the upper age within six months, or have reached it.
fn birthdays(
    work: &mut Work<'_>,
    scopes: &Scopes,
    settings: &HashMap<Id, Settings>,
    cases: &[CaseColumns],
) -> Result<Vec<Draft>, ApiError> {
    let children: Vec<Id> = cases.iter().filter_map(|case| case.3).collect();
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let births = births_in(work, &scopes.children, &children)?;
    let (now, lang) = (work.now, work.call.lang);
    let of = |case: &CaseColumns| {
        let settings = settings.get(&case.1)?;
        let today = settings.date_of(now);
        let on = birthday(*births.get(&case.3?)?, settings.age_upper_birthday)?;
        (on <= last_announced(today)).then(|| entries::age_limit(case, on, settings, today, lang))?
    };
    Ok(cases.iter().filter_map(of).collect())
}

/// The entries of the rows, without what they name.
fn drafts(work: &Work<'_>, settings: &HashMap<Id, Settings>, rows: Rows) -> Vec<Draft> {
    let lang = work.call.lang;
    let days: HashMap<Id, NaiveDate> =
        settings.iter().map(|(service, one)| (*service, one.date_of(work.now))).collect();
    let past = |service: &Id, on: NaiveDate| days.get(service).is_some_and(|today| on < *today);
    let mut drafts = Vec::new();
    drafts.extend(rows.appointments.into_iter().map(|row| {
        let late = past(&row.1, row.2);
        entries::appointment(row, late, lang)
    }));
    drafts.extend(rows.follow_ups.iter().filter_map(|row| {
        let late = past(&row.1, row.2?);
        entries::follow_up(row, late, lang)
    }));
    drafts.extend(rows.starts.into_iter().map(|row| {
        let late = past(&row.1, row.2);
        entries::placement_start(row, late, lang)
    }));
    drafts.extend(rows.reviews.into_iter().map(|row| {
        let late = past(&row.1, row.2);
        entries::placement_review(row, late, lang)
    }));
    drafts.extend(rows.actions.into_iter().map(|row| {
        let late = past(&row.1, row.2);
        entries::action(row, late)
    }));
    drafts.extend(rows.loans.into_iter().map(|row| {
        let late = past(&row.1, row.2);
        entries::kit_return(row, late)
    }));
    drafts.extend(rows.resumptions.iter().filter_map(|row| {
        let late = past(&row.1, row.2?);
        entries::resumption(row, late, lang)
    }));
    drafts.extend(rows.procedures.iter().filter_map(|row| {
        let late = past(&row.1, row.2?);
        entries::procedure(row, late, lang)
    }));
    drafts.extend(rows.expiries.iter().filter_map(|row| entries::procedure_expiry(row, lang)));
    drafts.extend(rows.absences.iter().map(|row| entries::absence(row, lang)));
    drafts.extend(rows.conventions.into_iter().map(|row| entries::convention_end(row, lang)));
    drafts
}
