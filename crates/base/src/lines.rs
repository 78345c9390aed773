//! Which characters a typed text may have: texts of one line, texts of several, and texts that nobody can see.
//!
//! These are the formats of texts in the contract. A control character in a title ends the line of a calendar feed or
//! of a printed list, and a character of direction shows a text in another order than it has.

use unicode_normalization::char::is_combining_mark;

/// A text format of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextFormat {
    /// Its name in the contract.
    pub name: &'static str,
    /// Whether the text may have several lines.
    pub several_lines: bool,
    /// Whether something of it must be visible.
    pub visible: bool,
}

/// The formats. Texts without a format of their own have one of them.
pub const FORMATS: [TextFormat; 4] = [
    TextFormat { name: "line", several_lines: false, visible: false },
    TextFormat { name: "visible-line", several_lines: false, visible: true },
    TextFormat { name: "lines", several_lines: true, visible: false },
    TextFormat { name: "visible-lines", several_lines: true, visible: true },
];

/// Whether a text has one line: no control character (line feed, carriage return, tab, U+0085), no separator of lines or
/// paragraphs, no character that sets the direction of writing.
pub fn is_line(text: &str) -> bool {
    !text.chars().any(breaks_a_line)
}

/// [`is_line`] of a text with something to see.
pub fn is_visible_line(text: &str) -> bool {
    is_line(text) && is_visible(text)
}

/// Whether a text is made of lines: [`is_line`], with tabs and the ends of lines (line feed, with or without a carriage
/// return).
pub fn is_lines(text: &str) -> bool {
    text.replace("\r\n", "\n").split(['\n', '\t']).all(is_line)
}

/// [`is_lines`] of a text with something to see.
pub fn is_visible_lines(text: &str) -> bool {
    is_lines(text) && is_visible(text)
}

/// Whether something of a text is visible: spaces, characters without width and combining marks alone are blank.
pub fn is_visible(text: &str) -> bool {
    !text.chars().all(is_blank)
}

fn breaks_a_line(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
        )
}

/// Whether a character shows nothing by itself.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || is_combining_mark(character)
        || matches!(
            character,
            // Soft hyphen, fillers, zero-width characters, directions, invisible operators, variation selectors, tags.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use crate::lines::*;
    use proptest::prelude::*;

    const BREAKING: &str = "\r\n\t\u{b}\u{c}\u{0}\u{1b}\u{7f}\u{85}\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}";
    const BLANK: &str = " \u{a0}\u{202f}\u{2009}\u{3000}\u{ad}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{301}\u{20dd}\u{64b}\u{3164}\u{115f}\u{2800}\u{fe0f}\u{e0101}";

    #[test]
    fn names_of_people_and_titles_are_lines_that_show_something() {
        for text in [
            "Zoé",
            "Łukasz",
            "Наталья",
            "محمد",
            "李",
            "E\u{301}lodie",
            "क्षितिज",
            "Sons et rythmes",
            "L’été",
            "☀",
            "-",
            "👨\u{200d}👩\u{200d}👧",
            "deux\u{a0}: trois",
            "می\u{200c}خواهم",
        ] {
            assert!(is_visible_line(text), "{text:?}");
        }
        for text in ["Sons\r\net rythmes", "a\u{2028}b", "\u{202e}abc", "Sons\tet"] {
            assert!(!is_line(text), "{text:?}");
        }
    }

    #[test]
    fn several_lines_have_ends_of_lines_and_tabs_but_nothing_that_hides() {
        for text in ["", "a\nb", "a\r\nb\r\n", "\tliste"] {
            assert!(is_lines(text), "{text:?}");
        }
        for text in ["a\rb", "a\u{b}b", "a\u{202e}b", "a\u{85}b", "a\0b", "a\u{2029}b"] {
            assert!(!is_lines(text), "{text:?}");
        }
        assert!(is_visible_lines("\n a") && !is_visible_lines("\r\n \t\n"));
    }

    fn among(characters: &'static str) -> impl Strategy<Value = String> {
        let characters: Vec<char> = characters.chars().collect();
        prop::collection::vec(prop::sample::select(characters), 0..8).prop_map(|chosen| chosen.into_iter().collect())
    }

    proptest! {
        #[test]
        fn one_breaking_character_anywhere_is_refused(before in "\\PC{0,5}", after in "\\PC{0,5}", breaking in among(BREAKING)) {
            prop_assert_eq!(is_line(&format!("a{breaking}b")), breaking.is_empty());
            prop_assume!(!breaking.is_empty());
            let text = format!("{before}{breaking}{after}");
            prop_assert!(!is_line(&text));
        }

        #[test]
        fn what_has_no_visible_character_is_blank_and_one_makes_it_visible(blank in among(BLANK), letter in "[a-zé0-9А-я一-十]") {
            prop_assert!(!is_visible(&blank), "{:?}", blank);
            let text = format!("{blank}{letter}{blank}");
            prop_assert!(is_visible(&text));
        }

        #[test]
        fn a_line_is_one_of_several(text in any::<String>()) {
            prop_assert!(!is_line(&text) || is_lines(&text));
        }
    }
}
