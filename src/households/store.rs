//! The SQL of households.

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{CHILD_PARTICIPANT, STEPS_OF_A_CHILD};
use crate::auth::ServiceScope;
use crate::data_keys::{DataKeyRow, WrappedKey};
use crate::db::schema::{
    blind_tokens, case_steps, cases, children, contacts, data_keys, households, intervention_participants,
    interventions, placements, procedures, referrals,
};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, insert_together, row_writes, together, write_together};
use crate::nomenclatures::codes::ParticipantType;
use crate::privacy::{Token, TokenKind};
use crate::territories::CommuneCode;
use crate::wrapped_keys;

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
    /// Which tokens it has: [`TOKEN_SCHEME`], or 0 until the background job has added those of its whole name.
    pub(super) token_scheme: i32,
}

/// The tokens that children have today.
pub(super) const TOKEN_SCHEME: i32 = 1;

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

impl ContactRow {
    /// The household, which owns the key of the identity.
    pub fn household(&self) -> Id {
        self.household_id
    }
}

crate::versioned!(HouseholdRow, ChildRow, ContactRow);

impl ChildRow {
    /// Identifier.
    pub fn id(&self) -> Id {
        self.id
    }

    /// The household, which owns the key of the identity.
    pub fn household(&self) -> Id {
        self.household_id
    }
}

row_writes!(households: HouseholdRow => pub(super) update as update_household);

/// Replaces the version of a child that was read, with its tokens, and increments the version of the household. Returns
/// false if another writer was first.
pub(super) fn update_child(conn: &mut AnyConn, row: &ChildRow, new: &ChildRow, tokens: &[Token]) -> QueryResult<bool> {
    let home = row.household_id;
    let updated = write_together!(
        conn,
        diesel::delete(blind_tokens::table.filter(blind_tokens::subject_id.eq(row.id))),
        diesel::update(households::table.filter(households::id.eq(home)))
            .set((households::version.eq(households::version + 1), households::updated_at.eq(new.updated_at))),
        diesel::update(children::table.filter(children::id.eq(row.id).and(children::version.eq(row.version)))).set(new),
    )?;
    let rows = token_rows(row.service_id, home, row.id, tokens);
    insert_together!(conn, blind_tokens => &rows)?;
    Ok(updated == 1)
}

row_writes!(contacts: ContactRow => pub(super) update as update_contact, pub(super) delete as delete_contact);

/// A row of `blind_tokens`.
#[derive(Debug, Insertable)]
#[diesel(table_name = blind_tokens, treat_none_as_default_value = false)]
pub struct TokenRow {
    service_id: Id,
    kind: TokenKind,
    token: Vec<u8>,
    subject_id: Id,
    household_id: Id,
}

/// The rows of the tokens of a child or a contact.
pub(super) fn token_rows(service: Id, household: Id, subject: Id, tokens: &[Token]) -> Vec<TokenRow> {
    let row = |(kind, token): &Token| TokenRow {
        service_id: service,
        kind: *kind,
        token: token.clone(),
        subject_id: subject,
        household_id: household,
    };
    tokens.iter().map(row).collect()
}

/// New rows of a family, to be inserted together.
#[derive(Debug, Default)]
pub struct NewRows {
    /// The data key of a new household.
    pub keys: Vec<DataKeyRow>,
    /// A new household.
    pub households: Vec<HouseholdRow>,
    /// Its children, or children of a known household.
    pub children: Vec<ChildRow>,
    /// Its contacts.
    pub contacts: Vec<ContactRow>,
    /// The tokens of the children and the contacts.
    pub tokens: Vec<TokenRow>,
}

pub(super) fn insert(conn: &mut AnyConn, new: &NewRows) -> QueryResult<()> {
    insert_together!(
        conn,
        households => &new.households,
        data_keys => &new.keys,
        children => &new.children,
        contacts => &new.contacts,
        blind_tokens => &new.tokens,
    )
}

/// A household in scope with its children, its contacts and its data key, each in order of identifiers.
pub(super) type OpenedRows = (Vec<HouseholdRow>, Vec<ChildRow>, Vec<ContactRow>, Vec<WrappedKey>);

/// The rows of some households in scope.
pub(super) fn opened(conn: &mut AnyConn, scope: &ServiceScope, ids: &[Id]) -> QueryResult<OpenedRows> {
    together!(
        conn,
        households::table
            .filter(households::id.among(ids).and(households::service_id.among(scope.ids())))
            .select(columns::<HouseholdRow>())
            => HouseholdRow,
        children::table
            .filter(children::household_id.among(ids).and(children::service_id.among(scope.ids())))
            .order(children::id)
            .select(columns::<ChildRow>())
            => ChildRow,
        contacts::table
            .filter(contacts::household_id.among(ids).and(contacts::service_id.among(scope.ids())))
            .order(contacts::id)
            .select(columns::<ContactRow>())
            => ContactRow,
        wrapped_keys!().filter(data_keys::holder_id.among(ids)) => WrappedKey,
    )
}

/// The rows of the household of a child in scope: see [`opened`].
pub(super) fn opened_of_child(conn: &mut AnyConn, scope: &ServiceScope, child: Id) -> QueryResult<OpenedRows> {
    let home = || {
        let of_child = children::id.eq(child).and(children::service_id.among(scope.ids()));
        children::table.filter(of_child).select(children::household_id)
    };
    together!(
        conn,
        households::table
            .filter(households::id.eq_any(home()).and(households::service_id.among(scope.ids())))
            .select(columns::<HouseholdRow>())
            => HouseholdRow,
        children::table
            .filter(children::id.eq(child).and(children::service_id.among(scope.ids())))
            .select(columns::<ChildRow>())
            => ChildRow,
        contacts::table
            .filter(contacts::household_id.eq_any(home()).and(contacts::service_id.among(scope.ids())))
            .order(contacts::id)
            .select(columns::<ContactRow>())
            => ContactRow,
        wrapped_keys!().filter(data_keys::holder_id.eq_any(home())) => WrappedKey,
    )
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

/// Children of a service that lack the tokens of their whole name, in order of identifiers.
pub(super) fn without_name_tokens(conn: &mut AnyConn, service: Id, limit: i64) -> QueryResult<Vec<Id>> {
    children::table
        .filter(children::service_id.eq(service).and(children::token_scheme.eq(0)))
        .order(children::id)
        .limit(limit)
        .select(children::id)
        .load(conn)
}

/// Adds tokens to children, which then have all.
pub(super) fn add_tokens(conn: &mut AnyConn, children: &[Id], tokens: &[TokenRow]) -> QueryResult<()> {
    diesel::update(children::table.filter(children::id.among(children)))
        .set(children::token_scheme.eq(TOKEN_SCHEME))
        .execute(conn)?;
    insert_together!(conn, blind_tokens => tokens)
}

/// The matches of some tokens, and the children of their households.
pub(super) struct Matches {
    /// Kind of token, child or contact, and household.
    pub(super) tokens: Vec<(TokenKind, Id, Id)>,
    /// The children of the households.
    pub(super) children: Vec<ChildRow>,
    /// The data keys of the households.
    pub(super) keys: Vec<WrappedKey>,
}

/// The matches of some tokens in a service of the scope; at most `limit` of each.
pub(super) fn matches(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    service: Id,
    tokens: &[Token],
    limit: i64,
) -> QueryResult<Matches> {
    let kinds: Vec<TokenKind> = tokens.iter().map(|(kind, _)| *kind).collect();
    let values: Vec<&[u8]> = tokens.iter().map(|(_, token)| token.as_slice()).collect();
    let matching = || {
        let of_service = blind_tokens::service_id.eq(service).and(blind_tokens::service_id.among(scope.ids()));
        let same = blind_tokens::kind.eq_any(kinds.clone()).and(blind_tokens::token.eq_any(values.clone()));
        blind_tokens::table
            .filter(of_service.and(same))
            .order((blind_tokens::household_id, blind_tokens::subject_id, blind_tokens::kind))
            .limit(limit)
    };
    let homes = || matching().select(blind_tokens::household_id);
    let (tokens, children, keys) = together!(
        conn,
        matching().select((blind_tokens::kind, blind_tokens::subject_id, blind_tokens::household_id))
            => (TokenKind, Id, Id),
        children::table
            .filter(children::household_id.eq_any(homes()).and(children::service_id.among(scope.ids())))
            .order(children::id)
            .limit(limit)
            .select(columns::<ChildRow>())
            => ChildRow,
        wrapped_keys!().filter(data_keys::holder_id.eq_any(homes())) => WrappedKey,
    )?;
    Ok(Matches { tokens, children, keys })
}

/// What is recorded of the life of a child, each with its day.
pub(super) struct Recorded {
    /// Placements that came about or are planned, by first day.
    pub(super) placements: Vec<(Id, NaiveDate)>,
    /// Procedures, with the days on which the child waits, or the file was filed, complete, decided or notified.
    pub(super) procedures: Vec<(Id, [Option<NaiveDate>; 5])>,
    /// Referrals, by the day on which they arrived.
    pub(super) referrals: Vec<(Id, NaiveDate)>,
    /// Steps in which the child takes part, by day. A placement that records one counts itself.
    pub(super) steps: Vec<(Id, NaiveDate)>,
    /// Work about the child alone in which the child took part, by day.
    pub(super) work: Vec<(Id, NaiveDate)>,
}

/// What is recorded of the life of a child.
pub(super) fn recorded(conn: &mut AnyConn, child: &ChildRow) -> QueryResult<Recorded> {
    type Days = (Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>);
    let of_child = || cases::child_id.eq(child.id).and(cases::service_id.eq(child.service_id));
    let other = diesel::alias!(interventions as other);
    let shared = other
        .filter(other.field(interventions::act_id).eq(interventions::act_id))
        .filter(other.field(interventions::id).ne(interventions::id));
    let (placements, procedures, referrals, steps, work) = together!(
        conn,
        placements::table
            .inner_join(cases::table)
            .filter(of_child().and(placements::cancelled_on.is_null()))
            .order((placements::starts_on, placements::id))
            .limit(1)
            .select((placements::id, placements::starts_on))
            => (Id, NaiveDate),
        procedures::table
            .inner_join(cases::table)
            .filter(of_child())
            .order(procedures::id)
            .select((
                procedures::id,
                (
                    procedures::waiting_since,
                    procedures::filed_on,
                    procedures::complete_on,
                    procedures::decided_on,
                    procedures::notified_on,
                ),
            ))
            => (Id, Days),
        referrals::table
            .filter(referrals::child_id.eq(child.id).and(referrals::service_id.eq(child.service_id)))
            .filter(referrals::annulled_on.is_null())
            .order((referrals::received_on, referrals::id))
            .limit(1)
            .select((referrals::id, referrals::received_on))
            => (Id, NaiveDate),
        case_steps::table
            .inner_join(cases::table)
            .filter(of_child().and(case_steps::placement_id.is_null()))
            .filter(case_steps::step.eq_any(STEPS_OF_A_CHILD))
            .order((case_steps::reached_on, case_steps::id))
            .limit(1)
            .select((case_steps::id, case_steps::reached_on))
            => (Id, NaiveDate),
        interventions::table
            .inner_join(cases::table)
            .inner_join(intervention_participants::table)
            .filter(of_child().and(intervention_participants::kind.eq(CHILD_PARTICIPANT)))
            .filter(not(exists(shared)))
            .order((interventions::held_on, interventions::id))
            .limit(1)
            .select((interventions::id, interventions::held_on))
            => (Id, NaiveDate),
    )?;
    let procedures = procedures.into_iter().map(|(id, (a, b, c, d, e))| (id, [a, b, c, d, e])).collect();
    Ok(Recorded { placements, procedures, referrals, steps, work })
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
    tokens: &[Token],
) -> QueryResult<()> {
    diesel::delete(blind_tokens::table.filter(blind_tokens::subject_id.eq(subject))).execute(conn)?;
    let rows = token_rows(service, household, subject, tokens);
    insert_together!(conn, blind_tokens => &rows)
}
