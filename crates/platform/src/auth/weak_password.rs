//! Passwords that are refused: short, common, a sequence, one character repeated, or the e-mail address or name of their owner.
//!
//! The list of common passwords is embedded: `data/common-passwords.txt`.

use std::collections::HashSet;
use std::sync::LazyLock;

use passerelle_base::error::{ApiError, Text};
use passerelle_base::text::{compatible, fold};

/// Fewest characters of a password, in its compatibility form.
const SHORTEST: usize = 12;

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
            Text::new("Ce mot de passe répète un seul caractère.", "This password repeats a single character."),
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
    let first = lower.chars().next();
    if lower.chars().all(|character| Some(character) == first) {
        return Some(Weakness::Repeated);
    }
    // Also with digits or signs around it: that is how a short common password becomes long enough.
    let core = lower.trim_matches(|character: char| !character.is_alphabetic());
    if is_sequence(&lower) || [lower.as_str(), core, repeated_part(&lower)].iter().any(|form| COMMON.contains(form)) {
        return Some(Weakness::Common);
    }
    let folded = fold(&lower);
    let own = |text: &&str| {
        let local = text.split('@').next().unwrap_or_default();
        [fold(text), fold(local)].contains(&folded)
    };
    personal.iter().any(own).then_some(Weakness::Personal)
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
            ("administrator", Weakness::Common),
            ("Password2026!", Weakness::Common),
            ("123456123456", Weakness::Common),
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
        for password in
            ["une phrase assez longue", "céleri rémoulade", "jeanne aime les endives", "ououououiouiouioui1"]
        {
            assert_eq!(weakness(&compatible(password), PERSONAL), None, "{password}");
        }
    }

    #[test]
    fn the_list_of_common_passwords_is_complete() {
        assert!(COMMON.len() > 10_000 && COMMON.contains("password"));
        assert!(COMMON.iter().all(|word| *word == word.to_lowercase()), "compared in lower case");
    }
}
