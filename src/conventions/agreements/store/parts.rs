//! The SQL of the parts of conventions that have their own tables: terms, signatories, documents, suspensions.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::conventions::agreements::dto::{
    ConventionDocument, ConventionParty, ConventionSuspension, ConventionTerms, OpenedService, Signatory,
};
use crate::conventions::coverage;
use crate::db::schema::{
    convention_documents, convention_services, convention_signatories, convention_suspensions, convention_terms,
    conventions,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs};
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

/// The parts of several conventions. One query per table, whatever the number of conventions.
pub(in crate::conventions::agreements) fn of(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, Parts>> {
    let mut parts: HashMap<Id, Parts> = ids.iter().map(|id| (*id, Parts::default())).collect();
    let mut services: HashMap<(Id, i32), Vec<OpenedService>> = HashMap::new();
    let opened: Vec<(Id, i32, ComplementaryService, Option<i32>)> = convention_services::table
        .filter(convention_services::convention_id.among(ids))
        .order((
            convention_services::convention_id,
            convention_services::number,
            convention_services::complementary_service,
        ))
        .load(conn)?;
    for (convention, number, complementary_service, yearly_quota) in opened {
        let of_terms = services.entry((convention, number)).or_default();
        of_terms.push(OpenedService { complementary_service, yearly_quota });
    }
    let terms: Vec<TermsRow> = convention_terms::table
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
        .load(conn)?;
    for (convention, number, effective_on, ends_on, signed_on, summary) in terms {
        let services = services.remove(&(convention, number)).unwrap_or_default();
        let one = ConventionTerms { number, effective_on, ends_on, signed_on, summary, services };
        parts.entry(convention).or_default().terms.push(one);
    }
    let signatories: Vec<(Id, i32, ConventionParty, String, String)> = convention_signatories::table
        .filter(convention_signatories::convention_id.among(ids))
        .order((convention_signatories::convention_id, convention_signatories::position))
        .load(conn)?;
    for (convention, _, party, name, capacity) in signatories {
        parts.entry(convention).or_default().signatories.push(Signatory { party, name, capacity });
    }
    let documents: Vec<(Id, i32, String, String)> = convention_documents::table
        .filter(convention_documents::convention_id.among(ids))
        .order((convention_documents::convention_id, convention_documents::position))
        .load(conn)?;
    for (convention, _, title, url) in documents {
        parts.entry(convention).or_default().documents.push(ConventionDocument { title, url });
    }
    for (convention, suspensions) in coverage::store::suspensions(conn, ids)? {
        let suspension = |(starts_on, ends_on)| ConventionSuspension { starts_on, ends_on };
        parts.entry(convention).or_default().suspensions = suspensions.into_iter().map(suspension).collect();
    }
    let renewed: Vec<Option<Id>> = ids.iter().copied().map(Some).collect();
    let renewals: Vec<(Option<Id>, Id)> = conventions::table
        .filter(conventions::renews_id.eq_any(renewed))
        .select((conventions::renews_id, conventions::id))
        .load(conn)?;
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

/// Inserts terms with the services that they open.
pub(in crate::conventions::agreements) fn insert_terms(
    conn: &mut AnyConn,
    convention: Id,
    new: &NewTerms<'_>,
    now: UtcTs,
) -> QueryResult<()> {
    diesel::insert_into(convention_terms::table)
        .values((
            convention_terms::convention_id.eq(convention),
            convention_terms::number.eq(new.number),
            convention_terms::effective_on.eq(new.effective_on),
            convention_terms::ends_on.eq(new.ends_on),
            convention_terms::signed_on.eq(new.signed_on),
            convention_terms::summary.eq(new.summary),
            convention_terms::created_at.eq(now),
        ))
        .execute(conn)?;
    for service in new.services {
        diesel::insert_into(convention_services::table)
            .values((
                convention_services::convention_id.eq(convention),
                convention_services::number.eq(new.number),
                convention_services::complementary_service.eq(&service.complementary_service),
                convention_services::yearly_quota.eq(service.yearly_quota),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Deletes the initial terms, which are not signed yet, so that new ones replace them.
pub(in crate::conventions::agreements) fn delete_terms(conn: &mut AnyConn, convention: Id) -> QueryResult<()> {
    diesel::delete(convention_services::table.filter(convention_services::convention_id.eq(convention)))
        .execute(conn)?;
    diesel::delete(convention_terms::table.filter(convention_terms::convention_id.eq(convention)))
        .execute(conn)
        .map(drop)
}

/// Sets the signature date of the initial terms. From then on, a trigger refuses to change them.
pub(in crate::conventions::agreements) fn sign_terms(
    conn: &mut AnyConn,
    convention: Id,
    signed_on: NaiveDate,
) -> QueryResult<()> {
    diesel::update(convention_terms::table.filter(convention_terms::convention_id.eq(convention)))
        .set(convention_terms::signed_on.eq(signed_on))
        .execute(conn)
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
    for (position, signatory) in (0_i32..).zip(signatories) {
        diesel::insert_into(convention_signatories::table)
            .values((
                convention_signatories::convention_id.eq(convention),
                convention_signatories::position.eq(position),
                convention_signatories::party.eq(signatory.party),
                convention_signatories::name.eq(&signatory.name),
                convention_signatories::capacity.eq(&signatory.capacity),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Replaces the documents.
pub(in crate::conventions::agreements) fn put_documents(
    conn: &mut AnyConn,
    convention: Id,
    documents: &[ConventionDocument],
) -> QueryResult<()> {
    diesel::delete(convention_documents::table.filter(convention_documents::convention_id.eq(convention)))
        .execute(conn)?;
    for (position, document) in (0_i32..).zip(documents) {
        diesel::insert_into(convention_documents::table)
            .values((
                convention_documents::convention_id.eq(convention),
                convention_documents::position.eq(position),
                convention_documents::title.eq(&document.title),
                convention_documents::url.eq(&document.url),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Starts a suspension.
pub(in crate::conventions::agreements) fn begin_suspension(
    conn: &mut AnyConn,
    convention: Id,
    starts_on: NaiveDate,
) -> QueryResult<()> {
    diesel::insert_into(convention_suspensions::table)
        .values((convention_suspensions::convention_id.eq(convention), convention_suspensions::starts_on.eq(starts_on)))
        .execute(conn)
        .map(drop)
}

/// Ends the suspension in progress; without a last day, deletes it.
pub(in crate::conventions::agreements) fn end_suspension(
    conn: &mut AnyConn,
    convention: Id,
    ends_on: Option<NaiveDate>,
) -> QueryResult<()> {
    let open = convention_suspensions::table
        .filter(convention_suspensions::convention_id.eq(convention).and(convention_suspensions::ends_on.is_null()));
    match ends_on {
        Some(day) => diesel::update(open).set(convention_suspensions::ends_on.eq(day)).execute(conn).map(drop),
        None => diesel::delete(open).execute(conn).map(drop),
    }
}
