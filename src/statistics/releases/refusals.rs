//! Why nothing can be published, for the service's own staff: stored as codes, shown in the caller's language. No I/O.

use crate::error::{Lang, Text};
use crate::statistics::records::model::PopulationCode;
use passerelle_disclosure::making::Withheld;
use passerelle_disclosure::question::Refusal;

/// The code of a build that was started again and again.
const NEVER_ENDED: &str = "never_ended";

/// The refusal as it is stored: `population:reason`.
pub(super) fn stored(withheld: &Withheld) -> String {
    let reason = match &withheld.refusal {
        Refusal::Contradiction => "contradiction",
        Refusal::Unprotected(_) => "unprotected",
        Refusal::Inexpressible => "inexpressible",
        Refusal::Cancelled => "cancelled",
    };
    format!("{}:{reason}", withheld.population)
}

/// The refusal of a build that was started so many times, as it is stored.
pub(super) fn never_ended(attempts: i32) -> String {
    format!("{NEVER_ENDED}:{attempts}")
}

/// A stored refusal in words. Those stored before there were codes stay as they are.
pub(super) fn in_lang(stored: &str, lang: Lang) -> String {
    let Some((of, reason)) = stored.split_once(':') else { return stored.to_owned() };
    if of == NEVER_ENDED {
        return match lang {
            Lang::Fr => format!(
                "La préparation a été commencée {reason} fois sans jamais aboutir : consultez le journal du serveur."
            ),
            Lang::En => format!("The build was started {reason} times and never ended: see the server log."),
        };
    }
    let (Some(population), Some(reason)) = (population(of), reason_in_words(reason)) else { return stored.to_owned() };
    match lang {
        Lang::Fr => format!("{} : {}", population.in_lang(lang), reason.in_lang(lang)),
        Lang::En => format!("{}: {}", population.in_lang(lang), reason.in_lang(lang)),
    }
}

fn population(code: &str) -> Option<Text> {
    Some(match code.parse::<PopulationCode>().ok()? {
        PopulationCode::Children => Text::new("Enfants", "Children"),
        PopulationCode::Loans => Text::new("Prêts", "Loans"),
        PopulationCode::Actions => Text::new("Actions collectives", "Collective actions"),
        PopulationCode::Participants => Text::new("Participants", "Participants"),
    })
}

fn reason_in_words(code: &str) -> Option<Text> {
    Some(match code {
        "contradiction" => Text::new(
            "des publications antérieures contredisent les fiches.",
            "earlier releases contradict the records.",
        ),
        "unprotected" => Text::new(
            "un effectif ne peut pas être protégé, même si rien d'autre n'est publié.",
            "a count cannot be protected, even if nothing else is published.",
        ),
        "inexpressible" => Text::new(
            "un chiffre rendu public ailleurs ou une publication antérieure utilise une population, une dimension ou un \
             croisement que la spécification n'a pas.",
            "a fact or an earlier release uses a population, a dimension or a crossing that the specification lacks.",
        ),
        "cancelled" => Text::new("la préparation a été annulée.", "the build was cancelled."),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::statistics::releases::refusals::*;

    #[test]
    fn every_refusal_is_told_in_both_languages() {
        let refusals = [Refusal::Contradiction, Refusal::Unprotected(3), Refusal::Inexpressible, Refusal::Cancelled];
        for (number, refusal) in refusals.into_iter().enumerate() {
            let population = ["children", "loans", "actions", "participants"][number];
            let stored = stored(&Withheld { population: population.to_owned(), refusal });
            let [fr, en] = [Lang::Fr, Lang::En].map(|lang| in_lang(&stored, lang));
            assert!(fr != en && fr != stored && en != stored, "{fr} {en}");
            assert!(fr.ends_with('.') && en.ends_with('.'), "{fr} {en}");
        }
        assert!(in_lang(&never_ended(3), Lang::Fr).contains("3 fois"));
        let before = "children: earlier releases contradict the records";
        assert_eq!(in_lang(before, Lang::Fr), before, "what was stored before there were codes");
    }
}
