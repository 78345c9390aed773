//! The entries of the registry, by subject, and what many of them share.

pub(super) mod accompaniment;
pub(super) mod actions;
pub(super) mod lending;
pub(super) mod network;
pub(super) mod referrals;
pub(super) mod work;

use super::types::{
    Indicator, IndicatorClass, IndicatorDimension, IndicatorDirection, IndicatorSource, IndicatorSubject,
    IndicatorValueType, Said, Split, said,
};

/// The day on which the first definitions came into force.
const FIRST: &str = "2026-11-22";

/// The day on which the definitions of lending, conventions, actions and referents came into force.
const SECOND: &str = "2026-11-26";

/// The day on which the definitions 2026.2 to 2026.4 came into force, and those that began in the registry.
const LATEST: &str = "2026-11-30";

/// The day before.
const FORMER: &str = "2026-11-29";

/// What class S says.
const NO_PERSON: Said = said(
    "Fait de service : aucune personne aidée n'est derrière ce chiffre.",
    "Service fact: no person who receives help is behind this figure.",
);

/// What class T says.
const TOTAL: Said = said(
    "Total de tout le service, sans ventilation : il ne dit rien de personne. Exact pour une année écoulée.",
    "Total of the whole service, without a breakdown: it tells nothing about anybody. Exact for a year that is over.",
);

/// What class B says of a total.
const NOT_PUBLIC: Said = said(
    "Ce chiffre porte sur des personnes et n'est pas un des totaux de la classe T.",
    "This figure is about persons and is not one of the totals of class T.",
);

/// What class B says of a delay or an outcome.
const ABOUT_PERSONS: Said =
    said("Un délai ou une issue décrit des personnes.", "A delay or an outcome describes persons.");

/// A whole number that adds up over periods and territories, of class T.
const COUNT: Indicator = Indicator {
    code: "",
    version: "2026.1",
    subject: IndicatorSubject::Accompaniment,
    class: IndicatorClass::ServiceTotal,
    class_reason: TOTAL,
    name: said("", ""),
    formula: said("", ""),
    decided_by: said("", ""),
    unit: said("", ""),
    value_type: IndicatorValueType::Count,
    numerator: None,
    denominator: None,
    direction: IndicatorDirection::Neutral,
    splits: &[],
    adds_up_over_periods: true,
    adds_up_over_territories: true,
    maturity_days: 0,
    source: IndicatorSource::Choice,
    population: None,
    valid_from: FIRST,
    valid_until: None,
    measure: None,
};

/// A service fact that is counted.
const FACT: Indicator =
    Indicator { class: IndicatorClass::ServiceFact, class_reason: NO_PERSON, valid_from: SECOND, ..COUNT };

/// The median of a delay.
const DELAY: Indicator = Indicator {
    class: IndicatorClass::Breakdown,
    class_reason: ABOUT_PERSONS,
    unit: said("jours", "days"),
    value_type: IndicatorValueType::MedianDays,
    direction: IndicatorDirection::Less,
    adds_up_over_periods: false,
    adds_up_over_territories: false,
    valid_from: LATEST,
    ..COUNT
};

/// A percentage.
const PERCENT: Indicator = Indicator {
    unit: said("%", "%"),
    value_type: IndicatorValueType::Percent,
    adds_up_over_periods: false,
    adds_up_over_territories: false,
    valid_from: LATEST,
    ..COUNT
};

/// A split whose parts add up, of class B.
const fn about_persons(dimension: IndicatorDimension) -> Split {
    Split { dimension, class: IndicatorClass::Breakdown, adds_up: true, formula: None }
}

/// A split whose parts add up, of class S.
const fn of_service(dimension: IndicatorDimension) -> Split {
    Split { dimension, class: IndicatorClass::ServiceFact, adds_up: true, formula: None }
}

/// A split of distinct persons: somebody can be in two parts.
const fn of_distinct(dimension: IndicatorDimension) -> Split {
    Split { dimension, class: IndicatorClass::Breakdown, adds_up: false, formula: None }
}

/// A split with a text of its own.
const fn explained(split: Split, fr: &'static str, en: &'static str) -> Split {
    Split { formula: Some(said(fr, en)), ..split }
}

/// A split of a quotient: the quotients of the parts do not add up.
const fn quotients(split: Split) -> Split {
    Split { adds_up: false, ..split }
}
