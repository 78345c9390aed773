//! Text folding, the normal form in which names are compared; numbers and bytes as text.
//!
//! The name search of territories and the blind tokens of personal names both use [`fold`]. The output of `fold` is
//! therefore a stored format: if a rule changes, every token must be computed again.

use std::fmt::Write;

use rphonetic::{DoubleMetaphone, Encoder};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use crate::error::Lang;

/// The letters, digits and single spaces of `text`, without case, accents or punctuation.
///
/// The rules, in order, one character at a time:
/// 1. compatibility decomposition (NFKD): `é` → `e` + accent, `ﬁ` → `fi`, full-width `Ａ` → `A`, `²` → `2`;
/// 2. lower case;
/// 3. combining marks are dropped, in every script;
/// 4. Latin letters that do not decompose are spelled out: `œ` → `oe`, `æ` → `ae`, `ß` → `ss`, `ø` → `o`, `ł` → `l`,
///    `đ`/`ð` → `d`, `þ` → `th`, `ħ` → `h`, `ŧ` → `t`, `ı` → `i`, `ŋ` → `ng`; the final sigma is a sigma;
/// 5. invisible format characters (soft hyphen, zero-width space and joiners, direction marks, BOM) are dropped, since
///    they are invisible in a pasted name;
/// 6. any other character that is neither a letter nor a digit (apostrophes of all shapes, hyphens, punctuation,
///    symbols, controls) separates words: one space, none at either end.
///
/// Pure, total over all of Unicode and idempotent. The result can be empty: `fold("'")` is `""`.
///
/// ```
/// use passerelle_base::text::fold;
/// assert_eq!(fold("  L’Haÿ-les-Roses "), "l hay les roses");
/// assert_eq!(fold("Œuf-en-Ternois"), "oeuf en ternois");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = Folded { text: String::with_capacity(text.len()), gap: false };
    for character in text.chars() {
        if character.is_ascii() {
            folded.push(character.to_ascii_lowercase());
        } else {
            // Normalisation also orders combining marks. Their order does not matter here: all of them are dropped.
            decompose_compatible(character, |part| part.to_lowercase().for_each(|lower| folded.push(lower)));
        }
    }
    folded.text
}

/// The compatibility form (NFKC) of a text: the same characters typed on another keyboard give the same bytes, and a no-break
/// space is a space.
#[must_use]
pub fn compatible(text: &str) -> String {
    text.nfkc().collect()
}

/// The result being built.
struct Folded {
    text: String,
    /// Whether a separator follows the last letter.
    gap: bool,
}

impl Folded {
    /// Adds one lower-case, decomposed character.
    fn push(&mut self, character: char) {
        if !character.is_ascii() && (is_combining_mark(character) || is_invisible(character)) {
            return;
        }
        if !character.is_alphanumeric() || is_letter_apostrophe(character) {
            self.gap = true;
            return;
        }
        if self.gap && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.gap = false;
        match spelled_out(character) {
            Some(letters) => self.text.push_str(letters),
            None => self.text.push(character),
        }
    }
}

/// Letters of European names which Unicode does not decompose.
fn spelled_out(character: char) -> Option<&'static str> {
    Some(match character {
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ŋ' => "ng",
        'ς' => "σ",
        _ => return None,
    })
}

/// Format characters that have no width and carry no meaning in a name.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// Apostrophes that Unicode counts as letters: the modifier letters (Tahitian ʻeta among them) and the saltillo.
fn is_letter_apostrophe(character: char) -> bool {
    matches!(character, '\u{2b9}'..='\u{2bf}' | '\u{2c8}' | '\u{2ee}' | '\u{a78b}' | '\u{a78c}')
}

/// The phonetic code of a folded name. Metaphone was designed for English, but it also groups the spellings of one
/// French name. That is enough for a look-up, because candidates are ranked afterwards.
pub fn sound(folded: &str) -> String {
    let encoder = DoubleMetaphone::new(Some(8));
    folded.split(' ').map(|word| encoder.encode(word)).collect::<Vec<_>>().join(" ")
}

/// The SQL LIKE patterns that find the folded names containing every word of a text: one pattern per word. Folding
/// leaves only letters and digits, so no word contains a wildcard. A text without letters or digits has no pattern.
pub fn like_patterns(name: &str) -> Vec<String> {
    fold(name).split(' ').filter(|word| !word.is_empty()).map(|word| format!("%{word}%")).collect()
}

/// A whole number with thousands separators, as people read it: `68 319` in French (narrow no-break spaces), `68,319`
/// in English. Not for years.
pub fn grouped(number: impl Into<i128>, lang: Lang) -> String {
    let number = number.into();
    let separator = match lang {
        Lang::Fr => '\u{202f}',
        Lang::En => ',',
    };
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (rank, digit) in digits.char_indices() {
        if rank > 0 && (digits.len() - rank).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{fold, grouped, hex, like_patterns};
    use crate::error::Lang;
    use proptest::prelude::*;

    #[test]
    fn names_are_folded() {
        for (given, expected) in [
            ("Saint-Étienne", "saint etienne"),
            ("L'Haÿ-les-Roses", "l hay les roses"),
            ("L’Haÿ–les—Roses", "l hay les roses"),
            ("Œuilly", "oeuilly"),
            ("Lætitia", "laetitia"),
            ("Côte-d'Or", "cote d or"),
            ("CA \"Saintes - Grandes Rives - L'Agglo\"", "ca saintes grandes rives l agglo"),
            ("Łukasz Sørensen-Đặng", "lukasz sorensen dang"),
            ("GROẞE Straße", "grosse strasse"),
            ("İstanbul ısı", "istanbul isi"),
            ("d´Artagnan", "d artagnan"),
            ("Fa\u{2bb}a\u{2bb}ā", "fa a a"),
            ("Jean\u{ad}Paul\u{200b}", "jeanpaul"),
            ("ﬁn Ａ１ ²", "fin a1 2"),
            ("ΣΟΦΟΣ σοφος σοφός", "σοφοσ σοφοσ σοφοσ"),
            ("Наталья Ёлкина", "наталья елкина"),
            ("مُحَمَّد", "محمد"),
            ("\0\t\n", ""),
            ("'", ""),
            ("", ""),
        ] {
            assert_eq!(fold(given), expected, "{given:?}");
        }
    }

    #[test]
    fn composed_and_decomposed_forms_are_the_same_name() {
        assert_eq!(fold("E\u{301}lodie"), fold("Élodie"));
    }

    /// For every character: folding its folded form changes nothing, and the folded form consists of words.
    #[test]
    fn every_character_folds_to_a_stable_form() {
        for character in char::MIN..=char::MAX {
            let folded = fold(&character.to_string());
            assert_eq!(fold(&folded), folded, "U+{:04X}", u32::from(character));
            assert!(is_words(&folded), "U+{:04X}", u32::from(character));
        }
    }

    fn is_words(folded: &str) -> bool {
        folded.is_empty() || folded.split(' ').all(|word| !word.is_empty() && word.chars().all(char::is_alphanumeric))
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.clone());
            prop_assert!(is_words(&folded));
        }

        #[test]
        fn case_and_separators_do_not_matter(words in prop::collection::vec("[a-zà-öù-ÿ]{1,8}", 1..5)) {
            let plain = fold(&words.join(" "));
            prop_assert_eq!(fold(&words.join("-").to_uppercase()), plain.clone());
            prop_assert_eq!(fold(&format!(" {}'", words.join(" ' "))), plain);
        }

        #[test]
        fn nothing_typed_is_a_wildcard(name in any::<String>()) {
            for pattern in like_patterns(&name) {
                let word = &pattern[1..pattern.len() - 1];
                prop_assert!(!word.is_empty() && !word.contains(['%', '_', '\\']), "{}", pattern);
            }
        }
    }

    #[test]
    fn thousands_are_separated_from_1_000_upwards() {
        for (number, french, english) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_234, "1\u{202f}234", "1,234"),
            (-1_000, "-1\u{202f}000", "-1,000"),
            (-999, "-999", "-999"),
            (68_319, "68\u{202f}319", "68,319"),
            (1_000_000, "1\u{202f}000\u{202f}000", "1,000,000"),
            (
                i64::MIN,
                "-9\u{202f}223\u{202f}372\u{202f}036\u{202f}854\u{202f}775\u{202f}808",
                "-9,223,372,036,854,775,808",
            ),
        ] {
            assert_eq!((grouped(number, Lang::Fr).as_str(), grouped(number, Lang::En).as_str()), (french, english));
        }
    }

    #[test]
    fn bytes_are_written_in_hexadecimal() {
        assert_eq!(hex(&[0, 9, 0xaf, 0xff]), "0009afff");
        assert_eq!(hex(&[]), "");
    }

    #[test]
    fn each_word_is_a_pattern() {
        assert_eq!(like_patterns("Les LUTINS d'Été"), ["%les%", "%lutins%", "%d%", "%ete%"]);
        assert_eq!(like_patterns("100%_\\"), ["%100%"]);
        assert!(like_patterns("%_?").is_empty());
    }
}
