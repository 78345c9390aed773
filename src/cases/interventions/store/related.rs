//! What interventions have in other tables, read together whatever their number.

use std::collections::HashMap;

use diesel::prelude::*;

use super::InterventionRow;
use crate::accounts::names::model::Accounts;
use crate::accounts::names::store::Named;
use crate::cases::interventions::dto::{ActShare, Participants};
use crate::cases::model::Subject;
use crate::cases::model::viewer::Viewer;
use crate::data_keys::WrappedKey;
use crate::db::schema::{
    cases, children, clients, data_keys, intervention_participants, intervention_professionals,
    intervention_resource_people, interventions, organisations, resource_people, users,
};
use crate::db::{AnyConn, Id, IsAmong, columns, together};
use crate::households::ops::ChildRow;
use crate::nomenclatures::codes::ParticipantType;
use crate::wrapped_keys;

/// What a case shows in the rows of its interventions.
#[derive(Clone, Copy, Debug)]
pub(in crate::cases::interventions) struct OfCase {
    pub(in crate::cases::interventions) child: Option<Id>,
    /// The owner of its key.
    pub(in crate::cases::interventions) owner: Id,
    /// The structure that it is about.
    pub(in crate::cases::interventions) structure: Option<Id>,
}

/// What several interventions have in other tables.
#[derive(Default)]
pub(in crate::cases::interventions) struct Related {
    /// Participants by act, with the intervention whose share they are.
    pub(in crate::cases::interventions) participants: HashMap<Id, Vec<(Id, Participants)>>,
    /// The shares of each act, in the order of its cases.
    pub(in crate::cases::interventions) shares: HashMap<Id, Vec<ActShare>>,
    /// Who took part in each act.
    pub(in crate::cases::interventions) professionals: HashMap<Id, Vec<(Id, String)>>,
    /// The resource people who were called upon for each act, with their names where the caller sees them.
    pub(in crate::cases::interventions) resource_people: HashMap<Id, Vec<(Id, Option<String>)>>,
    /// The names of organisations that the caller sees.
    pub(in crate::cases::interventions) organisations: HashMap<Id, String>,
    /// The cases.
    pub(in crate::cases::interventions) cases: HashMap<Id, OfCase>,
    /// The children whose identity the caller sees.
    pub(in crate::cases::interventions) children: Vec<ChildRow>,
    /// The keys of the cases, and of work about no case.
    pub(in crate::cases::interventions) keys: Vec<WrappedKey>,
    /// Names of users and of clients.
    pub(in crate::cases::interventions) names: (Named, Named),
}

type CaseColumns = (Id, Subject, Option<Id>, Option<Id>, Option<Id>);
type ShareColumns = (Id, Id, Option<Id>, i32, i32);

/// What several interventions have in other tables. The caller has read them in its scope.
pub(in crate::cases::interventions) fn related(
    conn: &mut AnyConn,
    viewer: &Viewer,
    rows: &[InterventionRow],
    authors: &Accounts,
) -> QueryResult<Related> {
    let services = viewer.scope.ids();
    let acts: Vec<Id> = rows.iter().map(|row| row.act_id).collect();
    let ids: Vec<Id> = rows.iter().filter_map(|row| row.case_id).collect();
    let named: Vec<Id> = rows.iter().filter_map(|row| row.organisation_id).collect();
    let sealing: Vec<Id> = rows.iter().map(|row| row.case_id.unwrap_or(row.act_id)).collect();
    let of_cases = || cases::table.filter(cases::id.among(&ids).and(cases::service_id.among(services)));
    let (participants, shares, professionals, called, organisations, cases, children, own_keys, keys, users, clients) =
        together!(
            conn,
            intervention_participants::table
                .inner_join(interventions::table)
                .filter(interventions::act_id.among(&acts).and(interventions::service_id.among(services)))
                .select((
                    interventions::act_id,
                    interventions::id,
                    intervention_participants::kind,
                    intervention_participants::number,
                ))
                => (Id, Id, ParticipantType, i32),
            interventions::table
                .filter(interventions::act_id.among(&acts).and(interventions::service_id.among(services)))
                .order((interventions::act_id, interventions::position))
                .select((
                    interventions::act_id,
                    interventions::id,
                    interventions::case_id,
                    interventions::minutes,
                    interventions::travel_minutes,
                ))
                => ShareColumns,
            intervention_professionals::table
                .inner_join(users::table)
                .filter(intervention_professionals::act_id.among(&acts))
                .order((intervention_professionals::act_id, intervention_professionals::position))
                .select((intervention_professionals::act_id, users::id, users::display_name))
                => (Id, Id, String),
            intervention_resource_people::table
                .inner_join(resource_people::table)
                .filter(intervention_resource_people::act_id.among(&acts))
                .order((intervention_resource_people::act_id, intervention_resource_people::position))
                .select((
                    intervention_resource_people::act_id,
                    resource_people::id,
                    resource_people::service_id,
                    resource_people::name,
                ))
                => (Id, Id, Id, String),
            organisations::table
                .filter(organisations::service_id.among(viewer.directory.ids()))
                .filter(
                    organisations::id
                        .among(&named)
                        .or(organisations::id.nullable().eq_any(of_cases().select(cases::organisation_id)))
                )
                .select((organisations::id, organisations::name))
                => (Id, String),
            of_cases()
                .select((cases::id, cases::subject, cases::child_id, cases::household_id, cases::organisation_id))
                => CaseColumns,
            children::table
                .filter(children::service_id.among(viewer.identities.ids()))
                .filter(children::id.nullable().eq_any(of_cases().select(cases::child_id)))
                .select(columns::<ChildRow>())
                => ChildRow,
            // Two queries: with one `OR`, PostgreSQL would read every key.
            wrapped_keys!().filter(data_keys::holder_id.among(&sealing)) => WrappedKey,
            wrapped_keys!().filter(data_keys::holder_id.nullable().eq_any(of_cases().select(cases::household_id)))
                => WrappedKey,
            users::table.filter(users::id.among(&authors.users)).select((users::id, users::display_name)) => (Id, String),
            clients::table.filter(clients::id.among(&authors.clients)).select((clients::id, clients::name))
                => (Id, String),
        )?;
    let mut related = Related {
        organisations: organisations.into_iter().collect(),
        children,
        keys: own_keys.into_iter().chain(keys).collect(),
        names: (users, clients),
        ..Related::default()
    };
    for (id, subject, child, household, organisation) in cases {
        let structure = organisation.filter(|_| subject == Subject::Structure);
        related.cases.insert(id, OfCase { child, owner: household.unwrap_or(id), structure });
    }
    for (act, intervention, kind, number) in participants {
        related.participants.entry(act).or_default().push((intervention, Participants { kind, number }));
    }
    for (act, intervention_id, case_id, minutes, travel_minutes) in shares {
        related.shares.entry(act).or_default().push(ActShare { intervention_id, case_id, minutes, travel_minutes });
    }
    for (act, person, service, name) in called {
        let name = viewer.directory.contains(service).then_some(name);
        related.resource_people.entry(act).or_default().push((person, name));
    }
    for (act, user, name) in professionals {
        related.professionals.entry(act).or_default().push((user, name));
    }
    Ok(related)
}
