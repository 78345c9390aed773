//! Passwords that are refused: short, common, a sequence, of few characters, or the e-mail address or name of their owner.
//!
//! The list of common passwords is embedded: `data/common-passwords.txt`.

use std::collections::HashSet;
use std::sync::LazyLock;

use passerelle_base::error::{ApiError, Text};
use passerelle_base::text::{compatible, fold};

/// Fewest characters of a password, in its compatibility form.
const SHORTEST: usize = 12;

/// Fewest different characters of a password, whatever their case.
const FEWEST_DIFFERENT: usize = 4;

/// Fewest characters of a word that makes a password weak.
const SHORTEST_WORD: usize = 4;

/// Words of this product, as common here as `password`.
const CONTEXT: [&str; 2] = ["passerelle", "poleressourceshandicap"];

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../../../data/common-passwords.txt").lines().collect());

/// Refuses a new password that is too easy to guess. `personal` are the e-mail address and the name of its owner.
pub fn refuse_weak(password: &str, pointer: &str, personal: &[&str]) -> Result<(), ApiError> {
    let Some(weakness) = weakness(&compatible(password), personal) else { return Ok(()) };
    let (code, message) = match weakness {
        Weakness::Short => (
            "password_too_short",
            Text::new(
                "Ce mot de passe a moins de 12 caractères : les accents comptent avec leur lettre.",
                "This password has fewer than 12 characters: an accent counts with its letter.",
            ),
        ),
        Weakness::Repeated => (
            "password_repeated",
            Text::new(
                "Ce mot de passe n'a que quelques caractères différents : choisir une phrase.",
                "This password has only a few different characters: choose a phrase.",
            ),
        ),
        Weakness::Common => (
            "password_common",
            Text::new(
                "Ce mot de passe est parmi les plus courants : choisir une phrase.",
                "This password is one of the most common: choose a phrase.",
            ),
        ),
        Weakness::Personal => (
            "password_personal",
            Text::new(
                "Ce mot de passe est l'adresse électronique ou le nom de la personne.",
                "This password is the e-mail address or the name of the person.",
            ),
        ),
    };
    Err(ApiError::rule(pointer, code, message))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weakness {
    Short,
    Repeated,
    Common,
    Personal,
}

/// What is wrong with a password in its compatibility form.
fn weakness(password: &str, personal: &[&str]) -> Option<Weakness> {
    let lower = password.to_lowercase();
    if password.chars().count() < SHORTEST {
        return Some(Weakness::Short);
    }
    if lower.chars().collect::<HashSet<char>>().len() < FEWEST_DIFFERENT {
        return Some(Weakness::Repeated);
    }
    // Also with digits or signs around it, between its letters, or repeated: that is how a short one becomes long enough.
    let letters = letters_of(&lower);
    let core = letters.trim_matches(|character: char| !character.is_alphabetic());
    // What is shorter is a small part of a password, or no word at all.
    let is_word = |form: &&str| form.chars().count() >= SHORTEST_WORD;
    let forms: Vec<&str> =
        [&lower, letters.as_str(), core, repeated_part(&letters)].into_iter().filter(is_word).collect();
    let is_common = |form: &&str| COMMON.contains(form) || CONTEXT.contains(form);
    let is_long_sequence = |form: &str| form.chars().count() >= SHORTEST && is_sequence(form);
    if is_long_sequence(&lower) || is_long_sequence(&letters) || forms.iter().any(is_common) {
        return Some(Weakness::Common);
    }
    let own = |text: &&str| {
        let local = text.split('@').next().unwrap_or_default();
        [letters_of(text), letters_of(local)].iter().any(|own| forms.contains(&own.as_str()))
    };
    personal.iter().any(own).then_some(Weakness::Personal)
}

/// The letters and digits of a text, without case and accents.
fn letters_of(text: &str) -> String {
    fold(text).split(' ').collect()
}

/// Characters in an order that everybody knows: the digits, the alphabet, French and English keyboards.
const ORDERS: [&str; 5] = [
    "1234567890",
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
];

/// Whether a text only follows one of these orders, forwards or backwards, from any place and more than once.
fn is_sequence(text: &str) -> bool {
    let rounds = |order: &str| order.repeat(text.len() / order.len() + 2);
    ORDERS.iter().any(|order| {
        let backwards: String = order.chars().rev().collect();
        rounds(order).contains(text) || rounds(&backwards).contains(text)
    })
}

/// The shortest part of which a text is the repetition: the text itself if it repeats nothing.
fn repeated_part(text: &str) -> &str {
    let lengths =
        (1..=text.len() / 2).filter(|length| text.len().is_multiple_of(*length) && text.is_char_boundary(*length));
    lengths.map(|length| &text[..length]).find(|part| text == part.repeat(text.len() / part.len())).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use crate::auth::weak_password::*;

    const PERSONAL: &[&str] = &["jeanne.exemple@example.org", "Jeanne Exemple-Dupont"];

    #[test]
    fn easy_passwords_are_refused() {
        for (password, expected) in [
            ("onze lettre", Weakness::Short),
            // Twelve code points, eleven characters.
            ("onze lettre\u{301}", Weakness::Short),
            ("aaaaaaaaaaaaaaaa", Weakness::Repeated),
            ("AaAaAaAaAaAaAa", Weakness::Repeated),
            ("111111112222", Weakness::Repeated),
            ("p a s s w o r d", Weakness::Common),
            ("soleil soleil", Weakness::Common),
            ("Passerelle 2026", Weakness::Common),
            ("jeanneexemple@example.org1", Weakness::Personal),
            ("JeanneExempleJeanneExemple", Weakness::Personal),
            ("administrator", Weakness::Common),
            ("Password2026!", Weakness::Common),
            ("123456123456", Weakness::Common),
            // Three rounds of the digits and the beginning of a fourth.
            ("3456789012345678901234567890123", Weakness::Common),
            ("123456789012", Weakness::Common),
            ("987654321098", Weakness::Common),
            ("abcdefghijklmnop", Weakness::Common),
            ("azertyuiopqs", Weakness::Common),
            ("qwertyqwertyqwerty", Weakness::Common),
            ("Jeanne.Exemple@example.org", Weakness::Personal),
            ("jeanne exemple", Weakness::Personal),
            ("Jeanne Exemple Dupont", Weakness::Personal),
        ] {
            assert_eq!(weakness(&compatible(password), PERSONAL), Some(expected), "{password}");
        }
    }

    #[test]
    fn phrases_are_accepted() {
        for password in [
            "une phrase assez longue",
            "céleri rémoulade",
            "jeanne aime les endives",
            "une oasis au soleil",
            "!?%$&*()_+=;",
            "a!?%$&*()_+=;",
            "738291-46057",
        ] {
            assert_eq!(weakness(&compatible(password), PERSONAL), None, "{password}");
        }
    }

    #[test]
    fn a_name_without_letters_refuses_no_password() {
        assert_eq!(weakness("738291-46057", &["✨", ""]), None);
    }

    #[test]
    fn the_list_of_common_passwords_is_complete() {
        assert!(COMMON.len() > 10_000 && COMMON.contains("password"));
        assert!(COMMON.iter().all(|word| *word == word.to_lowercase()), "compared in lower case");
    }
}
