//! What work is in the scope of a pôle; no I/O.

/// The only work around school: a transition to it (Cnaf).
const SCHOOL_BRIDGE: &str = "school_bridge";
/// The place and the participant that say that school is concerned.
const SCHOOL: &str = "school";
const TEACHER: &str = "teacher";

/// Why a piece of work around school is out of scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutOfScope {
    /// On school time.
    Time,
    /// At school.
    Place,
    /// With school staff: the rank of the participants that say so.
    Staff(usize),
}

/// Cnaf: work on school time or with school staff is out of scope, except bridges. Every breach is told.
pub(super) fn school_rules<'a>(
    kind: &str,
    place: &str,
    on_school_time: bool,
    participants: impl Iterator<Item = &'a str>,
) -> Vec<OutOfScope> {
    if kind == SCHOOL_BRIDGE {
        return Vec::new();
    }
    let time = on_school_time.then_some(OutOfScope::Time);
    let at = (place == SCHOOL).then_some(OutOfScope::Place);
    let staff = participants.enumerate().filter(|(_, kind)| *kind == TEACHER);
    time.into_iter().chain(at).chain(staff.map(|(rank, _)| OutOfScope::Staff(rank))).collect()
}

#[cfg(test)]
mod tests {
    use crate::cases::interventions::model::*;
    use crate::nomenclatures::{self, lists};

    #[test]
    fn the_codes_of_the_rule_are_in_the_lists() {
        assert!(nomenclatures::contains(lists::INTERVENTION_TYPE, SCHOOL_BRIDGE));
        assert!(nomenclatures::contains(lists::INTERVENTION_PLACE, SCHOOL));
        assert!(nomenclatures::contains(lists::PARTICIPANT_TYPE, TEACHER));
    }

    #[test]
    fn around_school_only_a_bridge_is_in_scope() {
        let rules =
            |kind, place, time, people: &[&'static str]| school_rules(kind, place, time, people.iter().copied());
        for code in nomenclatures::list(lists::INTERVENTION_TYPE).unwrap().codes() {
            let kind = code.code.as_str();
            let bridge = kind == SCHOOL_BRIDGE;
            assert_eq!(rules(kind, "phone", true, &[]).is_empty(), bridge, "{kind}");
            assert_eq!(rules(kind, SCHOOL, false, &[]).is_empty(), bridge, "{kind}");
            assert_eq!(rules(kind, "phone", false, &["parent", TEACHER]).is_empty(), bridge, "{kind}");
            assert!(rules(kind, "phone", false, &["parent"]).is_empty(), "{kind}");
        }
        let all = rules("advice", SCHOOL, true, &["parent", TEACHER]);
        assert_eq!(all, [OutOfScope::Time, OutOfScope::Place, OutOfScope::Staff(1)]);
    }
}
