//! Official numbers of organisations: SIRET and FINESS.
//!
//! Both are text columns and strings of the contract. The contract's validator checks them with the rest of the
//! request.

use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat};

use crate::text_newtype;

/// The SIREN of La Poste, whose establishments have their own check rule.
const LA_POSTE: &str = "356000000";

text_newtype! {
    /// Number of an establishment in the SIRENE register.
    pub struct Siret: ObjectBuilder::new()
        .description(Some("SIRET: fourteen digits without spaces. The last one is a check digit, which is verified."))
        .format(Some(SchemaFormat::Custom("siret".into())))
        .pattern(Some("^[0-9]{14}$"))
        .examples([serde_json::json!("73282932000074")])
}

text_newtype! {
    /// Number of an establishment or of its legal entity in the FINESS register.
    ///
    /// Only its form is checked: nine characters that begin with a département's number, with a letter in Corsica
    /// (`2A`, `2B`). The numbers in the register's open data end with a Luhn digit, but no published rule says that all
    /// of them do, nor how letters count. Refusing a real number would be worse than accepting a mistyped one.
    pub struct Finess: ObjectBuilder::new()
        .description(Some("FINESS number: nine characters that begin with a département's number (`63`, `2A`, `2B`)."))
        .pattern(Some("^(2[AB]|[0-9]{2})[0-9]{7}$"))
        .examples([serde_json::json!("630780989")])
}

/// Whether a text is a SIRET: fourteen digits that satisfy the Luhn formula. La Poste has more establishments than that
/// formula allows, so for La Poste a sum of digits that is a multiple of 5 is also valid.
///
/// Source: the article "Système d'identification du répertoire des établissements" of the French Wikipedia, which also
/// says that the number of La Poste's head office (35600000000048) still satisfies the Luhn formula.
pub fn is_siret(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|character| character.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 14) else { return false };
    luhn(&digits) || (number.starts_with(LA_POSTE) && digits.iter().sum::<u32>().is_multiple_of(5))
}

/// The Luhn formula: double every second digit from the right, then add up all digits. The sum is a multiple of 10.
fn luhn(digits: &[u32]) -> bool {
    let doubled = |(rank, &digit): (usize, &u32)| match (rank % 2, digit * 2) {
        (0, _) => digit,
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use crate::identifiers::*;
    use proptest::prelude::*;

    #[test]
    fn real_numbers_are_valid_and_near_ones_are_not() {
        // The usual example, the head office of La Poste, and a number whose digits add up to 35.
        for number in ["73282932000074", "35600000000048", "35600000009075"] {
            assert!(is_siret(number), "{number}");
        }
        for number in
            ["", "732829320", "73282932000075", "7328293200007", "732829320000740", "7328293200007X", "73282932 00074"]
        {
            assert!(!is_siret(number), "{number}");
        }
        assert!(!is_siret("35600000009076"), "neither check rule");
        assert!(!is_siret("73282932000079"), "the multiple of 5 is for La Poste alone");
        assert!(!is_siret("７３２８２９３２００００７４"), "full-width digits");
    }

    proptest! {
        #[test]
        fn one_check_digit_in_ten_is_valid(start in "[0-9]{13}") {
            prop_assume!(!start.starts_with(LA_POSTE));
            let keys = (0..10).filter(|key| is_siret(&format!("{start}{key}"))).count();
            prop_assert_eq!(keys, 1);
        }

        #[test]
        fn one_wrong_digit_is_detected(start in "[1-9][0-9]{12}", at in 0usize..14, change in 1u32..10) {
            prop_assume!(!start.starts_with('3'));
            let number = (0..10).map(|key| format!("{start}{key}")).find(|number| is_siret(number)).unwrap();
            let wrong: String = number.chars().enumerate().map(|(rank, digit)| {
                let digit = digit.to_digit(10).unwrap();
                char::from_digit(if rank == at { (digit + change) % 10 } else { digit }, 10).unwrap()
            }).collect();
            prop_assume!(!wrong.starts_with(LA_POSTE));
            prop_assert!(!is_siret(&wrong), "{} {}", number, wrong);
        }

        #[test]
        fn any_text_can_be_checked(text in any::<String>()) {
            prop_assert!(!is_siret(&text) || text.len() == 14);
        }
    }
}
