//! The use case of the load of a team.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::dto::{ReferentLoad, UrgencyCount, Workload};
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

/// The load of the team of a service of the scope, today.
pub fn workload(work: &mut Work<'_>, scope: &ServiceScope, service: Id) -> Result<Workload, ApiError> {
    let day = services::ops::settings(work, scope, service)?.date_of(work.now);
    let load = store::load(work.conn, &scope.within(Some(service)), day)?;
    let fte = counted_fte_hundredths(&services::store::position_dates(work.conn, service)?, day, day);
    let shown = names::ops::are_shown(work);
    let mut names: HashMap<Id, String> = load.names.into_iter().filter(|_| shown).collect();
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
            referent_name: names.remove(&referent),
            open_cases,
            overdue: of(&load.overdue, Some(referent)),
            nothing_planned: of(&load.nothing_planned, Some(referent)),
        })
        .collect();
    referents.sort_by_key(|referent| (Reverse(referent.open_cases), referent.referent_id));
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
    })
}
