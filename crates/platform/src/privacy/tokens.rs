//! Blind tokens: they find a person without storing a name.
//!
//! A token is an HMAC of a normalised value, per service. Equal values have equal tokens, so that tokens can be
//! indexed. Without the key a name cannot be tested against a token.

use chrono::NaiveDate;

use super::keys::MacKey;
use passerelle_base::text::{fold, sound};
use passerelle_base::text_enum;
use passerelle_base::values::Id;

text_enum! {
    /// The values that a token is made from.
    pub enum TokenKind {
        /// Family name and birth date.
        FamilyNameBirthDate = "family_name_birth_date",
        /// Given name and birth date.
        GivenNameBirthDate = "given_name_birth_date",
        /// Phonetic form of the family name, and birth month.
        PhoneticFamilyNameBirthMonth = "phonetic_family_name_birth_month",
        /// Family name and given name, without the birth date.
        FullName = "full_name",
        /// A telephone number of a contact.
        Phone = "phone",
        /// An e-mail address of a contact.
        Email = "email",
    }
}

/// Makes the tokens of one service. Tokens of different services never match.
pub struct Tokens<'a> {
    key: &'a MacKey,
    service: Id,
}

/// A token with its kind.
pub type Token = (TokenKind, Vec<u8>);

impl<'a> Tokens<'a> {
    pub(super) fn new(key: &'a MacKey, service: Id) -> Self {
        Self { key, service }
    }

    /// The tokens of a child, from the known names. For an unborn child, `birth_date` is the expected date.
    pub fn of_child(&self, given_name: Option<&str>, family_name: Option<&str>, birth_date: NaiveDate) -> Vec<Token> {
        let date = birth_date.to_string();
        let month = birth_date.format("%Y-%m").to_string();
        let mut tokens = Vec::new();
        if let Some(family) = family_name.map(fold).filter(|family| !family.is_empty()) {
            tokens.push(self.token(TokenKind::FamilyNameBirthDate, &[&family, &date]));
            tokens.push(self.token(TokenKind::PhoneticFamilyNameBirthMonth, &[&sound(&family), &month]));
        }
        if let Some(given) = given_name.map(fold).filter(|given| !given.is_empty()) {
            tokens.push(self.token(TokenKind::GivenNameBirthDate, &[&given, &date]));
        }
        tokens
    }

    /// The tokens of the whole name of a child, to find a family whose caller gives no birth date. There are two, and either
    /// finds the child:
    /// - of the words of each name in alphabetical order: `Lefèvre-Martin` is `MARTIN LEFEVRE`, but not `Martin`;
    /// - of the letters of each name: `De La Tour` is `Delatour`, and `Jean-Marc` is `Jeanmarc`.
    ///
    /// None without both names: a family name alone would tell which children are of one family.
    pub fn of_full_name(&self, given_name: Option<&str>, family_name: Option<&str>) -> Vec<Token> {
        let folded = |name: Option<&str>| name.map(fold).filter(|name| !name.is_empty());
        let (Some(given), Some(family)) = (folded(given_name), folded(family_name)) else { return Vec::new() };
        [("words", in_order as fn(&str) -> String), ("letters", without_spaces)]
            .map(|(form, of)| self.token(TokenKind::FullName, &[form, &of(&family), &of(&given)]))
            .into()
    }

    /// The tokens of a contact.
    pub fn of_contact(&self, phone: Option<&str>, email: Option<&str>) -> Vec<Token> {
        let phone = phone.map(normal_phone).filter(|phone| !phone.is_empty());
        let email = email.map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty());
        let phone = phone.map(|phone| self.token(TokenKind::Phone, &[&phone]));
        let email = email.map(|email| self.token(TokenKind::Email, &[&email]));
        phone.into_iter().chain(email).collect()
    }

    /// The tokens by which a contact is looked up: those of a contact, and those that the number had before numbers
    /// overseas were one in every form. A contact recorded then is found until its number is corrected.
    pub fn searching_contact(&self, phone: Option<&str>, email: Option<&str>) -> Vec<Token> {
        let mut tokens = self.of_contact(phone, email);
        let former = phone.map(former_phones).unwrap_or_default();
        tokens.extend(former.iter().map(|phone| self.token(TokenKind::Phone, &[phone])));
        tokens
    }

    fn token(&self, kind: TokenKind, values: &[&str]) -> Token {
        let mut parts: Vec<&[u8]> = vec![self.service.as_str().as_bytes(), kind.as_str().as_bytes()];
        parts.extend(values.iter().map(|value| value.as_bytes()));
        (kind, self.key.tag(&parts)[..16].to_vec())
    }
}

/// The words of a folded name in alphabetical order.
fn in_order(name: &str) -> String {
    let mut words: Vec<&str> = name.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}

fn without_spaces(name: &str) -> String {
    name.replace(' ', "")
}

/// The country codes of the French numbering plan, in which a number of nine digits belongs to one territory: mainland
/// France, La Réunion and Mayotte, Guadeloupe, Guyane, Martinique, Saint-Pierre-et-Miquelon. `0692…` is dialled
/// everywhere, `+262 692…` from abroad. Wallis-et-Futuna (681), Nouvelle-Calédonie (687) and Polynésie française (689)
/// are outside the plan: `06 87…` is a mobile of the mainland.
const FRENCH_PLAN: [&str; 6] = ["33", "262", "590", "594", "596", "508"];

/// The country code of Saint-Pierre-et-Miquelon, whose numbers of six digits follow it in the plan too: `0508 41 00 00`.
const SAINT_PIERRE: &str = "508";

/// One form of a telephone number, in digits. Every number of the French plan begins with 33: `06…`, `+33 6…`,
/// `0033 (0)6…` are one number, and so are `0692…`, `+262 692…` and `00262 0692…`. Another number begins with its
/// country code.
fn normal_phone(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let international = phone.chars().find(|character| !character.is_whitespace() && *character != '(') == Some('+');
    let after_zeros = if international { None } else { digits.strip_prefix("00") };
    match (international, after_zeros, digits.strip_prefix('0')) {
        (true, ..) | (false, None, None) => national(&digits).unwrap_or(digits),
        (false, Some(rest), _) => national(rest).unwrap_or_else(|| rest.to_owned()),
        (false, None, Some(rest)) => format!("33{rest}"),
    }
}

/// The form of a number of the French plan, from its country code and the rest, with or without the trunk prefix.
fn national(digits: &str) -> Option<String> {
    FRENCH_PLAN.iter().find_map(|country| {
        let rest = digits.strip_prefix(country)?;
        let rest = rest.strip_prefix('0').unwrap_or(rest);
        match rest.len() {
            9 if !rest.starts_with('0') => Some(format!("33{rest}")),
            6 if *country == SAINT_PIERRE => Some(format!("33{SAINT_PIERRE}{rest}")),
            // Shorter or longer than a number: without the trunk prefix, as it has always been.
            _ if *country == "33" => Some(format!("33{rest}")),
            _ => None,
        }
    })
}

/// The forms that tokens were made of before [`normal_phone`] knew the numbers overseas and `0033 0…`.
fn former_phones(phone: &str) -> Vec<String> {
    let normal = normal_phone(phone);
    let Some(rest) = normal.strip_prefix("33").filter(|rest| rest.len() == 9) else { return Vec::new() };
    let with_country = |country: &&'static str| {
        let short = rest.strip_prefix(SAINT_PIERRE).filter(|_| *country == SAINT_PIERRE);
        [format!("{country}{rest}"), format!("{country}0{rest}")]
            .into_iter()
            .chain(short.map(|short| format!("{SAINT_PIERRE}{short}")))
    };
    FRENCH_PLAN.iter().flat_map(with_country).filter(|former| *former != normal).collect()
}

#[cfg(test)]
mod tests {
    use crate::privacy::MasterKey;
    use crate::privacy::tokens::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn spelling_variants_have_the_same_token() {
        let key = MacKey::new(&MasterKey::generate(), "test");
        let tokens = Tokens::new(&key, Id::from(uuid::Uuid::nil()));
        let of = |given: &str, family: &str| tokens.of_child(Some(given), Some(family), date("2023-04-05"));
        assert_eq!(of("Zoé", "Lefèvre-Martin"), of("zoe", "LEFEVRE MARTIN"));
        let phonetic = |tokens: Vec<Token>| tokens.into_iter().find(|t| t.0 == TokenKind::PhoneticFamilyNameBirthMonth);
        assert_eq!(phonetic(of("Zoé", "Philippe")), phonetic(of("Zoé", "Filipe")));
        assert_ne!(of("Zoé", "Martin"), of("Zoé", "Durand"));
    }

    #[test]
    fn a_full_name_is_found_in_any_order_and_with_any_signs_but_not_in_part() {
        let key = MacKey::new(&MasterKey::generate(), "test");
        let tokens = Tokens::new(&key, Id::from(uuid::Uuid::nil()));
        let of = |given: &str, family: &str| tokens.of_full_name(Some(given), Some(family));
        let found = |sought: &[Token], recorded: &[Token]| sought.iter().any(|token| recorded.contains(token));
        let zoe = of("Zoé", "Lefèvre-Martin");
        for (given, family) in [
            ("ZOE", "lefevre martin"),
            ("zoë", "Martin-Lefèvre"),
            ("Zoé", "LEFÈVREMARTIN"),
            (" Zoé ", "Martin  Lefevre"),
        ] {
            assert!(found(&of(given, family), &zoe), "{given} {family}");
        }
        for (given, family) in
            [("Zoé", "Lefèvre"), ("Zoé", "Martin"), ("Zoéline", "Lefèvre-Martin"), ("Lefèvre", "Zoé Martin")]
        {
            assert!(!found(&of(given, family), &zoe), "{given} {family}");
        }
        assert!(found(&of("Jean Marc", "de la Tour"), &of("Jeanmarc", "Delatour")));
        assert!(tokens.of_full_name(None, Some("Martin")).is_empty());
        assert!(tokens.of_full_name(Some("-"), Some("Martin")).is_empty());
    }

    #[test]
    fn services_share_no_token() {
        let key = MacKey::new(&MasterKey::generate(), "test");
        let one = Tokens::new(&key, Id::from(uuid::Uuid::nil())).of_contact(Some("0612345678"), None);
        let other = Tokens::new(&key, Id::from(uuid::Uuid::max())).of_contact(Some("0612345678"), None);
        assert_ne!(one, other);
    }

    #[test]
    fn a_telephone_number_has_one_normal_form() {
        for written in [
            "06 12 34 56 78",
            "+33 6 12 34 56 78",
            "0033612345678",
            "+33 (0)6.12.34.56.78",
            "0033 (0)6 12 34 56 78",
            "(+33) 6 12 34 56 78",
            "+33\u{a0}6\u{202f}12\u{202f}34\u{202f}56\u{202f}78",
            "06\u{2011}12\u{2011}34\u{2011}56\u{2011}78",
            "33 6 12 34 56 78",
        ] {
            assert_eq!(normal_phone(written), "33612345678", "{written}");
        }
        for written in
            ["0692 12 34 56", "+262 692 12 34 56", "00262 692 12 34 56", "00262 (0)692 12 34 56", "262692123456"]
        {
            assert_eq!(normal_phone(written), "33692123456", "{written}");
        }
        for written in ["0508 41 00 00", "+508 41 00 00", "00508 41 00 00", "+508 0508 41 00 00", "508410000"] {
            assert_eq!(normal_phone(written), "33508410000", "{written}");
        }
        for written in ["+687 25 00 00", "00687 25 00 00", "687 25 00 00"] {
            assert_eq!(normal_phone(written), "687250000", "{written}");
        }
        assert_eq!(normal_phone("06 87 25 00 00"), "33687250000", "a mobile of the mainland");
        assert_eq!(normal_phone("+32 470 12 34 56"), "32470123456");
    }

    #[test]
    fn a_number_of_another_length_keeps_its_country_except_in_the_mainland() {
        assert_eq!(normal_phone("+33 (0)1 23 45"), "3312345");
        assert_eq!(normal_phone("+262 12 34 56"), "262123456", "six digits are a number in Saint-Pierre only");
        assert_eq!(normal_phone("+262 1 23 45"), "26212345");
        assert_eq!(normal_phone("+262 00 12 34 56 78"), "2620012345678", "no number begins with two zeros");
    }

    #[test]
    fn a_number_is_sought_in_its_former_forms_and_in_no_other() {
        let plan = ["33", "262", "590", "594", "596", "508"];
        let forms = |rest: &str| plan.map(|country| [format!("{country}{rest}"), format!("{country}0{rest}")]).concat();
        let expected = |rest: &str, short: Option<&str>| {
            let all = forms(rest).into_iter().chain(short.map(str::to_owned));
            all.filter(|form| *form != format!("33{rest}")).collect::<Vec<_>>()
        };
        assert_eq!(former_phones("06 12 34 56 78"), expected("612345678", None));
        assert_eq!(former_phones("0508 41 00 00"), expected("508410000", Some("508410000")));
        assert!(former_phones("+32 470 12 34 56").is_empty());
        assert!(former_phones("+33 1 23 45").is_empty());
    }

    #[test]
    fn nothing_that_is_empty_has_a_token() {
        let key = MacKey::new(&MasterKey::generate(), "test");
        let tokens = Tokens::new(&key, Id::from(uuid::Uuid::nil()));
        let kinds = |tokens: Vec<Token>| tokens.into_iter().map(|token| token.0).collect::<Vec<_>>();
        assert_eq!(kinds(tokens.of_contact(Some("-"), Some("  "))), []);
        assert_eq!(
            kinds(tokens.of_contact(Some("06 12 34 56 78"), Some(" A@b.fr "))),
            [TokenKind::Phone, TokenKind::Email]
        );
        assert_eq!(tokens.of_contact(None, Some(" A@b.fr ")), tokens.of_contact(None, Some("a@B.fr")));
    }

    /// What [`normal_phone`] was when the first tokens were stored.
    fn first_normal_phone(phone: &str) -> String {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        match (phone.trim_start().starts_with('+'), digits.strip_prefix("00"), digits.strip_prefix('0')) {
            (true, _, _) => digits.strip_prefix("330").map_or(digits.clone(), |rest| format!("33{rest}")),
            (false, Some(rest), _) => rest.to_owned(),
            (false, None, Some(rest)) => format!("33{rest}"),
            (false, None, None) => digits,
        }
    }

    /// The ways of writing a number of the plan: the country code, then nine digits.
    fn written(country: &str, rest: &str) -> Vec<String> {
        let spaced = rest.as_bytes().chunks(3).map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>();
        vec![
            format!("0{rest}"),
            format!("0{}", spaced.join(" ")),
            format!("+{country}{rest}"),
            format!("+{country} (0){}", spaced.join(".")),
            format!("00{country}{rest}"),
            format!("00{country}0{rest}"),
            format!("00 {country}\u{a0}(0){}", spaced.join("\u{202f}")),
            format!("{country}{rest}"),
        ]
    }

    proptest! {
        #[test]
        fn every_way_of_writing_a_number_of_the_plan_is_one_number(country in prop::sample::select(&FRENCH_PLAN[..]), rest in "[1-9][0-9]{8}") {
            for one in written(country, &rest) {
                prop_assert_eq!(normal_phone(&one), format!("33{rest}"), "{}", one);
            }
        }

        #[test]
        fn numbers_outside_the_plan_are_one_number_with_plus_or_zeros(country in "681|687|689", rest in "[2-9][0-9]{5}") {
            for one in [format!("+{country} {rest}"), format!("00{country}{rest}"), format!("{country} {rest}")] {
                prop_assert_eq!(normal_phone(&one), format!("{country}{rest}"), "{}", one);
            }
        }

        #[test]
        fn what_was_found_by_the_first_tokens_is_still_found(
            country in prop::sample::select(&FRENCH_PLAN[..]), rest in "[1-9][0-9]{8}", recorded in 0usize..8, sought in 0usize..8
        ) {
            let forms = written(country, &rest);
            let (recorded, sought) = (&forms[recorded], &forms[sought]);
            let mut searched = former_phones(sought);
            searched.push(normal_phone(sought));
            prop_assert!(searched.contains(&first_normal_phone(recorded)), "{} {}", recorded, sought);
        }
    }
}
