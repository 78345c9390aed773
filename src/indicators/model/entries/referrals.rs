//! Indicators of referrals and of the waiting list.

use super::{COUNT, DELAY, FIRST, FORMER, LATEST, PERCENT, about_persons, explained};
use crate::indicators::model::types::{
    Facts, Indicator, IndicatorDimension as By, IndicatorDirection, IndicatorSource, IndicatorSubject, Measure, Said,
    Split, said,
};

const RECEIVED_ON: Said = said("Jour de réception de la demande.", "Day on which the referral is received.");

const BY_PLACE: &[Split] = &[about_persons(By::Commune), about_persons(By::Epci)];

const RECEIVED: Indicator = Indicator {
    code: "referrals_received",
    version: "2026.3",
    subject: IndicatorSubject::Referrals,
    name: said("Demandes reçues", "Referrals received"),
    formula: said(
        "Demandes dont la date de réception est dans la période, quelle que soit la suite donnée. Une demande annulée, enregistrée ou acceptée par erreur, ne compte pas.",
        "Referrals whose date of receipt is in the period, whatever their outcome. An annulled one, recorded or accepted by mistake, does not count.",
    ),
    decided_by: RECEIVED_ON,
    unit: said("demandes", "referrals"),
    splits: &[
        explained(
            about_persons(By::Origin),
            "Ces demandes par origine. Une origine absente compte pour zéro.",
            "These referrals by origin. An absent origin counts zero.",
        ),
        explained(
            about_persons(By::OriginGroup),
            "Ces demandes par groupe d'origines. Un groupe absent compte pour zéro.",
            "These referrals by group of origins. An absent group counts zero.",
        ),
        explained(
            about_persons(By::ReferralStatus),
            "Ces demandes selon leur état au moment de la consultation, et non à la fin de la période.",
            "These referrals by their state when the figures are read, not at the end of the period.",
        ),
        about_persons(By::Commune),
        about_persons(By::Epci),
    ],
    source: IndicatorSource::Cnaf,
    valid_from: LATEST,
    measure: Some(Measure::Sum(Facts::Received)),
    ..COUNT
};

pub(in crate::indicators::model) const ENTRIES: &[Indicator] = &[
    RECEIVED,
    Indicator {
        version: "2026.1",
        formula: said(
            "Demandes dont la date de réception est dans la période, quelle que soit la suite donnée.",
            "Referrals whose date of receipt is in the period, whatever their outcome.",
        ),
        valid_from: FIRST,
        valid_until: Some(FORMER),
        measure: None,
        ..RECEIVED
    },
    Indicator {
        code: "referrals_accepted",
        version: "2026.1",
        name: said("Demandes acceptées", "Referrals accepted"),
        formula: said(
            "Demandes reçues dans la période qui sont acceptées au moment de la consultation.",
            "Referrals received in the period that are in the accepted state when the figures are read.",
        ),
        splits: BY_PLACE,
        valid_from: LATEST,
        measure: Some(Measure::Sum(Facts::Accepted)),
        ..RECEIVED
    },
    Indicator {
        code: "referrals_declined",
        version: "2026.1",
        name: said("Demandes refusées", "Referrals declined"),
        formula: said(
            "Demandes reçues dans la période qui sont refusées au moment de la consultation.",
            "Referrals received in the period that are in the declined state when the figures are read.",
        ),
        splits: &[
            explained(
                about_persons(By::DecisionReason),
                "Demandes refusées au moment de la consultation, par motif.",
                "Referrals in the declined state when the figures are read, by reason.",
            ),
            about_persons(By::Commune),
            about_persons(By::Epci),
        ],
        valid_from: FIRST,
        measure: Some(Measure::Sum(Facts::Declined)),
        ..RECEIVED
    },
    Indicator {
        code: "referral_acceptance_rate",
        subject: IndicatorSubject::Referrals,
        name: said("Taux d'acceptation des demandes", "Acceptance rate of referrals"),
        formula: said(
            "Demandes reçues dans la période et acceptées, en pourcentage de celles qui sont acceptées, refusées ou réorientées au moment de la consultation. Inconnu (null) si aucune n'a reçu de décision.",
            "Referrals received in the period and accepted, as a percentage of those accepted, declined or redirected when the figures are read. Unknown (null) if none is decided.",
        ),
        decided_by: RECEIVED_ON,
        numerator: Some(said("Demandes acceptées", "Referrals accepted")),
        denominator: Some(said(
            "Demandes acceptées, refusées ou réorientées",
            "Referrals accepted, declined or redirected",
        )),
        measure: Some(Measure::Share(Facts::Decided)),
        ..PERCENT
    },
    Indicator {
        code: "median_days_to_decision",
        subject: IndicatorSubject::Referrals,
        name: said("Délai médian de décision", "Median delay to the decision"),
        formula: said(
            "Médiane du nombre de jours entre la réception d'une demande et la décision dans laquelle elle est au moment de la consultation : acceptée, refusée ou réorientée.",
            "Median number of days from the receipt of a referral to the decision that it has when the figures are read: accepted, declined or redirected.",
        ),
        decided_by: said("Jour de la décision.", "Day of the decision."),
        measure: Some(Measure::Median(Facts::DelaysToDecision)),
        ..DELAY
    },
    Indicator {
        code: "referrals_waiting_at_end",
        subject: IndicatorSubject::Referrals,
        name: said("Demandes en attente en fin de période", "Referrals waiting at the end of the period"),
        formula: said(
            "Demandes sur la liste d'attente à la fin du dernier jour de la période, d'après leur historique. Pour une période en cours : aujourd'hui.",
            "Referrals in the waiting list at the end of the last day of the period, by their history. For a period in progress: today.",
        ),
        decided_by: said("Dernier jour de la période.", "Last day of the period."),
        unit: said("demandes", "referrals"),
        direction: IndicatorDirection::Less,
        adds_up_over_periods: false,
        source: IndicatorSource::Cnaf,
        valid_from: LATEST,
        measure: Some(Measure::OnLastDay(Facts::Waiting)),
        ..COUNT
    },
];
