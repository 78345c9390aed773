//! Composed French texts: the words that change before a vowel.

use unicode_normalization::UnicodeNormalization;

/// `de` before a word: `de mars`, `d'avril`, `d'août`, `d'Hyères`, `de onze`.
///
/// The `h` of a common noun or of a first name is taken as mute (`d'hiver`, `d'Hélène`), the usual case. The names of
/// numbers that do not elide are `onze` and its kin; figures never elide.
///
/// ```
/// use passerelle_base::french::de;
/// assert_eq!(format!("{} à {}", de("avril"), "octobre"), "d'avril à octobre");
/// ```
#[must_use]
pub fn de(word: &str) -> String {
    before("de", word)
}

/// `de` before the name of a place, with which an article contracts: `d'Aubière`, `du Cendre`, `des Martres`, `de La
/// Bourboule`.
#[must_use]
pub fn de_place(name: &str) -> String {
    match (name.strip_prefix("Les "), name.strip_prefix("Le ")) {
        (Some(rest), _) => format!("des {rest}"),
        (None, Some(rest)) => format!("du {rest}"),
        (None, None) => de(name),
    }
}

/// `que` before a word: `que Marie`, `qu'Élise`.
#[must_use]
pub fn que(word: &str) -> String {
    before("que", word)
}

/// A word that ends with a mute `e`, and the word that follows.
fn before(particle: &str, word: &str) -> String {
    match particle.strip_suffix('e') {
        Some(stem) if elides(word) => format!("{stem}'{word}"),
        _ => format!("{particle} {word}"),
    }
}

/// Words that begin with a vowel or an `h` and before which nothing is elided.
const NOT_ELIDED: [&str; 12] = [
    "huit",
    "huitaine",
    "huitième",
    "onze",
    "onzième",
    "oui",
    "ouistiti",
    "yaourt",
    "handicap",
    "handicapé",
    "haut",
    "hors",
];

/// Whether `de` becomes `d'` before a word.
fn elides(word: &str) -> bool {
    let first = word.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    if NOT_ELIDED.iter().any(|known| first == *known || first.strip_suffix('s') == Some(known)) {
        return false;
    }
    // Without accents; the ligatures œ and æ do not decompose.
    let mut letters = first.nfd().filter(|letter| letter.is_alphabetic());
    let (initial, next) = (letters.next(), letters.next());
    match initial {
        Some('a' | 'e' | 'i' | 'o' | 'u' | 'h' | 'œ' | 'æ') => true,
        // Yerres and Yvetot are not alike: y is a vowel before a consonant.
        Some('y') => next.is_some_and(|letter| !"aeiouy".contains(letter)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{de, de_place, que};
    use proptest::prelude::*;

    #[test]
    fn de_is_elided_before_a_vowel_and_a_mute_h() {
        for (word, expected) in [
            ("janvier", "de janvier"),
            ("avril", "d'avril"),
            ("août", "d'août"),
            ("octobre", "d'octobre"),
            ("Hyères", "d'Hyères"),
            ("Élise", "d'Élise"),
            ("E\u{301}lise", "d'E\u{301}lise"),
            ("œuvre", "d'œuvre"),
            ("Yvetot", "d'Yvetot"),
            ("Yaoundé", "de Yaoundé"),
            ("yaourts", "de yaourts"),
            ("onze enfants", "de onze enfants"),
            ("huit jours", "de huit jours"),
            ("11 enfants", "de 11 enfants"),
            ("1,00 €", "de 1,00 €"),
            ("« Éveil »", "de « Éveil »"),
            ("", "de "),
        ] {
            assert_eq!(de(word), expected);
        }
        assert_eq!((que("Orcines"), que("Royat")), ("qu'Orcines".to_owned(), "que Royat".to_owned()));
    }

    #[test]
    fn an_article_contracts_with_de() {
        for (name, expected) in [
            ("Aubière", "d'Aubière"),
            ("Riom", "de Riom"),
            ("Le Cendre", "du Cendre"),
            ("Les Martres-de-Veyre", "des Martres-de-Veyre"),
            ("La Bourboule", "de La Bourboule"),
            ("L'Haÿ-les-Roses", "de L'Haÿ-les-Roses"),
            ("Lempdes", "de Lempdes"),
        ] {
            assert_eq!(de_place(name), expected);
        }
    }

    proptest! {
        #[test]
        fn the_word_is_kept_and_one_form_of_the_particle_stands_before_it(word in any::<String>()) {
            let text = de(&word);
            prop_assert!(text == format!("de {word}") || text == format!("d'{word}"), "{}", text);
        }

        #[test]
        fn case_and_accents_do_not_matter(vowel in "[aeiouàâéèêëîïôùû]", consonant in "[bcdfgjklmnpqrstvwxz]", rest in "[a-z]{3,8}") {
            for word in [format!("{vowel}{consonant}{rest}"), format!("{vowel}{consonant}{rest}").to_uppercase()] {
                prop_assert_eq!(de(&word), format!("d'{word}"));
            }
            prop_assert_eq!(de(&format!("{consonant}{vowel}{rest}")), format!("de {consonant}{vowel}{rest}"));
        }
    }
}
