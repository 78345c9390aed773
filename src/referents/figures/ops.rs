//! The use case of the figures of the network.

use super::dto::{DepartureFigure, ReferentFigures, ReferentFiguresPeriod, StandingFigure};
use super::store::{self, Counted, STANDINGS};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::figures::FigureDefinition;
use crate::figures::Period;
use crate::indicators::model::{Shown, definitions};
use crate::services;
use crate::work::Work;

/// Version of the definitions. A change of what is counted is a new version.
const DEFINITION_VERSION: &str = "2026.1";

/// The figures that are indicators: the JSON pointer, the indicator, the split if it is one.
const SHOWN: &[Shown] = &[
    ("/at_start", "referents_at_start", None),
    ("/appointed", "referents_appointed", None),
    ("/left", "referents_left", None),
    ("/at_end", "referents_at_end", None),
    ("/turnover_percent", "referent_turnover", None),
];

/// The definitions of the other figures: the JSON pointer, then the French and English texts.
const OWN: &[(&str, &str, &str)] = &[(
    "/by_standing",
    "Personnes comptées dans /at_end, selon leur statut à la date /standing_on : certifiée = 3 jours de formation sur 3 et charte signée par les trois parties ; à jour = réunion de suivi et journée à thème suivies dans l'année, après l'année de certification ; en défaut = obligations de l'année précédente non remplies, et celles de l'année en cours non plus.",
    "Referents of /at_end by standing on /standing_on: certified = 3 of 3 days of training and the charter signed by all three parties; in order = follow-up meeting and themed day attended in the year, after the year of certification; lapsed = obligations of the previous year missed, and those of the current year not met.",
)];

/// Figures of the network of a service in scope over a period.
pub(super) fn figures(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    requested: &ReferentFiguresPeriod,
) -> Result<ReferentFigures, ApiError> {
    let period = Period::new(requested.from, requested.to)
        .map_err(|fault| ApiError::faults(Code::InvalidParameters, vec![fault]))?;
    let today = services::ops::settings(work, scope, service)?.date_of(work.now);
    let scope = &scope.within(Some(service));
    let standing_on = period.to.min(today);
    let Counted { at_start, at_end, by_standing, appointed, left } =
        store::counted(work.conn, scope, period, standing_on)?;
    let standing = |(standing, referents)| StandingFigure { standing, referents };
    let by_standing = STANDINGS.into_iter().zip(by_standing).map(standing).collect();
    let left_by_reason: Vec<DepartureFigure> = left
        .into_iter()
        .filter_map(|(reason, referents)| Some(DepartureFigure { reason: reason?, referents }))
        .collect();
    let left = left_by_reason.iter().map(|figure| figure.referents).sum();
    Ok(ReferentFigures {
        service_id: service,
        from: period.from,
        to: period.to,
        read_at: work.now,
        definition_version: DEFINITION_VERSION,
        at_start,
        appointed,
        left,
        at_end,
        turnover_percent: turnover_percent(left, at_start, at_end),
        standing_on,
        by_standing,
        left_by_reason,
        definitions: definitions(SHOWN)
            .into_iter()
            .chain(OWN.iter().map(|&(figure, fr, en)| FigureDefinition { figure, fr, en }))
            .collect(),
    })
}

/// Departures as a percentage of the average of two numbers, rounded to the nearest hundredth.
#[expect(clippy::cast_precision_loss, reason = "hundredths of a percent of a network are far below 2^52")]
fn turnover_percent(left: i64, at_start: i64, at_end: i64) -> Option<f64> {
    let sum = at_start + at_end;
    (sum > 0).then(|| ((left * 40_000 + sum) / (sum * 2)) as f64 / 100.0)
}

#[cfg(test)]
mod tests {
    use crate::referents::figures::ops::*;
    use proptest::prelude::*;

    #[test]
    fn turnover_is_a_percentage_of_the_average() {
        assert_eq!(turnover_percent(4, 18, 20), Some(21.05));
        assert_eq!((turnover_percent(1, 1, 1), turnover_percent(1, 1, 0)), (Some(100.0), Some(200.0)));
        assert_eq!((turnover_percent(0, 0, 0), turnover_percent(0, 5, 7)), (None, Some(0.0)));
    }

    proptest! {
        #[test]
        fn turnover_grows_with_departures(left in 0i64..100, start in 0i64..100, end in 1i64..100) {
            prop_assert!(turnover_percent(left, start, end) < turnover_percent(left + 1, start, end));
        }
    }
}
