//! School time and school staff, which are out of scope except for a bridge. Pure.
//!
//! Cnaf: work on school time or with school staff is out of scope, except bridges (transitions to school). PRPE: a
//! deferred start of school is such a transition. Codes with the attribute `school` involve school, codes with
//! `school_transition` are bridges.

use crate::error::{Fault, Text};
use crate::nomenclatures::codes::{
    CollectiveActionType, InterventionPlace, InterventionType, OrganisationKind, ParticipantType, ReferralNeed,
};
use crate::nomenclatures::{self, is_marked, lists};

/// The code of the fault of work on school time or at school.
pub const TIME: &str = "school_time_not_covered";
/// The code of the fault of work with school staff.
pub const STAFF: &str = "school_staff_not_covered";

const SCHOOL: &str = "school";
const TRANSITION: &str = "school_transition";

/// Whether a referral is out of scope: it is about school time, comes from a school or is about one, and is not a
/// bridge. `kinds` are those of the organisations that it names.
pub fn excludes_referral<'a>(
    origin: &str,
    concerns_school_time: bool,
    mut kinds: impl Iterator<Item = &'a str>,
    needs: impl Iterator<Item = &'a str>,
) -> bool {
    let involves_school = concerns_school_time
        || is_marked(lists::REFERRAL_ORIGIN, origin, SCHOOL)
        || kinds.any(|kind| is_marked(lists::ORGANISATION_KIND, kind, SCHOOL));
    involves_school && !is_bridge(needs)
}

/// Whether one of the needs of a referral makes it a bridge.
pub fn is_bridge<'a>(mut needs: impl Iterator<Item = &'a str>) -> bool {
    needs.any(|need| is_marked(lists::REFERRAL_NEED, need, TRANSITION))
}

/// Whether an organisation is a school or is staffed by the school system.
pub fn is_school(kind: &OrganisationKind) -> bool {
    is_marked(OrganisationKind::LIST, kind.as_str(), SCHOOL)
}

/// Where the rule is asked. It tells whether the work is a bridge, and how a bridge is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door<'a> {
    /// An intervention or an appointment of this type.
    Intervention(&'a InterventionType),
    /// A collective action of this kind.
    Action(&'a CollectiveActionType),
    /// A loan of a kit, for a case with a bridge or not.
    Loan {
        /// Whether a need of the case is a transition to school.
        for_a_bridge: bool,
    },
    /// A referent of the network: no bridge.
    Referent,
}

impl Door<'_> {
    fn is_bridge(self) -> bool {
        match self {
            Self::Intervention(kind) => is_marked(InterventionType::LIST, kind.as_str(), TRANSITION),
            Self::Action(kind) => is_marked(CollectiveActionType::LIST, kind.as_str(), TRANSITION),
            Self::Loan { for_a_bridge } => for_a_bridge,
            Self::Referent => false,
        }
    }

    /// How to record a bridge, in French and English; nothing where there is none.
    fn way_out(self) -> (String, String) {
        let (field, list) = match self {
            Self::Intervention(_) => ("type", InterventionType::LIST),
            Self::Action(_) => ("kind", CollectiveActionType::LIST),
            Self::Loan { .. } => {
                let needs = transitions(ReferralNeed::LIST);
                return (
                    format!(", sauf pour une passerelle : indiquer dans `case_id` le suivi dont le besoin est {needs}"),
                    format!(", except for a bridge: give in `case_id` the case whose need is {needs}"),
                );
            }
            Self::Referent => return (String::new(), String::new()),
        };
        let kinds = transitions(list);
        (
            format!(", sauf pour une passerelle (`{field}` : {kinds})"),
            format!(", except for a bridge (`{field}`: {kinds})"),
        )
    }
}

/// The codes of a list that are bridges, as texts name them.
fn transitions(list: &str) -> String {
    let codes = nomenclatures::list(list).map(nomenclatures::CodeList::codes).unwrap_or_default();
    let bridges: Vec<String> =
        codes.iter().filter(|code| code.is_marked(TRANSITION)).map(|code| format!("`{}`", code.code)).collect();
    bridges.join(", ")
}

/// The work of a request that may involve school. Each part that does is a fault, unless the work is a bridge.
#[derive(Debug)]
pub struct Around<'a> {
    door: Door<'a>,
    faults: Vec<Fault>,
}

impl<'a> Around<'a> {
    /// Nothing yet.
    pub fn new(door: Door<'a>) -> Self {
        Self { door, faults: Vec::new() }
    }

    /// Whether it is on school time.
    #[must_use]
    pub fn time(mut self, pointer: &str, on_school_time: bool) -> Self {
        if on_school_time {
            self.push(pointer, TIME, ("Le temps scolaire".into(), "School time".into()));
        }
        self
    }

    /// The place.
    #[must_use]
    pub fn place(mut self, pointer: &str, place: &InterventionPlace) -> Self {
        if is_marked(InterventionPlace::LIST, place.as_str(), SCHOOL) {
            let place = place.as_str();
            self.push(pointer, TIME, (format!("Le lieu `{place}`"), format!("The place `{place}`")));
        }
        self
    }

    /// Participants, each at its pointer.
    #[must_use]
    pub fn people<'p>(mut self, people: impl IntoIterator<Item = (String, &'p ParticipantType)>) -> Self {
        for (pointer, kind) in people {
            if is_marked(ParticipantType::LIST, kind.as_str(), SCHOOL) {
                self.push(&pointer, STAFF, staff(&format!("`{kind}`")));
            }
        }
        self
    }

    /// Organisations, each at its pointer.
    #[must_use]
    pub fn organisations<'o>(mut self, kinds: impl IntoIterator<Item = (String, &'o OrganisationKind)>) -> Self {
        for (pointer, kind) in kinds {
            if is_school(kind) {
                self.push(&pointer, STAFF, staff(&format!("organisation `{kind}`")));
            }
        }
        self
    }

    /// The faults: none for a bridge.
    pub fn faults(self) -> Vec<Fault> {
        if self.door.is_bridge() { Vec::new() } else { self.faults }
    }

    fn push(&mut self, pointer: &str, code: &'static str, (fr, en): (String, String)) {
        let (way_fr, way_en) = self.door.way_out();
        let message = Text::new(
            format!("{fr} : hors du périmètre du service{way_fr}."),
            format!("{en}: out of the scope of the service{way_en}."),
        );
        self.faults.push(Fault::new(pointer, code, message));
    }
}

fn staff(who: &str) -> (String, String) {
    (format!("Le travail avec le personnel de l'école ({who})"), format!("Work with school staff ({who})"))
}

/// What is wrong with a referral that involves school and is not a bridge.
pub(super) fn referral_message() -> Text {
    let needs = transitions(ReferralNeed::LIST);
    Text::new(
        format!(
            "Le temps scolaire, l'école et le travail avec son personnel sont hors du périmètre du service, sauf pour une passerelle (besoin {needs})."
        ),
        format!(
            "School time, schools and work with school staff are out of scope, except for a bridge (need {needs})."
        ),
    )
}

#[cfg(test)]
mod tests {
    use crate::services::public::model::school::*;

    fn codes(list: &str, attribute: &str) -> Vec<&'static str> {
        let codes = nomenclatures::list(list).unwrap().codes().iter();
        codes.filter(|code| code.is_marked(attribute)).map(|code| code.code.as_str()).collect()
    }

    #[test]
    fn the_lists_say_what_is_school_and_what_is_a_bridge() {
        for (list, expected) in [
            (lists::REFERRAL_ORIGIN, vec!["school"]),
            (lists::INTERVENTION_PLACE, vec!["school"]),
            (lists::PARTICIPANT_TYPE, vec!["teacher"]),
            (lists::ORGANISATION_KIND, vec!["school", "education_authority"]),
        ] {
            assert_eq!(codes(list, SCHOOL), expected, "{list}");
        }
        for (list, expected) in [
            (lists::REFERRAL_NEED, vec!["deferred_school_start", "school_transition"]),
            (lists::INTERVENTION_TYPE, vec!["deferred_school_start_help", "school_bridge"]),
            (lists::COLLECTIVE_ACTION_TYPE, vec!["school_bridge"]),
        ] {
            assert_eq!(codes(list, TRANSITION), expected, "{list}");
        }
    }

    #[test]
    fn an_intervention_that_involves_school_is_in_scope_only_as_a_bridge() {
        let (at_school, by_phone) = ("school".parse().unwrap(), "phone".parse().unwrap());
        let (parent, teacher) = ("parent".parse().unwrap(), "teacher".parse().unwrap());
        let (school, nursery) = ("school".parse().unwrap(), "eaje".parse().unwrap());
        for code in nomenclatures::list(lists::INTERVENTION_TYPE).unwrap().codes() {
            let kind: InterventionType = code.code.parse().unwrap();
            let bridge = code.is_marked(TRANSITION);
            let around = || Around::new(Door::Intervention(&kind));
            let people = |who: &'static [&'static str]| {
                let one = |(at, who): (usize, &&str)| (format!("/participants/{at}/kind"), *who == "teacher");
                who.iter().enumerate().map(one).collect::<Vec<_>>()
            };
            let with = |who| {
                let people = people(who);
                let people = people.into_iter().map(|(at, is)| (at, if is { &teacher } else { &parent }));
                around().people(people).faults()
            };
            assert_eq!(around().time("/on_school_time", true).faults().is_empty(), bridge, "{kind}");
            assert_eq!(around().place("/place", &at_school).faults().is_empty(), bridge, "{kind}");
            assert_eq!(with(&["parent", "teacher"]).is_empty(), bridge, "{kind}");
            assert_eq!(
                around().organisations([("/organisation_id".to_owned(), &school)]).faults().is_empty(),
                bridge,
                "{kind}"
            );
            assert!(with(&["parent"]).is_empty(), "{kind}");
            let aside = around().time("/on_school_time", false).place("/place", &by_phone);
            assert!(aside.organisations([(String::new(), &nursery)]).faults().is_empty(), "{kind}");
        }
    }

    #[test]
    fn each_refusal_is_at_its_place_and_names_the_value_and_the_way_out() {
        let (kind, place) = ("advice".parse().unwrap(), "school".parse().unwrap());
        let teacher = "teacher".parse().unwrap();
        let around = Around::new(Door::Intervention(&kind)).time("/on_school_time", true).place("/place", &place);
        let faults = around.people([("/participants/1/kind".to_owned(), &teacher)]).faults();
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_ref())).collect();
        assert_eq!(found, [("/on_school_time", TIME), ("/place", TIME), ("/participants/1/kind", STAFF)]);
        assert_eq!(
            faults[2].message.en,
            "Work with school staff (`teacher`): out of the scope of the service, except for a bridge (`type`: `deferred_school_start_help`, `school_bridge`)."
        );
        assert_eq!(
            faults[1].message.fr,
            "Le lieu `school` : hors du périmètre du service, sauf pour une passerelle (`type` : `deferred_school_start_help`, `school_bridge`)."
        );
    }

    #[test]
    fn a_loan_to_a_school_needs_the_case_of_a_bridge_and_a_referent_at_school_is_never_in_scope() {
        let school = "school".parse().unwrap();
        let at = |door| Around::new(door).organisations([("/o".to_owned(), &school)]).faults().len();
        assert_eq!(at(Door::Loan { for_a_bridge: false }), 1);
        assert_eq!(at(Door::Loan { for_a_bridge: true }), 0);
        assert_eq!(at(Door::Referent), 1);
    }
}
