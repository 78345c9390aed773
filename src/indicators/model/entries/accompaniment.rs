//! Indicators of cases, of the active file and of effective places.

use super::{
    ABOUT_PERSONS, COUNT, DELAY, FACT, FIRST, FORMER, LATEST, NOT_PUBLIC, PERCENT, TOTAL, about_persons, of_distinct,
    quotients,
};
use crate::indicators::model::types::{
    Facts, Indicator, IndicatorClass, IndicatorDimension as By, IndicatorDirection, IndicatorSource, IndicatorSubject,
    IndicatorValueType, Measure, said,
};

const OPEN_ON: crate::indicators::model::types::Said = said(
    "Un suivi compte du jour de son ouverture à celui de sa clôture, jusqu'au jour de la consultation.",
    "A case counts from the day on which it is opened to the day on which it is closed, up to the day on which the figures are read.",
);

const STARTS_ON: crate::indicators::model::types::Said = said("Premier jour de l'accueil.", "First day of the place.");

const CHILDREN: Indicator = Indicator {
    code: "children_accompanied",
    version: "2026.2",
    name: said("Enfants accompagnés (file active)", "Children accompanied (active file)"),
    formula: said(
        "Enfants distincts dont un suivi est ouvert au moins un jour de la période, jusqu'au jour de la consultation. Ne s'additionne pas d'une période à l'autre.",
        "Distinct children with a case open on at least one day of the period, up to the day on which the figures are read. Not additive over periods.",
    ),
    decided_by: OPEN_ON,
    unit: said("enfants", "children"),
    splits: &[of_distinct(By::Commune), of_distinct(By::Epci)],
    adds_up_over_periods: false,
    adds_up_over_territories: false,
    source: IndicatorSource::Cnaf,
    population: Some("children"),
    valid_from: LATEST,
    measure: Some(Measure::Distinct(Facts::Children)),
    ..COUNT
};

const STRUCTURES: Indicator = Indicator {
    code: "structures_accompanied",
    version: "2026.2",
    name: said("Structures accompagnées", "Structures accompanied"),
    formula: said(
        "Structures distinctes dont un suivi portant sur la structure elle-même est ouvert au moins un jour de la période, jusqu'au jour de la consultation.",
        "Distinct structures with a case about the structure itself open on at least one day of the period, up to the day on which the figures are read.",
    ),
    decided_by: OPEN_ON,
    unit: said("structures", "structures"),
    splits: &[of_distinct(By::Commune), of_distinct(By::Epci)],
    adds_up_over_periods: false,
    adds_up_over_territories: false,
    source: IndicatorSource::Cnaf,
    valid_from: LATEST,
    measure: Some(Measure::Distinct(Facts::Structures)),
    ..COUNT
};

const COUNTED_FTE: Indicator = Indicator {
    code: "counted_fte",
    version: "2026.2",
    name: said("Équivalents temps plein comptés", "Counted full-time equivalents"),
    formula: said(
        "Équivalents temps plein des postes comptés, en moyenne sur les jours de la période jusqu'au jour de la consultation, en centièmes.",
        "Full-time equivalents of the counted positions, averaged over the days of the period up to the day on which the figures are read, in hundredths.",
    ),
    decided_by: said("Jours de chaque poste.", "Days of each position."),
    unit: said("centièmes d'équivalent temps plein", "hundredths of a full-time equivalent"),
    adds_up_over_periods: false,
    adds_up_over_territories: false,
    source: IndicatorSource::Cnaf,
    valid_from: LATEST,
    measure: Some(Measure::CountedFte),
    ..FACT
};

pub(in crate::indicators::model) const ENTRIES: &[Indicator] = &[
    CHILDREN,
    Indicator {
        version: "2026.1",
        formula: said(
            "Enfants distincts dont un suivi est ouvert au moins un jour de la période. Ne s'additionne pas d'une période à l'autre.",
            "Distinct children with a case open on at least one day of the period. Not additive over periods.",
        ),
        valid_from: FIRST,
        valid_until: Some(FORMER),
        measure: None,
        ..CHILDREN
    },
    Indicator {
        code: "households_accompanied",
        name: said("Familles accompagnées", "Households accompanied"),
        formula: said(
            "Foyers distincts de ces enfants : une fratrie compte pour un. Ne s'additionne pas d'une période à l'autre.",
            "Distinct households of these children: siblings count once. Not additive over periods.",
        ),
        unit: said("familles", "households"),
        version: "2026.1",
        population: None,
        valid_from: FIRST,
        measure: Some(Measure::Distinct(Facts::Households)),
        ..CHILDREN
    },
    STRUCTURES,
    Indicator {
        version: "2026.1",
        formula: said(
            "Structures distinctes dont un suivi portant sur la structure elle-même est ouvert au moins un jour de la période.",
            "Distinct structures with a case about the structure itself open on at least one day of the period.",
        ),
        valid_from: FIRST,
        valid_until: Some(FORMER),
        measure: None,
        ..STRUCTURES
    },
    Indicator {
        code: "cases_opened",
        class: IndicatorClass::Breakdown,
        class_reason: NOT_PUBLIC,
        name: said("Suivis ouverts dans la période", "Cases opened in the period"),
        formula: said(
            "Suivis d'enfants et de structures dont le jour d'ouverture est dans la période.",
            "Cases of children and of structures whose day of opening is in the period.",
        ),
        decided_by: said("Jour d'ouverture du suivi.", "Day on which the case is opened."),
        unit: said("suivis", "cases"),
        splits: &[about_persons(By::Commune), about_persons(By::Epci)],
        valid_from: LATEST,
        measure: Some(Measure::Sum(Facts::Openings)),
        ..COUNT
    },
    Indicator {
        code: "cases_closed",
        class: IndicatorClass::Breakdown,
        class_reason: NOT_PUBLIC,
        name: said("Suivis clos dans la période", "Cases closed in the period"),
        formula: said(
            "Suivis d'enfants et de structures dont le jour de clôture est dans la période.",
            "Cases of children and of structures whose day of closing is in the period.",
        ),
        decided_by: said("Jour de clôture du suivi.", "Day on which the case is closed."),
        unit: said("suivis", "cases"),
        splits: &[about_persons(By::Outcome), about_persons(By::Commune), about_persons(By::Epci)],
        valid_from: LATEST,
        measure: Some(Measure::Sum(Facts::Closings)),
        ..COUNT
    },
    Indicator {
        code: "cases_open_at_end",
        class: IndicatorClass::Breakdown,
        class_reason: NOT_PUBLIC,
        name: said("Suivis ouverts en fin de période", "Cases open at the end of the period"),
        formula: said(
            "Suivis ouverts au plus tard le dernier jour de la période et non clos ce jour-là. Pour une période en cours : aujourd'hui.",
            "Cases opened on or before the last day of the period and not closed on it. For a period in progress: today.",
        ),
        decided_by: said("Dernier jour de la période.", "Last day of the period."),
        unit: said("suivis", "cases"),
        splits: &[about_persons(By::Commune), about_persons(By::Epci)],
        adds_up_over_periods: false,
        valid_from: LATEST,
        measure: Some(Measure::OnLastDay(Facts::OpenCases)),
        ..COUNT
    },
    Indicator {
        code: "median_days_to_opening",
        name: said("Délai médian avant l'ouverture du suivi", "Median delay to the opening of the case"),
        formula: said(
            "Médiane du nombre de jours entre la réception de la première demande du suivi et son ouverture. Les suivis sans demande ne comptent pas.",
            "Median number of days from the receipt of the first referral of the case to its opening. Cases without a referral do not count.",
        ),
        decided_by: said("Jour d'ouverture du suivi.", "Day on which the case is opened."),
        source: IndicatorSource::Cnaf,
        measure: Some(Measure::Median(Facts::DelaysToOpening)),
        ..DELAY
    },
    COUNTED_FTE,
    Indicator {
        version: "2026.1",
        formula: said(
            "Équivalents temps plein des postes comptés, en moyenne sur les jours de la période, en centièmes.",
            "Full-time equivalents of the counted positions, averaged over the days of the period, in hundredths.",
        ),
        valid_from: FIRST,
        valid_until: Some(FORMER),
        measure: None,
        ..COUNTED_FTE
    },
    Indicator {
        code: "children_per_fte",
        name: said("Enfants accompagnés par équivalent temps plein", "Children accompanied per full-time equivalent"),
        formula: said(
            "Enfants accompagnés divisés par ces équivalents temps plein ; inconnu (null) si aucun poste n'est compté.",
            "Accompanied children divided by these full-time equivalents; unknown (null) if no position is counted.",
        ),
        decided_by: OPEN_ON,
        unit: said("enfants par équivalent temps plein", "children per full-time equivalent"),
        value_type: IndicatorValueType::Ratio,
        numerator: Some(said("Enfants accompagnés", "Children accompanied")),
        denominator: Some(said(
            "Équivalents temps plein comptés, en centièmes",
            "Counted full-time equivalents, in hundredths",
        )),
        adds_up_over_periods: false,
        adds_up_over_territories: false,
        source: IndicatorSource::Cnaf,
        measure: Some(Measure::ChildrenPerFte),
        ..COUNT
    },
    Indicator {
        code: "active_file_recommendation_reached",
        name: said("Recommandation de la Cnaf atteinte", "Recommendation of the Cnaf met"),
        formula: said(
            "Indique si la file active atteint la recommandation de la Cnaf de 30 enfants par équivalent temps plein et par an ; inconnu (null) pour toute période autre qu'une année écoulée.",
            "Whether the active file meets the Cnaf recommendation of 30 children per full-time equivalent and year; unknown (null) unless the period is a year that is over.",
        ),
        decided_by: OPEN_ON,
        unit: said("1 = oui, 0 = non", "1 = yes, 0 = no"),
        value_type: IndicatorValueType::YesNo,
        numerator: Some(said("Enfants accompagnés", "Children accompanied")),
        denominator: Some(said(
            "Équivalents temps plein comptés, en centièmes",
            "Counted full-time equivalents, in hundredths",
        )),
        direction: IndicatorDirection::More,
        adds_up_over_periods: false,
        adds_up_over_territories: false,
        source: IndicatorSource::Cnaf,
        measure: Some(Measure::Recommendation),
        ..COUNT
    },
    Indicator {
        code: "placements_started",
        subject: IndicatorSubject::Placements,
        class_reason: TOTAL,
        name: said("Accueils effectifs", "Effective placements"),
        formula: said(
            "Accueils effectifs dont le premier jour est dans la période : ni les accueils prévus, ni ceux que l'enfant avait avant l'ouverture du suivi.",
            "Effective placements whose first day is in the period: neither planned places nor those that the child had before the case was opened.",
        ),
        decided_by: STARTS_ON,
        unit: said("accueils", "places"),
        direction: IndicatorDirection::More,
        splits: &[about_persons(By::ChildcareGroup), about_persons(By::Commune), about_persons(By::Epci)],
        source: IndicatorSource::Cnaf,
        measure: Some(Measure::Sum(Facts::Placements)),
        ..COUNT
    },
    Indicator {
        code: "children_placed",
        subject: IndicatorSubject::Placements,
        name: said("Enfants accueillis", "Children placed"),
        formula: said(
            "Enfants distincts de ces accueils. Ne s'additionne pas d'une période à l'autre.",
            "Distinct children of these placements. Not additive over periods.",
        ),
        decided_by: STARTS_ON,
        unit: said("enfants", "children"),
        direction: IndicatorDirection::More,
        splits: &[of_distinct(By::ChildcareGroup), of_distinct(By::Commune), of_distinct(By::Epci)],
        adds_up_over_periods: false,
        adds_up_over_territories: false,
        source: IndicatorSource::Cnaf,
        measure: Some(Measure::Distinct(Facts::PlacedChildren)),
        ..COUNT
    },
    Indicator {
        code: "placements_kept_six_months",
        subject: IndicatorSubject::Placements,
        class: IndicatorClass::Breakdown,
        class_reason: ABOUT_PERSONS,
        name: said("Accueils maintenus à six mois", "Placements kept for six months"),
        formula: said(
            "Part des accueils effectifs commencés dans la période où l'enfant est toujours accueilli à six mois, parmi ceux dont on le sait : un bilan à six mois ou plus tard répond que l'enfant est toujours là, ou une fin est enregistrée. Inconnu (null) tant que les six mois ne sont pas écoulés pour toute la période.",
            "Share of the effective placements started in the period where the child still comes at six months, among those of which it is known: a review at six months or later answers that the child still comes, or an end is recorded. Unknown (null) until the six months have passed for the whole period.",
        ),
        decided_by: STARTS_ON,
        numerator: Some(said("Accueils maintenus à six mois", "Placements kept for six months")),
        denominator: Some(said(
            "Accueils effectifs commencés dont on sait s'ils sont maintenus à six mois",
            "Effective placements started of which it is known whether they are kept for six months",
        )),
        direction: IndicatorDirection::More,
        splits: &[quotients(about_persons(By::ChildcareGroup))],
        maturity_days: 184,
        source: IndicatorSource::Cnaf,
        measure: Some(Measure::Share(Facts::Kept)),
        ..PERCENT
    },
];
