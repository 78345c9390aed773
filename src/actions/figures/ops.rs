//! The use case of the figures of the collective actions.

use std::collections::BTreeMap;

use super::dto::{
    ActionCancellationFigure, ActionCommuneFigure, ActionFigures, ActionFiguresPeriod, ActionKindFigure,
    ActionParticipantFigure, ComplementaryServiceFigure,
};
use super::store::{self, Counted};
use crate::actions::model::reserved_for;
use crate::actions::ops::hundredths;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::figures::Period;
use crate::indicators::model::types::IndicatorDimension as By;
use crate::indicators::model::{Shown, definitions};
use crate::nomenclatures::codes::{CollectiveActionType, ComplementaryService};
use crate::nomenclatures::{self, lists};
use crate::services;
use crate::work::Work;

/// Version of the definitions: the latest of the versions of the indicators that are shown.
const DEFINITION_VERSION: &str = "2026.1";

/// The figures whose definitions are shown: the JSON pointer, the indicator, the split if it is one.
const SHOWN: &[Shown] = &[
    ("/held", "actions_held", None),
    ("/participants", "action_participants", None),
    ("/duration_minutes", "action_minutes", None),
    ("/preparation_minutes", "action_preparation_minutes", None),
    ("/travel_minutes", "action_travel_minutes", None),
    ("/by_commune", "actions_held", Some(By::Commune)),
    ("/by_complementary_service", "actions_held", Some(By::ComplementaryService)),
    ("/cancelled", "actions_cancelled", None),
    ("/attendance_rate", "action_attendance_rate", None),
];

/// The sums over the actions held of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    held: i64,
    participants: i64,
    duration: i64,
    preparation: i64,
    travel: i64,
}

impl Sums {
    fn plus(self, other: &Self) -> Self {
        Self {
            held: self.held + other.held,
            participants: self.participants + other.participants,
            duration: self.duration + other.duration,
            preparation: self.preparation + other.preparation,
            travel: self.travel + other.travel,
        }
    }
}

/// The figures of the collective actions of a service of the scope in a period.
pub fn figures(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    requested: &ActionFiguresPeriod,
) -> Result<ActionFigures, ApiError> {
    let period = Period::new(requested.from, requested.to)
        .map_err(|fault| ApiError::faults(Code::InvalidParameters, vec![fault]))?;
    services::ops::find(work, scope, service)?;
    let scope = &scope.within(Some(service));
    let Counted { held, participants: counted, mut cancelled, attendance } = store::counted(work.conn, scope, period)?;
    let (mut kinds, mut communes) = (BTreeMap::<CollectiveActionType, Sums>::new(), BTreeMap::new());
    for row in held {
        *communes.entry(row.commune_code).or_insert(0) += row.held;
        let sums = Sums {
            held: row.held,
            participants: 0,
            duration: row.duration_minutes.unwrap_or_default(),
            preparation: row.preparation_minutes.unwrap_or_default(),
            travel: row.travel_minutes.unwrap_or_default(),
        };
        let kind = kinds.entry(row.kind).or_default();
        *kind = kind.plus(&sums);
    }
    let mut participants = BTreeMap::new();
    for (kind, participant, number) in counted {
        let number = number.unwrap_or_default();
        kinds.entry(kind).or_default().participants += number;
        *participants.entry(participant).or_insert(0) += number;
    }
    cancelled.sort();
    let (recorded, attended) = (attendance.0.unwrap_or_default(), attendance.1.unwrap_or_default());
    let all = kinds.values().fold(Sums::default(), Sums::plus);
    Ok(ActionFigures {
        service_id: service,
        from: period.from,
        to: period.to,
        read_at: work.now,
        definition_version: DEFINITION_VERSION,
        held: all.held,
        participants: all.participants,
        duration_minutes: all.duration,
        preparation_minutes: all.preparation,
        travel_minutes: all.travel,
        by_complementary_service: by_complementary_service(&kinds),
        by_kind: kinds.into_iter().map(|(kind, sums)| kind_figure(kind, sums)).collect(),
        by_commune: communes
            .into_iter()
            .map(|(commune_code, held)| ActionCommuneFigure { commune_name: commune_code.name(), commune_code, held })
            .collect(),
        by_participant_type: participants
            .into_iter()
            .map(|(participant_type, number)| ActionParticipantFigure { participant_type, number })
            .collect(),
        cancelled: cancelled.iter().map(|(_, number)| number).sum(),
        by_cancellation_reason: cancelled
            .into_iter()
            .filter_map(|(reason, number)| Some(ActionCancellationFigure { reason: reason?, number }))
            .collect(),
        noted_seats: recorded,
        attended_seats: attended,
        attendance_rate: rate_hundredths(attended, recorded).map(hundredths),
        definitions: definitions(SHOWN),
    })
}

fn kind_figure(kind: CollectiveActionType, sums: Sums) -> ActionKindFigure {
    ActionKindFigure {
        kind,
        held: sums.held,
        participants: sums.participants,
        duration_minutes: sums.duration,
        preparation_minutes: sums.preparation,
        travel_minutes: sums.travel,
    }
}

/// The sums of each complementary service, in the order of its list.
fn by_complementary_service(kinds: &BTreeMap<CollectiveActionType, Sums>) -> Vec<ComplementaryServiceFigure> {
    let codes =
        nomenclatures::list(lists::COMPLEMENTARY_SERVICE).map(nomenclatures::CodeList::codes).unwrap_or_default();
    let services = codes.iter().filter_map(|code| code.code.parse::<ComplementaryService>().ok());
    let figure = |complementary_service: ComplementaryService| {
        let of = kinds.iter().filter(|(kind, _)| reserved_for(kind).as_ref() == Some(&complementary_service));
        let sums = of.map(|(_, sums)| sums).fold(Sums::default(), Sums::plus);
        ComplementaryServiceFigure {
            complementary_service,
            held: sums.held,
            participants: sums.participants,
            duration_minutes: sums.duration,
            preparation_minutes: sums.preparation,
            travel_minutes: sums.travel,
        }
    };
    services.map(figure).collect()
}

/// A rate in hundredths, rounded to the nearest; `None` if the whole is zero.
fn rate_hundredths(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 200 + whole) / (whole * 2))
}

#[cfg(test)]
mod tests {
    use crate::actions::figures::ops::*;

    #[test]
    fn a_rate_without_a_whole_is_unknown_and_not_zero() {
        assert_eq!(rate_hundredths(0, 0), None);
        assert_eq!(rate_hundredths(0, 3), Some(0));
        assert_eq!(rate_hundredths(2, 3), Some(67));
        assert_eq!(rate_hundredths(3, 3), Some(100));
    }

    #[test]
    fn every_complementary_service_has_a_figure_that_sums_its_own_kinds() {
        let sums = |held| Sums { held, participants: 10 * held, ..Sums::default() };
        let kinds = BTreeMap::from([
            ("pedagogical_day".parse().unwrap(), sums(2)),
            ("referent_themed_day".parse().unwrap(), sums(1)),
            ("referent_training_day".parse().unwrap(), sums(3)),
            ("parent_cafe".parse().unwrap(), sums(7)),
        ]);
        let figures = by_complementary_service(&kinds);
        let held: Vec<(&str, i64, i64)> =
            figures.iter().map(|one| (one.complementary_service.as_str(), one.held, one.participants)).collect();
        assert_eq!(
            held,
            [("childminder_awareness", 0, 0), ("pedagogical_days", 2, 20), ("referent_network_training", 4, 40)]
        );
    }
}
