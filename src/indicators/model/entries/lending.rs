//! Indicators of the loans of kits.

use super::{FACT, about_persons, explained, of_service, quotients};
use crate::indicators::model::types::{
    Facts, Indicator, IndicatorDimension as By, IndicatorDirection, IndicatorSource, IndicatorSubject,
    IndicatorValueType, Measure, said,
};

const LOANS: Indicator = Indicator {
    code: "kit_loans",
    subject: IndicatorSubject::Lending,
    name: said("Prêts de mallettes", "Loans of kits"),
    formula: said("Prêts dont la remise est dans la période.", "Loans whose hand-out is in the period."),
    decided_by: said("Jour de la remise.", "Day of the hand-out."),
    unit: said("prêts", "loans"),
    splits: &[
        of_service(By::Kit),
        about_persons(By::BorrowerKind),
        about_persons(By::Commune),
        about_persons(By::Epci),
    ],
    source: IndicatorSource::Prpe,
    population: Some("loans"),
    measure: Some(Measure::Sum(Facts::Loans)),
    ..FACT
};

pub(in crate::indicators::model) const ENTRIES: &[Indicator] = &[
    LOANS,
    Indicator {
        code: "kit_nights_on_loan",
        name: said("Nuits en prêt", "Nights on loan"),
        formula: said(
            "Nuits passées en prêt par les exemplaires dans la période, jusqu'à aujourd'hui pour les prêts en cours (7 du lundi au lundi suivant).",
            "Nights that copies spent on loan in the period, until today for current loans (7 from a Monday to the next).",
        ),
        decided_by: said("Chaque nuit du prêt.", "Each night of the loan."),
        unit: said("nuits", "nights"),
        splits: &[of_service(By::Kit)],
        population: None,
        measure: Some(Measure::Nights(Facts::NightsOut)),
        ..LOANS
    },
    Indicator {
        code: "kit_late_returns",
        name: said("Retours en retard", "Late returns"),
        formula: said(
            "Prêts rendus dans la période après la date de retour convenue.",
            "Loans that were returned in the period after their due date.",
        ),
        decided_by: said("Jour du retour.", "Day of the return."),
        direction: IndicatorDirection::Less,
        splits: &[of_service(By::Kit)],
        population: None,
        measure: Some(Measure::Sum(Facts::LateReturns)),
        ..LOANS
    },
    Indicator {
        code: "kit_refusals",
        name: said(
            "Demandes de mallettes refusées faute d'exemplaire",
            "Requests for kits declined for want of a copy",
        ),
        formula: said(
            "Demandes refusées dans la période faute d'exemplaire.",
            "Requests declined in the period because no copy was free.",
        ),
        decided_by: said("Jour du refus.", "Day on which it is declined."),
        unit: said("demandes", "requests"),
        direction: IndicatorDirection::Less,
        splits: &[explained(of_service(By::Kit), "Ces demandes par mallette.", "These requests by kit.")],
        population: None,
        measure: Some(Measure::Sum(Facts::Refusals)),
        ..LOANS
    },
    Indicator {
        code: "kit_waits_without_copy",
        name: said("Attentes sans exemplaire", "Waits without a copy"),
        formula: said(
            "Attentes terminées dans la période sans qu'un exemplaire ait été proposé.",
            "Waits that ended in the period without a copy being proposed.",
        ),
        decided_by: said("Jour de la fin de l'attente.", "Day on which the wait ends."),
        unit: said("attentes", "waits"),
        direction: IndicatorDirection::Less,
        splits: &[of_service(By::Kit)],
        population: None,
        measure: Some(Measure::Sum(Facts::WaitsWithoutCopy)),
        ..LOANS
    },
    Indicator {
        code: "kit_loans_per_copy",
        name: said("Prêts par exemplaire", "Loans per copy"),
        formula: said(
            "Prêts de la période par exemplaire en service aujourd'hui ; null si aucun exemplaire n'est en service.",
            "Loans of the period per copy in service today; null if no copy is in service.",
        ),
        unit: said("prêts par exemplaire", "loans per copy"),
        value_type: IndicatorValueType::Ratio,
        numerator: Some(said("Prêts de la période", "Loans of the period")),
        denominator: Some(said("Exemplaires en service aujourd'hui", "Copies in service today")),
        splits: &[quotients(of_service(By::Kit))],
        adds_up_over_periods: false,
        adds_up_over_territories: false,
        source: IndicatorSource::Choice,
        population: None,
        measure: Some(Measure::LoansPerCopy),
        ..LOANS
    },
];
