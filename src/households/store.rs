//! The SQL of households.

use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::{blind_tokens, children, contacts, households};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes};
use crate::nomenclatures::codes::ParticipantType;
use crate::privacy::{Token, TokenKind};
use crate::territories::CommuneCode;

/// A row of `households`.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = households, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct HouseholdRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) commune_code: CommuneCode,
    pub(super) address: Option<Vec<u8>>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

/// A row of `children`.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = children, treat_none_as_default_value = false)]
pub struct ChildRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) household_id: Id,
    pub(super) identity: Vec<u8>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

/// A row of `contacts`.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contacts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ContactRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) household_id: Id,
    pub(super) relation: ParticipantType,
    pub(super) holds_parental_authority: Option<bool>,
    pub(super) identity: Vec<u8>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(HouseholdRow, ChildRow, ContactRow);

row_writes!(households: HouseholdRow => pub(super) insert as insert_household, pub(super) update as update_household);

row_writes!(children: ChildRow => pub(super) insert as insert_child, pub(super) update as update_child);

row_writes! {
    contacts: ContactRow =>
    pub(super) insert as insert_contact, pub(super) update as update_contact, pub(super) delete as delete_contact
}

pub(super) fn insert_tokens(
    conn: &mut AnyConn,
    service: Id,
    household: Id,
    subject: Id,
    tokens: Vec<Token>,
) -> QueryResult<()> {
    for (kind, token) in tokens {
        diesel::insert_into(blind_tokens::table)
            .values((
                blind_tokens::service_id.eq(service),
                blind_tokens::kind.eq(kind),
                blind_tokens::token.eq(token),
                blind_tokens::subject_id.eq(subject),
                blind_tokens::household_id.eq(household),
            ))
            .execute(conn)?;
    }
    Ok(())
}

pub(super) fn household(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<HouseholdRow> {
    households::table
        .filter(households::id.eq(id).and(households::service_id.among(scope.ids())))
        .select(HouseholdRow::as_select())
        .get_result(conn)
}

pub(super) fn child(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ChildRow> {
    children::table
        .filter(children::id.eq(id).and(children::service_id.among(scope.ids())))
        .select(ChildRow::as_select())
        .get_result(conn)
}

pub(super) fn contact(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ContactRow> {
    contacts::table
        .filter(contacts::id.eq(id).and(contacts::service_id.among(scope.ids())))
        .select(ContactRow::as_select())
        .get_result(conn)
}

/// Children by identifier, of services in the scope.
pub(super) fn children_by_id(conn: &mut AnyConn, scope: &ServiceScope, ids: &[Id]) -> QueryResult<Vec<ChildRow>> {
    children::table
        .filter(children::id.among(ids).and(children::service_id.among(scope.ids())))
        .select(ChildRow::as_select())
        .load(conn)
}

pub(super) fn children_of(conn: &mut AnyConn, scope: &ServiceScope, household: Id) -> QueryResult<Vec<ChildRow>> {
    children::table
        .filter(children::household_id.eq(household).and(children::service_id.among(scope.ids())))
        .order(children::id)
        .select(ChildRow::as_select())
        .load(conn)
}

pub(super) fn contacts_of(conn: &mut AnyConn, scope: &ServiceScope, household: Id) -> QueryResult<Vec<ContactRow>> {
    contacts::table
        .filter(contacts::household_id.eq(household).and(contacts::service_id.among(scope.ids())))
        .order(contacts::id)
        .select(ContactRow::as_select())
        .load(conn)
}

/// The matches of some tokens: kind of token, child or contact, and household.
pub(super) fn matches(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    service: Id,
    tokens: &[Token],
    limit: i64,
) -> QueryResult<Vec<(TokenKind, Id, Id)>> {
    let kinds: Vec<TokenKind> = tokens.iter().map(|(kind, _)| *kind).collect();
    let values: Vec<&[u8]> = tokens.iter().map(|(_, token)| token.as_slice()).collect();
    blind_tokens::table
        .filter(blind_tokens::service_id.eq(service).and(blind_tokens::service_id.among(scope.ids())))
        .filter(blind_tokens::kind.eq_any(kinds).and(blind_tokens::token.eq_any(values)))
        .order((blind_tokens::household_id, blind_tokens::subject_id, blind_tokens::kind))
        .select((blind_tokens::kind, blind_tokens::subject_id, blind_tokens::household_id))
        .limit(limit)
        .load(conn)
}

/// The children of several households.
pub(super) fn children_of_all(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    households: &[Id],
    limit: i64,
) -> QueryResult<Vec<ChildRow>> {
    children::table
        .filter(children::household_id.eq_any(households).and(children::service_id.among(scope.ids())))
        .order(children::id)
        .limit(limit)
        .select(ChildRow::as_select())
        .load(conn)
}

/// Increments the version of a household: it changes with its children and contacts.
pub(super) fn touch(conn: &mut AnyConn, id: Id, now: UtcTs) -> QueryResult<()> {
    diesel::update(households::table.filter(households::id.eq(id)))
        .set((households::version.eq(households::version + 1), households::updated_at.eq(now)))
        .execute(conn)
        .map(drop)
}

/// Replaces the tokens of a child or a contact.
pub(super) fn replace_tokens(
    conn: &mut AnyConn,
    service: Id,
    household: Id,
    subject: Id,
    tokens: Vec<Token>,
) -> QueryResult<()> {
    diesel::delete(blind_tokens::table.filter(blind_tokens::subject_id.eq(subject))).execute(conn)?;
    insert_tokens(conn, service, household, subject, tokens)
}
