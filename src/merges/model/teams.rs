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
    /// Référents who become members: the current one of the absorbed case, if the case that stays has one, and the former ones of the
    /// case that does not give the référent.
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

/// The former référents who become members: a case has one line of référents. A change of hands that is undone gives the case back
/// to who had it before in the same line.
pub fn set_aside(current: &[Part], former: &[Part]) -> Vec<Id> {
    let has = |parts: &[Part], stays: bool| parts.iter().any(|part| part.is_referent && part.stays == stays);
    let line = if has(current, true) || has(current, false) { has(current, true) } else { has(former, true) };
    former.iter().filter(|part| part.is_referent && part.stays != line).map(|part| part.id).collect()
}

/// A part in the team of the joined case when the merge is undone. Days are as the database writes them, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartNow {
    /// The part.
    pub id: Id,
    /// First day.
    pub starts_on: String,
    /// Last day; none while it lasts.
    pub ends_on: Option<String>,
    /// Whether the person is the référent.
    pub is_referent: bool,
}

/// The last days that parts get back when the merge is undone. A change of hands since the merge is one of the case that stays: it
/// ends no part of the case that comes back. A former référent who was a member meanwhile has handed the case over, whatever became
/// of them as a member. What a person said otherwise stays.
pub fn ends_back(
    before: &[(Id, Option<String>)],
    (back, members): (&[Id], &[Id]),
    now: &[PartNow],
) -> Vec<(Id, Option<String>)> {
    let is_new = |part: &&PartNow| part.is_referent && !before.iter().any(|(known, _)| *known == part.id);
    let mut all = Vec::new();
    for (id, end) in before.iter().filter(|(id, _)| back.contains(id) || members.contains(id)) {
        let Some(part) = now.iter().find(|part| part.id == *id) else { continue };
        let handed_over =
            now.iter().filter(is_new).any(|new| part.ends_on.as_ref() == Some((&new.starts_on).max(&part.starts_on)));
        let wanted = match end {
            Some(end) if members.contains(id) && (handed_over || part.ends_on.is_none()) => Some(end.clone()),
            _ if handed_over => None,
            _ => continue,
        };
        let in_order = wanted.as_ref().is_none_or(|end| *end >= part.starts_on);
        if wanted != part.ends_on && in_order {
            all.push((*id, wanted));
        }
    }
    all
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

    fn id() -> Id {
        Id::next(UtcTs::from(chrono::DateTime::UNIX_EPOCH))
    }

    #[test]
    fn a_case_has_one_line_of_referents() {
        let of = |stays, is_referent| Part { id: id(), user: id(), stays, is_referent };
        let former = [of(true, true), of(false, true), of(true, false), of(false, false)];
        let (mine, theirs) = (former[0].id, former[1].id);
        for (current, expected) in [
            (vec![of(true, true)], vec![theirs]),
            (vec![of(true, true), of(false, true)], vec![theirs]),
            (vec![of(false, true), of(true, false)], vec![mine]),
            (vec![], vec![theirs]),
        ] {
            assert_eq!(set_aside(&current, &former), expected, "{current:?}");
        }
        assert!(set_aside(&[], &former[1..]).is_empty());
    }

    #[test]
    fn a_change_of_hands_since_ends_no_part_that_comes_back() {
        let day = |day: &str| Some(day.to_owned());
        let (one, new) = (id(), id());
        let part =
            |end: Option<String>| PartNow { id: one, starts_on: "2026-03-05".into(), ends_on: end, is_referent: false };
        let referent = |on: &str| PartNow { id: new, starts_on: on.into(), ends_on: None, is_referent: true };
        let back = |before: Option<String>, now: &[PartNow], members: &[Id]| {
            ends_back(&[(one, before)], (&[one], members), now).pop().map(|(_, end)| end)
        };
        for (on, end, expected) in [
            ("2026-03-09", "2026-03-09", Some(None)),
            // Handed over from a day before they joined.
            ("2026-03-02", "2026-03-05", Some(None)),
            // They left on another day.
            ("2026-03-09", "2026-03-08", None),
        ] {
            assert_eq!(back(None, &[part(day(end)), referent(on)], &[]), expected, "{on} {end}");
        }
        assert_eq!(back(None, &[part(day("2026-03-09"))], &[]), None, "nobody took the case over");
        let ended = day("2026-03-07");
        assert_eq!(back(ended.clone(), &[part(None)], &[one]), Some(ended.clone()));
        assert_eq!(back(ended.clone(), &[part(None)], &[]), None, "a member who is there again");
        assert_eq!(back(day("2026-03-04"), &[part(None)], &[one]), None, "days stay in their order");
        assert_eq!(
            back(ended.clone(), &[part(ended), referent("2026-03-07")], &[one]),
            None,
            "it had ended on that day"
        );
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
