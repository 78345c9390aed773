//! The rules of an act: those that are the same for every case, and those of each case.

use chrono::NaiveDate;

use crate::cases::common::day_faults;
use crate::cases::interventions::dto::{InterventionInput, Participants, distinct};
use crate::cases::model::Subject;
use crate::cases::store::CaseRow;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Faults, Text};
use crate::households::model::{Birth, CHILD_PARTICIPANT};
use crate::nomenclatures;
use crate::nomenclatures::codes::{InterventionMode, InterventionType, OrganisationKind};
use crate::services;
use crate::services::public::model::agreement::{self, AgreementPurpose};
use crate::services::public::model::school::{Around as Involved, Door};
use crate::work::Work;
use crate::{organisations, resource_people};

/// The mode of a type in the code list.
pub(in crate::cases::interventions) fn mode_of(kind: &InterventionType) -> Result<InterventionMode, ApiError> {
    let mode = nomenclatures::mode_of(kind.as_str()).and_then(|mode| mode.parse().ok());
    mode.ok_or_else(|| ApiError::new(Code::Internal))
}

/// The faults of work around school that is no bridge, with a structure of this kind if it names one.
pub fn around_school(new: &InterventionInput, organisation: Option<&OrganisationKind>) -> Vec<Fault> {
    let people = new.participants.iter().enumerate();
    Involved::new(Door::Intervention(&new.kind))
        .time("/on_school_time", new.on_school_time)
        .place("/place", &new.place)
        .people(people.map(|(rank, one)| (format!("/participants/{rank}/kind"), &one.kind)))
        .organisations(organisation.map(|kind| ("/organisation_id".to_owned(), kind)))
        .faults()
}

/// The faults that do not depend on a case: an organisation that is not in the directory, work around school that is no
/// bridge, and a next action that is too far ahead. `called_before` are the resource people whom it named before.
pub(in crate::cases::interventions) fn common_faults(
    work: &mut Work<'_>,
    service: Id,
    new: &InterventionInput,
    called_before: &[Id],
    faults: &mut Faults,
) -> Result<(), ApiError> {
    let organisation = [("/organisation_id", new.organisation_id)];
    let found = organisations::ops::find_named(work, service, &organisation, faults)?;
    faults.add(around_school(new, found.values().next().map(|found| &found.kind)));
    let of_day = (new.held_on, called_before);
    resource_people::ops::check_named(work, service, &new.resource_person_ids, of_day, faults)?;
    let today = services::ops::today(work, service)?;
    faults.add(new.next_action_on.and_then(|day| dates::not_too_far_ahead("/next_action_on", day, today)));
    Ok(())
}

/// The faults of a type that is about cases without one, or the other way round.
pub fn about_fault(kind: &InterventionType, cases: usize) -> Option<Fault> {
    let about_none = nomenclatures::is_about_no_case(kind.as_str());
    match (about_none, cases) {
        (true, 0) | (false, 1..) => None,
        (true, _) => Some(Fault::new(
            "/type",
            "about_no_case",
            Text::new(
                format!("`{kind}` est un travail hors suivi : choisir un autre type, ou ne pas nommer de suivi."),
                format!("`{kind}` is work about no case: choose another type, or name no case."),
            ),
        )),
        (false, 0) => {
            let listed =
                nomenclatures::list(InterventionType::LIST).map(nomenclatures::CodeList::codes).unwrap_or_default();
            let possible: Vec<String> = listed
                .iter()
                .filter(|code| nomenclatures::is_about_no_case(&code.code))
                .map(|code| format!("`{}`", code.code))
                .collect();
            let possible = possible.join(", ");
            Some(Fault::new(
                "/type",
                "case_required",
                Text::new(
                    format!(
                        "`{kind}` concerne un suivi au moins : le nommer, ou choisir un type hors suivi ({possible})."
                    ),
                    format!(
                        "`{kind}` is about one case at least: name it, or choose a type about no case ({possible})."
                    ),
                ),
            ))
        }
    }
}

/// The fault of a next action on a case that is closed.
pub(in crate::cases::interventions) fn next_action_fault(
    case: &CaseRow,
    next_action_on: Option<NaiveDate>,
) -> Option<Fault> {
    next_action_on.filter(|_| !case.is_open()).map(|_| {
        Fault::new(
            "/next_action_on",
            "case_closed",
            Text::new(
                "Ce suivi est clos : il n'a plus de prochaine action. Retirer cette date, ou rouvrir le suivi.",
                "This case is closed: it has no next action. Remove this date, or reopen the case.",
            ),
        )
    })
}

/// The fault of a next action of work about no case.
pub(in crate::cases::interventions) fn no_follow_up() -> Fault {
    Fault::new(
        "/next_action_on",
        "case_required",
        Text::new(
            "Un travail hors suivi n'a pas de prochaine action : retirer cette date.",
            "Work about no case has no next action: remove this date.",
        ),
    )
}

/// Whether a child is among the participants.
pub fn names_child(participants: &[Participants]) -> bool {
    participants.iter().any(|one| one.kind.is(CHILD_PARTICIPANT))
}

/// The fault of work with a child on a day on which no child that it is about was born. `births` are those of its cases, none for a
/// structure and once the child is erased: whose child took part is not known then.
pub fn with_child_fault(
    pointer: &str,
    day: NaiveDate,
    participants: &[Participants],
    births: impl IntoIterator<Item = Option<Birth>>,
) -> Option<Fault> {
    if !names_child(participants) {
        return None;
    }
    let mut first = None;
    for birth in births {
        let fault = birth?.fault(pointer, day)?;
        first.get_or_insert(fault);
    }
    first
}

/// The faults of one case: the day, and the family's agreement before a partner is contacted.
pub(in crate::cases::interventions) fn case_faults(
    case: &CaseRow,
    first_day: NaiveDate,
    agreements: &[(AgreementPurpose, NaiveDate)],
    new: &InterventionInput,
    today: NaiveDate,
) -> Vec<Fault> {
    let mut faults = day_faults("/held_on", new.held_on, (first_day, "before_request"), today, case);
    if case.subject == Subject::Child {
        faults.extend(agreement::work_fault(&new.kind, new.held_on, agreements, "/type"));
    }
    faults
}

/// The faults of the users named who have no active role in the service.
pub(in crate::cases::interventions) fn professional_faults(named: &[Id], active: &[Id]) -> Vec<Fault> {
    let unknown = named.iter().enumerate().filter(|(_, user)| !active.contains(user));
    unknown
        .map(|(rank, user)| {
            Fault::new(
                format!("/professional_ids/{rank}"),
                "unknown_professional",
                Text::new(
                    format!("Aucun compte actif du service n'a l'identifiant {user}."),
                    format!("No active user of the service has the identifier {user}."),
                ),
            )
        })
        .collect()
}

/// The fault of users that a patch names twice: a new act is checked as its body is read.
pub(in crate::cases::interventions) fn repeated_fault(named: &[Id]) -> Option<Fault> {
    distinct(named).err().map(|_| {
        Fault::new(
            "/professional_ids",
            "not_unique",
            Text::new("Un identifiant est donné deux fois.", "An identifier is given twice."),
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::cases::interventions::ops::checks::*;

    #[test]
    fn a_child_takes_part_once_one_of_those_concerned_is_born() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let with = |kind: &str| vec![Participants { kind: kind.parse().unwrap(), number: 1 }];
        let (born, unborn) = (Birth::Born(day("2026-03-01")), Birth::Expected(day("2026-05-01")));
        let fault = |kind: &str, births: &[Option<Birth>]| {
            with_child_fault("/held_on", day("2026-03-02"), &with(kind), births.iter().copied()).map(|one| one.pointer)
        };
        let refused = Some("/held_on".to_owned());
        assert_eq!(fault("child", &[Some(unborn)]), refused);
        assert_eq!(fault("child", &[Some(unborn), Some(unborn)]), refused);
        assert_eq!(fault("parent", &[Some(unborn)]), None);
        for births in [vec![Some(born)], vec![Some(unborn), Some(born)], vec![Some(unborn), None], vec![None], vec![]] {
            assert_eq!(fault("child", &births), None, "{births:?}");
        }
    }

    #[test]
    fn a_type_is_about_cases_or_about_none() {
        let codes = nomenclatures::list(InterventionType::LIST).unwrap().codes();
        let code = |kind: &str, cases| about_fault(&kind.parse().unwrap(), cases).map(|fault| fault.code.into_owned());
        for one in codes {
            let about_none = one.is_marked("no_case");
            assert_eq!(code(&one.code, 0).is_none(), about_none, "{}", one.code);
            assert_eq!(code(&one.code, 1).is_none(), !about_none, "{}", one.code);
            assert_eq!(code(&one.code, 20).is_none(), !about_none, "{}", one.code);
        }
        assert_eq!(code("network", 1).as_deref(), Some("about_no_case"));
        assert_eq!(code("family_interview", 0).as_deref(), Some("case_required"));
    }
}
