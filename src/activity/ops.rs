//! The use case of activity: builds the figures from rows of aggregates.

use std::collections::BTreeMap;

use super::dto::{
    Accompanied, ActiveFile, Activity, ActivityPeriod, AppointmentFigures, AppointmentStatusCount, Attendances,
    InterventionFigures, ModeFigures, OriginCount, OriginGroupCount, PlacementFigures, ReasonCount, ReferralFigures,
    ReferralStatusCount, TypeFigures,
};
use super::model;
use super::store::{self, AccompaniedRow, Counted, InterventionsRow, ReferralsRow};
use crate::appointments::model::AppointmentStatus;
use crate::auth::ServiceScope;
use crate::cases::model::Subject;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::figures::Period;
use crate::indicators::model::definitions;
use crate::nomenclatures::{self, lists};
use crate::referrals::model::ReferralStatus;
use crate::services;
use crate::services::model::counted_fte_hundredths;
use crate::work::Work;

/// The activity of a service of the scope in a period.
pub fn activity(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    requested: &ActivityPeriod,
) -> Result<Activity, ApiError> {
    let period = Period::new(requested.from, requested.to)
        .map_err(|fault| ApiError::faults(Code::InvalidParameters, vec![fault]))?;
    let today = services::ops::settings(work, scope, service)?.date_of(work.now);
    let scope = &scope.within(Some(service));
    // A case that is open today is not known to be open tomorrow: only the past days of the period count.
    let past = Period { to: period.to.min(today), ..period };
    let counted = if past.is_empty() { Counted::default() } else { store::counted(work.conn, scope, past)? };
    let accompanied = accompanied(&counted.accompanied);
    let referrals = referrals(counted.referrals);
    let mut interventions = interventions(counted.interventions);
    interventions.participants =
        counted.participants.into_iter().map(|(kind, sum)| Attendances { kind, number: sum.unwrap_or(0) }).collect();
    let (started, placed_children) = counted.placements;
    let positions = services::store::position_dates(work.conn, service)?;
    let fte = counted_fte_hundredths(&positions, past.from, past.to);
    let children = accompanied.children;
    Ok(Activity {
        service_id: service,
        from: period.from,
        to: period.to,
        read_at: work.now,
        definition_version: model::DEFINITION_VERSION,
        accompanied,
        referrals,
        interventions,
        appointments: appointments(&counted.appointments),
        placements: PlacementFigures { started, children: placed_children },
        active_file: ActiveFile {
            children,
            counted_fte_hundredths: fte,
            children_per_fte: model::children_per_fte_hundredths(children, fte).map(decimal),
            recommended_per_fte_per_year: model::RECOMMENDED_PER_FTE,
            reached: model::reached(children, fte, period, today),
        },
        definitions: definitions(model::SHOWN),
    })
}

/// Hundredths as a number with two decimals.
fn decimal(hundredths: i64) -> f64 {
    f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0
}

fn accompanied(rows: &[AccompaniedRow]) -> Accompanied {
    let mut figures = Accompanied::default();
    for row in rows {
        match row.subject {
            // The case of a child can refer to a structure, but that structure is not the one accompanied.
            Subject::Child => (figures.children, figures.households) = (row.children, row.households),
            Subject::Structure => figures.structures = row.structures,
        }
    }
    figures
}

/// The states that are counted: what is annulled counts nowhere.
fn counted_states() -> impl Iterator<Item = ReferralStatus> {
    ReferralStatus::ALL.iter().copied().filter(|status| *status != ReferralStatus::Annulled)
}

fn referrals(rows: Vec<ReferralsRow>) -> ReferralFigures {
    let (mut origins, mut groups) = (BTreeMap::new(), BTreeMap::new());
    let mut states: BTreeMap<ReferralStatus, i64> = counted_states().map(|status| (status, 0)).collect();
    let mut reasons = BTreeMap::new();
    let mut received = 0;
    for row in rows {
        // A code that a later version of the list withdraws is still counted, in the group `other`.
        let group = nomenclatures::group_of(lists::REFERRAL_ORIGIN, row.origin.as_str()).unwrap_or("other");
        received += row.number;
        *origins.entry((row.origin, group)).or_insert(0) += row.number;
        *groups.entry(group).or_insert(0) += row.number;
        if row.status == ReferralStatus::Declined
            && let Some(reason) = row.reason
        {
            *reasons.entry(reason).or_insert(0) += row.number;
        }
        *states.entry(row.status).or_insert(0) += row.number;
    }
    ReferralFigures {
        received,
        by_origin: origins.into_iter().map(|((origin, group), number)| OriginCount { origin, group, number }).collect(),
        by_origin_group: groups.into_iter().map(|(group, number)| OriginGroupCount { group, number }).collect(),
        by_status: states.into_iter().map(|(status, number)| ReferralStatusCount { status, number }).collect(),
        by_decline_reason: reasons.into_iter().map(|(reason, number)| ReasonCount { reason, number }).collect(),
    }
}

fn interventions(rows: Vec<InterventionsRow>) -> InterventionFigures {
    let mut figures = InterventionFigures::default();
    let listed = nomenclatures::list(lists::INTERVENTION_MODE).map(nomenclatures::CodeList::codes).unwrap_or_default();
    let mut modes: BTreeMap<_, _> =
        listed.iter().filter_map(|mode| mode.code.parse().ok()).map(|mode| (mode, (0, 0, 0))).collect();
    let mut types = BTreeMap::new();
    for row in rows {
        let (minutes, travel) = (row.minutes.unwrap_or(0), row.travel_minutes.unwrap_or(0));
        let add = |sum: &mut (i64, i64, i64)| *sum = (sum.0 + row.number, sum.1 + minutes, sum.2 + travel);
        add(modes.entry(row.mode).or_default());
        add(types.entry(row.kind).or_default());
        figures.number += row.number;
        figures.minutes += minutes;
        figures.travel_minutes += travel;
    }
    let mode = |(mode, (number, minutes, travel_minutes))| ModeFigures { mode, number, minutes, travel_minutes };
    let kind = |(kind, (number, minutes, travel_minutes))| TypeFigures { kind, number, minutes, travel_minutes };
    figures.by_mode = modes.into_iter().map(mode).collect();
    figures.by_type = types.into_iter().map(kind).collect();
    figures
}

fn appointments(rows: &[(AppointmentStatus, Option<bool>, i64)]) -> AppointmentFigures {
    let sum = |of: &dyn Fn(AppointmentStatus, Option<bool>) -> bool| {
        rows.iter().filter(|(status, excused, _)| of(*status, *excused)).map(|(.., number)| number).sum::<i64>()
    };
    let in_state = |status: &AppointmentStatus| AppointmentStatusCount {
        status: *status,
        number: sum(&|other, _| other == *status),
    };
    AppointmentFigures {
        number: sum(&|_, _| true),
        by_status: AppointmentStatus::ALL.iter().map(in_state).collect(),
        missed_without_excuse: sum(&|_, excused| excused == Some(false)),
    }
}

#[cfg(test)]
mod tests {
    use crate::activity::ops::*;

    fn work(kind: &str, mode: &str, number: i64, minutes: i64) -> InterventionsRow {
        InterventionsRow {
            kind: kind.parse().unwrap(),
            mode: mode.parse().unwrap(),
            number,
            minutes: Some(minutes),
            travel_minutes: Some(10),
        }
    }

    #[test]
    fn every_mode_is_listed_and_the_modes_add_up() {
        let figures = interventions(vec![
            work("phone_contact", "individual", 2, 30),
            work("phone_contact", "indirect", 1, 20),
            work("partner_contact", "indirect", 1, 15),
        ]);
        let modes: Vec<_> = figures.by_mode.iter().map(|row| (row.mode.as_str(), row.number, row.minutes)).collect();
        assert_eq!(modes, [("collective", 0, 0), ("indirect", 2, 35), ("individual", 2, 30)]);
        let types: Vec<_> = figures.by_type.iter().map(|row| (row.kind.as_str(), row.number)).collect();
        assert_eq!(types, [("partner_contact", 1), ("phone_contact", 3)]);
        assert_eq!((figures.number, figures.minutes, figures.travel_minutes), (4, 65, 30));
    }

    #[test]
    fn a_reason_counts_only_while_the_referral_is_declined() {
        let row = |origin: &str, status: ReferralStatus, reason: Option<&str>, number| ReferralsRow {
            origin: origin.parse().unwrap(),
            status,
            reason: reason.map(|reason| reason.parse().unwrap()),
            number,
        };
        let figures = referrals(vec![
            row("pmi", ReferralStatus::Declined, Some("capacity"), 2),
            row("hospital", ReferralStatus::Accepted, Some("within_scope"), 3),
            row("pmi", ReferralStatus::Received, None, 1),
        ]);
        assert_eq!(figures.received, 6);
        assert_eq!(
            figures.by_origin_group.iter().map(|row| (row.group, row.number)).collect::<Vec<_>>(),
            [("health", 6)]
        );
        assert_eq!(figures.by_decline_reason.len(), 1);
        assert_eq!(figures.by_decline_reason[0].number, 2);
        assert_eq!(figures.by_origin.iter().map(|row| row.number).sum::<i64>(), figures.received);
        assert_eq!(figures.by_status.iter().map(|row| row.number).sum::<i64>(), figures.received);
    }

    #[test]
    fn the_structure_of_a_child_s_case_is_not_accompanied() {
        let rows = [
            AccompaniedRow { subject: Subject::Child, children: 3, households: 2, structures: 3 },
            AccompaniedRow { subject: Subject::Structure, children: 0, households: 0, structures: 1 },
        ];
        let figures = accompanied(&rows);
        assert_eq!((figures.children, figures.households, figures.structures), (3, 2, 1));
        assert_eq!(accompanied(&[]).children, 0);
    }

    #[test]
    fn every_definition_points_to_a_figure() {
        let response = serde_json::json!({
            "accompanied": Accompanied::default(),
            "referrals": ReferralFigures::default(),
            "interventions": InterventionFigures::default(),
            "appointments": AppointmentFigures::default(),
            "placements": PlacementFigures { started: 0, children: 0 },
            "active_file": ActiveFile {
                children: 0,
                counted_fte_hundredths: 0,
                children_per_fte: None,
                recommended_per_fte_per_year: 30,
                reached: None,
            },
        });
        for (figure, ..) in model::SHOWN {
            assert!(response.pointer(figure).is_some(), "{figure}");
        }
    }
}
