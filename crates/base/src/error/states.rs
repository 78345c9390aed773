//! The French and English names of the states that a 409 `wrong_state` reports.
//!
//! French names agree with "l'état", so a state has one name whatever the gender of the object; those of people's states
//! are nouns. Several state machines
//! share a code such as `cancelled`, and each of them means the same by it.

/// The code of each state that refuses an action, with its French name.
const STATES: &[(&str, &str)] = &[
    ("absent", "absence constatée"),
    ("accepted", "accepté"),
    ("active", "actif"),
    ("annulled", "annulé"),
    ("attended", "présence constatée"),
    ("called", "appelé"),
    ("cancelled", "annulé"),
    ("closed", "clos"),
    ("confirmed", "confirmé"),
    ("declined", "refusé"),
    ("draft", "brouillon"),
    ("ended", "terminé"),
    ("existing", "en cours avant le suivi"),
    ("expired", "expiré"),
    ("held", "réalisé"),
    ("in_service", "en service"),
    ("left", "départ enregistré"),
    ("missed", "manqué"),
    ("not_collected", "non retiré"),
    ("on_loan", "en prêt"),
    ("open", "ouvert"),
    ("out_of_service", "hors service"),
    ("overdue", "en retard"),
    ("planned", "prévu"),
    ("proposed", "proposé"),
    ("published", "publié"),
    ("qualified", "qualifié"),
    ("queued", "en file d'attente"),
    ("ready", "prêt"),
    ("received", "reçu"),
    ("redirected", "réorienté"),
    ("registered", "inscription confirmée"),
    ("replaced", "remplacé"),
    ("requested", "demandé"),
    ("resolved", "résolu"),
    ("returned", "rendu"),
    ("running", "en cours de calcul"),
    ("signed", "signé"),
    ("started", "commencé"),
    ("suspended", "suspendu"),
    ("terminated", "résilié"),
    ("to_buy", "à remplacer"),
    ("undone", "annulé"),
    ("waiting", "en attente"),
    ("waiting_list", "en liste d'attente"),
    ("waived", "abandonné"),
    ("withdrawn", "retiré"),
    ("withheld", "non publiable"),
    ("written_off", "non remplacé"),
];

/// The French name of a state. `None` for a state that is missing from the table.
pub(super) fn in_french(code: &str) -> Option<&'static str> {
    STATES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// The English name of a state: its code in words.
pub(super) fn in_english(code: &str) -> String {
    code.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use crate::error::states::*;

    #[test]
    fn states_of_people_have_no_gender() {
        for (code, name) in
            STATES.iter().filter(|(code, _)| ["absent", "attended", "left", "registered"].contains(code))
        {
            assert!(!["absent", "présent", "parti", "inscrit"].contains(name), "{code}: {name}");
        }
    }

    #[test]
    fn each_state_is_named_once_and_never_by_its_code() {
        assert!(STATES.is_sorted_by(|one, next| one.0 < next.0), "the codes are sorted and unique");
        assert!(STATES.iter().all(|(_, name)| !name.contains('_')));
        assert_eq!(in_french("open"), Some("ouvert"));
        assert_eq!(in_english("out_of_service"), "out of service");
    }
}
