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

    /// The tokens of a contact.
    pub fn of_contact(&self, phone: Option<&str>, email: Option<&str>) -> Vec<Token> {
        let phone = phone.map(normal_phone).filter(|phone| !phone.is_empty());
        let email = email.map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty());
        let phone = phone.map(|phone| self.token(TokenKind::Phone, &[&phone]));
        let email = email.map(|email| self.token(TokenKind::Email, &[&email]));
        phone.into_iter().chain(email).collect()
    }

    fn token(&self, kind: TokenKind, values: &[&str]) -> Token {
        let mut parts: Vec<&[u8]> = vec![self.service.as_str().as_bytes(), kind.as_str().as_bytes()];
        parts.extend(values.iter().map(|value| value.as_bytes()));
        (kind, self.key.tag(&parts)[..16].to_vec())
    }
}

/// The digits of a number, with the French trunk prefix replaced by the country code: 06… and +33 6… are the same.
fn normal_phone(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    match (phone.trim_start().starts_with('+'), digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (true, _, _) => digits.strip_prefix("330").map_or(digits.clone(), |rest| format!("33{rest}")),
        (false, Some(rest), _) => rest.to_owned(),
        (false, None, Some(rest)) => format!("33{rest}"),
        (false, None, None) => digits,
    }
}

#[cfg(test)]
mod tests {
    use crate::privacy::MasterKey;
    use crate::privacy::tokens::*;

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
    fn services_share_no_token() {
        let key = MacKey::new(&MasterKey::generate(), "test");
        let one = Tokens::new(&key, Id::from(uuid::Uuid::nil())).of_contact(Some("0612345678"), None);
        let other = Tokens::new(&key, Id::from(uuid::Uuid::max())).of_contact(Some("0612345678"), None);
        assert_ne!(one, other);
    }

    #[test]
    fn a_telephone_number_has_one_normal_form() {
        for written in ["06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678", "+33 (0)6.12.34.56.78"] {
            assert_eq!(normal_phone(written), "33612345678", "{written}");
        }
    }
}
