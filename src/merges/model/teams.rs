//! What becomes of the current parts in the teams of two cases that become one: the case has one référent, and each person one
//! part. Pure.

use crate::db::Id;

/// A current part of a person in the team of one of the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The part.
    pub id: Id,
    /// The person.
    pub user: Id,
    /// Whether it is in the case that stays.
    pub stays: bool,
    /// Whether the person is the référent.
    pub is_referent: bool,
}

/// What becomes of them. A part of the absorbed case that is in no list moves as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinedTeams {
    /// Parts of the absorbed case that go, each with the part of the same person that stays.
    pub dropped: Vec<(Id, Id)>,
    /// Référents of the absorbed case who become members: the case that stays has a référent.
    pub members: Vec<Id>,
    /// Parts of members of the case that stays who become its référent: theirs in the absorbed case moves, and this one ends.
    pub ended: Vec<Id>,
}

/// Joins the teams of two cases.
pub fn joined(parts: &[Part]) -> JoinedTeams {
    let referent_of = |stays: bool| parts.iter().find(|part| part.stays == stays && part.is_referent);
    let referent = referent_of(true).or_else(|| referent_of(false));
    let in_charge = |part: &Part| referent.is_some_and(|one| one.id == part.id);
    // The part that a person has afterwards: that of the référent, that in the case that stays, that of a member.
    let kept = |part: &Part| {
        let theirs = || parts.iter().filter(|other| other.user == part.user);
        referent
            .filter(|one| one.user == part.user)
            .or_else(|| theirs().find(|other| other.stays))
            .or_else(|| theirs().find(|other| !other.is_referent))
            .map_or(part.id, |one| one.id)
    };
    let mut joined = JoinedTeams::default();
    for part in parts {
        let kept = kept(part);
        match (part.stays, kept == part.id) {
            (false, true) if part.is_referent && !in_charge(part) => joined.members.push(part.id),
            (false, false) => joined.dropped.push((part.id, kept)),
            (true, false) if referent.is_some_and(|one| !one.stays && one.id == kept) => joined.ended.push(part.id),
            _ => {}
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::db::UtcTs;
    use crate::merges::model::teams::*;

    /// The current parts of a team: some members, and a référent who may be one of them.
    fn team(stays: bool, people: &[Id]) -> impl Strategy<Value = Vec<Part>> + use<> {
        let people = people.to_vec();
        let of = move |user: Id, is_referent| Part {
            id: Id::next(UtcTs::from(chrono::DateTime::UNIX_EPOCH)),
            user,
            stays,
            is_referent,
        };
        let members = proptest::sample::subsequence(people.clone(), 0..=people.len());
        (members, proptest::option::of(proptest::sample::select(people))).prop_map(move |(members, referent)| {
            members.into_iter().map(|user| of(user, false)).chain(referent.map(|user| of(user, true))).collect()
        })
    }

    proptest! {
        #[test]
        fn a_joined_team_has_one_referent_and_each_person_once(
            (mine, theirs) in {
                let people: Vec<Id> = (0..4).map(|_| Id::next(UtcTs::from(chrono::DateTime::UNIX_EPOCH))).collect();
                (team(true, &people), team(false, &people))
            }
        ) {
            // A person who has two parts in the case that stays keeps both: the merge changes neither.
            prop_assume!(!mine.iter().any(|one| mine.iter().any(|other| one.id != other.id && one.user == other.user)));
            let all: Vec<Part> = mine.iter().chain(&theirs).copied().collect();
            let joined = joined(&all);
            let is_gone = |part: &Part| {
                joined.ended.contains(&part.id) || joined.dropped.iter().any(|(gone, _)| *gone == part.id)
            };
            let left: Vec<Part> = all
                .iter()
                .filter(|part| !is_gone(part))
                .map(|part| Part { is_referent: part.is_referent && !joined.members.contains(&part.id), ..*part })
                .collect();
            for part in &all {
                prop_assert_eq!(left.iter().filter(|one| one.user == part.user).count(), 1, "{:?}", all);
            }
            let referent = |team: &[Part]| team.iter().find(|part| part.is_referent).map(|part| part.user);
            prop_assert!(left.iter().filter(|part| part.is_referent).count() <= 1);
            prop_assert_eq!(referent(&left), referent(&mine).or(referent(&theirs)));
            for (_, into) in &joined.dropped {
                prop_assert!(left.iter().any(|part| part.id == *into));
            }
        }
    }
}
