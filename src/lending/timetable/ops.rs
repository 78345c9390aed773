//! The use case of the timetable.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};

use super::dto::{KitTimetable, KitTimetablePage, TimetableCopy, TimetableDays};
use super::store;
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Lang, Text};
use crate::http::page::List;
use crate::lending::copies::store::CopyRow;
use crate::lending::reservations::dto::Reservation;
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::reservations::ops::show;
use crate::lending::settings;
use crate::work::Work;

/// Maximum number of days.
const MAX_DAYS: i64 = 92;

/// Days after the first, by default: six weeks in all.
const DEFAULT_DAYS: u64 = 41;

/// A page of the timetable of a service in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    list: &List<TimetableDays>,
) -> Result<KitTimetablePage, ApiError> {
    if !scope.contains(service) {
        return Err(ApiError::not_found());
    }
    let day = settings::ops::today(work, service)?;
    let (from, to) = period(list.filter, day.today)?;
    let scope = ServiceScope::one(service);
    let (kits, page) = store::kits(work.conn, &scope, &list.page)?;
    let ids: Vec<Id> = kits.iter().map(|kit| kit.id).collect();
    let (copies, rows) = store::taken(work.conn, &ids, (from, to))?;
    let mut by_copy: HashMap<Id, Vec<Reservation>> = HashMap::new();
    // A proposal that was not accepted in time has ended, even if the job has not run yet.
    let stays = |one: &Reservation| one.status != ReservationStatus::Expired;
    for reservation in show(work, &scope, rows)?.into_iter().filter(stays) {
        if let Some(copy) = reservation.copy_id {
            by_copy.entry(copy).or_default().push(reservation);
        }
    }
    let mut by_kit: HashMap<Id, Vec<TimetableCopy>> = HashMap::new();
    for copy in copies {
        let reservations = by_copy.remove(&copy.id).unwrap_or_default();
        by_kit.entry(copy.kit_id).or_default().push(with(copy, reservations));
    }
    let closed_days: Vec<NaiveDate> =
        from.iter_days().take_while(|one| *one <= to).filter(|one| !day.rules.is_open(*one)).collect();
    let english = work.call.lang == Lang::En;
    let data = kits.into_iter().map(|kit| KitTimetable {
        kit_id: kit.id,
        kit_title: if english { kit.title_en.unwrap_or(kit.title_fr) } else { kit.title_fr },
        from,
        to,
        closed_days: closed_days.clone(),
        copies: by_kit.remove(&kit.id).unwrap_or_default(),
    });
    Ok(KitTimetablePage { data: data.collect(), page })
}

fn with(copy: CopyRow, reservations: Vec<Reservation>) -> TimetableCopy {
    TimetableCopy {
        copy_id: copy.id,
        copy_label: copy.label,
        home_site: copy.home_site,
        out_of_service_since: copy.out_of_service_since,
        reservations,
    }
}

/// The days of a timetable. The fault if it ends before it begins, or is too long.
fn period(asked: TimetableDays, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), ApiError> {
    let before = |to: NaiveDate| to.checked_sub_days(Days::new(DEFAULT_DAYS)).unwrap_or(to);
    let from = asked.from.unwrap_or_else(|| asked.to.map_or(today, before));
    let to = asked.to.unwrap_or_else(|| from.checked_add_days(Days::new(DEFAULT_DAYS)).unwrap_or(from));
    let too_long = || {
        let message = Text::new(
            format!("La période dépasse {MAX_DAYS} jours."),
            format!("The period is longer than {MAX_DAYS} days."),
        );
        ((to - from).num_days() >= MAX_DAYS).then(|| Fault::new("to", "period_too_long", message))
    };
    match dates::not_inverted("to", from, to).or_else(too_long) {
        Some(fault) => Err(ApiError::faults(Code::InvalidParameters, vec![fault])),
        None => Ok((from, to)),
    }
}
