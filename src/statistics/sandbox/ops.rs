//! Creates the sandbox, and publishes its releases when they are due.

use chrono::NaiveDate;

use super::service;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::Context;
use crate::lending;
use crate::lending::catalogue::dto::KitInput;
use crate::services;
use crate::services::dto::ServiceInput;
use crate::statistics::releases::worker::Worker;
use crate::statistics::releases::{self, due};
use crate::trail::Call;
use crate::work::Work;

/// Its département: real communes, which every front end can draw on a map.
const DEPARTEMENT: &str = "63";

/// Its kits.
const KITS: [&str; 3] = ["Malle d'exemple A", "Malle d'exemple B", "Malle d'exemple C"];

/// Creates the sandbox if it does not exist, and publishes every quarter of last year and of this year that is due.
pub fn update(context: &Context, worker: &Worker) -> Result<(), ApiError> {
    context.write_blocking(Call::of_service(service()), create)?;
    while let Some(build) = context.write_blocking(Call::of_service(service()), request_next)? {
        worker.run_queued(context)?;
        let published = context.write_blocking(Call::of_service(service()), move |work| {
            let row = releases::ops::find(work, &ServiceScope::one(service()), build)?;
            if !row.is_ready() {
                return Ok(false);
            }
            releases::ops::publish(work, &row).map(|_| true)
        })?;
        if !published {
            // Another instance is making it, or it is withheld. The next run tries again.
            return Ok(());
        }
    }
    Ok(())
}

/// Requests a build of the next quarter. Returns `None` if no quarter is due, if another build is in progress, or if an
/// earlier build of the quarter failed.
fn request_next(work: &mut Work<'_>) -> Result<Option<Id>, ApiError> {
    let Some((year, quarter)) = due::next(work, service())? else { return Ok(None) };
    if due::was_requested(work, service(), year, quarter)? {
        return releases::ops::left_ready(work, service(), year, quarter);
    }
    due::request(work, service(), year, quarter)
}

fn create(work: &mut Work<'_>) -> Result<(), ApiError> {
    match services::ops::find(work, &ServiceScope::one(service()), service()) {
        Ok(_) => return Ok(()),
        Err(error) if error.code == Code::NotFound => {}
        Err(error) => return Err(error),
    }
    let code = |_| ApiError::new(Code::Internal);
    let new = ServiceInput {
        name: "Bac à sable (données de synthèse)".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        departements: vec![DEPARTEMENT.parse().map_err(code)?],
        age_lower_birthday: 0,
        age_upper_birthday: 7,
        childcare_groups: std::iter::once("eaje".parse().map_err(|_| ApiError::new(Code::Internal))?).collect(),
        opened_on: NaiveDate::from_ymd_opt(2021, 1, 4).unwrap_or_default(),
        late_entry_days: 60,
        placement_review_months: services::model::FIRST_YEAR.into(),
    };
    services::ops::create_as(work, service(), &new)?;
    for title in KITS {
        let kit = KitInput {
            service_id: service(),
            title_fr: title.to_owned(),
            title_en: None,
            themes: std::iter::empty().collect(),
            audiences: std::iter::empty().collect(),
            description_fr: None,
            description_en: None,
            picture_url: None,
            loan_days: None,
        };
        lending::catalogue::ops::create(work, &ServiceScope::one(service()), &kit)?;
    }
    Ok(())
}
