//! Indicators of interventions and appointments.

use super::{COUNT, FACT, FIRST, FORMER, LATEST, NO_PERSON, PERCENT, about_persons, explained, of_service};
use crate::indicators::model::types::{
    Facts, Indicator, IndicatorClass, IndicatorDimension as By, IndicatorDirection, IndicatorSource, IndicatorSubject,
    IndicatorValueType, Measure, Said, Split, said,
};

const HELD_ON: Said = said("Jour de l'intervention.", "Day of the intervention.");

const BY_WORK: &[Split] = &[of_service(By::InterventionMode), of_service(By::InterventionType)];

const PLANNED_ON: Said = said(
    "Jour du rendez-vous, jusqu'au jour de la consultation.",
    "Day of the appointment, up to the day on which the figures are read.",
);

const INTERVENTIONS: Indicator = Indicator {
    code: "interventions_held",
    version: "2026.4",
    subject: IndicatorSubject::Interventions,
    class: IndicatorClass::ServiceFact,
    class_reason: NO_PERSON,
    name: said("Interventions", "Interventions"),
    formula: said(
        "Interventions tenues dans la période, pour des enfants, pour des structures ou hors suivi : individuelles, collectives et indirectes. Une intervention qui concerne plusieurs suivis compte une fois.",
        "Interventions held in the period, for children, for structures or about no case: individual, collective and indirect. One about several cases counts once.",
    ),
    decided_by: HELD_ON,
    unit: said("interventions", "interventions"),
    splits: BY_WORK,
    source: IndicatorSource::Cnaf,
    valid_from: LATEST,
    measure: Some(Measure::Sum(Facts::Interventions)),
    ..COUNT
};

const APPOINTMENTS: Indicator = Indicator {
    code: "appointments",
    version: "2026.3",
    subject: IndicatorSubject::Appointments,
    name: said("Rendez-vous", "Appointments"),
    formula: said(
        "Rendez-vous dont le jour est dans la période, jusqu'au jour de la consultation, quelle que soit la suite. Comptés à part des interventions : un rendez-vous tenu compte aussi comme les interventions qu'il est devenu.",
        "Appointments whose day is in the period, up to the day on which the figures are read, whatever became of them. Counted apart from interventions: one that was held also counts as the interventions that it became.",
    ),
    decided_by: PLANNED_ON,
    unit: said("rendez-vous", "appointments"),
    splits: &[explained(
        of_service(By::AppointmentStatus),
        "Ces rendez-vous selon leur état au moment de la consultation. Un rendez-vous passé qui reste « prévu » ou « confirmé » est sans suite indiquée.",
        "These appointments by their state when the figures are read. Nobody has said what became of a past one that is still planned or confirmed.",
    )],
    source: IndicatorSource::Cnaf,
    valid_from: LATEST,
    measure: Some(Measure::Sum(Facts::Appointments)),
    ..FACT
};

pub(in crate::indicators::model) const ENTRIES: &[Indicator] = &[
    INTERVENTIONS,
    Indicator {
        version: "2026.1",
        formula: said(
            "Interventions tenues dans la période, pour des enfants ou des structures : individuelles, collectives et indirectes.",
            "Interventions held in the period, for children and for structures: individual, collective and indirect.",
        ),
        valid_from: FIRST,
        valid_until: Some(FORMER),
        measure: None,
        ..INTERVENTIONS
    },
    Indicator {
        code: "intervention_minutes",
        version: "2026.1",
        name: said("Durée des interventions", "Duration of the interventions"),
        formula: said(
            "Durée totale de ces interventions en minutes, hors trajets.",
            "Total duration of these interventions in minutes, without travel.",
        ),
        unit: said("minutes", "minutes"),
        value_type: IndicatorValueType::Minutes,
        valid_from: FIRST,
        measure: Some(Measure::Sum(Facts::InterventionMinutes)),
        ..INTERVENTIONS
    },
    Indicator {
        code: "intervention_travel_minutes",
        version: "2026.1",
        name: said("Trajets des interventions", "Travel of the interventions"),
        formula: said(
            "Temps de trajet aller et retour de ces interventions en minutes.",
            "Travel time of these interventions in minutes, both ways.",
        ),
        unit: said("minutes", "minutes"),
        value_type: IndicatorValueType::Minutes,
        source: IndicatorSource::Ars,
        valid_from: FIRST,
        measure: Some(Measure::Sum(Facts::TravelMinutes)),
        ..INTERVENTIONS
    },
    Indicator {
        code: "indirect_work_share",
        subject: IndicatorSubject::Interventions,
        class: IndicatorClass::ServiceFact,
        class_reason: NO_PERSON,
        name: said("Part du travail indirect", "Share of indirect work"),
        formula: said(
            "Durée des interventions indirectes, en pourcentage de la durée de toutes les interventions de la période, hors trajets. Inconnu (null) sans intervention.",
            "Duration of indirect interventions, as a percentage of the duration of all interventions of the period, without travel. Unknown (null) without interventions.",
        ),
        decided_by: HELD_ON,
        numerator: Some(said("Minutes de travail indirect", "Minutes of indirect work")),
        denominator: Some(said("Minutes d'intervention", "Minutes of interventions")),
        source: IndicatorSource::Ars,
        measure: Some(Measure::Share(Facts::IndirectMinutes)),
        ..PERCENT
    },
    Indicator {
        code: "intervention_attendances",
        version: "2026.1",
        name: said("Présences aux interventions", "Attendances at interventions"),
        formula: said(
            "Présences à ces interventions par type de participants : une personne vue deux fois compte deux fois.",
            "Attendances at these interventions by type of participant: a person met twice counts twice.",
        ),
        unit: said("présences", "attendances"),
        class: IndicatorClass::Breakdown,
        class_reason: said(
            "Des parents et des enfants sont parmi ces personnes.",
            "Parents and children are among these people.",
        ),
        splits: &[about_persons(By::ParticipantType)],
        source: IndicatorSource::Choice,
        valid_from: FIRST,
        measure: Some(Measure::Sum(Facts::Attendances)),
        ..INTERVENTIONS
    },
    APPOINTMENTS,
    Indicator {
        code: "appointments_missed_without_notice",
        name: said("Rendez-vous manqués sans prévenir", "Appointments missed without notice"),
        formula: said(
            "Rendez-vous manqués sans que la famille ou le partenaire ait prévenu.",
            "Missed appointments of which the family or the partner had not given notice.",
        ),
        direction: IndicatorDirection::Less,
        splits: &[],
        source: IndicatorSource::Choice,
        measure: Some(Measure::Sum(Facts::MissedWithoutNotice)),
        ..APPOINTMENTS
    },
    Indicator {
        code: "appointment_absence_rate",
        subject: IndicatorSubject::Appointments,
        class: IndicatorClass::ServiceFact,
        class_reason: NO_PERSON,
        name: said("Taux d'absence aux rendez-vous", "Absence rate at appointments"),
        formula: said(
            "Rendez-vous manqués, en pourcentage des rendez-vous tenus ou manqués de la période. Inconnu (null) s'il n'y en a pas.",
            "Missed appointments, as a percentage of the appointments of the period that were held or missed. Unknown (null) if there are none.",
        ),
        decided_by: PLANNED_ON,
        numerator: Some(said("Rendez-vous manqués", "Missed appointments")),
        denominator: Some(said("Rendez-vous tenus ou manqués", "Appointments held or missed")),
        direction: IndicatorDirection::Less,
        measure: Some(Measure::Share(Facts::Missed)),
        ..PERCENT
    },
];

#[cfg(test)]
mod tests {
    use crate::indicators::model::entries::work::*;

    #[test]
    fn no_work_is_split_by_place() {
        let by_place = |indicator: &Indicator| {
            indicator.splits.iter().any(|split| [By::Commune, By::Epci].contains(&split.dimension))
        };
        assert!(!ENTRIES.iter().any(by_place), "the place of an intervention is the home of a family");
    }
}
