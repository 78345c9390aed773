//! Entries of the agenda from their rows, without what they name: see `related`.

use chrono::NaiveDate;

use super::dto::{AgendaEntry, AgendaKind};
use super::store::pursued::ProcedureColumns;
use super::store::{
    AbsenceColumns, ActionColumns, AppointmentColumns, CaseColumns, ConventionColumns, Key, LoanColumns, PlaceColumns,
    ReviewColumns,
};
use crate::actions::model::ActionStatus;
use crate::db::Id;
use crate::error::Lang;
use crate::nomenclatures::{self, lists};
use crate::services::model::Settings;
use crate::territories::{CommuneCode, TerritoryKind, territories};

/// The case of an entry that is about one case.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneCase {
    pub(super) id: Id,
    pub(super) child: Option<Id>,
    pub(super) household: Option<Id>,
}

/// An entry that lacks the names.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) entry: AgendaEntry,
    pub(super) case: Option<OneCase>,
    pub(super) kit: Option<Id>,
    /// The person of an entry that is about one person.
    pub(super) person: Option<Id>,
}

impl Draft {
    /// Its place in the order of the agenda.
    pub(super) fn key(&self) -> Key {
        (self.entry.on, self.entry.starts_at.clone().unwrap_or_default(), self.entry.object_id)
    }
}

/// An entry with the members that every kind has.
fn entry(kind: AgendaKind, service_id: Id, object_id: Id, on: NaiveDate, collection: &str) -> AgendaEntry {
    AgendaEntry {
        kind,
        on,
        until: None,
        starts_at: None,
        minutes: None,
        overdue: false,
        title: String::new(),
        status: None,
        service_id,
        object_id,
        path: format!("/v1/{collection}/{object_id}"),
        place: None,
        commune_code: None,
        commune_name: None,
        organisation_id: None,
        organisation_name: None,
        cases: Vec::new(),
        professional_ids: Vec::new(),
        professional_names: Vec::new(),
    }
}

fn alone(entry: AgendaEntry) -> Draft {
    Draft { entry, case: None, kit: None, person: None }
}

/// The label of a code.
pub(super) fn label(list: &str, code: &str, lang: Lang) -> String {
    let known = nomenclatures::list(list).and_then(|list| list.get(code));
    known.map_or_else(|| code.to_owned(), |code| code.label(lang.tag()).to_owned())
}

fn name_of(kind: TerritoryKind, code: &str) -> Option<String> {
    territories().get(kind, code).map(|one| one.name.to_owned())
}

fn in_commune(entry: AgendaEntry, commune: &CommuneCode) -> AgendaEntry {
    let (code, name) = (commune.as_str().to_owned(), name_of(TerritoryKind::Commune, commune.as_str()));
    AgendaEntry { commune_code: Some(code), commune_name: name, ..entry }
}

pub(super) fn appointment(row: AppointmentColumns, past: bool, lang: Lang) -> Draft {
    let (id, service, on, starts_at, minutes, status, kind, place, organisation_id) = row;
    alone(AgendaEntry {
        starts_at: Some(starts_at),
        minutes: Some(minutes),
        overdue: past && status.is_open(),
        title: label(lists::INTERVENTION_TYPE, kind.as_str(), lang),
        status: Some(status.as_str()),
        place: Some(place),
        organisation_id,
        ..entry(AgendaKind::Appointment, service, id, on, "appointments")
    })
}

fn of_case(entry: AgendaEntry, row: &CaseColumns) -> Draft {
    let case = OneCase { id: row.0, child: row.3, household: row.4 };
    let entry = AgendaEntry { organisation_id: row.5, ..in_commune(entry, &row.6) };
    Draft { entry, case: Some(case), kit: None, person: None }
}

pub(super) fn follow_up(row: &CaseColumns, past: bool, lang: Lang) -> Option<Draft> {
    let title = lang.pick("Suivi à faire", "Follow-up").to_owned();
    let entry = AgendaEntry { overdue: past, title, ..entry(AgendaKind::FollowUp, row.1, row.0, row.2?, "cases") };
    Some(of_case(entry, row))
}

/// The day on which the resumption of a suspended case is planned.
pub(super) fn resumption(row: &CaseColumns, past: bool, lang: Lang) -> Option<Draft> {
    let title = lang.pick("Reprise prévue du suivi", "Planned resumption").to_owned();
    let entry = AgendaEntry { overdue: past, title, ..entry(AgendaKind::Resumption, row.1, row.0, row.2?, "cases") };
    Some(of_case(entry, row))
}

/// The day on which something is to be done about a procedure.
pub(super) fn procedure(row: &ProcedureColumns, past: bool, lang: Lang) -> Option<Draft> {
    let title = label(lists::PROCEDURE_KIND, row.3.as_str(), lang);
    Some(of_procedure(
        row,
        AgendaEntry { overdue: past, title, ..entry(AgendaKind::Procedure, row.1, row.0, row.2?, "procedures") },
    ))
}

/// The last day of what a procedure granted.
pub(super) fn procedure_expiry(row: &ProcedureColumns, lang: Lang) -> Option<Draft> {
    let kind = label(lists::PROCEDURE_KIND, row.3.as_str(), lang);
    let title = match lang {
        Lang::Fr => format!("Fin de validité : {kind}"),
        Lang::En => format!("Expiry: {kind}"),
    };
    let entry = entry(AgendaKind::ProcedureExpiry, row.1, row.0, row.2?, "procedures");
    Some(of_procedure(row, AgendaEntry { title, ..entry }))
}

fn of_procedure(row: &ProcedureColumns, entry: AgendaEntry) -> Draft {
    let case = OneCase { id: row.5, child: row.6, household: row.7 };
    let entry = AgendaEntry { organisation_id: row.4, ..in_commune(entry, &row.8) };
    Draft { entry, case: Some(case), kit: None, person: None }
}

/// An entry about a placement, which names its organisation and its case.
fn of_place(entry: AgendaEntry, row: PlaceColumns) -> Draft {
    let (_, _, _, organisation, id, child, household, commune) = row;
    let case = OneCase { id, child, household };
    Draft {
        case: Some(case),
        ..alone(AgendaEntry { organisation_id: Some(organisation), ..in_commune(entry, &commune) })
    }
}

/// The start of a planned placement.
pub(super) fn placement_start(row: PlaceColumns, past: bool, lang: Lang) -> Draft {
    let title = lang.pick("Accueil prévu : début à confirmer", "Planned placement: start to be confirmed").to_owned();
    let entry = entry(AgendaKind::PlacementStart, row.1, row.0, row.2, "placements");
    of_place(AgendaEntry { overdue: past, title, ..entry }, row)
}

/// The day on which the service asks whether a child is still there.
pub(super) fn placement_review(row: ReviewColumns, past: bool, lang: Lang) -> Draft {
    let (id, service, on, organisation, case, child, household, commune, months) = row;
    let title = match lang {
        Lang::Fr => format!("Accueil : point à {months} mois"),
        Lang::En => format!("Placement: review after {months} {}", if months == 1 { "month" } else { "months" }),
    };
    let entry = entry(AgendaKind::PlacementReview, service, id, on, "placement-reviews");
    let place = (id, service, on, organisation, case, child, household, commune);
    of_place(AgendaEntry { overdue: past, title, ..entry }, place)
}

/// The birthday at which a child is no longer in the age range of the service.
pub(super) fn age_limit(
    row: &CaseColumns,
    on: NaiveDate,
    settings: &Settings,
    today: NaiveDate,
    lang: Lang,
) -> Option<Draft> {
    let years = settings.age_upper_birthday;
    let title = match lang {
        Lang::Fr => format!("Limite d'âge du service : {years} {}", if years < 2 { "an" } else { "ans" }),
        Lang::En => format!("Upper age of the service: {years}"),
    };
    let entry = entry(AgendaKind::AgeLimit, row.1, row.3?, on, "children");
    Some(of_case(AgendaEntry { overdue: on <= today, title, ..entry }, row))
}

pub(super) fn action(row: ActionColumns, past: bool) -> Draft {
    let (id, service, on, starts_at, minutes, status, _, title, place, commune, organisation_id) = row;
    let entry = entry(AgendaKind::Action, service, id, on, "actions");
    let entry = AgendaEntry {
        starts_at,
        minutes: Some(minutes),
        overdue: past && status == ActionStatus::Planned,
        title,
        status: Some(status.as_str()),
        place: Some(place),
        organisation_id,
        ..entry
    };
    alone(in_commune(entry, &commune))
}

pub(super) fn kit_return(row: LoanColumns, past: bool) -> Draft {
    let (id, service, on, kit, organisation_id, commune) = row;
    let entry = entry(AgendaKind::KitReturn, service, id, on, "reservations");
    let entry = in_commune(AgendaEntry { overdue: past, organisation_id, ..entry }, &commune);
    Draft { kit: Some(kit), ..alone(entry) }
}

pub(super) fn convention_end(row: ConventionColumns, lang: Lang) -> Draft {
    let (id, service, on, kind, code) = row;
    alone(AgendaEntry {
        title: lang.pick("Fin de convention", "End of a convention").to_owned(),
        organisation_name: name_of(kind, &code),
        ..entry(AgendaKind::ConventionEnd, service, id, on, "conventions")
    })
}

/// The days on which a professional is away.
pub(super) fn absence(row: &AbsenceColumns, lang: Lang) -> Draft {
    let (id, service, on, until, person) = *row;
    let title = lang.pick("Absence", "Absence").to_owned();
    let entry = entry(AgendaKind::Absence, service, id, on, "absences");
    Draft { person: Some(person), ..alone(AgendaEntry { until: Some(until), title, ..entry }) }
}
