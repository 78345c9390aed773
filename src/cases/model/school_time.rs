//! School time: which referrals and interventions around school are out of scope. Pure.
//!
//! Cnaf: work on school time or with school staff is out of scope, except bridges (transitions to school). This module is the
//! only place that applies this rule. A referral and an intervention have different codes for school and for a bridge.

/// The need of a referral that makes it a bridge to school.
const BRIDGE_NEED: &str = "school_transition";
/// The origin of a referral made by a school.
const SCHOOL_ORIGIN: &str = "school";
/// The type of an intervention that is a bridge to school.
const BRIDGE_INTERVENTION: &str = "school_bridge";
/// The place of an intervention at school.
const SCHOOL_PLACE: &str = "school";
/// The kind of the participants who are school staff.
const TEACHER: &str = "teacher";

/// How an intervention involves school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchoolInvolvement {
    /// It is on school time.
    Time,
    /// It takes place at school.
    Place,
    /// It is done with school staff: the index of these participants.
    Staff(usize),
}

/// Whether a referral is out of scope: it is about school time or comes from a school, and is not a bridge.
pub fn excludes_referral<'a>(
    origin: &str,
    concerns_school_time: bool,
    mut needs: impl Iterator<Item = &'a str>,
) -> bool {
    (concerns_school_time || origin == SCHOOL_ORIGIN) && !needs.any(|need| need == BRIDGE_NEED)
}

/// What puts an intervention out of scope; empty for a bridge, and if school is not involved.
pub fn exclusions_of_intervention<'a>(
    kind: &str,
    place: &str,
    on_school_time: bool,
    participants: impl Iterator<Item = &'a str>,
) -> Vec<SchoolInvolvement> {
    if kind == BRIDGE_INTERVENTION {
        return Vec::new();
    }
    let time = on_school_time.then_some(SchoolInvolvement::Time);
    let at_school = (place == SCHOOL_PLACE).then_some(SchoolInvolvement::Place);
    let teachers = participants.enumerate().filter(|(_, kind)| *kind == TEACHER);
    let staff = teachers.map(|(index, _)| SchoolInvolvement::Staff(index));
    time.into_iter().chain(at_school).chain(staff).collect()
}

#[cfg(test)]
mod tests {
    use crate::cases::model::school_time::*;
    use crate::nomenclatures::{self, lists};
    use SchoolInvolvement::{Place, Staff, Time};

    #[test]
    fn the_codes_of_the_rule_are_in_the_lists() {
        for (list, code) in [
            (lists::REFERRAL_NEED, BRIDGE_NEED),
            (lists::REFERRAL_ORIGIN, SCHOOL_ORIGIN),
            (lists::INTERVENTION_TYPE, BRIDGE_INTERVENTION),
            (lists::INTERVENTION_PLACE, SCHOOL_PLACE),
            (lists::PARTICIPANT_TYPE, TEACHER),
        ] {
            assert!(nomenclatures::contains(list, code), "{list} {code}");
        }
    }

    #[test]
    fn a_referral_that_involves_school_is_in_scope_only_as_a_bridge() {
        let excluded = |origin, time, needs: &[&'static str]| excludes_referral(origin, time, needs.iter().copied());
        assert!(!excluded("pmi", false, &["find_childcare"]));
        for (origin, time) in [("pmi", true), (SCHOOL_ORIGIN, false), (SCHOOL_ORIGIN, true)] {
            assert!(excluded(origin, time, &["find_childcare"]), "{origin} {time}");
            assert!(!excluded(origin, time, &["find_childcare", BRIDGE_NEED]), "{origin} {time}");
        }
    }

    #[test]
    fn an_intervention_that_involves_school_is_in_scope_only_as_a_bridge() {
        let rule = |kind, place, time, people: &[&'static str]| {
            exclusions_of_intervention(kind, place, time, people.iter().copied())
        };
        for code in nomenclatures::list(lists::INTERVENTION_TYPE).unwrap().codes() {
            let kind = code.code.as_str();
            let bridge = kind == BRIDGE_INTERVENTION;
            assert_eq!(rule(kind, "phone", true, &[]).is_empty(), bridge, "{kind}");
            assert_eq!(rule(kind, SCHOOL_PLACE, false, &[]).is_empty(), bridge, "{kind}");
            assert_eq!(rule(kind, "phone", false, &["parent", TEACHER]).is_empty(), bridge, "{kind}");
            assert!(rule(kind, "phone", false, &["parent"]).is_empty(), "{kind}");
        }
        let all = rule("advice", SCHOOL_PLACE, true, &["parent", TEACHER]);
        assert_eq!(all, [Time, Place, Staff(1)]);
    }
}
