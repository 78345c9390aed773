//! Indicators of collective actions.

use super::{FACT, LATEST, NO_PERSON, PERCENT, SECOND, about_persons, explained, of_service, quotients};
use crate::indicators::model::types::{
    Facts, Indicator, IndicatorClass, IndicatorDimension as By, IndicatorDirection, IndicatorSource, IndicatorSubject,
    IndicatorValueType, Measure, Said, Split, said,
};

const HELD_ON: Said = said("Jour de l'action.", "Day of the action.");

const BY_COMMUNE: Split = explained(
    of_service(By::Commune),
    "Ces actions par commune où elles ont eu lieu.",
    "These actions by the commune where they took place.",
);

const BY_SERVICE: Split = explained(
    of_service(By::ComplementaryService),
    "Actions réservées aux territoires conventionnés, par prestation complémentaire correspondant à leur type.",
    "Actions reserved for territories with a convention, by the complementary service of their kind.",
);

const HELD: Indicator = Indicator {
    code: "actions_held",
    subject: IndicatorSubject::Actions,
    name: said("Actions collectives tenues", "Collective actions held"),
    formula: said(
        "Actions tenues dont la date est dans la période.",
        "Actions that took place on a day of the period.",
    ),
    decided_by: HELD_ON,
    unit: said("actions", "actions"),
    splits: &[of_service(By::ActionType), BY_SERVICE, BY_COMMUNE, of_service(By::Epci)],
    source: IndicatorSource::Cnaf,
    population: Some("actions"),
    measure: Some(Measure::Sum(Facts::Actions)),
    ..FACT
};

/// Minutes of the actions held.
const MINUTES: Indicator = Indicator {
    unit: said("minutes", "minutes"),
    value_type: IndicatorValueType::Minutes,
    splits: &[of_service(By::ActionType), of_service(By::ComplementaryService)],
    source: IndicatorSource::Ars,
    population: None,
    ..HELD
};

pub(in crate::indicators::model) const ENTRIES: &[Indicator] = &[
    HELD,
    Indicator {
        code: "action_participants",
        name: said("Participants des actions collectives", "Participants of collective actions"),
        formula: said(
            "Présences à ces actions, tous types de participants confondus, hors intervenants : une personne venue deux fois compte deux fois.",
            "Attendances at these actions, all types of participant, speakers excluded: a person who came twice counts twice.",
        ),
        unit: said("présences", "attendances"),
        class: IndicatorClass::Breakdown,
        class_reason: said(
            "Des parents et des enfants sont parmi ces personnes.",
            "Parents and children are among these people.",
        ),
        splits: &[
            about_persons(By::ActionType),
            about_persons(By::ParticipantType),
            about_persons(By::Commune),
            about_persons(By::Epci),
        ],
        population: Some("participants"),
        measure: Some(Measure::Sum(Facts::ActionParticipants)),
        ..HELD
    },
    Indicator {
        code: "action_minutes",
        name: said("Durée des actions collectives", "Duration of collective actions"),
        formula: said(
            "Durée de ces actions en minutes, hors préparation et trajets.",
            "Duration of these actions in minutes, without preparation and travel.",
        ),
        measure: Some(Measure::Sum(Facts::ActionMinutes)),
        ..MINUTES
    },
    Indicator {
        code: "action_preparation_minutes",
        name: said("Préparation des actions collectives", "Preparation of collective actions"),
        formula: said(
            "Temps de préparation de ces actions en minutes, cumulé pour l'ensemble du personnel du service.",
            "Preparation time of these actions in minutes, summed over the staff of the service.",
        ),
        measure: Some(Measure::Sum(Facts::PreparationMinutes)),
        ..MINUTES
    },
    Indicator {
        code: "action_travel_minutes",
        name: said("Trajets des actions collectives", "Travel of collective actions"),
        formula: said(
            "Temps de trajet aller et retour de ces actions en minutes, cumulé pour l'ensemble du personnel du service.",
            "Travel time of these actions in minutes, both ways, summed over the staff of the service.",
        ),
        measure: Some(Measure::Sum(Facts::ActionTravelMinutes)),
        ..MINUTES
    },
    Indicator {
        code: "actions_cancelled",
        name: said("Actions collectives annulées", "Collective actions cancelled"),
        formula: said(
            "Actions annulées dont la date prévue est dans la période.",
            "Cancelled actions whose planned day is in the period.",
        ),
        decided_by: said("Jour prévu de l'action.", "Planned day of the action."),
        direction: IndicatorDirection::Less,
        splits: &[of_service(By::CancellationReason), of_service(By::ActionType)],
        source: IndicatorSource::Choice,
        population: None,
        valid_from: SECOND,
        measure: Some(Measure::Sum(Facts::Cancelled)),
        ..HELD
    },
    Indicator {
        code: "action_attendance_rate",
        subject: IndicatorSubject::Actions,
        class: IndicatorClass::ServiceFact,
        class_reason: NO_PERSON,
        name: said("Taux de présence des inscrits", "Attendance rate of registrations"),
        formula: said(
            "Places occupées rapportées aux places des inscriptions dont la présence est enregistrée, pour les actions tenues dans la période ; inconnu (null) si aucune présence n'est enregistrée.",
            "Seats used divided by the seats of the registrations whose attendance is recorded, for the actions held in the period; unknown (null) if none is recorded.",
        ),
        decided_by: HELD_ON,
        numerator: Some(said("Places occupées", "Seats used")),
        denominator: Some(said(
            "Places des inscriptions dont la présence est enregistrée",
            "Seats of the registrations whose attendance is recorded",
        )),
        direction: IndicatorDirection::More,
        splits: &[quotients(of_service(By::ActionType))],
        valid_from: LATEST,
        measure: Some(Measure::Share(Facts::Seats)),
        ..PERCENT
    },
];
