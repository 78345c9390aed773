//! The identities of children and contacts, and how much two children resemble each other. Pure.

use std::fmt;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::dates;
use crate::db::text_enum;
use crate::error::{Fault, Text};
use crate::text::{fold, sound};

/// The identity of a child: the sealed document of `children.identity`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildIdentity {
    /// Given name; may be absent for an unborn child.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: String,
    /// Birth date of a born child.
    pub birth_date: Option<NaiveDate>,
    /// Expected date of birth of an unborn child.
    pub expected_on: Option<NaiveDate>,
}

text_enum! {
    /// A member of the identity of a child.
    pub enum IdentityMember {
        /// Given name.
        GivenName = "given_name",
        /// Family name.
        FamilyName = "family_name",
        /// Birth date.
        BirthDate = "birth_date",
        /// Expected date of birth.
        ExpectedOn = "expected_on",
    }
}

impl ChildIdentity {
    /// The members in which two identities differ, apart from accents and case.
    pub fn differences(&self, other: &Self) -> Vec<IdentityMember> {
        let folded = |name: &Option<String>| name.as_deref().map(fold);
        [
            (IdentityMember::GivenName, folded(&self.given_name) != folded(&other.given_name)),
            (IdentityMember::FamilyName, fold(&self.family_name) != fold(&other.family_name)),
            (IdentityMember::BirthDate, self.birth_date != other.birth_date),
            (IdentityMember::ExpectedOn, self.expected_on != other.expected_on),
        ]
        .into_iter()
        .filter_map(|(member, differs)| differs.then_some(member))
        .collect()
    }
}

impl fmt::Debug for ChildIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl Drop for ChildIdentity {
    fn drop(&mut self) {
        self.given_name.zeroize();
        self.family_name.zeroize();
    }
}

impl ChildIdentity {
    /// The date from which ages are computed: the birth date, or the expected date of birth.
    pub fn origin(&self) -> Option<NaiveDate> {
        self.birth_date.or(self.expected_on)
    }
}

/// The identity of a contact: the sealed document of `contacts.identity`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactIdentity {
    /// Name.
    pub name: String,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

impl fmt::Debug for ContactIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl Drop for ContactIdentity {
    fn drop(&mut self) {
        self.name.zeroize();
        self.phone.zeroize();
        self.email.zeroize();
    }
}

/// The code of the fault of a day before the birth of a child.
const BEFORE_BIRTH: &str = "before_birth";
/// The age, in years, above which a birth date is a mistake. Children are followed until their 18th birthday (Cnaf);
/// the rest is a margin for what is recorded afterwards. Our choice.
const OLDEST: u32 = 25;
/// How long, in months, an expected day of birth is in the future: a pregnancy lasts nine. Our choice.
const LATEST_EXPECTED: u32 = 10;
/// How long ago, in months, an expected day may be when it is recorded: the birth is not known yet. Our choice.
const EARLIEST_EXPECTED: u32 = 2;

/// The fault of a birth date that no child has: in the future, or too long ago.
pub fn birth_fault(date: NaiveDate, today: NaiveDate, pointer: &str) -> Option<Fault> {
    if date > today {
        let message = Text::new(
            "Cette date est dans le futur : donner `expected_on` pour un enfant à naître.",
            "This date is in the future: give `expected_on` for an unborn child.",
        );
        return Some(Fault::new(pointer, "birth_date_to_come", message));
    }
    let first = today.checked_sub_months(Months::new(OLDEST * 12))?;
    dates::not_before(pointer, date, first, "out_of_range")
}

/// The fault of an expected day of birth that is not about now.
pub fn expected_fault(date: NaiveDate, today: NaiveDate, pointer: &str) -> Option<Fault> {
    let first = today.checked_sub_months(Months::new(EARLIEST_EXPECTED))?;
    let last = today.checked_add_months(Months::new(LATEST_EXPECTED))?;
    let early = dates::not_before(pointer, date, first, "out_of_range");
    early.or_else(|| dates::not_after(pointer, date, last, "out_of_range"))
}

/// The birth of a child, from which its days are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Birth {
    /// The child is born: its birth date.
    Born(NaiveDate),
    /// The child is unborn, or nobody has recorded its birth: the expected day.
    Expected(NaiveDate),
}

/// The steps of a case in which the child takes part. The needs of a child who is expected can be assessed, and a place sought.
pub const STEPS_OF_A_CHILD: &[&str] = &["accompanied_first_visit", "effective_placement", "integration_follow_up"];

/// The kind of participants that is the child of a case.
pub const CHILD_PARTICIPANT: &str = "child";

impl Birth {
    /// The birth of a child; none if neither date is recorded.
    pub fn of(child: &ChildIdentity) -> Option<Self> {
        child.birth_date.map(Self::Born).or(child.expected_on.map(Self::Expected))
    }

    /// The day.
    pub fn day(self) -> NaiveDate {
        let (Self::Born(on) | Self::Expected(on)) = self;
        on
    }

    /// The fault of a day in the life of the child that is before its birth.
    pub fn fault(self, pointer: impl Into<String>, day: NaiveDate) -> Option<Fault> {
        let message = match self {
            Self::Born(on) if day < on => {
                let (day_fr, on_fr) = (dates::french(day), dates::french(on));
                Text::new(
                    format!(
                        "Cette date ({day_fr}) précède la naissance de l'enfant ({on_fr}) : la corriger, ou corriger la date de naissance (`PATCH /v1/children/{{id}}`)."
                    ),
                    format!(
                        "This date ({day}) is before the birth of the child ({on}): correct it, or correct the birth date (`PATCH /v1/children/{{id}}`)."
                    ),
                )
            }
            Self::Expected(on) if day < on => {
                let (day_fr, on_fr) = (dates::french(day), dates::french(on));
                Text::new(
                    format!(
                        "Cette date ({day_fr}) précède la naissance attendue de l'enfant ({on_fr}) : la corriger, ou enregistrer la naissance (`PATCH /v1/children/{{id}}`)."
                    ),
                    format!(
                        "This date ({day}) is before the expected birth of the child ({on}): correct it, or record the birth (`PATCH /v1/children/{{id}}`)."
                    ),
                )
            }
            Self::Born(_) | Self::Expected(_) => return None,
        };
        Some(Fault::new(pointer, BEFORE_BIRTH, message))
    }

    /// The fault of a request about the child that arrived before it can have been expected. Requests arrive during a
    /// pregnancy, so this is earlier than the birth.
    pub fn request_fault(self, pointer: impl Into<String>, received_on: NaiveDate) -> Option<Fault> {
        let on = self.day();
        let first = on.checked_sub_months(Months::new(LATEST_EXPECTED))?;
        (received_on < first).then(|| {
            let message = Text::new(
                format!(
                    "Cette date précède de plus de {LATEST_EXPECTED} mois la naissance de l'enfant ({}) : vérifier l'année des deux dates.",
                    dates::french(on)
                ),
                format!(
                    "This date is more than {LATEST_EXPECTED} months before the birth of the child ({on}): check the year of both dates."
                ),
            );
            Fault::new(pointer, BEFORE_BIRTH, message)
        })
    }
}

text_enum! {
    /// How likely a candidate is the child described, most likely first.
    pub enum Likelihood {
        /// Same names and same date: most probably the same child.
        Same = "same",
        /// A name or the date differs slightly: a spelling, a correction.
        Likely = "likely",
        /// Same family, other given name: a sibling or a twin.
        Sibling = "sibling",
        /// Something in common: a telephone number, the sound of a name, a date.
        Possible = "possible",
    }
}

/// The Jaro–Winkler similarity from which two spellings count as one name: "Mathis" and "Matis", but not "Léo" and "Léa".
const SAME_NAME: f64 = 0.9;

/// Compares two identities. Symmetric. A missing value counts neither for nor against.
pub fn likelihood(a: &ChildIdentity, b: &ChildIdentity) -> Likelihood {
    let (family, spelling) = compare(&a.family_name, &b.family_name);
    // Only for family names: "Léo" and "Léa" sound alike to the encoder, and are often twins.
    let spelling = spelling || sound_alike(&a.family_name, &b.family_name);
    let given = match (&a.given_name, &b.given_name) {
        (Some(a), Some(b)) => Some(compare(a, b)),
        _ => None,
    };
    let date = match (a.origin(), b.origin()) {
        (Some(a), Some(b)) => Some((a == b, (a - b).num_days().abs() <= 31)),
        _ => None,
    };
    // Each pair is (equal, close). A value that one of the two lacks is `None`.
    match ((family, spelling), given, date) {
        ((true, _), Some((true, _)), Some((true, _))) => Likelihood::Same,
        // Close names and dates within a month; or an unborn child without a given name; or a missing date; or the
        // family name of the other parent.
        ((_, true), Some((_, true)), Some((_, true)))
        | ((true, _), None, Some((_, true)))
        | ((true, _), Some((true, _)), None)
        | (_, Some((true, _)), Some((true, _))) => Likelihood::Likely,
        ((_, true), Some((_, false)), _) => Likelihood::Sibling,
        _ => Likelihood::Possible,
    }
}

/// Whether two names are equal and whether they are close, without case, accents or punctuation.
fn compare(a: &str, b: &str) -> (bool, bool) {
    let (a, b) = (fold(a), fold(b));
    let equal = a == b && !a.is_empty();
    (equal, equal || strsim::jaro_winkler(&a, &b) >= SAME_NAME)
}

fn sound_alike(a: &str, b: &str) -> bool {
    let (a, b) = (fold(a), fold(b));
    !a.is_empty() && sound(&a) == sound(&b)
}

#[cfg(test)]
mod tests {
    use crate::households::model::*;
    use proptest::prelude::*;

    #[test]
    fn dates_of_birth_out_of_reason_are_refused() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = date("2026-03-02");
        let code = |fault: Option<Fault>| fault.map(|fault| fault.code.into_owned());
        for (day, expected) in [
            ("2026-03-02", None),
            ("2026-03-03", Some("birth_date_to_come")),
            ("2001-03-02", None),
            ("2001-03-01", Some("out_of_range")),
            ("0001-01-01", Some("out_of_range")),
            ("2036-03-02", Some("birth_date_to_come")),
        ] {
            assert_eq!(code(birth_fault(date(day), today, "/birth_date")).as_deref(), expected, "{day}");
        }
        for (day, expected) in [
            ("2026-01-02", None),
            ("2026-01-01", Some("out_of_range")),
            ("2015-06-01", Some("out_of_range")),
            ("2027-01-02", None),
            ("2027-01-03", Some("out_of_range")),
            ("2036-03-02", Some("out_of_range")),
        ] {
            assert_eq!(code(expected_fault(date(day), today, "/expected_on")).as_deref(), expected, "{day}");
        }
    }

    #[test]
    fn a_day_of_a_child_is_on_its_birth_at_the_earliest() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        for birth in [Birth::Born(date("2026-03-02")), Birth::Expected(date("2026-03-02"))] {
            for (day, refused) in [("2026-03-01", true), ("2026-03-02", false), ("2026-03-03", false)] {
                let fault = birth.fault("/starts_on", date(day));
                assert_eq!(fault.is_some(), refused, "{birth:?} {day}");
                assert!(fault.is_none_or(|one| one.code == "before_birth" && one.message.fr.contains("02/03/2026")));
            }
            assert!(birth.request_fault("/received_on", date("2025-05-02")).is_none());
            assert!(birth.request_fault("/received_on", date("2025-05-01")).is_some());
        }
    }

    fn child(given: Option<&str>, family: &str, birth: Option<&str>) -> ChildIdentity {
        ChildIdentity {
            given_name: given.map(str::to_owned),
            family_name: family.into(),
            birth_date: birth.map(|date| date.parse().unwrap()),
            expected_on: None,
        }
    }

    #[test]
    fn likelihoods_of_everyday_cases() {
        let zoe = child(Some("Zoé"), "Lefèvre", Some("2023-04-05"));
        for (other, expected) in [
            (child(Some("ZOE"), "lefevre", Some("2023-04-05")), Likelihood::Same),
            (child(Some("Zoë"), "Lefebvre", Some("2023-04-05")), Likelihood::Likely),
            (child(Some("Zoé"), "Lefèvre", Some("2023-04-15")), Likelihood::Likely),
            (child(Some("Zoé"), "Lephèvre", Some("2023-04-15")), Likelihood::Likely),
            (child(Some("Zoé"), "Martin", Some("2023-04-05")), Likelihood::Likely),
            (child(None, "Lefèvre", Some("2023-04-12")), Likelihood::Likely),
            (child(Some("Hugo"), "Lefèvre", Some("2023-04-05")), Likelihood::Sibling),
            (child(Some("Hugo"), "Lefèvre", Some("2020-01-01")), Likelihood::Sibling),
            (child(Some("Hugo"), "Martin", Some("2023-04-05")), Likelihood::Possible),
        ] {
            assert_eq!(likelihood(&zoe, &other), expected, "{:?} {}", other.given_name, other.family_name);
        }
    }

    #[test]
    fn twins_are_two_children() {
        for (one, other) in [("Léo", "Léa"), ("Noa", "Noé"), ("Lina", "Lila"), ("Gabriel", "Gabin")] {
            let [one, other] = [one, other].map(|given| child(Some(given), "Exemple", Some("2023-04-05")));
            assert_eq!(likelihood(&one, &other), Likelihood::Sibling, "{:?}", other.given_name);
        }
    }

    #[test]
    fn debug_prints_nothing() {
        assert_eq!(format!("{:?}", child(Some("Zoé"), "Lefèvre", None)), "[personal]");
    }

    proptest! {
        #[test]
        fn likeness_is_symmetric(a in "[a-zé]{0,6}", b in "[a-zé]{0,6}", c in "[a-z]{1,6}", d in "[a-z]{1,6}", days in 0i64..60) {
            let start: NaiveDate = "2023-01-01".parse().unwrap();
            let one = ChildIdentity { given_name: Some(a), family_name: c, birth_date: Some(start), expected_on: None };
            let date = start + chrono::Duration::days(days);
            let two = ChildIdentity { given_name: Some(b), family_name: d, birth_date: Some(date), expected_on: None };
            prop_assert_eq!(likelihood(&one, &two), likelihood(&two, &one));
        }

        #[test]
        fn a_child_is_the_same_as_itself(given in "[a-z]{1,8}", family in "[a-z]{1,8}") {
            let one = child(Some(&given), &family, Some("2023-04-05"));
            prop_assert_eq!(likelihood(&one, &one), Likelihood::Same);
        }
    }
}
