//! What is in the way of a merge or of its undo: the code, why, and the way out. Pure.

use crate::error::Text;

/// The obstacles: the code, and what is said in French and in English. Each says what to do.
const OBSTACLES: &[(&str, &str, &str)] = &[
    (
        "same_placement",
        "Les deux suivis ont le même accueil, au même lieu et à la même date : en supprimer un.",
        "Both cases have the same placement, in the same place from the same day: remove one.",
    ),
    (
        "two_main_placements",
        "Chaque suivi a un accueil principal sur les mêmes jours : donner un dernier jour à l'un, ou mettre son `is_main` à faux (`PATCH /v1/placements/{id}`).",
        "Each case has a main placement on the same days: give one of them a last day, or set its `is_main` to false (`PATCH /v1/placements/{id}`).",
    ),
    (
        "shared_appointment",
        "Un même rendez-vous a donné lieu à une intervention dans chacun des deux suivis : en supprimer une.",
        "One appointment became an intervention in each case: remove one of them.",
    ),
    (
        "suspended",
        "Un des suivis est suspendu : le reprendre d'abord (`POST /v1/cases/{id}/resume`).",
        "One of the cases is suspended: resume it first (`POST /v1/cases/{id}/resume`).",
    ),
    (
        "two_complex_situations",
        "Chaque suivi est signalé comme situation complexe : mettre fin à l'un des deux signalements.",
        "Each case is flagged as a complex situation: end one of the flags.",
    ),
    (
        "two_waiting_referrals",
        "Chaque enfant a une demande en liste d'attente : en accepter une, la refuser ou l'annuler (`POST /v1/referrals/{id}/annul`).",
        "Each child has a referral on the waiting list: accept, decline or annul one of them (`POST /v1/referrals/{id}/annul`).",
    ),
    (
        "birth_date_lost",
        "La fiche conservée n'a pas de date de naissance, l'autre en a une : la reporter d'abord (`PATCH /v1/children/{id}`).",
        "The record that stays has no birth date, and the other one has: copy it first (`PATCH /v1/children/{id}`).",
    ),
    (
        "created_since",
        "Ajouté depuis la fusion, et on ne sait pas auquel des deux enfants il se rapporte : le supprimer (une demande et le suivi qu'elle a ouvert s'annulent : `POST /v1/referrals/{id}/annul`), annuler la fusion, puis le saisir à nouveau.",
        "Added since the merge, and it cannot be known which of the two children it is about: remove it (a referral, with the case that it opened, is annulled: `POST /v1/referrals/{id}/annul`), undo the merge, then record it again.",
    ),
    (
        "restricted_since",
        "Une note réservée a été écrite depuis la fusion, et on ne sait pas auquel des deux enfants elle se rapporte : seule la personne qui l'a écrite peut la supprimer. Le demander à l'équipe, annuler la fusion, puis l'écrire à nouveau.",
        "A restricted note was written since the merge, and it cannot be known which of the two children it is about: only who wrote it can remove it. Ask the team, undo the merge, then write it again.",
    ),
    (
        "decided_since",
        "Une décision sur cette demande a été enregistrée depuis la fusion, avec un commentaire chiffré pour le foyer conservé, et l'historique ne change pas. Séparer les enfants à la main : en créer un, puis saisir à nouveau ce qui le concerne.",
        "A decision on this referral was recorded since the merge, with a comment that is encrypted for the surviving household, and histories do not change. Separate the children by hand: create one, then record again what is about it.",
    ),
    (
        "text_changed_since",
        "Le titre ou la note de ce rendez-vous a changé depuis la fusion : les effacer (`PATCH /v1/appointments/{id}`), annuler la fusion, puis les saisir à nouveau.",
        "The title or the note of this appointment was changed since the merge: clear them (`PATCH /v1/appointments/{id}`), undo the merge, then record them again.",
    ),
    (
        "annulled_since",
        "Les demandes de l'un des deux suivis ont été annulées depuis la fusion : il reviendrait sans demande. Une annulation ne se défait pas, et cette fusion ne peut plus être annulée. Séparer les enfants à la main : enregistrer une demande pour un nouvel enfant (`POST /v1/referrals`), puis saisir à nouveau ce qui le concerne.",
        "The referrals of one of the two cases were annulled since the merge: it would come back without one. A referral that was annulled stays so, and this merge can no longer be undone. Separate the children by hand: record a referral of a new child (`POST /v1/referrals`), then record again what is about it.",
    ),
    (
        "closed_since",
        "Le suivi commun a été clos depuis la fusion : le rouvrir d'abord (`POST /v1/cases/{id}/reopen`).",
        "The common case was closed since the merge: reopen it first (`POST /v1/cases/{id}/reopen`).",
    ),
    (
        "merged_since",
        "Ce foyer a été fusionné une nouvelle fois depuis : annuler d'abord la dernière fusion (`POST /v1/child-merges/{id}/undo`).",
        "This household was merged again since: undo the latest merge first (`POST /v1/child-merges/{id}/undo`).",
    ),
    (
        "corrected_since",
        "Un jour a été corrigé depuis la fusion, et l'un des deux suivis s'ouvrirait avant l'arrivée de sa première demande : corriger l'ouverture du suivi commun (`PATCH /v1/cases/{id}`) ou le jour d'arrivée de la demande (`PATCH /v1/referrals/{id}`), annuler la fusion, puis corriger les dates de chaque suivi.",
        "A day was corrected since the merge, and one of the two cases would open before its first referral arrived: correct the opening of the common case (`PATCH /v1/cases/{id}`) or the day on which the referral arrived (`PATCH /v1/referrals/{id}`), undo the merge, then correct the days of each case.",
    ),
];

/// What is said of an obstacle; none if there is no such code.
pub fn obstacle(code: &str) -> Option<Text> {
    OBSTACLES.iter().find(|(known, ..)| *known == code).map(|(_, fr, en)| Text::new(*fr, *en))
}

#[cfg(test)]
mod tests {
    use crate::merges::model::obstacles::*;

    #[test]
    fn each_obstacle_is_said_once_with_what_to_do() {
        let to_do = |text: &str| {
            [
                "remove",
                "create",
                "give",
                "resume",
                "end",
                "accept",
                "copy",
                "Separate",
                "clear",
                "reopen",
                "undo",
                "correct",
                "only who wrote",
            ]
            .iter()
            .any(|way| text.contains(way))
        };
        for (code, fr, en) in OBSTACLES {
            assert_eq!(OBSTACLES.iter().filter(|(other, ..)| other == code).count(), 1, "{code}");
            assert!(to_do(en.split_once(':').map_or("", |(_, way)| way)), "{code}: {en}");
            assert_eq!(fr.matches('`').count(), en.matches('`').count(), "{code} names the same operations");
        }
        assert!(obstacle("other").is_none());
    }
}
