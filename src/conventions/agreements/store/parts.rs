//! The SQL of the parts of conventions that have their own tables: terms, signatories, documents, suspensions.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::{ConventionRow, years};

use crate::conventions::agreements::dto::{
    ConventionDocument, ConventionParty, ConventionSuspension, ConventionTerms, OpenedService, Signatory,
};
use crate::db::schema::{
    convention_documents, convention_services, convention_signatories, convention_suspensions, convention_terms,
    convention_years, conventions,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, insert_together, together, write_together};
use crate::nomenclatures::codes::ComplementaryService;

/// The parts of a convention.
#[derive(Clone, Debug, Default)]
pub(in crate::conventions::agreements) struct Parts {
    pub(in crate::conventions::agreements) terms: Vec<ConventionTerms>,
    pub(in crate::conventions::agreements) signatories: Vec<Signatory>,
    pub(in crate::conventions::agreements) documents: Vec<ConventionDocument>,
    pub(in crate::conventions::agreements) suspensions: Vec<ConventionSuspension>,
    pub(in crate::conventions::agreements) renewed_by_id: Option<Id>,
}

/// Convention, number, first day in effect, last day of the convention, date of signature, summary.
type TermsRow = (Id, i32, NaiveDate, NaiveDate, Option<NaiveDate>, Option<String>);

/// The parts of several conventions, in one round trip whatever their number.
pub(in crate::conventions::agreements) fn of(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, Parts>> {
    let mut parts: HashMap<Id, Parts> = ids.iter().map(|id| (*id, Parts::default())).collect();
    let mut services: HashMap<(Id, i32), Vec<OpenedService>> = HashMap::new();
    let renewed: Vec<Option<Id>> = ids.iter().copied().map(Some).collect();
    let (opened, terms, signatories, documents, suspensions, renewals) = together!(
        conn,
        convention_services::table
            .filter(convention_services::convention_id.among(ids))
            .order((
                convention_services::convention_id,
                convention_services::number,
                convention_services::complementary_service,
            ))
            => (Id, i32, ComplementaryService, Option<i32>),
        convention_terms::table
            .filter(convention_terms::convention_id.among(ids))
            .order((convention_terms::convention_id, convention_terms::number))
            .select((
                convention_terms::convention_id,
                convention_terms::number,
                convention_terms::effective_on,
                convention_terms::ends_on,
                convention_terms::signed_on,
                convention_terms::summary,
            ))
            => TermsRow,
        convention_signatories::table
            .filter(convention_signatories::convention_id.among(ids))
            .order((convention_signatories::convention_id, convention_signatories::position))
            => (Id, i32, ConventionParty, String, String),
        convention_documents::table
            .filter(convention_documents::convention_id.among(ids))
            .order((convention_documents::convention_id, convention_documents::position))
            => (Id, i32, String, String),
        convention_suspensions::table
            .filter(convention_suspensions::convention_id.among(ids))
            .order((convention_suspensions::convention_id, convention_suspensions::starts_on))
            .select((
                convention_suspensions::convention_id,
                convention_suspensions::starts_on,
                convention_suspensions::ends_on,
            ))
            => (Id, NaiveDate, Option<NaiveDate>),
        conventions::table
            .filter(conventions::renews_id.eq_any(renewed))
            .select((conventions::renews_id, conventions::id))
            => (Option<Id>, Id),
    )?;
    for (convention, number, complementary_service, yearly_quota) in opened {
        let of_terms = services.entry((convention, number)).or_default();
        of_terms.push(OpenedService { complementary_service, yearly_quota });
    }
    for (convention, number, effective_on, ends_on, signed_on, summary) in terms {
        let services = services.remove(&(convention, number)).unwrap_or_default();
        let one = ConventionTerms { number, effective_on, ends_on, signed_on, summary, services };
        parts.entry(convention).or_default().terms.push(one);
    }
    for (convention, _, party, name, capacity) in signatories {
        parts.entry(convention).or_default().signatories.push(Signatory { party, name, capacity });
    }
    for (convention, _, title, url) in documents {
        parts.entry(convention).or_default().documents.push(ConventionDocument { title, url });
    }
    for (convention, starts_on, ends_on) in suspensions {
        parts.entry(convention).or_default().suspensions.push(ConventionSuspension { starts_on, ends_on });
    }
    for (renewed, by) in renewals {
        if let Some(part) = renewed.and_then(|id| parts.get_mut(&id)) {
            part.renewed_by_id = Some(by);
        }
    }
    Ok(parts)
}

/// New terms.
pub(in crate::conventions::agreements) struct NewTerms<'a> {
    pub(in crate::conventions::agreements) number: i32,
    pub(in crate::conventions::agreements) effective_on: NaiveDate,
    pub(in crate::conventions::agreements) ends_on: NaiveDate,
    pub(in crate::conventions::agreements) signed_on: Option<NaiveDate>,
    pub(in crate::conventions::agreements) summary: Option<&'a str>,
    pub(in crate::conventions::agreements) services: &'a [OpenedService],
}

/// A row of `convention_terms`.
#[derive(Insertable)]
#[diesel(table_name = convention_terms, treat_none_as_default_value = false)]
struct NewTermsRow {
    convention_id: Id,
    number: i32,
    effective_on: NaiveDate,
    ends_on: NaiveDate,
    signed_on: Option<NaiveDate>,
    summary: Option<String>,
    created_at: UtcTs,
}

/// A row of `convention_services`.
#[derive(Insertable)]
#[diesel(table_name = convention_services, treat_none_as_default_value = false)]
struct ServiceRow {
    convention_id: Id,
    number: i32,
    complementary_service: ComplementaryService,
    yearly_quota: Option<i32>,
}

fn terms_rows(convention: Id, new: &NewTerms<'_>, now: UtcTs) -> (NewTermsRow, Vec<ServiceRow>) {
    let row = NewTermsRow {
        convention_id: convention,
        number: new.number,
        effective_on: new.effective_on,
        ends_on: new.ends_on,
        signed_on: new.signed_on,
        summary: new.summary.map(str::to_owned),
        created_at: now,
    };
    let service = |one: &OpenedService| ServiceRow {
        convention_id: convention,
        number: new.number,
        complementary_service: one.complementary_service.clone(),
        yearly_quota: one.yearly_quota,
    };
    (row, new.services.iter().map(service).collect())
}

/// Inserts terms with the services that they open.
pub(in crate::conventions::agreements) fn insert_terms(
    conn: &mut AnyConn,
    convention: Id,
    new: &NewTerms<'_>,
    now: UtcTs,
) -> QueryResult<()> {
    let (terms, services) = terms_rows(convention, new, now);
    insert_together!(conn, convention_terms => std::slice::from_ref(&terms), convention_services => &services)
}

/// Records a convention with its years and its parts.
pub(in crate::conventions::agreements) fn insert(
    conn: &mut AnyConn,
    row: &ConventionRow,
    initial: &NewTerms<'_>,
    signatories: &[Signatory],
    documents: &[ConventionDocument],
) -> QueryResult<()> {
    let years = years::rows(row, row.starts_on.year()..=row.ends_on.year());
    let (terms, services) = terms_rows(row.id, initial, row.created_at);
    let (signatories, documents) = (signatory_rows(row.id, signatories), document_rows(row.id, documents));
    insert_together!(
        conn,
        conventions => std::slice::from_ref(row),
        convention_years => &years,
        convention_terms => std::slice::from_ref(&terms),
        convention_services => &services,
        convention_signatories => &signatories,
        convention_documents => &documents,
    )
}

/// Deletes the initial terms, which are not signed yet, so that new ones replace them.
pub(in crate::conventions::agreements) fn delete_terms(conn: &mut AnyConn, convention: Id) -> QueryResult<()> {
    diesel::delete(convention_services::table.filter(convention_services::convention_id.eq(convention)))
        .execute(conn)?;
    diesel::delete(convention_terms::table.filter(convention_terms::convention_id.eq(convention)))
        .execute(conn)
        .map(drop)
}

/// Deletes the years and the parts of a draft.
pub(in crate::conventions::agreements) fn delete_all(conn: &mut AnyConn, id: Id) -> QueryResult<()> {
    write_together!(
        conn,
        diesel::delete(convention_years::table.filter(convention_years::convention_id.eq(id))),
        diesel::delete(convention_services::table.filter(convention_services::convention_id.eq(id))),
        diesel::delete(convention_signatories::table.filter(convention_signatories::convention_id.eq(id))),
        diesel::delete(convention_documents::table.filter(convention_documents::convention_id.eq(id))),
        diesel::delete(convention_terms::table.filter(convention_terms::convention_id.eq(id))),
    )
    .map(drop)
}

/// Replaces the signatories.
pub(in crate::conventions::agreements) fn put_signatories(
    conn: &mut AnyConn,
    convention: Id,
    signatories: &[Signatory],
) -> QueryResult<()> {
    diesel::delete(convention_signatories::table.filter(convention_signatories::convention_id.eq(convention)))
        .execute(conn)?;
    let rows = signatory_rows(convention, signatories);
    insert_together!(conn, convention_signatories => &rows)
}

/// A row of `convention_signatories`.
#[derive(Insertable)]
#[diesel(table_name = convention_signatories, treat_none_as_default_value = false)]
struct SignatoryRow {
    convention_id: Id,
    position: i32,
    party: ConventionParty,
    name: String,
    capacity: String,
}

fn signatory_rows(convention: Id, signatories: &[Signatory]) -> Vec<SignatoryRow> {
    let row = |(position, one): (i32, &Signatory)| SignatoryRow {
        convention_id: convention,
        position,
        party: one.party,
        name: one.name.clone(),
        capacity: one.capacity.clone(),
    };
    (0..).zip(signatories).map(row).collect()
}

/// A row of `convention_documents`.
#[derive(Insertable)]
#[diesel(table_name = convention_documents, treat_none_as_default_value = false)]
struct DocumentRow {
    convention_id: Id,
    position: i32,
    title: String,
    url: String,
}

fn document_rows(convention: Id, documents: &[ConventionDocument]) -> Vec<DocumentRow> {
    let row = |(position, one): (i32, &ConventionDocument)| DocumentRow {
        convention_id: convention,
        position,
        title: one.title.clone(),
        url: one.url.clone(),
    };
    (0..).zip(documents).map(row).collect()
}

/// Replaces the documents.
pub(in crate::conventions::agreements) fn put_documents(
    conn: &mut AnyConn,
    convention: Id,
    documents: &[ConventionDocument],
) -> QueryResult<()> {
    diesel::delete(convention_documents::table.filter(convention_documents::convention_id.eq(convention)))
        .execute(conn)?;
    let rows = document_rows(convention, documents);
    insert_together!(conn, convention_documents => &rows)
}
