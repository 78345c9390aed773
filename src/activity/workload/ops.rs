//! The use case of the load of a team.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::Days;

use super::dto::{ProfessionalLoad, ReferentLoad, UrgencyCount, Workload};
use super::store::{self, ByReferent};
use crate::accounts::names;
use crate::activity::model::RECOMMENDED_PER_FTE;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::ApiError;
use crate::referrals::model::Urgency;
use crate::services;
use crate::services::model::counted_fte_hundredths;
use crate::work::Work;

/// Days of work that are summed, today included. Choice: four weeks, so that a week of leave does not hide a load.
const WORKED_DAYS: u64 = 28;

/// The load of the team of a service of the scope, today.
pub fn workload(work: &mut Work<'_>, scope: &ServiceScope, service: Id) -> Result<Workload, ApiError> {
    let day = services::ops::settings(work, scope, service)?.date_of(work.now);
    let worked_from = day.checked_sub_days(Days::new(WORKED_DAYS - 1)).unwrap_or(day);
    let load = store::load(work.conn, &scope.within(Some(service)), day, worked_from)?;
    let fte = counted_fte_hundredths(&services::store::position_dates(work.conn, service)?, day, day);
    let shown = names::ops::are_shown(work);
    let names: HashMap<Id, String> = load.names.into_iter().filter(|_| shown).collect();
    let total = |rows: &ByReferent| rows.iter().map(|(_, number)| number).sum();
    let of = |rows: &ByReferent, referent: Option<Id>| {
        rows.iter().filter(|(of, _)| *of == referent).map(|(_, number)| number).sum()
    };
    let mut referents: Vec<ReferentLoad> = load
        .open
        .iter()
        .filter_map(|(referent, number)| Some((referent.as_ref().copied()?, *number)))
        .map(|(referent, open_cases)| ReferentLoad {
            referent_id: referent,
            referent_name: names.get(&referent).cloned(),
            open_cases,
            overdue: of(&load.overdue, Some(referent)),
            nothing_planned: of(&load.nothing_planned, Some(referent)),
        })
        .collect();
    referents.sort_by_key(|referent| (Reverse(referent.open_cases), referent.referent_id));
    let professional = |(user, acts, minutes, travel): store::PersonWork| ProfessionalLoad {
        user_id: user,
        user_name: names.get(&user).cloned(),
        acts,
        minutes: minutes.unwrap_or(0),
        travel_minutes: travel.unwrap_or(0),
    };
    let mut professionals: Vec<ProfessionalLoad> = load.by_person.into_iter().map(professional).collect();
    professionals.sort_by_key(|one| (Reverse(one.minutes), one.user_id));
    let (acts, minutes, travel) = load.worked;
    let waiting = Urgency::ALL.iter().rev().map(|urgency| UrgencyCount {
        urgency: *urgency,
        number: load.waiting.iter().filter(|(of, _)| of == urgency).map(|(_, number)| number).sum(),
    });
    Ok(Workload {
        service_id: service,
        day,
        read_at: work.now,
        counted_fte_hundredths: fte,
        recommended_per_fte_per_year: RECOMMENDED_PER_FTE,
        recommended_children: (fte > 0).then_some(fte * RECOMMENDED_PER_FTE / 100),
        accompanied_this_year: load.accompanied_this_year,
        open_cases: total(&load.open),
        open_children: load.open_children,
        overdue: total(&load.overdue),
        nothing_planned: total(&load.nothing_planned),
        without_referent: of(&load.open, None),
        referents,
        waiting: waiting.collect(),
        worked_from,
        acts,
        minutes: minutes.unwrap_or(0),
        travel_minutes: travel.unwrap_or(0),
        professionals,
    })
}
