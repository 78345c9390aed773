//! The use case of the figures of the network.

use super::dto::{DepartureFigure, ReferentFigures, ReferentFiguresPeriod, StandingFigure};
use super::store;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::figures::FigureDefinition;
use crate::figures::Period;
use crate::referents::model::Standing;
use crate::services;
use crate::work::Work;

/// Version of the definitions below. What is counted does not change under a version.
const DEFINITION_VERSION: &str = "2026.1";

/// What a figure counts: its JSON pointer in the answer, then French and English.
const DEFINITIONS: &[(&str, &str, &str)] = &[
    (
        "/at_start",
        "Référents nommés avant la période et pas encore partis la veille de son premier jour. Une saisie par erreur ne compte nulle part.",
        "Referents appointed before the period who had not left by the eve of its first day. What was entered by mistake counts nowhere.",
    ),
    (
        "/appointed",
        "Référents dont le premier jour dans le réseau est dans la période.",
        "Referents whose first day in the network is in the period.",
    ),
    (
        "/left",
        "Référents dont le dernier jour dans le réseau est dans la période, quel que soit leur statut.",
        "Referents whose last day in the network is in the period, wherever they stood.",
    ),
    (
        "/at_end",
        "Référents nommés jusqu'au dernier jour de la période et pas partis ce jour-là ni avant.",
        "Referents appointed by the last day of the period who did not leave on that day or before.",
    ),
    (
        "/turnover_percent",
        "Départs de la période pour cent référents, rapportés à la moyenne des nombres du début et de la fin ; null quand elle est nulle.",
        "Departures of the period per hundred referents, of the average of the numbers at its start and end; null when that is zero.",
    ),
    (
        "/by_standing",
        "Référents de /at_end selon leur statut le jour de /standing_on : certifié = 3 jours de formation sur 3 et charte signée par les trois ; à jour = réunion de suivi et journée à thème dans l'année, après celle de la certification ; en défaut = l'année précédente en demandait autant sans l'avoir, et celle-ci non plus.",
        "Referents of /at_end by where they stood on /standing_on: certified = 3 days of training of 3 and the charter signed by all three; in order = follow-up meeting and themed day in the year, after that of certification; lapsed = the year before asked for as much and did not get it, nor has this one.",
    ),
];

/// What became of the network of a service of the scope in a period.
pub(super) fn figures(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    asked: &ReferentFiguresPeriod,
) -> Result<ReferentFigures, ApiError> {
    let period =
        Period::new(asked.from, asked.to).map_err(|fault| ApiError::faults(Code::InvalidParameters, vec![fault]))?;
    let today = services::store::settings(work.conn, scope, service)?.date_of(work.now);
    let scope = &scope.within(Some(service));
    let at_start = match period.from.pred_opt() {
        Some(eve) => store::number_after(work.conn, scope, eve)?,
        None => 0,
    };
    let at_end = store::number_after(work.conn, scope, period.to)?;
    let standing_on = period.to.min(today);
    let mut by_standing = Vec::new();
    for standing in [Standing::InTraining, Standing::Certified, Standing::InOrder, Standing::Lapsed] {
        let referents = store::number_of(work.conn, scope, period.to, standing_on, standing)?;
        by_standing.push(StandingFigure { standing, referents });
    }
    let left_by_reason: Vec<DepartureFigure> = store::left(work.conn, scope, period)?
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
        appointed: store::appointed(work.conn, scope, period)?,
        left,
        at_end,
        turnover_percent: turnover_percent(left, at_start, at_end),
        standing_on,
        by_standing,
        left_by_reason,
        definitions: DEFINITIONS.iter().map(|&(figure, fr, en)| FigureDefinition { figure, fr, en }).collect(),
    })
}

/// Those who left per hundred of the average of two numbers, to two decimals, to the nearest.
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
    fn the_turnover_is_of_the_average() {
        assert_eq!(turnover_percent(4, 18, 20), Some(21.05));
        assert_eq!((turnover_percent(1, 1, 1), turnover_percent(1, 1, 0)), (Some(100.0), Some(200.0)));
        assert_eq!((turnover_percent(0, 0, 0), turnover_percent(0, 5, 7)), (None, Some(0.0)));
    }

    proptest! {
        #[test]
        fn it_grows_with_who_leaves(left in 0i64..100, start in 0i64..100, end in 1i64..100) {
            prop_assert!(turnover_percent(left, start, end) < turnover_percent(left + 1, start, end));
        }
    }
}
