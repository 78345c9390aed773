//! The SQL of statements.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::conventions::agreements::model::ConventionStatus;
use crate::conventions::agreements::store::ConventionRow;
use crate::db::schema::{convention_years, conventions, instalments, payments};
use crate::db::{AnyConn, Id, IsAmong};
use crate::http::page::{PageInfo, PageRequest};
use crate::territories::TerritoryKey;

use super::dto::StatementFilter;

/// The statements that a caller may see: those of some services and, for a partner's client, only those of its own
/// territory.
#[derive(Clone, Debug)]
pub struct Parties {
    /// The services.
    pub services: ServiceScope,
    /// The territory of the caller, if it is a partner.
    pub own: Option<TerritoryKey>,
}

type Boxed<'a> = conventions::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The signed conventions whose statements a caller may see.
fn visible(parties: &Parties) -> Boxed<'_> {
    let signed = conventions::table
        .filter(conventions::service_id.among(parties.services.ids()))
        .filter(conventions::status.among(ConventionStatus::SIGNED))
        .into_boxed();
    match &parties.own {
        None => signed,
        Some(own) => {
            signed.filter(conventions::collectivity_kind.eq(own.kind).and(conventions::collectivity_code.eq(&own.code)))
        }
    }
}

/// A signed convention whose statements a caller may see.
pub(super) fn get(conn: &mut AnyConn, parties: &Parties, id: Id) -> QueryResult<ConventionRow> {
    visible(parties).filter(conventions::id.eq(id)).select(ConventionRow::as_select()).get_result(conn)
}

/// A page of statements, latest year first: one per year of each signed convention.
pub(super) fn list(
    conn: &mut AnyConn,
    parties: &Parties,
    filter: &StatementFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<(i32, ConventionRow)>, PageInfo)> {
    let own = || {
        let mut query = visible(parties);
        if let Some(service) = filter.service_id {
            query = query.filter(conventions::service_id.eq(service));
        }
        if let Some(key) = &filter.collectivity {
            query = query
                .filter(conventions::collectivity_kind.eq(key.kind).and(conventions::collectivity_code.eq(&key.code)));
        }
        query
    };
    // A local authority has at most some dozens of conventions and a service some hundreds: all of them are read at
    // once.
    let rows: Vec<ConventionRow> = own().select(ConventionRow::as_select()).load(conn)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut years = convention_years::table.filter(convention_years::convention_id.among(&ids)).into_boxed();
    if let Some(year) = filter.year {
        years = years.filter(convention_years::year.eq(year));
    }
    if let Some((year, id)) = page.after::<(i32, Id)>() {
        let later = convention_years::year.eq(year).and(convention_years::convention_id.gt(id));
        years = years.filter(convention_years::year.lt(year).or(later));
    }
    let taken: Vec<(i32, Id)> = years
        .order((convention_years::year.desc(), convention_years::convention_id))
        .limit(page.fetch())
        .select((convention_years::year, convention_years::convention_id))
        .load(conn)?;
    let (taken, info) = page.cut(taken, |one| *one);
    let info = page.counted(info, || {
        let mut all = convention_years::table.filter(convention_years::convention_id.among(&ids)).into_boxed();
        if let Some(year) = filter.year {
            all = all.filter(convention_years::year.eq(year));
        }
        all.count().get_result(conn)
    })?;
    let by_id: HashMap<Id, ConventionRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok((taken.into_iter().filter_map(|(year, id)| Some((year, by_id.get(&id)?.clone()))).collect(), info))
}

/// The payments of a contribution, earliest first.
pub(super) fn payments_for(conn: &mut AnyConn, contribution: Id) -> QueryResult<Vec<(NaiveDate, i64, Option<String>)>> {
    payments::table
        .inner_join(instalments::table)
        .filter(instalments::contribution_id.eq(contribution))
        .order((payments::received_on, payments::id))
        .select((payments::received_on, payments::amount_cents, payments::reference))
        .load(conn)
}
