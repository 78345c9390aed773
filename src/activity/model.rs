//! The rule of the active file, and the definitions of the figures. Pure.

use chrono::NaiveDate;

use crate::figures::Period;

/// Version of the definitions below. A change in what is counted needs a new version.
pub const DEFINITION_VERSION: &str = "2026.4";

/// Cnaf: at least 30 accompanied children per full-time equivalent and year.
pub const RECOMMENDED_PER_FTE: i64 = 30;

/// Children per full-time equivalent in hundredths, rounded to the nearest; `None` if no full-time equivalent is
/// counted.
pub fn children_per_fte_hundredths(children: i64, fte_hundredths: i64) -> Option<i64> {
    (fte_hundredths > 0).then(|| (children * 10_000 * 2 + fte_hundredths) / (fte_hundredths * 2))
}

/// Whether the active file meets the recommendation. `None` if no position is counted, if the period is not a year, or
/// if the year is not over: distinct children of several periods do not add up, so neither a half-year nor an
/// unfinished year can be compared.
pub fn reached(children: i64, fte_hundredths: i64, period: Period, today: NaiveDate) -> Option<bool> {
    let known = fte_hundredths > 0 && period.is_a_year() && period.to < today;
    known.then(|| children * 100 >= RECOMMENDED_PER_FTE * fte_hundredths)
}

/// The definition of each figure: its JSON pointer in the response, then the French and English texts.
pub const DEFINITIONS: &[(&str, &str, &str)] = &[
    (
        "/accompanied/children",
        "Enfants distincts dont un suivi est ouvert au moins un jour de la période, jusqu'au jour de la consultation. Ne s'additionne pas d'une période à l'autre.",
        "Distinct children with a case open on at least one day of the period, up to the day on which the figures are read. Not additive over periods.",
    ),
    (
        "/accompanied/households",
        "Foyers distincts de ces enfants : une fratrie compte pour un. Ne s'additionne pas d'une période à l'autre.",
        "Distinct households of these children: siblings count once. Not additive over periods.",
    ),
    (
        "/accompanied/structures",
        "Structures distinctes dont un suivi portant sur la structure elle-même est ouvert au moins un jour de la période, jusqu'au jour de la consultation.",
        "Distinct structures with a case about the structure itself open on at least one day of the period, up to the day on which the figures are read.",
    ),
    (
        "/referrals/received",
        "Demandes dont la date de réception est dans la période, quelle que soit la suite donnée. Une demande annulée, enregistrée ou acceptée par erreur, ne compte pas.",
        "Referrals whose date of receipt is in the period, whatever their outcome. An annulled one, recorded or accepted by mistake, does not count.",
    ),
    (
        "/referrals/by_origin",
        "Ces demandes par origine. Une origine absente compte pour zéro.",
        "These referrals by origin. An absent origin counts zero.",
    ),
    (
        "/referrals/by_origin_group",
        "Ces demandes par groupe d'origines. Un groupe absent compte pour zéro.",
        "These referrals by group of origins. An absent group counts zero.",
    ),
    (
        "/referrals/by_status",
        "Ces demandes selon leur état au moment de la consultation, et non à la fin de la période.",
        "These referrals by their state when the figures are read, not at the end of the period.",
    ),
    (
        "/referrals/by_decline_reason",
        "Demandes refusées au moment de la consultation, par motif.",
        "Referrals in the declined state when the figures are read, by reason.",
    ),
    (
        "/interventions/number",
        "Interventions tenues dans la période, pour des enfants, pour des structures ou hors suivi : individuelles, collectives et indirectes. Une intervention qui concerne plusieurs suivis compte une fois.",
        "Interventions held in the period, for children, for structures or about no case: individual, collective and indirect. One about several cases counts once.",
    ),
    (
        "/interventions/minutes",
        "Durée totale de ces interventions en minutes, hors trajets.",
        "Total duration of these interventions in minutes, without travel.",
    ),
    (
        "/interventions/travel_minutes",
        "Temps de trajet aller et retour de ces interventions en minutes.",
        "Travel time of these interventions in minutes, both ways.",
    ),
    (
        "/interventions/participants",
        "Présences à ces interventions par type de participants : une personne vue deux fois compte deux fois.",
        "Attendances at these interventions by type of participant: a person met twice counts twice.",
    ),
    (
        "/appointments/number",
        "Rendez-vous dont le jour est dans la période, jusqu'au jour de la consultation, quelle que soit la suite. Comptés à part des interventions : un rendez-vous tenu compte aussi comme les interventions qu'il est devenu.",
        "Appointments whose day is in the period, up to the day on which the figures are read, whatever became of them. Counted apart from interventions: one that was held also counts as the interventions that it became.",
    ),
    (
        "/appointments/by_status",
        "Ces rendez-vous selon leur état au moment de la consultation. Un rendez-vous passé qui reste « prévu » ou « confirmé » est sans suite indiquée.",
        "These appointments by their state when the figures are read. Nobody has said what became of a past one that is still planned or confirmed.",
    ),
    (
        "/appointments/missed_without_excuse",
        "Rendez-vous manqués sans que la famille ou le partenaire ait prévenu.",
        "Missed appointments of which the family or the partner had not given notice.",
    ),
    (
        "/placements/started",
        "Accueils effectifs dont le premier jour est dans la période : ni les accueils prévus, ni ceux que l'enfant avait avant l'ouverture du suivi.",
        "Effective placements whose first day is in the period: neither planned places nor those that the child had before the case was opened.",
    ),
    (
        "/placements/children",
        "Enfants distincts de ces accueils. Ne s'additionne pas d'une période à l'autre.",
        "Distinct children of these placements. Not additive over periods.",
    ),
    (
        "/active_file/counted_fte_hundredths",
        "Équivalents temps plein des postes comptés, en moyenne sur les jours de la période jusqu'au jour de la consultation, en centièmes.",
        "Full-time equivalents of the counted positions, averaged over the days of the period up to the day on which the figures are read, in hundredths.",
    ),
    (
        "/active_file/children_per_fte",
        "Enfants accompagnés divisés par ces équivalents temps plein ; inconnu (null) si aucun poste n'est compté.",
        "Accompanied children divided by these full-time equivalents; unknown (null) if no position is counted.",
    ),
    (
        "/active_file/reached",
        "Indique si la file active atteint la recommandation de la Cnaf de 30 enfants par équivalent temps plein et par an ; inconnu (null) pour toute période autre qu'une année écoulée.",
        "Whether the active file meets the Cnaf recommendation of 30 children per full-time equivalent and year; unknown (null) unless the period is a year that is over.",
    ),
];

#[cfg(test)]
mod tests {
    use crate::activity::model::*;
    use crate::services::model::{PositionDates, counted_fte_hundredths};
    use chrono::Duration;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(date(from), date(to)).unwrap()
    }

    #[test]
    fn thirty_children_per_fte_of_a_year_that_is_over() {
        let (year, today) = (period("2025-01-01", "2025-12-31"), date("2026-03-02"));
        // The PRPE has 1.3 FTE: 39 children.
        assert_eq!(reached(39, 130, year, today), Some(true));
        assert_eq!(reached(38, 130, year, today), Some(false));
        assert_eq!(reached(39, 0, year, today), None);
        assert_eq!(reached(39, 130, period("2025-01-01", "2025-06-30"), today), None);
        assert_eq!(reached(39, 130, year, date("2025-12-31")), None);
        assert_eq!(children_per_fte_hundredths(39, 130), Some(3000));
        assert_eq!(children_per_fte_hundredths(1, 130), Some(77));
        assert_eq!(children_per_fte_hundredths(39, 0), None);
    }

    fn position(fte: i32, start: i64, length: i64, counted: bool) -> PositionDates {
        let starts_on = date("2025-01-01") + Duration::days(start);
        PositionDates { fte_percent: fte, starts_on, ends_on: Some(starts_on + Duration::days(length)), counted }
    }

    proptest! {
        #[test]
        fn a_handover_between_two_people_does_not_change_the_fte(fte in 1i32..=100, length in 1i64..700, cut in 0i64..700) {
            let cut = cut.min(length - 1);
            let whole = position(fte, 0, length, true);
            let split = [position(fte, 0, cut, true), position(fte, cut + 1, length - cut - 1, true)];
            let (from, to) = (date("2025-02-01"), date("2026-01-31"));
            prop_assert_eq!(counted_fte_hundredths(&[whole], from, to), counted_fte_hundredths(&split, from, to));
        }

        #[test]
        fn only_counted_positions_count_and_adding_one_never_lowers_the_fte(
            fte in 1i32..=100, start in -400i64..800, length in 0i64..800, more in 1i32..=100
        ) {
            let (from, to) = (date("2025-01-01"), date("2025-12-31"));
            let one = [position(fte, start, length, true)];
            let beside = [one[0].clone(), position(more, start, length, false)];
            let two = [one[0].clone(), position(more, start, length, true)];
            prop_assert_eq!(counted_fte_hundredths(&beside, from, to), counted_fte_hundredths(&one, from, to));
            prop_assert!(counted_fte_hundredths(&two, from, to) >= counted_fte_hundredths(&one, from, to));
            prop_assert!(counted_fte_hundredths(&one, from, to) <= i64::from(fte));
        }

        #[test]
        fn two_halves_average_to_the_whole(fte in 1i32..=100, start in -200i64..500, length in 0i64..500) {
            let one = [position(fte, start, length, true)];
            let of = |from: &str, to: &str| counted_fte_hundredths(&one, date(from), date(to));
            // 2024-03-01 to 2026-02-28 is two periods of 365 days; each half is rounded once.
            let halves = of("2024-03-01", "2025-02-28") + of("2025-03-01", "2026-02-28");
            prop_assert!((halves - 2 * of("2024-03-01", "2026-02-28")).abs() <= 2);
        }

        #[test]
        fn one_more_child_never_loses_the_recommendation(children in 0i64..500, fte in 1i64..2000) {
            let (year, today) = (period("2025-01-01", "2025-12-31"), date("2026-03-02"));
            prop_assert!(reached(children + 1, fte, year, today) >= reached(children, fte, year, today));
        }
    }
}
