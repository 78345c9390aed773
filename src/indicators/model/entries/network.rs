//! Indicators of conventions and of the network of referents.

use super::{FACT, NO_PERSON, PERCENT, SECOND, of_service};
use crate::indicators::model::types::{
    Facts, Indicator, IndicatorClass, IndicatorDimension as By, IndicatorDirection, IndicatorSource, IndicatorSubject,
    IndicatorValueType, Measure, Said, said,
};

const YEAR: Said = said(
    "Année de la contribution : seules les années civiles entières ont une valeur.",
    "Year of the contribution: only whole calendar years have a value.",
);

/// An amount of the contributions of a year.
const AMOUNT: Indicator = Indicator {
    subject: IndicatorSubject::Conventions,
    decided_by: YEAR,
    unit: said("centimes d'euro", "cents of euros"),
    value_type: IndicatorValueType::Cents,
    source: IndicatorSource::Prpe,
    ..FACT
};

/// A number of referents.
const REFERENTS: Indicator = Indicator {
    subject: IndicatorSubject::Referents,
    unit: said("référents", "referents"),
    source: IndicatorSource::Prpe,
    ..FACT
};

pub(in crate::indicators::model) const ENTRIES: &[Indicator] = &[
    Indicator {
        code: "conventions_in_effect",
        subject: IndicatorSubject::Conventions,
        name: said("Conventions en vigueur", "Conventions in effect"),
        formula: said(
            "Conventions signées en vigueur à cette date, hors conventions suspendues.",
            "Signed conventions in effect on the day, suspended ones excluded.",
        ),
        decided_by: said(
            "Dernier jour de la période, ou aujourd'hui si elle est en cours.",
            "Last day of the period, or today if it is in progress.",
        ),
        unit: said("conventions", "conventions"),
        adds_up_over_periods: false,
        source: IndicatorSource::Prpe,
        measure: Some(Measure::OnLastDay(Facts::InEffect)),
        ..FACT
    },
    Indicator {
        code: "contributions_due",
        name: said("Contributions dues", "Contributions due"),
        formula: said(
            "Contributions dues pour l'année au titre des conventions signées, abandons de créances déduits.",
            "Contributions due for the year under signed conventions, net of waivers.",
        ),
        measure: Some(Measure::Yearly(Facts::Due)),
        ..AMOUNT
    },
    Indicator {
        code: "contributions_received",
        name: said("Contributions reçues", "Contributions received"),
        formula: said(
            "Paiements reçus au titre de ces contributions, quelle que soit leur date.",
            "Payments received for these contributions, whatever their date.",
        ),
        measure: Some(Measure::Yearly(Facts::Paid)),
        ..AMOUNT
    },
    Indicator {
        code: "referents_at_start",
        name: said("Référents en début de période", "Referents at the start of the period"),
        formula: said(
            "Référentes et référents nommés avant la période et encore dans le réseau à son premier jour. Une saisie par erreur n'est comptée dans aucun chiffre.",
            "Referents appointed before the period and still in the network on its first day. Referents entered by mistake count in no figure.",
        ),
        decided_by: said("Veille de la période.", "Day before the period."),
        adds_up_over_periods: false,
        measure: Some(Measure::OnEve(Facts::InNetwork)),
        ..REFERENTS
    },
    Indicator {
        code: "referents_at_end",
        name: said("Référents en fin de période", "Referents at the end of the period"),
        formula: said(
            "Référentes et référents nommés au plus tard le dernier jour de la période et encore dans le réseau le lendemain.",
            "Referents appointed on or before the last day of the period and still in the network the day after.",
        ),
        decided_by: said(
            "Dernier jour de la période, ou aujourd'hui si elle est en cours.",
            "Last day of the period, or today if it is in progress.",
        ),
        direction: IndicatorDirection::More,
        adds_up_over_periods: false,
        measure: Some(Measure::OnLastDay(Facts::InNetwork)),
        ..REFERENTS
    },
    Indicator {
        code: "referents_appointed",
        name: said("Référents nommés", "Referents appointed"),
        formula: said(
            "Référentes et référents dont le premier jour dans le réseau est dans la période.",
            "Referents whose first day in the network is in the period.",
        ),
        decided_by: said("Premier jour dans le réseau.", "First day in the network."),
        measure: Some(Measure::Sum(Facts::Appointed)),
        ..REFERENTS
    },
    Indicator {
        code: "referents_left",
        name: said("Référents partis", "Referents who left"),
        formula: said(
            "Référentes et référents dont le dernier jour dans le réseau est dans la période, quel que soit leur statut.",
            "Referents whose last day in the network is in the period, whatever their standing.",
        ),
        decided_by: said("Dernier jour dans le réseau.", "Last day in the network."),
        direction: IndicatorDirection::Less,
        splits: &[of_service(By::DepartureReason)],
        measure: Some(Measure::Sum(Facts::Left)),
        ..REFERENTS
    },
    Indicator {
        code: "referent_turnover",
        subject: IndicatorSubject::Referents,
        class: IndicatorClass::ServiceFact,
        class_reason: NO_PERSON,
        name: said("Taux de renouvellement des référents", "Turnover of referents"),
        formula: said(
            "Départs de la période, en pourcentage de la moyenne des effectifs du début et de la fin ; null si cette moyenne est nulle.",
            "Departures in the period, as a percentage of the average of the numbers at its start and end; null if that average is zero.",
        ),
        decided_by: said("Dernier jour dans le réseau.", "Last day in the network."),
        numerator: Some(said("Départs", "Departures")),
        denominator: Some(said(
            "Effectifs du début et de la fin, ajoutés",
            "Numbers at the start and at the end, added",
        )),
        direction: IndicatorDirection::Less,
        source: IndicatorSource::Prpe,
        valid_from: SECOND,
        measure: Some(Measure::Turnover),
        ..PERCENT
    },
];
